// SPDX-License-Identifier: Apache-2.0
//
// The thin layer over SQLite.
#include "index/sqlite.h"

#include <gtest/gtest.h>

#include "support/temp_directory.h"

namespace daybook::views {
namespace {

TEST(Database, WhatCannotBeOpenedIsNamedWithTheSystemsReason) {
  const daybook::testing::TempDirectory directory;
  const std::string path = directory / "nowhere/index.db";
  const auto opened = Database::open(path, Database::Mode::ReadWrite);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::Io);
  EXPECT_TRUE(opened.error().message.starts_with(path)) << opened.error().message;
  EXPECT_NE(opened.error().message.find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace daybook::views
