// SPDX-License-Identifier: Apache-2.0
#include "ledger/backup_target.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "ledger/scanner.h"

namespace daybook {
namespace {

constexpr std::string_view kIdentityName = "LEDGER";

// What tells one directory from another, by whatever name it was reached: the file LEDGER.
std::optional<FileStamp> identity_of(FileSystem& files, const std::string& directory) {
  const auto entries = files.list(directory);
  if (!entries) return std::nullopt;
  const auto found = std::ranges::find(*entries, kIdentityName, &DirectoryEntry::name);
  if (found == entries->end()) return std::nullopt;
  return found->stamp;
}

bool lies_in(FileSystem& files, const std::string& path, const std::string& ledger) {
  const auto identity = identity_of(files, ledger);
  if (!identity) return false;
  for (std::string at = path;; at = parent_of(at)) {
    if (identity_of(files, at) == identity) return true;
    if (parent_of(at) == at) return false;
  }
}

// What a ledger's directory consists of, and what a kill may leave of its small files.
bool belongs_to_a_ledger(const DirectoryEntry& entry) {
  static constexpr std::array<std::string_view, 4> kDirectories = {"log", "blobs", "keys", "views"};
  if (entry.is_directory) return std::ranges::find(kDirectories, entry.name) != kDirectories.end();
  return entry.name == "lock" || entry.name == "tail" || entry.name.starts_with("tail.tmp-") ||
         entry.name.starts_with("LEDGER.tmp-");
}

std::unexpected<Error> not_of_this_history(const std::string& path, std::string_view what) {
  return fail(Errc::AlreadyExists, fmt::format("{}: {}", path, what),
              "what is there was left as it is; back up to another directory");
}

// A segment of the target and that of the ledger, which has the same name.
class Pair {
 public:
  Pair(const CutSegment& cut, const File& source, const File& copy, std::string path)
      : cut_(cut), source_(source), copy_(copy), path_(std::move(path)) {}

  // Whether the copy is to be made again. Errors as segments_to_copy.
  Result<bool> is_behind(bool last_of_target) {
    DAYBOOK_TRY(same_header, same_bytes(0, format::kSegmentHeaderBytes));
    if (!same_header)
      return not_of_this_history(path_, "its header is not that of the ledger's segment");
    DAYBOOK_TRY(bytes, copy_.size());
    const auto seal = find_seal(copy_, path_);
    if (seal && cut_.whole && bytes == cut_.bytes) {
      DAYBOOK_TRY(same_seal, same_bytes(seal->frame, bytes - seal->frame));
      if (same_seal) return false;
    }
    if (seal || !last_of_target) {
      return not_of_this_history(path_, "sealed otherwise than in the ledger, or damaged");
    }
    return is_prefix();
  }

 private:
  Result<bool> same_bytes(std::uint64_t from, std::uint64_t count) {
    constexpr std::uint64_t kChunk = 1u << 20;
    Bytes a(kChunk);
    Bytes b(kChunk);
    for (std::uint64_t at = from; at < from + count; at += kChunk) {
      const std::uint64_t part = std::min(kChunk, from + count - at);
      DAYBOOK_TRY(in_source, source_.read_at(at, std::span(a).first(part)));
      DAYBOOK_TRY(in_copy, copy_.read_at(at, std::span(b).first(part)));
      if (in_source != in_copy ||
          !std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(in_source), b.begin())) {
        return false;
      }
    }
    return true;
  }

  // The unsealed copy of an earlier backup: its tree must be one that this segment had.
  Result<bool> is_prefix() {
    DAYBOOK_TRY(written, end_of_bytes(copy_, format::kSegmentHeaderBytes));
    DAYBOOK_TRY(copy, read_segment(copy_, written, cut_.header));
    if (std::max(written, copy.end) > cut_.bytes) {
      return not_of_this_history(
          path_,
          fmt::format("it holds events up to #{}, more than the ledger has now: the ledger "
                      "has lost its end or was put back, or something else was appended here",
                      copy.peaks.size()));
    }
    // A damaged copy has nothing to lose, and no tree to compare.
    if (!copy.lost.empty()) return true;
    DAYBOOK_CHECK(check_undamaged(copy.end));
    DAYBOOK_TRY(source, read_segment(source_, copy.end, cut_.header));
    if (!(source == copy)) return not_of_this_history(path_, "events of another history");
    DAYBOOK_TRY(bytes, copy_.size());
    return copy.end < cut_.bytes || bytes != cut_.bytes;
  }

  // What the copy has good must not be written over by what is damaged by now.
  Result<void> check_undamaged(std::uint64_t end) {
    std::vector<LostRange> lost = cut_.reading.lost;
    if (cut_.whole) {
      DAYBOOK_TRY(source, read_segment(source_, cut_.bytes, cut_.header));
      lost = std::move(source.lost);
    }
    if (lost.empty() || lost.front().offset >= end) return {};
    return fail(Errc::Corruption,
                fmt::format("{} has been damaged since the last backup, at byte {}",
                            lost.front().file, lost.front().offset),
                "the backup is good there and was left as it was; `daybook restore-ledger` takes "
                "the ledger back from it");
  }

  const CutSegment& cut_;
  const File& source_;
  const File& copy_;
  std::string path_;
};

Result<void> check_identity(FileSystem& files, const BackupCut& cut, const LedgerPaths& target) {
  DAYBOOK_TRY(there, files.exists(target.identity));
  if (!there) return {};
  DAYBOOK_TRY(identity, read_identity(files, target.identity));
  if (identity.ledger_id != cut.identity.ledger_id) {
    return not_of_this_history(
        target.root, fmt::format("this is the ledger {}, not {}", to_string(identity.ledger_id),
                                 to_string(cut.identity.ledger_id)));
  }
  if (to_string(identity.key) != to_string(cut.identity.key)) {
    return not_of_this_history(target.root, "the same ledger, signed by another key");
  }
  return {};
}

Result<std::vector<Seq>> segments_in(FileSystem& files, const LedgerPaths& target) {
  std::vector<Seq> segments;
  DAYBOOK_TRY(there, files.exists(target.log));
  if (!there) return segments;
  DAYBOOK_TRY(entries, files.list(target.log));
  for (const DirectoryEntry& entry : entries) {
    if (const auto first = parse_segment_name(entry.name)) segments.push_back(*first);
  }
  return segments;
}

}  // namespace

Result<TargetKind> look_at_target(FileSystem& files, const LedgerPaths& ledger,
                                  const LedgerPaths& target) {
  if (lies_in(files, target.root, ledger.root)) {
    return fail(Errc::InvalidArgument,
                fmt::format("{} lies in the ledger {} itself", target.root, ledger.root),
                "name a directory elsewhere, best on another disk");
  }
  DAYBOOK_TRY(there, files.exists(target.root));
  if (!there) return TargetKind::Nothing;
  DAYBOOK_TRY(entries, files.list(target.root));
  if (entries.empty()) return TargetKind::Nothing;
  for (const DirectoryEntry& entry : entries) {
    if (entry.name == kIdentityName) return TargetKind::Ledger;
  }
  for (const DirectoryEntry& entry : entries) {
    if (belongs_to_a_ledger(entry)) continue;
    return fail(Errc::AlreadyExists,
                fmt::format("{}: there is something else, {}", target.root, entry.name),
                "name a missing or an empty directory");
  }
  return TargetKind::HalfMade;
}

Result<std::vector<const CutSegment*>> segments_to_copy(FileSystem& files, const BackupCut& cut,
                                                        const LedgerPaths& ledger,
                                                        const LedgerPaths& target) {
  DAYBOOK_CHECK(check_identity(files, cut, target));
  DAYBOOK_TRY(have, segments_in(files, target));
  for (const Seq first : have) {
    const auto found = std::ranges::find(cut.segments, first, &CutSegment::first);
    if (found != cut.segments.end()) continue;
    return not_of_this_history(target.segment(first), "the ledger has no such segment now");
  }
  std::vector<const CutSegment*> wanted;
  for (const CutSegment& segment : cut.segments) {
    if (std::ranges::find(have, segment.first) == have.end()) {
      wanted.push_back(&segment);
      continue;
    }
    DAYBOOK_TRY(source, files.open(ledger.segment(segment.first), OpenMode::Read));
    DAYBOOK_TRY(copy, files.open(target.segment(segment.first), OpenMode::Read));
    Pair pair(segment, *source, *copy, target.segment(segment.first));
    DAYBOOK_TRY(behind, pair.is_behind(segment.first == have.back()));
    if (behind) wanted.push_back(&segment);
  }
  return wanted;
}

}  // namespace daybook
