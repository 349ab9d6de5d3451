// SPDX-License-Identifier: Apache-2.0
//
// The supervisor dies: by SIGKILL, by power loss, at any operation on the disk.
// Whatever it had recorded as started gets exactly one end from the next one.
#include "run/recovery.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/supervise.h"
#include "run/process.h"
#include "run/run_file.h"
#include "run/supervise_support.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

using std::chrono::seconds;
using testing::expect_every_start_has_one_end;
using testing::FaultyFileSystem;
using testing::kinds;
using testing::only;
using testing::TempDirectory;
using testing::TestEnvironment;
using testing::told;

using Names = std::vector<std::string>;

SuperviseOptions quiet_options(std::vector<std::string> command) {
  SuperviseOptions options;
  options.task = "job";
  options.command = std::move(command);
  options.signals = Signals::Leave;
  options.group = ProcessGroup::Own;
  options.stdout_fd = -1;
  options.stderr_fd = -1;
  return options;
}

std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (true) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, -1);
    if (::read(fd, &c, 1) != 1 || c == '\n') return line;
    line += c;
  }
}

void end_group(pid_t group) {
  ASSERT_GT(group, 1);  // 0 would be this test's own
  ::kill(-group, SIGKILL);
}

// A real supervisor in a process of its own, killed while its command runs.
class KilledSupervisor : public ::testing::Test {
 protected:
  KilledSupervisor() : ledger_(Ledger::create(directory_ / "ledger").value()) {}

  // Returns the command's pid, or 0 when it said nothing.
  pid_t kill_while_running(const std::string& script, std::uint32_t retries = 0) {
    Pipe said = make_pipe().value();
    const pid_t supervisor = ::fork();
    if (supervisor == 0) {
      SuperviseOptions options = quiet_options({"/bin/sh", "-c", script});
      options.stdout_fd = said.write.get();
      options.retries = retries;
      options.backoff = {.first = seconds(0), .longest = seconds(0)};
      auto own = Ledger::open(directory_ / "ledger");
      ::_exit(own && supervise(*own, options) ? 0 : 1);
    }
    said.write.reset();
    const std::string pid = read_line(said.read.get());
    ::kill(supervisor, SIGKILL);
    ::waitpid(supervisor, nullptr, 0);
    return pid.empty() ? 0 : std::stoi(pid);
  }

  TempDirectory directory_;
  Ledger ledger_;
};

TEST_F(KilledSupervisor, LeavesAnAttemptThatTheNextOneRecordsAsLost) {
  const pid_t command = kill_while_running("echo $$; sleep 600");
  ASSERT_GT(command, 0);
  EXPECT_EQ(kinds(told(ledger_, "job")), (Names{"task.started", "attempt.started"}));

  const auto next = supervise(ledger_, quiet_options({"true"}));
  end_group(command);

  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->lost, 1u);
  const auto all = told(ledger_, "job");
  expect_every_start_has_one_end(all);
  EXPECT_EQ(kinds(all),
            (Names{"task.started", "attempt.started", "output", "attempt.lost", "task.lost",
                   "task.started", "attempt.started", "attempt.finished", "task.finished"}));
  const auto& lost = only(all, "attempt.lost").data;
  EXPECT_EQ(lost.at("attempt"), 1);
  EXPECT_EQ(lost.at("outcome"), "lost");
  EXPECT_EQ(lost.at("pid"), command);
  EXPECT_EQ(lost.at("still_running"), true);
  EXPECT_EQ(lost.at("command"), (Names{"/bin/sh", "-c", "echo $$; sleep 600"}));
  EXPECT_EQ(only(all, "output").data.at("stdout_tail"), std::to_string(command) + "\n");
  EXPECT_TRUE(ledger_.verify()->ok());
}

TEST_F(KilledSupervisor, KeepsTheOutputOfItsCommand) {
  std::string text(300'000, 'x');
  text += '\n';
  std::ofstream(directory_ / "text") << text;
  const pid_t command =
      kill_while_running("cat " + directory_ / "text" + " >&2; echo $$; kill -STOP $$");
  end_group(command);

  EXPECT_EQ(record_lost_attempts(ledger_), 1u);

  const auto all = told(ledger_, "job");
  expect_every_start_has_one_end(all);
  EXPECT_EQ(only(all, "output").data.at("stderr_bytes"), text.size());
  EXPECT_EQ(only(all, "output").data.at("stderr").at("size"), text.size());
}

TEST_F(KilledSupervisor, LosesOnlyTheAttemptThatRan) {
  const std::string marker = directory_ / "marker";
  const pid_t command = kill_while_running(
      "[ -e " + marker + " ] || { touch " + marker + "; exit 3; }; echo $$; kill -STOP $$", 5);
  end_group(command);

  EXPECT_EQ(record_lost_attempts(ledger_), 1u);

  const auto all = told(ledger_, "job");
  expect_every_start_has_one_end(all);
  EXPECT_EQ(only(all, "attempt.finished").data.at("exit_code"), 3);
  EXPECT_EQ(only(all, "attempt.lost").data.at("attempt"), 2);
  EXPECT_EQ(only(all, "task.lost").event.causes, std::vector{only(all, "attempt.lost").event.id});
}

TEST_F(KilledSupervisor, IsRecordedOnceHoweverManyComeAfterIt) {
  const pid_t command = kill_while_running("echo $$; kill -STOP $$");
  end_group(command);

  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> lost = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { lost += record_lost_attempts(ledger_).value_or(100); });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(lost, 1u);
  expect_every_start_has_one_end(told(ledger_, "job"));
}

// A world whose disk is copied at the moment the command says that it is ready,
// as when the supervisor dies then; the supervisor itself goes on.
class DeathAt : public ::testing::Test {
 protected:
  DeathAt() { ledger_.emplace(Ledger::create("/ledger", {}, world_.environment()).value()); }

  std::unique_ptr<FaultyFileSystem> when_ready(const std::string& script) {
    const std::string fifo = directory_ / "fifo";
    EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const UniqueFd answers(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    Pipe said = make_pipe().value();
    std::unique_ptr<FaultyFileSystem> copy;
    std::thread witness([&] {
      read_line(said.read.get());
      copy = world_.disk.clone();
      EXPECT_EQ(::write(answers.get(), "go on\n", 6), 6);
    });
    SuperviseOptions options = quiet_options(
        {"/bin/sh", "-c", "ready() { echo ready; read word < " + fifo + "; }; " + script});
    options.stdout_fd = said.write.get();
    EXPECT_TRUE(supervise(*ledger_, options, world_.environment()).has_value());
    witness.join();
    return copy;
  }

  TempDirectory directory_;
  TestEnvironment world_;
  std::optional<Ledger> ledger_;
};

TEST_F(DeathAt, AnyMomentWithPowerLossStillHasOneEnd) {
  const auto copy = when_ready("ready");
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto disk = copy->clone(seed);
    disk->crash(seed);
    Environment env = world_.environment();
    env.files = disk.get();
    auto ledger = Ledger::open("/ledger", {}, env).value();

    EXPECT_EQ(record_lost_attempts(ledger, env), 1u) << "seed " << seed;

    const auto all = told(ledger, "job");
    expect_every_start_has_one_end(all);
    EXPECT_EQ(only(all, "attempt.lost").data.at("attempt"), 1);
    EXPECT_TRUE(ledger.verify()->ok());
  }
}

TEST_F(DeathAt, AnotherMachinesSupervisorsAreLeftAlone) {
  const auto copy = when_ready("ready");
  Environment env = world_.environment();
  env.files = copy.get();
  std::string name;
  for (const std::string& file : copy->files()) {
    if (file.ends_with(".run")) name = file;
  }
  ASSERT_NE(name, "");
  Bytes bytes = copy->content(name);
  std::string text(as_text(bytes));
  const std::string host = "\"host\":\"" + host_name() + "\"";
  ASSERT_NE(text.find(host), std::string::npos);
  text.replace(text.find(host), host.size(),
               "\"host\":\"" + std::string(host_name().size(), 'z') + "\"");
  copy->put_file(name, as_bytes(text));
  auto ledger = Ledger::open("/ledger", {}, env).value();

  EXPECT_EQ(record_lost_attempts(ledger, env), 0u);

  EXPECT_EQ(kinds(told(ledger, "job")), (Names{"task.started", "attempt.started"}));
  EXPECT_TRUE(copy->exists(name).value());
}

TEST_F(DeathAt, DamagedFilesOfTheDeadStopNobody) {
  const auto copy = when_ready("ready");
  Environment env = world_.environment();
  env.files = copy.get();
  for (const std::string& file : copy->files()) {
    if (file.ends_with(".out")) copy->put_file(file, as_bytes("no spool any more"));
  }
  copy->put_file("/ledger/views/supervise/nonsense.run", as_bytes("{\"half\": "));
  copy->put_file("/ledger/views/supervise/other.txt", as_bytes("not ours"));
  auto ledger = Ledger::open("/ledger", {}, env).value();

  EXPECT_EQ(record_lost_attempts(ledger, env), 1u);

  const auto all = told(ledger, "job");
  expect_every_start_has_one_end(all);
  EXPECT_FALSE(copy->exists("/ledger/views/supervise/nonsense.run").value());
  EXPECT_TRUE(copy->exists("/ledger/views/supervise/other.txt").value());
}

TEST_F(DeathAt, DeletedViewsAreNoTrouble) {
  SuperviseOptions options = quiet_options({"true"});
  ASSERT_TRUE(supervise(*ledger_, options, world_.environment()).has_value());
  ASSERT_TRUE(world_.disk.remove("/ledger/views/supervise").has_value());

  EXPECT_EQ(record_lost_attempts(*ledger_, world_.environment()), 0u);
  EXPECT_TRUE(supervise(*ledger_, options, world_.environment()).has_value());
  expect_every_start_has_one_end(told(*ledger_, "job"));
}

// The disk stops working at its n-th operation, for every n; then the power
// goes. The command ran if and only if it was recorded that it would.
class DeathAtOperation : public ::testing::TestWithParam<bool> {};

TEST_P(DeathAtOperation, EveryStartHasOneEnd) {
  const bool power_loss = GetParam();
  TempDirectory directory;
  bool reached_the_end = false;
  for (std::uint64_t nth = 1; !reached_the_end; ++nth) {
    ASSERT_LT(nth, 400u);
    TestEnvironment world(nth);
    std::optional<Ledger> ledger = Ledger::create("/ledger", {}, world.environment()).value();
    const std::string marker = directory / std::to_string(nth);
    SuperviseOptions options = quiet_options({"/bin/sh", "-c", "echo x >> " + marker + "; exit 3"});
    options.retries = 1;
    world.disk.fail({.nth = nth, .repeat = testing::Repeat::Forever});

    const auto result = supervise(*ledger, options, world.environment());
    reached_the_end = result && result->recorded && ledger->close().has_value();
    ledger.reset();
    world.disk.clear_faults();
    if (power_loss) {
      world.disk.crash(nth);
    } else {
      world.disk.kill();
    }

    auto after = Ledger::open("/ledger", {}, world.environment());
    ASSERT_TRUE(after.has_value()) << nth << ": " << after.error().message;
    ASSERT_TRUE(record_lost_attempts(*after, world.environment()).has_value()) << nth;
    const auto all = told(*after, "job");
    expect_every_start_has_one_end(all);
    const bool ran = ::access(marker.c_str(), F_OK) == 0;
    EXPECT_FALSE(ran && all.empty()) << nth;
    for (const auto& one : all) {
      EXPECT_FALSE(!ran && one.data.contains("pid")) << nth;
      EXPECT_FALSE(!ran && one.kind() == "output") << nth;
    }
    EXPECT_EQ(result ? result->exit_code : 3, 3) << nth;
    EXPECT_TRUE(after->verify()->ok()) << nth;
    EXPECT_EQ(record_lost_attempts(*after, world.environment()), 0u) << nth;
    EXPECT_EQ(told(*after, "job").size(), all.size()) << nth;
  }
}

INSTANTIATE_TEST_SUITE_P(Endings, DeathAtOperation, ::testing::Values(true, false),
                         [](const auto& which) { return which.param ? "PowerLoss" : "Killed"; });

}  // namespace
}  // namespace daybook
