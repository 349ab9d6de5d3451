// SPDX-License-Identifier: Apache-2.0
//
// A record of the normal form as an event. Members that say nothing are left out;
// names that the envelope carries are repeated in the data only where the envelope
// could not take them as they are.
#include "transcript/record_event.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/sha256.h"
#include "base/text.h"
#include "daybook/import.h"
#include "transcript/record_fields.h"

namespace daybook {
namespace transcript {
namespace {

constexpr std::size_t kReadableBytes = 64;  // of a name that had to be shortened
constexpr std::size_t kDigestDigits = 16;
constexpr std::size_t kMaxCutText = std::size_t{16} << 20;  // when the whole would be too large

std::string digest_of(std::string_view text) {
  return to_string(sha256(as_bytes(text))).substr(0, kDigestDigits);
}

// Whether `json` can stand as a value inside an object, and come back from there.
bool can_embed(std::string_view json) {
  constexpr std::string_view kSpace = " \t\r\n";
  if (json.empty() || kSpace.find(json.front()) != kSpace.npos ||
      kSpace.find(json.back()) != kSpace.npos || !check_json(json)) {
    return false;
  }
  // Only a long text can be so deep that one level more is too much.
  return json.size() < kMaxJsonDepth || check_json(fmt::format("[{}]", json)).has_value();
}

void write_json(JsonWriter& json, const JsonMember& member, std::string_view text) {
  if (text.empty()) return;
  if (can_embed(text)) {
    json.raw_member(member.name, text);
  } else {
    json.member(member.as_text, text);
  }
}

void write_usage(JsonWriter& json, const Usage& usage) {
  json.key("usage").begin_object();
  for (const auto& [name, member] : kUsageMembers) json.member(name, usage.*member);
  if (usage.cost) json.raw_member("cost", to_string(*usage.cost));
  json.end_object();
}

// What the envelope cannot give back as it was.
void write_names(JsonWriter& json, const TranscriptRecord& record, const NewEvent& event) {
  const SessionInfo& session = *record.session;
  if (event.key != record.id) json.member("record_id", record.id);
  if (event.stream != fmt::format("{}{}", kSessionPrefix, session.id)) {
    json.member("session_id", session.id);
  }
  if (record.kind == RecordKind::Session) return;
  if (event.source != session.harness) json.member("harness", session.harness);
  const std::string_view parent =
      event.correlation == session.id ? std::string_view{} : event.correlation;
  if (parent != session.parent) json.member("parent_session", session.parent);
}

std::string data_of(const TranscriptRecord& record, const NewEvent& event, std::size_t max_text) {
  std::string data;
  JsonWriter json(data);
  json.begin_object();
  if (record.kind == RecordKind::Session) {
    for (const auto& [name, member] : kSessionMembers) {
      json.optional_member(name, record.session->*member);
    }
  }
  if (record.kind == RecordKind::Message || record.origin != Origin::Said) {
    json.member("origin", to_string(record.origin));
  }
  if (record.kind != RecordKind::Message && record.role != Role::User) {
    json.member("role", to_string(record.role));
  }
  if (record.outcome != Outcome::Unknown) json.member("outcome", to_string(record.outcome));
  if (record.exit_code) json.member("exit_code", *record.exit_code);
  bool cut = false;
  for (const auto& [name, member] : kTextMembers) {
    const std::string_view text = record.*member;
    cut = cut || text.size() > max_text;
    json.optional_member(name, text.substr(0, max_text));
  }
  if (!cut || record.arguments.size() <= max_text) {
    write_json(json, kArgumentsMember, record.arguments);
  }
  if (record.kind == RecordKind::Unknown) {
    write_json(json, kRawMember, record.raw.substr(0, max_text));
  }
  if (record.usage) write_usage(json, *record.usage);
  write_names(json, record, event);
  if (!record.time) json.member("undated", true);
  if (max_text != std::string_view::npos) json.member("cut", true);
  json.end_object();
  return data;
}

}  // namespace

std::string fit_name(std::string_view text, std::size_t max_bytes) {
  if (!text.empty() && text.size() <= max_bytes && is_plain_text(text)) return std::string(text);
  std::string name(text.substr(0, kReadableBytes));
  std::ranges::replace_if(name, [](char c) { return c < ' ' || c > '~'; }, '_');
  return fmt::format("{}~{}", name, digest_of(text));
}

std::string session_state_key(const SessionInfo& session) {
  std::string all;
  for (const auto& [name, member] : kSessionMembers) {
    all += fmt::format("{}{}{}", name, '\0', session.*member);
    all.push_back('\0');
  }
  return fmt::format("session/changed/{}", digest_of(all));
}

void make_change(NewEvent& event, const SessionInfo& session) {
  event.type = "session/changed";
  event.key = session_state_key(session);
}

}  // namespace transcript

using namespace transcript;  // NOLINT(google-build-using-namespace): this room's own

std::string session_stream(std::string_view session_id) {
  return fmt::format("{}{}", kSessionPrefix,
                     fit_name(session_id, kMaxStreamBytes - kSessionPrefix.size()));
}

std::string record_key(std::string_view record_id) { return fit_name(record_id, kMaxNameBytes); }

NewEvent to_event(const TranscriptRecord& record) {
  const SessionInfo& session = *record.session;
  NewEvent event;
  event.stream = session_stream(session.id);
  event.type = type_of(record.kind, record.role);
  event.source = fit_name(session.harness, kMaxNameBytes);
  event.correlation = fit_name(session.parent.empty() ? session.id : session.parent, kMaxNameBytes);
  event.key = record.kind == RecordKind::Session ? kSessionStartedKey : record_key(record.id);
  if (!record.tool.empty()) {
    event.subject = fit_name(fmt::format("{}{}", kToolSubject, record.tool), kMaxNameBytes);
  }
  event.time = record.time;
  event.data = data_of(record, event, std::string_view::npos);
  if (event.data.size() > kMaxDataBytes) event.data = data_of(record, event, kMaxCutText);
  return event;
}

}  // namespace daybook
