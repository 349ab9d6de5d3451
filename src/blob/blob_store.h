// SPDX-License-Identifier: Apache-2.0
//
// Content above the inline limit, stored once under its SHA-256, compressed,
// and checked on every read. docs/format.md, section 8.
//
// Invariants: a name <hex>.zst holds bytes of that hash or is damaged, never
// something else; put() returns only when content and name are on stable
// storage; a crash leaves either no blob or a whole one, and perhaps a
// temporary file, which nothing reads.
//
// Thread-safe, also across processes, except that remove() must not run while
// others put: a put that found the blob stored would be left without it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "daybook/environment.h"
#include "daybook/ledger.h"

namespace daybook {

class BlobStore {
 public:
  // `directory` is made by the first put.
  BlobStore(Environment env, std::string directory);

  // Stores the bytes unless they are stored already. A stored copy is read and
  // compared, and replaced when it has gone bad. Costs a compression and two
  // flushes, one more for the first blob of a subdirectory; when the bytes are
  // there already, one decompression and one flush. Holds the compressed
  // bytes in memory. Errors: LimitExceeded (kMaxDataBytes), NoSpace,
  // PermissionDenied, Io.
  [[nodiscard]] Result<BlobRef> put(ByteView bytes);

  // The bytes, checked against their hash. Errors: NotFound, Corruption, Io.
  [[nodiscard]] Result<Bytes> get(const Digest& digest) const;

  // Whether a file of that name is there; says nothing about its content.
  [[nodiscard]] Result<bool> contains(const Digest& digest) const;

  struct Entry {
    Digest digest;
    std::uint64_t stored_bytes = 0;  // on disk, compressed
  };
  struct Listing {
    std::vector<Entry> blobs;         // ascending by digest
    std::vector<std::string> litter;  // temporary files of crashed puts, "<aa>/<name>"
  };
  // All blobs; empty when the directory does not exist.
  [[nodiscard]] Result<Listing> list() const;

  // Takes a blob away, for garbage collection. Errors: NotFound, Io.
  [[nodiscard]] Result<void> remove(const Digest& digest);

  [[nodiscard]] std::string path_of(const Digest& digest) const;

 private:
  [[nodiscard]] std::string subdirectory_of(const Digest& digest) const;
  [[nodiscard]] Result<void> prepare_directory();
  [[nodiscard]] Result<void> prepare_subdirectory(const Digest& digest);
  [[nodiscard]] Result<Bytes> load(const Digest& digest) const;

  Environment env_;
  std::string directory_;
  // Subdirectories, by first byte of the digest, known to be on stable storage.
  std::array<std::atomic<bool>, 256> prepared_{};
};

}  // namespace daybook
