// SPDX-License-Identifier: Apache-2.0
//
// The lines of a file, read in chunks, in memory bounded by the longest line that is
// taken (kMaxTranscriptLineBytes). Lines end with '\n'; a '\r' before it stays.
// Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "daybook/environment.h"

namespace daybook::transcript {

struct SourceLine {
  enum class Ending : std::uint8_t {
    Whole,       // it had its newline
    Unfinished,  // the file ends here
    TooLong,     // it had its newline; `text` is empty
  };
  std::string_view text;     // without the newline; readable for some padding beyond its end
  std::uint64_t offset = 0;  // in the file
  std::uint64_t bytes = 0;   // with the newline
  Ending ending = Ending::Whole;
};

class LineSource {
 public:
  LineSource(const File& file, std::uint64_t offset) : file_(&file), offset_(offset) {}

  // The next line, valid until the next call; false at the end of the file.
  [[nodiscard]] Result<bool> next(SourceLine& line);
  // Bytes read from the file so far.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  [[nodiscard]] Result<bool> fill();
  void make_room();

  const File* file_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // of the line at hand
  std::size_t end_ = 0;    // of what was read
  std::uint64_t offset_;   // in the file, of begin_
  std::uint64_t bytes_read_ = 0;
  std::uint64_t dropped_ = 0;  // bytes of a line that is too long, before begin_
};

}  // namespace daybook::transcript
