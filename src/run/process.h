// SPDX-License-Identifier: Apache-2.0
//
// One child process: started with its output in pipes, signalled, waited for
// with what it used. The one file pair that knows how this system starts and
// watches processes; a port replaces process.cc.
//
// A Process is used by one thread. Destroying one that has not ended leaves the
// child to itself.
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daybook/error.h"
#include "daybook/supervise.h"

namespace daybook {

// A file descriptor that closes itself.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// Neither end is inherited by a program that is started, the reading end does
// not block, and neither is one of the standard streams' descriptors.
struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
[[nodiscard]] Result<Pipe> make_pipe();

struct ProcessEnd {
  int exit_code = 0;  // 128 + signal when one ended it
  int signal = 0;
  bool core_dumped = false;
  bool known = true;  // false: somebody else collected it, nothing is known
  std::uint64_t user_us = 0;
  std::uint64_t system_us = 0;
  std::uint64_t max_rss_kib = 0;
};

struct SpawnOptions {
  ProcessGroup group = ProcessGroup::Own;  // not Automatic
  int stdout_fd = -1;                      // what becomes its standard output
  int stderr_fd = -1;
  sigset_t mask{};  // its signal mask
};

class Process {
 public:
  // Errors: NotFound (exit code 127 in a shell), PermissionDenied or Io (126).
  [[nodiscard]] static Result<Process> spawn(const std::vector<std::string>& command,
                                             const SpawnOptions& options);

  [[nodiscard]] std::int64_t pid() const { return pid_; }
  // Becomes readable when the child has ended; -1 when the system cannot say:
  // then ask try_wait() every kWaitPollMicros.
  [[nodiscard]] int end_fd() const { return end_fd_.get(); }
  // How it ended, once it has.
  [[nodiscard]] std::optional<ProcessEnd> try_wait();

  // To the whole group when it has one of its own, else to the child alone.
  void signal(int number) const;
  // Whether anything of the child's own group still runs; false when it shares.
  // The dead whom nobody has buried yet do not count, where that can be seen.
  [[nodiscard]] bool group_alive() const;

 private:
  Process(std::int64_t pid, ProcessGroup group, UniqueFd end_fd)
      : pid_(pid), group_(group), end_fd_(std::move(end_fd)) {}

  std::int64_t pid_;
  ProcessGroup group_;
  UniqueFd end_fd_;
  bool ended_ = false;
};
inline constexpr std::uint64_t kWaitPollMicros = 30'000;

// Shared when this process is in the foreground of a terminal, else Own.
[[nodiscard]] ProcessGroup natural_group();

// When a process started, in units of this boot; 0 when there is none. Together
// with the pid it names a process for good.
[[nodiscard]] std::uint64_t process_start(std::int64_t pid);

[[nodiscard]] std::string host_name();
[[nodiscard]] std::string working_directory();  // empty when unknown
[[nodiscard]] std::int64_t own_pid();
[[nodiscard]] std::string signal_name(int number);  // "SIGTERM", "signal 40"

}  // namespace daybook
