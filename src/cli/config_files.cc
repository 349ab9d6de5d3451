// SPDX-License-Identifier: Apache-2.0
#include "cli/config_files.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "cli/settings.h"

namespace daybook::cli {
namespace {

// Reads a file whose name somebody gave: it has to be there.
Result<review::Config> read_named(FileSystem& files, const std::string& file) {
  DAYBOOK_TRY(there, files.exists(file));
  if (!there) return fail(Errc::NotFound, fmt::format("no configuration at {}", file));
  return review::read_config(files, file, home_directory(), setting_keys());
}

// jilog's own file, the first of its places.
Result<review::Config> read_jilog(FileSystem& files) {
  const char* const named = std::getenv("JILOG_CONFIG");
  if (named != nullptr && *named != '\0') return read_named(files, named);
  const std::string home = home_directory();
  if (!home.empty()) {
    DAYBOOK_TRY(there, files.exists(home + "/.jilog.toml"));
    if (there) return review::read_config(files, home + "/.jilog.toml", home);
  }
  return review::read_config(files, "jilog.toml", home);
}

}  // namespace

std::string home_directory() {
  const char* const home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home);
}

Result<review::Config> read_config_files(FileSystem& files, const std::string& only,
                                         const std::string& project) {
  if (!only.empty()) return read_named(files, only);
  review::Config config;
  const std::string user = xdg_directory("XDG_CONFIG_HOME", ".config");
  for (const std::string& file : {project, user.empty() ? user : user + "/daybook/config.toml"}) {
    if (file.empty()) continue;
    DAYBOOK_TRY(part, review::read_config(files, file, home_directory(), setting_keys()));
    review::fill_in(config, std::move(part));
  }
  DAYBOOK_TRY(jilog, read_jilog(files));
  review::fill_in(config, std::move(jilog));
  return config;
}

}  // namespace daybook::cli
