// SPDX-License-Identifier: Apache-2.0
//
// An exclusive lock between processes on a file of its own; freed when the
// object goes, so also when its process dies. Waits by asking again.
#pragma once

#include <memory>
#include <string>

#include "daybook/environment.h"

namespace daybook {

class FileLock {
 public:
  // Errors: Busy after `timeout_ms`, PermissionDenied and Io when the file
  // cannot be opened.
  [[nodiscard]] static Result<FileLock> take(const Environment& env, const std::string& path,
                                             std::uint64_t timeout_ms);

 private:
  explicit FileLock(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
};

}  // namespace daybook
