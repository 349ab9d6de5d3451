// SPDX-License-Identifier: Apache-2.0
#include "ledger/writer.h"

#include <algorithm>

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

std::unexpected<Error> broken() {
  return fail(Errc::Io, "an earlier write or flush of this ledger failed",
              "open the ledger again: it rechecks what reached the disk");
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const Environment& env, const LedgerPaths& paths,
                                             const Identity& identity, const LedgerOptions& options,
                                             Log& log, std::vector<std::string>& repairs) {
  std::unique_ptr<Writer> writer(new Writer(env, paths, identity, options, log));
  DAYBOOK_TRY(lock_file, env.files->open(paths.lock, OpenMode::Create));
  DAYBOOK_TRY(tail_file, env.files->open(paths.tail, OpenMode::Create));
  writer->lock_file_ = std::move(lock_file);
  writer->tail_file_ = std::move(tail_file);
  writer->last_signed_ = env.clock->now();
  DAYBOOK_CHECK(writer->repair(repairs));
  return writer;
}

Result<void> Writer::wait_for_write_lock() {
  const std::uint64_t start = env_.clock->monotonic_micros();
  std::uint64_t pause = kPollMinMicros;
  while (true) {
    DAYBOOK_TRY(taken, lock_file_->try_lock());
    if (taken) return {};
    if (env_.clock->monotonic_micros() - start > std::uint64_t{options_.lock_timeout_ms} * 1000) {
      return fail(Errc::Busy,
                  fmt::format("{}: another process has held the write lock for {} ms", paths_.root,
                              options_.lock_timeout_ms),
                  "find it with `fuser` on the file `lock`, or try again");
    }
    env_.clock->sleep_micros(pause);
    pause = std::min(pause * 2, kPollMaxMicros);
  }
}

// --- Placing and writing ---------------------------------------------------

Result<WrittenTo> Writer::commit(std::span<Commit* const> group) {
  if (broken_) return broken();
  DAYBOOK_CHECK(wait_for_write_lock());
  const std::unique_lock state(log_.mutex());
  auto written = commit_locked(group);
  lock_file_->unlock();
  return written;
}

Result<WrittenTo> Writer::commit_locked(std::span<Commit* const> group) {
  DAYBOOK_CHECK(begin());
  std::uint64_t bytes = 0;
  for (const Commit* commit : group) bytes += commit->batch->frame.size();
  if (log_.active().end + bytes > options_.segment_bytes && !log_.active().index.empty()) {
    DAYBOOK_CHECK(roll());
  }
  const auto put = [&]() -> Result<void> {
    DAYBOOK_TRY(frames, place_all(group));
    return frames.empty() ? Result<void>{} : write(frames);
  };
  if (auto done = put(); !done) {
    take_back();
    DAYBOOK_CHECK(log_.reload_locked());
    return fail(std::move(done).error());
  }
  log_.active().advance(placed_end_, placed_frame_);
  leave_note();
  return written_to();
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

Result<void> Writer::begin() {
  DAYBOOK_CHECK(log_.refresh_locked());
  if (log_.active().sealed) {
    DAYBOOK_CHECK(finish_seal());
    DAYBOOK_CHECK(start_next_segment());
  }
  return open_active();
}

Result<void> Writer::open_active() {
  const SegmentIndex& index = log_.active().index;
  if (segment_ != index.first_seq()) {
    DAYBOOK_TRY(file, env_.files->open(paths_.segment(index.first_seq()), OpenMode::ReadWrite));
    DAYBOOK_TRY(size, file->size());
    segment_file_ = std::move(file);
    segment_ = index.first_seq();
    file_bytes_ = size;
    last_part_ = {};
  }
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

// A stream's entry, its version brought over from sealed segments when the
// active one does not know it.
Result<StreamPart*> Writer::stream_part(std::string_view stream) {
  if (last_part_.second != nullptr && last_part_.first == stream) return last_part_.second;
  StreamPart& part = log_.active().index.part(stream);
  if (part.last.value == 0) {
    DAYBOOK_TRY(version, log_.sealed_version(stream));
    part.last = version;
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

  receipt = Receipt{active.index.last_seq().next(), ulids_.next(last_recorded_), part->last.next(),
                    last_recorded_};
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

WrittenTo Writer::written_to() const {
  const SegmentState& active = log_.active();
  return {active.index.first_seq(), active.end, active.index.last_seq().next()};
}

Result<void> Writer::write(ByteView bytes) {
  DAYBOOK_CHECK(zero_ahead(bytes.size()));
  DAYBOOK_CHECK(segment_file_->write_at(log_.active().end, bytes));
  file_bytes_ = std::max(file_bytes_, log_.active().end + bytes.size());
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

// After a failed write: nothing behind the end may stay that looks like frames.
void Writer::take_back() {
  if (!segment_file_->truncate(log_.active().end)) broken_ = true;
  file_bytes_ = log_.active().end;
  last_part_ = {};
  recent_.clear();
}

void Writer::leave_note() {
  const WrittenTo written = written_to();
  // Without the note others flush a little too often; nothing depends on it.
  static_cast<void>(write_hint(*lock_file_, {.flush_failed = false,
                                             .segment = written.segment,
                                             .end = written.end,
                                             .next = written.next}));
}

// --- Durability --------------------------------------------------------------

bool Writer::is_durable(const std::optional<Hint>& hint, const WrittenTo& written) const {
  return hint && !hint->flush_failed &&
         (hint->segment > written.segment ||
          (hint->segment == written.segment && hint->end >= written.end));
}

Result<Writer::Turn> Writer::wait_for_flush_lock(const WrittenTo& written) {
  std::uint64_t pause = kPollMinMicros;
  const std::uint64_t start = env_.clock->monotonic_micros();
  while (true) {
    DAYBOOK_TRY(taken, tail_file_->try_lock());
    if (taken) return Turn::Mine;
    if (is_durable(read_hint(*tail_file_), written)) return Turn::DoneByOther;
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

Result<void> Writer::make_durable(const WrittenTo& written) {
  if (broken_) return broken();
  const std::lock_guard guard(flush_mutex_);
  DAYBOOK_TRY(turn, wait_for_flush_lock(written));
  if (turn == Turn::DoneByOther) return {};
  const auto release = [&](Result<void> result) {
    tail_file_->unlock();
    return result;
  };
  const std::optional<Hint> tail = read_hint(*tail_file_);
  if (tail && tail->flush_failed) {
    broken_ = true;
    return release(broken());
  }
  if (is_durable(tail, written)) return release({});

  // Others may have written behind us: one flush for all of it.
  Hint durable{
      .flush_failed = false, .segment = written.segment, .end = written.end, .next = written.next};
  if (const auto note = read_hint(*lock_file_);
      note && note->segment == written.segment && note->end > written.end) {
    durable.end = note->end;
    durable.next = note->next;
  }
  std::shared_ptr<File> file;
  {
    const std::shared_lock state(log_.mutex());
    // A segment left behind was flushed as a whole when it was sealed.
    if (segment_ == written.segment) file = segment_file_;
  }
  if (!file) return release({});
  if (auto flushed = file->sync(); !flushed) {
    broken_ = true;
    durable.flush_failed = true;
    durable.end =
        tail && tail->segment == written.segment ? tail->end : format::kSegmentHeaderBytes;
    durable.next = tail && tail->segment == written.segment ? tail->next : written.segment;
    static_cast<void>(write_hint(*tail_file_, durable));
    return release(fail(std::move(flushed).error()));
  }
  static_cast<void>(write_hint(*tail_file_, durable));
  {
    const std::unique_lock state(log_.mutex());
    SegmentState& active = log_.active();
    if (active.index.first_seq() == written.segment) {
      active.durable = std::max(active.durable, std::min(durable.end, active.end));
    }
  }
  return release({});
}

// --- Checkpoints -------------------------------------------------------------

bool Writer::has_unsigned_events() const {
  const std::shared_lock state(log_.mutex());
  const SegmentState& active = log_.active();
  return active.peaks.size() > std::max(active.checkpoint_size, active.index.first_seq().value - 1);
}

bool Writer::checkpoint_due() const {
  std::uint64_t unsigned_events = 0;
  {
    const std::shared_lock state(log_.mutex());
    const SegmentState& active = log_.active();
    unsigned_events =
        active.peaks.size() - std::max(active.checkpoint_size, active.index.first_seq().value - 1);
  }
  if (unsigned_events == 0) return false;
  const std::int64_t waited = env_.clock->now().micros - last_signed_.micros;
  return unsigned_events >= options_.checkpoint_events ||
         waited >= std::int64_t{options_.checkpoint_seconds} * 1'000'000;
}

Result<Writer::Signed> Writer::sign_checkpoint() {
  if (broken_) return broken();
  DAYBOOK_CHECK(wait_for_write_lock());
  const std::unique_lock state(log_.mutex());
  const auto sign = [&]() -> Result<Signed> {
    DAYBOOK_CHECK(begin());
    SegmentState& active = log_.active();
    std::string note = active.checkpoint;
    if (note.empty() || active.checkpoint_size != active.peaks.size()) {
      DAYBOOK_TRY(written, write_checkpoint());
      note = std::move(written);
    }
    DAYBOOK_TRY(checkpoint, parse_checkpoint(note));
    return Signed{std::move(checkpoint), written_to()};
  };
  auto made = sign();
  lock_file_->unlock();
  return made;
}

Result<std::string> Writer::write_checkpoint() {
  if (!seed_) {
    DAYBOOK_TRY(seed, read_seed(*env_.files, paths_.key));
    seed_ = seed;
  }
  SegmentState& active = log_.active();
  DAYBOOK_TRY(note, daybook::sign_checkpoint(identity_.origin, active.peaks.head(), *seed_));
  const Bytes frame =
      control_frame(format::FrameType::Checkpoint, encode_checkpoint_record({active.peaks, note}),
                    active.index.last_seq().next(), active.durable);
  if (auto wrote = write(frame); !wrote) {
    take_back();
    return fail(std::move(wrote).error());
  }
  active.advance(active.end + frame.size(), active.end);
  active.checkpoint = note;
  active.checkpoint_size = active.peaks.size();
  last_signed_ = env_.clock->now();
  leave_note();
  return note;
}

}  // namespace daybook
