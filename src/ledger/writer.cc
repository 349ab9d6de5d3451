// SPDX-License-Identifier: Apache-2.0
#include "ledger/writer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "base/parallel.h"
#include "ledger/control.h"
#include "ledger/envelope.h"
#include "ledger/note.h"

namespace daybook {
namespace {

// A write this large grows the file instead of filling space zeroed before:
// zeroing would cost as much as the write itself.
constexpr std::uint64_t kLargeWrite = 128 * 1024;
constexpr std::uint64_t kPollMinMicros = 20;
constexpr std::uint64_t kPollMaxMicros = 2'000;

constexpr std::size_t kHeadBytes = 8;  // of a frame: its marker and checksum

Error failed_elsewhere(const std::string& ledger) {
  return {Errc::Io, fmt::format("{}: a flush of another process failed", ledger),
          "open the ledger again: it rechecks what reached the disk"};
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const Environment& env, const LedgerPaths& paths,
                                             const Identity& identity, const LedgerOptions& options,
                                             Log& log, std::vector<std::string>& repairs) {
  std::unique_ptr<Writer> writer(new Writer(env, paths, identity, options, log));
  DAYBOOK_TRY(lock_file, env.files->open(paths.lock, OpenMode::Create));
  DAYBOOK_TRY(tail_file, env.files->open(paths.tail, OpenMode::Create));
  DAYBOOK_TRY(lock_id, lock_file->id());
  writer->lock_file_ = std::move(lock_file);
  writer->lock_id_ = lock_id;
  writer->tail_file_ = std::move(tail_file);
  // What a killed writer left unsigned is signed after the first append: docs/format.md, 7.1.
  writer->last_signed_ = env.clock->now();
  if (writer->has_unsigned_events()) {
    writer->last_signed_.micros -= std::int64_t{options.checkpoint_seconds} * 1'000'000;
  }
  DAYBOOK_CHECK(writer->repair(repairs));
  return writer;
}

// --- Taking turns ------------------------------------------------------------

std::unexpected<Error> Writer::give_up(const Error& why) {
  const std::lock_guard lock(why_mutex_);
  if (able_.exchange(false)) why_ = why;
  return fail(why_);
}

Result<void> Writer::check_able() const {
  if (able_) return {};
  const std::lock_guard lock(why_mutex_);
  return fail(why_.code, "an earlier failure ended this ledger object: " + why_.message,
              "open the ledger again: it rechecks what reached the disk");
}

Result<Writer::Turn> Writer::take_turn() {
  DAYBOOK_CHECK(check_able());
  std::unique_lock thread(turn_mutex_);
  DAYBOOK_CHECK(check_able());
  DAYBOOK_CHECK(wait_for(*lock_file_));
  return Turn(*this, std::move(thread));
}

void Writer::end_turn() {
  if (segment_file_) segment_file_->unlock();
  lock_file_->unlock();
}

Result<void> Writer::wait_for(File& file) {
  const std::uint64_t start = env_.clock->monotonic_micros();
  std::uint64_t pause = kPollMinMicros;
  while (true) {
    DAYBOOK_TRY(taken, file.try_lock());
    if (taken) return {};
    if (env_.clock->monotonic_micros() - start > std::uint64_t{options_.lock_timeout_ms} * 1000) {
      return fail(Errc::Busy,
                  fmt::format("{}: another process has held the write lock for {} ms", paths_.root,
                              options_.lock_timeout_ms),
                  "find it with `fuser` on the files `lock` and `tail`, or try again");
    }
    env_.clock->sleep_micros(pause);
    pause = std::min(pause * 2, kPollMaxMicros);
  }
}

Result<void> Writer::check_place() {
  const auto same = [&](const FileId& ours, const std::string& path) -> Result<bool> {
    const auto there = env_.files->id_of(path);
    if (!there && there.error().code != Errc::NotFound) return fail(there.error());
    return there && *there == ours;
  };
  DAYBOOK_TRY(lock_stands, same(lock_id_, paths_.lock));
  DAYBOOK_TRY(segment_stands, segment_file_ ? same(segment_id_, paths_.segment(segment_)) : true);
  if (lock_stands && segment_stands) return {};
  return give_up({Errc::Io,
                  fmt::format("{}: the ledger was moved, removed or replaced while it was open: {} "
                              "is not the file it was",
                              paths_.root,
                              lock_stands ? "log/" + segment_name(segment_) : std::string("lock")),
                  "nothing was written; open the ledger where it is now"});
}

// --- Placing and writing ---------------------------------------------------

Result<LogPlace> Writer::commit(std::span<Commit* const> group) {
  DAYBOOK_TRY(turn, take_turn());
  const std::unique_lock state(log_.mutex());
  return commit_locked(group);
}

Result<LogPlace> Writer::commit_locked(std::span<Commit* const> group) {
  DAYBOOK_CHECK(begin());
  std::uint64_t bytes = 0;
  for (const Commit* commit : group) bytes += commit->batch->frame.size();
  if (log_.active().end + bytes > options_.segment_bytes && !log_.active().index.empty()) {
    DAYBOOK_CHECK(roll());
  }
  const auto put = [&]() -> Result<void> {
    DAYBOOK_TRY(frames, place_all(group));
    if (frames.empty()) return {};
    DAYBOOK_CHECK(publish(frames));
    log_.active().advance(placed_end_, placed_frame_, placed_last_);
    return {};
  };
  if (auto done = put(); !done) {
    DAYBOOK_CHECK(forget_placed());
    return fail(std::move(done).error());
  }
  leave_note();
  return written_to();
}

// What was placed in memory is not in the log: reads the state anew from there.
Result<void> Writer::forget_placed() {
  last_part_ = {};
  recent_.clear();
  if (auto read = log_.reload_locked(); !read) return give_up(read.error());
  return {};
}

// Places every batch that may be, one frame behind the other; returns the
// frames' bytes, valid until the next group.
Result<ByteView> Writer::place_all(std::span<Commit* const> group) {
  group_keys_.clear();
  buffer_.clear();
  envelopes_.clear();
  last_part_ = {};
  last_recorded_ = std::max(env_.clock->now(), last_recorded_);
  placed_end_ = log_.active().end;
  placed_frame_ = log_.active().last_frame;
  ByteView frames;
  for (Commit* commit : group) {
    auto receipts = admit(*commit);
    if (!receipts || std::ranges::all_of(*receipts, &Receipt::duplicate)) {
      commit->result = std::move(receipts);
      continue;
    }
    DAYBOOK_CHECK(place(*commit, *std::move(receipts), placed_end_));
    const ByteView frame = commit->batch->frame;
    placed_frame_ = placed_end_;
    placed_end_ += frame.size();
    placed_last_ = frame;
    frames = frame;
    if (group.size() == 1) break;
    buffer_.insert(buffer_.end(), frame.begin(), frame.end());
    frames = buffer_;
  }
  grow_tree(group.size());
  return frames;
}

// Hashes what was placed, and appends the leaves in order. Where many batches came
// together, their producers need the other processors.
void Writer::grow_tree(std::size_t batches) {
  leaves_.resize(envelopes_.size());
  const auto hash = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) leaves_[i] = leaf_hash(envelopes_[i]);
  };
  if (batches == 1) {
    in_parallel(envelopes_.size(), hash);
  } else {
    hash(0, envelopes_.size());
  }
  for (const Digest& leaf : leaves_) log_.active().peaks.append(leaf);
}

// Takes in what others have written, and holds the active segment when it is
// done: the file `lock` may have been removed under its holder, but nobody writes
// into a segment without the segment's own lock.
Result<void> Writer::begin() {
  DAYBOOK_CHECK(check_place());
  if (segment_file_) DAYBOOK_CHECK(wait_for(*segment_file_));
  while (true) {
    DAYBOOK_CHECK(catch_up());
    if (log_.active().sealed) DAYBOOK_CHECK(go_on_after_seal());
    if (segment_ == log_.active().index.first_seq()) break;
    DAYBOOK_CHECK(open_active());
  }
  return take_over_order();
}

// The last writer has noted how far it wrote. When the log seems to end before
// that, it is damaged there, and what stands behind must not be written over.
Result<void> Writer::catch_up() {
  if (auto read = log_.refresh_locked(); !read) {
    return read.error().code == Errc::Corruption ? give_up(read.error())
                                                 : fail(std::move(read).error());
  }
  DAYBOOK_TRY(note, read_hint(*lock_file_));
  const SegmentState& active = log_.active();
  if (!note || note->to.segment != active.index.first_seq() || note->to.end <= active.end) {
    return {};
  }
  DAYBOOK_CHECK(forget_placed());
  // It may also come from before a power cut. Then flushes must not go by it.
  return write_hint(*lock_file_, {.to = written_to()});
}

// Somebody has sealed the segment and gone no further: we do. Where a flush of
// theirs failed, it takes an open to find out what is on the disk.
Result<void> Writer::go_on_after_seal() {
  {
    const FlushTurn flushing(*this);
    DAYBOOK_CHECK(wait_for(*tail_file_));
    DAYBOOK_TRY(tail, read_hint(*tail_file_));
    if (tail && tail->flush_failed) return give_up(failed_elsewhere(paths_.root));
    DAYBOOK_CHECK(finish_seal());
  }
  return start_next_segment();
}

// Opens and holds the active segment, when it is another than before.
Result<void> Writer::open_active() {
  const SegmentIndex& index = log_.active().index;
  if (segment_ == index.first_seq()) return {};
  DAYBOOK_TRY(file, env_.files->open(paths_.segment(index.first_seq()), OpenMode::ReadWrite));
  DAYBOOK_CHECK(wait_for(*file));
  DAYBOOK_TRY(size, file->size());
  DAYBOOK_TRY(id, file->id());
  // Its maker may have died before its name was durable.
  if (index.empty()) DAYBOOK_CHECK(env_.files->sync_directory(paths_.log));
  if (segment_file_) segment_file_->unlock();
  const std::lock_guard lock(segment_mutex_);
  segment_file_ = std::move(file);
  segment_ = index.first_seq();
  segment_id_ = id;
  file_bytes_ = size;
  last_part_ = {};
  return {};
}

// Times and ids go on from the last event.
Result<void> Writer::take_over_order() {
  const SegmentIndex& index = log_.active().index;
  if (!index.empty()) {
    last_recorded_ = index.last_recorded();
    ulids_.set_last(index.last_id());
  } else if (const auto all = log_.segments_locked(); all.size() > 1) {
    DAYBOOK_TRY(previous, log_.sealed(all[all.size() - 2]));
    last_recorded_ = previous->header().last_recorded;
    ulids_.set_last(previous->header().last_id);
  }
  return {};
}

Result<std::vector<Receipt>> Writer::admit(const Commit& commit) {
  PreparedBatch& batch = *commit.batch;
  std::vector<Receipt> receipts(batch.events.size());
  if (batch.has_keys) {
    DAYBOOK_TRY(found, find_duplicates(batch));
    receipts = std::move(found);
    // A batch that is there already meets every expectation it once met.
    if (std::ranges::all_of(receipts, &Receipt::duplicate)) return receipts;
  }
  DAYBOOK_CHECK(check_expected(*commit.options));
  if (batch.has_causes) DAYBOOK_CHECK(check_causes(batch));
  return receipts;
}

Result<void> Writer::place(Commit& commit, std::vector<Receipt> receipts, std::uint64_t at) {
  PreparedBatch& batch = *commit.batch;
  if (batch.has_keys) batch.drop(receipts);
  const Seq first = log_.active().index.last_seq().next();
  std::uint32_t placed = 0;
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    if (receipts[i].duplicate) continue;
    DAYBOOK_CHECK(place_event(batch, batch.events[i], receipts, receipts[i], at));
    ++placed;
  }
  batch.resolve_repeats(receipts);
  encode_frame_header(
      {.type = format::FrameType::Events,
       .body_bytes = static_cast<std::uint32_t>(batch.frame.size() - format::kFrameHeaderBytes),
       .records = placed,
       .seq = first,
       .durable = log_.active().durable},
      batch.frame.data());
  commit.result = std::move(receipts);
  return {};
}

Result<std::vector<Receipt>> Writer::find_duplicates(PreparedBatch& batch) {
  std::vector<Receipt> receipts(batch.events.size());
  std::unordered_map<std::string, std::size_t> in_batch;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    DAYBOOK_TRY(event, batch.view(i));
    if (event.key.empty()) continue;
    std::string name = fmt::format("{}{}{}", event.stream, '\0', event.key);
    if (const auto known = group_keys_.find(name); known != group_keys_.end()) {
      receipts[i] = known->second;
      receipts[i].duplicate = true;
    } else if (const auto [first, fresh] = in_batch.emplace(std::move(name), i); !fresh) {
      batch.events[i].repeats = static_cast<std::uint32_t>(first->second);
      receipts[i].duplicate = true;
    } else {
      DAYBOOK_TRY(found, log_.find_key_locked(event.stream, event.key));
      if (found)
        receipts[i] = Receipt{found->seq, found->id, found->version, found->recorded, true};
    }
  }
  return receipts;
}

Result<void> Writer::check_expected(const AppendOptions& options) {
  for (const ExpectedVersion& expected : options.expected) {
    DAYBOOK_TRY(part, stream_part(expected.stream));
    DAYBOOK_CHECK(log_.check_version_known_locked(expected.stream, part->hidden));
    if (part->last != expected.version) {
      return fail(Errc::Conflict,
                  fmt::format("stream {} is at version {}, not {}", expected.stream,
                              part->last.value, expected.version.value),
                  "read what was appended since and decide again");
    }
  }
  return {};
}

Result<void> Writer::check_causes(PreparedBatch& batch) {
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    DAYBOOK_TRY(event, batch.view(i));
    // The last ones are of this batch and not yet filled in.
    const std::size_t outside = event.causes.size() - batch.events[i].batch_causes.size();
    for (const EventId& cause : event.causes.first(outside)) {
      DAYBOOK_TRY(exists, known(cause));
      if (!exists) {
        return fail(Errc::NotFound,
                    fmt::format("the cause {} is not in the ledger", to_string(cause)),
                    "append the cause first, or leave it out");
      }
    }
  }
  return {};
}

Result<bool> Writer::known(const EventId& id) {
  if (std::ranges::binary_search(recent_, id)) return true;
  const auto found = log_.find_locked(id);
  if (found) return true;
  // An event that is there but damaged is still a cause.
  if (found.error().code == Errc::NotFound) return false;
  if (found.error().code == Errc::Corruption) return true;
  return fail(found.error());
}

// A stream's entry, with where it ends, also when the active segment has no
// event of it.
Result<StreamPart*> Writer::stream_part(std::string_view stream) {
  if (last_part_.second != nullptr && last_part_.first == stream) return last_part_.second;
  StreamPart& part = log_.active().index.part(stream);
  if (part.last.value == 0 || log_.active().unreadable_after(Seq{}) > 0) {
    DAYBOOK_TRY(end, log_.stream_end_locked(stream));
    part.last = end.last;
    part.hidden = end.hidden;
  }
  last_part_.first.assign(stream);
  last_part_.second = &part;
  return &part;
}

Result<void> Writer::place_event(PreparedBatch& batch, const PreparedEvent& event,
                                 std::span<const Receipt> before, Receipt& receipt,
                                 std::uint64_t frame) {
  std::uint8_t* envelope = event.envelope(batch.frame);
  const ByteView bytes{envelope, event.envelope_bytes};
  EventView view;
  DAYBOOK_CHECK(decode_envelope(bytes, view));
  DAYBOOK_TRY(part, stream_part(view.stream));
  SegmentState& active = log_.active();

  receipt = Receipt{active.index.last_seq().next(), ulids_.next(last_recorded_),
                    Version{part->last.value + part->hidden + 1}, last_recorded_};
  patch_envelope(envelope, {receipt.seq, receipt.version, receipt.recorded, receipt.id});
  const std::size_t outside = view.causes.size() - event.batch_causes.size();
  for (std::size_t i = 0; i < event.batch_causes.size(); ++i) {
    const std::uint32_t cause = batch.origin_of(event.batch_causes[i]);
    patch_cause(envelope, outside + i, before[cause].id);
  }
  seal_record(batch.frame.data() + event.record, event.envelope_bytes, event.data_bytes,
              event.data_crc);
  envelopes_.push_back(bytes);

  view.seq = receipt.seq;
  view.version = receipt.version;
  view.recorded = receipt.recorded;
  view.id = receipt.id;
  active.index.add(view, frame + event.record, frame, *part);
  if (!view.key.empty()) {
    group_keys_.emplace(fmt::format("{}{}{}", view.stream, '\0', view.key), receipt);
  }
  constexpr std::size_t kRecent = 8192;
  if (recent_.size() == kRecent) recent_.erase(recent_.begin(), recent_.begin() + kRecent / 2);
  recent_.push_back(receipt.id);
  return {};
}

LogPlace Writer::written_to() const {
  const SegmentState& active = log_.active();
  return {active.index.first_seq(), active.end, active.index.last_seq().next()};
}

Result<void> Writer::publish(ByteView bytes, Place place) {
  auto done = write_unseen(bytes, place);
  if (done) done = show(bytes.first(kHeadBytes));
  if (!done) {
    if (able_) discard_unseen();
    return done;
  }
  file_bytes_ = std::max(file_bytes_, log_.active().end + bytes.size());
  return {};
}

// Everything but the head. As long as that is zero, the log ends before it.
Result<void> Writer::write_unseen(ByteView bytes, Place place) {
  const std::uint64_t end = log_.active().end;
  if (place == Place::Within) {
    DAYBOOK_CHECK(clear_behind(end + bytes.size()));
    DAYBOOK_CHECK(zero_ahead(bytes.size()));
  }
  DAYBOOK_CHECK(segment_file_->write_at(end + kHeadBytes, bytes.subspan(kHeadBytes)));
  if (place == Place::Last) return segment_file_->truncate(end + bytes.size());
  return {};
}

// A write that fails may have happened all the same: then it is seen, and counts.
Result<void> Writer::show(ByteView head) {
  const std::uint64_t end = log_.active().end;
  auto shown = segment_file_->write_at(end, head);
  if (shown) return {};
  std::array<std::uint8_t, kHeadBytes> there{};
  const auto got = segment_file_->read_at(end, there);
  if (!got) return give_up(shown.error());
  if (*got == there.size() && std::ranges::equal(there, head)) return {};
  return shown;
}

// A writer that died may have left frames that nobody has seen. One that came to
// stand right behind ours would be taken for good.
Result<void> Writer::clear_behind(std::uint64_t new_end) {
  std::array<std::uint8_t, kHeadBytes> next{};
  DAYBOOK_TRY(got, segment_file_->read_at(new_end, next));
  if (all_zero(ByteView(next).first(got))) return {};
  DAYBOOK_CHECK(segment_file_->truncate(log_.active().end));
  file_bytes_ = log_.active().end;
  return {};
}

Result<void> Writer::zero_ahead(std::uint64_t needed) {
  const std::uint64_t end = log_.active().end;
  if (end + needed <= file_bytes_) return {};
  DAYBOOK_TRY(size, segment_file_->size());  // another process may have grown it
  file_bytes_ = size;
  if (end + needed <= file_bytes_ || needed >= kLargeWrite) return {};
  const std::uint64_t from = std::max(file_bytes_, end);
  const std::uint64_t to = end + needed + options_.zero_ahead_bytes;
  auto zeroed = write_zeros(*segment_file_, from, to);
  if (zeroed) {
    file_bytes_ = to;
    return {};
  }
  // Perhaps the frame itself still fits.
  if (zeroed.error().code == Errc::NoSpace) return segment_file_->truncate(from);
  return zeroed;
}

// Gives back the space of a write that failed. When that fails too, what is left
// is a torn tail that the next write or the next open clears.
void Writer::discard_unseen() {
  static_cast<void>(segment_file_->truncate(log_.active().end));
  file_bytes_ = log_.active().end;
}

void Writer::leave_note() {
  // Without the note others flush a little too often; nothing depends on it.
  static_cast<void>(write_hint(*lock_file_, {.to = written_to()}));
}

// --- Durability --------------------------------------------------------------

bool Writer::is_durable(const std::optional<Hint>& hint, const LogPlace& written) {
  return hint && !hint->flush_failed &&
         (hint->to.segment > written.segment ||
          (hint->to.segment == written.segment && hint->to.end >= written.end));
}

Result<Writer::Flushing> Writer::wait_for_flush_lock(const LogPlace& written) {
  std::uint64_t pause = kPollMinMicros;
  const std::uint64_t start = env_.clock->monotonic_micros();
  while (true) {
    DAYBOOK_TRY(taken, tail_file_->try_lock());
    if (taken) return Flushing::Mine;
    DAYBOOK_TRY(tail, read_hint(*tail_file_));
    if (is_durable(tail, written)) return Flushing::DoneByOther;
    if (env_.clock->monotonic_micros() - start > std::uint64_t{options_.lock_timeout_ms} * 1000) {
      return fail(Errc::Busy,
                  fmt::format("{}: another process has been flushing for {} ms", paths_.root,
                              options_.lock_timeout_ms),
                  "the events are written but not known to be durable; see whether the disk hangs");
    }
    env_.clock->sleep_micros(pause);
    pause = std::min(pause + kPollMinMicros, kPollMaxMicros);
  }
}

Result<void> Writer::make_durable(const LogPlace& written) {
  std::shared_ptr<File> file;
  {
    const std::lock_guard lock(segment_mutex_);
    if (segment_ == written.segment) file = segment_file_;
  }
  // A segment left behind was flushed as a whole when it was sealed.
  if (!file) return check_able();
  DAYBOOK_TRY(end, flush(*file, written));
  const std::unique_lock state(log_.mutex());
  SegmentState& active = log_.active();
  if (active.index.first_seq() == written.segment) {
    active.durable = std::max(active.durable, std::min(end, active.end));
  }
  return {};
}

Result<void> Writer::flush_active() {
  DAYBOOK_TRY(end, flush(*segment_file_, written_to()));
  log_.active().durable = std::min(end, log_.active().end);
  return {};
}

Result<std::uint64_t> Writer::flush(File& file, const LogPlace& written) {
  const FlushTurn turn(*this);
  DAYBOOK_CHECK(check_able());  // a flush we have waited for may have failed
  DAYBOOK_TRY(flushing, wait_for_flush_lock(written));
  if (flushing == Flushing::DoneByOther) return written.end;
  return flush_locked(file, written);
}

Result<void> Writer::sync_segment(File& file, Seq segment) {
  auto flushed = file.sync();
  if (flushed) return {};
  const auto tail = read_hint(*tail_file_);
  const bool here = tail && *tail && (*tail)->to.segment == segment;
  // Where even this cannot be written, others learn of it from their own flush.
  static_cast<void>(write_hint(
      *tail_file_,
      {.flush_failed = true,
       .to = here ? (*tail)->to : LogPlace{segment, format::kSegmentHeaderBytes, segment}}));
  return give_up(flushed.error());
}

Result<std::uint64_t> Writer::flush_locked(File& file, const LogPlace& written) {
  DAYBOOK_TRY(tail, read_hint(*tail_file_));
  if (tail && tail->flush_failed) return give_up(failed_elsewhere(paths_.root));
  if (is_durable(tail, written)) return written.end;
  // Others may have written behind us: one flush for all of it.
  Hint durable{.to = written};
  DAYBOOK_TRY(note, read_hint(*lock_file_));
  if (note && note->to.segment == written.segment && note->to.end > written.end) {
    durable.to = note->to;
  }
  DAYBOOK_CHECK(sync_segment(file, written.segment));
  // Without the hint others flush once too often.
  static_cast<void>(write_hint(*tail_file_, durable));
  return durable.to.end;
}

// --- Checkpoints -------------------------------------------------------------

bool Writer::has_unsigned_events() const {
  if (withheld_) return false;
  const std::shared_lock state(log_.mutex());
  const SegmentState& active = log_.active();
  return active.peaks.size() > std::max(active.checkpoint_size, active.index.first_seq().value - 1);
}

bool Writer::checkpoint_due() const {
  if (withheld_) return false;
  const std::shared_lock state(log_.mutex());
  const SegmentState& active = log_.active();
  const std::uint64_t unsigned_events =
      active.peaks.size() - std::max(active.checkpoint_size, active.index.first_seq().value - 1);
  if (unsigned_events == 0) return false;
  const std::int64_t waited = env_.clock->now().micros - last_signed_.micros;
  // A key that cannot be read is not looked for again at every append.
  return (unsigned_events >= options_.checkpoint_events && !key_failed_) ||
         waited >= std::int64_t{options_.checkpoint_seconds} * 1'000'000;
}

Result<void> Writer::may_sign() const {
  if (!withheld_) return {};
  return fail(Errc::Conflict,
              fmt::format("{}: nothing is signed, as it is not the ledger it was", paths_.root),
              "`daybook verify` says what is different and how to accept it");
}

Result<Writer::Signed> Writer::sign_checkpoint(std::string_view extension) {
  DAYBOOK_CHECK(may_sign());
  DAYBOOK_TRY(turn, take_turn());
  const std::unique_lock state(log_.mutex());
  DAYBOOK_CHECK(begin());
  SegmentState& active = log_.active();
  std::string note = active.checkpoint;
  if (note.empty() || active.checkpoint_size != active.peaks.size() || !extension.empty()) {
    DAYBOOK_TRY(written, write_checkpoint(extension));
    note = std::move(written);
  }
  DAYBOOK_TRY(checkpoint, parse_checkpoint(note));
  return Signed{std::move(checkpoint), written_to()};
}

Result<void> Writer::can_sign() {
  const std::unique_lock state(log_.mutex());
  return load_key();
}

Result<void> Writer::load_key() {
  if (seed_) return {};
  auto seed = read_signing_key(*env_.files, paths_.key, identity_.key);
  key_failed_ = !seed;
  if (!seed) {
    last_signed_ = env_.clock->now();
    return fail(std::move(seed).error());
  }
  seed_ = *seed;
  return {};
}

Result<std::string> Writer::write_checkpoint(std::string_view extension) {
  DAYBOOK_CHECK(load_key());
  SegmentState& active = log_.active();
  DAYBOOK_TRY(note,
              daybook::sign_checkpoint(identity_.origin, active.peaks.head(), *seed_, extension));
  const Bytes frame =
      control_frame(format::FrameType::Checkpoint, encode_checkpoint_record({active.peaks, note}),
                    active.index.last_seq().next(), active.durable);
  DAYBOOK_CHECK(publish(frame));
  active.advance(active.end + frame.size(), active.end, frame);
  active.checkpoint = note;
  active.checkpoint_size = active.peaks.size();
  last_signed_ = env_.clock->now();
  leave_note();
  return note;
}

}  // namespace daybook
