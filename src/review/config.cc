// SPDX-License-Identifier: Apache-2.0
#include "review/config.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fs/files.h"
#include "review/config_table.h"

namespace daybook::review {
namespace {

constexpr std::array<std::string_view, 7> kKeys = {"reader",   "tracker", "zone",  "zones",
                                                   "timezone", "redact",  "review"};
constexpr std::size_t kMaxTables = 1'000;  // [[reader]] or [[zone]] in one file
constexpr std::int64_t kMaxTimeoutSeconds = 3'600;

// Of jilog, without a meaning here.
const std::vector<std::string> kIdleReaderKeys = {
    "db",  "discover_profiles", "default_seat", "since_days", "timeout_secs",
    "bin", "token_file",        "url"};

struct Place {
  std::string home;
  std::string directory;  // of the file

  [[nodiscard]] std::string expand(std::string path) const {
    if (path.empty() || path.front() == '/') return path;
    if (path == "~") return home;
    if (path.starts_with("~/")) return home + path.substr(1);
    return directory == "." ? path : fmt::format("{}/{}", directory, path);
  }
};

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Result<ReaderSource> read_reader(ConfigTable& table, std::vector<std::string>& warnings) {
  ReaderSource source;
  DAYBOOK_CHECK(table.take("type", source.reader));
  const auto names = reader_names();
  if (source.reader == "context-intelligence") source.reader = "amplifier";  // the same files
  if (std::find(names.begin(), names.end(), source.reader) == names.end()) {
    return table.wrong("type", fmt::format("'{}' is no reader", source.reader),
                       fmt::format("there are: {}", fmt::join(names, ", ")));
  }
  DAYBOOK_TRY(path, table.text("path"));
  DAYBOOK_TRY(paths, table.texts("paths"));
  if (path) source.paths.push_back(*std::move(path));
  append(source.paths, std::move(paths));
  DAYBOOK_CHECK(table.take("name", source.name));
  DAYBOOK_CHECK(table.take("session_id_from", source.session_id_from));
  DAYBOOK_TRY(include, table.texts("include"));
  DAYBOOK_TRY(exclude, table.texts("exclude"));
  source.include = std::move(include);
  source.exclude = std::move(exclude);
  append(warnings, table.without_effect(kIdleReaderKeys));
  DAYBOOK_CHECK(table.finish());
  return source;
}

Result<TrackerOptions> read_tracker(ConfigTable& table, const Place& place) {
  TrackerOptions options;
  DAYBOOK_CHECK(table.take("type", options.type));
  constexpr std::array<std::string_view, 4> kTypes = {"beads", "github", "kata", "none"};
  if (std::find(kTypes.begin(), kTypes.end(), options.type) == kTypes.end()) {
    return table.wrong("type", fmt::format("'{}' is no tracker", options.type),
                       fmt::format("there are: {}", fmt::join(kTypes, ", ")));
  }
  DAYBOOK_CHECK(table.take("repo", options.repo));
  DAYBOOK_CHECK(table.take("project", options.project));
  DAYBOOK_CHECK(table.take("path", options.path));
  DAYBOOK_CHECK(table.take("prefix", options.prefix));
  DAYBOOK_TRY(labels, table.texts("labels"));
  options.labels = std::move(labels);
  DAYBOOK_TRY(timeout, table.integer("timeout_seconds"));
  if (timeout && (*timeout < 1 || *timeout > kMaxTimeoutSeconds)) {
    return table.wrong("timeout_seconds", fmt::format("is not from 1 to {}", kMaxTimeoutSeconds));
  }
  if (timeout) options.timeout_seconds = static_cast<std::uint32_t>(*timeout);
  DAYBOOK_CHECK(table.finish());
  if (options.type == "github" && options.repo.empty()) {
    return table.wrong("repo", "is missing", "write repo = \"owner/name\"");
  }
  if (options.type == "kata" && options.project.empty()) {
    return table.wrong("project", "is missing", "write project = \"name\"");
  }
  if (options.type == "beads") {
    options.path = place.expand(options.path.empty() ? options.repo : options.path);
    if (options.path.empty()) options.path = place.directory;
  }
  return options;
}

Result<ZoneConfig> read_zone(ConfigTable& table, const Place& place) {
  ZoneConfig zone;
  DAYBOOK_CHECK(table.take("id", zone.id));
  zone.place = table.place("id");
  if (zone.id.empty()) return table.wrong("id", "is missing", "a zone needs a name: id = \"home\"");
  for (const auto& [key, target] :
       {std::pair{"ledger_path", &zone.ledger_path}, std::pair{"spool_path", &zone.spool_path},
        std::pair{"fleet_store_path", &zone.fleet_store_path},
        std::pair{"index_path", &zone.index_path}}) {
    DAYBOOK_CHECK(table.take(key, *target));
    *target = place.expand(*target);
  }
  if (zone.ledger_path.empty()) {
    return table.wrong("ledger_path", "is missing", "say where the zone's ledger is");
  }
  DAYBOOK_TRY(spool, table.boolean("spool"));
  zone.spool = spool.value_or(true);
  DAYBOOK_CHECK(table.finish());
  return zone;
}

Result<RedactionOptions> read_redact(ConfigTable& table) {
  RedactionOptions options;
  DAYBOOK_TRY(builtin, table.boolean("builtin"));
  options.builtin = builtin.value_or(true);
  DAYBOOK_TRY(rules, table.tables("rule"));
  for (ConfigTable& entry : rules) {
    RedactionRule rule;
    DAYBOOK_CHECK(entry.take("name", rule.name));
    DAYBOOK_CHECK(entry.take("pattern", rule.pattern));
    if (rule.name.empty()) return entry.wrong("name", "is missing");
    if (rule.pattern.empty()) return entry.wrong("pattern", "is missing");
    DAYBOOK_CHECK(entry.finish());
    options.rules.push_back(std::move(rule));
  }
  DAYBOOK_CHECK(table.finish());
  return options;
}

Result<void> read_review(ConfigTable& table, const Place& place, Config& config) {
  DAYBOOK_TRY(rules, table.text("rules"));
  if (rules) {
    auto parsed = parse_rules(*rules);
    if (!parsed) return table.wrong("rules", fmt::format("is '{}'", *rules), "daybook or jilog");
    config.rules = *parsed;
  }
  DAYBOOK_CHECK(table.take("digest_dir", config.digest_dir));
  config.digest_dir = place.expand(config.digest_dir);
  DAYBOOK_TRY(create, table.boolean("create_issues"));
  config.create_issues = create;
  return table.finish();
}

// [[zone]] is what jilog reads, [[zones]] what its manual says: both are meant, in the
// order of the file.
Result<void> read_zones(ConfigTable& top, const Place& place, Config& config) {
  DAYBOOK_TRY(tables, top.tables("zone"));
  DAYBOOK_TRY(more, top.tables("zones"));
  tables.insert(tables.end(), more.begin(), more.end());
  if (tables.size() > kMaxTables) return top.wrong("zone", "is too long");
  std::ranges::sort(tables, {}, [](const ConfigTable& table) { return table.line(); });
  for (ConfigTable& table : tables) {
    DAYBOOK_TRY(zone, read_zone(table, place));
    if (const ZoneConfig* const same = find_zone(config, zone.id)) {
      return table.wrong("id", fmt::format("'{}' is taken", zone.id),
                         fmt::format("{} has it", same->place));
    }
    config.zones.push_back(std::move(zone));
  }
  return {};
}

Result<Config> read_top(ConfigTable& top, const Place& place) {
  Config config;
  DAYBOOK_TRY(readers, top.tables("reader"));
  if (readers.size() > kMaxTables) return top.wrong("reader", "is too long");
  for (ConfigTable& table : readers) {
    DAYBOOK_TRY(source, read_reader(table, config.warnings));
    config.readers.push_back(std::move(source));
  }
  DAYBOOK_TRY(tracker, top.table("tracker"));
  if (tracker) {
    DAYBOOK_TRY(options, read_tracker(*tracker, place));
    config.tracker = std::move(options);
  }
  DAYBOOK_CHECK(read_zones(top, place, config));
  DAYBOOK_CHECK(top.take("timezone", config.timezone));
  DAYBOOK_TRY(redact, top.table("redact"));
  if (redact) {
    DAYBOOK_TRY(options, read_redact(*redact));
    config.redact = std::move(options);
  }
  DAYBOOK_TRY(review, top.table("review"));
  if (review) DAYBOOK_CHECK(read_review(*review, place, config));
  for (const std::string_view key : kKeys) {
    if (top.has(key)) config.present.emplace_back(key == "zone" ? "zones" : key);
  }
  return config;
}

}  // namespace

std::span<const std::string_view> config_keys() { return kKeys; }

const ZoneConfig* find_zone(const Config& config, std::string_view id) {
  const auto found = std::ranges::find(config.zones, id, &ZoneConfig::id);
  return found == config.zones.end() ? nullptr : &*found;
}

Result<Config> read_config(FileSystem& files, const std::string& path, const std::string& home,
                           const std::vector<std::string>& foreign_keys) {
  DAYBOOK_TRY(exists, files.exists(path));
  if (!exists) return Config{};
  DAYBOOK_TRY(bytes, read_file(files, path, kMaxConfigFileBytes));
  DAYBOOK_TRY(document, parse_toml(as_text(bytes), path));
  ConfigTable top(document, path, "");
  DAYBOOK_TRY(config, read_top(top, {.home = home, .directory = parent_of(path)}));
  top.allow(foreign_keys);
  DAYBOOK_CHECK(top.finish());
  return config;
}

void fill_in(Config& config, Config fallback) {
  const auto lacks = [&](std::string_view key) {
    return std::find(config.present.begin(), config.present.end(), key) == config.present.end();
  };
  if (lacks("reader")) config.readers = std::move(fallback.readers);
  if (lacks("tracker")) config.tracker = std::move(fallback.tracker);
  if (lacks("zones")) config.zones = std::move(fallback.zones);
  if (lacks("timezone")) config.timezone = std::move(fallback.timezone);
  if (lacks("redact")) config.redact = std::move(fallback.redact);
  if (!config.rules) config.rules = fallback.rules;
  if (!config.create_issues) config.create_issues = fallback.create_issues;
  if (config.digest_dir.empty()) config.digest_dir = std::move(fallback.digest_dir);
  append(config.present, std::move(fallback.present));
  append(config.warnings, std::move(fallback.warnings));
}

}  // namespace daybook::review
