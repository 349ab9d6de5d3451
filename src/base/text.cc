// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

namespace daybook {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase64Digits.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::uint64_t kEveryByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kEveryByte;

// Bits set where one of eight bytes is below 0x20 or is 0x7F. Exact as long as
// no byte has its high bit set; with one, a byte above it may be flagged too,
// so the caller looks again byte by byte.
constexpr std::uint64_t control_bits(std::uint64_t word) {
  const std::uint64_t below_space = (word - 0x20 * kEveryByte) & ~word;
  const std::uint64_t delete_bytes = word ^ (0x7F * kEveryByte);
  const std::uint64_t is_delete = (delete_bytes - kEveryByte) & ~delete_bytes;
  return (below_space | is_delete) & kHighBits;
}

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if (is_control(c)) return true;
  }
  return false;
}

struct Scan {
  bool ascii = true;
  bool control = false;
};

// One pass, eight bytes at a time: names are short and nearly always ASCII.
Scan scan(std::string_view text) {
  std::uint64_t seen = 0;
  std::uint64_t control = 0;
  std::size_t i = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (; i + 8 <= text.size(); i += 8) {
    const auto word = load<std::uint64_t>(bytes + i);
    seen |= word;
    control |= control_bits(word);
  }
  bool control_in_rest = false;
  for (; i < text.size(); ++i) {
    seen |= bytes[i];
    control_in_rest |= is_control(text[i]);
  }
  const bool maybe_control = control != 0 || control_in_rest;
  return {.ascii = (seen & kHighBits) == 0, .control = maybe_control && has_control(text)};
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text(2 * bytes.size(), '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = kHexDigits[bytes[i] >> 4];
    text[2 * i + 1] = kHexDigits[bytes[i] & 15];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = std::uint32_t{bytes[i]} << 16;
    if (have > 1) group |= std::uint32_t{bytes[i + 1]} << 8;
    if (have > 2) group |= bytes[i + 2];
    text += kBase64Digits[group >> 18];
    text += kBase64Digits[group >> 12 & 63];
    text += have > 1 ? kBase64Digits[group >> 6 & 63] : '=';
    text += have > 2 ? kBase64Digits[group & 63] : '=';
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::int8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    bits &= (1U << bit_count) - 1;
  }
  // Leftover bits must be zero, so that every value has exactly one text.
  if (bits != 0) return std::nullopt;
  return bytes;
}

bool is_utf8(std::string_view text) {
  return scan(text).ascii || simdjson::validate_utf8(text.data(), text.size());
}

bool is_plain_text(std::string_view text) {
  const Scan found = scan(text);
  if (found.control) return false;
  return found.ascii || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace daybook
