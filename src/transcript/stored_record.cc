// SPDX-License-Identifier: Apache-2.0
//
// An event of an import as the record that it was made from.
#include <charconv>
#include <initializer_list>

#include <fmt/format.h>
#include <simdjson.h>

#include "daybook/import.h"
#include "transcript/record_fields.h"

namespace daybook {
namespace transcript {
namespace {

namespace ondemand = simdjson::ondemand;

struct EventType {
  std::string_view type;
  KindAndRole what;
};
// The first of a kind and role is the one that is written.
constexpr EventType kEventTypes[] = {
    {"session/started", {RecordKind::Session, Role::User}},
    {"session/changed", {RecordKind::Session, Role::User}},
    {"message/user", {RecordKind::Message, Role::User}},
    {"message/assistant", {RecordKind::Message, Role::Assistant}},
    {"message/system", {RecordKind::Message, Role::System}},
    {"tool/called", {RecordKind::ToolCall, Role::User}},
    {"tool/returned", {RecordKind::ToolResult, Role::User}},
    {"session/compacted", {RecordKind::Compaction, Role::User}},
    {"session/resumed", {RecordKind::Resume, Role::User}},
    {"session/interrupted", {RecordKind::Interrupt, Role::User}},
    {"session/usage", {RecordKind::Usage, Role::User}},
    {"session/record", {RecordKind::Unknown, Role::User}},
};

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end + 1);
}

// A value as it stands in the text; empty when it cannot be read.
std::string_view raw_of(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return {};
  std::string_view raw = value.raw_json_token();
  ondemand::object object;
  ondemand::array array;
  if (type == ondemand::json_type::object && (value.get_object().get(object) != simdjson::SUCCESS ||
                                              object.raw_json().get(raw) != simdjson::SUCCESS)) {
    return {};
  }
  if (type == ondemand::json_type::array && (value.get_array().get(array) != simdjson::SUCCESS ||
                                             array.raw_json().get(raw) != simdjson::SUCCESS)) {
    return {};
  }
  return trimmed(raw);
}

template <class T>
bool read_number(std::string_view token, T& number) {
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  return error == std::errc{} && end == token.data() + token.size();
}

template <class Enum>
bool read_name(std::string_view text, Enum last, Enum& value) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) != text) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

class Decoder {
 public:
  explicit Decoder(const EventView& event) : event_(&event) {}

  Result<StoredRecord> decode(std::string_view data, KindAndRole what) {
    stored_.record.kind = what.kind;
    stored_.record.role = what.role;
    // Texts are never longer than their JSON.
    texts_->memory.reserve(data.size() + event_->key.size());
    take_envelope();
    const simdjson::padded_string padded(data);
    thread_local ondemand::parser parser;
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      return refused("its data is no JSON object");
    }
    for (auto entry : object) {
      std::string_view name;
      ondemand::value value;
      if (entry.error() != simdjson::SUCCESS ||
          entry.unescaped_key().get(name) != simdjson::SUCCESS ||
          entry.value().get(value) != simdjson::SUCCESS || !take(name, value)) {
        return refused("its data is not as an import writes it");
      }
    }
    if (what.kind == RecordKind::Session && texts_->session.harness.empty()) {
      return refused("it names no harness");
    }
    stored_.record.session = &texts_->session;
    stored_.texts = std::move(texts_);
    return std::move(stored_);
  }

 private:
  [[nodiscard]] std::unexpected<Error> refused(std::string_view why) const {
    return fail(Errc::InvalidArgument, fmt::format("event #{} ({}) is not one of an import: {}",
                                                   event_->seq.value, event_->type, why));
  }

  void take_envelope() {
    SessionInfo& session = texts_->session;
    session.id = event_->stream.substr(std::min(kSessionPrefix.size(), event_->stream.size()));
    stored_.record.id = keep(event_->key);
    stored_.record.time = event_->time;
    if (stored_.record.kind == RecordKind::Session) return;
    session.harness = event_->source;
    if (event_->correlation != session.id) session.parent = event_->correlation;
  }

  std::string_view keep(std::string_view text) {
    const std::size_t at = texts_->memory.size();
    texts_->memory.append(text);
    return std::string_view(texts_->memory).substr(at);
  }

  // False when the value is not of the kind that belongs there. Names that are not
  // known here were written by a later version, and are left out.
  bool take(std::string_view name, ondemand::value value) {
    if (name == "usage") return take_usage(value);
    if (name == "exit_code") {
      std::int64_t code = 0;
      if (!read_number(raw_of(value), code)) return false;
      stored_.record.exit_code = code;
      return true;
    }
    if (name == "undated") {
      stored_.record.time.reset();
      return true;
    }
    for (const JsonMember& member : {kArgumentsMember, kRawMember}) {
      if (name != member.name) continue;
      stored_.record.*member.member = keep(raw_of(value));
      return true;
    }
    std::string_view text;
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type != ondemand::json_type::string) return true;
    return value.get_string().get(text) == simdjson::SUCCESS && take_text(name, text);
  }

  bool take_text(std::string_view name, std::string_view text) {
    TranscriptRecord& record = stored_.record;
    for (const auto& [known, member] : kTextMembers) {
      if (name == known) record.*member = keep(text);
    }
    for (const auto& [known, member] : kSessionMembers) {
      if (name == known) texts_->session.*member = text;
    }
    for (const JsonMember& member : {kArgumentsMember, kRawMember}) {
      if (name == member.as_text) record.*member.member = keep(text);
    }
    if (name == "record_id") record.id = keep(text);
    if (name == "session_id") texts_->session.id = text;
    if (name == "origin") return read_name(text, Origin::Delegated, record.origin);
    if (name == "role") return read_name(text, Role::System, record.role);
    if (name == "outcome") return read_name(text, Outcome::Interrupted, record.outcome);
    return true;
  }

  bool take_usage(ondemand::value value) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    Usage& usage = stored_.record.usage.emplace();
    for (auto entry : object) {
      std::string_view name;
      ondemand::value number;
      if (entry.error() != simdjson::SUCCESS ||
          entry.unescaped_key().get(name) != simdjson::SUCCESS ||
          entry.value().get(number) != simdjson::SUCCESS) {
        return false;
      }
      const std::string_view token = raw_of(number);
      for (const auto& [known, member] : kUsageMembers) {
        if (name == known && !read_number(token, usage.*member)) return false;
      }
      if (name != "cost") continue;
      const auto cost = parse_money(token);
      if (!cost) return false;
      usage.cost = *cost;
    }
    return true;
  }

  const EventView* event_;
  StoredRecord stored_;
  std::unique_ptr<StoredRecord::Texts> texts_ = std::make_unique<StoredRecord::Texts>();
};

}  // namespace

std::string_view type_of(RecordKind kind, Role role) {
  for (const auto& [type, what] : kEventTypes) {
    if (what.kind == kind && (kind != RecordKind::Message || what.role == role)) return type;
  }
  return "session/record";
}

std::optional<KindAndRole> kind_of(std::string_view type) {
  for (const auto& [known, what] : kEventTypes) {
    if (known == type) return what;
  }
  return std::nullopt;
}

}  // namespace transcript

Result<StoredRecord> to_record(const EventView& event, std::string_view data) {
  const auto what = transcript::kind_of(event.type);
  if (!what || !event.stream.starts_with(transcript::kSessionPrefix)) {
    return fail(Errc::InvalidArgument, fmt::format("event #{} ({} in {}) is not one of an import",
                                                   event.seq.value, event.type, event.stream));
  }
  return transcript::Decoder(event).decode(data, *what);
}

Result<StoredRecord> to_record(Ledger& ledger, const Event& event) {
  DAYBOOK_TRY(data, ledger.data(event));
  EventView view;
  view.seq = event.seq;
  view.time = event.time;
  view.stream = event.stream;
  view.type = event.type;
  view.source = event.source;
  view.correlation = event.correlation;
  view.key = event.key;
  return to_record(view, data);
}

}  // namespace daybook
