// SPDX-License-Identifier: Apache-2.0
//
// What a supervisor leaves behind for whoever comes after its death: a small
// file per run in <ledger>/views/supervise/, one JSON object a line, each written
// before what it tells is recorded in the ledger. The supervisor holds the file's
// lock while it lives; a file that can be locked belongs to a dead one.
//
//   <run>.run          the lines        <run>.<n>.out, <run>.<n>.err   spools
//
// Space is taken in advance, so that the facts of the end fit on a disk that
// has filled up meanwhile. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "run/record.h"

namespace daybook {

inline constexpr std::uint64_t kMaxRunFileBytes = std::uint64_t{64} << 20;

// "<ledger>/views/supervise"
[[nodiscard]] std::string supervise_directory(const std::string& ledger_path);

class RunFile {
 public:
  // Makes the file with the run and its first attempt in it, locked and durable.
  [[nodiscard]] static Result<RunFile> create(FileSystem& files, const std::string& directory,
                                              const RunRecord& run);
  // Opens the file of a dead supervisor and locks it. Nothing when its
  // supervisor lives, or when somebody else has just dealt with it.
  [[nodiscard]] static Result<std::optional<RunFile>> open_dead(FileSystem& files,
                                                                const std::string& directory,
                                                                const std::string& name);

  // Each writes one line. A further attempt is durable when add_attempt returns;
  // the others are hints that save what a crash would otherwise lose.
  [[nodiscard]] Result<void> add_attempt(const AttemptRecord& attempt);
  [[nodiscard]] Result<void> note_started(const AttemptRecord& attempt);
  [[nodiscard]] Result<void> note_finished(const AttemptRecord& attempt);
  [[nodiscard]] Result<void> note_task_finished(const RunRecord& run);

  // The run as far as the lines tell it; nothing when not even its first line
  // is whole. Then nothing of it was recorded.
  [[nodiscard]] Result<std::optional<RunRecord>> read() const;

  [[nodiscard]] std::string spool_path(std::uint32_t attempt, std::string_view stream) const;
  // Removes an attempt's spools, or everything. Best effort: what stays behind
  // is found and removed by the next supervisor.
  void remove_spools(std::uint32_t attempt);
  void remove(const RunRecord& run);

 private:
  RunFile(FileSystem& files, std::string stem, std::unique_ptr<File> file)
      : files_(&files), stem_(std::move(stem)), file_(std::move(file)) {}
  [[nodiscard]] Result<void> write_line(const std::string& line);

  FileSystem* files_;
  std::string stem_;  // path without ".run"
  std::unique_ptr<File> file_;
  std::uint64_t end_ = 0;  // of the lines
};

}  // namespace daybook
