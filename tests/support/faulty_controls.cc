// SPDX-License-Identifier: Apache-2.0
//
// The doors a test goes through: faults, endings, what happened, and the
// content by hand.
#include <algorithm>
#include <stdexcept>

#include "support/faulty_state.h"

namespace daybook::testing {
namespace {

void add_files(const DirectoryNode& directory, const std::string& prefix,
               std::vector<std::string>& paths) {
  for (const auto& [name, node] : directory.current) {
    if (const auto* child = std::get_if<std::shared_ptr<DirectoryNode>>(&node)) {
      add_files(**child, prefix + name + "/", paths);
    } else {
      paths.push_back(prefix + name);
    }
  }
}

void free_locks(const DirectoryNode& directory) {
  for (const auto& [name, node] : directory.current) {
    if (const auto* child = std::get_if<std::shared_ptr<DirectoryNode>>(&node)) {
      free_locks(**child);
    } else {
      std::get<std::shared_ptr<FileNode>>(node)->lock_holder = 0;
    }
  }
}

}  // namespace

FaultyFileSystem::FaultyFileSystem(std::uint64_t seed) : state_(std::make_shared<State>(seed)) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::fail(const Fault& fault) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.push_back(fault);
}

void FaultyFileSystem::clear_faults() {
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
}

void FaultyFileSystem::set_onlooker(std::function<void()> onlooker) {
  const std::lock_guard lock(state_->mutex);
  state_->onlooker = std::move(onlooker);
}

void FaultyFileSystem::on_failed_sync(FailedSync behaviour) {
  const std::lock_guard lock(state_->mutex);
  state_->failed_sync = behaviour;
}

void FaultyFileSystem::hold_flushes() { state_->flushes_held = true; }

void FaultyFileSystem::await_held_flush() { state_->flushes_waiting.wait(0); }

void FaultyFileSystem::let_flushes_go() {
  state_->flushes_held = false;
  state_->flushes_held.notify_all();
}

void FaultyFileSystem::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->capacity = bytes;
}

void FaultyFileSystem::set_mount(Mount mount) {
  const std::lock_guard lock(state_->mutex);
  state_->mount = mount;
}

void FaultyFileSystem::kill() {
  const std::lock_guard lock(state_->mutex);
  ++state_->generation;
  free_locks(*state_->disk.root());
}

void FaultyFileSystem::crash(std::uint64_t seed) {
  const std::lock_guard lock(state_->mutex);
  ++state_->generation;
  Random random(seed);
  state_->disk.crash(random);
}

std::unique_ptr<FaultyFileSystem> FaultyFileSystem::clone(std::uint64_t seed) const {
  const std::lock_guard lock(state_->mutex);
  auto copy = std::make_unique<FaultyFileSystem>(seed);
  copy->state_->disk = state_->disk.clone();
  copy->state_->capacity = state_->capacity;
  return copy;
}

std::uint64_t FaultyFileSystem::operations() const {
  const std::lock_guard lock(state_->mutex);
  std::uint64_t total = 0;
  for (const auto& [kind, count] : state_->counts) total += count;
  return total;
}

std::uint64_t FaultyFileSystem::operations(Operation kind) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->counts.find(kind);
  return found == state_->counts.end() ? 0 : found->second;
}

void FaultyFileSystem::start_trace() {
  const std::lock_guard lock(state_->mutex);
  state_->tracing = true;
  state_->lines.clear();
}

std::vector<std::string> FaultyFileSystem::trace() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lines;
}

Bytes FaultyFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(state_->mutex);
  return state_->file_by_hand(path)->current;
}

Bytes FaultyFileSystem::durable_content(const std::string& path) const {
  const std::lock_guard lock(state_->mutex);
  return state_->file_by_hand(path)->durable;
}

void FaultyFileSystem::flip_bit(const std::string& path, std::uint64_t offset, unsigned bit) {
  const std::lock_guard lock(state_->mutex);
  const auto file = state_->file_by_hand(path);
  const auto mask = static_cast<std::uint8_t>(1U << bit);
  file->current.at(offset) ^= mask;
  if (offset < file->durable.size()) file->durable[offset] ^= mask;  // perhaps not flushed yet
}

void FaultyFileSystem::overwrite(const std::string& path, std::uint64_t offset, ByteView bytes) {
  const std::lock_guard lock(state_->mutex);
  const auto file = state_->file_by_hand(path);
  file->write(offset, bytes);
  file->sync();
}

void FaultyFileSystem::truncate_file(const std::string& path, std::uint64_t size) {
  const std::lock_guard lock(state_->mutex);
  const auto file = state_->file_by_hand(path);
  file->truncate(size);
  file->sync();
}

void FaultyFileSystem::set_owner_only(const std::string& path, bool owner_only) {
  const std::lock_guard lock(state_->mutex);
  state_->file_by_hand(path)->owner_only = owner_only;
}

void FaultyFileSystem::put_file(const std::string& path, ByteView bytes) {
  const std::lock_guard lock(state_->mutex);
  auto directory = state_->disk.root();
  auto parts = parts_of(path);
  if (parts.empty()) throw std::invalid_argument("no file name: " + path);
  const std::string name = std::move(parts.back());
  parts.pop_back();
  for (const std::string& part : parts) {
    auto entry = directory->current.find(part);
    if (entry == directory->current.end()) {
      state_->disk.change_names(
          {{.directory = directory, .name = part, .node = std::make_shared<DirectoryNode>()}});
      state_->disk.sync_names(*directory);
      entry = directory->current.find(part);
    }
    directory = std::get<std::shared_ptr<DirectoryNode>>(entry->second);
  }
  const auto file = state_->disk.make_file();
  file->write(0, bytes);
  file->sync();
  state_->disk.change_names({{.directory = directory, .name = name, .node = file}});
  state_->disk.sync_names(*directory);
}

std::vector<std::string> FaultyFileSystem::files() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> paths;
  add_files(*state_->disk.root(), "/", paths);
  std::ranges::sort(paths);
  return paths;
}
}  // namespace daybook::testing
