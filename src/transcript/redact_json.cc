// SPDX-License-Identifier: Apache-2.0
#include "transcript/redact_json.h"

#include <utility>

#include <simdjson.h>

#include "base/json_writer.h"

namespace daybook::transcript {
namespace {

// The content of a string token, without its quotes. Lone surrogates, which have no
// content, leave it as it is written.
std::string unescaped(std::string_view inside) {
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  thread_local simdjson::dom::parser parser;
  std::string token;
  token.reserve(inside.size() + 2);
  token.append("\"").append(inside).append("\"");
  std::string_view text;
  if (parser.parse(token).get(text) != simdjson::SUCCESS) return std::string(inside);
  return std::string(text);
}

// Where the string that begins before `from` ends: the place of its closing quote.
std::size_t closing_quote(std::string_view json, std::size_t from) {
  std::size_t at = json.find_first_of("\"\\", from);
  while (at != std::string_view::npos && json[at] == '\\') {
    at = json.find_first_of("\"\\", at + 2);
  }
  return at;
}

}  // namespace

std::optional<std::string> rewrite_strings(std::string_view json, const StringRewriter& rewrite) {
  std::string out;
  bool changed = false;
  std::size_t copied = 0;
  std::string before;  // the string before this one
  std::string name;    // of the member that a value would belong to
  for (std::size_t at = json.find_first_of("\":,[{"); at != std::string_view::npos;
       at = json.find_first_of("\":,[{", at + 1)) {
    if (json[at] == ':') {
      name = std::exchange(before, {});
    } else if (json[at] != '"') {
      name.clear();
    } else {
      const std::size_t end = closing_quote(json, at + 1);
      if (end == std::string_view::npos) break;
      before = unescaped(json.substr(at + 1, end - at - 1));
      if (const auto instead = rewrite(before, name)) {
        out.append(json.substr(copied, at - copied));
        append_json_string(out, *instead);
        copied = end + 1;
        changed = true;
      }
      at = end;
    }
  }
  if (!changed) return std::nullopt;
  out.append(json.substr(copied));
  return out;
}

}  // namespace daybook::transcript
