// SPDX-License-Identifier: Apache-2.0
//
// One attempt with real processes: what it hands on, how it ends, what it does
// with time, signals and readers that go away. Nothing here sleeps to wait: the
// commands say when they are ready, or are over at once.
#include "run/attempt.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/random.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::FakeClock;
using testing::Random;
using testing::TempDirectory;

constexpr milliseconds kSoon{50};

// Reads a descriptor to its end.
std::string read_all(int fd) {
  std::string all;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(fd, buffer.data(), buffer.size())) != 0) {
    if (count < 0 && errno == EAGAIN) {
      pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (count < 0) break;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return all;
}

// Reads one line, so that a test can wait for a command to say something.
std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t count = ::read(fd, &c, 1);
    if (count < 0 && errno == EAGAIN) {
      pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (count <= 0 || c == '\n') return line;
    line += c;
  }
}

// Everything an attempt needs, with nothing passed on unless a test says so.
class AttemptTest : public ::testing::Test {
 protected:
  AttemptTest() {
    options_.stdout_fd = -1;
    options_.stderr_fd = -1;
    options_.grace = minutes(10);
  }

  AttemptResult run(std::vector<std::string> command) {
    options_.command = std::move(command);
    SignalDesk desk(std::move(relay_), ProcessGroup::Own);
    sigset_t mask;
    sigemptyset(&mask);
    auto result = run_attempt({.options = &options_,
                               .number = 1,
                               .group = group_,
                               .mask = mask,
                               .out = &out_,
                               .err = &err_,
                               .desk = &desk,
                               .clock = clock_,
                               .on_started = {}});
    stopped_by_ = desk.stopped_by();
    return result;
  }
  AttemptResult run_script(const std::string& script) { return run({"/bin/sh", "-c", script}); }

  // Runs a script that calls `ready`. Each time the clock, which stands still
  // otherwise, moves on by an hour: what the script did before, it did in time.
  AttemptResult run_through_hours(const std::string& script, int hours = 1) {
    clock_ = &fake_clock_;
    options_.timeout = minutes(30);
    const std::string fifo = directory_ / "fifo";
    EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const UniqueFd answers(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));  // so that nobody blocks
    Pipe pipe = make_pipe().value();
    options_.stderr_fd = pipe.write.get();
    std::thread time([&] {
      for (int hour = 1; hour <= hours; ++hour) {
        if (!read_line(pipe.read.get()).ends_with("ready")) break;
        fake_clock_.advance(3'600'000'000);
        EXPECT_EQ(::write(answers.get(), "go on\n", 6), 6);
      }
    });
    const AttemptResult result = run_script("ready() { echo ready >&2; read word < " + fifo +
                                            "; printf ' ' >&2; }; " + script);
    time.join();
    return result;
  }

  std::string file(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const std::string path = directory_ / name;
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

  TempDirectory directory_;
  FakeClock fake_clock_;
  Clock* clock_ = Environment::system().clock;
  SuperviseOptions options_;
  ProcessGroup group_ = ProcessGroup::Own;
  std::optional<SignalRelay> relay_;
  Capture out_{std::nullopt, 8 << 20};
  Capture err_{std::nullopt, 8 << 20};
  int stopped_by_ = 0;
};

std::string random_bytes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::string bytes(count, '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

TEST_F(AttemptTest, KeepsEveryExitCode) {
  for (const int code : {0, 1, 2, 3, 42, 124, 126, 127, 128, 254, 255}) {
    const AttemptResult result = run_script("exit " + std::to_string(code));

    EXPECT_EQ(result.exit_code, code);
    EXPECT_EQ(result.signal, 0);
    EXPECT_EQ(result.succeeded(), code == 0);
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.error, "");
    EXPECT_GT(result.pid, 0);
  }
}

TEST_F(AttemptTest, SaysWhichSignalEndedIt) {
  for (const int signal : {SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGPIPE, SIGTERM, SIGSEGV}) {
    const AttemptResult result = run_script("ulimit -c 0; kill -" + std::to_string(signal) + " $$");

    EXPECT_EQ(result.signal, signal);
    EXPECT_EQ(result.exit_code, 128 + signal);
    EXPECT_FALSE(result.core_dumped);
  }
}

TEST_F(AttemptTest, NotFoundIs127) {
  const AttemptResult result = run({"no-such-command-here"});

  EXPECT_EQ(result.exit_code, 127);
  EXPECT_NE(result.error.find("no-such-command-here"), std::string::npos);
  EXPECT_EQ(result.pid, 0);
}

TEST_F(AttemptTest, NotExecutableIs126) {
  const std::string plain = file("plain", "#!/bin/sh\n", 0600);

  EXPECT_EQ(run({plain}).exit_code, 126);
  EXPECT_EQ(run({directory_.path()}).exit_code, 126);
}

TEST_F(AttemptTest, ScriptWithoutInterpreterLineRunsAsShellScript) {
  const std::string script = file("script", "echo \"$1 $2\"; exit 9\n", 0700);

  const AttemptResult result = run({script, "a b", "c"});

  EXPECT_EQ(result.exit_code, 9);
  EXPECT_EQ(out_.tail(), "a b c\n");
}

TEST_F(AttemptTest, KeepsBytesThatAreNoText) {
  const std::string out = random_bytes(3'000'000, 1);
  const std::string err = random_bytes(700'001, 2);

  const AttemptResult result =
      run_script("cat " + file("out", out) + "; cat " + file("err", err) + " >&2");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.stdout_bytes, out.size());
  EXPECT_EQ(result.stderr_bytes, err.size());
  EXPECT_TRUE(out_.tail() == out);
  EXPECT_TRUE(err_.tail() == err);
}

TEST_F(AttemptTest, PassesOutputOnUnchangedAndApart) {
  const std::string out = random_bytes(2'000'000, 3);
  const std::string err = random_bytes(1'000'000, 4);
  Pipe out_pipe = make_pipe().value();
  Pipe err_pipe = make_pipe().value();
  options_.stdout_fd = out_pipe.write.get();
  options_.stderr_fd = err_pipe.write.get();
  std::string passed_out;
  std::string passed_err;
  std::thread out_reader([&] { passed_out = read_all(out_pipe.read.get()); });
  std::thread err_reader([&] { passed_err = read_all(err_pipe.read.get()); });

  const AttemptResult result =
      run_script("cat " + file("err", err) + " >&2 & cat " + file("out", out) + "; wait");
  out_pipe.write.reset();
  err_pipe.write.reset();
  out_reader.join();
  err_reader.join();

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(passed_out == out);
  EXPECT_TRUE(passed_err == err);
  EXPECT_TRUE(out_.tail() == out);
}

// The command waits for an answer to what it said: only live output gets one.
TEST_F(AttemptTest, PassesOutputOnWhileTheCommandRuns) {
  const std::string fifo = directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Pipe pipe = make_pipe().value();
  options_.stdout_fd = pipe.write.get();
  std::string question;
  std::thread person([&] {
    question = read_line(pipe.read.get());
    std::ofstream(fifo) << "blue\n";
  });

  const AttemptResult result =
      run_script("echo 'which colour?'; read answer < " + fifo + "; echo \"$answer\" >&2");
  person.join();

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(question, "which colour?");
  EXPECT_EQ(err_.tail(), "blue\n");
}

TEST_F(AttemptTest, CommandMeetsTheBrokenPipeItself) {
  const PipeSignalGuard guard;
  Pipe pipe = make_pipe().value();
  options_.stdout_fd = pipe.write.get();
  pipe.read.reset();

  const AttemptResult result = run({"yes"});

  EXPECT_EQ(result.signal, SIGPIPE);
  EXPECT_EQ(result.exit_code, 128 + SIGPIPE);
}

TEST_F(AttemptTest, CommandMeetsTheBrokenPipeAlsoWhereItsParentIgnoresIt) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe().value();
  options_.stdout_fd = pipe.write.get();
  pipe.read.reset();

  const AttemptResult result = run({"yes"});
  ::signal(SIGPIPE, before);

  EXPECT_EQ(result.signal, SIGPIPE);
}

TEST_F(AttemptTest, ReaderThatGoesAwayEndsTheFlow) {
  const PipeSignalGuard guard;
  Pipe pipe = make_pipe().value();
  options_.stdout_fd = pipe.write.get();
  std::string first;
  std::thread head([&] {
    first = read_line(pipe.read.get());
    pipe.read.reset();
  });

  const AttemptResult result = run({"yes"});
  head.join();

  EXPECT_EQ(first, "y");
  EXPECT_EQ(result.exit_code, 128 + SIGPIPE);
}

TEST_F(AttemptTest, ClosedDescriptorIsNowhere) {
  options_.stdout_fd = 1'000'000;

  const AttemptResult result = run_script("echo kept");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(out_.tail(), "kept\n");
}

TEST_F(AttemptTest, SaysWhenOutputCannotBePassedOn) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.open());
  options_.stdout_fd = full.get();
  std::vector<std::string> warnings;
  options_.warn = [&](const std::string& text) { warnings.push_back(text); };

  const AttemptResult result = run_script("echo one; echo two");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(out_.tail(), "one\ntwo\n");
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(AttemptTest, CommandStartsClean) {
  std::string expected;
  for (int fd = 3; fd < 10; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags != -1 && (flags & FD_CLOEXEC) == 0) expected += std::to_string(fd) + " ";
  }
  const Pipe unrelated = make_pipe().value();

  run_script(
      "for fd in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && printf '%s ' $fd; done;"
      "read a b c d group rest < /proc/$$/stat; [ $group = $$ ] && echo 'own group' >&2;"
      "grep SigBlk /proc/self/status >&2");

  EXPECT_EQ(out_.tail(), expected);
  EXPECT_EQ(err_.tail(), "own group\nSigBlk:\t0000000000000000\n");
}

TEST_F(AttemptTest, SharesTheGroupWhenAsked) {
  group_ = ProcessGroup::Shared;

  run_script("read a b c d group rest < /proc/$$/stat; echo $group");

  EXPECT_EQ(out_.tail(), std::to_string(::getpgrp()) + "\n");
}

TEST_F(AttemptTest, MeasuresWhatWasUsed) {
  const AttemptResult result = run_script("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");

  EXPECT_GT(result.duration_us, 0u);
  EXPECT_GT(result.user_us, 0u);
  EXPECT_GT(result.max_rss_kib, 100u);
  EXPECT_LE(result.user_us, result.duration_us + 10'000'000);
  EXPECT_GE(result.ended, result.started);
}

TEST_F(AttemptTest, TimeoutEndsACommand) {
  options_.timeout = kSoon;

  const AttemptResult result = run({"sleep", "600"});

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_GE(result.duration_us, 50'000u);
}

TEST_F(AttemptTest, TimeoutEndsTheWholeGroup) {
  const AttemptResult result = run_through_hours("sleep 600 & sleep 600 & ready; wait");

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_EQ(result.exit_code, 128 + SIGTERM);
  EXPECT_FALSE(result.output_open);  // both sleepers are gone
}

TEST_F(AttemptTest, GraceIsForThoseWhoHoldOut) {
  const AttemptResult result =
      run_through_hours("trap '' TERM; ready; ready; while :; do :; done", 2);

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
  EXPECT_FALSE(result.output_open);
}

// The shell is gone at once, what it started has until the end of the grace.
TEST_F(AttemptTest, GraceIsAlsoForWhatTheCommandStarted) {
  const AttemptResult result =
      run_through_hours("(trap 'echo cleaned up; exit 0' TERM; ready; while :; do :; done) & wait");

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_EQ(out_.tail(), "cleaned up\n");
}

TEST_F(AttemptTest, StoppedCommandHearsItsTimeout) {
  options_.timeout = kSoon;

  const AttemptResult result = run_script("kill -STOP $$");

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM);
}

TEST_F(AttemptTest, TimedOutIsNeverASuccess) {
  const AttemptResult result = run_through_hours("trap 'exit 0' TERM; ready; while :; do :; done");

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.exit_code, 124);
}

TEST_F(AttemptTest, TimeoutInASharedGroupEndsTheCommandAlone) {
  group_ = ProcessGroup::Shared;
  options_.timeout = kSoon;

  const AttemptResult result = run({"sleep", "600"});

  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM);
}

TEST_F(AttemptTest, DoesNotWaitForWhatIsLeftBehind) {
  const AttemptResult result = run_script("echo said; sleep 600 &");
  ASSERT_GT(result.pid, 1);
  ::kill(-static_cast<pid_t>(result.pid), SIGKILL);

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.output_open);
  EXPECT_EQ(out_.tail(), "said\n");
}

TEST_F(AttemptTest, ForwardsSignals) {
  for (const int signal : {SIGUSR1, SIGUSR2, SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    const bool stops = signal != SIGUSR1 && signal != SIGUSR2;
    relay_.emplace(SignalRelay::install(ProcessGroup::Own).value());
    Pipe pipe = make_pipe().value();
    options_.stdout_fd = pipe.write.get();
    std::thread sender([&] {
      if (read_line(pipe.read.get()) == "ready") ::kill(::getpid(), signal);
    });

    const AttemptResult result = run_script("trap 'kill -9 $!; exit 7' " + std::to_string(signal) +
                                            "; sleep 600 > /dev/null 2>&1 & echo ready; wait");
    sender.join();

    EXPECT_EQ(result.exit_code, 7) << signal;
    EXPECT_EQ(stopped_by_, stops ? signal : 0);
  }
}

TEST_F(AttemptTest, SignalEndsACommandThatDoesNotCatchIt) {
  relay_.emplace(SignalRelay::install(ProcessGroup::Own).value());
  Pipe pipe = make_pipe().value();
  options_.stdout_fd = pipe.write.get();
  std::thread sender([&] {
    if (read_line(pipe.read.get()) == "ready") ::kill(::getpid(), SIGTERM);
  });

  const AttemptResult result = run_script("echo ready; sleep 600");
  sender.join();

  EXPECT_EQ(result.exit_code, 128 + SIGTERM);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(stopped_by_, SIGTERM);
}

char state_of(std::int64_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), {});
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos ? '?' : text.at(name_end + 2);
}

// The state the process reaches in the end: signals take effect in their own time.
char wait_for_state(std::int64_t pid, char state) {
  constexpr int kMaxLooks = 1'000'000;
  for (int look = 0; look < kMaxLooks && state_of(pid) != state; ++look) ::sched_yield();
  return state_of(pid);
}

// A supervisor in a process of its own is stopped and continued: the command
// stops and goes on with it.
TEST_F(AttemptTest, StopsAndContinuesWithItsSupervisor) {
  Pipe said = make_pipe().value();
  const std::string fifo = directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  options_.stdout_fd = said.write.get();
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    relay_.emplace(SignalRelay::install(ProcessGroup::Own).value());
    ::_exit(run_script("echo $$; read word < " + fifo + "; exit 5").exit_code);
  }
  const std::int64_t command = std::stoll(read_line(said.read.get()));

  ::kill(supervisor, SIGTSTP);
  int status = 0;
  ASSERT_EQ(::waitpid(supervisor, &status, WUNTRACED), supervisor);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(wait_for_state(command, 'T'), 'T');
  ::kill(supervisor, SIGCONT);
  std::ofstream(fifo) << "go on\n";

  ASSERT_EQ(::waitpid(supervisor, &status, 0), supervisor);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

TEST(SignalRelay, IsOneAtATime) {
  auto first = SignalRelay::install(ProcessGroup::Own);
  ASSERT_TRUE(first.has_value());

  EXPECT_EQ(SignalRelay::install(ProcessGroup::Own).error().code, Errc::Busy);
}

TEST(SignalRelay, RestoresWhatWasThereAndLeavesTheIgnoredIgnored) {
  ::signal(SIGUSR1, SIG_IGN);
  {
    auto relay = SignalRelay::install(ProcessGroup::Own).value();
    ::raise(SIGUSR1);
    ::raise(SIGUSR2);

    const auto received = relay.next();
    ASSERT_TRUE(received.has_value());
    EXPECT_EQ(received->number, SIGUSR2);
    EXPECT_FALSE(received->from_terminal);
    EXPECT_FALSE(relay.next().has_value());
  }
  struct sigaction action{};
  ::sigaction(SIGUSR2, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
  ::sigaction(SIGUSR1, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_IGN);
  ::signal(SIGUSR1, SIG_DFL);
}

TEST(PipeSignalGuard, TurnsTheSignalIntoAnErrorAndLeavesNoTrace) {
  Pipe pipe = make_pipe().value();
  pipe.read.reset();
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    const PipeSignalGuard guard;
    EXPECT_EQ(::write(pipe.write.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  }
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGPIPE), sigismember(&after, SIGPIPE));
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

}  // namespace
}  // namespace daybook
