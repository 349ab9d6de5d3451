// SPDX-License-Identifier: Apache-2.0
//
// Copying a ledger. The order is what makes every moment consistent: blobs before the
// segments that name them, segments from the oldest on, then `tail`, and for a new copy
// LEDGER at the very end. Every file is written under another name, flushed, read back and
// renamed. Frames are never added to a file in place: they say how far the log was durable
// in the ledger, and a power cut would leave them standing over what did not arrive.
#include "daybook/backup.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/sha256.h"
#include "base/text.h"
#include "blob/blob_store.h"
#include "blob/compress.h"
#include "ledger/backup_target.h"
#include "ledger/hint.h"
#include "ledger/note.h"
#include "ledger/occupancy.h"

namespace daybook {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::uint64_t kMaxKeyBytes = 64 * 1024;
constexpr std::string_view kTemporary = ".tmp-copy";

enum class Purpose : std::uint8_t { Backup, Restore };

std::unexpected<Error> not_as_written(const std::string& path) {
  return fail(Errc::Corruption, fmt::format("{} does not read back as it was copied", path),
              "the disk or the memory is failing: try again, or use another disk");
}

class Copying {
 public:
  Copying(const std::string& from, const std::string& to, const BackupOptions& options,
          const Environment& env, Purpose purpose)
      : env_(env), from_(from), to_(to), options_(options), purpose_(purpose) {}

  Result<BackupReport> run() {
    DAYBOOK_CHECK(begin());
    DAYBOOK_CHECK(make_directories(*env_.files, to_.root));
    DAYBOOK_TRY(lock, FileLock::take(env_, to_.lock, 0));
    DAYBOOK_TRY(segments, segments_to_copy(*env_.files, cut_, from_, to_));
    DAYBOOK_TRY(blobs, blobs_to_copy());
    for (const CutSegment* segment : segments) total_ += segment->bytes;
    for (const BlobStore::Entry& blob : blobs) total_ += blob.stored_bytes;

    for (const std::string& directory : {to_.log, to_.keys, to_.views}) {
      DAYBOOK_CHECK(env_.files->make_directory(directory));
    }
    DAYBOOK_CHECK(env_.files->sync_directory(to_.root));
    for (const BlobStore::Entry& blob : blobs) DAYBOOK_CHECK(copy_blob(blob));
    if (!segments.empty()) DAYBOOK_CHECK(keep_blob_names());
    for (const CutSegment* segment : segments) DAYBOOK_CHECK(copy_segment(*segment));
    // Also when nothing was copied: who did it may have been killed before this.
    DAYBOOK_CHECK(env_.files->sync_directory(to_.log));
    DAYBOOK_CHECK(write_tail());
    if (copy_key_) DAYBOOK_CHECK(copy_key());
    DAYBOOK_CHECK(check_head());
    DAYBOOK_CHECK(write_ledger_file());
    DAYBOOK_CHECK(env_.files->sync_directory(to_.root));
    if (options_.check == BackupOptions::Check::Everything) DAYBOOK_CHECK(verify());
    return finish();
  }

 private:
  // Whether it can be done at all, before anything is made.
  Result<void> begin() {
    DAYBOOK_TRY(target, look_at_target(*env_.files, from_, to_));
    auto cut = cut_ledger(env_, from_, purpose_ == Purpose::Backup ? &to_ : nullptr);
    if (!cut) return fail(explained(std::move(cut).error()));
    cut_ = *std::move(cut);
    if (purpose_ == Purpose::Restore && target == TargetKind::Ledger) {
      return fail(Errc::AlreadyExists, fmt::format("{}: there is a ledger already", to_.root),
                  "restore into a missing or an empty directory");
    }
    DAYBOOK_TRY(has_key, env_.files->exists(from_.key));
    const bool asked = purpose_ == Purpose::Backup && options_.key == BackupOptions::Key::Copy;
    if (asked && !has_key) {
      return fail(Errc::NotFound, fmt::format("{}: there is no signing key to copy", from_.key),
                  "leave the key out");
    }
    copy_key_ = asked || (purpose_ == Purpose::Restore && has_key);
    return copy_key_ ? check_key() : Result<void>{};
  }

  [[nodiscard]] Error explained(Error error) const {
    const auto identity = env_.files->exists(from_.identity);
    if (error.code != Errc::NotFound || !identity || *identity) return error;
    const auto occupancy = examine(*env_.files, from_);
    if (!occupancy) return occupancy.error();
    error = no_identity(*occupancy, from_);
    if (occupancy->kind == Occupancy::Kind::Headless) {
      error.hint = "an unfinished backup has no file LEDGER: run the backup again to finish it";
    }
    return error;
  }

  // --- Files -----------------------------------------------------------------

  // A file that a killed run may have left is made anew.
  Result<std::unique_ptr<File>> fresh_file(const std::string& path) {
    DAYBOOK_TRY(there, env_.files->exists(path));
    if (there) DAYBOOK_CHECK(env_.files->remove(path));
    return env_.files->open(path, OpenMode::CreateNew);
  }

  // `fill` writes a new file, which then takes the place of `path`; not flushed by name.
  template <class Fill>
  Result<void> put(const std::string& path, Fill fill) {
    const std::string temporary = path + std::string(kTemporary);
    const auto work = [&]() -> Result<void> {
      DAYBOOK_TRY(file, fresh_file(temporary));
      DAYBOOK_CHECK(fill(*file, temporary));
      file.reset();
      return env_.files->rename(temporary, path);
    };
    auto done = work();
    // The first error is the one to tell; a file that stays is made anew next time.
    if (!done) static_cast<void>(env_.files->remove(temporary));
    return done;
  }

  void advance(std::uint64_t bytes) {
    done_ += bytes;
    report_.bytes_copied += bytes;
    if (options_.progress) options_.progress(done_, total_);
  }

  // --- Blobs -----------------------------------------------------------------

  // Listed after the cut: a blob is stored before the event that names it.
  Result<std::vector<BlobStore::Entry>> blobs_to_copy() {
    DAYBOOK_TRY(source, BlobStore(env_, from_.blobs).list());
    DAYBOOK_TRY(copy, BlobStore(env_, to_.blobs).list());
    std::vector<BlobStore::Entry> wanted;
    for (const BlobStore::Entry& blob : source.blobs) {
      const auto found =
          std::ranges::lower_bound(copy.blobs, blob.digest, {}, &BlobStore::Entry::digest);
      const bool there = found != copy.blobs.end() && found->digest == blob.digest;
      if (!there || found->stored_bytes != blob.stored_bytes) wanted.push_back(blob);
    }
    return wanted;
  }

  Result<void> copy_blob(const BlobStore::Entry& blob) {
    const std::string from = BlobStore(env_, from_.blobs).path_of(blob.digest);
    const std::string to = BlobStore(env_, to_.blobs).path_of(blob.digest);
    DAYBOOK_TRY(frame, good_blob(from, blob.digest));
    if (frame.empty()) {
      report_.unreadable_blobs.push_back(to_string(blob.digest));
      return {};
    }
    DAYBOOK_CHECK(env_.files->make_directory(to_.blobs));
    DAYBOOK_CHECK(env_.files->make_directory(parent_of(to)));
    const auto fill = [&](File& file, const std::string& path) -> Result<void> {
      DAYBOOK_CHECK(file.write_at(0, frame));
      DAYBOOK_CHECK(file.sync());
      DAYBOOK_TRY(back, read_exactly(file, path, 0, frame.size()));
      return back == frame ? Result<void>{} : not_as_written(path);
    };
    DAYBOOK_CHECK(put(to, fill));
    ++report_.blobs_copied;
    ++report_.files_copied;
    advance(frame.size());
    return {};
  }

  // The stored bytes of a blob; empty when they are not what its name says.
  Result<Bytes> good_blob(const std::string& path, const Digest& digest) {
    auto frame = read_file(*env_.files, path, max_compressed_bytes(kMaxDataBytes));
    if (!frame && frame.error().code != Errc::LimitExceeded) return frame;
    const auto bytes = frame ? decompress(*frame, kMaxDataBytes) : frame;
    if (!bytes || sha256(*bytes) != digest) return Bytes{};
    return frame;
  }

  // Before a segment may name them. A killed run may have left names as well.
  Result<void> keep_blob_names() {
    DAYBOOK_TRY(there, env_.files->exists(to_.blobs));
    if (!there) return {};
    DAYBOOK_TRY(entries, env_.files->list(to_.blobs));
    for (const DirectoryEntry& entry : entries) {
      if (entry.is_directory) {
        DAYBOOK_CHECK(env_.files->sync_directory(to_.blobs + "/" + entry.name));
      }
    }
    DAYBOOK_CHECK(env_.files->sync_directory(to_.blobs));
    return env_.files->sync_directory(to_.root);
  }

  // --- Segments ---------------------------------------------------------------

  Result<void> copy_segment(const CutSegment& segment) {
    DAYBOOK_TRY(source, env_.files->open(from_.segment(segment.first), OpenMode::Read));
    const auto fill = [&](File& copy, const std::string& path) -> Result<void> {
      DAYBOOK_CHECK(copy_bytes(*source, segment, copy));
      DAYBOOK_CHECK(copy.sync());
      DAYBOOK_CHECK(check_copy(segment, *source, copy, path));
      return segment.whole ? env_.files->set_read_only(path, true) : Result<void>{};
    };
    DAYBOOK_CHECK(put(to_.segment(segment.first), fill));
    ++report_.files_copied;
    // One after the other, so that a power cut leaves a prefix.
    return env_.files->sync_directory(to_.log);
  }

  Result<void> copy_bytes(const File& source, const CutSegment& segment, File& copy) {
    for (std::uint64_t at = 0; at < segment.bytes;) {
      const auto part =
          static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, segment.bytes - at));
      DAYBOOK_TRY(bytes, read_exactly(source, from_.segment(segment.first), at, part));
      DAYBOOK_CHECK(copy.write_at(at, bytes));
      at += part;
      advance(part);
    }
    return {};
  }

  // The copy must read as the ledger does. Of a whole segment the seal tells how that is;
  // only when they disagree is the ledger's read as well, to tell which of the two is bad.
  Result<void> check_copy(const CutSegment& segment, const File& source, const File& copy,
                          const std::string& path) {
    DAYBOOK_TRY(reading, read_segment(copy, segment.bytes, segment.header));
    const bool good = segment.whole
                          ? reading.lost.empty() && reading.sealed &&
                                reading.peaks == segment.reading.peaks && find_seal(copy, path)
                          : reading == segment.reading;
    if (good && reading.lost.empty()) return {};
    DAYBOOK_TRY(original, read_segment(source, segment.bytes, segment.header));
    if (!(reading == original)) return not_as_written(path);
    // Of the last segment it is told also when nothing had to be copied.
    if (segment.whole) std::ranges::move(original.lost, std::back_inserter(report_.lost));
    return {};
  }

  // --- What stands beside them -------------------------------------------------

  Result<void> write_tail() {
    const CutSegment& last = cut_.last();
    const Hint hint{.to = {.segment = last.first,
                           .end = last.whole ? last.bytes - format::kSealTrailerBytes : last.bytes,
                           .next = Seq{cut_.head().size + 1}},
                    .at_home = true};
    if (const auto tail = env_.files->open(to_.tail, OpenMode::Read)) {
      DAYBOOK_TRY(old, read_hint(**tail));
      if (old == hint) return {};
    }
    return put(to_.tail, [&](File& file, const std::string&) -> Result<void> {
      DAYBOOK_CHECK(write_hint(file, hint));
      return file.sync();
    });
  }

  Result<void> check_key() {
    DAYBOOK_CHECK(read_signing_key(*env_.files, from_.key, cut_.identity.key));
    return {};
  }

  Result<void> copy_key() {
    DAYBOOK_TRY(there, env_.files->exists(to_.key));
    DAYBOOK_TRY(bytes, read_file(*env_.files, from_.key, kMaxKeyBytes));
    if (there) {
      const auto old = read_file(*env_.files, to_.key, kMaxKeyBytes);
      if (old && *old == bytes) return {};
      return fail(Errc::AlreadyExists, fmt::format("{}: there is another key", to_.key),
                  "look what it is; Daybook writes over no key");
    }
    DAYBOOK_CHECK(replace_file(env_, to_.key, bytes));
    ++report_.files_copied;
    return {};
  }

  // As anybody opens it: the whole must be what its parts were checked to be.
  Result<void> check_head() {
    DAYBOOK_TRY(log, Log::open(env_, to_, cut_.identity.ledger_id));
    const std::shared_lock lock(log->mutex());
    if (log->active().peaks.head() != cut_.head()) return not_as_written(to_.root);
    return {};
  }

  Result<void> write_ledger_file() {
    DAYBOOK_TRY(there, env_.files->exists(to_.identity));
    if (there) return {};
    DAYBOOK_CHECK(env_.files->sync_directory(parent_of(to_.root)));
    ++report_.files_copied;
    return replace_file(env_, to_.identity, cut_.identity_file);
  }

  Result<void> verify() {
    DAYBOOK_TRY(ledger, Ledger::open(to_.root, {.access = Access::ReadOnly}, env_));
    VerifyOptions options;
    options.progress = options_.progress;
    DAYBOOK_TRY(checked, ledger.verify(options));
    for (Finding& finding : checked.findings) {
      if (finding.severity == Severity::Damage) report_.findings.push_back(std::move(finding));
    }
    return {};
  }

  Result<BackupReport> finish() {
    report_.path = to_.root;
    report_.ledger_id = to_string(cut_.identity.ledger_id);
    report_.head = cut_.head();
    report_.pending = cut_.pending;
    report_.segments = cut_.segments.size();
    if (!cut_.last().whole) {
      std::ranges::copy(cut_.last().reading.lost, std::back_inserter(report_.lost));
    }
    DAYBOOK_TRY(has_key, env_.files->exists(to_.key));
    report_.has_key = has_key;
    return std::move(report_);
  }

  Environment env_;
  LedgerPaths from_;
  LedgerPaths to_;
  const BackupOptions& options_;
  Purpose purpose_;
  BackupCut cut_;
  bool copy_key_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  BackupReport report_;
};

}  // namespace

Result<BackupReport> back_up(const std::string& ledger, const std::string& destination,
                             const BackupOptions& options, Environment env) {
  return Copying(ledger, destination, options, env, Purpose::Backup).run();
}

Result<BackupReport> restore_ledger(const std::string& source, const std::string& destination,
                                    const BackupOptions& options, Environment env) {
  return Copying(source, destination, options, env, Purpose::Restore).run();
}

}  // namespace daybook
