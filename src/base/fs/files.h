// SPDX-License-Identifier: Apache-2.0
//
// What every room does with files, on top of the FileSystem door: read one
// whole, replace one so that a crash leaves the old or the new, write one for
// others, make a path.
#pragma once

#include <string>

#include "base/bytes.h"
#include "daybook/environment.h"

namespace daybook {

// The whole file; LimitExceeded when it is larger than `max_bytes`.
[[nodiscard]] Result<Bytes> read_file(FileSystem& files, const std::string& path,
                                      std::uint64_t max_bytes);

// Exactly `count` bytes at `offset`. Errors: Corruption when the file is shorter.
[[nodiscard]] Result<Bytes> read_exactly(const File& file, const std::string& path,
                                         std::uint64_t offset, std::size_t count);

// Writes a temporary file beside `path`, flushes it, renames it over `path`
// and flushes the directory: afterwards the new content is durable, and at no
// moment is there half of it.
[[nodiscard]] Result<void> replace_file(Environment& env, const std::string& path, ByteView bytes);

// Writes a file that somebody named: for others, not for the ledger. Missing, it is made with
// the mode that the process gives; a file is replaced as by replace_file and keeps its mode,
// links to it stay links. Where the directory lets nobody replace it it is overwritten, and a
// crash or a full disk can leave a part. Devices and pipes are written where they are.
[[nodiscard]] Result<void> write_output_file(Environment& env, const std::string& path,
                                             ByteView bytes);

// Writes zeros over [from, to), in bounded chunks.
[[nodiscard]] Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to);

// Writes [from, to) again with the bytes it has, so that the next flush is
// certain to reach them. `path` is for messages.
[[nodiscard]] Result<void> write_again(File& file, const std::string& path, std::uint64_t from,
                                       std::uint64_t to);

// Makes a directory and its missing parents, and flushes what it made: the
// names are durable when it returns.
[[nodiscard]] Result<void> make_directories(FileSystem& files, const std::string& path);

// "a/b/c" -> "a/b"; "c" -> "."; "/c" -> "/".
[[nodiscard]] std::string parent_of(const std::string& path);

}  // namespace daybook
