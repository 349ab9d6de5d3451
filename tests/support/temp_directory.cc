// SPDX-License-Identifier: Apache-2.0
#include "support/temp_directory.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

namespace daybook::testing {

TempDirectory::TempDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "daybook-test-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;  // a destructor has nobody to tell
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace daybook::testing
