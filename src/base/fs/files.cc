// SPDX-License-Identifier: Apache-2.0
#include "base/fs/files.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace daybook {
namespace {

// What is written in one go.
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// A name drawn at random is free unless a test replays its randomness.
constexpr int kMaxTemporaryNames = 16;

struct TemporaryFile {
  std::string path;
  std::unique_ptr<File> file;
};

// Makes a file beside `path` whose name no other writer uses.
Result<TemporaryFile> make_temporary(Environment& env, const std::string& path, OpenMode mode) {
  for (int attempt = 1;; ++attempt) {
    std::array<std::uint8_t, 8> random{};
    env.entropy->fill(random);
    std::string name = path + ".tmp-" + to_hex(random);
    auto file = env.files->open(name, mode);
    if (file) return TemporaryFile{.path = std::move(name), .file = *std::move(file)};
    if (file.error().code != Errc::AlreadyExists || attempt == kMaxTemporaryNames) {
      return fail(std::move(file).error());
    }
  }
}

// Whose mode a replaced file has afterwards: that of the new one, or of the one that was there.
enum class ModeOf : std::uint8_t { New, Old };

Result<void> fill_and_rename(FileSystem& files, TemporaryFile& temporary, const std::string& path,
                             ByteView bytes, ModeOf mode) {
  if (mode == ModeOf::Old) DAYBOOK_CHECK(files.copy_mode(path, temporary.path));
  DAYBOOK_CHECK(temporary.file->write_at(0, bytes));
  DAYBOOK_CHECK(temporary.file->sync());
  temporary.file.reset();
  DAYBOOK_CHECK(files.rename(temporary.path, path));
  return {};
}

Result<void> replace_by(Environment& env, TemporaryFile& temporary, const std::string& path,
                        ByteView bytes, ModeOf mode) {
  if (auto done = fill_and_rename(*env.files, temporary, path, bytes, mode); !done) {
    temporary.file.reset();
    // The first error is the one to tell; a file that stays is only litter.
    static_cast<void>(env.files->remove(temporary.path));
    return done;
  }
  return env.files->sync_directory(parent_of(path));
}

Result<void> replace_whole(Environment& env, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(temporary, make_temporary(env, path, OpenMode::CreateNew));
  return replace_by(env, temporary, path, bytes, ModeOf::Old);
}

// Replaces a file of others, if it may be written. To write it and to replace it are two
// permissions, and that of the directory may be lacking.
Result<void> replace_output(Environment& env, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(old, env.files->open(path, OpenMode::ReadWrite));
  auto replaced = replace_whole(env, path, bytes);
  if (replaced || replaced.error().code != Errc::PermissionDenied) return replaced;
  DAYBOOK_CHECK(old->write_at(0, bytes));
  DAYBOOK_CHECK(old->truncate(bytes.size()));
  return old->sync();
}

Result<void> make_output(Environment& env, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(temporary, make_temporary(env, path, OpenMode::CreateNewShared));
  return replace_by(env, temporary, path, bytes, ModeOf::New);
}

Result<void> write_stream(FileSystem& files, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(stream, files.open(path, OpenMode::Stream));
  return stream->write_at(0, bytes);
}

std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

Result<Bytes> read_file(FileSystem& files, const std::string& path, std::uint64_t max_bytes) {
  DAYBOOK_TRY(file, files.open(path, OpenMode::Read));
  DAYBOOK_TRY(size, file->size());
  if (size > max_bytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("{} has {} bytes, more than the {} read here", path, size, max_bytes));
  }
  Bytes bytes(size);
  DAYBOOK_TRY(count, file->read_at(0, bytes));
  bytes.resize(count);
  return bytes;
}

Result<Bytes> read_exactly(const File& file, const std::string& path, std::uint64_t offset,
                           std::size_t count) {
  Bytes bytes(count);
  DAYBOOK_TRY(have, file.read_at(offset, bytes));
  if (have == count) return bytes;
  return fail(Errc::Corruption,
              fmt::format("{} is too short: {} bytes expected at offset {}, {} found", path, count,
                          offset, have),
              "run `daybook verify` to see what is damaged");
}

Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to) {
  static const Bytes kZeros(kChunkBytes);
  while (from < to) {
    const ByteView chunk = ByteView(kZeros).first(std::min<std::uint64_t>(to - from, kChunkBytes));
    DAYBOOK_CHECK(file.write_at(from, chunk));
    from += chunk.size();
  }
  return {};
}

Result<void> write_again(File& file, const std::string& path, std::uint64_t from,
                         std::uint64_t to) {
  while (from < to) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(to - from, kChunkBytes));
    DAYBOOK_TRY(bytes, read_exactly(file, path, from, count));
    DAYBOOK_CHECK(file.write_at(from, bytes));
    from += count;
  }
  return {};
}

Result<void> replace_file(Environment& env, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(temporary, make_temporary(env, path, OpenMode::CreateNew));
  return replace_by(env, temporary, path, bytes, ModeOf::New);
}

Result<void> write_output_file(Environment& env, const std::string& path, ByteView bytes) {
  DAYBOOK_TRY(target, env.files->follow(path));
  switch (target.kind) {
    case PathKind::Missing:
      return make_output(env, target.path, bytes);
    case PathKind::File:
      return replace_output(env, target.path, bytes);
    case PathKind::Stream:
      return write_stream(*env.files, target.path, bytes);
    case PathKind::Directory:
      break;
  }
  return fail(Errc::InvalidArgument, fmt::format("cannot write {}: it is a directory", path),
              "name a file in it");
}

Result<void> make_directories(FileSystem& files, const std::string& path) {
  DAYBOOK_TRY(there, files.exists(path));
  if (there) return files.make_directory(path);  // says so when it is a file
  const std::string parent = parent_of(path);
  if (parent != path) DAYBOOK_CHECK(make_directories(files, parent));
  DAYBOOK_CHECK(files.make_directory(path));
  return files.sync_directory(parent);
}

std::string parent_of(const std::string& path) {
  const std::string_view trimmed = without_trailing_slashes(path);
  const std::size_t slash = trimmed.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(without_trailing_slashes(trimmed.substr(0, slash)));
}

}  // namespace daybook
