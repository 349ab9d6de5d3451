// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "support/faulty_state.h"

namespace daybook::testing {

FaultyFileSystem::OpenFile::OpenFile(std::shared_ptr<State> state, std::shared_ptr<FileNode> node,
                                     std::string path, OpenMode mode)
    : state_(std::move(state)),
      node_(std::move(node)),
      path_(std::move(path)),
      mode_(mode),
      generation_(state_->generation),
      number_(++state_->handles) {}

FaultyFileSystem::OpenFile::~OpenFile() {
  const std::lock_guard lock(state_->mutex);
  free_lock();
}

std::optional<Error> FaultyFileSystem::OpenFile::begin(Operation kind,
                                                       const std::string& detail) const {
  if (generation_ != state_->generation) {
    return Error{
        Errc::Io,
        fmt::format("cannot {} {}: the process that opened it is gone", to_string(kind), path_),
        {}};
  }
  return state_->begin(kind, path_, detail);
}

std::optional<Error> FaultyFileSystem::OpenFile::refuse_when_read_only() const {
  if (mode_ != OpenMode::Read) return std::nullopt;
  return Error{Errc::Io, fmt::format("cannot write {}: it is not open for writing", path_), {}};
}

Result<std::size_t> FaultyFileSystem::OpenFile::read_at(std::uint64_t offset,
                                                        std::span<std::uint8_t> buffer) const {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::Read, fmt::format("{}+{}", offset, buffer.size()))) {
    return daybook::fail(*std::move(error));
  }
  const Bytes& bytes = node_->current;
  if (offset >= bytes.size()) return 0;
  const std::size_t count = std::min<std::uint64_t>(buffer.size(), bytes.size() - offset);
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, buffer.begin());
  return count;
}

Result<void> FaultyFileSystem::OpenFile::write_at(std::uint64_t offset,
                                                  std::span<const std::uint8_t> bytes) {
  const auto lock = state_->enter();
  auto error = begin(Operation::Write, fmt::format("{}+{}", offset, bytes.size()));
  if (generation_ != state_->generation) return daybook::fail(*std::move(error));
  if (auto refused = refuse_when_read_only()) return daybook::fail(*std::move(refused));
  if (error) {
    // How much of a failing write happens is anybody's guess.
    const std::size_t part = state_->random.between(0, bytes.size());
    const std::uint64_t room = node_->current.size() + state_->free_bytes();
    if (offset + part <= room) node_->write(offset, bytes.first(part));
    return daybook::fail(*std::move(error));
  }
  const std::uint64_t size = node_->current.size();
  const std::uint64_t end = offset + bytes.size();
  const std::uint64_t free = state_->free_bytes();
  if (end > size && end - size > free) {
    const std::uint64_t limit = size + free;
    if (offset < limit) node_->write(offset, bytes.first(limit - offset));
    return daybook::fail(Errc::NoSpace, fmt::format("cannot write {}: the disk is full", path_),
                         "free some space and try again");
  }
  node_->write(offset, bytes);
  return {};
}

Result<void> FaultyFileSystem::OpenFile::sync() {
  if (state_->flushes_held) {
    state_->flushes_waiting.fetch_add(1);
    state_->flushes_waiting.notify_all();
    state_->flushes_held.wait(true);
    state_->flushes_waiting.fetch_sub(1);
  }
  const auto lock = state_->enter();
  auto error = begin(Operation::Sync);
  if (!error) {
    node_->sync();
    return {};
  }
  if (generation_ == state_->generation && state_->failed_sync == FailedSync::LosesPages) {
    node_->lose_pending(state_->random);
  }
  return daybook::fail(*std::move(error));
}

Result<std::uint64_t> FaultyFileSystem::OpenFile::size() const {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::Size)) return daybook::fail(*std::move(error));
  return node_->current.size();
}

Result<void> FaultyFileSystem::OpenFile::truncate(std::uint64_t size) {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::Truncate, fmt::format("{}", size))) {
    return daybook::fail(*std::move(error));
  }
  if (auto refused = refuse_when_read_only()) return daybook::fail(*std::move(refused));
  node_->truncate(size);
  return {};
}

Result<FileId> FaultyFileSystem::OpenFile::id() const {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::Identify)) return daybook::fail(*std::move(error));
  return FileId{1, node_->number};
}

Result<bool> FaultyFileSystem::OpenFile::owner_only() const {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::OwnerOnly)) return daybook::fail(*std::move(error));
  return node_->owner_only;
}

Result<bool> FaultyFileSystem::OpenFile::try_lock() {
  const auto lock = state_->enter();
  if (auto error = begin(Operation::Lock)) return daybook::fail(*std::move(error));
  if (node_->lock_holder == 0) node_->lock_holder = number_;
  return node_->lock_holder == number_;
}

void FaultyFileSystem::OpenFile::unlock() {
  const std::lock_guard lock(state_->mutex);
  free_lock();
}

// The numbers of handles are never used twice, so a dead handle frees nothing.
void FaultyFileSystem::OpenFile::free_lock() {
  if (node_->lock_holder == number_) node_->lock_holder = 0;
}

}  // namespace daybook::testing
