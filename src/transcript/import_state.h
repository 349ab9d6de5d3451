// SPDX-License-Identifier: Apache-2.0
//
// What an import remembers of the files it has read, in <ledger>/views/import/:
// "files" has the stamp of each, so that a run with nothing new reads one file and
// stats the rest; beside it stands one file for each transcript with the position
// where to go on, which is read only when the transcript has changed.
//
// All of it is a cache. What is missing, damaged or about another history of the
// ledger (a backup was restored) is taken for nothing: the transcript is then read
// again from its beginning, and the keys of its events see to it that nothing is
// appended twice. Files are replaced whole and carry a checksum; they are not
// flushed, since a torn one is as good as none.
//
// The caller saves a position only when the events before it are durable.
// find() and position() may be called from several threads, and beside save().
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daybook/environment.h"
#include "daybook/ledger.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxKnownFiles = 200'000;  // the longest untouched are forgotten
inline constexpr std::uint64_t kMaxStateBytes = std::uint64_t{256} << 20;

// A file as of the last import.
struct KnownFile {
  std::string reader;
  FileStamp stamp;                      // all zero: it was not read to its end
  std::optional<Timestamp> since = {};  // records before it were left out
  friend bool operator==(const KnownFile&, const KnownFile&) = default;
};

// Where to go on in a file.
struct FilePosition {
  std::string position;                // TranscriptOptions::position
  std::optional<Timestamp> time = {};  // of the last record that had one
};

// What is to be remembered of a file.
struct FileProgress {
  std::string path;
  KnownFile known;
  FilePosition position;
};

class ImportState {
 public:
  // Loads what there is. Never fails.
  ImportState(Ledger& ledger, const Environment& env);

  // As it was when this object was made.
  [[nodiscard]] std::optional<KnownFile> find(const std::string& path) const;
  // Read from the disk now.
  [[nodiscard]] std::optional<FilePosition> position(const std::string& path) const;

  // Writes the positions, then "files" with what other processes have written
  // meanwhile. Errors: Busy when another import holds the lock too long, Io and the like.
  [[nodiscard]] Result<void> save(std::span<const FileProgress> progress);

 private:
  using Files = std::map<std::string, KnownFile, std::less<>>;
  [[nodiscard]] Files load() const;
  [[nodiscard]] Result<std::unique_ptr<File>> lock();
  [[nodiscard]] Result<std::string> newest_event();
  [[nodiscard]] bool is_of_this_history(std::string_view event) const;
  [[nodiscard]] std::string position_path(std::string_view path) const;

  Ledger* ledger_;
  Environment env_;
  std::string directory_;
  const Files files_;
  std::mutex saving_;
};

}  // namespace daybook::transcript
