// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into a program (LD_PRELOAD), makes its n-th system call below one directory go wrong.
// Only the program itself is meant: what it starts runs without. Steered by the environment:
//
//   FAULT_ROOT    the directory; calls on what is not below it are let through
//   FAULT_CALLS   the calls that count, comma separated (default: all that are listed here)
//   FAULT_PATH    only calls on paths that contain this
//   FAULT_N       which of them, from 1 on; 0 or nothing: none
//   FAULT_ACTION  what becomes of it:
//                   eio, enospc              fails, with nothing done
//                   eio-on, enospc-on        it and all later ones fail
//                   short                    half of the bytes are moved
//                   short-eio, short-enospc  half of the bytes are moved, the next call on the file
//                   fails slow                     a pause before it, 30 ms kill-before, kill-half,
//                   kill-after none                     goes well (to be held at the gate)
//   FAULT_ARM     a path: calls count from when there is such a file
//   FAULT_GATE    a path: when the call is due (after its first half, where there is one), the file
//                 GATE.reached is made, and the call waits until there is a file GATE.open
//   FAULT_LOG     a file that gets a line for each call that counts: "number name path", and
//   "fired" behind
//                 the one that went wrong
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr int kSlowMillis = 30;
constexpr int kGateMillis = 60'000;

struct Plan {
  std::string root;
  std::string calls;
  std::string path;
  std::string action;
  std::string arm;
  std::string gate;
  std::string log;
  long nth = 0;
};

// Made before main, never destroyed: threads may outlive static destructors.
Plan* plan = nullptr;
std::atomic<long> counted{0};
std::atomic<int> doomed_file{-1};  // its next transfer fails

std::string taken_from_environment(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

__attribute__((constructor)) void read_plan() {
  auto* const made = new Plan;
  made->root = taken_from_environment("FAULT_ROOT");
  made->calls = taken_from_environment("FAULT_CALLS");
  made->path = taken_from_environment("FAULT_PATH");
  made->action = taken_from_environment("FAULT_ACTION");
  made->arm = taken_from_environment("FAULT_ARM");
  made->gate = taken_from_environment("FAULT_GATE");
  made->log = taken_from_environment("FAULT_LOG");
  made->nth = std::atol(taken_from_environment("FAULT_N").c_str());
  unsetenv("LD_PRELOAD");
  if (!made->root.empty()) plan = made;
}

void pause_for(int millis) { poll(nullptr, 0, millis); }

// Straight to the kernel: what the shim does itself is not counted.
void add_line(const std::string& file, const std::string& text) {
  const long out =
      syscall(SYS_openat, AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) return;
  syscall(SYS_write, out, text.data(), text.size());
  syscall(SYS_close, out);
}

bool exists(const std::string& path) {
  return syscall(SYS_faccessat, AT_FDCWD, path.c_str(), F_OK) == 0;
}

bool is_listed(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == name) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool is_below_root(std::string_view path) {
  return path.starts_with(plan->root) &&
         (path.size() == plan->root.size() || path[plan->root.size()] == '/');
}

std::string path_of(int file) {
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path);
  return length < 0 ? "" : std::string(path, static_cast<std::size_t>(length));
}

std::string path_at(int directory, const char* path) {
  if (path[0] == '/' || directory == AT_FDCWD) return path;
  return path[0] == '\0' ? path_of(directory) : path_of(directory) + "/" + path;
}

// Counts the call; whether it is the one that goes wrong.
bool is_due(const char* name, const std::string& path) {
  if (!is_below_root(path) || (!plan->calls.empty() && !is_listed(plan->calls, name)) ||
      path.find(plan->path) == std::string::npos) {
    return false;
  }
  if (!plan->arm.empty() && !exists(plan->arm)) return false;
  const long number = ++counted;
  const bool due = plan->nth > 0 &&
                   (number == plan->nth || (number > plan->nth && plan->action.ends_with("-on")));
  if (!plan->log.empty()) {
    add_line(plan->log,
             std::to_string(number) + " " + name + " " + path + (due ? " fired\n" : "\n"));
  }
  return due;
}

void wait_at_gate() {
  if (plan->gate.empty()) return;
  add_line(plan->gate + ".reached", "");
  const std::string open = plan->gate + ".open";
  for (int waited = 0; waited < kGateMillis; ++waited) {
    if (exists(open)) return;
    pause_for(1);
  }
}

[[noreturn]] void die() {
  while (true) {
    kill(getpid(), SIGKILL);
    pause_for(1000);
  }
}

int error_of_action() { return plan->action.find("enospc") != std::string::npos ? ENOSPC : EIO; }

// A call that moves no bytes: it is done or not.
template <class Call>
auto act(const char* name, const std::string& path, Call call) {
  if (plan == nullptr || !is_due(name, path)) return call();
  const std::string_view action = plan->action;
  wait_at_gate();
  if (action.starts_with("kill") && action != "kill-after") die();
  if (action == "slow") pause_for(kSlowMillis);
  if (action.find("eio") != std::string_view::npos ||
      action.find("enospc") != std::string_view::npos) {
    errno = error_of_action();
    return decltype(call())(-1);
  }
  const auto result = call();
  if (action == "kill-after") die();
  return result;
}

// A call that moves bytes: `some(count)` moves at most so many.
template <class Some>
ssize_t transfer(const char* name, int file, std::size_t size, Some some) {
  if (plan == nullptr) return some(size);
  int expected = file;
  if (doomed_file.load() == file && doomed_file.compare_exchange_strong(expected, -1)) {
    errno = error_of_action();
    return -1;
  }
  const std::string_view action = plan->action;
  if (size < 2 || !(action.starts_with("short") || action == "kill-half")) {
    return act(name, path_of(file), [&] { return some(size); });
  }
  if (!is_due(name, path_of(file))) return some(size);
  const ssize_t moved = some(size / 2);
  wait_at_gate();
  if (action == "kill-half") die();
  if (action != "short") doomed_file = file;
  return moved;
}

template <class Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

int open_at(int directory, const char* path, int flags, mode_t mode) {
  const auto call = [=] {
    return static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
  };
  if (plan == nullptr) return call();
  return act((flags & O_CREAT) != 0 ? "create" : "open", path_at(directory, path), call);
}

// Of fcntl only what takes a lock: giving it back cannot fail.
int control(int file, int command, void* argument) {
  const auto call = [=] { return static_cast<int>(syscall(SYS_fcntl, file, command, argument)); };
  if (plan == nullptr || (command != F_SETLK && command != F_SETLKW) ||
      static_cast<const struct flock*>(argument)->l_type == F_UNLCK) {
    return call();
  }
  return act("lock", path_of(file), call);
}

}  // namespace

// What is put in the place of the C library's, each under its own name and that for large files.
// Names of the library that call the kernel from inside it (stdio, opendir) are not seen.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(directory, path, flags, mode);
}

int openat64(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(directory, path, flags, mode);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return transfer("pwrite", file, size, [=](std::size_t count) {
    return static_cast<ssize_t>(syscall(SYS_pwrite64, file, bytes, count, offset));
  });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off_t offset) {
  return pwrite(file, bytes, size, offset);
}

ssize_t write(int file, const void* bytes, size_t size) {
  return transfer("write", file, size, [=](std::size_t count) {
    return static_cast<ssize_t>(syscall(SYS_write, file, bytes, count));
  });
}

ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  return transfer("pread", file, size, [=](std::size_t count) {
    return static_cast<ssize_t>(syscall(SYS_pread64, file, bytes, count, offset));
  });
}

ssize_t pread64(int file, void* bytes, size_t size, off_t offset) {
  return pread(file, bytes, size, offset);
}

ssize_t read(int file, void* bytes, size_t size) {
  return transfer("read", file, size, [=](std::size_t count) {
    return static_cast<ssize_t>(syscall(SYS_read, file, bytes, count));
  });
}

int fdatasync(int file) {
  return act("fdatasync", path_of(file),
             [=] { return static_cast<int>(syscall(SYS_fdatasync, file)); });
}

int fsync(int file) {
  return act("fsync", path_of(file), [=] { return static_cast<int>(syscall(SYS_fsync, file)); });
}

int ftruncate(int file, off_t size) noexcept {
  return act("ftruncate", path_of(file),
             [=] { return static_cast<int>(syscall(SYS_ftruncate, file, size)); });
}

int ftruncate64(int file, off_t size) noexcept { return ftruncate(file, size); }

int flock(int file, int operation) noexcept {
  const auto call = [=] { return static_cast<int>(syscall(SYS_flock, file, operation)); };
  // Giving a lock back cannot fail.
  return operation == LOCK_UN ? call() : act("flock", path_of(file), call);
}

int fchmod(int file, mode_t mode) noexcept {
  return act("fchmod", path_of(file),
             [=] { return static_cast<int>(syscall(SYS_fchmod, file, mode)); });
}

int fcntl(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return control(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return control(file, command, argument);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return act("mkdir", path,
             [=] { return static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode)); });
}

int rename(const char* from, const char* to) noexcept {
  return act("rename", to, [=] {
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}

int link(const char* from, const char* to) noexcept {
  return act("link", to, [=] {
    return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}

int unlink(const char* path) noexcept {
  return act("unlink", path,
             [=] { return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); });
}

int remove(const char* path) noexcept {
  static const auto library = next(&::remove, "remove");
  return act("unlink", path, [=] { return library(path); });
}

int rmdir(const char* path) noexcept {
  return act("unlink", path,
             [=] { return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)); });
}

int stat(const char* path, struct stat* status) noexcept {
  static const auto library =
      next(static_cast<int (*)(const char*, struct stat*)>(&::stat), "stat");
  return act("stat", path, [=] { return library(path, status); });
}

int lstat(const char* path, struct stat* status) noexcept {
  static const auto library =
      next(static_cast<int (*)(const char*, struct stat*)>(&::lstat), "lstat");
  return act("stat", path, [=] { return library(path, status); });
}

int fstat(int file, struct stat* status) noexcept {
  static const auto library = next(static_cast<int (*)(int, struct stat*)>(&::fstat), "fstat");
  return act("stat", path_of(file), [=] { return library(file, status); });
}

int fstatat(int directory, const char* path, struct stat* status, int flags) noexcept {
  static const auto library = next(&::fstatat, "fstatat");
  return act("stat", path_at(directory, path),
             [=] { return library(directory, path, status, flags); });
}

int stat64(const char* path, struct stat64* status) noexcept {
  return stat(path, reinterpret_cast<struct stat*>(status));
}

int lstat64(const char* path, struct stat64* status) noexcept {
  return lstat(path, reinterpret_cast<struct stat*>(status));
}

int fstat64(int file, struct stat64* status) noexcept {
  return fstat(file, reinterpret_cast<struct stat*>(status));
}

}  // extern "C"
