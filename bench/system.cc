// SPDX-License-Identifier: Apache-2.0
#include "bench/system.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>

extern char** environ;

namespace daybook::bench {
namespace {

constexpr std::size_t kZeroChunk = std::size_t{1} << 20;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double own_cpu() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    sum += seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  }
  return sum;
}

// Seconds all processors together spent on processes, or were taken away by
// the host: user, nice, system and steal, not interrupts or waiting for disks.
double busy_cpu() {
  std::ifstream file("/proc/stat");
  std::string label;
  std::array<double, 8> field{};
  file >> label;
  for (double& value : field) file >> value;
  return (field[0] + field[1] + field[2] + field[7]) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string field_of(const char* path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return "unknown";
}

std::string file_system_of(const std::string& directory) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(directory, error).string();
  std::ifstream mounts("/proc/mounts");
  std::string best = "unknown";
  std::size_t longest = 0;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, point, type, options;
    words >> device >> point >> type >> options;
    const bool inside = path.starts_with(point) &&
                        (point == "/" || path.size() == point.size() || path[point.size()] == '/');
    if (!inside || point.size() < longest) continue;
    longest = point.size();
    best = fmt::format("{} on {} ({})", type, device, options);
  }
  return best;
}

// Reads what the child prints until it closes its end.
std::string read_all(int fd) {
  std::string out;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<int> wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return system_error("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CpuWatch::CpuWatch() : busy_(busy_cpu()), own_(own_cpu()) {}

double CpuWatch::others() const {
  const double available = since_.seconds() * std::max(1u, std::thread::hardware_concurrency());
  const double others = (busy_cpu() - busy_) - (own_cpu() - own_);
  return available > 0 ? std::clamp(others / available, 0.0, 1.0) : 0.0;
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> system_error(const std::string& what) {
  return fail(Errc::Io, what + ": " + std::strerror(errno));
}

Result<Fd> open_file(const std::string& path, int flags) {
  Fd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (fd.get() < 0) return system_error("open " + path);
  return fd;
}

Result<Fd> make_zero_file(const std::string& path, std::uint64_t bytes) {
  DAYBOOK_TRY(fd, open_file(path, O_RDWR | O_CREAT | O_TRUNC));
  const std::vector<char> zeros(kZeroChunk, 0);
  for (std::uint64_t done = 0; done < bytes;) {
    const std::size_t want = std::min<std::uint64_t>(kZeroChunk, bytes - done);
    const ssize_t wrote = pwrite(fd.get(), zeros.data(), want, static_cast<off_t>(done));
    if (wrote <= 0) return system_error("write " + path);
    done += static_cast<std::uint64_t>(wrote);
  }
  if (fsync(fd.get()) != 0) return system_error("fsync " + path);
  return fd;
}

Result<void> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Errc::Io, "make directory " + path + ": " + error.message());
  return {};
}

Result<void> make_fresh_directory(const std::string& path) {
  remove_tree(path);
  return make_directory(path);
}

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::vector<std::string> files_in(const std::string& directory, const std::string& suffix) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    std::string path = entry.path().string();
    if (path.ends_with(suffix)) names.push_back(std::move(path));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::uint64_t bytes_in(const std::string& directory) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored)) {
    if (entry.is_regular_file(ignored)) sum += entry.file_size(ignored);
  }
  return sum;
}

void drain_writes(const std::string& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) syncfs(fd.get());
}

Result<ChildRun> run_child(const std::vector<std::string>& command, ChildOutput output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  std::array<int, 2> ends{-1, -1};
  if (output == ChildOutput::Keep && pipe2(ends.data(), O_CLOEXEC) != 0) {
    return system_error("pipe");
  }
  Fd reader(ends[0]);
  Fd writer(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output == ChildOutput::Keep) {
    posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }

  ChildRun run;
  const Stopwatch watch;
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(Errc::Io, "start " + command[0] + ": " + std::strerror(error));
  writer = Fd();
  if (output == ChildOutput::Keep) run.out = read_all(reader.get());
  DAYBOOK_TRY(code, wait_for(child));
  run.seconds = watch.seconds();
  run.exit_code = code;
  return run;
}

std::string program_directory() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(".") : self.parent_path().string();
}

Machine machine_of(const std::string& directory) {
  Machine machine;
  machine.cpu = field_of("/proc/cpuinfo", "model name");
  machine.cores = std::max(1u, std::thread::hardware_concurrency());
  machine.memory = field_of("/proc/meminfo", "MemTotal");
  machine.file_system = file_system_of(directory);
  utsname name{};
  if (uname(&name) == 0) machine.kernel = fmt::format("{} {}", name.sysname, name.release);
  std::ifstream("/proc/loadavg") >> machine.load;
  if (sched_getscheduler(0) != SCHED_OTHER) machine.priority = "real-time priority";
  return machine;
}

std::string to_string(const Machine& machine) {
  return fmt::format("{}, {} cores, {} memory; {}; {}; load average {:.2f}{}{}", machine.cpu,
                     machine.cores, machine.memory, machine.file_system, machine.kernel,
                     machine.load, machine.priority.empty() ? "" : "; ", machine.priority);
}

}  // namespace daybook::bench
