// SPDX-License-Identifier: Apache-2.0
//
// One line of JSONL input: a JSON object whose members are the envelope's names.
// Data is taken byte for byte as it stands in the line. A member nobody knows is
// an error. One parser per thread; reading allocates only what the event keeps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/event.h"

namespace daybook::cli {

// A cause as it was written: a seq, or a text (an id, "#7", "stream#3").
struct CauseText {
  std::uint64_t seq = 0;
  std::string text;  // empty: `seq` it is
};

struct InputEvent {
  NewEvent event;  // without causes
  std::vector<CauseText> causes;
};

class LineParser {
 public:
  LineParser();
  ~LineParser();
  LineParser(const LineParser&) = delete;
  LineParser& operator=(const LineParser&) = delete;

  // Bytes that must be readable behind a line.
  [[nodiscard]] static std::size_t padding();

  // `event` starts as `defaults` say and is reused from line to line.
  // Errors: InvalidArgument, with a suggestion for a mistyped member.
  [[nodiscard]] Result<void> parse(std::string_view line, const NewEvent& defaults,
                                   InputEvent& event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::cli
