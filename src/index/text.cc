// SPDX-License-Identifier: Apache-2.0
#include "index/text.h"

#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace daybook::views {
namespace {

void append_utf8(std::uint32_t code, std::string& text) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// Reads strings out of JSON that was checked when it was appended. On purpose
// no parser: data may have hundreds of megabytes, of which one is enough here.
class StringScanner {
 public:
  StringScanner(std::string_view json, std::string& text)
      : json_(json), text_(&text), limit_(text.size() + kMaxTextBytes) {}

  bool run() {
    for (;;) {
      const std::size_t quote = json_.find('"', at_);
      if (quote == std::string_view::npos) return true;
      at_ = quote + 1;
      if (!take_string()) return false;
      *text_ += '\n';
    }
  }

 private:
  // From behind the opening quote to behind the closing one; false at the limit.
  bool take_string() {
    while (at_ < json_.size()) {
      const std::size_t end = std::min(json_.find_first_of("\"\\", at_), json_.size());
      const std::size_t room = limit_ - std::min(limit_, text_->size());
      text_->append(json_.substr(at_, std::min(end - at_, room)));
      if (end - at_ > room) return false;
      at_ = end + 1;
      if (end == json_.size() || json_[end] == '"') return true;
      take_escape();
    }
    return true;
  }

  void take_escape() {
    if (at_ >= json_.size()) return;
    const char c = json_[at_++];
    if (c == 'u') {
      take_code();
    } else if (c == '"' || c == '\\' || c == '/') {
      *text_ += c;
    } else {
      *text_ += ' ';  // \b \f \n \r \t
    }
  }

  std::optional<std::uint32_t> take_hex() {
    const std::string_view digits = json_.substr(std::min(at_, json_.size()), 4);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || end != digits.data() + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  void take_code() {
    auto code = take_hex();
    const auto is_between = [](std::uint32_t value, std::uint32_t low, std::uint32_t high) {
      return value >= low && value <= high;
    };
    if (code && is_between(*code, 0xD800, 0xDBFF) && json_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = take_hex();
      const bool pair = low && is_between(*low, 0xDC00, 0xDFFF);
      code =
          pair ? std::optional(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)) : std::nullopt;
    }
    const bool printable = code && *code >= 0x20 && !is_between(*code, 0xD800, 0xDFFF);
    append_utf8(printable ? *code : ' ', *text_);
  }

  std::string_view json_;
  std::string* text_;
  std::size_t limit_;
  std::size_t at_ = 0;
};

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_';
}

// Letters and digits make tokens; an underscore alone makes none.
bool has_word(std::string_view text) {
  for (const char c : text) {
    if (is_word_byte(c) && c != '_') return true;
  }
  return false;
}

// What stands between spaces; a phrase in closed quotes is one part.
std::vector<std::string_view> parts_of(std::string_view search) {
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  while ((at = search.find_first_not_of(" \t\r\n", at)) != std::string_view::npos) {
    std::size_t end = std::min(search.find_first_of(" \t\r\n", at), search.size());
    if (search[at] == '"') {
      const std::size_t close = search.find('"', at + 1);
      if (close != std::string_view::npos) end = close + 1;
    }
    parts.push_back(search.substr(at, end - at));
    at = end;
  }
  return parts;
}

std::string quoted(std::string_view part) {
  const bool prefix = part.ends_with('*');
  if (prefix) part.remove_suffix(1);
  std::string text = "\"";
  for (const char c : part) {
    if (c != '"') text += c;
  }
  return text + (prefix ? "\" *" : "\"");
}

bool is_plain(std::string_view part) {
  if (part == "(" || part == ")" || part == "AND" || part == "OR" || part == "NOT") return true;
  if (part.ends_with('*')) part.remove_suffix(1);
  for (const char c : part) {
    if (!is_word_byte(c)) return false;
  }
  return !part.empty();
}

enum class Quote : std::uint8_t { WhatIsNotPlain, Everything };

std::string with_quotes(std::string_view search, Quote which) {
  std::string text;
  for (const std::string_view part : parts_of(search)) {
    const bool keep = which == Quote::WhatIsNotPlain && is_plain(part);
    if (!keep && !has_word(part)) continue;
    if (!text.empty()) text += ' ';
    text += keep ? std::string(part) : quoted(part);
  }
  return text;
}

// False when FTS5 does not accept it.
Result<bool> accepts(Database& text_db, std::string_view expression) {
  // What starts with a star is a debugging command to FTS5.
  if (expression.starts_with('*')) return false;
  DAYBOOK_TRY(probe, text_db.prepare("SELECT rowid FROM text WHERE text MATCH ?1 LIMIT 1"));
  probe.bind(1, expression);
  const auto row = probe.step();
  if (row) return true;
  if (row.error().code == Errc::InvalidArgument) return false;
  return fail(row.error());
}

}  // namespace

Result<std::unique_ptr<EventWriter>> TextWriter::open(Database& db) {
  DAYBOOK_TRY(add, db.prepare("INSERT INTO text(rowid, type, stream, subject, actor, data) "
                              "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  return std::make_unique<TextWriter>(std::move(add));
}

Result<EventWriter::Added> TextWriter::add(const EventView& event, std::string_view json) {
  text_.clear();
  const bool whole = append_strings(json, text_);
  add_.bind(1, static_cast<std::int64_t>(event.seq.value));
  add_.bind_kept(2, event.type);
  add_.bind_kept(3, event.stream);
  add_.bind_kept(4, event.subject);
  add_.bind_kept(5, event.actor);
  add_.bind_kept(6, text_);
  DAYBOOK_CHECK(add_.run());
  return whole ? Added::Whole : Added::Cut;
}

bool append_strings(std::string_view json, std::string& text) {
  return StringScanner(json, text).run();
}

Result<std::string> search_expression(Database& text_db, std::string_view search) {
  if (search.size() > kMaxSearchBytes) {
    return fail(Errc::LimitExceeded, fmt::format("the search text has {} bytes, at most {} are "
                                                 "allowed",
                                                 search.size(), kMaxSearchBytes));
  }
  if (!is_utf8(search) || search.find('\0') != std::string_view::npos) {
    return fail(Errc::InvalidArgument, "the search text is not valid UTF-8 text");
  }
  if (!has_word(search)) {
    return fail(Errc::InvalidArgument, fmt::format("no word to search for in \"{}\"", search),
                "give words, \"phrases\", or prefixes like deploy*");
  }
  const std::size_t start = search.find_first_not_of(" \t\r\n");
  for (const std::string& expression :
       {std::string(search.substr(start)), with_quotes(search, Quote::WhatIsNotPlain),
        with_quotes(search, Quote::Everything)}) {
    DAYBOOK_TRY(accepted, accepts(text_db, expression));
    if (accepted) return expression;
  }
  return fail(Errc::InvalidArgument, fmt::format("cannot search for \"{}\"", search),
              "give words, \"phrases\", AND, OR, NOT, or prefixes like deploy*");
}

}  // namespace daybook::views
