// SPDX-License-Identifier: Apache-2.0
//
// Reads a segment frame by frame, and finds its way after damage
// (docs/format.md, 6.3). Recovery, cursors and verification all read through it.
//
// Below `trusted_end` the log was promised to somebody: what cannot be read
// there is damage, and the scanner goes on behind it. At and beyond it the
// first thing that is not a good frame is the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "ledger/frame.h"

namespace daybook {

inline constexpr std::uint64_t kEverything = UINT64_MAX;  // trusted_end of a sealed segment

// A window on a file that moves forward; never holds more than one frame plus
// a read-ahead.
class FileWindow {
 public:
  explicit FileWindow(const File& file) : file_(&file) {}

  // The bytes at `offset`, `wanted` of them or fewer at the end of the file.
  // Valid until the next call.
  [[nodiscard]] Result<ByteView> at(std::uint64_t offset, std::size_t wanted);
  void forget() { size_ = 0; }  // the file may have changed

 private:
  static constexpr std::size_t kReadAhead = 256 * 1024;
  const File* file_;
  Bytes buffer_;
  std::uint64_t start_ = 0;
  std::size_t size_ = 0;
};

class FrameScanner {
 public:
  enum class Kind : std::uint8_t {
    Frame,   // frame() is a good frame
    Damage,  // [offset(), offset() + length()) cannot be read as frames; records()
             // are the good records found inside it
    End,     // no good frame at offset(): ask again when the file has grown
  };

  FrameScanner(const File& file, std::uint64_t offset, std::uint64_t trusted_end)
      : file_(&file), window_(file), position_(offset), trusted_end_(trusted_end) {}

  [[nodiscard]] Result<Kind> next();

  // Where the last step stands, and how long it is.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t length() const { return position_ - offset_; }
  [[nodiscard]] const FrameView& frame() const { return frame_; }
  // Of a Damage step: offsets are within damage_bytes().
  [[nodiscard]] const std::vector<RecordView>& records() const { return frame_.records; }

  [[nodiscard]] std::uint64_t trusted_end() const { return trusted_end_; }
  void trust(std::uint64_t end) { trusted_end_ = std::max(trusted_end_, end); }
  void forget() { window_.forget(); }

 private:
  [[nodiscard]] Result<bool> read_frame(std::uint64_t offset);
  [[nodiscard]] Result<Kind> skip_damage(std::uint64_t file_bytes);
  [[nodiscard]] Result<void> salvage(std::uint64_t from, std::uint64_t to);

  const File* file_;
  FileWindow window_;
  FrameView frame_;
  Bytes salvaged_;
  std::uint64_t offset_ = 0;
  std::uint64_t position_;
  std::uint64_t trusted_end_;
};

// The first aligned offset in [from, to) with a good frame, if any.
[[nodiscard]] Result<std::optional<std::uint64_t>> find_frame(const File& file, std::uint64_t from,
                                                              std::uint64_t to);

// The end of the last non-zero byte in [from, file size), rounded up to 8, or
// `from` when there are only zeros.
[[nodiscard]] Result<std::uint64_t> end_of_bytes(const File& file, std::uint64_t from);

}  // namespace daybook
