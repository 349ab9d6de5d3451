// SPDX-License-Identifier: Apache-2.0
#include "transcript/line_parser.h"

#include <algorithm>
#include <bit>

#include "transcript/text_repair.h"

namespace daybook::transcript {
namespace {

constexpr std::size_t kMinParserBytes = std::size_t{64} << 10;
// Looking for a whole record behind one that was cut off may mean to parse the rest of
// the line again and again: so many times at most, and only on lines up to this length.
constexpr int kMaxSplitAttempts = 16;
constexpr std::size_t kMaxSplitBytes = std::size_t{4} << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }

// One past the brace that closes the object at the start of `text`; 0: there is none.
std::size_t object_length(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

// An object within another one stands behind one of these.
bool is_inner(std::string_view line, std::size_t at) {
  constexpr std::string_view kStructure = ":,[ ";
  return at > 0 && kStructure.find(line[at - 1]) != std::string_view::npos;
}

std::string_view problem_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "nested too deeply";
    case simdjson::UTF8_ERROR:
      return "not UTF-8";
    case simdjson::NUMBER_ERROR:
      return "a number that is none or too large";
    case simdjson::STRING_ERROR:
      return "a string with a wrong escape";
    case simdjson::UNCLOSED_STRING:
      return "a string without an end";
    case simdjson::INCORRECT_TYPE:
      return "not an object";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "too large to parse";
    default:
      return "not JSON";
  }
}

}  // namespace

std::string_view strip_line(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  return line;
}

simdjson::error_code LineParser::parse(std::string_view text, LinePart& part) {
  if (text.size() > capacity_) {
    const std::size_t capacity = std::max(kMinParserBytes, std::bit_ceil(text.size()));
    if (const auto error = parser_.allocate(capacity)) return error;
    capacity_ = capacity;
  }
  auto error = parser_.parse(text.data(), text.size(), false).get(part.root);
  if (!error) error = part.root.get(part.object);
  if (error) problem_ = problem_of(error);
  return error;
}

bool LineParser::parse_repaired(std::string_view text, LinePart& part) {
  if (!repair_characters(text, repaired_)) return false;
  repaired_.reserve(repaired_.size() + simdjson::SIMDJSON_PADDING);
  return parse(repaired_, part) == simdjson::SUCCESS;
}

bool LineParser::parse_whole(std::string_view line, LinePart& part) {
  part = {.bytes = line};
  switch (parse(line, part)) {
    case simdjson::SUCCESS:
      return true;
    case simdjson::UTF8_ERROR:
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
      part.repaired = parse_repaired(line, part);
      return part.repaired;
    default:
      return false;
  }
}

void LineParser::recover(std::string_view line, const std::function<void(const LinePart&)>& visit) {
  LinePart part;
  const auto give_up = [&](std::string_view bytes, std::string_view why) {
    if (!strip_line(bytes).empty()) visit({.bytes = bytes, .problem = why});
  };
  int attempts = line.size() > kMaxSplitBytes ? 0 : kMaxSplitAttempts;
  std::size_t taken = 0;  // everything before is dealt with
  std::size_t first = line.find('{');
  std::size_t at = first;
  std::string_view why = "not an object";
  while (at != std::string_view::npos) {
    const bool outer = at == first || !is_inner(line, at);
    const std::size_t length = outer ? object_length(line.substr(at)) : 0;
    if (length > 0 && parse_whole(line.substr(at, length), part)) {
      give_up(line.substr(taken, at - taken), why);
      visit(part);
      taken = at + length;
      first = at = line.find('{', taken);
      why = "not an object";
      continue;
    }
    if (at == first) why = length > 0 ? problem_ : "cut off";
    if (attempts-- <= 0) break;
    at = line.find("{\"", at + 1);
  }
  give_up(line.substr(std::min(taken, line.size())), why);
}

}  // namespace daybook::transcript
