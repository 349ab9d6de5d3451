// SPDX-License-Identifier: Apache-2.0
//
// Verification of a whole ledger: segments in parallel (verify_segment.cc), then
// in order what links them: the tree, checkpoints, streams, keys, seals.
#include <algorithm>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "ledger/known_damage.h"
#include "ledger/note.h"
#include "ledger/seal.h"
#include "ledger/verify_derived.h"
#include "ledger/verify_segment.h"

namespace daybook {
namespace {

class Verifier {
 public:
  Verifier(Ledger::Impl& ledger, const VerifyOptions& options)
      : ledger_(ledger), options_(options), derived_(ledger) {
    for (const Checkpoint& checkpoint : options.checkpoints) kept_.push_back({checkpoint, false});
    compare_identity();
    std::ranges::stable_sort(kept_, {}, [](const Kept& kept) { return kept.checkpoint.head.size; });
  }

  Result<VerifyReport> run() {
    DAYBOOK_CHECK(ledger_.log->refresh());
    DAYBOOK_CHECK(plan());
    const std::size_t width = std::max(
        1U, options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency());
    check_kept_at_size();
    for (std::size_t from = 0; from < tasks_.size(); from += width) {
      const std::size_t to = std::min(from + width, tasks_.size());
      DAYBOOK_CHECK(check_batch(from, to));
    }
    DAYBOOK_CHECK(resolve_causes());
    finish();
    DAYBOOK_TRY(derived, derived_.finish());
    for (Finding& finding : derived) add(std::move(finding));
    return std::move(report_);
  }

 private:
  // A checkpoint that was kept outside of the ledger.
  struct Kept {
    Checkpoint checkpoint;
    bool remembered = false;  // the one of VerifyOptions::known
  };

  // What is remembered can be compared only with the ledger it is of.
  void compare_identity() {
    if (!options_.known) return;
    const KnownLedger& known = *options_.known;
    if (known.ledger_id != ledger_.identity.ledger_id) {
      report(Severity::Damage, "known_ledger", "", 0, {}, {},
             fmt::format("another ledger stands here than was seen on {}: then it was {}, now it "
                         "is {}",
                         to_string(known.seen), to_string(known.ledger_id),
                         to_string(ledger_.identity.ledger_id)));
    } else if (to_string(known.key) != to_string(ledger_.identity.key)) {
      report(Severity::Damage, "known_key", "", 0, {}, {},
             fmt::format("it names another signing key than was seen on {}: then it was {}, now it "
                         "is {}",
                         to_string(known.seen), to_string(known.key),
                         to_string(ledger_.identity.key)));
    } else if (known.tree) {
      kept_.push_back({known.tree->checkpoint, true});
    }
  }

  void report(Severity severity, std::string code, std::string file, std::uint64_t offset,
              Seq first, Seq last, std::string message) {
    add({severity, std::move(code), std::move(file), offset, 0, first, last, std::move(message)});
  }

  void add(Finding finding) {
    ++report_.findings_total;
    // Beyond the limit only the first damage still counts: it decides the verdict.
    const bool damage = finding.severity == Severity::Damage;
    if (report_.findings.size() >= kMaxFindings && (damaged_ || !damage)) return;
    damaged_ |= damage;
    report_.findings.push_back(std::move(finding));
  }

  void mark_wrong(Seq seq) {
    if (wrong_.insert(seq).second) --report_.events;
  }

  // Whether there may be events that explain what seems wrong with others.
  [[nodiscard]] bool events_missing() const { return report_.lost > 0 || unread_ > 0; }

  Result<void> plan() {
    Log& log = *ledger_.log;
    const std::shared_lock lock(log.mutex());
    const std::vector<Seq>& segments = log.segments_locked();
    const SegmentState& active = log.active();
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const bool last = i + 1 == segments.size();
      SegmentTask task;
      task.first = segments[i];
      task.last = last ? active.index.last_seq() : Seq{segments[i + 1].value - 1};
      task.trusted_end = last && !active.sealed ? active.end : kEverything;
      task.is_last = last;
      task.check_blobs = options_.blobs;
      task.bytes_done = &bytes_done_;
      tasks_.push_back(task);
    }
    if (segments.front() != kFirstSeq) {
      report(Severity::Damage, "missing", "log", 0, kFirstSeq, Seq{segments.front().value - 1},
             fmt::format("the segments before event #{} are missing", segments.front().value));
      lose_up_to(Seq{segments.front().value - 1});
    }
    if (active.torn_bytes > 0) {
      report(Severity::Notice, "torn_tail", "log/" + segment_name(segments.back()), active.end, {},
             {}, fmt::format("a torn tail of {} bytes, never acknowledged", active.torn_bytes));
    }
    note_hint_ahead(active);
    bytes_total_ = 0;
    if (const auto entries = ledger_.env.files->list(ledger_.paths.log)) {
      for (const DirectoryEntry& entry : *entries) bytes_total_ += entry.stamp.size;
    }
    return check_hint(segments.back());
  }

  // The hint may lag, never lead: it names a place that must be there.
  Result<void> check_hint(Seq last_segment) {
    FileSystem& files = *ledger_.env.files;
    DAYBOOK_TRY(there, files.exists(ledger_.paths.tail));
    if (!there) return {};
    DAYBOOK_TRY(file, files.open(ledger_.paths.tail, OpenMode::Read));
    DAYBOOK_TRY(hint, read_hint(*file));
    if (!hint || !hint->at_home) return {};
    const LogPlace& to = hint->to;
    const std::string path = ledger_.paths.segment(to.segment);
    DAYBOOK_TRY(promised, files.exists(path));
    if (promised && to.segment == last_segment) {
      DAYBOOK_TRY(segment, files.open(path, OpenMode::Read));
      DAYBOOK_TRY(size, segment->size());
      if (to.end <= size + format::kMaxFrameBody) return {};
      report(Severity::Damage, "cut", "tail", 0, {}, {},
             fmt::format("it promises {} bytes of a segment that has {}", to.end, size));
    }
    if (!promised && to.segment > last_segment) {
      report(Severity::Damage, "missing", "log", 0, to.segment, Seq{to.next.value - 1},
             fmt::format("the segment that begins with event #{} is missing", to.segment.value));
    }
    return {};
  }

  // In a copy the hint may have been copied after the log. It proves nothing
  // then, and is told.
  void note_hint_ahead(const SegmentState& active) {
    if (!active.hint_ahead) return;
    report(Severity::Notice, "behind_hint", "tail", 0, {}, {},
           fmt::format("it knows of events up to #{}, and the log ends with #{}: this is a copy "
                       "made while the ledger was written, or a restored one, or its end was cut "
                       "off",
                       active.hint_ahead->next.value - 1, active.index.last_seq().value));
  }

  // Leaves of events that no segment holds. A forged number must not make us
  // count to it.
  void lose_up_to(Seq last) {
    if (last.value > peaks_.size() + format::kMaxSeqJump) return;
    derived_.lose();
    while (peaks_.size() < last.value) {
      peaks_.append(lost_leaf_hash(Seq{peaks_.size() + 1}));
      tree_unsure_ = true;
      ++report_.lost;
    }
  }

  Result<void> check_batch(std::size_t from, std::size_t to) {
    std::vector<std::optional<Result<CheckedSegment>>> checked(to - from);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = from + 1; i < to; ++i) {
        threads.emplace_back([&, i] { checked[i - from] = check_segment(ledger_, tasks_[i]); });
      }
      checked[0] = check_segment(ledger_, tasks_[from]);
    }
    for (auto& result : checked) {
      if (!*result) return fail((*result).error());
      DAYBOOK_CHECK(merge(**result));
      if (causes_.full()) DAYBOOK_CHECK(resolve_causes());
      if (options_.progress)
        options_.progress(std::min<std::uint64_t>(bytes_done_, bytes_total_), bytes_total_);
    }
    return {};
  }

  Result<void> merge(CheckedSegment& segment) {
    ++report_.segments;
    if (segment.index.first_seq().value != peaks_.size() + 1) {
      report(Severity::Damage, "order", segment.name, 0, {}, {},
             fmt::format("the segment is ignored: it does not continue event #{}", peaks_.size()));
      return {};
    }
    report_.events += segment.events;
    report_.lost += segment.lost;
    unread_ += segment.unread;
    wrong_.insert(segment.wrong.begin(), segment.wrong.end());
    report_.blobs += segment.blobs;
    for (Finding& finding : segment.findings) add(std::move(finding));
    std::ranges::move(segment.unsigned_runs, std::back_inserter(unsigned_runs_));
    check_links(segment);
    check_streams(segment);
    DAYBOOK_CHECK(grow_tree(segment));
    note_streams(segment);
    erased_.insert(erased_.end(), segment.erased.begin(), segment.erased.end());
    erasures_.insert(segment.erasures.begin(), segment.erasures.end());
    std::ranges::move(segment.deferred, std::back_inserter(deferred_));
    causes_.add(segment.causes);
    if (!segment.index.empty()) {
      causes_.add_segment(segment.index.first_seq(), segment.index.offsets().front().id);
      last_id_ = segment.index.last_id();
      last_recorded_ = segment.index.last_recorded();
    }
    return {};
  }

  // Before all of the log is read nobody knows whether a cause is missing or
  // lies in what was lost.
  Result<void> resolve_causes() {
    DAYBOOK_TRY(missing, causes_.resolve(ledger_));
    for (const CauseUse& use : missing) {
      const auto after = std::ranges::upper_bound(tasks_, use.event, {}, &SegmentTask::first);
      const std::string segment = "log/" + segment_name(std::prev(after)->first);
      deferred_.push_back(missing_cause(segment, use));
    }
    return {};
  }

  void check_links(const CheckedSegment& segment) {
    if (segment.header && !(segment.header->peaks == peaks_)) {
      if (tree_unsure_ && segment.header->peaks.size() == peaks_.size()) {
        adopt(segment.header->peaks);
      } else {
        report(Severity::Damage, "tree_root", segment.name, 0, {}, {},
               "the segment continues another tree than the one before it ended with");
      }
    }
    if (segment.index.empty()) return;
    const OffsetEntry& first = segment.index.offsets().front();
    if (first.id <= last_id_ || first.recorded < last_recorded_) {
      report(Severity::Damage, "order", segment.name, first.record, first.seq, first.seq,
             "its first event does not follow the segment before");
      mark_wrong(first.seq);
    }
  }

  void check_streams(const CheckedSegment& segment) {
    for (const auto& [name, part] : segment.index.streams()) {
      const auto before = streams_.find(name);
      const std::uint64_t expected = before == streams_.end() ? 1 : before->second.last.value + 1;
      if (part.first.value == expected) continue;
      const Seq seq{segment.index.first_seq().value + part.seqs.front()};
      Finding finding{Severity::Damage,
                      "order",
                      segment.name,
                      0,
                      0,
                      seq,
                      seq,
                      fmt::format("stream {} goes on with version {} where {} should come", name,
                                  part.first.value, expected)};
      if (part.first.value > expected) {
        deferred_.push_back(std::move(finding));
        continue;
      }
      add(std::move(finding));
      mark_wrong(seq);
    }
    for (const KeyEntry& entry : segment.index.sorted_keys()) {
      if (keys_.insert(entry.hash).second) continue;
      report(Severity::Damage, "key", segment.name, 0, entry.seq, entry.seq,
             fmt::format("the key of event #{} is not unique in its stream", entry.seq.value));
      mark_wrong(entry.seq);
    }
  }

  void note_streams(const CheckedSegment& segment) {
    for (const auto& [name, part] : segment.index.streams()) {
      streams_[name] = {part.last, segment.index.first_seq()};
    }
  }

  void adopt(const Peaks& peaks) {
    peaks_ = peaks;
    tree_unsure_ = false;
  }

  Result<void> grow_tree(const CheckedSegment& segment) {
    auto checkpoint = segment.checkpoints.begin();
    for (std::uint64_t i = 0; i <= segment.leaves.size(); ++i) {
      if (!segment.seal.empty() && i == segment.leaves_before_seal) check_seal(segment);
      for (; checkpoint != segment.checkpoints.end() && checkpoint->leaves_before == i;
           ++checkpoint) {
        check_checkpoint(segment, *checkpoint);
      }
      if (i == segment.leaves.size()) break;
      const CheckedLeaf& leaf = segment.leaves[i];
      peaks_.append(leaf.hash);
      tree_unsure_ |= leaf.lost;
      if (leaf.lost) derived_.lose();
      DAYBOOK_CHECK(derived_.take(leaf.hash));
      check_kept_at_size();
    }
    return {};
  }

  void check_checkpoint(const CheckedSegment& segment, const CheckedCheckpoint& checkpoint) {
    ++report_.checkpoints;
    const auto bad = [&](std::string_view what) {
      report(Severity::Damage, "checkpoint", segment.name, checkpoint.offset, {}, {},
             fmt::format("the checkpoint of {} events {}", checkpoint.record.peaks.size(), what));
    };
    const auto note = verify_checkpoint(checkpoint.record.note, ledger_.identity.key);
    if (!note) return bad(fmt::format("does not hold: {}", note.error().message));
    if (note->head != checkpoint.record.peaks.head()) return bad("and its peaks disagree");
    if (note->origin != ledger_.identity.origin) return bad("is of another log");
    const bool adopted = tree_unsure_ && checkpoint.record.peaks.size() == peaks_.size();
    if (!(checkpoint.record.peaks == peaks_) && !adopted) {
      return bad("signs another tree than the log holds");
    }
    adopt(checkpoint.record.peaks);
    const auto hashes = peaks_.hashes();
    if (accepts_unsigned(*note)) accepted_ = Seq{peaks_.size()};
    report_.signed_tree = {*note, {hashes.begin(), hashes.end()}};
  }

  // Who holds the key may say that he knows of them.
  void judge_unsigned() {
    for (Finding& run : unsigned_runs_) {
      if (run.last <= accepted_) run.severity = Severity::Notice;
      add(std::move(run));
    }
  }

  // Checkpoints the caller has kept elsewhere.
  void check_kept_at_size() {
    for (; next_kept_ < kept_.size() && kept_[next_kept_].checkpoint.head.size == peaks_.size();
         ++next_kept_) {
      check_kept(kept_[next_kept_], peaks_.root());
    }
  }

  void check_kept(const Kept& kept, const Digest& root) {
    ++report_.checkpoints;
    const TreeHead& head = kept.checkpoint.head;
    const auto note = verify_checkpoint(kept.checkpoint.text, ledger_.identity.key);
    if (!note) {
      report_kept(kept, Severity::Damage,
                  fmt::format("the kept checkpoint of {} events does not hold: {}", head.size,
                              note.error().message));
    } else if (note->head.root != root) {
      report_kept(kept, Severity::Damage,
                  fmt::format("the log's first {} events are not those the kept checkpoint signs",
                              head.size));
    }
  }

  void report_kept(const Kept& kept, Severity severity, std::string message) {
    report(severity, kept.remembered ? "known_checkpoint" : "kept_checkpoint", "", 0, {}, {},
           std::move(message));
  }

  // One that signs more events than there are. Another place may hold an older copy.
  void miss_kept(const Kept& kept) {
    const bool copy = kept.remembered && options_.known->elsewhere;
    std::string message = fmt::format("the log ends at #{}, the kept checkpoint signs up to #{}",
                                      peaks_.size(), kept.checkpoint.head.size);
    if (copy) message += fmt::format(" (seen at {})", options_.known->place);
    report_kept(kept, copy ? Severity::Notice : Severity::Damage, std::move(message));
  }

  void check_seal(const CheckedSegment& segment) {
    if (segment.seal.empty()) return;
    const auto bad = [&](std::string_view what) {
      report(Severity::Damage, "seal", segment.name, segment.seal_offset, {}, {},
             std::string(what));
    };
    const auto header = decode_seal_header(segment.seal, segment.seal.size());
    if (!header) return bad(header.error().message);
    if (header->first_seq != segment.index.first_seq()) return bad("it is of another segment");
    if (tree_unsure_ && header->peaks.size() == peaks_.size()) adopt(header->peaks);
    if (!(header->peaks == peaks_)) return bad("the seal's root is not that of the log");
    // After a loss its tables cannot be made again, only be checked for rot.
    if (events_missing()) {
      auto reader = SealReader::over(segment.seal);
      const auto checked = reader ? reader->check() : Result<void>(fail(reader.error()));
      if (!checked) bad(checked.error().message);
      return;
    }
    const auto rebuilt = build_seal(
        segment.index, peaks_, [&](std::string_view stream, std::uint64_t) -> Result<Seq> {
          const auto before = streams_.find(std::string(stream));
          return before == streams_.end() ? Seq{} : before->second.segment;
        });
    if (!rebuilt || *rebuilt != segment.seal) bad("the seal's tables do not fit the events");
  }

  void finish() {
    report_.head = peaks_.head();
    report_.bytes = bytes_done_;
    if (!events_missing()) {
      for (Finding& finding : deferred_) {
        mark_wrong(finding.first);
        add(std::move(finding));
      }
    }
    for (const Seq seq : erased_) {
      if (erasures_.contains(seq)) {
        ++report_.erased;
        continue;
      }
      if (events_missing()) continue;  // the event that says so may be among them
      report(
          Severity::Damage, "erased", "log", 0, seq, seq,
          fmt::format("the data of event #{} is gone, and no event says it was erased", seq.value));
    }
    judge_unsigned();
    for (; next_kept_ < kept_.size(); ++next_kept_) miss_kept(kept_[next_kept_]);
  }

  struct StreamEnd {
    Version last;
    Seq segment;
  };

  Ledger::Impl& ledger_;
  const VerifyOptions& options_;
  DerivedCheck derived_;
  std::vector<SegmentTask> tasks_;
  std::atomic<std::uint64_t> bytes_done_{0};
  std::uint64_t bytes_total_ = 0;
  VerifyReport report_;
  Peaks peaks_;
  bool tree_unsure_ = false;
  EventId last_id_;
  Timestamp last_recorded_{INT64_MIN};
  std::unordered_map<std::string, StreamEnd> streams_;
  CauseLookup causes_;
  std::unordered_set<std::uint64_t> keys_;
  std::uint64_t unread_ = 0;
  std::set<Seq> wrong_;  // events that were read and are not correct
  bool damaged_ = false;
  std::vector<Finding> deferred_;
  std::vector<Seq> erased_;
  std::set<Seq> erasures_;
  std::vector<Finding> unsigned_runs_;
  Seq accepted_;            // up to here somebody with the key has accepted them
  std::vector<Kept> kept_;  // by size
  std::size_t next_kept_ = 0;
};

}  // namespace

bool VerifyReport::ok() const {
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::Damage; });
}

Result<VerifyReport> verify_ledger(Ledger::Impl& ledger, const VerifyOptions& options) {
  auto report = Verifier(ledger, options).run();
  if (report) {
    remember_damage(ledger.env, ledger.paths, ledger.identity.ledger_id, *report, options.blobs);
  }
  return report;
}

}  // namespace daybook
