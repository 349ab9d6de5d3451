// SPDX-License-Identifier: Apache-2.0
//
// What a command printed, in a file of bounded size: the first half of the limit,
// and in a ring behind it the latest half. It stands on disk byte by byte as
// it arrives, so that the output survives whoever was writing it.
//
//   0  magic "DBSPOOL1"     8  bytes given in all     16  limit     24  the bytes
//
// A Spool is used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "daybook/environment.h"

namespace daybook {

struct SpoolContent {
  Bytes bytes;               // the beginning, then the end
  std::uint64_t total = 0;   // bytes given in all
  std::uint64_t gap_at = 0;  // where in `bytes` total - bytes.size() bytes are missing
  [[nodiscard]] std::uint64_t dropped() const { return total - bytes.size(); }
};

class Spool {
 public:
  // Makes the file, which must not exist. Keeps at most `limit` bytes.
  [[nodiscard]] static Result<Spool> create(FileSystem& files, const std::string& path,
                                            std::uint64_t limit);
  // After an error the spool keeps what it had; appending more makes no sense.
  [[nodiscard]] Result<void> append(ByteView bytes);

  // Reads a spool, also one whose writer was killed in the middle.
  // Errors: NotFound, Corruption (no spool), Io.
  [[nodiscard]] static Result<SpoolContent> read(FileSystem& files, const std::string& path);

 private:
  Spool(std::unique_ptr<File> file, std::uint64_t limit) : file_(std::move(file)), limit_(limit) {}
  [[nodiscard]] Result<std::size_t> append_piece(ByteView bytes);

  std::unique_ptr<File> file_;
  std::uint64_t limit_;
  std::uint64_t total_ = 0;
};

}  // namespace daybook
