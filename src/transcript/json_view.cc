// SPDX-License-Identifier: Apache-2.0
#include "transcript/json_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace daybook::transcript {
namespace {

// Seconds up to the year 5138, milliseconds from 1973 on.
constexpr double kMinMilliseconds = 1e11;
constexpr double kMaxMilliseconds = 1e14;
constexpr std::size_t kMaxNumberText = 32;

template <class T>
std::optional<T> get(element value) {
  T result{};
  if (value.get(result) != simdjson::SUCCESS) return std::nullopt;
  return result;
}

template <class T>
std::optional<T> get_at(object from, std::string_view key) {
  T result{};
  if (from.at_key(key).get(result) != simdjson::SUCCESS) return std::nullopt;
  return result;
}

// The shortest text that reads back as the same number.
std::string_view number_text(double value, std::array<char, kMaxNumberText>& room) {
  char* end = std::to_chars(room.data(), room.data() + room.size() - 2, value).ptr;
  const std::string_view digits(room.data(), static_cast<std::size_t>(end - room.data()));
  if (digits.find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// A text of simdjson's is valid UTF-8: only what JSON itself needs is escaped.
void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto special = std::ranges::find_if(text, needs_escape);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    switch (text.front()) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                       static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(1);
  }
  out.push_back('"');
}

}  // namespace

std::optional<element> find(object from, std::string_view key) {
  return get_at<element>(from, key);
}
std::optional<object> find_object(object from, std::string_view key) {
  return get_at<object>(from, key);
}
std::optional<array> find_array(object from, std::string_view key) {
  return get_at<array>(from, key);
}
std::string_view text_at(object from, std::string_view key) {
  return get_at<std::string_view>(from, key).value_or(std::string_view{});
}
std::optional<std::uint64_t> unsigned_at(object from, std::string_view key) {
  return get_at<std::uint64_t>(from, key);
}
std::optional<std::int64_t> integer_at(object from, std::string_view key) {
  return get_at<std::int64_t>(from, key);
}
std::optional<bool> bool_at(object from, std::string_view key) { return get_at<bool>(from, key); }

std::optional<object> as_object(element value) { return get<object>(value); }
std::optional<array> as_array(element value) { return get<array>(value); }
std::optional<std::string_view> as_text(element value) { return get<std::string_view>(value); }

std::optional<Timestamp> time_at(object from, std::string_view key) {
  const auto value = find(from, key);
  if (!value) return std::nullopt;
  if (const auto text = as_text(*value)) {
    const auto time = parse_timestamp(*text);
    return time ? std::optional(*time) : std::nullopt;
  }
  const auto number = get<double>(*value);
  if (!number || !(*number > 0) || *number > kMaxMilliseconds) return std::nullopt;
  const double scale = *number < kMinMilliseconds ? 1e6 : 1e3;
  return Timestamp{std::llround(*number * scale)};
}

std::optional<Money> money_at(object from, std::string_view key) {
  const auto value = find(from, key);
  if (!value) return std::nullopt;
  std::array<char, kMaxNumberText> room{};
  std::string_view text;
  if (const auto written = as_text(*value)) {
    text = *written;
  } else if (const auto number = get<double>(*value)) {
    text = number_text(*number, room);
  }
  const auto money = parse_money(text);
  return money ? std::optional(*money) : std::nullopt;
}

void append_json(std::string& out, element value) {
  std::array<char, kMaxNumberText> room{};
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY: {
      char separator = '[';
      for (const element item : array(value)) {
        out.push_back(std::exchange(separator, ','));
        append_json(out, item);
      }
      out.append(separator == '[' ? "[]" : "]");
      return;
    }
    case simdjson::dom::element_type::OBJECT: {
      char separator = '{';
      for (const auto& [key, member] : object(value)) {
        out.push_back(std::exchange(separator, ','));
        append_quoted(out, key);
        out.push_back(':');
        append_json(out, member);
      }
      out.append(separator == '{' ? "{}" : "}");
      return;
    }
    case simdjson::dom::element_type::INT64:
      out.append(fmt::format_int(std::int64_t(value)).c_str());
      return;
    case simdjson::dom::element_type::UINT64:
      out.append(fmt::format_int(std::uint64_t(value)).c_str());
      return;
    case simdjson::dom::element_type::DOUBLE:
      out.append(number_text(double(value), room));
      return;
    case simdjson::dom::element_type::STRING:
      append_quoted(out, std::string_view(value));
      return;
    case simdjson::dom::element_type::BOOL:
      out.append(bool(value) ? "true" : "false");
      return;
    case simdjson::dom::element_type::NULL_VALUE:
      out.append("null");
      return;
  }
}

}  // namespace daybook::transcript
