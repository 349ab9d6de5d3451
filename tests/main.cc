// SPDX-License-Identifier: Apache-2.0
//
// The main of every test program. Before any test runs, nothing is left of the user
// who runs them: no home with configuration and sessions, no variable that could name
// a ledger or a tracker, also for the programs that tests start.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/temp_directory.h"

namespace {

// What programs, sanitizers, coverage and the tests' own knobs need.
constexpr std::array kKeptNames{"PATH", "TMPDIR", "RC_PARAMS", "LLVM_PROFILE_FILE"};
constexpr std::array kKeptStarts{"GTEST_", "LD_", "GCOV_", "DAYBOOK_CRASH_", "DAYBOOK_WRITE_"};

bool is_kept(std::string_view name) {
  return std::ranges::find(kKeptNames, name) != kKeptNames.end() ||
         std::ranges::any_of(kKeptStarts, [&](auto start) { return name.starts_with(start); }) ||
         name.ends_with("SAN_OPTIONS");
}

void live_apart(const std::string& home) {
  std::vector<std::pair<std::string, std::string>> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (is_kept(name)) kept.emplace_back(name, text.substr(std::min(name.size() + 1, text.size())));
  }
  ::clearenv();
  for (const auto& [name, value] : kept) ::setenv(name.c_str(), value.c_str(), 1);
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("XDG_CONFIG_HOME", (home + "/.config").c_str(), 1);
  ::setenv("XDG_DATA_HOME", (home + "/.local/share").c_str(), 1);
  ::setenv("XDG_STATE_HOME", (home + "/.local/state").c_str(), 1);
  ::setenv("XDG_CACHE_HOME", (home + "/.cache").c_str(), 1);
  ::setenv("TZ", "UTC", 1);
}

}  // namespace

int main(int argc, char** argv) {
  const daybook::testing::TempDirectory home;
  live_apart(home.path());
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
