// SPDX-License-Identifier: Apache-2.0
//
// One derived database file under views/: opened, judged, replaced.
//
// A file is replaced by one built beside it and renamed over it. SQLite keeps
// the newest changes of `index.db` in `index.db-wal`, found by name: a new file
// with the old log beside it would be ruined. So whoever opens a file or swaps
// one in holds views/lock for that moment, the names go in an order that a crash
// cannot turn into a mixture, and who has the old file open keeps it, complete,
// until the next question notices that it has moved.
//
// Never opens the live file by other means than SQLite: closing any other
// handle on it would drop the locks this process holds.
// Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/fs/file_lock.h"
#include "index/schema.h"
#include "index/sqlite.h"

namespace daybook::views {

class ViewFile {
 public:
  ViewFile(std::string directory, View view, Environment env)
      : directory_(std::move(directory)), view_(view), env_(env) {}

  [[nodiscard]] View view() const { return view_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string path() const;

  // Makes sure that what stands under the name now is open. Errors: NotFound
  // (no file), Corruption (damaged, condemned, or of another version: build a new
  // one), else why it cannot be read.
  [[nodiscard]] Result<void> open();
  void close() { db_.reset(); }
  // Of an open file.
  [[nodiscard]] Database& db() { return *db_; }
  [[nodiscard]] bool read_only() { return db_->read_only(); }

  // This very file is damaged: open() refuses it until it is replaced.
  void condemn() { condemned_ = true; }

  // A new empty file beside, mode 0600, and its path.
  [[nodiscard]] Result<std::string> create_beside();
  // Removes what interrupted builds left behind. Hold build_lock().
  void remove_leftovers();
  [[nodiscard]] Result<FileLock> build_lock();
  // Swaps a closed, complete database in.
  [[nodiscard]] Result<void> replace_with(const std::string& built);
  [[nodiscard]] Result<void> remove();

  // On disk, with SQLite's own files beside it.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] Result<void> open_as(Database::Mode mode);
  [[nodiscard]] Result<void> check(Database& db);
  [[nodiscard]] Result<FileLock> swap_lock() const;
  [[nodiscard]] Result<void> remove_names();
  [[nodiscard]] std::uint64_t size_of(const std::string& name) const;

  std::string directory_;
  View view_;
  Environment env_;
  std::optional<Database> db_;
  bool condemned_ = false;
};

}  // namespace daybook::views
