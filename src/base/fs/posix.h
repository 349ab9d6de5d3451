// SPDX-License-Identifier: Apache-2.0
//
// The real disk. Stateless and thread-safe. A file is never opened through a
// link in the last component of its path; a directory may be one, so that a
// ledger can stand on another disk. What macOS needs differently (F_FULLFSYNC)
// belongs into posix.cc and nowhere else.
#pragma once

#include "daybook/environment.h"

namespace daybook {

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> make_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<FileId> id_of(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<void> set_read_only(const std::string& path, bool read_only) override;
  Result<PathTarget> follow(const std::string& path) override;
  Result<void> copy_mode(const std::string& from, const std::string& to) override;
};

}  // namespace daybook
