// SPDX-License-Identifier: Apache-2.0
//
// Standard output for data, standard error for everything else. Data is
// buffered and written in large pieces; flush() where a reader waits for a line.
// When the reader of a pipe has gone away, closed() turns true and writing does
// nothing more: verbs that could run for long look at it.
// Colour appears only where a person reads. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/error.h"

namespace daybook::cli {

// How errors are told: to people on standard error, as the one JSON document on
// standard output (--json), or as the last of its lines (--jsonl).
enum class ErrorForm : std::uint8_t { Text, Document, Line };

enum class Paint : std::uint8_t { Plain, Bold, Dim, Red, Green, Yellow, Blue, Cyan };

class Output {
 public:
  Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // "auto", "always" or "never"; auto looks at the terminal, NO_COLOR and TERM.
  void set_color(std::string_view mode);
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  // Columns of the terminal; 0 when it is none, and then nothing is cut.
  [[nodiscard]] std::size_t width() const { return width_; }

  void write(std::string_view text);
  void line(std::string_view text);
  // `text` in a colour, or plain where colour is off.
  [[nodiscard]] std::string paint(Paint paint, std::string_view text) const;

  // Forgets what was written, unless some of it has left the buffer already.
  void take_back();

  // Errors: Io. A closed pipe is not an error.
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] bool closed() const { return closed_; }
  // Whether standard output cannot be written: what is not data goes to standard error.
  [[nodiscard]] bool failed() const { return error_ != 0; }
  // Whether the reader of standard output has gone away, asked without writing.
  [[nodiscard]] bool reader_gone() const;

 private:
  void drain();

  std::string buffer_;
  bool is_terminal_ = false;
  bool color_ = false;
  bool drained_ = false;
  bool closed_ = false;
  int error_ = 0;
  std::size_t width_ = 0;
};

// Writes to standard error at once.
void write_error_text(std::string_view text);
[[nodiscard]] bool error_is_terminal();

// `text` for the eyes of a person: control characters, which could drive a
// terminal, are replaced, line breaks become spaces.
[[nodiscard]] std::string printable(std::string_view text);

// The first `columns` characters, with an ellipsis when something was cut off.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

// "1,234,567", "12.3 MiB", "3 minutes", "2026-11-20 08:06:23".
[[nodiscard]] std::string human_count(std::uint64_t value);
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
[[nodiscard]] std::string human_duration(std::int64_t micros);

// "1 event", "2 events".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace daybook::cli
