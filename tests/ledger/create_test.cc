// SPDX-License-Identifier: Apache-2.0
//
// Where a ledger may be made: in a new or an empty directory, and in what an interrupted
// creation has left. Everything else is refused and not touched, also by those that
// look for a ledger and find parts of one.
#include <map>

#include <gtest/gtest.h>

#include "ledger/format.h"
#include "ledger/segment.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::small_options;
using testing::TestEnvironment;

constexpr const char* kFirstSegment = "/ledger/log/00000000000000000001.seg";
constexpr const char* kKey = "/ledger/keys/checkpoint.key";

// A signing key that belongs to no ledger here.
Bytes other_key() {
  Bytes key(64, 'a');
  key.push_back('\n');
  return key;
}

std::map<std::string, Bytes> contents(const testing::FaultyFileSystem& disk) {
  std::map<std::string, Bytes> files;
  for (const std::string& path : disk.files()) files[path] = disk.content(path);
  return files;
}

class CreateTest : public ::testing::Test {
 protected:
  // A ledger with some events, closed.
  void make_ledger() {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world_.environment()));
    testing::append_numbered(ledger, 20);
    expect(ledger.close());
  }

  // Creating is refused with these words, and changes no file and no directory.
  void expect_refused(const std::string& message, const std::string& hint) {
    const auto before = contents(world_.disk);
    const std::uint64_t made = world_.disk.operations(testing::Operation::MakeDirectory);
    const auto ledger = Ledger::create("/ledger", small_options(), world_.environment());
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().code, Errc::AlreadyExists) << ledger.error().message;
    EXPECT_TRUE(ledger.error().message.contains(message)) << ledger.error().message;
    EXPECT_TRUE(ledger.error().hint.contains(hint)) << ledger.error().hint;
    EXPECT_TRUE(contents(world_.disk) == before) << "something was changed";
    EXPECT_EQ(world_.disk.operations(testing::Operation::MakeDirectory), made);
  }

  Error open_error() {
    auto ledger = Ledger::open("/ledger", small_options(), world_.environment());
    EXPECT_FALSE(ledger);
    return ledger ? Error{} : ledger.error();
  }

  void expect_created() {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world_.environment()));
    testing::append_numbered(ledger, 3);
    expect(ledger.close());
    const VerifyReport report =
        expect(expect(Ledger::open("/ledger", small_options(), world_.environment())).verify());
    EXPECT_TRUE(report.findings.empty()) << report.findings.front().message;
    EXPECT_EQ(report.events, 3U);
  }

  TestEnvironment world_;
};

TEST_F(CreateTest, TakesAnEmptyDirectory) {
  ASSERT_TRUE(world_.disk.make_directory("/ledger"));
  expect_created();
}

TEST_F(CreateTest, TakesADirectoryThatSomebodyElseHasOnlyLocked) {
  world_.disk.put_file("/ledger/lock", {});
  expect_created();
}

TEST_F(CreateTest, RefusesTheRoot) {
  for (const char* const path : {"", "/", "//"}) {
    const auto ledger = Ledger::create(path, {}, world_.environment());
    ASSERT_FALSE(ledger) << path;
    EXPECT_EQ(ledger.error().code, Errc::InvalidArgument);
  }
  EXPECT_TRUE(world_.disk.files().empty());
}

TEST_F(CreateTest, RefusesADirectoryWithAnythingElse) {
  for (const char* const name : {"notes.txt", "log/development.log", "keys/other.key",
                                 "views/index.sqlite", "blobs/aa/x.zst", "src/main.cc"}) {
    TestEnvironment world;
    world.disk.put_file(std::string("/ledger/") + name, as_bytes("mine"));
    const auto ledger = Ledger::create("/ledger", {}, world.environment());
    ASSERT_FALSE(ledger) << name;
    EXPECT_EQ(ledger.error().code, Errc::AlreadyExists) << name;
    EXPECT_EQ(world.disk.files(), std::vector{std::string("/ledger/") + name});
    EXPECT_EQ(Ledger::open("/ledger", {}, world.environment()).error().code, Errc::NotFound);
  }
}

TEST_F(CreateTest, RefusesEmptyDirectoriesThatItWouldHaveToShare) {
  for (const char* const name : {"/ledger/keys", "/ledger/views", "/ledger/blobs", "/ledger/x"}) {
    TestEnvironment world;
    ASSERT_TRUE(world.disk.make_directory("/ledger"));
    ASSERT_TRUE(world.disk.make_directory(name));
    EXPECT_EQ(Ledger::create("/ledger", {}, world.environment()).error().code, Errc::AlreadyExists)
        << name;
  }
}

TEST_F(CreateTest, ALedgerWithoutItsIdentityIsToBeRepaired) {
  make_ledger();
  expect(world_.disk.remove("/ledger/LEDGER"));
  expect_refused("LEDGER is missing", "`daybook repair --ledger /ledger`");
  EXPECT_EQ(open_error().code, Errc::Corruption);
  EXPECT_TRUE(open_error().hint.contains("`daybook repair --ledger /ledger`"));
}

TEST_F(CreateTest, ALedgerWithoutItsLogIsToBeRestored) {
  make_ledger();
  expect(world_.disk.remove(kFirstSegment));
  expect(world_.disk.remove("/ledger/log"));
  expect_refused("there is a ledger already", "");
  EXPECT_EQ(open_error().code, Errc::Corruption);
  EXPECT_TRUE(open_error().hint.contains("backup")) << open_error().hint;

  expect(world_.disk.remove("/ledger/LEDGER"));
  expect_refused("parts of a ledger are here", "restore log/ from a backup");
  EXPECT_EQ(open_error().code, Errc::Corruption);
  EXPECT_TRUE(open_error().hint.contains("restore log/")) << open_error().hint;
}

TEST_F(CreateTest, AKeyAloneIsNotReplaced) {
  world_.disk.put_file(kKey, other_key());
  expect_refused("keys/checkpoint.key", "restore log/");
}

// A ledger that was ever opened to write is not begun anew, not even an empty one.
TEST_F(CreateTest, AnEmptyLedgerThatHasBeenOpenedIsNotMadeAgain) {
  expect(expect(Ledger::create("/ledger", {}, world_.environment())).close());
  expect(world_.disk.remove("/ledger/LEDGER"));
  expect_refused("LEDGER is missing", "daybook repair");
}

TEST_F(CreateTest, ABegunLedgerIsNotFinishedWithAnotherKey) {
  expect(expect(Ledger::create("/ledger", {}, world_.environment())).close());
  expect(world_.disk.remove("/ledger/LEDGER"));
  expect(world_.disk.remove("/ledger/tail"));
  const Bytes key = world_.disk.content(kKey);
  world_.disk.put_file(kKey, other_key());
  EXPECT_FALSE(Ledger::create("/ledger", {}, world_.environment()));
  world_.disk.put_file(kKey, key);
  expect_created();
  EXPECT_EQ(world_.disk.content(kKey), key);
}

// Creation dies at any operation, by the process or by the power. Who comes next makes
// the ledger or finds it made, and a key that was there stays.
TEST_F(CreateTest, IsFinishedByTheNextAfterAnyInterruption) {
  std::size_t finished = 0;
  std::size_t keys_kept = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    bool interrupted = false;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      TestEnvironment world(seed + 1);
      world.disk.fail({.nth = nth, .repeat = testing::Repeat::Forever});
      interrupted = !Ledger::create("/ledger", small_options(), world.environment());
      world.disk.clear_faults();
      if (seed == 0) {
        world.disk.kill();
      } else {
        world.disk.crash(seed);
      }
      const auto before = contents(world.disk);
      auto ledger = Ledger::create("/ledger", small_options(), world.environment());
      if (!ledger) {
        ASSERT_EQ(ledger.error().code, Errc::AlreadyExists)
            << "operation " << nth << ", seed " << seed << ": " << ledger.error().message;
        ledger = Ledger::open("/ledger", small_options(), world.environment());
      } else {
        ++finished;
      }
      ASSERT_TRUE(ledger) << "operation " << nth << ", seed " << seed << ": "
                          << ledger.error().message;
      testing::append_numbered(*ledger, 2);
      expect(ledger->close());
      EXPECT_TRUE(expect(ledger->verify()).ok());
      if (const auto key = before.find(kKey); key != before.end()) {
        EXPECT_EQ(world.disk.content(key->first), key->second) << "operation " << nth;
        ++keys_kept;
      }
    }
    if (!interrupted) break;
  }
  EXPECT_GT(finished, 50U);
  EXPECT_GT(keys_kept, 10U);
}

}  // namespace
}  // namespace daybook
