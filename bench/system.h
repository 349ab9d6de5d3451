// SPDX-License-Identifier: Apache-2.0
//
// What the benchmark needs of the operating system: time, files without
// Daybook's own code in between, child processes, and facts about the machine.
// The raw limits are measured through these, so they are thin.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "daybook/error.h"

namespace daybook::bench {

class Stopwatch {
 public:
  Stopwatch() : start_(std::chrono::steady_clock::now()) {}
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  [[nodiscard]] float micros() const { return static_cast<float>(seconds() * 1e6); }

 private:
  std::chrono::steady_clock::time_point start_;
};

// How much of the machine went to processes other than this one and its
// children since it was made: what makes a measurement doubtful.
class CpuWatch {
 public:
  CpuWatch();
  [[nodiscard]] double others() const;  // 0..1

 private:
  double busy_ = 0;
  double own_ = 0;
  Stopwatch since_;
};

// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  [[nodiscard]] int get() const { return fd_; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

[[nodiscard]] std::unexpected<Error> system_error(const std::string& what);
[[nodiscard]] Result<Fd> open_file(const std::string& path, int flags);
// A file of zeros, written and flushed: what a log preallocates.
[[nodiscard]] Result<Fd> make_zero_file(const std::string& path, std::uint64_t bytes);
[[nodiscard]] Result<void> make_fresh_directory(const std::string& path);
[[nodiscard]] Result<void> make_directory(const std::string& path);
void remove_tree(const std::string& path);
// Files with this suffix in a directory, sorted by name.
[[nodiscard]] std::vector<std::string> files_in(const std::string& directory,
                                                const std::string& suffix);
[[nodiscard]] std::uint64_t bytes_in(const std::string& directory);
// Writes out what the file system of `directory` still owes the device.
void drain_writes(const std::string& directory);

struct ChildRun {
  double seconds = 0;  // from before the start to after the end
  int exit_code = 0;   // 128 + signal when killed
  std::string out;     // standard output
};
enum class ChildOutput : std::uint8_t { Discard, Keep };
[[nodiscard]] Result<ChildRun> run_child(const std::vector<std::string>& command,
                                         ChildOutput output = ChildOutput::Discard);
// The directory this program lies in.
[[nodiscard]] std::string program_directory();

struct Machine {
  std::string cpu;
  unsigned cores = 0;
  std::string memory;
  std::string file_system;  // of the directory measured in
  std::string kernel;
  double load = 0;       // one minute's average when asked
  std::string priority;  // scheduling class, when it is not the ordinary one
};
[[nodiscard]] Machine machine_of(const std::string& directory);
[[nodiscard]] std::string to_string(const Machine& machine);

}  // namespace daybook::bench
