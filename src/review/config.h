// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file may say about sessions and reviews: ~/.jilog.toml as
// jilog has it, and the same tables in Daybook's own files, where they stand beside
// the settings of the ledger. docs/review.md lists them.
//
// A key that nobody knows is an error with file, line and a suggestion. A key that
// jilog knows and that means nothing here is a warning. Pure but for reading the file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "daybook/import.h"
#include "daybook/review.h"

namespace daybook::review {

inline constexpr std::uint64_t kMaxConfigFileBytes = std::uint64_t{1} << 20;

// A [[zone]], or [[zones]]: a ledger with a name.
struct ZoneConfig {
  std::string id;
  std::string place;  // "file:line", for messages
  std::string ledger_path;
  std::string spool_path;
  std::string fleet_store_path;
  std::string index_path;
  bool spool = true;
};

struct Config {
  std::vector<ReaderSource> readers;
  TrackerOptions tracker;
  std::vector<ZoneConfig> zones;
  std::string timezone;     // IANA name; empty: not said
  RedactionOptions redact;  // [redact] builtin, [[redact.rule]] name, pattern
  // [review]
  std::optional<Rules> rules;
  std::optional<bool> create_issues;
  std::string digest_dir;

  std::vector<std::string> present;   // top-level keys that the file has
  std::vector<std::string> warnings;  // "file:line: ..."
};

// The zone of that name; nullptr when there is none. It lives as long as `config`.
[[nodiscard]] const ZoneConfig* find_zone(const Config& config, std::string_view id);

// The top-level keys that read_config() knows.
[[nodiscard]] std::span<const std::string_view> config_keys();

// What a file says; nothing when there is no such file. `home` stands for "~"; other
// relative paths are taken from the file's directory. `foreign_keys` at the top level
// are somebody else's business. Errors: InvalidArgument with file and line,
// LimitExceeded, Io.
[[nodiscard]] Result<Config> read_config(FileSystem& files, const std::string& path,
                                         const std::string& home,
                                         const std::vector<std::string>& foreign_keys = {});

// Takes from `fallback` every top-level key that `config` does not have.
void fill_in(Config& config, Config fallback);

}  // namespace daybook::review
