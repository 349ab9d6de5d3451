// SPDX-License-Identifier: Apache-2.0
//
// Many threads, many processes, and processes killed in the middle of a burst,
// on a real disk: every acknowledged event once, versions without gaps.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "support/ledgers.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

using testing::expect;
using testing::TempDirectory;

LedgerOptions options() {
  LedgerOptions options;
  options.segment_bytes = 256 * 1024;  // several seals while everybody writes
  return options;
}

// Every event once, each writer's numbers in order, versions without gaps.
void check_complete(const std::string& path, std::size_t writers, std::size_t each) {
  Ledger ledger = expect(Ledger::open(path, options()));
  std::map<std::string, std::uint64_t> versions;
  std::map<std::string, std::size_t> next;
  std::size_t count = 0;
  for (const Event& event : testing::read_all(ledger)) {
    ++count;
    ASSERT_EQ(event.seq.value, count);
    ASSERT_EQ(event.version.value, ++versions[event.stream]);
    ASSERT_EQ(event.data, std::to_string(next[event.actor]++)) << event.actor;
  }
  EXPECT_EQ(count, writers * each);
  const VerifyReport report = expect(ledger.verify());
  EXPECT_TRUE(report.ok()) << (report.findings.empty() ? "" : report.findings.front().message);
}

NewEvent numbered(std::size_t writer, std::size_t number) {
  NewEvent event{.stream = "stream/" + std::to_string(writer % 5), .type = "t"};
  event.actor = "writer:" + std::to_string(writer);
  event.data = std::to_string(number);
  return event;
}

TEST(Concurrency, OneOfManyMakesTheLedgerAndNothingOfItIsLost) {
  constexpr std::size_t kThreads = 8;
  for (int round = 0; round < 20; ++round) {
    TempDirectory directory;
    const std::string path = directory.path() + "/ledger";
    std::atomic<std::size_t> made = 0;
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
          auto ledger = Ledger::create(path, options());
          if (ledger) ++made;
          if (!ledger) {
            EXPECT_EQ(ledger.error().code, Errc::AlreadyExists);
            ledger = Ledger::open(path, options());
          }
          ASSERT_TRUE(ledger) << ledger.error().message;
          expect(ledger->append(numbered(i, 0)));
        });
      }
    }
    EXPECT_EQ(made, 1u);
    check_complete(path, kThreads, 1);
  }
}

TEST(Concurrency, SixtyFourThreadsAppendAtOnce) {
  constexpr std::size_t kThreads = 64;
  constexpr std::size_t kEach = 40;
  TempDirectory directory;
  const std::string path = directory.path() + "/ledger";
  {
    Ledger ledger = expect(Ledger::create(path, options()));
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < kThreads; ++writer) {
      threads.emplace_back([&, writer] {
        for (std::size_t i = 0; i < kEach; ++i) {
          EXPECT_TRUE(ledger.append(numbered(writer, i)));
        }
      });
    }
  }
  check_complete(path, kThreads, kEach);
}

TEST(Concurrency, BlockingAsynchronousAndReadingThreadsShareOneLedger) {
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kEach = 150;
  TempDirectory directory;
  const std::string path = directory.path() + "/ledger";
  {
    Ledger ledger = expect(Ledger::create(path, options()));
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < kThreads; ++writer) {
      threads.emplace_back([&, writer] {
        std::vector<PendingAppend> pending;
        for (std::size_t i = 0; i < kEach; ++i) {
          const NewEvent event = numbered(writer, i);
          const AppendOptions how{.durability =
                                      i % 3 == 0 ? Durability::Interval : Durability::Sync};
          if (writer % 2 == 0) {
            EXPECT_TRUE(ledger.append(event, how));
          } else {
            pending.push_back(ledger.append_async(std::span(&event, 1), how));
          }
        }
        for (PendingAppend& append : pending) EXPECT_TRUE(append.wait());
      });
    }
    threads.emplace_back([&] {
      std::uint64_t seen = 0;
      Cursor cursor = expect(ledger.scan());
      while (seen < kThreads * kEach) {
        const EventView* event = expect(cursor.next());
        if (event == nullptr) {
          std::this_thread::yield();
          continue;
        }
        EXPECT_EQ(event->seq.value, ++seen);
        if (seen % 100 == 0) {
          EXPECT_TRUE(ledger.read(Seq{seen / 2 + 1}));
          EXPECT_TRUE(ledger.stream_version("stream/1"));
        }
      }
    });
  }
  check_complete(path, kThreads, kEach);
}

// Runs `work` in a process of its own, which ends with its result.
template <class Work>
pid_t start_process(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  return child;
}

TEST(Concurrency, ThirtyTwoProcessesAppendAtOnce) {
  constexpr std::size_t kProcesses = 32;
  constexpr std::size_t kEach = 20;
  TempDirectory directory;
  const std::string path = directory.path() + "/ledger";
  {
    expect(Ledger::create(path, options()));
  }

  std::vector<pid_t> children;
  for (std::size_t writer = 0; writer < kProcesses; ++writer) {
    children.push_back(start_process([&] {
      auto ledger = Ledger::open(path, options());
      if (!ledger) return false;
      for (std::size_t i = 0; i < kEach; ++i) {
        if (!ledger->append(numbered(writer, i))) return false;
      }
      return ledger->close().has_value();
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  check_complete(path, kProcesses, kEach);
}

// Appends for ever and tells each acknowledged seq and number through `out`.
bool append_until_killed(const std::string& path, int out) {
  auto ledger = Ledger::open(path, options());
  if (!ledger) return false;
  for (std::uint64_t number = 0;; ++number) {
    std::vector<NewEvent> batch(1 + number % 4, numbered(1, number));
    const auto receipts = ledger->append(batch);
    if (!receipts) return false;
    const std::uint64_t told[2] = {receipts->back().seq.value, number};
    if (write(out, told, sizeof told) != sizeof told) return false;
  }
}

TEST(Concurrency, AKilledWriterLosesNothingItAcknowledged) {
  constexpr int kKills = 25;
  TempDirectory directory;
  const std::string path = directory.path() + "/ledger";
  {
    expect(Ledger::create(path, options()));
  }
  std::map<std::uint64_t, std::uint64_t> acknowledged;  // seq -> number

  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = start_process([&] {
      close(ends[0]);
      return append_until_killed(path, ends[1]);
    });
    close(ends[1]);
    // Killed after so many acknowledgements, wherever it is by then.
    std::uint64_t told[2];
    for (int i = 0; i < 3 + 7 * kill_number; ++i) {
      ASSERT_EQ(read(ends[0], told, sizeof told), static_cast<ssize_t>(sizeof told));
      acknowledged[told[0]] = told[1];
    }
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    while (read(ends[0], told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
      acknowledged[told[0]] = told[1];
    }
    close(ends[0]);
  }

  Ledger ledger = expect(Ledger::open(path, options()));
  for (const auto& [seq, number] : acknowledged) {
    EXPECT_EQ(expect(ledger.read(Seq{seq})).data, std::to_string(number));
  }
  EXPECT_GT(acknowledged.size(), static_cast<std::size_t>(kKills));
  EXPECT_TRUE(expect(ledger.verify()).ok());
}

}  // namespace
}  // namespace daybook
