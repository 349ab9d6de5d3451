// SPDX-License-Identifier: Apache-2.0
#include "index/view_file.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "index/state.h"

namespace daybook::views {
namespace {

constexpr std::uint64_t kSwapWaitMs = 2'000;     // swaps take microseconds
constexpr std::uint64_t kBuildWaitMs = 120'000;  // a build takes seconds a million events
constexpr int kBusyMs = 1'000;

// What a lasting view needs: NORMAL keeps it consistent after a power cut, and
// what is lost of its end is read from the log again. A page set free is written
// too, so that every page of the file has its checksum.
constexpr std::string_view kSettings =
    "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA secure_delete = ON; "
    "PRAGMA journal_size_limit = 67108864;";

bool is_ruined(Errc code) { return code == Errc::NotFound || code == Errc::Corruption; }

}  // namespace

std::string ViewFile::path() const { return fmt::format("{}/{}", directory_, file_name(view_)); }

Result<void> ViewFile::open() {
  if (db_ && db_->moved()) {
    close();
    condemned_ = false;
  }
  if (condemned_) return fail(Errc::Corruption, fmt::format("{} is damaged", path()));
  if (db_) return {};
  // Where no lock can be taken nobody can swap either.
  const auto lock = swap_lock();
  DAYBOOK_TRY(exists, env_.files->exists(path()));
  if (!exists) return fail(Errc::NotFound, fmt::format("there is no {}", path()));

  auto opened = open_as(Database::Mode::ReadWrite);
  if (!opened && !is_ruined(opened.error().code)) opened = open_as(Database::Mode::ReadOnly);
  // Without its log the file alone may be half of the truth.
  const bool alone = size_of(fmt::format("{}-wal", file_name(view_))) == 0;
  if (!opened && !is_ruined(opened.error().code) && alone) {
    opened = open_as(Database::Mode::Immutable);
  }
  return opened;
}

Result<void> ViewFile::open_as(Database::Mode mode) {
  DAYBOOK_TRY(db, Database::open(path(), mode, Database::Pages::Checked));
  db.set_busy_timeout(kBusyMs);
  DAYBOOK_CHECK(check(db));
  db_ = std::move(db);
  return {};
}

// Also reads, so that SQLite has opened all of its files when the lock goes.
Result<void> ViewFile::check(Database& db) {
  DAYBOOK_CHECK(db.run(std::string(kSettings)));
  DAYBOOK_TRY(application, db.number("PRAGMA application_id"));
  DAYBOOK_TRY(version, db.number("PRAGMA user_version"));
  if (application != kApplicationId || version != kSchemaVersion) {
    return fail(Errc::Corruption, fmt::format("{} is not of this version", path()));
  }
  // SQLite reads the missing part of a cut last page as zeros.
  DAYBOOK_TRY(page, db.number("PRAGMA page_size"));
  const auto page_bytes = static_cast<std::uint64_t>(page.value_or(1));
  if (size_of(std::string(file_name(view_))) % page_bytes != 0) {
    return fail(Errc::Corruption, fmt::format("{} is cut off", path()));
  }
  DAYBOOK_CHECK(read_state(db, view_));
  return {};
}

Result<std::string> ViewFile::create_beside() {
  std::array<std::uint8_t, 8> unique{};
  env_.entropy->fill(unique);
  std::string beside = fmt::format("{}.new-{}", path(), to_hex(unique));
  // Made here and not by SQLite, which would let others read it.
  DAYBOOK_CHECK(env_.files->open(beside, OpenMode::CreateNew));
  return beside;
}

void ViewFile::remove_leftovers() {
  const auto entries = env_.files->list(directory_);
  if (!entries) return;
  const std::string prefix = fmt::format("{}.new-", file_name(view_));
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.starts_with(prefix)) continue;
    static_cast<void>(env_.files->remove(fmt::format("{}/{}", directory_, entry.name)));
  }
}

Result<FileLock> ViewFile::swap_lock() const {
  return FileLock::take(env_, directory_ + "/lock", kSwapWaitMs);
}

Result<FileLock> ViewFile::build_lock() {
  return FileLock::take(env_, fmt::format("{}.build-lock", path()), kBuildWaitMs);
}

// The database first: without it, what is left of a crash here means nothing.
Result<void> ViewFile::remove_names() {
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    const auto removed = env_.files->remove(path().append(suffix));
    if (!removed && removed.error().code != Errc::NotFound) return removed;
  }
  return {};
}

Result<void> ViewFile::replace_with(const std::string& built) {
  DAYBOOK_TRY(file, env_.files->open(built, OpenMode::ReadWrite));
  DAYBOOK_CHECK(file->sync());
  file.reset();
  close();
  DAYBOOK_TRY(lock, swap_lock());
  DAYBOOK_CHECK(remove_names());
  DAYBOOK_CHECK(env_.files->rename(built, path()));
  condemned_ = false;
  return {};
}

Result<void> ViewFile::remove() {
  close();
  DAYBOOK_TRY(lock, swap_lock());
  condemned_ = false;
  return remove_names();
}

std::uint64_t ViewFile::size_of(const std::string& name) const {
  const auto entries = env_.files->list(directory_);
  if (!entries) return 0;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name == name) return entry.stamp.size;
  }
  return 0;
}

std::uint64_t ViewFile::bytes() const {
  std::uint64_t bytes = 0;
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    bytes += size_of(std::string(file_name(view_)).append(suffix));
  }
  return bytes;
}

}  // namespace daybook::views
