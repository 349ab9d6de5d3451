// SPDX-License-Identifier: Apache-2.0
//
// A directory on the real disk that is gone when the test ends: for tests that
// need real files or real processes. Not thread-safe.
#pragma once

#include <string>

namespace daybook::testing {

class TempDirectory {
 public:
  TempDirectory();  // std::runtime_error when it cannot be made
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();  // with everything in it, read-only files too

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace daybook::testing
