// SPDX-License-Identifier: Apache-2.0
//
// What supervise() records and does, with real commands on a disk in memory,
// where it can be read-only, full or failing.
#include "daybook/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "run/process.h"
#include "run/supervise_support.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::expect_every_start_has_one_end;
using testing::HookClock;
using testing::kinds;
using testing::Mount;
using testing::only;
using testing::TempDirectory;
using testing::TestEnvironment;
using testing::told;
using testing::ToldEvent;

using Names = std::vector<std::string>;

class SuperviseTest : public ::testing::Test {
 protected:
  SuperviseTest() : env_(world_.environment()) {
    env_.clock = &clock_;
    ledger_.emplace(Ledger::create("/ledger", {}, env_).value());
    options_.task = "job";
    options_.signals = Signals::Leave;
    options_.group = ProcessGroup::Own;
    options_.stdout_fd = -1;
    options_.stderr_fd = -1;
    options_.warn = [this](const std::string& text) { warnings_.push_back(text); };
  }

  Result<SuperviseResult> try_run(const std::string& script) {
    options_.command = {"/bin/sh", "-c", script};
    return supervise(*ledger_, options_, env_);
  }
  SuperviseResult run(const std::string& script) {
    auto result = try_run(script);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return result.value_or(SuperviseResult{});
  }
  std::vector<ToldEvent> events() { return told(*ledger_, options_.task); }
  std::string marker() const { return directory_ / "marker"; }
  [[nodiscard]] bool marked() const { return ::access(marker().c_str(), F_OK) == 0; }
  // Files of supervisors on the ledger's disk.
  [[nodiscard]] std::size_t left_behind() const {
    std::size_t count = 0;
    for (const std::string& file : world_.disk.files())
      count += file.find("/views/supervise/") != std::string::npos;
    return count;
  }
  std::string blob(const nlohmann::json& reference) {
    const std::string name = reference.at("$blob");
    const auto bytes = ledger_->get_blob(parse_digest(name.substr(name.find(':') + 1)).value());
    EXPECT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->size(), reference.at("size").get<std::uint64_t>());
    return std::string(bytes->begin(), bytes->end());
  }

  // Runs a script that calls `ready` once; `meanwhile` happens before it returns.
  SuperviseResult run_meanwhile(const std::string& script, const std::function<void()>& meanwhile) {
    const std::string fifo = directory_ / "fifo";
    EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const UniqueFd answer(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    const UniqueFd answers(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    Pipe said = make_pipe().value();
    options_.stdout_fd = said.write.get();
    std::thread other([&] {
      pollfd wait{.fd = said.read.get(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, -1);
      meanwhile();
      EXPECT_EQ(::write(answers.get(), "go on\n", 6), 6);
    });
    const SuperviseResult result =
        run("ready() { echo ready; read word < " + fifo + "; }; " + script);
    other.join();
    return result;
  }

  TempDirectory directory_;
  TestEnvironment world_;
  HookClock clock_;
  Environment env_;
  std::optional<Ledger> ledger_;
  SuperviseOptions options_;
  Names warnings_;
};

TEST_F(SuperviseTest, RecordsARun) {
  const SuperviseResult result = run("echo out; echo problem >&2; exit 3");

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.attempts, 1u);
  EXPECT_EQ(result.runs, 1u);
  EXPECT_TRUE(result.recorded);
  const auto all = events();
  EXPECT_EQ(kinds(all), (Names{"task.started", "attempt.started", "output", "attempt.finished",
                               "task.finished"}));
  expect_every_start_has_one_end(all);
  for (const ToldEvent& one : all) {
    EXPECT_EQ(one.event.type, "state_change");
    EXPECT_EQ(one.event.tier, Tier::Structured);
    EXPECT_EQ(one.event.actor, "machine:" + host_name());
    EXPECT_EQ(one.event.subject, "subsystem:job");
    EXPECT_EQ(one.event.correlation, result.run);
    EXPECT_EQ(one.data.at("subsystem"), "job");
    EXPECT_EQ(one.data.at("machine"), host_name());
    EXPECT_FALSE(one.data.at("summary").get<std::string>().empty());
  }
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(left_behind(), 0u);
  EXPECT_TRUE(ledger_->verify()->ok());
}

TEST_F(SuperviseTest, SaysWhatRanAndHowItEnded) {
  const SuperviseResult result = run("echo out; echo problem >&2; exit 3");

  const auto all = events();
  const auto& started = only(all, "task.started").data;
  EXPECT_EQ(started.at("command"), (Names{"/bin/sh", "-c", options_.command[2]}));
  EXPECT_EQ(started.at("attempts_max"), 1);
  EXPECT_EQ(started.at("directory"), working_directory());
  const auto& finished = only(all, "attempt.finished").data;
  EXPECT_EQ(finished.at("attempt"), 1);
  EXPECT_EQ(finished.at("exit_code"), 3);
  EXPECT_EQ(finished.at("outcome"), "failed");
  EXPECT_EQ(finished.at("timed_out"), false);
  EXPECT_FALSE(finished.contains("signal"));
  EXPECT_EQ(finished.at("pid"), result.last.pid);
  EXPECT_EQ(finished.at("stdout_bytes"), 4);
  EXPECT_EQ(finished.at("stderr_bytes"), 8);
  EXPECT_GE(finished.at("duration_ms"), 0);
  EXPECT_GE(finished.at("user_ms"), 0);
  EXPECT_GE(finished.at("system_ms"), 0);
  EXPECT_GT(finished.at("max_rss_kib"), 0);
  EXPECT_NE(finished.at("summary").get<std::string>().find("problem"), std::string::npos);
  const auto& ended = only(all, "task.finished").data;
  EXPECT_EQ(ended.at("exit_code"), 3);
  EXPECT_EQ(ended.at("attempts"), 1);
  EXPECT_EQ(ended.at("outcome"), "failed");
}

TEST_F(SuperviseTest, KeepsOutputWholeAndItsTail) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + "\n";
  std::ofstream(directory_ / "text") << text;

  run("cat " + directory_ / "text" + "; echo problem >&2");

  const auto& output = only(events(), "output").data;
  EXPECT_EQ(blob(output.at("stdout")), text);
  EXPECT_EQ(output.at("stdout_bytes"), text.size());
  EXPECT_EQ(output.at("stdout_tail"), text.substr(text.size() - 4096));
  EXPECT_FALSE(output.contains("stdout_dropped"));
  EXPECT_EQ(blob(output.at("stderr")), "problem\n");
  EXPECT_EQ(output.at("stderr_tail"), "problem\n");
}

TEST_F(SuperviseTest, SilentCommandHasNoOutputEvent) {
  run("exit 0");

  EXPECT_EQ(kinds(events()),
            (Names{"task.started", "attempt.started", "attempt.finished", "task.finished"}));
}

TEST_F(SuperviseTest, DropsTheMiddleOfTooMuchOutput) {
  options_.output_bytes = 1000;
  std::string text;
  for (int i = 1000; i < 2000; ++i) text += std::to_string(i) + "\n";
  std::ofstream(directory_ / "text") << text;

  const SuperviseResult result = run("cat " + directory_ / "text");

  EXPECT_EQ(result.last.stdout_bytes, 5000u);
  const auto& output = only(events(), "output").data;
  EXPECT_EQ(blob(output.at("stdout")), text.substr(0, 500) + text.substr(4500));
  EXPECT_EQ(output.at("stdout_bytes"), 5000);
  EXPECT_EQ(output.at("stdout_dropped"), 4000);
  EXPECT_EQ(output.at("stdout_gap_at"), 500);
  EXPECT_EQ(output.at("stdout_tail"), text.substr(text.size() - 4096));
}

TEST_F(SuperviseTest, BinaryOutputIsKeptByteForByte) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 7 % 256);
  std::ofstream(directory_ / "bytes", std::ios::binary) << bytes;

  run("cat " + directory_ / "bytes");

  const auto& output = only(events(), "output").data;
  EXPECT_TRUE(blob(output.at("stdout")) == bytes);
  EXPECT_TRUE(is_utf8(output.at("stdout_tail").get<std::string>()));
}

TEST_F(SuperviseTest, RetriesUntilItSucceeds) {
  options_.retries = 5;
  options_.backoff = {.first = seconds(1), .longest = minutes(5)};

  const SuperviseResult result =
      run("echo x >> " + marker() + "; [ $(wc -l < " + marker() + ") = 3 ]");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.attempts, 3u);
  const auto all = events();
  EXPECT_EQ(kinds(all),
            (Names{"task.started", "attempt.started", "attempt.finished", "attempt.started",
                   "attempt.finished", "attempt.started", "attempt.finished", "task.finished"}));
  expect_every_start_has_one_end(all);
  EXPECT_EQ(all[3].event.causes, std::vector{all[2].event.id});
  EXPECT_EQ(all[5].event.causes, std::vector{all[4].event.id});
  EXPECT_EQ(all[7].event.causes, std::vector{all[6].event.id});
  EXPECT_EQ(all[6].data.at("attempt"), 3);
  EXPECT_EQ(all[7].data.at("attempts"), 3);
  EXPECT_EQ(all[7].data.at("outcome"), "succeeded");
}

TEST_F(SuperviseTest, GivesUpWithTheLastExitCodeAfterGrowingPauses) {
  options_.retries = 3;
  options_.backoff = {.first = seconds(2), .longest = seconds(6)};

  const SuperviseResult result =
      run("echo x >> " + marker() + "; exit $(wc -l < " + marker() + ")");

  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.attempts, 4u);
  std::vector<std::int64_t> starts;
  for (const ToldEvent& one : events()) {
    if (one.kind() == "attempt.started") starts.push_back(one.event.time.micros);
  }
  ASSERT_EQ(starts.size(), 4u);
  const std::int64_t most[] = {2, 4, 6};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t pause = starts[i + 1] - starts[i];
    EXPECT_GE(pause, std::max<std::int64_t>(2, most[i] / 2) * 1'000'000);
    EXPECT_LE(pause, most[i] * 1'000'000);
  }
}

TEST_F(SuperviseTest, RecordsWhatCouldNotBeStarted) {
  options_.command = {"no-such-command-here", "--flag"};

  const auto result = supervise(*ledger_, options_, env_);

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->exit_code, 127);
  const auto all = events();
  expect_every_start_has_one_end(all);
  const auto& finished = only(all, "attempt.finished").data;
  EXPECT_EQ(finished.at("exit_code"), 127);
  EXPECT_NE(finished.at("error").get<std::string>().find("no-such-command"), std::string::npos);
}

TEST_F(SuperviseTest, RecordsSignalsAndTimeouts) {
  env_.clock = Environment::system().clock;
  options_.timeout = milliseconds(30);

  const SuperviseResult result = run("kill -STOP $$");

  EXPECT_EQ(result.exit_code, 128 + SIGTERM);
  const auto& finished = only(events(), "attempt.finished").data;
  EXPECT_EQ(finished.at("timed_out"), true);
  EXPECT_EQ(finished.at("outcome"), "timed_out");
  EXPECT_EQ(finished.at("signal"), SIGTERM);
  EXPECT_EQ(finished.at("signal_name"), "SIGTERM");
  EXPECT_EQ(only(events(), "task.started").data.at("timeout_ms"), 30);
}

TEST_F(SuperviseTest, RunsAgainEveryInterval) {
  options_.interval = seconds(6);
  options_.max_runs = 3;

  const SuperviseResult result = run("echo tick");

  EXPECT_EQ(result.runs, 3u);
  const auto all = events();
  expect_every_start_has_one_end(all);
  std::vector<const ToldEvent*> starts;
  for (const ToldEvent& one : all) {
    if (one.kind() == "task.started") starts.push_back(&one);
  }
  ASSERT_EQ(starts.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(starts[i]->data.at("round"), i + 1);
    EXPECT_EQ(starts[i]->data.at("series"), starts[0]->event.correlation);
    if (i == 0) continue;
    EXPECT_EQ(starts[i]->event.time.micros - starts[i - 1]->event.time.micros, 6'000'000);
    EXPECT_NE(starts[i]->event.correlation, starts[i - 1]->event.correlation);
  }
}

TEST_F(SuperviseTest, RunLongerThanTheIntervalIsFollowedAtOnce) {
  options_.interval = seconds(2);
  options_.max_runs = 2;
  options_.retries = 1;
  options_.backoff = {.first = seconds(5), .longest = seconds(5)};

  run("exit 1");

  std::vector<std::int64_t> starts;
  for (const ToldEvent& one : events()) {
    if (one.kind() == "task.started") starts.push_back(one.event.time.micros);
  }
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[1] - starts[0], 5'000'000);
}

TEST_F(SuperviseTest, SignalEndsTheWaitForTheNextAttempt) {
  options_.signals = Signals::Forward;
  options_.retries = 5;
  clock_.on_sleep = [] { ::raise(SIGTERM); };

  const SuperviseResult result = run("exit 9");

  EXPECT_EQ(result.exit_code, 9);
  EXPECT_EQ(result.attempts, 1u);
  EXPECT_EQ(result.stopped_by, SIGTERM);
  const auto all = events();
  expect_every_start_has_one_end(all);
  EXPECT_EQ(only(all, "task.finished").data.at("stopped_by"), "SIGTERM");
}

TEST_F(SuperviseTest, SignalEndsTheInterval) {
  options_.signals = Signals::Forward;
  options_.interval = seconds(2);
  int sleeps = 0;
  clock_.on_sleep = [&] {
    if (++sleeps == 6) ::raise(SIGHUP);
  };

  const SuperviseResult result = run("exit 0");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.runs, 2u);
  EXPECT_EQ(result.stopped_by, SIGHUP);
  expect_every_start_has_one_end(events());
}

TEST_F(SuperviseTest, CommandThatASignalEndedIsNotRunAgain) {
  options_.signals = Signals::Forward;
  options_.retries = 5;

  const SuperviseResult result =
      run_meanwhile("ready; while :; do :; done", [] { ::kill(::getpid(), SIGTERM); });

  EXPECT_EQ(result.exit_code, 128 + SIGTERM);
  EXPECT_EQ(result.attempts, 1u);
  EXPECT_EQ(result.stopped_by, SIGTERM);
}

TEST_F(SuperviseTest, SecondCallThatForwardsSignalsIsRefused) {
  options_.signals = Signals::Forward;
  std::optional<Error> error;

  run_meanwhile("ready", [&] {
    SuperviseOptions second = options_;
    second.command = {"true"};
    const auto result = supervise(*ledger_, second, env_);
    if (!result) error = result.error();
  });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, Errc::Busy);
}

TEST_F(SuperviseTest, RefusesBadOptionsAndRunsNothing) {
  const auto code = [&](auto change) {
    SuperviseOptions bad = options_;
    bad.command = {"/bin/sh", "-c", "touch " + marker()};
    change(bad);
    const auto result = supervise(*ledger_, bad, env_);
    return result ? Errc::Internal : result.error().code;
  };
  EXPECT_EQ(code([](auto& o) { o.task = ""; }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.task = "a\nb"; }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.task = "\xFF"; }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.task = std::string(201, 'x'); }), Errc::LimitExceeded);
  EXPECT_EQ(code([](auto& o) { o.command = {}; }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.command = {""}; }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.command.emplace_back("a\0b", 3); }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.timeout = seconds(0); }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.interval = seconds(-1); }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.grace = seconds(-1); }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.backoff.longest = seconds(0); }), Errc::InvalidArgument);
  EXPECT_EQ(code([](auto& o) { o.retries = kMaxRetries + 1; }), Errc::LimitExceeded);
  EXPECT_EQ(code([](auto& o) { o.output_bytes = kMaxOutputBytes + 1; }), Errc::LimitExceeded);
  EXPECT_EQ(code([](auto& o) { o.tail_bytes = kMaxTailBytes + 1; }), Errc::LimitExceeded);
  EXPECT_FALSE(marked());
  EXPECT_EQ(ledger_->last(), Seq{0});
}

TEST_F(SuperviseTest, TaskNameOfTheLongestLengthWorks) {
  options_.task = std::string(kMaxTaskBytes, 'x');

  EXPECT_EQ(run("exit 0").exit_code, 0);
  expect_every_start_has_one_end(events());
}

TEST_F(SuperviseTest, LongCommandIsKeptWhole) {
  const std::string script = "exit 0 #" + std::string(100'000, 'x');

  run(script);

  EXPECT_EQ(only(events(), "task.started").data.at("command").at(2), script);
  EXPECT_LT(only(events(), "task.started").data.at("summary").get<std::string>().size(), 200u);
}

TEST_F(SuperviseTest, CommandThatCannotBeRecordedIsNotRun) {
  world_.disk.set_mount(Mount::ReadOnly);

  const auto result = try_run("touch " + marker());

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::PermissionDenied);
  EXPECT_FALSE(marked());
}

TEST_F(SuperviseTest, FullDiskBeforeTheStartRefusesAndLeavesNothing) {
  world_.disk.set_capacity(0);

  const auto result = try_run("touch " + marker());
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::NoSpace);
  EXPECT_FALSE(marked());
  EXPECT_EQ(record_lost_attempts(*ledger_, env_), 0u);
  EXPECT_EQ(left_behind(), 0u);
  EXPECT_TRUE(events().empty());
}

TEST_F(SuperviseTest, DiskThatFillsUpNeverTouchesTheCommand) {
  const SuperviseResult result =
      run_meanwhile("ready; echo more; exit 5", [&] { world_.disk.set_capacity(0); });

  EXPECT_EQ(result.exit_code, 5);
  EXPECT_FALSE(result.recorded);
  EXPECT_FALSE(warnings_.empty());

  // Space returns: the next supervise completes the record, with the exit code.
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  EXPECT_EQ(record_lost_attempts(*ledger_, env_), 0u);
  const auto all = events();
  expect_every_start_has_one_end(all);
  EXPECT_EQ(only(all, "attempt.finished").data.at("exit_code"), 5);
  EXPECT_EQ(only(all, "task.finished").data.at("exit_code"), 5);
  EXPECT_EQ(only(all, "output").data.at("stdout_bytes"), 11);
  EXPECT_EQ(left_behind(), 0u);
}

TEST_F(SuperviseTest, FailedFlushIsOvercome) {
  const SuperviseResult result = run_meanwhile("ready; exit 5", [&] {
    world_.disk.fail({.kind = testing::Operation::Sync, .path = ".seg"});
  });

  EXPECT_EQ(result.exit_code, 5);
  EXPECT_TRUE(result.recorded);
  ledger_.emplace(Ledger::open("/ledger", {}, env_).value());
  const auto all = events();
  expect_every_start_has_one_end(all);
  EXPECT_EQ(only(all, "attempt.finished").data.at("exit_code"), 5);
  EXPECT_EQ(left_behind(), 0u);
}

// A flush fails before a run, and everything the ledger object does from then on.
TEST_F(SuperviseTest, FailedFlushBeforeARunIsOvercomeAtOnce) {
  options_.interval = seconds(2);
  options_.max_runs = 3;
  int sleeps = 0;
  clock_.on_sleep = [&] {
    if (++sleeps > 1) return;
    world_.disk.fail({.kind = testing::Operation::Sync, .path = ".seg"});
  };

  const SuperviseResult result = run("exit 0");

  EXPECT_EQ(result.runs, 3u);
  EXPECT_TRUE(result.recorded);
  EXPECT_TRUE(warnings_.empty());
  ledger_.emplace(Ledger::open("/ledger", {}, env_).value());
  expect_every_start_has_one_end(events());
}

TEST_F(SuperviseTest, ClockThatIsSetBackDoesNotBendDurations) {
  const SuperviseResult result = run_meanwhile("ready", [&] {
    clock_.inner.advance(2'000'000);
    clock_.inner.step_back(3'600'000'000);
  });

  EXPECT_EQ(result.last.duration_us, 2'000'000u);
  const auto all = events();
  EXPECT_EQ(only(all, "attempt.finished").data.at("duration_ms"), 2000);
  EXPECT_EQ(only(all, "task.finished").data.at("duration_ms"), 2000);
  expect_every_start_has_one_end(all);
}

TEST_F(SuperviseTest, RunThatCannotBeRecordedIsSkippedAndTheNextOneIsNot) {
  options_.interval = seconds(2);
  options_.max_runs = 3;
  int sleeps = 0;  // four before each further run
  clock_.on_sleep = [&] {
    world_.disk.set_mount(++sleeps <= 4 ? Mount::ReadOnly : Mount::Writable);
  };

  const SuperviseResult result = run("exit 0");

  EXPECT_EQ(result.runs, 2u);
  EXPECT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(only({events().back()}, "task.finished").data.at("exit_code"), 0);
}

TEST_F(SuperviseTest, SpoolThatCannotBeWrittenCostsOnlyTheMiddle) {
  world_.disk.fail({.kind = testing::Operation::Create,
                    .path = ".out",
                    .repeat = testing::Repeat::Forever,
                    .code = Errc::NoSpace});

  const SuperviseResult result = run("echo said");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.recorded);
  EXPECT_EQ(warnings_.size(), 1u);
  const auto& output = only(events(), "output").data;
  EXPECT_FALSE(output.contains("stdout"));
  EXPECT_EQ(output.at("stdout_tail"), "said\n");
  EXPECT_EQ(output.at("stdout_dropped"), 5);
}

TEST_F(SuperviseTest, ManyAtOnceRecordEachTheirOwn) {
  env_.clock = Environment::system().clock;
  options_.warn = nullptr;
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      SuperviseOptions options = options_;
      options.command = {"/bin/sh", "-c", "exit " + std::to_string(i)};
      for (int round = 0; round < 3; ++round) {
        const auto result = supervise(*ledger_, options, env_);
        EXPECT_TRUE(result.has_value());
        EXPECT_EQ(result->exit_code, i);
        EXPECT_EQ(result->lost, 0u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  const auto all = events();
  expect_every_start_has_one_end(all);
  EXPECT_EQ(all.size(), 4u * kThreads * 3);
  EXPECT_EQ(std::ranges::count(kinds(all), "attempt.lost"), 0);
  EXPECT_EQ(left_behind(), 0u);
}

}  // namespace
}  // namespace daybook
