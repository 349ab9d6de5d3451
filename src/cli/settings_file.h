// SPDX-License-Identifier: Apache-2.0
//
// Settings files: flat TOML, `key = value`. The one adapter around toml++;
// nothing of it, and none of its exceptions, gets out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daybook/environment.h"

namespace daybook::cli {

struct SettingLine {
  std::string key;
  std::string value;
  bool is_number = false;
  std::uint32_t line = 0;
};

inline constexpr std::uint64_t kMaxSettingsFileBytes = std::uint64_t{1} << 20;

// What the file says, in its order, without what src/review/config.h reads from the
// same file; nothing when there is no such file.
// Errors: InvalidArgument with file and line, LimitExceeded, Io.
[[nodiscard]] Result<std::vector<SettingLine>> read_settings_file(FileSystem& files,
                                                                  const std::string& path);

}  // namespace daybook::cli
