// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "index/index_fixture.h"
#include "index/query_model.h"
#include "index/sqlite.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;
namespace files = std::filesystem;

class CatchUpTest : public IndexTest {
 protected:
  CatchUpTest() { clock_.stand_still(); }  // threads and processes wait for each other

  void append_random(std::uint64_t seed, std::size_t count) {
    testing::RandomHistory history(seed);
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < count; ++i) events.push_back(history.event());
    append_all(events);
  }

  // A handful of queries of every kind answers as the model does.
  void expect_right(Index& index, std::uint64_t seed = 1, int queries = 12) {
    const auto model = testing::read_model(ledger());
    testing::RandomHistory random(seed);
    for (int i = 0; i < queries; ++i) {
      const Query query = random.query();
      const auto result = index.query(query);
      ASSERT_TRUE(result.has_value()) << result.error().message;
      EXPECT_EQ(seqs(*result), testing::model_answer(model, query).seqs)
          << testing::describe(query);
      EXPECT_TRUE(result->completeness.complete()) << result->completeness.reason;
    }
    EXPECT_EQ(count_streams(index), model.size());
  }
  static std::size_t count_streams(Index& index) {
    std::size_t events = 0;
    for (const auto& stream : must(index.streams())) events += stream.events;
    return events;
  }

  // Runs `body` in a process of its own; returns how it ended.
  template <class Body>
  static int in_child(Body body) {
    const pid_t child = start_child(body);
    return wait_for(child);
  }
  template <class Body>
  static pid_t start_child(Body body) {
    const pid_t child = fork();
    if (child == 0) _exit(body() ? 0 : 1);
    return child;
  }
  static int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }

  // For everybody, as root may do what it likes.
  void allow_reading_only() const { set_permissions(files::perms(0555), files::perms(0444)); }
  void allow_writing_again() const { set_permissions(files::perms(0700), files::perms(0600)); }
  void set_permissions(files::perms directories, files::perms others) const {
    files::permissions(directory_.path(), files::perms(0755));
    for (const auto& entry : files::recursive_directory_iterator(path())) {
      files::permissions(entry.path(), entry.is_directory() ? directories : others);
    }
    files::permissions(path(), directories);
  }

  [[nodiscard]] std::vector<std::string> leftovers() const {
    std::vector<std::string> found;
    for (const auto& entry : files::directory_iterator(path() + "/views")) {
      const std::string name = entry.path().filename();
      if (name.find(".new-") != std::string::npos) found.push_back(name);
    }
    return found;
  }
};

TEST_F(CatchUpTest, SaysHowFarItIs) {
  append_many(10);
  Index index = open_index();
  EXPECT_EQ(must(index.status()).indexed, Seq{0});

  EXPECT_TRUE(must(index.catch_up()).complete());
  EXPECT_EQ(must(index.status()).indexed, Seq{10});
  EXPECT_EQ(must(index.status()).text_indexed, Seq{0});

  append_many(5);
  must(index.catch_up(Index::Depth::FieldsAndText));
  const Index::Status status = must(index.status());
  EXPECT_EQ(status.indexed, Seq{15});
  EXPECT_EQ(status.text_indexed, Seq{15});
  EXPECT_GT(status.bytes, 4'096U);
}

TEST_F(CatchUpTest, KeepsItsFilesToTheOwner) {
  append_many(3);
  Index index = open_index();
  must(index.catch_up(Index::Depth::FieldsAndText));

  for (const char* name : {"index.db", "index.db-wal", "text.db"}) {
    EXPECT_EQ(files::status(view_path(name)).permissions() & files::perms::mask,
              files::perms::owner_read | files::perms::owner_write)
        << name;
  }
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(CatchUpTest, TellsItsProgress) {
  append_many(120'000);
  std::vector<IndexProgress> told;
  Index index =
      must(Index::open(ledger(), [&](const IndexProgress& progress) { told.push_back(progress); }));

  must(index.catch_up());

  ASSERT_GE(told.size(), 3U);
  EXPECT_EQ(told[0].done, 50'000U);
  EXPECT_EQ(told[0].total, 120'000U);
  EXPECT_EQ(told.back().done, 120'000U);
}

TEST_F(CatchUpTest, TwoIndexesOfOneLedgerShareTheWork) {
  append_random(1, 500);
  Index one = open_index();
  Ledger second = another_ledger();
  Index two = must(Index::open(second));
  expect_right(one);
  append_random(2, 500);
  expect_right(two);
  append_random(3, 10);
  expect_right(one);
  expect_right(two);
}

TEST_F(CatchUpTest, ThreadsCatchUpAtOnceWhileEventsArrive) {
  append_random(4, 2'000);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Ledger own = another_ledger();
      Index index = must(Index::open(own));
      for (int round = 0; round < 8; ++round) {
        const auto before = must(own.last()).value;
        const auto all = must(index.query({.streams = {"*"}, .limit = 0}));
        const bool complete = all.completeness.complete() && all.events.size() >= before;
        bool gapless = true;
        for (std::size_t at = 0; at < all.events.size(); ++at) {
          gapless = gapless && all.events[at].seq.value == at + 1;
        }
        right += complete && gapless ? 1 : 0;
      }
    });
  }
  for (int i = 0; i < 20; ++i) append_random(static_cast<std::uint64_t>(i), 50);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(right, 4 * 8);
  Index index = open_index();
  expect_right(index);
}

TEST_F(CatchUpTest, ProcessesCatchUpAtOnce) {
  append_random(5, 3'000);
  forget_ledger();
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(start_child([&] {
      Ledger own = another_ledger();
      Index index = must(Index::open(own));
      return must(index.query({.streams = {"*"}, .limit = 0})).events.size() == 3'000;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);

  Ledger own = another_ledger();
  Index index = must(Index::open(own));
  EXPECT_EQ(must(index.status()).indexed, Seq{3'000});
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(CatchUpTest, AProcessKilledWhileItBuildsLeavesNothingBehind) {
  append_many(60'000);
  forget_ledger();
  const int status = in_child([&] {
    Ledger own = another_ledger();
    Index index = must(Index::open(own, [](const IndexProgress&) { std::raise(SIGKILL); }));
    static_cast<void>(index.catch_up());
    return true;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(leftovers().empty());

  Ledger own = another_ledger();
  Index index = must(Index::open(own));
  EXPECT_EQ(count_streams(index), 60'000U);
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(CatchUpTest, AProcessKilledWhileItCatchesUpLeavesAWholeIndex) {
  append_many(1'000);
  {
    Index index = open_index();
    must(index.catch_up(Index::Depth::FieldsAndText));
  }
  append_many(60'000);
  forget_ledger();
  for (const auto depth : {Index::Depth::Fields, Index::Depth::FieldsAndText}) {
    const int status = in_child([&] {
      Ledger own = another_ledger();
      Index index = must(Index::open(own, [](const IndexProgress&) { std::raise(SIGKILL); }));
      static_cast<void>(index.catch_up(depth));
      return true;
    });
    EXPECT_TRUE(WIFSIGNALED(status));
  }

  Ledger own = another_ledger();
  Index index = must(Index::open(own));
  EXPECT_EQ(must(index.status()).indexed, Seq{1'000});
  EXPECT_EQ(count_streams(index), 61'000U);
  EXPECT_EQ(must(index.query({.search = "bulk", .limit = 0})).events.size(), 61'000U);
}

TEST_F(CatchUpTest, RebuildsWhileAnotherIndexIsOpen) {
  append_random(6, 800);
  Index reader = open_index();
  expect_right(reader);
  Ledger second = another_ledger();
  Index builder = must(Index::open(second));

  // In the middle of an answer as well.
  std::size_t handed_out = 0;
  must(reader.query({.streams = {"*"}, .limit = 0}, [&](const Event&) {
    if (++handed_out == 100) must(builder.rebuild());
    return true;
  }));
  EXPECT_EQ(handed_out, 800U);
  EXPECT_TRUE(must(builder.rebuild(Index::Depth::FieldsAndText)).complete());
  append_random(7, 50);
  expect_right(reader);
  expect_right(builder);
  append_random(8, 50);
  expect_right(builder);
  expect_right(reader);
}

TEST_F(CatchUpTest, ARebuildForgetsWhatWasWrong) {
  append_random(9, 300);
  Index index = open_index();
  must(index.catch_up(Index::Depth::FieldsAndText));
  {
    auto db = must(views::Database::open(view_path("index.db"), views::Database::Mode::ReadWrite));
    must(db.run("DELETE FROM events WHERE seq % 2 = 0"));
  }
  ASSERT_EQ(must(index.query({.streams = {"*"}, .limit = 0})).events.size(), 150U);

  must(index.rebuild());

  expect_right(index);
}

TEST_F(CatchUpTest, NoticesThatTheLedgerIsAnotherOne) {
  append_random(10, 200);
  {
    Index index = open_index();
    must(index.catch_up(Index::Depth::FieldsAndText));
  }
  files::copy(path() + "/views", directory_ / "kept", files::copy_options::recursive);
  forget_ledger();
  files::remove_all(path());
  append_random(11, 300);  // a new ledger at the same path
  files::remove_all(path() + "/views");
  files::copy(directory_ / "kept", path() + "/views", files::copy_options::recursive);

  Index index = open_index();
  expect_right(index);
}

// A copy of the ledger is put back, and written on: the log has other events
// where the index has its last ones.
TEST_F(CatchUpTest, NoticesThatTheLogWentBack) {
  append_random(12, 200);
  forget_ledger();
  files::copy(path(), directory_ / "kept", files::copy_options::recursive);
  Ledger before = another_ledger();
  for (int i = 0; i < 100; ++i) must(before.append({.stream = "gone", .type = "gone"}));
  {
    Index index = must(Index::open(before));
    ASSERT_EQ(must(index.query({.types = {"gone"}, .limit = 0})).events.size(), 100U);
  }
  must(before.close());
  files::remove_all(path() + "/log");
  files::copy(directory_ / "kept/log", path() + "/log", files::copy_options::recursive);
  files::remove(path() + "/tail");
  files::copy(directory_ / "kept/tail", path() + "/tail");

  Ledger after = another_ledger();
  Index index = must(Index::open(after));
  EXPECT_TRUE(must(index.query({.types = {"gone"}, .limit = 0})).events.empty());
  for (int i = 0; i < 150; ++i) must(after.append({.stream = "new", .type = "new"}));
  EXPECT_EQ(must(index.query({.types = {"new"}, .limit = 0})).events.size(), 150U);
  EXPECT_EQ(count_streams(index), 350U);
}

TEST_F(CatchUpTest, RebuildsADeletedIndexAlsoWhileItIsOpen) {
  append_random(13, 300);
  Index index = open_index();
  expect_right(index);
  for (const char* name : {"index.db", "index.db-wal", "text.db"}) {
    files::remove(view_path(name));
    expect_right(index);
  }
  files::remove_all(path() + "/views");
  expect_right(index);
  EXPECT_TRUE(files::exists(view_path("index.db")));
}

TEST_F(CatchUpTest, RebuildsATruncatedIndex) {
  append_random(14, 400);
  for (const std::uintmax_t keep : {0, 1, 99, 100, 511, 512, 4'095, 4'096, 4'097, 20'000, 40'960}) {
    for (const char* name : {"index.db", "text.db"}) {
      {
        Index index = open_index();
        must(index.catch_up(Index::Depth::FieldsAndText));
      }
      ASSERT_GT(files::file_size(view_path(name)), keep);
      files::resize_file(view_path(name), keep);
      Index index = open_index();
      expect_right(index, keep);
    }
  }
}

TEST_F(CatchUpTest, RebuildsAnIndexThatLostItsLastBytes) {
  append_random(15, 400);
  for (const std::uintmax_t cut : {1, 50, 700, 4'095, 4'096, 8'192}) {
    {
      Index index = open_index();
      must(index.catch_up(Index::Depth::FieldsAndText));
    }
    files::resize_file(view_path("index.db"), files::file_size(view_path("index.db")) - cut);
    Index index = open_index();
    expect_right(index, cut, 40);
  }
}

TEST_F(CatchUpTest, RebuildsAnIndexFullOfGarbage) {
  append_random(16, 400);
  testing::Random random(17);
  for (int round = 0; round < 25; ++round) {
    const std::string name = view_path(round % 4 == 3 ? "text.db" : "index.db");
    {
      Index index = open_index();
      must(index.catch_up(Index::Depth::FieldsAndText));
    }
    constexpr std::uint64_t kPage = 4'096;
    const std::uint64_t pages = files::file_size(name) / kPage;
    std::string garbage(kPage, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random.next());
    garbage[0] = '\x7F';  // the kind of page: none that there is
    std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(random.below(pages) * kPage));
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
    file.close();
    Index index = open_index();
    expect_right(index, static_cast<std::uint64_t>(round), 40);
    if (HasFailure()) return;
  }
}

TEST_F(CatchUpTest, RebuildsAnIndexDamagedWhileItIsOpen) {
  append_random(18, 400);
  Index index = open_index();
  expect_right(index);
  files::resize_file(view_path("index.db"), 8'192);
  append_random(19, 10);
  expect_right(index);
  std::ofstream(view_path("index.db"), std::ios::binary) << "this is no database at all";
  append_random(20, 10);
  expect_right(index);
}

TEST_F(CatchUpTest, RebuildsAnIndexOfAnotherVersion) {
  append_random(21, 100);
  {
    Index index = open_index();
    must(index.catch_up());
  }
  {
    auto db = must(views::Database::open(view_path("index.db"), views::Database::Mode::ReadWrite));
    must(db.run("PRAGMA user_version = 99; DROP TABLE blocks"));
  }
  Index index = open_index();
  expect_right(index);
}

TEST_F(CatchUpTest, AnswersFromTheLogWhereNothingCanBeWritten) {
  append_random(22, 300);
  files::remove_all(path() + "/views");
  std::ofstream(path() + "/views") << "no directory";
  Index index = open_index();

  expect_right(index);
  append_random(23, 100);
  expect_right(index);
  EXPECT_FALSE(must(index.query({.types = {"x"}})).completeness.reason.empty());
  EXPECT_FALSE(index.rebuild().has_value()) << "what was asked for in words fails in words";
}

// A process that may read everything and write nothing.
TEST_F(CatchUpTest, AnswersWhereItMayOnlyRead) {
  append_random(26, 300);
  {
    Index index = open_index();
    must(index.catch_up(Index::Depth::FieldsAndText));
  }
  for (const char* state : {"up to date", "behind", "without an index"}) {
    if (std::string(state) == "behind") append_random(27, 100);
    if (std::string(state) == "without an index") files::remove_all(path() + "/views");
    const auto model = testing::read_model(ledger());
    must(ledger().close());
    forget_ledger();
    allow_reading_only();
    const int status = in_child([&] {
      if (geteuid() == 0 && setuid(65'534) != 0) return false;
      const std::ofstream attempt(path() + "/views/attempt");
      Ledger own = must(Ledger::open(path(), {.access = Access::ReadOnly}, environment()));
      Index index = must(Index::open(own));
      testing::RandomHistory random(28);
      for (int i = 0; i < 20; ++i) {
        const Query query = random.query();
        const QueryResult result = must(index.query(query));
        if (seqs(result) != testing::model_answer(model, query).seqs) return false;
        if (!result.completeness.complete()) return false;
        // Nothing to explain: the index that is there serves.
        const bool explained = !result.completeness.reason.empty();
        if (explained && std::string(state) == "up to date") return false;
      }
      return !attempt.is_open();
    });
    EXPECT_EQ(status, 0) << state;
    allow_writing_again();
  }
}

TEST_F(CatchUpTest, AnswersFromIndexAndLogWhileAnotherWrites) {
  append_random(24, 300);
  Index index = open_index();
  must(index.catch_up(Index::Depth::FieldsAndText));
  auto fields =
      must(views::Database::open(view_path("index.db"), views::Database::Mode::ReadWrite));
  auto writing = must(views::Transaction::begin(fields));
  append_random(25, 200);

  expect_right(index, 1, 6);
  const QueryResult result = must(index.query({.types = {"*"}, .limit = 0}));
  EXPECT_EQ(result.events.size(), 500U);
  EXPECT_TRUE(result.completeness.complete());
  EXPECT_NE(result.completeness.reason.find("locked"), std::string::npos);
  EXPECT_EQ(must(index.status()).indexed, Seq{300});
}

TEST_F(CatchUpTest, ChainsCrossFromTheIndexIntoTheLogsTail) {
  const EventId old = append({.stream = "s", .type = "t"}).id;
  const EventId second = append({.stream = "s", .type = "t", .causes = {old}}).id;
  Index index = open_index();
  must(index.catch_up());
  auto fields =
      must(views::Database::open(view_path("index.db"), views::Database::Mode::ReadWrite));
  auto writing = must(views::Transaction::begin(fields));
  const EventId third = append({.stream = "s", .type = "t", .causes = {old, second}}).id;
  append({.stream = "s", .type = "t", .causes = {third}});

  EXPECT_EQ(seqs(must(index.effects_of(old))), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(must(index.direct_effects(Seq{2})), (std::vector<Seq>{Seq{3}}));
  EXPECT_EQ(must(index.streams("s")).front().events, 4U);
  EXPECT_EQ(must(index.streams("s")).front().first, Seq{1});
}

TEST_F(CatchUpTest, FarBehindMeansBuildingAnew) {
  append_many(10);
  Index index = open_index();
  must(index.catch_up());
  append_many(220'000);

  EXPECT_TRUE(must(index.catch_up()).complete());

  EXPECT_EQ(must(index.status()).indexed, Seq{220'010});
  EXPECT_EQ(count_streams(index), 220'010U);
}

}  // namespace
}  // namespace daybook
