// SPDX-License-Identifier: Apache-2.0
#include "transcript/line_source.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <simdjson.h>

#include "daybook/transcript.h"

namespace daybook::transcript {
namespace {

// Small enough to stay in a core's cache between reading and parsing.
constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

}  // namespace

Result<bool> LineSource::next(SourceLine& line) {
  std::size_t searched = begin_;
  while (true) {
    const void* newline =
        searched < end_ ? std::memchr(buffer_.get() + searched, '\n', end_ - searched) : nullptr;
    if (newline != nullptr) {
      const auto at = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.get());
      const bool too_long = dropped_ > 0 || at - begin_ > kMaxTranscriptLineBytes;
      line.text = too_long ? std::string_view{} : std::string_view(&buffer_[begin_], at - begin_);
      line.ending = too_long ? SourceLine::Ending::TooLong : SourceLine::Ending::Whole;
      line.offset = offset_ - dropped_;
      line.bytes = dropped_ + (at + 1 - begin_);
      offset_ += at + 1 - begin_;
      begin_ = at + 1;
      dropped_ = 0;
      return true;
    }
    const std::size_t pending = end_ - begin_;
    DAYBOOK_TRY(more, fill());
    searched = begin_ + (dropped_ > 0 ? 0 : std::min(pending, end_ - begin_));
    if (more) continue;
    if (begin_ == end_ && dropped_ == 0) return false;
    line.text =
        dropped_ > 0 ? std::string_view{} : std::string_view(&buffer_[begin_], end_ - begin_);
    line.ending = SourceLine::Ending::Unfinished;
    line.offset = offset_ - dropped_;
    line.bytes = dropped_ + (end_ - begin_);
    offset_ += end_ - begin_;
    begin_ = end_;
    dropped_ = 0;
    return true;
  }
}

// Reads more behind what is there; false at the end of the file.
Result<bool> LineSource::fill() {
  if (end_ - begin_ > kMaxTranscriptLineBytes) {
    dropped_ += end_ - begin_;
    offset_ += end_ - begin_;
    begin_ = end_;
  }
  make_room();
  const std::size_t room = std::min(capacity_ - end_, kChunkBytes);
  const std::span<std::uint8_t> into(reinterpret_cast<std::uint8_t*>(buffer_.get() + end_), room);
  DAYBOOK_TRY(count, file_->read_at(offset_ + (end_ - begin_), into));
  end_ += count;
  bytes_read_ += count;
  return count > 0;
}

// Moves the line at hand to the front, and grows when it fills the buffer.
void LineSource::make_room() {
  const std::size_t pending = end_ - begin_;
  if (pending + kChunkBytes <= capacity_) {
    if (pending > 0 && begin_ > 0) std::memmove(buffer_.get(), &buffer_[begin_], pending);
  } else {
    const std::size_t capacity = std::max(2 * capacity_, kChunkBytes * 2);
    auto grown = std::make_unique_for_overwrite<char[]>(capacity + simdjson::SIMDJSON_PADDING);
    if (pending > 0) std::memcpy(grown.get(), &buffer_[begin_], pending);
    std::memset(grown.get() + capacity, ' ', simdjson::SIMDJSON_PADDING);
    buffer_ = std::move(grown);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = pending;
}

}  // namespace daybook::transcript
