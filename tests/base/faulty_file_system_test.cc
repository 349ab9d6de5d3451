// SPDX-License-Identifier: Apache-2.0
//
// The disk that fails must fail as promised, and must not fail otherwise: every
// crash test above stands on it.
#include "support/faulty_file_system.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/fs/files.h"
#include "support/test_environment.h"

namespace daybook::testing {
namespace {

constexpr std::uint64_t kSeeds = 400;

std::unique_ptr<File> open(FaultyFileSystem& disk, const std::string& path,
                           OpenMode mode = OpenMode::Create) {
  auto file = disk.open(path, mode);
  EXPECT_TRUE(file) << file.error().message;
  return *std::move(file);
}

// A file with durable content and a durable name.
std::unique_ptr<File> make_durable(FaultyFileSystem& disk, const std::string& path,
                                   std::string_view text) {
  auto file = open(disk, path);
  EXPECT_TRUE(file->write_at(0, as_bytes(text)));
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(disk.sync_directory("/"));
  return file;
}

std::string text_of(const FaultyFileSystem& disk, const std::string& path) {
  return std::string(as_text(disk.content(path)));
}

// All that a crash of this disk may leave in one file, over many seeds;
// "(gone)" when the file is not there.
std::set<std::string> outcomes(const FaultyFileSystem& disk, const std::string& path) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto after = disk.clone();
    after->crash(seed);
    found.insert(*after->exists(path) ? text_of(*after, path) : "(gone)");
  }
  return found;
}

// --- Faults -----------------------------------------------------------------

TEST(FaultyFileSystem, TheNthOperationFailsOnceAndOnlyOnce) {
  FaultyFileSystem disk;
  auto file = open(disk, "a");
  disk.fail({.kind = Operation::Write, .nth = 2, .code = Errc::Io});

  EXPECT_TRUE(file->write_at(0, as_bytes("1")));
  EXPECT_TRUE(file->size());  // another kind does not count
  const auto failed = file->write_at(1, as_bytes("2"));
  EXPECT_TRUE(file->write_at(2, as_bytes("3")));

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::Io);
  EXPECT_NE(failed.error().message.find("/a"), std::string::npos);
}

TEST(FaultyFileSystem, ForeverMeansUntilCleared) {
  FaultyFileSystem disk;
  disk.fail({.nth = 2, .repeat = Repeat::Forever, .code = Errc::NoSpace});

  EXPECT_TRUE(disk.exists("a"));
  EXPECT_EQ(disk.exists("a").error().code, Errc::NoSpace);
  EXPECT_EQ(disk.open("a", OpenMode::Create).error().code, Errc::NoSpace);
  disk.clear_faults();
  EXPECT_TRUE(disk.exists("a"));
}

TEST(FaultyFileSystem, AFaultCanBeLimitedToAPath) {
  FaultyFileSystem disk;
  auto a = open(disk, "a");
  auto b = open(disk, "b");
  disk.fail({.kind = Operation::Sync, .path = "/b"});

  EXPECT_TRUE(a->sync());
  EXPECT_FALSE(b->sync());
}

TEST(FaultyFileSystem, AFailingWriteMayHaveWrittenAnyPart) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FaultyFileSystem disk(seed);
    auto file = open(disk, "a");
    disk.fail({.kind = Operation::Write});
    EXPECT_FALSE(file->write_at(0, as_bytes("abcd")));
    const std::string left = text_of(disk, "a");
    EXPECT_EQ(left, std::string("abcd").substr(0, left.size()));
    sizes.insert(left.size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(FaultyFileSystem, AFullDiskTakesWhatFitsAndHeals) {
  FaultyFileSystem disk;
  auto a = open(disk, "a");
  ASSERT_TRUE(a->write_at(0, as_bytes("12345")));
  disk.set_capacity(8);
  auto b = open(disk, "b");

  const auto full = b->write_at(0, as_bytes("abcdef"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::NoSpace);
  EXPECT_EQ(text_of(disk, "b"), "abc");
  EXPECT_TRUE(a->write_at(0, as_bytes("67890")));  // needs no space
  EXPECT_EQ(a->write_at(4, as_bytes("xy")).error().code, Errc::NoSpace);
  disk.set_capacity(FaultyFileSystem::kUnlimited);
  EXPECT_TRUE(b->write_at(0, as_bytes("abcdef")));
  EXPECT_EQ(text_of(disk, "b"), "abcdef");
}

TEST(FaultyFileSystem, AReadOnlyMountRefusesEveryChange) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "kept");
  disk.set_mount(Mount::ReadOnly);

  EXPECT_EQ(file->write_at(0, as_bytes("x")).error().code, Errc::PermissionDenied);
  EXPECT_EQ(disk.open("a", OpenMode::ReadWrite).error().code, Errc::PermissionDenied);
  EXPECT_EQ(disk.open("b", OpenMode::Create).error().code, Errc::PermissionDenied);
  EXPECT_EQ(disk.remove("a").error().code, Errc::PermissionDenied);
  EXPECT_TRUE(disk.open("a", OpenMode::Read));
  EXPECT_TRUE(disk.list("/"));
}

// --- Power loss -------------------------------------------------------------

TEST(FaultyFileSystem, WhatWasFlushedSurvivesEveryCrash) {
  FaultyFileSystem disk;
  make_durable(disk, "a", "durable");
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"durable"}));
}

TEST(FaultyFileSystem, AnUnflushedWriteIsThereOrGoneOrTorn) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "....");
  ASSERT_TRUE(file->write_at(0, as_bytes("abcd")));

  const std::set<std::string> found = outcomes(disk, "a");

  EXPECT_TRUE(found.contains("...."));
  EXPECT_TRUE(found.contains("abcd"));
  EXPECT_TRUE(found.contains("ab.."));
  EXPECT_TRUE(found.contains("..cd"));
  for (const std::string& text : found) {
    ASSERT_EQ(text.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(text[i] == '.' || text[i] == "abcd"[i]);
  }
}

TEST(FaultyFileSystem, ALaterWriteMaySurviveWithoutAnEarlierOne) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "......");
  ASSERT_TRUE(file->write_at(0, as_bytes("aaaa")));
  ASSERT_TRUE(file->write_at(2, as_bytes("bbbb")));

  const std::set<std::string> found = outcomes(disk, "a");

  EXPECT_TRUE(found.contains("..bbbb"));
  EXPECT_TRUE(found.contains("aaaa.."));
  EXPECT_TRUE(found.contains("aabbbb"));
}

TEST(FaultyFileSystem, LargeWritesAreTornAtSectorsToo) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", std::string(2048, '.'));
  ASSERT_TRUE(file->write_at(0, as_bytes(std::string(2048, 'x'))));

  bool middle_missing = false;
  for (const std::string& text : outcomes(disk, "a")) {
    if (text == std::string(512, 'x') + std::string(512, '.') + std::string(1024, 'x')) {
      middle_missing = true;
    }
  }
  EXPECT_TRUE(middle_missing);
}

TEST(FaultyFileSystem, UnflushedGrowthIsCutOrReadsAsZeros) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "ab");
  ASSERT_TRUE(file->write_at(2, as_bytes("cd")));

  const std::set<std::string> found = outcomes(disk, "a");

  EXPECT_TRUE(found.contains("ab"));
  EXPECT_TRUE(found.contains("abcd"));
  EXPECT_TRUE(found.contains(std::string("ab\0\0", 4)));
  EXPECT_TRUE(found.contains("abc"));
  for (const std::string& text : found) EXPECT_EQ(text.substr(0, 2), "ab");
}

TEST(FaultyFileSystem, AnUnflushedTruncationMayNotHaveHappened) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "abcd");
  ASSERT_TRUE(file->truncate(1));

  const std::set<std::string> found = outcomes(disk, "a");

  EXPECT_TRUE(found.contains("a"));
  EXPECT_TRUE(found.contains("abcd"));
  EXPECT_EQ(file->sync().has_value(), true);
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"a"}));
}

TEST(FaultyFileSystem, ANewFileMayVanishUntilItsDirectoryIsFlushed) {
  FaultyFileSystem disk;
  auto file = open(disk, "a");
  ASSERT_TRUE(file->write_at(0, as_bytes("x")));
  ASSERT_TRUE(file->sync());

  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"(gone)", "x"}));
  ASSERT_TRUE(disk.sync_directory("/"));
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"x"}));
}

TEST(FaultyFileSystem, ADirectoryVanishesWithAllThatIsInIt) {
  FaultyFileSystem disk;
  ASSERT_TRUE(disk.make_directory("d"));
  auto file = open(disk, "d/a");
  ASSERT_TRUE(disk.sync_directory("d"));

  EXPECT_EQ(outcomes(disk, "d/a"), (std::set<std::string>{"(gone)", ""}));
  ASSERT_TRUE(disk.sync_directory("/"));
  EXPECT_EQ(outcomes(disk, "d/a"), (std::set<std::string>{""}));
}

TEST(FaultyFileSystem, ARenameHappensWhollyOrNot) {
  FaultyFileSystem disk;
  make_durable(disk, "old", "old");
  auto file = make_durable(disk, "new", "new");
  ASSERT_TRUE(disk.rename("new", "old"));

  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto after = disk.clone();
    after->crash(seed);
    std::string state = text_of(*after, "old");
    for (const std::string& path : after->files()) state += " " + path;
    found.insert(state);
  }
  EXPECT_EQ(found, (std::set<std::string>{"old /new /old", "new /old"}));
}

TEST(FaultyFileSystem, ChangesOfOneNameKeepTheirOrder) {
  FaultyFileSystem disk;
  make_durable(disk, "a", "first");
  ASSERT_TRUE(disk.rename("a", "b"));
  auto second = open(disk, "a", OpenMode::CreateNew);

  // Were the new "a" possible without the rename, "first" would be lost.
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto after = disk.clone();
    after->crash(seed);
    const std::string kept = *after->exists("b") ? "b" : "a";
    EXPECT_EQ(text_of(*after, kept), "first") << "seed " << seed;
  }
}

TEST(FaultyFileSystem, ARemovedFileMayComeBackUntilTheDirectoryIsFlushed) {
  FaultyFileSystem disk;
  make_durable(disk, "a", "x");
  ASSERT_TRUE(disk.remove("a"));

  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"(gone)", "x"}));
  ASSERT_TRUE(disk.sync_directory("/"));
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"(gone)"}));
}

TEST(FaultyFileSystem, ACrashEndsHandlesAndFreesLocks) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "x");
  ASSERT_TRUE(*file->try_lock());
  disk.crash(1);

  Bytes buffer(1);
  EXPECT_EQ(file->read_at(0, buffer).error().code, Errc::Io);
  EXPECT_EQ(file->write_at(0, as_bytes("y")).error().code, Errc::Io);
  EXPECT_EQ(file->sync().error().code, Errc::Io);
  EXPECT_EQ(file->size().error().code, Errc::Io);
  auto next = open(disk, "a");
  EXPECT_TRUE(*next->try_lock());
  file.reset();  // a dead handle frees nothing
  auto third = open(disk, "a");
  EXPECT_FALSE(*third->try_lock());
}

TEST(FaultyFileSystem, TheSameSeedGivesTheSameCrash) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", std::string(64, '.'));
  for (std::uint64_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(file->write_at(i * 7, as_bytes("abcdefgh")));
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto one = disk.clone();
    const auto two = disk.clone();
    one->crash(seed);
    two->crash(seed);
    EXPECT_EQ(one->content("a"), two->content("a"));
  }
  EXPECT_EQ(text_of(disk, "a").substr(0, 7), "abcdefg");  // clones change nothing here
}

TEST(FaultyFileSystem, ACrashedDiskStaysAsItIsInTheNextCrash) {
  FaultyFileSystem disk;
  auto file = open(disk, "a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abcdef")));
  ASSERT_TRUE(disk.sync_directory("/"));
  disk.crash(5);
  const std::string left = text_of(disk, "a");
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{left}));
}

// --- Process death and failed flushes ---------------------------------------

TEST(FaultyFileSystem, AKilledProcessLosesNothingButItsHandles) {
  FaultyFileSystem disk;
  auto file = open(disk, "a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  ASSERT_TRUE(*file->try_lock());
  disk.kill();

  EXPECT_EQ(text_of(disk, "a"), "abc");
  EXPECT_EQ(file->write_at(0, as_bytes("x")).error().code, Errc::Io);
  EXPECT_EQ(text_of(disk, "a"), "abc");
  EXPECT_TRUE(*open(disk, "a")->try_lock());
  EXPECT_GT(outcomes(disk, "a").size(), 1U);  // still not flushed
}

TEST(FaultyFileSystem, AFailedFlushLosesPagesThatReadsStillSee) {
  FaultyFileSystem disk;
  auto file = make_durable(disk, "a", "....");
  ASSERT_TRUE(file->write_at(0, as_bytes("abcd")));
  disk.fail({.kind = Operation::Sync});

  ASSERT_FALSE(file->sync());
  ASSERT_TRUE(file->sync());  // "succeeds"

  EXPECT_EQ(text_of(disk, "a"), "abcd");
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileSystem other(seed);
    auto again = make_durable(other, "a", "....");
    ASSERT_TRUE(again->write_at(0, as_bytes("abcd")));
    other.fail({.kind = Operation::Sync});
    ASSERT_FALSE(again->sync());
    ASSERT_TRUE(again->sync());
    other.crash(1);
    left.insert(text_of(other, "a"));
  }
  EXPECT_TRUE(left.contains("...."));
  EXPECT_TRUE(left.contains("abcd"));
}

TEST(FaultyFileSystem, WritingAgainAndFlushingHealsALostFlush) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileSystem disk(seed);
    auto file = make_durable(disk, "a", "....");
    ASSERT_TRUE(file->write_at(0, as_bytes("abcd")));
    disk.fail({.kind = Operation::Sync});
    ASSERT_FALSE(file->sync());
    ASSERT_TRUE(file->write_at(0, as_bytes("abcd")));
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"abcd"}));
  }
}

TEST(FaultyFileSystem, AFailedFlushCanKeepItsPages) {
  FaultyFileSystem disk;
  disk.on_failed_sync(FailedSync::KeepsPages);
  auto file = make_durable(disk, "a", "....");
  ASSERT_TRUE(file->write_at(0, as_bytes("abcd")));
  disk.fail({.kind = Operation::Sync});

  ASSERT_FALSE(file->sync());
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"abcd"}));
}

TEST(FaultyFileSystem, AFailedDirectoryFlushLeavesNamesOpen) {
  FaultyFileSystem disk;
  open(disk, "a");
  disk.fail({.kind = Operation::SyncDirectory});
  ASSERT_FALSE(disk.sync_directory("/"));
  EXPECT_EQ(outcomes(disk, "a"), (std::set<std::string>{"(gone)", ""}));
}

// --- Watching and touching --------------------------------------------------

TEST(FaultyFileSystem, CountsAndTracesOperations) {
  FaultyFileSystem disk;
  auto file = open(disk, "//a");
  disk.start_trace();
  ASSERT_TRUE(file->write_at(4, as_bytes("xyz")));
  disk.fail({.kind = Operation::Sync});
  ASSERT_FALSE(file->sync());
  ASSERT_TRUE(disk.rename("a", "b"));

  EXPECT_EQ(disk.trace(),
            (std::vector<std::string>{"write /a 4+3", "sync /a: io", "rename /a -> /b"}));
  EXPECT_EQ(disk.operations(Operation::Write), 1U);
  EXPECT_EQ(disk.operations(Operation::Read), 0U);
  EXPECT_EQ(disk.operations(), 4U);
}

TEST(FaultyFileSystem, ChangesByHandAreDurableAtOnce) {
  FaultyFileSystem disk;
  disk.put_file("/x/y/a", as_bytes("abcd"));
  disk.flip_bit("x/y/a", 0, 1);
  disk.overwrite("x/y/a", 1, as_bytes("XY"));
  disk.truncate_file("x/y/a", 3);

  EXPECT_EQ(outcomes(disk, "x/y/a"), (std::set<std::string>{"cXY"}));
  EXPECT_EQ(as_text(disk.durable_content("x/y/a")), "cXY");
  EXPECT_EQ(disk.files(), (std::vector<std::string>{"/x/y/a"}));
  EXPECT_THROW(static_cast<void>(disk.content("/none")), std::invalid_argument);
}

TEST(FaultyFileSystem, ManyThreadsShareTheDisk) {
  FaultyFileSystem disk;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&disk, t] {
      auto file = disk.open("f" + std::to_string(t), OpenMode::Create);
      ASSERT_TRUE(file);
      for (std::uint64_t i = 0; i < 200; ++i) {
        ASSERT_TRUE((*file)->write_at(i, as_bytes("x")));
        ASSERT_TRUE((*file)->sync());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(disk.files().size(), 4U);
  EXPECT_EQ(disk.operations(Operation::Sync), 800U);
}

// A whole protocol over it: with a crash or an error at any operation, a
// replaced file is the old one or the new one, and new once that was promised.
TEST(FaultyFileSystem, ReplaceFileHoldsUnderEveryFaultAndCrash) {
  for (std::uint64_t n = 1; n < 12; ++n) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      TestEnvironment world(seed);
      auto env = world.environment();
      ASSERT_TRUE(replace_file(env, "/f", as_bytes("old")));
      world.disk.fail({.nth = n, .repeat = Repeat::Forever});
      const bool promised = replace_file(env, "/f", as_bytes("new")).has_value();
      world.disk.clear_faults();
      world.disk.crash(seed);

      const std::string text = text_of(world.disk, "/f");
      EXPECT_TRUE(text == "new" || (text == "old" && !promised))
          << "operation " << n << " seed " << seed << ": " << text;
    }
  }
}

}  // namespace
}  // namespace daybook::testing
