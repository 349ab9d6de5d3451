// SPDX-License-Identifier: Apache-2.0
#include "cli/fact.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/data_fields.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kHeadChars = 13;  // "head-" and the first eight of its id

// The ids a fact may carry, in the order in which rows show them.
constexpr std::string_view kIdNames[] = {
    "turn-id", "message-id", "eval-id",       "call-id",           "snapshot-id",
    "head-id", "step-id",    "invocation-id", "source-session-id", "source-head-id",
};

struct FactType {
  std::string_view type;
  std::string_view row_kind;
  std::string_view id;  // which id names the row; empty: the session itself
  std::string_view title;
  std::string_view glyph;
  Paint paint = Paint::Plain;
  Tally tally = Tally::None;
  bool hidden = false;
};

constexpr FactType kTypes[] = {
    {"session/started", "session", "", "session opened", "●", Paint::Bold},
    {"session/status", "session", "", "session status", "●"},
    {"session/error", "session", "", "session errored", "✗", Paint::Red},
    {"session/restored", "restore", "source-head-id", "state restored", "↺", Paint::Cyan},
    {"session/final", "annotation", "turn-id", "FINAL returned", "★", Paint::Green, Tally::None,
     true},
    {"session/ref-updated", "session-ref", "head-id", "session advanced", "➜", Paint::Cyan},
    {"session/stopped", "session", "", "session stopped", "●", Paint::Plain, Tally::None, true},
    {"session/vars-snapshotted", "snapshot", "snapshot-id", "snapshot saved", "▣"},
    {"session/compacted", "session", "", "session compacted", "▣", Paint::Plain, Tally::Compaction},
    {"session/changed", "session", "", "session changed", "●"},
    {"session/resumed", "session", "", "session resumed", "↺", Paint::Cyan},
    {"session/interrupted", "session", "", "user interrupted", "■", Paint::Yellow},
    {"session/usage", "session", "", "usage reported", "·", Paint::Plain, Tally::None, true},
    {"session/record", "annotation", "", "record kept", "·"},
    {"message/user", "message", "", "user input", "✎"},
    {"message/assistant", "message", "", "model response", "✎"},
    {"message/system", "message", "", "system message", "✎"},
    {"tool/called", "call", "call", "tool called", "→", Paint::Blue, Tally::ToolCall},
    {"tool/returned", "call", "call", "tool returned", "←", Paint::Blue},
    {"message/added", "message", "message-id", "message added", "✎"},
    {"message/appended", "message", "message-id", "message added", "✎"},
    {"turn/started", "turn", "turn-id", "turn started", "▶", Paint::Bold, Tally::Turn},
    {"turn/put", "turn", "turn-id", "turn updated", "■", Paint::Plain, Tally::None, true},
    {"turn-final", "annotation", "turn-id", "turn final", "■", Paint::Plain, Tally::None, true},
    {"step/started", "step", "step-id", "step started", "▹"},
    {"step/put", "step", "step-id", "step updated", "▹", Paint::Plain, Tally::None, true},
    {"eval/added", "eval", "eval-id", "repl evaluated", "λ"},
    {"call/started", "call", "call-id", "call started", "→", Paint::Blue},
    {"call/put", "call", "call-id", "call answered", "←", Paint::Blue},
    {"leaf/called", "call", "call-id", "leaf called", "→", Paint::Blue, Tally::Leaf},
    {"snapshot/added", "snapshot", "snapshot-id", "snapshot saved", "▣"},
    {"head/created", "head", "head-id", "checkpoint sealed", "◆", Paint::Green, Tally::Checkpoint},
    {"head/published", "head", "head-id", "checkpoint sealed", "◆", Paint::Green,
     Tally::Checkpoint},
    {"invocation/started", "invocation", "invocation-id", "child opened", "⑂", Paint::Plain,
     Tally::Child},
    {"invocation/completed", "invocation", "invocation-id", "child settled", "⑂"},
    {"invocation/failed", "invocation", "invocation-id", "child failed", "✗", Paint::Red},
    {"invocation/caller-head-recorded", "invocation", "invocation-id", "caller linked", "⑂"},
};

const FactType* find_type(std::string_view type) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const FactType& known) { return known.type == type; });
  return found == std::end(kTypes) ? nullptr : found;
}

bool is_error_status(std::string_view status) {
  return status == "error" || status == "failed" || status == "failure" || status == "timeout" ||
         status == "lost";
}

std::string message_title(const DataFields& fields) {
  const std::string role = fields.text("role");
  if (role == "system") return "system prompt";
  if (role == "user") return "user input";
  if (role == "assistant") return "model response";
  return role.empty() ? "message added" : "repl observation";
}

std::string call_title(const Fact& fact, const DataFields& fields, std::string_view verb) {
  const std::string type = fields.text("call-type");
  const std::string kind = type.starts_with("leaf")                                  ? "leaf"
                           : type.starts_with("child") || type.starts_with("attach") ? "child"
                                                                                     : "root";
  if (fact.error) return kind + " failed";
  if (verb == "called") return kind == "root" ? "root model called" : kind + " called";
  return kind + " answered";
}

std::string turn_title(std::string_view status) {
  if (status == "final" || status == "ok" || status == "done") return "turn settled";
  if (status == "timeout") return "turn timed out";
  return is_error_status(status) ? "turn failed" : "turn updated";
}

std::string eval_title(const Fact& fact, const DataFields& fields) {
  if (fact.error) return "repl failed";
  return fact.status == "final" || fields.raw("final") == "true" ? "FINAL returned"
                                                                 : "repl evaluated";
}

// Messages of imported sessions: what stands under a role need not be its words.
void refine_message(Fact& fact, std::string_view type, const DataFields& fields) {
  const std::string origin = fields.text("origin");
  if (type == "message/user" && (origin == "said" || origin == "delegated")) {
    fact.glyph = "▶";
    fact.paint = Paint::Bold;
    fact.tally = Tally::Turn;
  }
  if (origin == "delegated") fact.title = "prompt of the parent";
  if (origin == "thinking") fact.title = "model thinking";
  if (origin == "context") fact.title = "context added";
  if (origin == "command") fact.title = "command entered";
  if (origin == "summary") fact.title = "summary added";
  if (origin == "interrupted") fact.title = "interruption noted";
  if (origin == "notice") fact.title = "notice added";
}

void refine_tool_result(Fact& fact, const DataFields& fields) {
  const std::string outcome = fields.text("outcome");
  if (outcome == "failure") fact.title = "tool failed";
  if (outcome == "refused") fact.title = "tool refused";
  if (outcome == "interrupted") fact.title = "tool interrupted";
  fact.status = outcome;
  fact.error = outcome == "failure";
}

// Titles that depend on more than the type.
void refine(Fact& fact, std::string_view type, const DataFields& fields) {
  if (type == "message/added" || type == "message/appended") {
    fact.title = message_title(fields);
  } else if (type.starts_with("message/")) {
    refine_message(fact, type, fields);
  } else if (type == "tool/returned") {
    refine_tool_result(fact, fields);
  } else if (type == "turn/put") {
    fact.title = turn_title(fact.status);
    if (fact.error) fact.hidden = false;
  } else if (type == "eval/added") {
    fact.title = eval_title(fact, fields);
    if (fact.title == "FINAL returned") fact.paint = Paint::Green;
  } else if (type == "call/started") {
    fact.title = call_title(fact, fields, "called");
    if (fact.title.starts_with("root")) fact.tally = Tally::ModelCall;
    if (fact.title.starts_with("leaf")) fact.tally = Tally::Leaf;
  } else if (type == "call/put") {
    fact.title = call_title(fact, fields, "answered");
  } else if (type.starts_with("head/") && fields.text("kind") == "genesis") {
    fact.title = "genesis checkpoint";
    fact.tally = Tally::None;
  } else if (type == "session/status" && fact.status == "stopped") {
    fact.title = "session stopped";
  }
}

// "turn 3", "head-abc12345".
std::string row_detail(const Fact& fact) {
  if (fact.row_id.empty() || fact.row_kind == "session") return {};
  if (fact.row_id.starts_with("head-")) return fact.row_id.substr(0, kHeadChars);
  const bool bare = fact.row_id.starts_with(fact.row_kind);
  return bare ? fact.row_id : fmt::format("{} {}", fact.row_kind, fact.row_id);
}

// "Bash", "Bash exit 1": what tells one call of an imported session from the next.
std::string tool_detail(const DataFields& fields) {
  const std::string code = fields.text("exit_code");
  return fmt::format("{}{}{}", fields.text("tool"), code.empty() || code == "0" ? "" : " exit ",
                     code == "0" ? "" : code);
}

std::string detail_of(const Fact& fact, const EventView& event, const DataFields& fields) {
  std::string detail;
  if (event.type.starts_with("tool/")) return tool_detail(fields);
  if (event.type == "session/record") return fields.text("type");
  if (fact.of_session) {
    detail = row_detail(fact);
    const std::string turn = fields.text("turn-id");
    if (!turn.empty() && fact.row_kind != "turn") {
      detail += fmt::format("{}turn {}", detail.empty() ? "" : " ", turn);
    }
    if (fact.error && !fact.status.empty()) detail += fmt::format(" ({})", fact.status);
    return detail;
  }
  // Confidential words are shown by `show` only.
  if (event.tier != Tier::Confidential) detail = summary_of(fields);
  return detail.empty() ? std::string(event.subject) : detail;
}

void take_ids(Fact& fact, const DataFields& fields) {
  for (const std::string_view name : kIdNames) {
    if (const std::string_view json = fields.raw(name); !json.empty() && json != "null") {
      fact.ids.emplace_back(name, json);
    }
  }
  fact.status = fields.first_text({"status", "payload.status"});
  fact.head_id = fields.text("head-id");
  fact.payload_ref = fields.text("payload-ref");
}

void take_row(Fact& fact, const FactType* known, const EventView& event, const DataFields& fields) {
  fact.row_kind = fields.first_text({"row-kind"});
  fact.row_id = fields.first_text({"row-id"});
  if (fact.row_kind.empty()) fact.row_kind = known != nullptr ? known->row_kind : "annotation";
  if (!fact.row_id.empty()) return;
  if (known != nullptr && !known->id.empty()) fact.row_id = fields.text(known->id);
  if (known == nullptr && !fact.ids.empty()) fact.row_id = fields.text(fact.ids.front().first);
  if (fact.row_kind == "session" || fact.row_kind == "restore") {
    if (fact.row_id.empty()) fact.row_id = fields.text("source-session-id");
    if (fact.row_id.empty()) fact.row_id = session_name(event.stream);
  }
}

}  // namespace

Fact fact_of(const EventView& event) {
  const FactType* known = find_type(event.type);
  const DataFields fields = DataFields::of(event);
  Fact fact;
  take_ids(fact, fields);
  take_row(fact, known, event, fields);
  if (event.data_state == DataState::Blob && fact.payload_ref.empty()) {
    fact.payload_ref = "sha256:" + to_string(event.blob);
  }
  fact.error = is_error_status(fact.status) || event.type == "session/error" ||
               event.type == "invocation/failed";
  fact.of_session = known != nullptr;
  fact.title = known != nullptr ? known->title : event.type;
  fact.glyph = known != nullptr ? known->glyph : "·";
  if (known != nullptr) {
    fact.paint = known->paint;
    fact.tally = known->tally;
    fact.hidden = known->hidden;
    refine(fact, event.type, fields);
  }
  if (fact.error) {
    fact.glyph = "✗";
    fact.paint = Paint::Red;
  }
  fact.detail = detail_of(fact, event, fields);
  return fact;
}

std::string_view session_name(std::string_view stream) {
  constexpr std::string_view kPrefix = "session/";
  if (stream.starts_with(kPrefix)) stream.remove_prefix(kPrefix.size());
  return stream;
}

void append_row(JsonWriter& json, const EventView& event, const Fact& fact) {
  json.begin_object().member("event/id", event.version.value).member("event/type", event.type);
  json.member("event/session", session_name(event.stream));
  json.member("event/at", to_string(event.time)).member("event/row-kind", fact.row_kind);
  json.optional_member("event/row-id", fact.row_id);
  for (const auto& [name, value] : fact.ids) json.raw_member("event/" + name, value);
  json.optional_member("event/status", fact.status);
  json.optional_member("event/payload-ref", fact.payload_ref);
  json.member("event/seq", event.seq.value).member("event/ulid", to_string(event.id));
  json.member("event/stream", event.stream).key("event/causes").begin_array();
  for (const EventId& cause : event.causes) json.text(to_string(cause));
  json.end_array();
}

}  // namespace daybook::cli
