// SPDX-License-Identifier: Apache-2.0
//
// Supervising in the foreground of a terminal: the command stays in the
// terminal's group, so the keyboard reaches it as if nobody stood between.
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "run/attempt.h"

namespace daybook {
namespace {

constexpr int kWrong = 99;  // exit code of a child for which something else went wrong

// Runs in the process of a terminal: one attempt, as supervise() would make it.
int supervise_here(const std::string& script) {
  const ProcessGroup group = natural_group();
  if (group != ProcessGroup::Shared) return kWrong;
  auto relay = SignalRelay::install(group);
  if (!relay) return kWrong;
  SignalDesk desk(std::move(*relay), group);
  SuperviseOptions options;
  options.command = {"/bin/sh", "-c", script};
  Capture out(std::nullopt, 100);
  Capture err(std::nullopt, 100);
  sigset_t mask;
  sigemptyset(&mask);
  return run_attempt({.options = &options,
                      .number = 1,
                      .group = group,
                      .mask = mask,
                      .out = &out,
                      .err = &err,
                      .desk = &desk,
                      .clock = Environment::system().clock,
                      .on_started = {}})
      .exit_code;
}

// What a shell does for a job: a group of its own in the foreground. Waits for
// it to be stopped, continues it, and returns its exit code.
int stop_and_continue(const std::string& script) {
  ::signal(SIGTTOU, SIG_IGN);
  const pid_t job = ::fork();
  if (job == 0) {
    ::setpgid(0, 0);
    ::tcsetpgrp(STDIN_FILENO, ::getpid());
    ::signal(SIGTTOU, SIG_DFL);
    ::_exit(supervise_here(script));
  }
  int status = 0;
  if (::waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status)) return kWrong;
  ::kill(-job, SIGCONT);
  if (::waitpid(job, &status, 0) != job || !WIFEXITED(status)) return kWrong;
  return WEXITSTATUS(status);
}

// Runs `inside` in a session with a terminal of its own; when "ready" appears
// there, `keys` are typed. Returns the exit code.
int in_a_terminal(const std::function<int()>& inside, const std::string& keys) {
  int keyboard = -1;
  const pid_t session = ::forkpty(&keyboard, nullptr, nullptr, nullptr);
  if (session == 0) ::_exit(inside());
  const UniqueFd closes(keyboard);
  std::string screen;
  std::array<char, 256> buffer{};
  while (screen.find("ready") == std::string::npos) {
    const ssize_t count = ::read(keyboard, buffer.data(), buffer.size());
    if (count <= 0) break;
    screen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  EXPECT_EQ(::write(keyboard, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  while (::read(keyboard, buffer.data(), buffer.size()) > 0) {
  }
  int status = 0;
  EXPECT_EQ(::waitpid(session, &status, 0), session);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Terminal, InterruptReachesTheCommandOnce) {
  // A second SIGINT, forwarded on top of the terminal's own, would be counted.
  const std::string script =
      "n=0; trap 'n=$((n+1))' INT; echo ready; read line; [ $n = 1 ] || exit 98; exit 7";

  EXPECT_EQ(in_a_terminal([&] { return supervise_here(script); }, "\x03\ngo\n"), 7);
}

TEST(Terminal, InterruptEndsACommandThatDoesNotCatchIt) {
  EXPECT_EQ(in_a_terminal([] { return supervise_here("echo ready; exec sleep 600"); }, "\x03"),
            128 + SIGINT);
}

TEST(Terminal, InputIsTheTerminals) {
  EXPECT_EQ(
      in_a_terminal([] { return supervise_here("echo ready; read code; exit $code"); }, "42\n"),
      42);
}

TEST(Terminal, StopsAndContinuesAsAJob) {
  EXPECT_EQ(in_a_terminal([] { return stop_and_continue("echo ready; read code; exit $code"); },
                          "\x1a"
                          "43\n"),
            43);
}

}  // namespace
}  // namespace daybook
