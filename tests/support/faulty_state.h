// SPDX-License-Identifier: Apache-2.0
//
// What FaultyFileSystem and the files it opened share: the disk, the armed
// faults, the counters and the trace. Included by its own sources only.
// Everything but `mutex` needs the mutex.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "support/disk_model.h"
#include "support/faulty_file_system.h"

namespace daybook::testing {

struct FaultyFileSystem::State {
  explicit State(std::uint64_t seed) : random(seed) {}

  // Lets whoever looks in between look, then locks: the way into every operation.
  [[nodiscard]] std::unique_lock<std::mutex> enter();
  // Begins an operation: counts and traces it, and returns the error it has to
  // fail with, if any. `label` is the path, `detail` what the trace adds to it.
  std::optional<Error> begin(Operation kind, const std::string& label,
                             const std::string& detail = {});

  // Bytes by which files may still grow.
  [[nodiscard]] std::uint64_t free_bytes() const;

  // Where a path leads now.
  struct Place {
    std::shared_ptr<DirectoryNode> parent;  // none for the root
    std::string name;
    std::optional<Node> node;  // none when nothing has this name

    [[nodiscard]] std::shared_ptr<FileNode> file() const;
    [[nodiscard]] std::shared_ptr<DirectoryNode> directory() const;
  };
  // Errors: NotFound when a directory on the way is missing.
  [[nodiscard]] Result<Place> find(const std::string& path) const;
  [[nodiscard]] std::shared_ptr<FileNode> file_by_hand(const std::string& path) const;

  mutable std::mutex mutex;
  std::atomic<bool> flushes_held = false;
  std::atomic<std::uint64_t> flushes_waiting = 0;
  std::function<void()> onlooker;  // set while nothing is under way
  DiskModel disk;
  Random random;
  std::vector<Fault> faults;  // nth counts down to the failure
  FailedSync failed_sync = FailedSync::LosesPages;
  std::uint64_t capacity = kUnlimited;
  Mount mount = Mount::Writable;
  std::map<Operation, std::uint64_t> counts;
  bool tracing = false;
  std::vector<std::string> lines;
  std::uint64_t generation = 0;  // how many times all handles have died
  std::uint64_t handles = 0;     // numbers handed out so far
};

// The names on the way: "a", "b" for "/a/b", "a//b/" and the like.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& path);
// "/a/b" for the same.
[[nodiscard]] std::string normal_path(const std::string& path);

class FaultyFileSystem::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<State> state, std::shared_ptr<FileNode> node, std::string path,
           OpenMode mode);
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override;

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) const override;
  Result<void> write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override;
  Result<void> sync() override;
  Result<std::uint64_t> size() const override;
  Result<void> truncate(std::uint64_t size) override;
  Result<FileId> id() const override;
  Result<bool> owner_only() const override;
  Result<bool> try_lock() override;
  void unlock() override;

 private:
  [[nodiscard]] std::optional<Error> begin(Operation kind, const std::string& detail = {}) const;
  [[nodiscard]] std::optional<Error> refuse_when_read_only() const;
  void free_lock();

  std::shared_ptr<State> state_;
  std::shared_ptr<FileNode> node_;
  std::string path_;
  OpenMode mode_;
  std::uint64_t generation_;
  std::uint64_t number_;
};

}  // namespace daybook::testing
