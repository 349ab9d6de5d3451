// SPDX-License-Identifier: Apache-2.0
//
// What tests/main.cc promises of every test program; tests/apart_test.py runs these
// in an environment full of traps.
#include <stdlib.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace daybook {
namespace {

std::string variable(const char* name) {
  const char* const value = ::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

TEST(Apart, TheHomeIsEmptyAndHoldsWhateverXdgNames) {
  const std::string home = variable("HOME");

  ASSERT_TRUE(std::filesystem::is_directory(home));
  EXPECT_TRUE(std::filesystem::is_empty(home));
  for (const char* name : {"CONFIG", "DATA", "STATE", "CACHE"}) {
    const std::string place = variable(("XDG_" + std::string(name) + "_HOME").c_str());
    EXPECT_TRUE(place.starts_with(home + "/")) << name << ": " << place;
  }
}

TEST(Apart, NoVariableNamesALedgerAConfigurationOrATracker) {
  for (const char* name : {"DAYBOOK_DIR", "DAYBOOK_SOURCE", "JILOG_CONFIG", "JILOG_TZ", "GH_TOKEN",
                           "GH_CONFIG_DIR", "CLAUDE_CONFIG_DIR"}) {
    EXPECT_EQ(::getenv(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace daybook
