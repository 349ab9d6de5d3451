// SPDX-License-Identifier: Apache-2.0
#include "review/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/fs/descriptor.h"

extern char** environ;  // NOLINT(readability-identifier-naming): the system's name

namespace daybook::review {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr int kExitBySignal = 128;
constexpr std::uint64_t kMicrosPerMilli = 1'000;
constexpr std::uint64_t kWaitPauseMicros = 2'000;  // between looks at a program that is ending

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Errc::Io, fmt::format("cannot make a pipe: {}", reason(errno)));
  }
  Pipe pipe{.read = Descriptor(above_standard(ends[0])),
            .write = Descriptor(above_standard(ends[1]))};
  if (pipe.read.get() < 0 || pipe.write.get() < 0) {
    return fail(Errc::Io, fmt::format("cannot make a pipe: {}", reason(errno)));
  }
  return pipe;
}

// A file in memory with these bytes, to be read from its start. A pipe would have to be
// fed while the program runs, and could be closed before its end.
Result<Descriptor> make_input(std::string_view bytes) {
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  std::size_t done = 0;
  while (file.get() >= 0 && done < bytes.size()) {
    const ssize_t count =
        ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count <= 0 && errno != EINTR) break;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (file.get() < 0 || done < bytes.size()) {
    return fail(Errc::Io, fmt::format("cannot keep the input of a program: {}", reason(errno)));
  }
  return file;
}

// In a process group of its own, so that a time-out reaches what it started too.
Result<pid_t> start(const std::vector<std::string>& command, int input, int output, int errors) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  sigset_t usual;
  sigemptyset(&usual);
  ::posix_spawnattr_setsigmask(&attributes, &usual);
  sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& arg : command) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error == 0) return pid;
  if (error == ENOENT) {
    return fail(Errc::NotFound, fmt::format("cannot run {}: command not found", command[0]),
                "install it, or put it in PATH");
  }
  const Errc code = error == EACCES ? Errc::PermissionDenied : Errc::Io;
  return fail(code, fmt::format("cannot run {}: {}", command[0], reason(error)));
}

// A child that is ended and waited for, whatever happens.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  // True once it has ended; `exit_code` then says how.
  bool try_wait(int& exit_code) {
    int status = 0;
    const pid_t done = ::waitpid(pid_, &status, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR)) return false;
    ended_ = true;
    exit_code = WIFSIGNALED(status) ? kExitBySignal + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
  }

 private:
  pid_t pid_;
  bool ended_ = false;
};

struct Stream {
  Descriptor from;
  std::string* to;
  std::size_t max;
  bool overflow = false;  // more came than was kept
};

// Reads what is there. False at the end.
bool take(Stream& stream) {
  static thread_local std::array<char, kReadBytes> buffer;
  const ssize_t count = ::read(stream.from.get(), buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  const std::size_t room = stream.max - stream.to->size();
  const auto read = static_cast<std::size_t>(count);
  stream.to->append(buffer.data(), std::min(room, read));
  stream.overflow = stream.overflow || read > room;
  return true;
}

class Deadline {
 public:
  Deadline(Environment env, std::uint64_t timeout_ms)
      : env_(env), end_(env.clock->monotonic_micros() + timeout_ms * kMicrosPerMilli) {}

  // Milliseconds that are left, at least 0.
  [[nodiscard]] int left() const {
    const std::uint64_t now = env_.clock->monotonic_micros();
    return now >= end_ ? 0 : static_cast<int>((end_ - now) / kMicrosPerMilli + 1);
  }
  void pause() const { env_.clock->sleep_micros(kWaitPauseMicros); }

 private:
  Environment env_;
  std::uint64_t end_;
};

// Reads both streams to their ends. False when the time is up.
bool drain(std::array<Stream, 2>& streams, const Deadline& deadline) {
  while (!streams[0].overflow) {
    std::array<pollfd, 2> waiting{};
    nfds_t open = 0;
    for (const Stream& stream : streams) {
      if (stream.from.get() >= 0) waiting.at(open++) = {stream.from.get(), POLLIN, 0};
    }
    if (open == 0) return true;
    const int left = deadline.left();
    if (left == 0) return false;
    ::poll(waiting.data(), open, left);
    for (Stream& stream : streams) {
      for (const pollfd& ready : waiting) {
        const bool here = ready.fd == stream.from.get() && ready.revents != 0;
        if (here && stream.from.get() >= 0 && !take(stream)) stream.from.close();
      }
    }
  }
  return true;
}

}  // namespace

Result<ProgramResult> run_program(const std::vector<std::string>& command, std::uint64_t timeout_ms,
                                  Environment env, std::string_view input) {
  ProgramResult result;
  DAYBOOK_TRY(stdin_file, make_input(input));
  DAYBOOK_TRY(output, make_pipe());
  DAYBOOK_TRY(errors, make_pipe());
  DAYBOOK_TRY(pid, start(command, stdin_file.get(), output.write.get(), errors.write.get()));
  Child child(pid);
  output.write.close();
  errors.write.close();
  std::array<Stream, 2> streams = {
      Stream{.from = std::move(output.read), .to = &result.output, .max = kMaxProgramOutput},
      Stream{.from = std::move(errors.read), .to = &result.errors, .max = kMaxProgramErrors}};
  const Deadline deadline(env, timeout_ms);
  bool in_time = drain(streams, deadline);
  if (streams[0].overflow) {
    return fail(Errc::LimitExceeded,
                fmt::format("{} printed more than {} MiB", command[0], kMaxProgramOutput >> 20));
  }
  while (in_time && !child.try_wait(result.exit_code)) {
    in_time = deadline.left() > 0;
    if (in_time) deadline.pause();
  }
  if (!in_time) {
    return fail(Errc::LimitExceeded,
                fmt::format("{} took longer than {} s and was ended", command[0],
                            static_cast<double>(timeout_ms) / 1000),
                "see whether it waits for something; timeout_seconds of [tracker] allows more");
  }
  return result;
}

}  // namespace daybook::review
