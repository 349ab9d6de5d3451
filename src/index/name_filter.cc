// SPDX-License-Identifier: Apache-2.0
#include "index/name_filter.h"

#include <fmt/format.h>

namespace daybook::views {
namespace {

// "state-change", "state_change", "StateChange" are one class. Brackets of a
// glob keep their '-', which means a range there.
std::string class_key(std::string_view text) {
  std::string key;
  bool bracket = false;
  for (const char c : text) {
    if (c == '[' || c == ']') bracket = c == '[';
    if (!bracket && (c == '-' || c == '_')) continue;
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return key;
}

constexpr std::string_view kPlainKey = "text";
constexpr std::string_view kClassKey = "replace(replace(lower(text), '-', ''), '_', '')";

// The rows of `names` that a list means. Plain names are looked up; only globs
// are tried on every name of the kind.
Clause names_clause(NameKind kind, const std::vector<std::string>& patterns) {
  const bool is_class = kind == NameKind::Class;
  const std::string_view key = is_class ? kClassKey : kPlainKey;
  Clause clause;
  std::string placeholders;
  std::vector<std::string> globs;
  for (const std::string& pattern : patterns) {
    std::string wanted = is_class ? class_key(pattern) : pattern;
    if (is_glob(wanted)) globs.push_back(to_sql_glob(wanted));
    placeholders += placeholders.empty() ? "?" : ", ?";
    clause.texts.push_back(std::move(wanted));
  }
  clause.sql = fmt::format("kind = '{}' AND ({} IN ({})", to_string(kind), key, placeholders);
  for (std::string& glob : globs) {
    clause.sql += fmt::format(" OR {} GLOB ?", key);
    clause.texts.push_back(std::move(glob));
  }
  clause.sql += ")";
  return clause;
}

}  // namespace

Result<NameFilter> resolve(Database& db, NameKind kind, const std::vector<std::string>& patterns) {
  NameFilter filter{.kind = kind, .clause = names_clause(kind, patterns)};
  DAYBOOK_TRY(found, db.prepare("SELECT count(*), coalesce(sum(events), 0), max(id) FROM names "
                                "WHERE " +
                                filter.clause.sql));
  for (std::size_t at = 0; at < filter.clause.texts.size(); ++at) {
    found.bind(static_cast<int>(at) + 1, std::string_view(filter.clause.texts[at]));
  }
  DAYBOOK_CHECK(found.step());
  filter.names = found.integer(0);
  filter.events = found.integer(1);
  // A single name lists its events in order, without sorting.
  filter.clause =
      filter.names == 1
          ? Clause{.sql = fmt::format("{} = {}", to_string(kind), found.integer(2)), .texts = {}}
          : Clause{.sql = fmt::format("{} IN (SELECT id FROM names WHERE {})", to_string(kind),
                                      filter.clause.sql),
                   .texts = std::move(filter.clause.texts)};
  return filter;
}

}  // namespace daybook::views
