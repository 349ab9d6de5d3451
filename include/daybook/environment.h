// SPDX-License-Identifier: Apache-2.0
//
// The doors to the outside: disk, clock and randomness. Everything Daybook
// reads, writes, times or draws goes through these three interfaces, so a test
// can forget unflushed writes, fill the disk, step the clock back or replay a
// seed, and a port to another system is one new implementation.
//
// Environment::system() is the real one. All implementations must be safe to
// use from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daybook/error.h"
#include "daybook/types.h"

namespace daybook {

// Which file it is, whatever its name is by now. A file that is moved keeps its
// id; one that is made in its place has another.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

// An open file. Reads and writes name their offset; there is no file position.
class File {
 public:
  virtual ~File() = default;

  // Reads up to `buffer.size()` bytes; fewer only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::uint8_t> buffer) const = 0;
  // Writes all bytes, growing the file when needed. After an error any part of
  // them may have been written.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset,
                                              std::span<const std::uint8_t> bytes) = 0;
  // Returns once everything written so far, and the file's size, is on stable
  // storage. After an error nothing is known about what was written since the
  // last success.
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<FileId> id() const = 0;
  // Whether nobody but its owner has any right to it (mode 0600, 0400, ...).
  [[nodiscard]] virtual Result<bool> owner_only() const = 0;

  // Takes the advisory whole-file lock, exclusive, without waiting: false when
  // another open file holds it. Freed by unlock() and when the file closes, so
  // also when its process dies. A lock is never inherited: in a child made by
  // fork() the file counts as closed.
  [[nodiscard]] virtual Result<bool> try_lock() = 0;
  virtual void unlock() = 0;
};

enum class OpenMode : std::uint8_t {
  Read,             // must exist
  ReadWrite,        // must exist
  Create,           // read and write; made when missing (mode 0600)
  CreateNew,        // read and write; AlreadyExists when it is there (mode 0600)
  CreateNewShared,  // the same with the mode that the process gives (0666 less its umask)
  Stream,           // write only; must exist. A PathKind::Stream: takes bytes in the order in
                    // which they are written, whatever offset is named
};

// What a path leads to.
enum class PathKind : std::uint8_t {
  Missing,
  File,
  Directory,
  Stream,  // a device, a pipe or a socket, also as /dev/stdout
};

struct PathTarget {
  std::string path;  // what all links in the last component lead to
  PathKind kind = PathKind::Missing;
};

// What tells whether a file is still the one it was, without reading it.
struct FileStamp {
  std::uint64_t size = 0;  // in bytes; 0 for a directory
  Timestamp modified;      // when its content last changed
  std::uint64_t inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  FileStamp stamp = {};
};

// The file system. Paths are plain strings with '/'; links out of the last
// component are followed by follow() alone. Errors carry the path and the system's reason.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The real one never takes the number of a standard stream, 0 to 2, not even of a closed
  // one: what a program prints to a closed stream cannot land in a file opened here.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  // Makes one directory, mode 0700; fine when it exists.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
  // Entries sorted by name, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  // Replaces `to` when it exists. Durable after sync_directory of the parent.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
  // Which file stands there now. Errors: NotFound.
  [[nodiscard]] virtual Result<FileId> id_of(const std::string& path) = 0;
  // Makes names created, renamed or removed in this directory durable.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
  // Takes away or gives back the right to write (0400 / 0600).
  [[nodiscard]] virtual Result<void> set_read_only(const std::string& path, bool read_only) = 0;
  // Follows the links out of the last component: for files of others, whose owner may
  // have put a link there. A link that leads nowhere gives the missing path.
  [[nodiscard]] virtual Result<PathTarget> follow(const std::string& path) = 0;
  // Gives the file `to` the mode of the file `from`; its owner and group as well, as far as
  // this process may.
  [[nodiscard]] virtual Result<void> copy_mode(const std::string& from, const std::string& to) = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() = 0;  // wall clock; may step back
  [[nodiscard]] virtual std::uint64_t monotonic_micros() = 0;
  virtual void sleep_micros(std::uint64_t micros) = 0;
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;  // unpredictable bytes
};

// The three together. Plain pointers: whoever makes an Environment keeps its
// parts alive for as long as anything uses it.
struct Environment {
  FileSystem* files = nullptr;
  Clock* clock = nullptr;
  Entropy* entropy = nullptr;

  // The real disk, clock and kernel randomness; lives until the process ends.
  [[nodiscard]] static Environment system();
};

}  // namespace daybook
