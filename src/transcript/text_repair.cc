// SPDX-License-Identifier: Apache-2.0
#include "transcript/text_repair.h"

#include <cstdint>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace daybook::transcript {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kEscapeBytes = 6;  // "\uD83D"

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the UTF-8 sequence that `text` starts with; 0 when it is broken.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !is_continuation(static_cast<unsigned char>(second)))
    return 0;
  if (first < 0xE0) return 2;
  const bool third = is_continuation(static_cast<unsigned char>(byte(2)));
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return third && !overlong && !surrogate ? 3 : 0;
  }
  const bool out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return third && is_continuation(static_cast<unsigned char>(byte(3))) && !out_of_range ? 4 : 0;
}

// The code unit of an escape "\uXXXX" at the start of `text`.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < kEscapeBytes || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Walks over the text, copying.
class Repair {
 public:
  Repair(std::string_view json, std::string& out) : rest_(json), out_(&out) {}

  bool run() {
    while (!rest_.empty()) step();
    return repaired_;
  }

 private:
  void step() {
    const char c = rest_.front();
    if (static_cast<unsigned char>(c) >= 0x80) return character();
    if (!in_string_) {
      in_string_ = c == '"';
      return copy(1);
    }
    if (c == '\\') return escape();
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(*out_), "\\u{:04x}", static_cast<unsigned char>(c));
      rest_.remove_prefix(1);
      repaired_ = true;
      return;
    }
    in_string_ = c != '"';
    copy(1);
  }

  void character() {
    const std::size_t length = sequence_length(rest_);
    length == 0 ? replace(1) : copy(length);
  }

  void escape() {
    const auto unit = code_unit(rest_);
    if (!unit || (!is_high(*unit) && !is_low(*unit))) return copy(2);
    const auto next = code_unit(rest_.substr(kEscapeBytes));
    if (is_high(*unit) && next && is_low(*next)) return copy(2 * kEscapeBytes);
    replace(kEscapeBytes);
  }

  void copy(std::size_t count) {
    out_->append(rest_.substr(0, count));
    rest_.remove_prefix(std::min(count, rest_.size()));
  }
  void replace(std::size_t count) {
    out_->append(kReplacement);
    rest_.remove_prefix(count);
    repaired_ = true;
  }

  std::string_view rest_;
  std::string* out_;
  bool in_string_ = false;
  bool repaired_ = false;
};

}  // namespace

bool repair_characters(std::string_view json, std::string& out) {
  out.clear();
  out.reserve(json.size());
  return Repair(json, out).run();
}

}  // namespace daybook::transcript
