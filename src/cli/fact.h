// SPDX-License-Identifier: Apache-2.0
//
// An event seen as an audit fact: which kind of row it is about, which ids it
// carries, and what to call it in a timeline. Events of agent sessions (turns,
// calls, heads, ...) get titles of their own; every other event is called by
// its type. Payload text never gets in. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/output.h"
#include "daybook/event.h"

namespace daybook {
class JsonWriter;
}

namespace daybook::cli {

// What a fact counts as in the second line of a timeline.
enum class Tally : std::uint8_t {
  None,
  Turn,
  ModelCall,
  Leaf,
  Child,
  Checkpoint,
  ToolCall,  // these two of imported sessions only
  Compaction,
};
inline constexpr std::size_t kTallies = 8;

struct Fact {
  std::string row_kind;                                  // "turn", "head", ..., "annotation"
  std::string row_id;                                    // empty: none
  std::vector<std::pair<std::string, std::string>> ids;  // "turn-id" -> JSON scalar
  std::string status;
  std::string payload_ref;
  std::string head_id;  // of the head this fact makes or moves to

  std::string title;   // "turn started"; the type where no title is known
  std::string detail;  // "turn 3", "head-abc12345", a summary; may be empty
  std::string_view glyph;
  Paint paint = Paint::Plain;
  Tally tally = Tally::None;
  bool of_session = false;  // a type that agent sessions use
  bool hidden = false;      // bookkeeping that a timeline leaves out
  bool error = false;
};

[[nodiscard]] Fact fact_of(const EventView& event);

// The stream as sessions call it: without "session/".
[[nodiscard]] std::string_view session_name(std::string_view stream);

// One compact row: "event/id", "event/type", ... An open JSON object without
// its closing brace, so that a view may add members of its own.
void append_row(JsonWriter& json, const EventView& event, const Fact& fact);

}  // namespace daybook::cli
