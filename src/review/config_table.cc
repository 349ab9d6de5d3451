// SPDX-License-Identifier: Apache-2.0
#include "review/config_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggest.h"

namespace daybook::review {
namespace {

std::string hint_for(std::string_view key, const std::vector<std::string>& known) {
  return suggestion(key, known, fmt::format("what may stand there: {}", fmt::join(known, ", ")));
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text, const std::string& path) {
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return fail(Errc::InvalidArgument,
                fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

const toml::node* ConfigTable::find(std::string_view key) {
  known_.emplace_back(key);
  return table_->get(key);
}

std::string ConfigTable::place(std::string_view key) const {
  std::uint32_t line = this->line();
  for (const auto& [name, node] : *table_) {
    if (name.str() == key) line = name.source().begin.line;
  }
  return fmt::format("{}:{}", path_, line);
}

std::unexpected<Error> ConfigTable::wrong(std::string_view key, std::string_view what,
                                          std::string hint) const {
  return fail(Errc::InvalidArgument, fmt::format("{}: '{}' {}", place(key), key, what),
              std::move(hint));
}

Result<std::optional<std::string>> ConfigTable::text(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_string()) return value->get();
  return wrong(key, "is not a text");
}

Result<std::optional<bool>> ConfigTable::boolean(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_boolean()) return value->get();
  return wrong(key, "is neither true nor false");
}

Result<std::optional<std::int64_t>> ConfigTable::integer(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_integer()) return value->get();
  return wrong(key, "is not a whole number");
}

Result<std::vector<std::string>> ConfigTable::texts(std::string_view key) {
  std::vector<std::string> values;
  const toml::node* const node = find(key);
  if (node == nullptr) return values;
  const auto* const array = node->as_array();
  if (array == nullptr) return wrong(key, "is not a list of texts", "write [\"one\", \"two\"]");
  for (const toml::node& item : *array) {
    const auto* const value = item.as_string();
    if (value == nullptr) return wrong(key, "holds something that is not a text");
    values.push_back(value->get());
  }
  return values;
}

Result<std::optional<ConfigTable>> ConfigTable::table(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_table()) {
    return ConfigTable(*value, path_, fmt::format("[{}]", key));
  }
  return wrong(key, "is not a table", fmt::format("it begins with a line [{}]", key));
}

Result<std::vector<ConfigTable>> ConfigTable::tables(std::string_view key) {
  std::vector<ConfigTable> values;
  const toml::node* const node = find(key);
  if (node == nullptr) return values;
  const auto* const array = node->as_array();
  const std::string hint = fmt::format("each begins with a line [[{}]]", key);
  if (array == nullptr) return wrong(key, "is not a list of tables", hint);
  for (const toml::node& item : *array) {
    const auto* const value = item.as_table();
    if (value == nullptr) return wrong(key, "is not a list of tables", hint);
    values.emplace_back(*value, path_, fmt::format("[[{}]]", key));
  }
  return values;
}

Result<void> ConfigTable::take(std::string_view key, std::string& target) {
  DAYBOOK_TRY(value, text(key));
  if (value) target = *std::move(value);
  return {};
}

std::vector<std::string> ConfigTable::without_effect(const std::vector<std::string>& keys) {
  std::vector<std::string> warnings;
  for (const std::string& key : keys) {
    if (find(key) == nullptr) continue;
    warnings.push_back(fmt::format("{}: '{}' of {} has no effect here", place(key), key, name_));
  }
  return warnings;
}

void ConfigTable::allow(const std::vector<std::string>& keys) {
  known_.insert(known_.end(), keys.begin(), keys.end());
}

Result<void> ConfigTable::finish() const {
  for (const auto& [key, node] : *table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    const std::string where = name_.empty() ? "unknown setting" : "unknown key";
    const std::string of = name_.empty() ? "" : fmt::format(" in {}", name_);
    return fail(
        Errc::InvalidArgument,
        fmt::format("{}:{}: {} '{}'{}", path_, key.source().begin.line, where, key.str(), of),
        hint_for(key.str(), known_));
  }
  return {};
}

}  // namespace daybook::review
