// SPDX-License-Identifier: Apache-2.0
#include "ledger/checkpoints.h"

#include <algorithm>

#include "ledger/control.h"
#include "ledger/format.h"
#include "ledger/scanner.h"

namespace daybook {
namespace {

std::optional<CheckpointRecord> checkpoint_in(const FrameView& frame) {
  if (frame.header.type != format::FrameType::Checkpoint) return std::nullopt;
  auto record = decode_checkpoint_record(frame.records.front().envelope);
  if (!record) return std::nullopt;
  return *std::move(record);
}

// The last note from `from` to the end of the segment.
Result<std::string> last_note(const File& file, std::uint64_t from) {
  FrameScanner scanner(file, from, kEverything);
  std::string note;
  while (true) {
    DAYBOOK_TRY(kind, scanner.next());
    if (kind == FrameScanner::Kind::End) return note;
    if (kind != FrameScanner::Kind::Frame) continue;
    if (auto record = checkpoint_in(scanner.frame())) note = std::move(record->note);
  }
}

// The note over `size` leaves between `from` and the event after them.
struct Found {
  std::string note;
  bool passed = false;  // the log has gone on to later events
};
Result<Found> note_before_next(const File& file, std::uint64_t from, std::uint64_t trusted_end,
                               std::uint64_t size) {
  FrameScanner scanner(file, from, trusted_end);
  while (true) {
    DAYBOOK_TRY(kind, scanner.next());
    if (kind == FrameScanner::Kind::End) return Found{};
    if (kind != FrameScanner::Kind::Frame) continue;
    const FrameView& frame = scanner.frame();
    auto record = checkpoint_in(frame);
    if (record && record->peaks.size() == size) return Found{std::move(record->note), true};
    const bool later =
        frame.header.type == format::FrameType::Events && frame.header.seq.value > size;
    if (later) return Found{.note = {}, .passed = true};
  }
}

}  // namespace

Result<std::string> newest_sealed_checkpoint(Log& log) {
  const std::vector<Seq> segments = log.segments();
  for (std::size_t i = segments.size() - 1; i-- > 0;) {
    DAYBOOK_TRY(offsets, log.offsets(segments[i]));
    DAYBOOK_TRY(file, log.open_segment(segments[i]));
    const std::uint64_t start = format::kSegmentHeaderBytes;
    const std::uint64_t near_end = offsets.entries.empty() ? start : offsets.entries.back().frame;
    DAYBOOK_TRY(note, last_note(*file, near_end));
    if (note.empty() && near_end > start) {
      DAYBOOK_TRY(earlier, last_note(*file, start));
      note = std::move(earlier);
    }
    if (!note.empty()) return note;
  }
  return std::string();
}

Result<std::string> checkpoint_of(Log& log, std::uint64_t size) {
  const std::vector<Seq> segments = log.segments();
  const auto after = std::ranges::upper_bound(segments, Seq{size});
  if (after == segments.begin()) return std::string();
  DAYBOOK_TRY(place, log.locate(*std::prev(after), Seq{size}));
  std::uint64_t from = std::max<std::uint64_t>(place.frame, format::kSegmentHeaderBytes);
  // At the end of a segment it may have been signed only after the seal.
  for (auto segment = std::prev(after); segment != segments.end(); ++segment) {
    DAYBOOK_TRY(file, log.open_segment(*segment));
    DAYBOOK_TRY(found, note_before_next(*file, from, log.trusted_end(*segment), size));
    if (found.passed) return std::move(found.note);
    from = format::kSegmentHeaderBytes;
  }
  return std::string();
}

}  // namespace daybook
