// SPDX-License-Identifier: Apache-2.0
#include "transcript/position.h"

#include <algorithm>
#include <array>
#include <utility>

#include <simdjson.h>

#include "base/json_writer.h"
#include "base/sha256.h"
#include "transcript/json_view.h"

namespace daybook::transcript {
namespace {

constexpr std::uint64_t kVersion = 1;
// Hashed at the beginning of the file, and before the offset.
constexpr std::uint64_t kProbeBytes = 4096;

struct InfoField {
  std::string_view name;
  std::string SessionInfo::* member;
};
constexpr std::array<InfoField, 10> kInfoFields{{
    {"id", &SessionInfo::id},
    {"parent", &SessionInfo::parent},
    {"parent_call", &SessionInfo::parent_call},
    {"harness", &SessionInfo::harness},
    {"version", &SessionInfo::version},
    {"project", &SessionInfo::project},
    {"branch", &SessionInfo::branch},
    {"agent", &SessionInfo::agent},
    {"persona", &SessionInfo::persona},
    {"channel", &SessionInfo::channel},
}};

struct UsageField {
  std::string_view name;
  std::uint64_t Usage::* member;
};
constexpr std::array<UsageField, 4> kUsageFields{{
    {"input", &Usage::input_tokens},
    {"output", &Usage::output_tokens},
    {"cache_read", &Usage::cache_read_tokens},
    {"cache_write", &Usage::cache_write_tokens},
}};

Result<std::string> probe(const File& file, std::uint64_t begin, std::uint64_t end) {
  Bytes bytes(end - begin);
  DAYBOOK_TRY(count, file.read_at(begin, bytes));
  bytes.resize(count);
  return to_string(sha256(bytes));
}
Result<std::string> probe_head(const File& file, std::uint64_t offset) {
  return probe(file, 0, std::min(offset, kProbeBytes));
}
Result<std::string> probe_tail(const File& file, std::uint64_t offset) {
  return probe(file, offset - std::min(offset, kProbeBytes), offset);
}

void write_info(JsonWriter& json, const SessionInfo& info) {
  json.begin_object();
  for (const auto& field : kInfoFields) json.optional_member(field.name, info.*field.member);
  json.end_object();
}

SessionInfo read_info(object from) {
  SessionInfo info;
  for (const auto& field : kInfoFields) info.*field.member = text_at(from, field.name);
  return info;
}

void write_usage(JsonWriter& json, const Usage& usage) {
  json.begin_object();
  for (const auto& field : kUsageFields) json.member(field.name, usage.*field.member);
  if (usage.cost) json.member("cost", usage.cost->picodollars);
  json.end_object();
}

Usage read_usage(object from) {
  Usage usage;
  for (const auto& field : kUsageFields) {
    usage.*field.member = unsigned_at(from, field.name).value_or(0);
  }
  if (const auto cost = integer_at(from, "cost")) usage.cost = Money{*cost};
  return usage;
}

void write_state(JsonWriter& json, const FileState& state) {
  write_info(json.key("main"), state.main);
  json.member("current", state.current).key("sessions").begin_array();
  state.sessions.for_each([&](const std::string&, const SessionState& session) {
    write_info(json.begin_object().key("info"), session.info);
    json.member("announced", session.announced).optional_member("turn", session.turn);
    json.optional_member("last", session.last).optional_member("model", session.model);
    json.end_object();
  });
  json.end_array().key("calls").begin_array();
  state.calls.for_each([&](const std::string& id, const OpenCall& call) {
    json.begin_array().text(id).text(call.tool).text(call.record).end_array();
  });
  json.end_array().key("aliases").begin_array();
  state.aliases.for_each([&](const std::string& id, const std::string& parent) {
    json.begin_array().text(id).text(parent).end_array();
  });
  json.end_array().key("notes").begin_object();
  for (const auto& [name, value] : state.notes) json.member(name, value);
  write_usage(json.end_object().key("total"), state.total);
}

// The texts of an array, by their place; empty beyond its end.
struct Row {
  array items;
  [[nodiscard]] std::string_view at(std::size_t index) const {
    std::string_view text;
    if (items.at(index).get(text) != simdjson::SUCCESS) return {};
    return text;
  }
};

template <class Visit>
void for_each_item(object from, std::string_view key, Visit visit) {
  const auto items = find_array(from, key);
  if (!items) return;
  for (const element item : *items) visit(item);
}

void read_session(object from, FileState& state) {
  SessionState session;
  if (const auto info = find_object(from, "info")) session.info = read_info(*info);
  session.announced = bool_at(from, "announced").value_or(false);
  session.turn = text_at(from, "turn");
  session.last = text_at(from, "last");
  session.model = text_at(from, "model");
  const std::string id = session.info.id;
  state.sessions.put(id, std::move(session));
}

void read_state(object from, FileState& state) {
  if (const auto main = find_object(from, "main")) state.main = read_info(*main);
  state.current = text_at(from, "current");
  for_each_item(from, "sessions", [&](element item) {
    if (const auto session = as_object(item)) read_session(*session, state);
  });
  for_each_item(from, "calls", [&](element item) {
    const auto row = as_array(item);
    if (!row) return;
    const Row call{*row};
    state.calls.put(call.at(0), {std::string(call.at(1)), std::string(call.at(2))});
  });
  for_each_item(from, "aliases", [&](element item) {
    const auto row = as_array(item);
    if (row) state.aliases.put(Row{*row}.at(0), std::string(Row{*row}.at(1)));
  });
  if (const auto notes = find_object(from, "notes")) {
    for (const auto& [name, value] : *notes) {
      state.set_note(name, as_text(value).value_or(std::string_view{}));
    }
  }
  if (const auto total = find_object(from, "total")) state.total = read_usage(*total);
}

}  // namespace

Result<std::string> save_position(const Cursor& cursor, std::string_view reader, const File& file) {
  DAYBOOK_TRY(head, probe_head(file, cursor.offset));
  DAYBOOK_TRY(tail, probe_tail(file, cursor.offset));
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("version", kVersion).member("reader", reader);
  json.member("offset", cursor.offset).member("line", cursor.line);
  json.member("line_open", cursor.line_open).member("head", head).member("tail", tail);
  write_state(json, cursor.state);
  json.end_object();
  return text;
}

Result<std::optional<Cursor>> load_position(std::string_view text, std::string_view reader,
                                            const File& file) {
  simdjson::dom::parser parser;
  object from;
  if (parser.parse(text.data(), text.size()).get_object().get(from) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto offset = unsigned_at(from, "offset");
  const auto line = unsigned_at(from, "line");
  if (unsigned_at(from, "version") != kVersion || text_at(from, "reader") != reader || !offset ||
      !line) {
    return std::nullopt;
  }
  DAYBOOK_TRY(size, file.size());
  if (size < *offset) return std::nullopt;
  DAYBOOK_TRY(head, probe_head(file, *offset));
  DAYBOOK_TRY(tail, probe_tail(file, *offset));
  if (head != text_at(from, "head") || tail != text_at(from, "tail")) return std::nullopt;
  std::optional<Cursor> cursor(std::in_place);
  cursor->offset = *offset;
  cursor->line = *line;
  cursor->line_open = bool_at(from, "line_open").value_or(false);
  read_state(from, cursor->state);
  return cursor;
}

}  // namespace daybook::transcript
