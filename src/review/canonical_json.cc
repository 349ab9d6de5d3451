// SPDX-License-Identifier: Apache-2.0
#include "review/canonical_json.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_writer.h"

namespace daybook::review {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Depth is bounded by the parser (simdjson::DEFAULT_MAX_DEPTH).
void append(std::string& out, element value);

void append_object(std::string& out, object members) {
  std::vector<std::pair<std::string_view, element>> sorted;
  for (const auto& member : members) sorted.emplace_back(member.key, member.value);
  std::ranges::stable_sort(sorted, {}, &std::pair<std::string_view, element>::first);
  out.push_back('{');
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json_string(out, sorted[i].first);
    out.push_back(':');
    append(out, sorted[i].second);
  }
  out.push_back('}');
}

void append_array(std::string& out, array items) {
  out.push_back('[');
  bool first = true;
  for (const element item : items) {
    if (!std::exchange(first, false)) out.push_back(',');
    append(out, item);
  }
  out.push_back(']');
}

void append(std::string& out, element value) {
  object members;
  array items;
  std::string_view text;
  if (value.get(members) == simdjson::SUCCESS) {
    append_object(out, members);
  } else if (value.get(items) == simdjson::SUCCESS) {
    append_array(out, items);
  } else if (value.get(text) == simdjson::SUCCESS) {
    append_json_string(out, text);
  } else {
    out.append(simdjson::minify(value));
  }
}

}  // namespace

std::optional<element> parse_json(std::string_view text) {
  thread_local simdjson::dom::parser parser;
  element value;
  if (text.empty() || parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value;
}

std::string canonical_json(element value) {
  std::string out;
  append(out, value);
  return out;
}

std::string canonical_json(std::string_view text) {
  const auto value = parse_json(text);
  return value ? canonical_json(*value) : std::string(text);
}

}  // namespace daybook::review
