// SPDX-License-Identifier: Apache-2.0
#include "review/digest_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace daybook::review {
namespace {

constexpr std::size_t kUuidBytes = 36;
constexpr std::size_t kUuidGroup = 8;
constexpr std::size_t kMaxSessionBytes = 20;  // shown whole up to here

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Where the character number `count` begins; the size when there are fewer.
std::size_t offset_of(std::string_view text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!continues_character(text[i]) && seen++ == count) return i;
  }
  return text.size();
}

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidBytes) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace

std::string repr(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\'':
        out += "\\'";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('\'');
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (is_control(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty() && out.back() != ' ' && c != ' ') out.push_back(' ');
    gap = false;
    if (c == ' ' && out.empty()) continue;
    out.push_back(c);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string cut(std::string_view text, std::size_t characters, std::string_view tail) {
  const std::size_t end = offset_of(text, characters);
  std::string out(text.substr(0, end));
  if (end < text.size()) out += tail;
  return out;
}

std::string short_session(std::string_view session) {
  if (is_uuid(session)) return fmt::format("{}-...", session.substr(0, kUuidGroup));
  return cut(session, kMaxSessionBytes, "...");
}

}  // namespace daybook::review
