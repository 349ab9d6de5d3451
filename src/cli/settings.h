// SPDX-License-Identifier: Apache-2.0
//
// Settings and where each came from: flag > environment (DAYBOOK_<KEY>) >
// project file (daybook.toml beside the ledger directory) > user file
// ($XDG_CONFIG_HOME/daybook/config.toml) > built-in. A key nobody knows is an
// error with file, line and suggestion, never ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "daybook/ledger.h"

namespace daybook::cli {

// One setting as it is in force.
struct SettingValue {
  std::string key;
  std::string value;   // as text
  std::string origin;  // "default", "flag --color", "environment DAYBOOK_ACTOR", "<file>:<line>"
  std::string help;
  bool is_number = false;
};

struct SettingOverride {
  std::string key;
  std::string value;
  std::string origin;
};

struct Settings {
  std::string source;  // empty: the ledger's own default
  std::string actor;
  std::string color;
  Durability durability = Durability::Sync;
  bool remember = true;
  LedgerOptions ledger;              // the access is the caller's business
  std::vector<SettingValue> values;  // all, in a fixed order
};

struct SettingFiles {
  std::string project;  // may be missing; empty: none
  std::string user;
};

// Errors: InvalidArgument with the place; Io.
[[nodiscard]] Result<Settings> load_settings(Environment& env, const SettingFiles& files,
                                             const std::vector<SettingOverride>& overrides);

[[nodiscard]] Result<Durability> parse_durability(std::string_view text);

// The names of all settings. Other keys of the same files belong to src/review/config.h.
[[nodiscard]] std::vector<std::string> setting_keys();

// DAYBOOK_* names in the environment that mean nothing to Daybook.
[[nodiscard]] std::vector<std::string> unknown_environment();

// A directory of the XDG base directory specification: `variable` when it is an
// absolute path, else `fallback` below $HOME. Empty when there is no home.
[[nodiscard]] std::string xdg_directory(const char* variable, std::string_view fallback);

}  // namespace daybook::cli
