// SPDX-License-Identifier: Apache-2.0
#include "base/fs/files.h"

#include <gtest/gtest.h>

#include "support/test_environment.h"

namespace daybook {
namespace {

using testing::Operation;
using testing::TestEnvironment;

std::string text_of(const TestEnvironment& world, const std::string& path) {
  return std::string(as_text(world.disk.content(path)));
}

TEST(Files, ParentOfIsTheDirectory) {
  EXPECT_EQ(parent_of("a/b/c"), "a/b");
  EXPECT_EQ(parent_of("c"), ".");
  EXPECT_EQ(parent_of("/c"), "/");
  EXPECT_EQ(parent_of("/"), "/");
  EXPECT_EQ(parent_of("a/b/"), "a");
  EXPECT_EQ(parent_of("a//b"), "a");
  EXPECT_EQ(parent_of("//c"), "/");
}

TEST(Files, ReadFileReadsItAllWithinTheLimit) {
  TestEnvironment world;
  world.disk.put_file("/a", as_bytes("hello"));

  EXPECT_EQ(as_text(*read_file(world.disk, "/a", 5)), "hello");
  const auto too_large = read_file(world.disk, "/a", 4);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, Errc::LimitExceeded);
  EXPECT_NE(too_large.error().message.find("/a"), std::string::npos);
  EXPECT_EQ(read_file(world.disk, "/b", 5).error().code, Errc::NotFound);
}

TEST(Files, ReadExactlyNoticesShortFiles) {
  TestEnvironment world;
  world.disk.put_file("/a", as_bytes("hello"));
  const auto file = world.disk.open("/a", OpenMode::Read);
  ASSERT_TRUE(file);

  EXPECT_EQ(as_text(*read_exactly(**file, "/a", 1, 4)), "ello");
  const auto beyond = read_exactly(**file, "/a", 2, 4);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::Corruption);
  world.disk.fail({.kind = Operation::Read});
  EXPECT_EQ(read_exactly(**file, "/a", 0, 1).error().code, Errc::Io);
}

TEST(Files, ReplaceFileMakesAndReplaces) {
  TestEnvironment world;
  auto env = world.environment();
  ASSERT_TRUE(replace_file(env, "/a", as_bytes("one")));
  ASSERT_TRUE(replace_file(env, "/a", as_bytes("two!")));
  world.disk.crash(1);

  EXPECT_EQ(text_of(world, "/a"), "two!");
  EXPECT_EQ(world.disk.files(), std::vector<std::string>{"/a"});
}

TEST(Files, ReplaceFileFlushesBeforeAndAfterTheRename) {
  TestEnvironment world;
  auto env = world.environment();
  world.disk.start_trace();
  ASSERT_TRUE(replace_file(env, "/a", as_bytes("one")));

  std::vector<std::string> verbs;
  for (const std::string& line : world.disk.trace())
    verbs.push_back(line.substr(0, line.find(" /")));
  EXPECT_EQ(verbs,
            (std::vector<std::string>{"create", "write", "sync", "rename", "sync directory"}));
}

TEST(Files, ReplaceFileCleansUpAfterAFailure) {
  for (const Operation kind : {Operation::Write, Operation::Sync, Operation::Rename}) {
    TestEnvironment world;
    auto env = world.environment();
    world.disk.put_file("/a", as_bytes("old"));
    world.disk.fail({.kind = kind, .code = Errc::NoSpace});

    const auto result = replace_file(env, "/a", as_bytes("new"));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::NoSpace);
    EXPECT_EQ(text_of(world, "/a"), "old");
    EXPECT_EQ(world.disk.files(), std::vector<std::string>{"/a"}) << to_string(kind);
  }
}

TEST(Files, ReplaceFileLeavesAnotherWritersTemporaryAlone) {
  // The same seed draws the same name that a crashed writer left behind.
  TestEnvironment first(9);
  auto env = first.environment();
  first.disk.fail({.nth = 2, .repeat = testing::Repeat::Forever});
  ASSERT_FALSE(replace_file(env, "/a", as_bytes("lost")));
  ASSERT_EQ(first.disk.files().size(), 1U);
  const std::string left_behind = first.disk.files().front();

  TestEnvironment second(9);
  env = second.environment();
  second.disk.put_file(left_behind, as_bytes("theirs"));
  ASSERT_TRUE(replace_file(env, "/a", as_bytes("new")));
  EXPECT_EQ(text_of(second, "/a"), "new");
  EXPECT_EQ(text_of(second, left_behind), "theirs");
}

TEST(Files, MakeDirectoriesIsDurable) {
  TestEnvironment world;
  ASSERT_TRUE(make_directories(world.disk, "/a/b/c"));
  ASSERT_TRUE(make_directories(world.disk, "/a/b/c"));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto after = world.disk.clone();
    after->crash(seed);
    EXPECT_TRUE(*after->exists("/a/b/c"));
  }
}

TEST(Files, MakeDirectoriesStopsAtAFile) {
  TestEnvironment world;
  world.disk.put_file("/a", as_bytes("file"));
  EXPECT_EQ(make_directories(world.disk, "/a").error().code, Errc::AlreadyExists);
  EXPECT_FALSE(make_directories(world.disk, "/a/b"));
}

}  // namespace
}  // namespace daybook
