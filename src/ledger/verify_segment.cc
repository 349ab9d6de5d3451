// SPDX-License-Identifier: Apache-2.0
#include "ledger/verify_segment.h"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/fs/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "ledger/blob_reference.h"
#include "ledger/envelope.h"
#include "ledger/seal.h"
#include "ledger/unsigned_run.h"

namespace daybook {
namespace {

constexpr std::string_view kErasedType = "daybook/erased";

// Whether the thing itself is bad or gone. A read that failed says nothing of it.
bool tells_of_damage(const Error& error) {
  return error.code == Errc::Corruption || error.code == Errc::NotFound;
}

class SegmentChecker {
 public:
  SegmentChecker(Ledger::Impl& ledger, const SegmentTask& task)
      : ledger_(ledger), task_(task), out_(task.first) {
    out_.name = "log/" + segment_name(task.first);
  }

  Result<CheckedSegment> run() {
    DAYBOOK_TRY(file, ledger_.log->open_segment(task_.first));
    DAYBOOK_CHECK(check_header(*file));
    FrameScanner scanner(*file, format::kSegmentHeaderBytes, task_.trusted_end);
    bool sealed = false;
    while (!sealed && scanner.offset() + scanner.length() < task_.trusted_end) {
      DAYBOOK_TRY(kind, scanner.next());
      if (kind == FrameScanner::Kind::End) break;
      *task_.bytes_done += scanner.length();
      if (kind == FrameScanner::Kind::Damage) {
        DAYBOOK_CHECK(check_damage(scanner));
        continue;
      }
      DAYBOOK_TRY(was_seal, check_frame(scanner));
      sealed = was_seal;
    }
    const std::uint64_t end = scanner.offset() + scanner.length();
    if (task_.trusted_end != kEverything && end < task_.trusted_end) {
      damage_open_ = true;
      report("cut", end, task_.trusted_end - end, {}, {},
             fmt::format("{} bytes that were promised are gone", task_.trusted_end - end));
    }
    end_run();
    lose_up_to(task_.last, end, 0);
    if (task_.trusted_end == kEverything) DAYBOOK_CHECK(check_trailer(*file, sealed, end));
    return std::move(out_);
  }

 private:
  void report(std::string code, std::uint64_t offset, std::uint64_t length, Seq first, Seq last,
              std::string message) {
    add({Severity::Damage, std::move(code), out_.name, offset, length, first, last,
         std::move(message)});
  }

  // Beyond the limit only the first damage still counts: it decides the verdict.
  void add(Finding finding) {
    ++found_;
    const bool damage = finding.severity == Severity::Damage;
    if (out_.findings.size() >= kMaxFindings && (damaged_ || !damage)) return;
    damaged_ |= damage;
    out_.findings.push_back(std::move(finding));
  }

  Result<void> check_header(const File& file) {
    DAYBOOK_TRY(size, file.size());
    const auto count = std::min<std::uint64_t>(size, format::kSegmentHeaderBytes);
    DAYBOOK_TRY(bytes, read_exactly(file, out_.name, 0, count));
    auto header = decode_segment_header(bytes, out_.name);
    if (!header && header.error().code == Errc::Unsupported) return fail(header.error());
    if (!header) {
      report("segment_header", 0, count, {}, {}, header.error().message);
    } else if (header->first_seq != task_.first ||
               header->ledger_id != ledger_.identity.ledger_id) {
      report("segment_header", 0, count, {}, {},
             "the segment's header is that of another segment or ledger");
    } else if (header->key != ledger_.identity.key ||
               (task_.first == kFirstSeq && header->created != ledger_.identity.created)) {
      report("segment_header", 0, count, {}, {},
             "the segment's header and LEDGER disagree about origin, key or time of creation");
    } else {
      out_.header = *header;
    }
    return {};
  }

  // True when the frame was the seal.
  Result<bool> check_frame(const FrameScanner& scanner) {
    const FrameView& frame = scanner.frame();
    check_padding(scanner);
    if (frame.header.durable > scanner.offset()) {
      report("durable", scanner.offset(), format::kFrameHeaderBytes, {}, {},
             "a frame claims that what follows it was on stable storage");
    }
    if (frame.header.type == format::FrameType::Events) {
      for (const RecordView& record : frame.records) {
        DAYBOOK_CHECK(check_event(record, scanner.offset(), scanner.offset() + record.offset));
      }
      return false;
    }
    const bool in_place = check_place(frame.header.seq, scanner.offset());
    if (frame.header.type == format::FrameType::Checkpoint) {
      if (in_place) check_checkpoint(frame.records.front(), scanner.offset());
      return false;
    }
    out_.seal_offset = scanner.offset();
    if (!run_.empty()) tell_unsigned("and then the segment was sealed");
    if (in_place) {
      const ByteView body = frame.records.front().envelope;
      out_.seal.assign(body.begin(), body.end());
      out_.leaves_before_seal = out_.leaves.size();
    }
    return true;
  }

  // A control frame says how many events come before it.
  bool check_place(Seq next, std::uint64_t offset) {
    const bool ours = next.value > 0 && (task_.last < task_.first || next <= task_.last.next());
    if (ours) lose_up_to(Seq{next.value - 1}, offset, 0);
    if (next == next_seq()) return true;
    report("order", offset, format::kFrameHeaderBytes, {}, {},
           fmt::format("a control frame that belongs before event #{} stands before #{}",
                       next.value, next_seq().value));
    return false;
  }

  void check_padding(const FrameScanner& scanner) {
    const FrameView& frame = scanner.frame();
    for (const RecordView& record : frame.records) {
      const std::uint64_t end =
          record.offset + format::kRecordHeaderBytes + record.envelope.size() + record.data.size();
      if (all_zero(frame.bytes.subspan(end, align8(end) - end))) continue;
      report("padding", scanner.offset() + end, align8(end) - end, {}, {},
             "padding between records is not zero");
    }
  }

  void check_checkpoint(const RecordView& record, std::uint64_t offset) {
    end_run();
    auto decoded = decode_checkpoint_record(record.envelope);
    if (!decoded) {
      report("checkpoint", offset, record.envelope.size(), {}, {}, decoded.error().message);
      return;
    }
    out_.checkpoints.push_back({std::move(*decoded), out_.leaves.size(), offset});
  }

  // Ends a run of events that no checkpoint signs, at a checkpoint or at the end.
  void end_run() {
    if (run_.too_long()) tell_unsigned("longer than a writer may leave them");
    run_ = {};
  }

  void tell_unsigned(std::string_view how) {
    out_.unsigned_runs.push_back({Severity::Damage, "unsigned", out_.name, 0, 0, run_.first(),
                                  run_.last(),
                                  fmt::format("events #{} to #{} stood without a checkpoint, {}",
                                              run_.first().value, run_.last().value, how)});
    run_ = {};
  }

  Result<void> check_damage(const FrameScanner& scanner) {
    run_ = {};  // a checkpoint may have stood here; the damage is told anyway
    const std::uint64_t before = out_.events;
    const std::uint64_t found = found_;
    for (const RecordView& record : scanner.records()) {
      if (record.envelope.size() < format::kEnvelopeFixedBytes || !decode_event(record)) continue;
      DAYBOOK_CHECK(check_event(record, scanner.offset(), scanner.offset() + record.offset));
    }
    // A finding of its own (bad data, say) already tells of this damage.
    if (found_ != found) return {};
    damage_open_ = true;
    report("frame", scanner.offset(), scanner.length(), {}, {},
           fmt::format("{} bytes are damaged; {} events in them are readable", scanner.length(),
                       out_.events - before));
    return {};
  }

  // What a newer version wrote is not damage, only more than we can check.
  void report_undecoded(Seq seq, std::uint64_t offset, std::uint64_t length, const Error& error) {
    const bool newer = error.code == Errc::Unsupported;
    ++out_.unread;
    add({newer ? Severity::Notice : Severity::Damage, newer ? "unsupported" : "envelope", out_.name,
         offset, length, seq, seq, fmt::format("event #{}: {}", seq.value, error.message)});
  }

  Seq next_seq() const { return Seq{task_.first.value + out_.leaves.size()}; }

  void lose_up_to(Seq last, std::uint64_t offset, std::uint64_t length) {
    const Seq first = next_seq();
    if (last < first) return;
    if (last.value - first.value >= format::kMaxSeqJump) {
      report("order", offset, length, first, last, "the seqs jump");
      return;
    }
    if (damage_open_ && !out_.findings.empty()) {
      out_.findings.back().first = first;
      out_.findings.back().last = last;
    } else {
      report("missing", offset, length, first, last,
             fmt::format("events #{} to #{} are missing", first.value, last.value));
    }
    damage_open_ = false;
    for (Seq seq = first; seq <= last; seq = seq.next()) {
      out_.leaves.push_back({lost_leaf_hash(seq), true});
      ++out_.lost;
    }
    out_.index.skip_to(last);
  }

  Result<void> check_event(const RecordView& record, std::uint64_t frame, std::uint64_t offset) {
    const Seq seq = envelope_seq(record.envelope.data());
    const std::uint64_t length = record.envelope.size() + record.data.size();
    if (seq < next_seq()) {
      report("order", offset, length, seq, seq,
             fmt::format("event #{} stands where it does not belong", seq.value));
      return {};
    }
    if (task_.last >= task_.first && seq > task_.last) {
      report("order", offset, length, seq, seq,
             fmt::format("event #{} does not belong into this segment", seq.value));
      return {};
    }
    if (seq > next_seq()) lose_up_to(Seq{seq.value - 1}, offset, length);
    if (seq != next_seq()) return {};
    damage_open_ = false;
    out_.leaves.push_back({leaf_hash(record.envelope), false});
    const auto event = decode_event(record);
    if (!event) {
      out_.index.skip_to(seq);
      report_undecoded(seq, offset, length, event.error());
      return {};
    }
    run_.add(seq, event->recorded);
    const std::uint64_t found = found_;
    check_order(*event, offset);
    check_causes(*event, offset);
    ids_.push_back(event->id);
    DAYBOOK_CHECK(check_data(*event, record, offset));
    out_.index.add(*event, offset, frame);
    if (found_ != found) {
      out_.wrong.push_back(seq);
      return {};
    }
    ++out_.events;
    note_erasure(*event);
    return {};
  }

  void check_order(const EventView& event, std::uint64_t offset) {
    check_names(event, offset);
    const auto bad = [&](std::string_view what) {
      report("order", offset, event.envelope.size(), event.seq, event.seq,
             fmt::format("event #{}: {}", event.seq.value, what));
    };
    if (!out_.index.empty()) {
      if (event.id <= out_.index.last_id()) bad("its id is not larger than the one before");
      if (event.recorded < out_.index.last_recorded()) bad("recorded before the one before");
    }
    const StreamPart* part = out_.index.find(event.stream);
    if (part == nullptr || event.version.value == part->last.value + 1) return;
    const std::string follows = fmt::format("version {} of stream {} follows {}",
                                            event.version.value, event.stream, part->last.value);
    if (event.version <= part->last) {
      bad(follows);
    } else {
      defer("order", event, offset, follows);
    }
  }

  void defer(std::string code, const EventView& event, std::uint64_t offset,
             std::string_view what) {
    out_.deferred.push_back({Severity::Damage, std::move(code), out_.name, offset,
                             event.envelope.size(), event.seq, event.seq,
                             fmt::format("event #{}: {}", event.seq.value, what)});
  }

  void check_names(const EventView& event, std::uint64_t offset) {
    const std::size_t names = static_cast<std::size_t>(event.key.end() - event.stream.begin());
    if (is_plain_text({event.stream.data(), names})) return;
    report("envelope", offset, names, event.seq, event.seq,
           fmt::format("event #{}: its names are not plain UTF-8 text", event.seq.value));
  }

  // Most causes are of the same segment; the others are looked up together later.
  void check_causes(const EventView& event, std::uint64_t offset) {
    for (const EventId& cause : event.causes) {
      if (cause >= event.id) {
        out_.deferred.push_back(missing_cause(out_.name, {cause, event.seq, offset}));
      } else if (!std::ranges::binary_search(ids_, cause)) {
        out_.causes.push_back({cause, event.seq, offset});
      }
    }
  }

  Result<void> check_data(const EventView& event, const RecordView& record, std::uint64_t offset) {
    const auto bad = [&](std::string code, std::string_view what) {
      report(std::move(code), offset, record.data.size(), event.seq, event.seq,
             fmt::format("event #{}: {}", event.seq.value, what));
    };
    switch (event.data_state) {
      case DataState::None:
        if (!record.data.empty()) bad("data", "a data block, and an envelope that knows of none");
        return {};
      case DataState::Erased:
        out_.erased.push_back(event.seq);
        return {};
      case DataState::Damaged:
        bad("data_checksum", "its data fails its checksum; the envelope is intact");
        return {};
      case DataState::Inline:
        if (sha256(record.data) != event.commitment) {
          bad("commitment", "its data is not what was committed to");
        } else if (const auto checked = check_stored_json(event.data); !checked) {
          bad("data", "its data is not JSON");
        }
        return task_.check_blobs ? check_references(event, offset) : Result<void>{};
      case DataState::Blob:
        return task_.check_blobs ? check_blob(event, offset) : Result<void>{};
    }
    return {};
  }

  Result<void> check_blob(const EventView& event, std::uint64_t offset) {
    const auto bytes = ledger_.blobs.get(event.blob);
    if (!bytes && !tells_of_damage(bytes.error())) return fail(bytes.error());
    ++out_.blobs;
    if (bytes && sha256({event.salt, *bytes}) == event.commitment) return {};
    report("blob", offset, event.envelope.size(), event.seq, event.seq,
           fmt::format("event #{}: its data, a blob, {}", event.seq.value,
                       bytes ? "is not what was committed to" : bytes.error().message));
    return {};
  }

  Result<void> check_references(const EventView& event, std::uint64_t offset) {
    Result<void> checked;
    for_each_blob_reference(event.data, [&](const Digest& digest) {
      if (!checked) return;
      ++out_.blobs;
      const auto bytes = ledger_.blobs.get(digest);
      if (bytes) return;
      if (!tells_of_damage(bytes.error())) {
        checked = fail(bytes.error());
        return;
      }
      report("blob", offset, event.envelope.size(), event.seq, event.seq,
             fmt::format("event #{}: {}", event.seq.value, bytes.error().message));
    });
    return checked;
  }

  void note_erasure(const EventView& event) {
    if (event.type != kErasedType) return;
    simdjson::dom::parser parser;
    std::uint64_t seq = 0;
    if (parser.parse(event.data.data(), event.data.size())["seq"].get(seq) == simdjson::SUCCESS) {
      out_.erasures.push_back(Seq{seq});
    }
  }

  Result<void> check_trailer(const File& file, bool sealed, std::uint64_t seal_end) {
    DAYBOOK_TRY(size, file.size());
    const auto place = find_seal(file, out_.name);
    if (!place && !tells_of_damage(place.error())) return fail(place.error());
    if (!place) {
      // Of the last segment: a crash while sealing; the next writer finishes it.
      add({task_.is_last && sealed ? Severity::Notice : Severity::Damage,
           "seal",
           out_.name,
           size,
           0,
           {},
           {},
           place.error().message});
    } else if (sealed &&
               (place->frame != out_.seal_offset || size != seal_end + format::kSealTrailerBytes)) {
      report("seal", size, 0, {}, {}, "the trailer does not stand right behind the seal it names");
    }
    return {};
  }

  Ledger::Impl& ledger_;
  const SegmentTask& task_;
  CheckedSegment out_;
  UnsignedRun run_;           // of the events since the last checkpoint
  std::vector<EventId> ids_;  // of the events so far; ascending unless the log is damaged
  bool damage_open_ = false;  // the last finding may still get its lost events
  bool damaged_ = false;      // one of the findings is damage
  std::uint64_t found_ = 0;   // findings, kept or not
};

}  // namespace

Finding missing_cause(const std::string& segment, const CauseUse& use) {
  return {Severity::Damage,
          "cause",
          segment,
          use.offset,
          0,
          use.event,
          use.event,
          fmt::format("event #{}: it names the cause {}, which is not there", use.event.value,
                      to_string(use.cause))};
}

Result<CheckedSegment> check_segment(Ledger::Impl& ledger, const SegmentTask& task) {
  return SegmentChecker(ledger, task).run();
}

}  // namespace daybook
