// SPDX-License-Identifier: Apache-2.0
//
// What a disk behind a page cache holds: of every file the durable bytes and
// the current ones, of every directory the durable names and the current ones,
// and the changes that stand between the two. This is the physics under
// FaultyFileSystem: no paths, no faults, no locks, only what survives.
//
// Power loss, as modelled:
//  - A write that was not flushed may be there, be gone, or be torn: cut at any
//    byte, or present in some of its 512-byte sectors only. Each write fares on
//    its own, so a later one may survive without an earlier one.
//  - Growth that was not flushed may be cut anywhere, or read as zeros.
//  - A name change that was not flushed has happened or not, each on its own,
//    except that changes of the same name keep their order. A rename is one
//    change: never both names, never none.
//
// Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "daybook/environment.h"
#include "support/random.h"

namespace daybook::testing {

struct WriteChange {
  std::uint64_t offset = 0;
  Bytes bytes;
};
struct TruncateChange {
  std::uint64_t size = 0;
};
using FileChange = std::variant<WriteChange, TruncateChange>;

struct FileNode {
  explicit FileNode(std::uint64_t file_number) : number(file_number) {}

  std::uint64_t number;             // the inode: no two files of a disk share one
  Bytes current;                    // what a read sees
  Bytes durable;                    // what is certainly on the disk
  std::vector<FileChange> pending;  // what turns durable into current, oldest first
  bool read_only = false;
  bool owner_only = true;
  std::uint64_t lock_holder = 0;  // number of the handle; 0: nobody
  std::int64_t changes = 0;       // so far: the node's clock

  void write(std::uint64_t offset, ByteView bytes);
  void truncate(std::uint64_t size);
  void sync();
  [[nodiscard]] FileStamp stamp() const;

  // A flush that failed: an unknown part of what was pending is on the disk,
  // the rest never will be, and the system has forgotten that it is not.
  void lose_pending(Random& random);

  // Makes what is left after power loss both current and durable.
  void crash(Random& random);
};

struct DirectoryNode;
using Node = std::variant<std::shared_ptr<FileNode>, std::shared_ptr<DirectoryNode>>;
using Names = std::map<std::string, Node>;

struct DirectoryNode {
  Names current;
  Names durable;
};

// A name in a directory gets a node, or none.
struct Assignment {
  std::shared_ptr<DirectoryNode> directory;
  std::string name;
  std::optional<Node> node;
};
// Assignments that happen together or not at all.
using NameChange = std::vector<Assignment>;

class DiskModel {
 public:
  DiskModel() : root_(std::make_shared<DirectoryNode>()) {}
  DiskModel(const DiskModel&) = delete;  // clone() copies deeply
  DiskModel& operator=(const DiskModel&) = delete;
  DiskModel(DiskModel&&) = default;
  DiskModel& operator=(DiskModel&&) = default;
  ~DiskModel() = default;

  [[nodiscard]] DiskModel clone() const;
  [[nodiscard]] const std::shared_ptr<DirectoryNode>& root() const { return root_; }

  [[nodiscard]] std::shared_ptr<FileNode> make_file() {
    return std::make_shared<FileNode>(++files_made_);
  }

  // Changes names now; durable after sync_names of a directory it touches.
  void change_names(NameChange change);
  void sync_names(const DirectoryNode& directory);

  // Bytes in all files, as they are now.
  [[nodiscard]] std::uint64_t used_bytes() const;

  // Power loss.
  void crash(Random& random);

 private:
  void settle_names(const std::vector<bool>& chosen);
  [[nodiscard]] std::vector<bool> with_earlier(std::vector<bool> chosen) const;

  std::shared_ptr<DirectoryNode> root_;
  std::vector<NameChange> pending_;  // oldest first
  std::uint64_t files_made_ = 0;
};

}  // namespace daybook::testing
