// SPDX-License-Identifier: Apache-2.0
//
// The Writer's work on whole segments: repair at open, sealing, starting the
// next one.
#include <algorithm>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "ledger/control.h"
#include "ledger/seal.h"
#include "ledger/writer.h"

namespace daybook {
namespace {

Bytes seal_trailer(std::uint64_t frame) {
  Bytes trailer(format::kSealTrailerBytes);
  store(trailer.data(), format::kSealMagic);
  store(trailer.data() + 8, frame);
  return trailer;
}

// Made under another name and renamed: a segment exists with its header or not
// at all.
Result<void> create_segment(Environment& env, const LedgerPaths& paths, const SegmentHeader& header,
                            std::uint32_t zero_bytes) {
  const std::string path = paths.segment(header.first_seq);
  const std::string temporary = path + ".new";
  const auto make = [&]() -> Result<void> {
    DAYBOOK_TRY(file, env.files->open(temporary, OpenMode::Create));
    DAYBOOK_CHECK(file->truncate(0));
    const Bytes bytes = encode_segment_header(header);
    DAYBOOK_CHECK(file->write_at(0, bytes));
    if (zero_bytes > 0) {
      DAYBOOK_CHECK(write_zeros(*file, bytes.size(), bytes.size() + zero_bytes));
    }
    return file->sync();
  };
  auto made = make();
  if (made) made = env.files->rename(temporary, path);
  if (!made) {
    static_cast<void>(env.files->remove(temporary));  // the disk may be full
    return made;
  }
  return env.files->sync_directory(paths.log);
}

// Whether a key that could not be loaded for this reason will not be there in a moment.
bool is_lasting(Errc code) {
  return code == Errc::NotFound || code == Errc::PermissionDenied || code == Errc::Corruption;
}

}  // namespace

Result<void> Writer::create_first_segment(Environment& env, const LedgerPaths& paths,
                                          const Identity& identity) {
  const SegmentHeader header{.ledger_id = identity.ledger_id,
                             .key = identity.key,
                             .first_seq = kFirstSeq,
                             .created = identity.created,
                             .peaks = {}};
  return create_segment(env, paths, header, 0);
}

Result<bool> Writer::needs_repair(const std::optional<Hint>& tail) const {
  const SegmentState& active = log_.active();
  DAYBOOK_TRY(whole_seal, has_seal(log_.active_file(), paths_.segment(active.index.first_seq())));
  const bool half_sealed = active.sealed && !whole_seal;
  return active.torn_bytes > 0 || active.durable < active.end || half_sealed || active.hint_ahead ||
         (tail && tail->flush_failed);
}

Result<void> Writer::repair(std::vector<std::string>& repairs) {
  DAYBOOK_TRY(tail, read_hint(*tail_file_));
  DAYBOOK_TRY(needed, needs_repair(tail));
  if (!needed) return {};
  DAYBOOK_TRY(turn, take_turn());
  const std::unique_lock state(log_.mutex());
  // As in begin(): what is judged is read while the segment itself is held.
  while (true) {
    DAYBOOK_CHECK(log_.reload_locked());
    if (log_.active().sealed || segment_ == log_.active().index.first_seq()) break;
    DAYBOOK_CHECK(open_active());
  }
  const FlushTurn flushing(*this);
  DAYBOOK_CHECK(wait_for(*tail_file_));
  if (log_.active().sealed) {
    DAYBOOK_CHECK(finish_seal());
  } else {
    DAYBOOK_CHECK(cut_torn_tail(repairs));
    DAYBOOK_CHECK(rewrite_unpromised(repairs));
  }
  return settle_hint(repairs);
}

// From here on the hint says what is true: everything that is there is durable.
Result<void> Writer::settle_hint(std::vector<std::string>& repairs) {
  SegmentState& active = log_.active();
  if (active.hint_ahead) {
    repairs.push_back(fmt::format(
        "the log ends with event #{}, and the hint `tail` knows of events up to #{}: this is a "
        "copy made while the ledger was written, or a restored one, or its end was cut off",
        active.index.last_seq().value, active.hint_ahead->next.value - 1));
    active.hint_ahead.reset();
  }
  leave_note();
  return write_hint(*tail_file_, {.to = written_to()});
}

Result<void> Writer::cut_torn_tail(std::vector<std::string>& repairs) {
  SegmentState& active = log_.active();
  if (active.torn_bytes == 0) return {};
  DAYBOOK_CHECK(write_zeros(*segment_file_, active.end, active.end + active.torn_bytes));
  DAYBOOK_CHECK(sync_segment(*segment_file_, segment_));
  repairs.push_back(fmt::format(
      "cut a torn tail of {} bytes at offset {} of log/{}: a write that was never acknowledged",
      active.torn_bytes, active.end, segment_name(segment_)));
  active.torn_bytes = 0;
  return {};
}

// Frames nobody was promised may be in the cache and not on the disk, even
// after a flush that failed: written again, they are flushed for certain.
Result<void> Writer::rewrite_unpromised(std::vector<std::string>& repairs) {
  SegmentState& active = log_.active();
  DAYBOOK_TRY(tail, read_hint(*tail_file_));
  const bool failed = tail && tail->flush_failed;
  const std::uint64_t from = failed && tail->to.segment == segment_
                                 ? std::min(tail->to.end, active.durable)
                                 : active.durable;
  DAYBOOK_CHECK(write_again(*segment_file_, paths_.segment(segment_), from, active.end));
  DAYBOOK_CHECK(sync_segment(*segment_file_, segment_));
  if (failed) {
    repairs.push_back(fmt::format("wrote {} bytes of log/{} again after a failed flush",
                                  active.end - from, segment_name(segment_)));
  }
  active.durable = active.end;
  return {};
}

Result<void> Writer::roll() {
  std::string note = log_.active().checkpoint;
  std::uint64_t signed_size = log_.active().checkpoint_size;
  // Without the key the segment is sealed as it is: appends go on, and the next
  // checkpoint, in whatever segment, signs its events as well.
  const bool is_signed = !note.empty() && signed_size == log_.active().peaks.size();
  if (!is_signed && !withheld_) {
    const auto key = load_key();
    // A disk that fails now may give the key in a moment.
    if (!key && !is_lasting(key.error().code)) return key;
    if (key) {
      DAYBOOK_TRY(written, write_checkpoint());
      note = std::move(written);
      signed_size = log_.active().peaks.size();
    }
  }
  DAYBOOK_CHECK(write_seal());
  DAYBOOK_CHECK(start_next_segment());
  DAYBOOK_CHECK(open_active());
  log_.active().checkpoint = std::move(note);
  log_.active().checkpoint_size = signed_size;
  leave_note();
  return {};
}

Result<void> Writer::write_seal() {
  SegmentState& active = log_.active();
  DAYBOOK_TRY(body, build_seal(active.index, active.peaks,
                               [&](std::string_view stream, std::uint64_t hash) -> Result<Seq> {
                                 const StreamPart* part = active.index.find(stream);
                                 if (part != nullptr && part->first == Version{1}) return Seq{};
                                 return log_.previous_segment_locked(stream, hash);
                               }));
  Bytes bytes =
      control_frame(format::FrameType::Seal, body, active.index.last_seq().next(), active.durable);
  const std::uint64_t frame = active.end;
  const std::uint64_t frame_bytes = bytes.size();
  const Bytes trailer = seal_trailer(frame);
  bytes.insert(bytes.end(), trailer.begin(), trailer.end());
  // A seal on the disk says that everything before it is there as well.
  DAYBOOK_CHECK(flush_active());
  DAYBOOK_CHECK(publish(bytes, Place::Last));
  active.advance(frame + frame_bytes, frame, bytes);
  active.sealed = true;
  // Others may have seen it by now: when this fails, it stays, and whoever opens
  // the ledger next finishes it.
  DAYBOOK_CHECK(flush_active());
  return env_.files->set_read_only(paths_.segment(segment_), true);
}

// While no segment follows, the seal may be torn, without its trailer, with
// zeros behind it, or only in the cache: it is written again.
Result<void> Writer::finish_seal() {
  const SegmentState& active = log_.active();
  DAYBOOK_CHECK(check_place());
  const std::string path = paths_.segment(active.index.first_seq());
  DAYBOOK_CHECK(env_.files->set_read_only(path, false));
  DAYBOOK_TRY(file, env_.files->open(path, OpenMode::ReadWrite));
  DAYBOOK_CHECK(write_again(*file, path, std::min(active.durable, active.last_frame), active.end));
  DAYBOOK_CHECK(file->write_at(active.end, seal_trailer(active.last_frame)));
  DAYBOOK_CHECK(file->truncate(active.end + format::kSealTrailerBytes));
  DAYBOOK_CHECK(sync_segment(*file, active.index.first_seq()));
  return env_.files->set_read_only(path, true);
}

Result<void> Writer::start_next_segment() {
  const SegmentState& active = log_.active();
  const SegmentHeader header{.ledger_id = identity_.ledger_id,
                             .key = identity_.key,
                             .first_seq = active.index.last_seq().next(),
                             .created = env_.clock->now(),
                             .peaks = active.peaks};
  DAYBOOK_TRY(exists, env_.files->exists(paths_.segment(header.first_seq)));
  if (!exists) {
    DAYBOOK_CHECK(check_place());
    DAYBOOK_CHECK(create_segment(env_, paths_, header, options_.zero_ahead_bytes));
  }
  DAYBOOK_TRY(moved, log_.next_segment_locked());
  if (!moved) {
    return fail(Errc::Internal, fmt::format("{}: the next segment was not found", paths_.log),
                "open the ledger again");
  }
  return {};
}

}  // namespace daybook
