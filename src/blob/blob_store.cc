// SPDX-License-Identifier: Apache-2.0
#include "blob/blob_store.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "base/sha256.h"
#include "base/text.h"
#include "blob/compress.h"
#include "daybook/event.h"

namespace daybook {
namespace {

constexpr std::string_view kSuffix = ".zst";
constexpr std::string_view kTemporaryMark = ".zst.tmp-";
constexpr std::string_view kHealHint =
    "putting the same bytes again replaces the damaged copy; `daybook verify` tells which events "
    "refer to it";

// The digest a file of this name holds; nullopt for any other file.
std::optional<Digest> digest_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view hex = name.substr(0, name.size() - kSuffix.size());
  const auto digest = parse_digest(hex);
  if (!digest || to_string(*digest) != hex) return std::nullopt;
  return *digest;
}

bool is_blob(const DirectoryEntry& entry) { return digest_of(entry.name).has_value(); }

bool is_subdirectory(const DirectoryEntry& entry) {
  const std::optional<Bytes> byte = from_hex(entry.name);
  return entry.is_directory && byte && byte->size() == 1 && to_hex(*byte) == entry.name;
}

std::unexpected<Error> damaged(const Digest& digest, const std::string& path,
                               std::string_view what) {
  return fail(Errc::Corruption,
              fmt::format("blob sha256:{} is damaged in {}: {}", to_string(digest), path, what),
              std::string(kHealHint));
}

void add_entries(const std::string& name, const std::vector<DirectoryEntry>& entries,
                 BlobStore::Listing& listing) {
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory) continue;
    const std::optional<Digest> digest = digest_of(entry.name);
    if (digest && entry.name.starts_with(name)) {
      listing.blobs.push_back({*digest, entry.stamp.size});
    } else if (entry.name.find(kTemporaryMark) != std::string::npos) {
      listing.litter.push_back(name + "/" + entry.name);
    }
  }
}

}  // namespace

BlobStore::BlobStore(Environment env, std::string directory)
    : env_(env), directory_(std::move(directory)) {}

std::string BlobStore::subdirectory_of(const Digest& digest) const {
  return fmt::format("{}/{:02x}", directory_, digest.bytes[0]);
}

std::string BlobStore::path_of(const Digest& digest) const {
  return fmt::format("{}/{}{}", subdirectory_of(digest), to_string(digest), kSuffix);
}

// A directory that is there need not be on stable storage: whoever made it may
// have been killed before flushing its name. One with something in it is,
// because nothing is made in a directory before that flush.
Result<void> BlobStore::prepare_directory() {
  DAYBOOK_TRY(there, env_.files->exists(directory_));
  if (!there) return make_directories(*env_.files, directory_);
  DAYBOOK_TRY(entries, env_.files->list(directory_));
  if (std::ranges::any_of(entries, is_subdirectory)) return {};
  return env_.files->sync_directory(parent_of(directory_));
}

Result<void> BlobStore::prepare_subdirectory(const Digest& digest) {
  std::atomic<bool>& prepared = prepared_[digest.bytes[0]];
  if (prepared) return {};
  const std::string path = subdirectory_of(digest);
  DAYBOOK_TRY(there, env_.files->exists(path));
  bool used = false;
  if (there) {
    DAYBOOK_TRY(entries, env_.files->list(path));
    used = std::ranges::any_of(entries, is_blob);
  } else {
    DAYBOOK_CHECK(prepare_directory());
    DAYBOOK_CHECK(env_.files->make_directory(path));
  }
  if (!used) DAYBOOK_CHECK(env_.files->sync_directory(directory_));
  prepared = true;
  return {};
}

Result<Bytes> BlobStore::load(const Digest& digest) const {
  const std::string path = path_of(digest);
  auto frame = read_file(*env_.files, path, max_compressed_bytes(kMaxDataBytes));
  if (!frame) {
    if (frame.error().code != Errc::LimitExceeded) return fail(std::move(frame).error());
    return damaged(digest, path, "it is larger than any blob");
  }
  auto bytes = decompress(*frame, kMaxDataBytes);
  if (!bytes) return damaged(digest, path, bytes.error().message);
  if (sha256(*bytes) != digest) return damaged(digest, path, "its content has another hash");
  return bytes;
}

Result<BlobRef> BlobStore::put(ByteView bytes) {
  if (bytes.size() > kMaxDataBytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("a blob of {} bytes is larger than the limit of {}", bytes.size(),
                            kMaxDataBytes),
                "store it in parts");
  }
  const BlobRef blob{sha256(bytes), bytes.size()};
  DAYBOOK_CHECK(prepare_subdirectory(blob.digest));
  if (load(blob.digest)) {
    // Its content was flushed before it got its name; the name may not be yet.
    DAYBOOK_CHECK(env_.files->sync_directory(subdirectory_of(blob.digest)));
    return blob;
  }
  DAYBOOK_TRY(frame, compress(bytes));
  DAYBOOK_CHECK(replace_file(env_, path_of(blob.digest), frame));
  return blob;
}

Result<Bytes> BlobStore::get(const Digest& digest) const {
  auto bytes = load(digest);
  if (bytes || bytes.error().code != Errc::NotFound) return bytes;
  return fail(Errc::NotFound,
              fmt::format("blob sha256:{} is not stored: there is no {}", to_string(digest),
                          path_of(digest)),
              "putting the same bytes again restores it");
}

Result<bool> BlobStore::contains(const Digest& digest) const {
  return env_.files->exists(path_of(digest));
}

Result<BlobStore::Listing> BlobStore::list() const {
  Listing listing;
  DAYBOOK_TRY(there, env_.files->exists(directory_));
  if (!there) return listing;
  DAYBOOK_TRY(subdirectories, env_.files->list(directory_));
  for (const DirectoryEntry& subdirectory : subdirectories) {
    if (!is_subdirectory(subdirectory)) continue;
    DAYBOOK_TRY(entries, env_.files->list(directory_ + "/" + subdirectory.name));
    add_entries(subdirectory.name, entries, listing);
  }
  return listing;
}

Result<void> BlobStore::remove(const Digest& digest) { return env_.files->remove(path_of(digest)); }

}  // namespace daybook
