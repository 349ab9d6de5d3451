// SPDX-License-Identifier: Apache-2.0
//
// One TOML table, read member by member with errors that say file and line.
// finish() refuses what was not asked for. The only place that knows toml++ in this
// room; it throws nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "daybook/error.h"

namespace daybook::review {

// The text of a file as a table. Errors: InvalidArgument with the place.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& path);

class ConfigTable {
 public:
  // `name` is for messages: "[tracker]".
  ConfigTable(const toml::table& table, std::string path, std::string name)
      : table_(&table), path_(std::move(path)), name_(std::move(name)) {}

  // A member, or nothing when it is not there. Each may be asked for once.
  [[nodiscard]] Result<std::optional<std::string>> text(std::string_view key);
  [[nodiscard]] Result<std::optional<bool>> boolean(std::string_view key);
  [[nodiscard]] Result<std::optional<std::int64_t>> integer(std::string_view key);
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key);
  [[nodiscard]] Result<std::optional<ConfigTable>> table(std::string_view key);
  [[nodiscard]] Result<std::vector<ConfigTable>> tables(std::string_view key);

  // As text(), into `target` when it is there.
  [[nodiscard]] Result<void> take(std::string_view key, std::string& target);

  // Known, but of no effect: the warnings to show for those that are there.
  [[nodiscard]] std::vector<std::string> without_effect(const std::vector<std::string>& keys);
  // Known to somebody else.
  void allow(const std::vector<std::string>& keys);
  // Errors: InvalidArgument for the first key that nobody asked for.
  [[nodiscard]] Result<void> finish() const;

  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }
  // Where the table begins, from 1.
  [[nodiscard]] std::uint32_t line() const { return table_->source().begin.line; }
  // "file:line" of a member, or of the table when it is not there.
  [[nodiscard]] std::string place(std::string_view key) const;
  // An error about a member, or about the table when it is not there.
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string_view what,
                                             std::string hint = {}) const;

 private:
  const toml::node* find(std::string_view key);

  const toml::table* table_;
  std::string path_;
  std::string name_;
  std::vector<std::string> known_;
};

}  // namespace daybook::review
