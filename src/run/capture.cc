// SPDX-License-Identifier: Apache-2.0
#include "run/capture.h"

#include <algorithm>

namespace daybook {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "...";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Length of the valid character at the start of `text`; 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  const std::string_view rest = text.substr(1, length - 1);
  return std::ranges::all_of(rest, is_continuation) ? length : 0;
}

// Control characters that text has: a tail full of NULs is no text, and would
// take six times its size as JSON.
bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\x1b';
}

std::string to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    const bool keep = length > 1 || (length == 1 && is_text(bytes[0]));
    text += keep ? bytes.substr(0, length) : kReplacement;
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

std::string_view without_control(std::string_view line) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!line.empty() && blank(line.front())) line.remove_prefix(1);
  while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  return line;
}

}  // namespace

void Capture::add(ByteView bytes) {
  total_ += bytes.size();
  tail_ += as_text(bytes.last(std::min(bytes.size(), tail_bytes_)));
  if (tail_.size() > 2 * tail_bytes_) tail_.erase(0, tail_.size() - tail_bytes_);
  if (!spool_) return;
  if (auto done = spool_->append(bytes); !done) {
    failure_ = done.error().message;
    spool_.reset();
  }
}

std::string_view Capture::tail() const {
  const std::string_view all = tail_;
  return all.substr(all.size() - std::min(all.size(), tail_bytes_));
}

std::string text_tail(std::string_view bytes, std::size_t max_bytes) {
  if (bytes.size() > max_bytes) {
    bytes.remove_prefix(bytes.size() - max_bytes);
    for (int i = 0; i < 3 && !bytes.empty() && is_continuation(bytes[0]); ++i) {
      bytes.remove_prefix(1);
    }
  }
  std::string text = to_utf8(bytes);
  std::size_t cut = text.size() - std::min(text.size(), max_bytes);
  while (cut < text.size() && is_continuation(text[cut])) ++cut;
  return text.substr(cut);
}

std::string last_line(std::string_view text, std::size_t max_bytes) {
  text = without_control(text);
  const std::size_t line_break = text.find_last_of("\r\n");
  if (line_break != std::string_view::npos) text.remove_prefix(line_break + 1);
  std::string line = to_utf8(without_control(text));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
  if (line.size() <= max_bytes) return line;
  std::size_t cut = max_bytes - std::min(max_bytes, kEllipsis.size());
  while (cut > 0 && is_continuation(line[cut])) --cut;
  return line.substr(0, cut).append(kEllipsis);
}

}  // namespace daybook
