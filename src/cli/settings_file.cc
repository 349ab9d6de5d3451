// SPDX-License-Identifier: Apache-2.0
#include "cli/settings_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/fs/files.h"
#include "review/config.h"

namespace daybook::cli {
namespace {

Result<SettingLine> to_line(const std::string& path, const toml::key& key, const toml::node& node) {
  SettingLine line{.key = std::string(key.str()),
                   .value = {},
                   .is_number = false,
                   .line = key.source().begin.line};
  if (const auto* text = node.as_string()) {
    line.value = text->get();
  } else if (const auto* number = node.as_integer()) {
    line.value = fmt::format("{}", number->get());
    line.is_number = true;
  } else {
    return fail(
        Errc::InvalidArgument,
        fmt::format("{}:{}: '{}' is neither a text nor a whole number", path, line.line, line.key),
        "settings files hold lines like actor = \"person:ann\"");
  }
  return line;
}

}  // namespace

Result<std::vector<SettingLine>> read_settings_file(FileSystem& files, const std::string& path) {
  std::vector<SettingLine> lines;
  DAYBOOK_TRY(exists, files.exists(path));
  if (!exists) return lines;
  DAYBOOK_TRY(bytes, read_file(files, path, kMaxSettingsFileBytes));
  try {
    const toml::table table = toml::parse(as_text(bytes), path);
    const auto others = review::config_keys();
    for (const auto& [key, node] : table) {
      if (std::find(others.begin(), others.end(), key.str()) != others.end()) continue;
      DAYBOOK_TRY(line, to_line(path, key, node));
      lines.push_back(std::move(line));
    }
  } catch (const toml::parse_error& error) {
    return fail(Errc::InvalidArgument,
                fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
  std::sort(lines.begin(), lines.end(),
            [](const SettingLine& a, const SettingLine& b) { return a.line < b.line; });
  return lines;
}

}  // namespace daybook::cli
