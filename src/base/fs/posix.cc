// SPDX-License-Identifier: Apache-2.0
#include "base/fs/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <climits>
#include <fmt/format.h>

#include "base/fork.h"
#include "base/fs/descriptor.h"

namespace daybook {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kSharedFileMode = 0666;  // less the umask
constexpr mode_t kSharableBits = 0777;
constexpr mode_t kReadOnlyMode = 0400;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kMaxDirectoryEntries = 16'000'000;
constexpr int kMaxLinks = 40;  // as the kernel

Errc code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Errc::NoSpace;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
      return Errc::PermissionDenied;
    case ENOENT:
      return Errc::NotFound;
    case EEXIST:
      return Errc::AlreadyExists;
    default:
      return Errc::Io;
  }
}

std::string_view hint_of(int error) {
  switch (error) {
    case ENOSPC:
      return "free some space and try again; nothing that was acknowledged is lost";
    case EDQUOT:
      return "raise the quota or free some space, then try again";
    case EACCES:
    case EPERM:
      return "check the owner and the mode of the file and of the directories above it";
    case EROFS:
      return "the file system is mounted read-only";
    case ELOOP:
      return "it is a symbolic link, which is not followed here: name its target";
    case EMFILE:
    case ENFILE:
      return "too many files are open: close some, or raise `ulimit -n`";
    default:
      return {};
  }
}

// The error of the system call that just failed.
std::unexpected<Error> failed(std::string_view verb, const std::string& path, int error = errno) {
  return fail(code_of(error),
              fmt::format("cannot {} {}: {}", verb, path,
                          std::error_code(error, std::generic_category()).message()),
              std::string(hint_of(error)));
}

// Calls again as long as a signal interrupts.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

int open_descriptor(const std::string& path, int flags, mode_t mode = kFileMode) {
  return above_standard(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

// Stable storage, not the drive's cache.
int flush_file(int descriptor) {
#if defined(__APPLE__)
  return retried([&] { return ::fcntl(descriptor, F_FULLFSYNC); });
#else
  // A changed size is data, not metadata, to fdatasync; a changed time is not.
  return retried([&] { return ::fdatasync(descriptor); });
#endif
}

int flush_directory(int descriptor) {
#if defined(__APPLE__)
  return retried([&] { return ::fcntl(descriptor, F_FULLFSYNC); });
#else
  return retried([&] { return ::fsync(descriptor); });
#endif
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path, OpenMode mode)
      : descriptor_(descriptor), path_(std::move(path)), is_stream_(mode == OpenMode::Stream) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count = retried([&] {
        return ::pread(descriptor_.get(), buffer.data() + done, buffer.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return failed("read", path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = retried([&] {
        if (is_stream_) return ::write(descriptor_.get(), bytes.data() + done, bytes.size() - done);
        return ::pwrite(descriptor_.get(), bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(offset + done));
      });
      if (count < 0) return failed("write", path_);
      if (count == 0) return failed("write", path_, EIO);
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

  // Whatever the system's reason: what was written may have reached the disk or not. NoSpace would
  // say that nothing was written.
  Result<void> sync() override {
    if (flush_file(descriptor_.get()) == 0) return {};
    auto flushed = failed("flush", path_);
    flushed.error().code = Errc::Io;
    return flushed;
  }

  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return failed("examine", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> truncate(std::uint64_t size) override {
    const auto length = static_cast<off_t>(size);
    if (retried([&] { return ::ftruncate(descriptor_.get(), length); }) != 0) {
      return failed("truncate", path_);
    }
    return {};
  }

  Result<FileId> id() const override {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return failed("examine", path_);
    return FileId{status.st_dev, status.st_ino};
  }

  Result<bool> owner_only() const override {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return failed("examine", path_);
    return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  }

  Result<bool> try_lock() override {
    // A lock belongs to the open file, which fork() shares: a child that lives on
    // would keep its parent's lock for ever. So the child gives the file up.
    if (!guard_) {
      guard_.emplace([](void* file) { static_cast<Descriptor*>(file)->close(); }, &descriptor_);
    }
    if (retried([&] { return ::flock(descriptor_.get(), LOCK_EX | LOCK_NB); }) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    return failed("lock", path_);
  }

  void unlock() override { ::flock(descriptor_.get(), LOCK_UN); }

 private:
  Descriptor descriptor_;
  std::string path_;
  bool is_stream_;
  std::optional<ForkGuard> guard_;  // from the first lock on
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::Read:
      return O_RDONLY;
    case OpenMode::ReadWrite:
      return O_RDWR;
    case OpenMode::Create:
      return O_RDWR | O_CREAT;
    case OpenMode::CreateNew:
    case OpenMode::CreateNewShared:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::Stream:
      return O_WRONLY | O_APPEND | O_NOCTTY;
  }
  return O_RDONLY;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Timestamp to_timestamp(const timespec& time) {
  return {std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000};
}

// What `name` in the directory is; nothing when it has just vanished.
Result<std::optional<DirectoryEntry>> examine(DIR* directory, const std::string& path,
                                              const char* name) {
  struct stat status{};
  if (::fstatat(::dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return failed("examine", path + "/" + name);
  }
  const bool is_directory = S_ISDIR(status.st_mode);
  return DirectoryEntry{
      .name = name,
      .is_directory = is_directory,
      .stamp = {.size = is_directory ? 0 : static_cast<std::uint64_t>(status.st_size),
                .modified = to_timestamp(status.st_mtim),
                .inode = status.st_ino},
  };
}

Result<std::vector<DirectoryEntry>> read_entries(DIR* directory, const std::string& path) {
  std::vector<DirectoryEntry> entries;
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(directory);
    if (entry == nullptr && errno != 0) return failed("list", path);
    if (entry == nullptr) return entries;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() == kMaxDirectoryEntries) {
      return fail(Errc::LimitExceeded,
                  fmt::format("{} has more than {} entries", path, kMaxDirectoryEntries));
    }
    DAYBOOK_TRY(found, examine(directory, path, entry->d_name));
    if (found) entries.push_back(*std::move(found));
  }
}

PathKind kind_of(const struct stat& status) {
  if (S_ISREG(status.st_mode)) return PathKind::File;
  return S_ISDIR(status.st_mode) ? PathKind::Directory : PathKind::Stream;
}

// What the link at `path` says, from where the path itself starts.
Result<std::string> read_link(const std::string& path) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  if (size < 0) return failed("read the link", path);
  const std::string_view target(text.data(), static_cast<std::size_t>(size));
  const std::size_t slash = path.rfind('/');
  if (target.starts_with('/') || slash == std::string::npos) return std::string(target);
  return path.substr(0, slash + 1).append(target);
}

// Whether `path` is a descriptor's own name, as /proc/self/fd/1: what it leads to is open
// already, and may be written only where it stands.
bool names_descriptor(const std::string& path) {
  const std::string parent = path.substr(0, path.rfind('/'));
  return (parent.starts_with("/proc/") && parent.ends_with("/fd")) || parent == "/dev/fd";
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  // What is a stream may be known by a link only: /dev/stdout.
  const int follow = mode == OpenMode::Stream ? 0 : O_NOFOLLOW;
  const int descriptor =
      open_descriptor(path, open_flags(mode) | follow,
                      mode == OpenMode::CreateNewShared ? kSharedFileMode : kFileMode);
  if (descriptor < 0) {
    return failed((open_flags(mode) & O_CREAT) != 0 ? "create" : "open", path);
  }
  return std::make_unique<PosixFile>(descriptor, path, mode);
}

Result<void> PosixFileSystem::make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) return {};
  const int error = errno;
  if (error == EEXIST) {
    struct stat status{};
    const bool examined = ::stat(path.c_str(), &status) == 0;
    if (examined && S_ISDIR(status.st_mode)) return {};
    if (!examined && errno != ENOENT) return failed("examine", path);
  }
  return failed("make directory", path, error);
}

Result<std::vector<DirectoryEntry>> PosixFileSystem::list(const std::string& path) {
  Descriptor descriptor(open_descriptor(path, O_RDONLY | O_DIRECTORY));
  if (!descriptor.valid()) return failed("list", path);
  const Directory directory(::fdopendir(descriptor.get()));
  if (!directory) return failed("list", path);
  static_cast<void>(descriptor.release());  // the directory closes it
  DAYBOOK_TRY(entries, read_entries(directory.get(), path));
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  return failed("rename", from + " to " + to, error);
}

Result<void> PosixFileSystem::remove(const std::string& path) {
  if (::remove(path.c_str()) == 0) return {};
  return failed("remove", path);
}

Result<bool> PosixFileSystem::exists(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failed("examine", path);
}

Result<FileId> PosixFileSystem::id_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return failed("examine", path);
  return FileId{status.st_dev, status.st_ino};
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  const Descriptor descriptor(open_descriptor(path, O_RDONLY | O_DIRECTORY));
  if (!descriptor.valid() || flush_directory(descriptor.get()) != 0) {
    return failed("flush directory", path);
  }
  return {};
}

Result<void> PosixFileSystem::set_read_only(const std::string& path, bool read_only) {
  const Descriptor descriptor(open_descriptor(path, O_RDONLY | O_NOFOLLOW));
  const mode_t mode = read_only ? kReadOnlyMode : kFileMode;
  if (!descriptor.valid() || ::fchmod(descriptor.get(), mode) != 0) {
    return failed("change the mode of", path);
  }
  return {};
}

Result<PathTarget> PosixFileSystem::follow(const std::string& path) {
  PathTarget target{.path = path};
  for (int links = 0; links <= kMaxLinks; ++links) {
    struct stat status{};
    if (::lstat(target.path.c_str(), &status) != 0) {
      if (errno == ENOENT) return target;
      return failed("examine", target.path);
    }
    if (names_descriptor(target.path)) {
      target.kind = PathKind::Stream;
      return target;
    }
    if (!S_ISLNK(status.st_mode)) {
      target.kind = kind_of(status);
      return target;
    }
    DAYBOOK_TRY(next, read_link(target.path));
    target.path = std::move(next);
  }
  return failed("follow the links of", path, ELOOP);
}

Result<void> PosixFileSystem::copy_mode(const std::string& from, const std::string& to) {
  struct stat status{};
  if (::lstat(from.c_str(), &status) != 0) return failed("examine", from);
  const Descriptor descriptor(open_descriptor(to, O_RDONLY | O_NOFOLLOW));
  if (!descriptor.valid()) return failed("open", to);
  // Only the superuser gives files away; a group can be given by its members.
  if (::fchown(descriptor.get(), status.st_uid, status.st_gid) != 0) {
    static_cast<void>(!::fchown(descriptor.get(), static_cast<uid_t>(-1), status.st_gid));
  }
  if (::fchmod(descriptor.get(), status.st_mode & kSharableBits) != 0) {
    return failed("change the mode of", to);
  }
  return {};
}

}  // namespace daybook
