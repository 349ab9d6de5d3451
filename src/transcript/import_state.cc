// SPDX-License-Identifier: Apache-2.0
#include "transcript/import_state.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fs/files.h"
#include "base/json_writer.h"
#include "base/sha256.h"
#include "daybook/import.h"

namespace daybook::transcript {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kHeader = "daybook-import 1 ";  // and the checksum of what follows
constexpr std::string_view kTemporarySuffix = ".new";
constexpr std::size_t kChecksumDigits = 8;
constexpr std::uint64_t kLockPollMicros = 5'000;
constexpr int kMaxLockPolls = 400;

std::string header_of(std::string_view body) {
  return fmt::format("{}{:08x}\n", kHeader, crc32c(as_bytes(body)));
}

// Replaces a file whole. Not durable by itself; see the banner of the header.
Result<void> write_checked(FileSystem& files, const std::string& path, const std::string& body) {
  const std::string temporary = path + std::string(kTemporarySuffix);
  DAYBOOK_TRY(file, files.open(temporary, OpenMode::Create));
  DAYBOOK_CHECK(file->truncate(0));
  const std::string text = header_of(body) + body;
  DAYBOOK_CHECK(file->write_at(0, as_bytes(text)));
  file.reset();
  return files.rename(temporary, path);
}

// The body; nothing when there is no such file or it is damaged.
std::optional<std::string> read_checked(FileSystem& files, const std::string& path) {
  const auto bytes = read_file(files, path, kMaxStateBytes);
  if (!bytes) return std::nullopt;
  const std::string_view text = as_text(*bytes);
  const std::size_t begin = kHeader.size() + kChecksumDigits + 1;
  if (text.size() < begin) return std::nullopt;
  const std::string_view body = text.substr(begin);
  if (text.substr(0, begin) != header_of(body)) return std::nullopt;
  return std::string(body);
}

std::string_view text_of(dom::element value, std::string_view key) {
  std::string_view text;
  return value[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::int64_t number_of(dom::element value, std::string_view key) {
  std::int64_t number = 0;
  return value[key].get(number) == simdjson::SUCCESS ? number : 0;
}

std::optional<Timestamp> time_of(dom::element value, std::string_view key) {
  std::int64_t micros = 0;
  if (value[key].get(micros) != simdjson::SUCCESS) return std::nullopt;
  return Timestamp{micros};
}

void write_time(JsonWriter& json, std::string_view name, std::optional<Timestamp> time) {
  if (time) json.member(name, time->micros);
}

void write_file(JsonWriter& json, const std::string& path, const KnownFile& file) {
  json.begin_object().member("path", path).member("reader", file.reader);
  json.member("size", static_cast<std::int64_t>(file.stamp.size));
  json.member("modified", file.stamp.modified.micros);
  json.member("inode", static_cast<std::int64_t>(file.stamp.inode));
  write_time(json, "since", file.since);
  json.end_object();
}

std::string position_json(const std::string& path, const std::string& event,
                          const FilePosition& position) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("path", path).member("event", event);
  json.member("position", position.position);
  write_time(json, "time", position.time);
  json.end_object();
  return body;
}

KnownFile read_file_entry(dom::element entry) {
  KnownFile file;
  file.reader = text_of(entry, "reader");
  file.stamp.size = static_cast<std::uint64_t>(number_of(entry, "size"));
  file.stamp.modified = Timestamp{number_of(entry, "modified")};
  file.stamp.inode = static_cast<std::uint64_t>(number_of(entry, "inode"));
  file.since = time_of(entry, "since");
  return file;
}

}  // namespace

ImportState::ImportState(Ledger& ledger, const Environment& env)
    : ledger_(&ledger), env_(env), directory_(ledger.path() + "/views/import"), files_(load()) {}

std::string ImportState::position_path(std::string_view path) const {
  constexpr std::size_t kDigits = 32;
  return fmt::format("{}/{}", directory_, to_string(sha256(as_bytes(path))).substr(0, kDigits));
}

// An event that was there when the state was written is there still, unless the
// ledger is not the one it was.
bool ImportState::is_of_this_history(std::string_view event) const {
  const auto id = parse_event_id(event);
  if (!id) return false;
  const auto found = ledger_->find(*id);
  return found.has_value() || found.error().code == Errc::Corruption;
}

ImportState::Files ImportState::load() const {
  const auto body = read_checked(*env_.files, directory_ + "/files");
  if (!body) return {};
  dom::parser parser;
  dom::element document;
  dom::array entries;
  if (parser.parse(*body).get(document) != simdjson::SUCCESS ||
      !is_of_this_history(text_of(document, "event")) ||
      document["files"].get(entries) != simdjson::SUCCESS) {
    return {};
  }
  Files files;
  for (const dom::element entry : entries) {
    files.insert_or_assign(std::string(text_of(entry, "path")), read_file_entry(entry));
  }
  return files;
}

std::optional<KnownFile> ImportState::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<FilePosition> ImportState::position(const std::string& path) const {
  const auto body = read_checked(*env_.files, position_path(path));
  dom::parser parser;
  dom::element document;
  if (!body || parser.parse(*body).get(document) != simdjson::SUCCESS ||
      text_of(document, "path") != path || !is_of_this_history(text_of(document, "event"))) {
    return std::nullopt;
  }
  return FilePosition{std::string(text_of(document, "position")), time_of(document, "time")};
}

Result<std::string> ImportState::newest_event() {
  DAYBOOK_TRY(last, ledger_->last());
  if (last.value == 0) return std::string();
  DAYBOOK_TRY(event, ledger_->read(last));
  return to_string(event.id);
}

// Held as long as the file is open.
Result<std::unique_ptr<File>> ImportState::lock() {
  DAYBOOK_TRY(file, env_.files->open(directory_ + "/lock", OpenMode::Create));
  for (int polls = 0; polls < kMaxLockPolls; ++polls) {
    DAYBOOK_TRY(taken, file->try_lock());
    if (taken) return file;
    env_.clock->sleep_micros(kLockPollMicros);
  }
  return fail(Errc::Busy, fmt::format("{}: another import holds the lock", directory_));
}

Result<void> ImportState::save(std::span<const FileProgress> progress) {
  const std::lock_guard guard(saving_);
  DAYBOOK_CHECK(make_directories(*env_.files, directory_));
  DAYBOOK_TRY(held, lock());
  DAYBOOK_TRY(event, newest_event());
  Files all = load();
  for (const auto& [path, known, position] : progress) {
    DAYBOOK_CHECK(
        write_checked(*env_.files, position_path(path), position_json(path, event, position)));
    all[path] = known;
  }
  while (all.size() > kMaxKnownFiles) {
    all.erase(std::ranges::min_element(
        all, {}, [](const auto& entry) { return entry.second.stamp.modified; }));
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("event", event).key("files").begin_array();
  for (const auto& [path, file] : all) write_file(json, path, file);
  json.end_array().end_object();
  return write_checked(*env_.files, directory_ + "/files", body);
}

}  // namespace daybook::transcript

namespace daybook {

Result<std::vector<Finding>> check_import_state(const Ledger& ledger, Environment env) {
  std::vector<Finding> findings;
  const std::string directory = ledger.path() + "/views/import";
  DAYBOOK_TRY(there, env.files->exists(directory));
  if (!there) return findings;
  DAYBOOK_TRY(entries, env.files->list(directory));
  for (const DirectoryEntry& entry : entries) {
    const bool is_state = !entry.is_directory && entry.name != "lock" &&
                          !entry.name.ends_with(transcript::kTemporarySuffix);
    if (!is_state || transcript::read_checked(*env.files, directory + "/" + entry.name)) continue;
    findings.push_back({.severity = Severity::Notice,
                        .code = "derived",
                        .file = "views/import/" + entry.name,
                        .first = {},
                        .last = {},
                        .message = "it fails its checksum; the import reads the transcripts that "
                                   "it tells of again"});
  }
  return findings;
}

}  // namespace daybook
