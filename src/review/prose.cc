// SPDX-License-Identifier: Apache-2.0
#include "review/prose.h"

#include <algorithm>
#include <cctype>

#include "base/regex.h"

namespace daybook::review {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kMaxQuoteBytes = 400;  // longer: the marks do not belong together

// Lines that show something: quoted text, prompts and what was typed at them, log
// lines, stack traces, compiler messages, diffs, tables, headings of a paste.
const RE2& shown_line() {
  static const RE2 pattern(
      R"re((?i)^\s*(?:>|[❯$➜%┃│└├┌⠇✗✓]|\[[\w:.\- ]+\]|at .*\(?\S+:\d+|\S+\.\w+:\d+)re"
      R"re(|={3,}|-{3,}|\||(?:--- )?FAIL\b|PASS\b|ok\s+\S+/|\d{1,4}[:.-]\d{2}|\w*Error:)re"
      R"re(|fatal:|warning:|panic:|Traceback|diff --git|@@ |\+\+\+ |[+-] ?\d|\+\s|#{1,6} )re"
      R"re(|<\/?\w+[^>]*>$|'?\/\S+\.\w+'?$))re");
  return pattern;
}

void blank(std::string& text, std::size_t begin, std::size_t end, char with) {
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] != '\n') text[i] = with;
  }
}

bool is_indented_code(std::string_view line) {
  return line.starts_with('\t') || line.starts_with("    ");
}

// Blanks fenced blocks and lines that show something.
void blank_lines(std::string& text) {
  char fence = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::string_view start = trimmed(line);
    const bool marks = start.starts_with("```") || start.starts_with("~~~");
    const bool shown = fence != 0 || marks || is_indented_code(line) || matches(line, shown_line());
    if (marks && fence == 0) {
      fence = start.front();
    } else if (marks && start.front() == fence) {
      fence = 0;
    }
    if (shown) blank(text, begin, end, ' ');
    begin = end + 1;
  }
}

// Blanks what stands between `open` and `close` on one line.
void blank_between(std::string& text, std::string_view open, std::string_view close) {
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    const std::size_t from = at + open.size();
    const std::size_t end = text.find(close, from);
    const std::size_t line = text.find('\n', from);
    if (end == std::string::npos) return;
    if (end > line || end - from > kMaxQuoteBytes) {
      at = from;
      continue;
    }
    blank(text, at, end + close.size(), '_');
    at = end + close.size();
  }
}

void blank_matches(std::string& text, const RE2& pattern) {
  const std::string source = text;
  re2::StringPiece rest(source);
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, pattern, &found)) {
    const auto begin = static_cast<std::size_t>(found.data() - source.data());
    blank(text, begin, begin + found.size(), '_');
  }
}

bool ends_sentence(std::string_view words, std::size_t at) {
  const char c = words[at];
  if (c == '\n') return true;
  if (c != '.' && c != '!' && c != '?') return false;
  return at + 1 == words.size() || kBlank.find(words[at + 1]) != std::string_view::npos;
}

std::string single_spaced(std::string_view text) {
  std::string line;
  bool space = false;
  for (const char c : trimmed(text)) {
    if (kBlank.find(c) != std::string_view::npos) {
      space = true;
      continue;
    }
    if (space) line.push_back(' ');
    space = false;
    line.push_back(c);
  }
  return line;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view last_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t from = text.size() - bytes;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  return text.substr(from);
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

std::size_t count_word_bytes(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
  }));
}

std::string own_words(std::string_view text) {
  static const RE2 address(R"((https?://\S+))");
  std::string words(first_characters(text.substr(0, kMaxProseBytes), kMaxProseBytes));
  blank_lines(words);
  blank_between(words, "``", "``");
  blank_between(words, "`", "`");
  blank_between(words, "\"", "\"");
  blank_between(words, "“", "”");
  blank_matches(words, address);
  return words;
}

Span sentence_at(std::string_view words, std::size_t begin, std::size_t end) {
  Span span{.begin = begin, .end = std::max(begin, end)};
  while (span.begin > 0 && !ends_sentence(words, span.begin - 1)) --span.begin;
  while (span.end < words.size() && !ends_sentence(words, span.end)) ++span.end;
  if (span.end < words.size() && words[span.end] != '\n') ++span.end;
  return span;
}

std::string sentence_around(std::string_view text, std::string_view words, std::size_t begin,
                            std::size_t end) {
  const Span span = sentence_at(words, begin, end);
  std::string_view sentence = text.substr(span.begin, span.end - span.begin);
  if (sentence.size() > kMaxContextCharacters) {
    // Keeps the match in sight: at most half of the room goes to what leads to it.
    const std::string_view before =
        last_bytes(text.substr(span.begin, begin - span.begin), kMaxContextCharacters / 2);
    sentence = text.substr(begin - before.size(), span.end - begin + before.size());
  }
  return std::string(first_characters(single_spaced(sentence), kMaxContextCharacters));
}

}  // namespace daybook::review
