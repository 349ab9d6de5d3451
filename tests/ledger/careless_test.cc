// SPDX-License-Identifier: Apache-2.0
//
// What careless programs do to an open ledger: close it while others append, fork,
// move or remove its directory, take its lock file away, copy it while it is
// written. An error is fine; a crash, a hang or a lost event is not.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "support/ledgers.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;
using testing::expect;
using testing::small_options;
using testing::TempDirectory;

class CarelessTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name = "ledger") const {
    return directory_.path() + "/" + name;
  }
  Ledger create(const std::string& name = "ledger") {
    return expect(Ledger::create(path(name), small_options()));
  }
  static std::size_t events_in(const std::string& ledger) {
    Ledger opened = expect(Ledger::open(ledger, small_options()));
    const VerifyReport report = expect(opened.verify());
    EXPECT_TRUE(report.ok()) << (report.findings.empty() ? "" : report.findings.front().message);
    return testing::read_all(opened).size();
  }
  static Result<Receipt> append(Ledger& ledger, Durability durability = Durability::Sync) {
    return ledger.append({.stream = "s", .type = "t"}, {.durability = durability});
  }
  static PendingAppend append_later(Ledger& ledger, Durability durability = Durability::Sync) {
    const NewEvent event{.stream = "s", .type = "t"};
    return ledger.append_async({&event, 1}, {.durability = durability});
  }
  static std::optional<Error> error_of(const auto& result) {
    return result ? std::nullopt : std::optional(result.error());
  }

  TempDirectory directory_;
};

TEST_F(CarelessTest, AppendsThatLoseToACloseAreRefused) {
  constexpr std::size_t kThreads = 6;
  for (std::size_t round = 0; round < 30; ++round) {
    const std::string name = "ledger" + std::to_string(round);
    Ledger ledger = create(name);
    std::atomic<std::size_t> acknowledged = 0;
    std::atomic<std::size_t> begun = 0;
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
          for (std::size_t n = 0; n < 60; ++n) {
            const auto durability = static_cast<Durability>((i + n) % 3);
            ++begun;
            const auto refused = i % 2 == 0 ? error_of(append(ledger, durability))
                                            : error_of(append_later(ledger, durability).wait());
            if (!refused) {
              ++acknowledged;
            } else {
              EXPECT_EQ(refused->code, Errc::InvalidArgument) << refused->message;
            }
          }
        });
      }
      while (begun < round * 10) std::this_thread::yield();
      expect(ledger.close());
      expect(ledger.close());
    }
    EXPECT_EQ(events_in(path(name)), acknowledged);
  }
}

// What a child does with its parent's ledger; exit code 0 when it is as it should be.
template <class Child>
void in_child(Child child) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::alarm(20);  // a hang is a failure
    ::_exit(child() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

bool refused(const auto& result) {
  return !result && result.error().code == Errc::InvalidArgument &&
         result.error().message.contains("fork");
}

TEST_F(CarelessTest, AChildIsRefusedAndItsParentGoesOn) {
  Ledger ledger = create();
  expect(append(ledger, Durability::Interval));  // starts the background thread
  Cursor cursor = expect(ledger.scan());
  PendingAppend pending = append_later(ledger);
  in_child([&] {
    bool good = refused(append(ledger)) && refused(ledger.last()) && refused(ledger.sync()) &&
                refused(ledger.read(Seq{1})) && refused(ledger.status()) &&
                refused(ledger.verify()) && refused(ledger.checkpoint()) &&
                refused(cursor.next()) && refused(pending.wait()) && pending.done() &&
                refused(append_later(ledger).wait()) && refused(ledger.close());
    {
      const Ledger dropped = std::move(ledger);
    }
    auto own = Ledger::open(path(), small_options());
    good = good && own && append(*own) && own->close();
    return good;
  });
  expect(pending.wait());
  expect(append(ledger));
  expect(ledger.close());
  EXPECT_EQ(events_in(path()), 4U);
}

// A lock belongs to the open file, which the child shares.
TEST_F(CarelessTest, AChildThatLivesOnHoldsNoLockOfItsDeadParent) {
  create();
  int ready[2];
  int release[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(release), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::alarm(20);
    auto file = Environment::system().files->open(path() + "/lock", OpenMode::Create);
    if (!file || !*(*file)->try_lock()) ::_exit(1);
    if (::fork() == 0) {
      ::alarm(20);
      char byte = 0;
      ::_exit(::write(ready[1], "r", 1) == 1 && ::read(release[0], &byte, 1) >= 0 ? 0 : 1);
    }
    char byte = 0;
    while (::read(release[0], &byte, 1) < 0) {
    }
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  LedgerOptions options = small_options();
  options.lock_timeout_ms = 100;
  Ledger ledger = expect(Ledger::open(path(), options));
  expect(append(ledger));
  ::close(release[1]);
  for (const int end : {ready[0], ready[1], release[0]}) ::close(end);
}

TEST_F(CarelessTest, AMovedLedgerIsWrittenNoMoreAndNeitherIsTheOneInItsPlace) {
  Ledger old = create();
  for (int i = 0; i < 10; ++i) expect(append(old));
  fs::rename(path(), path("moved"));
  {
    Ledger other = create();
    for (int i = 0; i < 3; ++i) expect(append(other));
    // Enough for a roll, would it be written.
    for (int i = 0; i < 100; ++i) EXPECT_EQ(append(old).error().code, Errc::Io);
    EXPECT_EQ(old.last().error().code, Errc::Io);
    EXPECT_EQ(old.wait(Seq{10}, std::chrono::milliseconds(1)).error().code, Errc::Io);
    EXPECT_FALSE(old.close());
  }
  EXPECT_EQ(events_in(path("moved")), 10U);
  EXPECT_EQ(events_in(path()), 3U);
}

TEST_F(CarelessTest, IntoARemovedLedgerNothingIsAcknowledged) {
  Ledger ledger = create();
  expect(append(ledger));
  fs::remove_all(path());
  for (const auto durability : {Durability::Sync, Durability::Interval, Durability::Memory}) {
    EXPECT_EQ(append(ledger, durability).error().code, Errc::Io);
  }
  EXPECT_EQ(ledger.checkpoint().error().code, Errc::Io);
}

TEST_F(CarelessTest, WithoutItsLockFileAWriterStops) {
  Ledger first = create();
  expect(append(first));
  fs::remove(path() + "/lock");
  Ledger second = expect(Ledger::open(path(), small_options()));
  expect(append(second));
  EXPECT_EQ(append(first).error().code, Errc::Io);
  expect(append(second));
  expect(second.close());
  EXPECT_EQ(events_in(path()), 3U);
}

TEST_F(CarelessTest, ASegmentPutInThePlaceOfTheOpenOneStopsTheWriter) {
  Ledger ledger = create();
  expect(append(ledger));
  const std::string segment = path() + "/log/00000000000000000001.seg";
  fs::copy_file(segment, segment + ".copy");
  fs::rename(segment + ".copy", segment);
  EXPECT_EQ(append(ledger).error().code, Errc::Io);
}

// cp -a copies the log before `tail`: the hint of the copy knows more than its log.
TEST_F(CarelessTest, ACopyWhoseHintRunsAheadIsAGoodLedger) {
  Ledger ledger = create();
  for (int i = 0; i < 5; ++i) expect(append(ledger));
  fs::copy(path(), path("copy"), fs::copy_options::recursive);
  for (int i = 0; i < 5; ++i) expect(append(ledger));
  fs::copy_file(path() + "/tail", path("copy") + "/tail", fs::copy_options::overwrite_existing);

  LedgerOptions reading = small_options();
  reading.access = Access::ReadOnly;
  {
    Ledger copy = expect(Ledger::open(path("copy"), reading));
    const VerifyReport report = expect(copy.verify());
    EXPECT_TRUE(report.ok());
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings.front().code, "behind_hint");
    EXPECT_TRUE(expect(copy.status()).lost.empty());
  }
  Ledger copy = expect(Ledger::open(path("copy"), small_options()));
  ASSERT_EQ(expect(copy.status()).repairs.size(), 1U);
  EXPECT_EQ(expect(append(copy)).seq, Seq{6});
  expect(copy.close());
  EXPECT_EQ(events_in(path("copy")), 6U);
}

}  // namespace
}  // namespace daybook
