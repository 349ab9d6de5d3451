// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "base/suggest.h"
#include "cli/settings_file.h"
#include "review/config.h"

namespace daybook::cli {
namespace {

constexpr const char* kSeeSettings = "`daybook config show` lists the settings";
constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();

// One setting there is. A number when `max` is not 0.
struct SettingSpec {
  std::string_view key;
  std::string_view fallback;
  std::string_view help;
  std::string_view choices;  // "a|b|c"; empty: any text
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

constexpr SettingSpec kSpecs[] = {
    {"actor", "", "on whose behalf events are appended", ""},
    {"checkpoint_events", "100000", "sign a checkpoint after so many events", "", 1,
     kMaxCheckpointEvents},
    {"checkpoint_seconds", "60", "... or after so many seconds", "", 1, kMaxCheckpointSeconds},
    {"color", "auto", "colour in output for people", "auto|always|never"},
    {"durability", "sync", "when an append is acknowledged", "sync|interval|memory"},
    {"inline_bytes", "16384", "larger data goes to the blob store", "", 0, kMaxInlineBytes},
    {"interval_ms", "50", "longest delay of durability interval", "", 1, 60'000},
    {"lock_timeout_ms", "30000", "how long to wait for another writer", "", 0, 3'600'000},
    {"remember", "on", "keep each ledger's newest checkpoint in the user's state directory",
     "on|off"},
    {"segment_bytes", "67108864", "size at which a segment is sealed", "", 65'536, kMaxU32},
    {"source", "", "who writes events without a source of their own", ""},
};

const SettingSpec* find_spec(std::string_view key) {
  const auto* spec = std::find_if(std::begin(kSpecs), std::end(kSpecs),
                                  [&](const SettingSpec& s) { return s.key == key; });
  return spec == std::end(kSpecs) ? nullptr : spec;
}

// What may stand at the top of a file.
std::vector<std::string> all_keys() {
  std::vector<std::string> keys = setting_keys();
  for (const std::string_view key : review::config_keys()) keys.emplace_back(key);
  return keys;
}

std::string environment_name(std::string_view key) {
  std::string name = "DAYBOOK_";
  for (const char c : key) name.push_back(c == '_' ? '_' : static_cast<char>(c - 'a' + 'A'));
  return name;
}

bool is_choice(std::string_view choices, std::string_view value) {
  return !value.empty() && value.find('|') == std::string_view::npos &&
         fmt::format("|{}|", choices).find(fmt::format("|{}|", value)) != std::string::npos;
}

// Errors say where the value stands.
Result<void> check_value(const SettingSpec& spec, std::string_view value, std::string_view origin) {
  if (!spec.choices.empty() && !is_choice(spec.choices, value)) {
    return fail(
        Errc::InvalidArgument,
        fmt::format("{}: {} is '{}', which is none of {}", origin, spec.key, value, spec.choices),
        kSeeSettings);
  }
  if (spec.max == 0) return {};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < spec.min ||
      number > spec.max) {
    return fail(Errc::InvalidArgument,
                fmt::format("{}: {} is '{}', which is not a whole number from {} to {}", origin,
                            spec.key, value, spec.min, spec.max),
                kSeeSettings);
  }
  return {};
}

class Merger {
 public:
  Merger() {
    for (const SettingSpec& spec : kSpecs) {
      values_.push_back({.key = std::string(spec.key),
                         .value = std::string(spec.fallback),
                         .origin = "default",
                         .help = std::string(spec.help),
                         .is_number = spec.max != 0});
    }
  }

  Result<void> set(std::string_view key, std::string value, std::string origin) {
    const SettingSpec* spec = find_spec(key);
    if (spec == nullptr) {
      return fail(Errc::InvalidArgument, fmt::format("{}: unknown setting '{}'", origin, key),
                  suggestion(key, all_keys(), kSeeSettings));
    }
    DAYBOOK_CHECK(check_value(*spec, value, origin));
    SettingValue& entry = values_[static_cast<std::size_t>(spec - std::begin(kSpecs))];
    entry.value = std::move(value);
    entry.origin = std::move(origin);
    return {};
  }

  Result<void> set_file(FileSystem& files, const std::string& path) {
    if (path.empty()) return {};
    DAYBOOK_TRY(lines, read_settings_file(files, path));
    for (SettingLine& line : lines) {
      DAYBOOK_CHECK(set(line.key, std::move(line.value), fmt::format("{}:{}", path, line.line)));
    }
    return {};
  }

  Result<void> set_environment() {
    for (const SettingSpec& spec : kSpecs) {
      const std::string name = environment_name(spec.key);
      const char* value = std::getenv(name.c_str());
      if (value != nullptr && *value != '\0') {
        DAYBOOK_CHECK(set(spec.key, value, "environment " + name));
      }
    }
    return {};
  }

  Settings finish() {
    Settings settings;
    settings.source = text("source");
    settings.actor = text("actor");
    settings.color = text("color");
    settings.durability = parse_durability(text("durability")).value_or(Durability::Sync);
    settings.remember = text("remember") == "on";
    settings.ledger.source = settings.source;
    settings.ledger.inline_bytes = number("inline_bytes");
    settings.ledger.interval_ms = number("interval_ms");
    settings.ledger.lock_timeout_ms = number("lock_timeout_ms");
    settings.ledger.checkpoint_events = number("checkpoint_events");
    settings.ledger.checkpoint_seconds = number("checkpoint_seconds");
    settings.ledger.segment_bytes = number("segment_bytes");
    settings.values = std::move(values_);
    return settings;
  }

 private:
  const std::string& text(std::string_view key) const {
    return values_[static_cast<std::size_t>(find_spec(key) - std::begin(kSpecs))].value;
  }
  std::uint32_t number(std::string_view key) const {
    const std::string& value = text(key);
    std::uint32_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }

  std::vector<SettingValue> values_;
};

}  // namespace

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const SettingSpec& spec : kSpecs) keys.emplace_back(spec.key);
  return keys;
}

Result<Durability> parse_durability(std::string_view text) {
  if (text == "sync") return Durability::Sync;
  if (text == "interval") return Durability::Interval;
  if (text == "memory") return Durability::Memory;
  return fail(Errc::InvalidArgument,
              fmt::format("'{}' is no durability: sync, interval or memory", text));
}

Result<Settings> load_settings(Environment& env, const SettingFiles& files,
                               const std::vector<SettingOverride>& overrides) {
  Merger merger;
  DAYBOOK_CHECK(merger.set_file(*env.files, files.user));
  DAYBOOK_CHECK(merger.set_file(*env.files, files.project));
  DAYBOOK_CHECK(merger.set_environment());
  for (const SettingOverride& entry : overrides) {
    DAYBOOK_CHECK(merger.set(entry.key, entry.value, entry.origin));
  }
  return merger.finish();
}

std::vector<std::string> unknown_environment() {
  std::vector<std::string> unknown;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with("DAYBOOK_") || name == "DAYBOOK_DIR") continue;
    const bool known = std::any_of(std::begin(kSpecs), std::end(kSpecs), [&](const auto& spec) {
      return environment_name(spec.key) == name;
    });
    if (!known) unknown.emplace_back(name);
  }
  std::sort(unknown.begin(), unknown.end());
  return unknown;
}

std::string xdg_directory(const char* variable, std::string_view fallback) {
  const char* given = std::getenv(variable);
  if (given != nullptr && *given == '/') return given;  // the specification ignores relative paths
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return fmt::format("{}/{}", home, fallback);
}

}  // namespace daybook::cli
