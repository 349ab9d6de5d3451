// SPDX-License-Identifier: Apache-2.0
#include "run/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <climits>
#include <fmt/format.h>

#include "base/fs/descriptor.h"
#include "base/text.h"

extern char** environ;  // NOLINT(readability-identifier-naming): the system's name

namespace daybook {
namespace {

constexpr int kExitBySignal = 128;
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

std::uint64_t micros(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

// pidfd_open(2); no wrapper in every C library, and not in every sandbox.
UniqueFd open_end_fd([[maybe_unused]] pid_t pid) {
#if defined(SYS_pidfd_open)
  return UniqueFd(above_standard(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
#else
  return {};
#endif
}

class Attributes {
 public:
  explicit Attributes(const SpawnOptions& options) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (options.group == ProcessGroup::Own) flags |= POSIX_SPAWN_SETPGROUP;
    ::posix_spawnattr_setflags(&attributes_, flags);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &options.mask);
    // Programs that write ignore this signal; the ones they start rely on it.
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawn_file_actions_adddup2(&actions_, options.stdout_fd, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, options.stderr_fd, STDERR_FILENO);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  // The new pid, or the error as a negative number.
  [[nodiscard]] pid_t start(const std::string& program,
                            const std::vector<std::string>& args) const {
    std::vector<char*> argv;
    argv.reserve(args.size() + 1);
    for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, program.c_str(), &actions_, &attributes_, argv.data(), environ);
    return error == 0 ? pid : -error;
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

// The file that PATH means by `name`; `name` itself when there is none.
std::string resolve(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? kDefaultPath : std::string_view(variable);
  while (true) {
    const std::size_t colon = path.find(':');
    const std::string_view directory = path.substr(0, colon);
    std::string file = directory.empty() ? "./" + name : fmt::format("{}/{}", directory, name);
    if (::access(file.c_str(), X_OK) == 0) return file;
    if (colon == std::string_view::npos) return name;
    path.remove_prefix(colon + 1);
  }
}

// A file without an interpreter line is a shell script, to execvp as to a shell.
pid_t start_as_script(const Attributes& attributes, const std::vector<std::string>& command) {
  std::vector<std::string> args = {"/bin/sh", resolve(command[0])};
  args.insert(args.end(), command.begin() + 1, command.end());
  return attributes.start("/bin/sh", args);
}

std::unexpected<Error> cannot_start(const std::string& program, int error) {
  switch (error) {
    case ENOENT:
      return fail(Errc::NotFound, fmt::format("cannot run {}: command not found", program),
                  "check the spelling and PATH, or give its full path");
    case EACCES:
    case EPERM:
      return fail(Errc::PermissionDenied, fmt::format("cannot run {}: {}", program, reason(error)),
                  "make it executable with chmod +x, or run it through its interpreter");
    default:
      return fail(Errc::Io, fmt::format("cannot run {}: {}", program, reason(error)));
  }
}

// What /proc/<pid>/stat says, from the state on: "S 1 4711 ...". Before it stands
// a name in parentheses that may hold anything. Empty when there is no such process.
std::string process_state(std::string_view pid) {
  const std::string path = fmt::format("/proc/{}/stat", pid);
  const UniqueFd file(above_standard(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  std::array<char, 1024> buffer{};
  const ssize_t count = file.open() ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
  if (count <= 0) return {};
  const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > text.size()) return {};
  return std::string(text.substr(name_end + 2));
}

// The field number `index` of a process_state, from 0; 0 when it is no number.
std::uint64_t state_field(std::string_view state, int index) {
  for (int field = 0; field < index; ++field) {
    const std::size_t space = state.find(' ');
    if (space == std::string_view::npos) return 0;
    state.remove_prefix(space + 1);
  }
  std::uint64_t value = 0;
  std::from_chars(state.data(), state.data() + state.size(), value);
  return value;
}
constexpr int kGroupField = 2;
constexpr int kStartField = 19;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Looks for a process of the group that is more than a zombie. True when that
// cannot be seen.
bool living_member(std::int64_t group) {
  const std::unique_ptr<DIR, CloseDirectory> processes(::opendir("/proc"));
  if (!processes) return true;
  bool seen = false;
  while (const dirent* const entry = ::readdir(processes.get())) {
    const std::string_view name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string_view::npos) continue;
    const std::string state = process_state(name);
    seen = seen || !state.empty();
    const bool dead = state.empty() || state[0] == 'Z' || state[0] == 'X';
    if (!dead && state_field(state, kGroupField) == static_cast<std::uint64_t>(group)) return true;
  }
  return !seen;
}

ProcessEnd end_of(int status, const rusage& usage) {
  ProcessEnd end;
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
    end.exit_code = kExitBySignal + end.signal;
    end.core_dumped = WCOREDUMP(status);
  } else {
    end.exit_code = WEXITSTATUS(status);
  }
  end.user_us = micros(usage.ru_utime);
  end.system_us = micros(usage.ru_stime);
  end.max_rss_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
#if defined(__APPLE__)
  end.max_rss_kib /= 1024;  // bytes there
#endif
  return end;
}

}  // namespace

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Errc::Io, fmt::format("cannot make a pipe: {}", reason(errno)));
  }
  Pipe pipe{.read = UniqueFd(above_standard(ends[0])), .write = UniqueFd(above_standard(ends[1]))};
  if (!pipe.read.open() || !pipe.write.open() ||
      ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0) {
    return fail(Errc::Io, fmt::format("cannot prepare a pipe: {}", reason(errno)));
  }
  return pipe;
}

Result<Process> Process::spawn(const std::vector<std::string>& command,
                               const SpawnOptions& options) {
  const Attributes attributes(options);
  pid_t pid = attributes.start(command[0], command);
  if (pid == -ENOEXEC) pid = start_as_script(attributes, command);
  if (pid < 0) return cannot_start(command[0], -pid);
  return Process(pid, options.group, open_end_fd(pid));
}

std::optional<ProcessEnd> Process::try_wait() {
  if (ended_) return std::nullopt;
  int status = 0;
  rusage usage{};
  const pid_t done = ::wait4(static_cast<pid_t>(pid_), &status, WNOHANG, &usage);
  if (done == 0 || (done < 0 && errno == EINTR)) return std::nullopt;
  ended_ = true;
  if (done < 0) return ProcessEnd{.exit_code = 1, .known = false};
  return end_of(status, usage);
}

void Process::signal(int number) const {
  const auto pid = static_cast<pid_t>(pid_);
  if (group_ == ProcessGroup::Own) {
    // Of a group whose leader has gone, only what is left of it is reached.
    ::kill(-pid, number);
  } else if (!ended_) {
    ::kill(pid, number);
  }
}

bool Process::group_alive() const {
  if (group_ != ProcessGroup::Own || ::kill(-static_cast<pid_t>(pid_), 0) != 0) return false;
  return living_member(pid_);
}

ProcessGroup natural_group() {
  const UniqueFd terminal(above_standard(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)));
  const bool foreground = terminal.open() && ::tcgetpgrp(terminal.get()) == ::getpgrp();
  return foreground ? ProcessGroup::Shared : ProcessGroup::Own;
}

std::uint64_t process_start(std::int64_t pid) {
  return state_field(process_state(std::to_string(pid)), kStartField);
}

std::string host_name() {
  utsname names{};
  if (::uname(&names) != 0) return "localhost";
  const std::string_view name(static_cast<const char*>(names.nodename));
  return std::string(name.empty() || !is_plain_text(name) ? "localhost" : name);
}

std::string working_directory() {
  std::array<char, PATH_MAX> buffer{};
  return ::getcwd(buffer.data(), buffer.size()) == nullptr ? std::string() : buffer.data();
}

std::int64_t own_pid() { return ::getpid(); }

std::string signal_name(int number) {
#if defined(__GLIBC__)
  if (const char* const name = ::sigabbrev_np(number)) return fmt::format("SIG{}", name);
#endif
  return fmt::format("signal {}", number);
}

}  // namespace daybook
