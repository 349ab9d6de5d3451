// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_state.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace daybook::testing {
namespace {

// Whether this thread is inside the onlooker: its own operations always succeed.
thread_local bool looking = false;

constexpr std::size_t kMaxTraceLines = 1'000'000;

bool changes_the_disk(Operation kind) {
  switch (kind) {
    case Operation::OpenWrite:
    case Operation::Create:
    case Operation::Write:
    case Operation::Truncate:
    case Operation::MakeDirectory:
    case Operation::Rename:
    case Operation::Remove:
    case Operation::SetReadOnly:
    case Operation::CopyMode:
      return true;
    default:
      return false;
  }
}

bool matches(const Fault& fault, Operation kind, const std::string& label) {
  return (!fault.kind || *fault.kind == kind) && label.find(fault.path) != std::string::npos;
}

}  // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::OpenRead:
      return "open";
    case Operation::OpenWrite:
      return "open for writing";
    case Operation::Create:
      return "create";
    case Operation::Read:
      return "read";
    case Operation::Write:
      return "write";
    case Operation::Sync:
      return "sync";
    case Operation::Truncate:
      return "truncate";
    case Operation::Size:
      return "size";
    case Operation::Identify:
      return "identify";
    case Operation::Lock:
      return "lock";
    case Operation::MakeDirectory:
      return "make directory";
    case Operation::List:
      return "list";
    case Operation::Rename:
      return "rename";
    case Operation::Remove:
      return "remove";
    case Operation::Exists:
      return "exists";
    case Operation::SyncDirectory:
      return "sync directory";
    case Operation::SetReadOnly:
      return "set read-only";
    case Operation::Follow:
      return "follow";
    case Operation::CopyMode:
      return "copy mode";
    case Operation::OwnerOnly:
      return "owner only";
  }
  return "?";
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, slash - at);
    if (!part.empty() && part != ".") parts.push_back(part);
    at = slash + 1;
  }
  return parts;
}

std::string normal_path(const std::string& path) {
  std::string normal;
  for (const std::string& part : parts_of(path)) normal += "/" + part;
  return normal.empty() ? "/" : normal;
}

std::shared_ptr<FileNode> FaultyFileSystem::State::Place::file() const {
  const auto* found = node ? std::get_if<std::shared_ptr<FileNode>>(&*node) : nullptr;
  return found == nullptr ? nullptr : *found;
}

std::shared_ptr<DirectoryNode> FaultyFileSystem::State::Place::directory() const {
  const auto* found = node ? std::get_if<std::shared_ptr<DirectoryNode>>(&*node) : nullptr;
  return found == nullptr ? nullptr : *found;
}

std::unique_lock<std::mutex> FaultyFileSystem::State::enter() {
  if (onlooker && !looking) {
    looking = true;
    onlooker();
    looking = false;
  }
  return std::unique_lock(mutex);
}

std::optional<Error> FaultyFileSystem::State::begin(Operation kind, const std::string& label,
                                                    const std::string& detail) {
  if (looking) return std::nullopt;
  ++counts[kind];
  std::optional<Errc> code;
  if (mount == Mount::ReadOnly && changes_the_disk(kind)) code = Errc::PermissionDenied;
  for (Fault& fault : faults) {
    if (!matches(fault, kind, label)) continue;
    if (fault.nth > 1) {
      --fault.nth;
    } else if (fault.nth == 1 && !code) {
      code = fault.code;
      if (fault.repeat == Repeat::Once) fault.nth = 0;  // spent
    }
  }
  if (tracing && lines.size() < kMaxTraceLines) {
    lines.push_back(
        fmt::format("{} {}{}{}", to_string(kind), label, detail.empty() ? "" : " ", detail));
    if (code) lines.back() += fmt::format(": {}", to_string(*code));
  }
  if (!code) return std::nullopt;
  return Error{*code, fmt::format("cannot {} {}: injected fault", to_string(kind), label), {}};
}

std::uint64_t FaultyFileSystem::State::free_bytes() const {
  if (capacity == kUnlimited) return kUnlimited / 2;  // sums with it do not overflow
  const std::uint64_t used = disk.used_bytes();
  return used < capacity ? capacity - used : 0;
}

Result<FaultyFileSystem::State::Place> FaultyFileSystem::State::find(
    const std::string& path) const {
  Place place{.parent = nullptr, .name = {}, .node = disk.root()};
  for (const std::string& part : parts_of(path)) {
    auto directory = place.directory();
    if (!directory) {
      return daybook::fail(place.node ? Errc::Io : Errc::NotFound,
                           fmt::format("cannot find {}: no such directory", path));
    }
    const auto entry = directory->current.find(part);
    place.node = entry == directory->current.end() ? std::nullopt : std::optional(entry->second);
    place.parent = std::move(directory);
    place.name = part;
  }
  return place;
}

std::shared_ptr<FileNode> FaultyFileSystem::State::file_by_hand(const std::string& path) const {
  const auto place = find(path);
  auto file = place ? place->file() : nullptr;
  if (!file) throw std::invalid_argument("no such file: " + path);
  return file;
}
}  // namespace daybook::testing
