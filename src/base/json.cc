// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "base/text.h"

namespace daybook {
namespace {

// What a thread keeps for the next text. simdjson needs about 14 bytes for
// each byte of text: larger texts get memory of their own, given back at once.
constexpr std::size_t kMinKeptTextBytes = std::size_t{4} << 10;
constexpr std::size_t kMaxKeptTextBytes = std::size_t{64} << 10;

// A parser and a text buffer with the padding that simdjson reads into.
class Checker {
 public:
  // simdjson refuses a level at `max_depth`, unless it is empty.
  explicit Checker(std::size_t max_depth) : max_depth_(max_depth) {}

  // The parser keeps what it parsed until the next text, the buffer too.
  simdjson::error_code check(std::string_view text) {
    if (const auto error = reserve(text.size())) return error;
    fill(text);
    return check_buffer(text.size());
  }

  // The same with every number replaced by a zero and spaces. simdjson refuses
  // numbers that no 64-bit type can hold; as JSON texts they are fine.
  simdjson::error_code check_without_numbers(std::string_view text);

 private:
  simdjson::error_code reserve(std::size_t text_bytes) {
    if (buffer_ && text_bytes <= capacity_) return simdjson::SUCCESS;
    const std::size_t capacity = std::max(kMinKeptTextBytes, std::bit_ceil(text_bytes));
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity + simdjson::SIMDJSON_PADDING);
    std::memset(buffer_.get(), ' ', capacity + simdjson::SIMDJSON_PADDING);
    capacity_ = capacity;
    return parser_.allocate(capacity, max_depth_);
  }

  void fill(std::string_view text) {
    if (!text.empty()) std::memcpy(buffer_.get(), text.data(), text.size());
  }

  simdjson::error_code check_buffer(std::size_t text_bytes) {
    return parser_.parse(buffer_.get(), text_bytes, false).error();
  }

  simdjson::dom::parser parser_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t max_depth_;
};

constexpr std::string_view kWordEnds = " \t\r\n,:[]{}\"";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The grammar of RFC 8259, section 6.
bool is_number(std::string_view text) {
  std::size_t at = 0;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto take_digits = [&] {
    const std::size_t start = at;
    while (is_digit(peek())) ++at;
    return at > start;
  };
  if (peek() == '-') ++at;
  if (peek() == '0') {
    ++at;
  } else if (!take_digits()) {
    return false;
  }
  if (peek() == '.') {
    ++at;
    if (!take_digits()) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at;
    if (peek() == '+' || peek() == '-') ++at;
    if (!take_digits()) return false;
  }
  return at == text.size();
}

// Length of the string that starts `text` with its quote, to the end if open.
std::size_t string_length(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

simdjson::error_code Checker::check_without_numbers(std::string_view text) {
  if (const auto error = reserve(text.size())) return error;
  fill(text);
  char* const copy = buffer_.get();
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '"') {
      at += string_length(text.substr(at));
      continue;
    }
    // A word is blanked as a whole or not at all: a number within a word is none.
    const std::size_t end = std::min(text.find_first_of(kWordEnds, at), text.size());
    if (is_number(text.substr(at, end - at))) {
      std::memset(copy + at, ' ', end - at);
      copy[at] = '0';
    }
    at = std::max(end, at + 1);
  }
  return check_buffer(text.size());
}

simdjson::error_code check_with(Checker& checker, std::string_view text) {
  const simdjson::error_code error = checker.check(text);
  return error == simdjson::NUMBER_ERROR ? checker.check_without_numbers(text) : error;
}

// Refuses what is deeper than the limit, and what reaches it and is not empty there.
simdjson::error_code check_text(std::string_view text) {
  if (text.size() <= kMaxKeptTextBytes) {
    thread_local Checker kept(kMaxJsonDepth);
    return check_with(kept, text);
  }
  Checker once(kMaxJsonDepth);
  return check_with(once, text);
}

// Levels of nesting, of a JSON text.
std::size_t nesting_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at += string_length(text.substr(at));
      continue;
    }
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
    ++at;
  }
  return deepest;
}

// Decides about a text that is too deep unless its last level is empty.
simdjson::error_code check_deep_text(std::string_view text) {
  Checker once(kMaxJsonDepth + 1);
  return check_with(once, text);
}

std::unexpected<Error> not_json(simdjson::error_code error) {
  const auto wrong = [](std::string_view what, std::string_view hint) {
    return fail(Errc::InvalidArgument, fmt::format("not a JSON text: {}", what), std::string(hint));
  };
  switch (error) {
    case simdjson::EMPTY:
      return wrong("it is empty", "give one JSON value, or leave the data out");
    case simdjson::UTF8_ERROR:
      return wrong("it is not valid UTF-8", "convert it to UTF-8 first");
    case simdjson::DEPTH_ERROR:
      return wrong(fmt::format("it is nested deeper than {} levels", kMaxJsonDepth),
                   "flatten it, or store it as one JSON string");
    case simdjson::STRING_ERROR:
      return wrong(
          "a string has a bad escape",
          "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX, surrogates in pairs");
    case simdjson::UNESCAPED_CHARS:
      return wrong("a string has a raw control character", "write it as \\n, \\t or \\u00XX");
    case simdjson::UNCLOSED_STRING:
      return wrong("a string is not closed", "expected a closing quote");
    case simdjson::NUMBER_ERROR:
      return wrong("a number is malformed",
                   "expected digits without leading zeros or plus, like -1, 0.5 or 1e9");
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return wrong("a word is unknown", "expected true, false, null or a quoted string");
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return wrong("it is too large to be checked", "store it as a blob and refer to it");
    default:
      return wrong("its structure is wrong",
                   "expected exactly one JSON value: check commas, colons, brackets, and what "
                   "follows the end");
  }
}

// The two-character escape of a character, or nothing.
std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {};
  }
}

}  // namespace

Result<void> check_json(std::string_view text) {
  auto error = check_text(text);
  if (error == simdjson::DEPTH_ERROR && nesting_of(text) <= kMaxJsonDepth) {
    error = check_deep_text(text);
  }
  if (error) return not_json(error);
  return {};
}

Result<void> check_stored_json(std::string_view text) {
  auto error = check_text(text);
  if (error == simdjson::DEPTH_ERROR) error = check_deep_text(text);
  if (error) return not_json(error);
  return {};
}

std::string json_quote(std::string_view text) {
  if (!is_utf8(text)) {
    using nlohmann::json;
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  }
  std::string quoted;
  quoted.reserve(text.size() + 2);
  quoted += '"';
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    quoted += text.substr(copied, at - copied);
    copied = at + 1;
    if (const std::string_view escape = short_escape(c); !escape.empty()) {
      quoted += escape;
    } else {
      fmt::format_to(std::back_inserter(quoted), "\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  quoted += text.substr(copied);
  quoted += '"';
  return quoted;
}

}  // namespace daybook
