// SPDX-License-Identifier: Apache-2.0
//
// The file a supervisor leaves behind: everything in it comes back, from a
// whole file, a cut one, and one on a disk that lost its power.
#include "run/run_file.h"

#include <string>

#include <gtest/gtest.h>

#include "base/fs/files.h"
#include "support/faulty_file_system.h"

namespace daybook {
namespace {

using testing::FaultyFileSystem;
using testing::Operation;

constexpr const char* kDirectory = "/ledger/views/supervise";
constexpr const char* kName = "01JCX0000000000000000000AA.run";
constexpr const char* kPath = "/ledger/views/supervise/01JCX0000000000000000000AA.run";

RunRecord sample_run() {
  RunRecord run;
  run.id = "01JCX0000000000000000000AA";
  run.task = "backup";
  run.host = "host";
  run.directory = "/srv/data";
  run.command = {"sh", "-c", "echo \"a\"\nexit 3", "\xFF"};
  run.started = Timestamp{1'795'161'983'000'001};
  run.attempts_max = 4;
  run.timeout_us = 5;
  run.interval_us = 6;
  run.round = 7;
  run.series = "01JCX0000000000000000000ZZ";
  run.supervisor_pid = 4711;
  run.attempts.resize(1);
  run.attempts[0].result.number = 1;
  run.attempts[0].result.started = Timestamp{1'795'161'983'000'002};
  return run;
}

AttemptRecord finished(AttemptRecord attempt) {
  attempt.result.ended = Timestamp{1'795'161'984'000'000};
  attempt.result.exit_code = 137;
  attempt.result.signal = 9;
  attempt.result.core_dumped = true;
  attempt.result.timed_out = true;
  attempt.result.output_open = true;
  attempt.result.error = "an \"error\"";
  attempt.result.pid = 99;
  attempt.result.duration_us = 11;
  attempt.result.user_us = 12;
  attempt.result.system_us = 13;
  attempt.result.max_rss_kib = 14;
  attempt.result.stdout_bytes = 15;
  attempt.result.stderr_bytes = 16;
  attempt.last_words = "killed";
  attempt.fate = Fate::Finished;
  return attempt;
}

std::optional<RunRecord> read_back(FaultyFileSystem& disk) {
  auto file = RunFile::open_dead(disk, kDirectory, kName);
  EXPECT_TRUE(file.has_value());
  if (!file || !*file) return std::nullopt;
  auto run = (*file)->read();
  EXPECT_TRUE(run.has_value());
  return run ? *std::move(run) : std::nullopt;
}

TEST(RunFile, EverythingComesBack) {
  FaultyFileSystem disk;
  RunRecord run = sample_run();
  {
    RunFile file = RunFile::create(disk, kDirectory, run).value();
    run.attempts[0].result.pid = 99;
    run.attempts[0].pid_start = 123456;
    ASSERT_TRUE(file.note_started(run.attempts[0]).has_value());
    ASSERT_TRUE(file.note_finished(finished(run.attempts[0])).has_value());
    AttemptRecord second;
    second.result.number = 2;
    second.result.started = Timestamp{1'795'161'985'000'000};
    ASSERT_TRUE(file.add_attempt(second).has_value());
    run.exit_code = 137;
    run.ended = Timestamp{1'795'161'986'000'000};
    run.duration_us = 17;
    run.stopped_by = 15;
    ASSERT_TRUE(file.note_task_finished(run).has_value());
  }

  const auto back = read_back(disk);

  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->id, run.id);
  EXPECT_EQ(back->task, run.task);
  EXPECT_EQ(back->host, run.host);
  EXPECT_EQ(back->directory, run.directory);
  EXPECT_EQ(back->command, (std::vector<std::string>{"sh", "-c", run.command[2], "\xEF\xBF\xBD"}));
  EXPECT_EQ(back->started, run.started);
  EXPECT_EQ(back->attempts_max, 4u);
  EXPECT_EQ(back->timeout_us, 5u);
  EXPECT_EQ(back->interval_us, 6u);
  EXPECT_EQ(back->round, 7u);
  EXPECT_EQ(back->series, run.series);
  EXPECT_EQ(back->supervisor_pid, 4711);
  EXPECT_EQ(back->fate, Fate::Finished);
  EXPECT_EQ(back->exit_code, 137);
  EXPECT_EQ(back->stopped_by, 15);
  EXPECT_EQ(back->duration_us, 17u);
  EXPECT_EQ(back->ended, run.ended);
  ASSERT_EQ(back->attempts.size(), 2u);
  const AttemptRecord expected = finished(run.attempts[0]);
  const AttemptRecord& first = back->attempts[0];
  EXPECT_EQ(first.fate, Fate::Finished);
  EXPECT_EQ(first.pid_start, 123456u);
  EXPECT_EQ(first.last_words, "killed");
  EXPECT_EQ(first.result.started, expected.result.started);
  EXPECT_EQ(first.result.ended, expected.result.ended);
  EXPECT_EQ(first.result.exit_code, 137);
  EXPECT_EQ(first.result.signal, 9);
  EXPECT_TRUE(first.result.core_dumped && first.result.timed_out && first.result.output_open);
  EXPECT_EQ(first.result.error, expected.result.error);
  EXPECT_EQ(first.result.pid, 99);
  EXPECT_EQ(first.result.duration_us, 11u);
  EXPECT_EQ(first.result.user_us, 12u);
  EXPECT_EQ(first.result.system_us, 13u);
  EXPECT_EQ(first.result.max_rss_kib, 14u);
  EXPECT_EQ(first.result.stdout_bytes, 15u);
  EXPECT_EQ(first.result.stderr_bytes, 16u);
  EXPECT_EQ(back->attempts[1].fate, Fate::Unknown);
}

TEST(RunFile, IsNotTakenFromALiveSupervisor) {
  FaultyFileSystem disk;
  const RunFile alive = RunFile::create(disk, kDirectory, sample_run()).value();

  const auto taken = RunFile::open_dead(disk, kDirectory, kName);

  ASSERT_TRUE(taken.has_value());
  EXPECT_FALSE(taken->has_value());
}

TEST(RunFile, SurvivesPowerLossFromItsFirstMoment) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    FaultyFileSystem disk(seed);
    ASSERT_TRUE(disk.make_directory("/ledger").has_value());
    ASSERT_TRUE(disk.sync_directory("/").has_value());
    const RunFile file = RunFile::create(disk, kDirectory, sample_run()).value();

    disk.crash(seed);

    const auto back = read_back(disk);
    ASSERT_TRUE(back.has_value()) << "seed " << seed;
    EXPECT_EQ(back->task, "backup");
    ASSERT_EQ(back->attempts.size(), 1u);
  }
}

// A crash at any operation of making the file leaves it whole or not there.
TEST(RunFile, CrashWhileItIsMadeLeavesNothingHalf) {
  for (std::uint64_t nth = 1;; ++nth) {
    FaultyFileSystem disk(nth);
    disk.fail({.nth = nth, .repeat = testing::Repeat::Forever});
    const bool made = RunFile::create(disk, kDirectory, sample_run()).has_value();
    disk.clear_faults();
    disk.crash(nth);

    const bool there = disk.exists(kPath).value_or(false);
    if (there) {
      const auto back = read_back(disk);
      ASSERT_TRUE(back.has_value()) << "operation " << nth;
      ASSERT_EQ(back->attempts.size(), 1u) << "operation " << nth;
    }
    if (made) {
      EXPECT_TRUE(there);
      break;
    }
    ASSERT_LT(nth, 200u);
  }
}

TEST(RunFile, FactsOfTheEndFitOnAFullDisk) {
  FaultyFileSystem disk;
  const RunRecord run = sample_run();
  {
    RunFile file = RunFile::create(disk, kDirectory, run).value();
    disk.set_capacity(0);
    EXPECT_TRUE(file.note_started(run.attempts[0]).has_value());
    EXPECT_TRUE(file.note_finished(finished(run.attempts[0])).has_value());
    EXPECT_TRUE(file.note_task_finished(run).has_value());
  }

  const auto back = read_back(disk);

  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->fate, Fate::Finished);
  EXPECT_EQ(back->attempts[0].fate, Fate::Finished);
}

TEST(RunFile, AnyCutAndAnyFlipIsSurvived) {
  FaultyFileSystem disk;
  const RunRecord run = sample_run();
  {
    RunFile file = RunFile::create(disk, kDirectory, run).value();
    ASSERT_TRUE(file.note_finished(finished(run.attempts[0])).has_value());
  }
  const Bytes whole = disk.content(kPath);
  const std::size_t used = as_text(whole).find("\n\n");
  for (std::size_t size = 0; size <= used; ++size) {
    disk.put_file(kPath, ByteView(whole).first(size));
    const auto back = read_back(disk);
    if (back) {
      EXPECT_EQ(back->id, run.id);
    }
  }
  for (std::size_t at = 0; at <= used; ++at) {
    disk.put_file(kPath, whole);
    disk.flip_bit(kPath, at, at % 8);
    read_back(disk);
  }
  disk.put_file(kPath, {});
  EXPECT_FALSE(read_back(disk).has_value());
}

TEST(RunFile, UnfinishedOneOfADeadMakerIsRemoved) {
  FaultyFileSystem disk;
  const std::string path = "/ledger/views/supervise/x.new";
  disk.put_file(path, as_bytes("half"));

  const auto opened = RunFile::open_dead(disk, kDirectory, "x.new");

  ASSERT_TRUE(opened.has_value());
  EXPECT_FALSE(opened->has_value());
  EXPECT_FALSE(disk.exists(path).value());
}

TEST(RunFile, RemoveLeavesNothing) {
  FaultyFileSystem disk;
  const RunRecord run = sample_run();
  RunFile file = RunFile::create(disk, kDirectory, run).value();
  disk.put_file(file.spool_path(1, "out"), as_bytes("x"));
  disk.put_file(file.spool_path(1, "err"), as_bytes("y"));

  file.remove(run);

  EXPECT_TRUE(disk.files().empty());
}

}  // namespace
}  // namespace daybook
