// SPDX-License-Identifier: Apache-2.0
//
// The doors a program goes through. faulty_file.cc is what open() gives out,
// faulty_controls.cc what the test does behind the program's back.
#include "support/faulty_file_system.h"

#include <utility>

#include <fmt/format.h>

#include "support/faulty_state.h"

namespace daybook::testing {
namespace {

std::unexpected<Error> cannot(Operation kind, const std::string& path, Errc code,
                              std::string_view why) {
  return daybook::fail(code, fmt::format("cannot {} {}: {}", to_string(kind), path, why));
}

}  // namespace

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, OpenMode mode) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  const auto place = state_->find(path);
  const bool there = place && place->node;
  const bool must_be_new = mode == OpenMode::CreateNew || mode == OpenMode::CreateNewShared;
  const bool may_create = mode == OpenMode::Create || must_be_new;
  const Operation kind = mode == OpenMode::Read ? Operation::OpenRead
                         : may_create && !there ? Operation::Create
                                                : Operation::OpenWrite;
  if (auto error = state_->begin(kind, label)) return daybook::fail(*std::move(error));
  if (!place) return daybook::fail(place.error());
  if (there && must_be_new) {
    return cannot(kind, label, Errc::AlreadyExists, "it is there");
  }
  if (place->directory()) return cannot(kind, label, Errc::Io, "it is a directory");
  auto file = place->file();
  if (!file && !may_create) return cannot(kind, label, Errc::NotFound, "no such file");
  if (file && file->read_only && mode != OpenMode::Read) {
    return cannot(kind, label, Errc::PermissionDenied, "it is read-only");
  }
  if (!file) {
    file = state_->disk.make_file();
    state_->disk.change_names({{.directory = place->parent, .name = place->name, .node = file}});
  }
  return std::make_unique<OpenFile>(state_, std::move(file), label, mode);
}

Result<void> FaultyFileSystem::make_directory(const std::string& path) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::MakeDirectory, label)) {
    return daybook::fail(*std::move(error));
  }
  DAYBOOK_TRY(place, state_->find(path));
  if (place.directory()) return {};
  if (place.node) {
    return cannot(Operation::MakeDirectory, label, Errc::AlreadyExists, "a file has this name");
  }
  state_->disk.change_names(
      {{.directory = place.parent, .name = place.name, .node = std::make_shared<DirectoryNode>()}});
  return {};
}

Result<std::vector<DirectoryEntry>> FaultyFileSystem::list(const std::string& path) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::List, label)) return daybook::fail(*std::move(error));
  DAYBOOK_TRY(place, state_->find(path));
  const auto directory = place.directory();
  if (!directory) {
    return cannot(Operation::List, label, place.node ? Errc::Io : Errc::NotFound,
                  "no such directory");
  }
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, node] : directory->current) {
    const auto* file = std::get_if<std::shared_ptr<FileNode>>(&node);
    entries.push_back({.name = name,
                       .is_directory = file == nullptr,
                       .stamp = file == nullptr ? FileStamp{} : (*file)->stamp()});
  }
  return entries;
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  const auto lock = state_->enter();
  const std::string label = normal_path(from) + " -> " + normal_path(to);
  if (auto error = state_->begin(Operation::Rename, label)) return daybook::fail(*std::move(error));
  DAYBOOK_TRY(source, state_->find(from));
  DAYBOOK_TRY(target, state_->find(to));
  if (!source.node) return cannot(Operation::Rename, label, Errc::NotFound, "no such file");
  if (!source.parent || !target.parent || target.directory()) {
    return cannot(Operation::Rename, label, Errc::Io, "a directory cannot be replaced");
  }
  if (source.parent == target.parent && source.name == target.name) return {};
  state_->disk.change_names(
      {{.directory = source.parent, .name = source.name, .node = std::nullopt},
       {.directory = target.parent, .name = target.name, .node = source.node}});
  return {};
}

Result<void> FaultyFileSystem::remove(const std::string& path) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::Remove, label)) return daybook::fail(*std::move(error));
  DAYBOOK_TRY(place, state_->find(path));
  if (!place.node) return cannot(Operation::Remove, label, Errc::NotFound, "no such file");
  const auto directory = place.directory();
  if (!place.parent || (directory && !directory->current.empty())) {
    return cannot(Operation::Remove, label, Errc::Io, "the directory is not empty");
  }
  state_->disk.change_names(
      {{.directory = place.parent, .name = place.name, .node = std::nullopt}});
  return {};
}

Result<bool> FaultyFileSystem::exists(const std::string& path) {
  const auto lock = state_->enter();
  if (auto error = state_->begin(Operation::Exists, normal_path(path))) {
    return daybook::fail(*std::move(error));
  }
  const auto place = state_->find(path);
  return place && place->node.has_value();
}

Result<FileId> FaultyFileSystem::id_of(const std::string& path) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::Identify, label)) {
    return daybook::fail(*std::move(error));
  }
  DAYBOOK_TRY(place, state_->find(path));
  if (!place.node) return cannot(Operation::Identify, label, Errc::NotFound, "no such file");
  const auto file = place.file();
  return FileId{1, file ? file->number : 0};
}

Result<void> FaultyFileSystem::sync_directory(const std::string& path) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::SyncDirectory, label)) {
    return daybook::fail(*std::move(error));
  }
  DAYBOOK_TRY(place, state_->find(path));
  const auto directory = place.directory();
  if (!directory) {
    return cannot(Operation::SyncDirectory, label, Errc::NotFound, "no such directory");
  }
  state_->disk.sync_names(*directory);
  return {};
}

Result<void> FaultyFileSystem::set_read_only(const std::string& path, bool read_only) {
  const auto lock = state_->enter();
  const std::string label = normal_path(path);
  if (auto error = state_->begin(Operation::SetReadOnly, label)) {
    return daybook::fail(*std::move(error));
  }
  DAYBOOK_TRY(place, state_->find(path));
  const auto file = place.file();
  if (!file) return cannot(Operation::SetReadOnly, label, Errc::NotFound, "no such file");
  file->read_only = read_only;
  return {};
}

Result<PathTarget> FaultyFileSystem::follow(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  if (auto error = state_->begin(Operation::Follow, normal_path(path))) {
    return daybook::fail(*std::move(error));
  }
  const auto place = state_->find(path);
  PathTarget target{.path = path};
  if (place && place->file()) target.kind = PathKind::File;
  if (place && place->directory()) target.kind = PathKind::Directory;
  return target;
}

Result<void> FaultyFileSystem::copy_mode(const std::string& from, const std::string& to) {
  const std::lock_guard lock(state_->mutex);
  const std::string label = normal_path(from) + " -> " + normal_path(to);
  if (auto error = state_->begin(Operation::CopyMode, label)) {
    return daybook::fail(*std::move(error));
  }
  DAYBOOK_TRY(source, state_->find(from));
  DAYBOOK_TRY(target, state_->find(to));
  if (!source.file() || !target.file()) {
    return cannot(Operation::CopyMode, label, Errc::NotFound, "no such file");
  }
  return {};
}

}  // namespace daybook::testing
