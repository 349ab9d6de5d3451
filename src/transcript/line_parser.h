// SPDX-License-Identifier: Apache-2.0
//
// What stands on a line: one JSON object as a rule. Real files are dirtier: two
// records on one line, a record that a crash cut off and another behind it, halves of
// surrogate pairs, broken UTF-8, zero bytes. Whatever can be read is; the rest is said.
// Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "daybook/transcript.h"

namespace daybook::transcript {

// One object of a line, or a piece that could not be read.
struct LinePart {
  std::string_view bytes;  // of the line
  simdjson::dom::object object = {};
  simdjson::dom::element root = {};  // the same, as an element
  std::string_view problem = {};     // not empty: no object; why
  bool repaired = false;
};

class LineParser {
 public:
  // The whole line as one object: one part, or nothing when it is not one. Unlike
  // the others this may be a line that is still being written.
  // The object is valid until the next call.
  [[nodiscard]] bool parse_whole(std::string_view line, LinePart& part);

  // Everything on a line that parse_whole refused. Calls visit for each part, in
  // order; the part is valid until visit returns.
  void recover(std::string_view line, const std::function<void(const LinePart&)>& visit);

 private:
  [[nodiscard]] simdjson::error_code parse(std::string_view text, LinePart& part);
  [[nodiscard]] bool parse_repaired(std::string_view text, LinePart& part);

  simdjson::dom::parser parser_;
  std::size_t capacity_ = 0;
  std::string repaired_;
  std::string_view problem_;  // of the last parse
};

// The line without what editors, crashes and other systems leave around a record:
// white space, '\r', zero bytes.
[[nodiscard]] std::string_view strip_line(std::string_view line);

}  // namespace daybook::transcript
