// SPDX-License-Identifier: Apache-2.0
//
// Keeps one output stream of one attempt: its latest bytes in memory, all of it
// (within the limit) in a spool file. Memory: twice the tail. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "run/spool.h"

namespace daybook {

class Capture {
 public:
  // Without a spool only the tail is kept.
  Capture(std::optional<Spool> spool, std::size_t tail_bytes)
      : spool_(std::move(spool)), tail_bytes_(tail_bytes) {}

  void add(ByteView bytes);

  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::string_view tail() const;
  // Why the spool stopped taking bytes; empty: it takes them.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  std::optional<Spool> spool_;
  std::size_t tail_bytes_;
  std::string tail_;
  std::uint64_t total_ = 0;
  std::string failure_;
};

// The end of an output as text of at most `max_bytes`: begins at a character's
// start and is valid UTF-8, with U+FFFD for what is no text.
[[nodiscard]] std::string text_tail(std::string_view bytes, std::size_t max_bytes);

// The last line that says something, for eyes: without control characters and
// at most `max_bytes` long. Empty when there is none.
[[nodiscard]] std::string last_line(std::string_view text, std::size_t max_bytes);

}  // namespace daybook
