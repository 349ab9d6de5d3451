// SPDX-License-Identifier: Apache-2.0
#include "ledger/backup_cut.h"

#include <fmt/format.h>

#include "base/fs/files.h"
#include "ledger/hint.h"

namespace daybook {
namespace {

constexpr std::uint64_t kMaxIdentityBytes = 64 * 1024;

// How far the log reads now.
struct LogEnd {
  Seq segment;
  Seq last;
  std::uint64_t end = 0;
  std::uint64_t durable = 0;  // as far as it was read
  bool sealed = false;
};

LogEnd end_of(const Log& log) {
  const std::shared_lock lock(log.mutex());
  const SegmentState& active = log.active();
  return {active.index.first_seq(), active.index.last_seq(), active.end, active.durable,
          active.sealed};
}

// How far its own frames say that a segment was durable.
Result<std::uint64_t> durable_by_frames(const File& file, std::uint64_t end) {
  std::uint64_t durable = format::kSegmentHeaderBytes;
  FrameScanner scanner(file, format::kSegmentHeaderBytes, end);
  while (true) {
    DAYBOOK_TRY(kind, scanner.next());
    if (kind == FrameScanner::Kind::End || scanner.offset() >= end) return durable;
    if (kind == FrameScanner::Kind::Frame) {
      durable = std::max(durable, scanner.frame().header.durable);
    }
  }
}

// Up to where the last segment was promised to anybody. A frame behind that is seen, but were
// it lost with the power, its seq would be given to another event, and the copy be of a
// history that never was.
Result<std::uint64_t> durable_end(const Environment& env, const LedgerPaths& paths,
                                  const LedgerPaths& earlier, const File& file, const LogEnd& end) {
  std::optional<Hint> hint;
  if (const auto tail = env.files->open(paths.tail, OpenMode::Read)) {
    DAYBOOK_TRY(read, read_hint(**tail));
    hint = read;
  }
  std::uint64_t durable = end.durable;
  if (hint && hint->to.segment == end.segment) {
    durable = std::max(durable, hint->to.end);
  } else if (durable < end.end) {
    // The log was perhaps opened without reading all of its frames.
    DAYBOOK_TRY(told, durable_by_frames(file, end.end));
    durable = std::max(durable, told);
  }
  if (const auto copy = env.files->open(earlier.segment(end.segment), OpenMode::Read)) {
    DAYBOOK_TRY(copied, end_of_bytes(**copy, format::kSegmentHeaderBytes));
    durable = std::max(durable, copied);
  }
  return std::min(durable, end.end);
}

Result<CutSegment> cut_whole(Log& log, CutSegment segment) {
  DAYBOOK_TRY(sealed, log.sealed(segment.first));
  DAYBOOK_TRY(size, sealed->file().size());
  segment.bytes = size;
  segment.whole = true;
  segment.reading.peaks = sealed->header().peaks;
  segment.reading.sealed = true;
  segment.reading.lost = sealed->lost();
  return segment;
}

Result<CutSegment> cut_last(const Environment& env, const LedgerPaths& paths, Log& log,
                            const LedgerPaths* earlier, CutSegment segment, const File& file,
                            const LogEnd& end) {
  if (end.sealed && find_seal(file, paths.segment(segment.first))) {
    return cut_whole(log, std::move(segment));
  }
  std::uint64_t bytes = end.end;
  if (earlier != nullptr) {
    DAYBOOK_TRY(durable, durable_end(env, paths, *earlier, file, end));
    bytes = durable;
  }
  // By its frames, from the first on: the log may have been opened by a snapshot, which knows
  // of no damage, or believe a note that promises more than the file holds.
  DAYBOOK_TRY(reading, read_segment(file, bytes, segment.header));
  segment.reading = std::move(reading);
  DAYBOOK_TRY(size, file.size());
  segment.bytes = std::min(segment.reading.end, size);
  return segment;
}

}  // namespace

Result<BackupCut> cut_ledger(const Environment& env, const LedgerPaths& paths,
                             const LedgerPaths* earlier) {
  BackupCut cut;
  DAYBOOK_TRY(identity, read_identity(*env.files, paths.identity));
  cut.identity = std::move(identity);
  DAYBOOK_TRY(identity_file, read_file(*env.files, paths.identity, kMaxIdentityBytes));
  cut.identity_file = std::move(identity_file);
  DAYBOOK_TRY(log, Log::open(env, paths, cut.identity.ledger_id));
  DAYBOOK_CHECK(log->refresh());
  const LogEnd end = end_of(*log);
  Peaks before;
  for (const Seq first : log->segments()) {
    const std::string path = paths.segment(first);
    DAYBOOK_TRY(file, env.files->open(path, OpenMode::Read));
    CutSegment segment;
    segment.first = first;
    auto header = header_or_rebuilt(*file, path, cut.identity.ledger_id, first, before);
    if (!header) return fail(std::move(header).error());
    segment.header = *std::move(header);
    // After a loss the tree is only guessed, and the next header says what it was.
    const bool sure = cut.segments.empty() || cut.segments.back().reading.lost.empty();
    if (sure && !(segment.header.peaks == before)) {
      return fail(Errc::Corruption,
                  fmt::format("{}: the segment does not continue the tree before it", path),
                  "run `daybook verify`: a backup would not be of what was written");
    }
    auto done = first == end.segment
                    ? cut_last(env, paths, *log, earlier, std::move(segment), *file, end)
                    : cut_whole(*log, std::move(segment));
    if (!done) return fail(std::move(done).error());
    before = done->reading.peaks;
    cut.segments.push_back(*std::move(done));
  }
  cut.pending = end.last.value - std::min(end.last.value, cut.head().size);
  return cut;
}

}  // namespace daybook
