// SPDX-License-Identifier: Apache-2.0
//
// GitHub Copilot CLI: `~/.copilot/session-state/<session>/events.jsonl`, one event a
// line: {"type","data","id","timestamp","parentId"}. parentId is the event before, so
// the file is a chain. Sub-agents work in the same file: their events carry "agentId"
// (older versions: "parentToolCallId"), and are a session of their own here.
//
// A call is told twice, by the answer that requests it and when it starts; the first
// counts. Usage: an answer tells its output tokens; the rest is told when the session
// shuts down, as totals by model, from which the tokens told already are taken off.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "transcript/flat_message.h"
#include "transcript/json_view.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

// Notes of the reader.
constexpr std::string_view kAborted = "aborted";      // since the user's last message
constexpr std::string_view kReasoning = "reasoning";  // told by assistant.reasoning
constexpr std::string_view kRefused = "refused:";     // by call
constexpr std::string_view kAsked = "asked:";         // by permission request: the call
constexpr std::string_view kTold = "told:";           // by model: output tokens

struct Event {
  object line;
  object data;
  FileState& state;
  Emitter& out;
};

std::string note_name(std::string_view prefix, std::string_view of) {
  return fmt::format("{}{}", prefix, of);
}

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void emit_injected(Role role, Origin origin, std::string_view text, Emitter& out) {
  if (trimmed(text).empty()) return;
  out.emit({.kind = RecordKind::Message, .role = role, .origin = origin, .text = text});
}

// --- the session ---------------------------------------------------------------

void set_both(const Event& event, std::string SessionInfo::* member, std::string_view value) {
  if (value.empty()) return;
  event.state.main.*member = value;
  event.out.session().set(member, value);
}

void read_context(const Event& event) {
  const auto context = find_object(event.data, "context");
  const object fields = context ? *context : event.data;
  set_both(event, &SessionInfo::project, text_at(fields, "cwd"));
  set_both(event, &SessionInfo::branch, text_at(fields, "branch"));
}

void set_model(const Event& event, std::string_view member) {
  if (const auto model = text_at(event.data, member); !model.empty()) {
    event.out.session().model = model;
  }
}

void forget_told_tokens(FileState& state) {
  std::erase_if(state.notes, [](const auto& note) { return note.first.starts_with(kTold); });
}

void on_start(const Event& event) {
  set_both(event, &SessionInfo::version, text_at(event.data, "copilotVersion"));
  read_context(event);
  set_model(event, "selectedModel");
  forget_told_tokens(event.state);
  event.out.announce();
}

void on_resume(const Event& event) {
  on_start(event);
  event.out.emit({.kind = RecordKind::Resume});
}

void on_context(const Event& event) {
  read_context(event);
  event.out.announce();
}

void on_model(const Event& event) { set_model(event, "newModel"); }

void on_compaction(const Event& event) {
  if (bool_at(event.data, "success") == false) {
    return emit_injected(Role::System, Origin::Notice, text_at(event.data, "error"), event.out);
  }
  event.out.emit({.kind = RecordKind::Compaction, .text = text_at(event.data, "summaryContent")});
}

void emit_rest_of_usage(std::string_view model, object usage, const Event& event) {
  Usage rest;
  rest.cache_read_tokens = unsigned_at(usage, "cacheReadTokens").value_or(0);
  rest.cache_write_tokens = unsigned_at(usage, "cacheWriteTokens").value_or(0);
  const std::uint64_t cached = rest.cache_read_tokens + rest.cache_write_tokens;
  const std::uint64_t input = unsigned_at(usage, "inputTokens").value_or(0);
  rest.input_tokens = input < cached ? input : input - cached;  // it counts those, too
  const std::uint64_t output = unsigned_at(usage, "outputTokens").value_or(0);
  const std::uint64_t told = number_in(event.state.note(note_name(kTold, model)));
  rest.output_tokens = output - std::min(output, told);
  event.out.emit({.kind = RecordKind::Usage, .model = model, .usage = rest});
}

void on_shutdown(const Event& event) {
  const auto models = find_object(event.data, "modelMetrics");
  if (!models) return;
  for (const auto& [model, metrics] : *models) {
    const auto fields = as_object(metrics);
    const auto usage = fields ? find_object(*fields, "usage") : std::nullopt;
    if (usage) emit_rest_of_usage(model, *usage, event);
  }
  forget_told_tokens(event.state);
}

// --- messages ------------------------------------------------------------------

void on_user(const Event& event) {
  const auto content = find(event.data, "content");
  if (!content || !(content->is_string() || content->is_array())) {
    return event.out.misshapen("a user's message without content");
  }
  event.state.set_note(kAborted, {});
  const std::string_view text = joined_text(*content, event.out);
  const std::string_view source = text_at(event.data, "source");
  if (source.starts_with("skill")) {
    return emit_injected(Role::User, Origin::Context, text, event.out);
  }
  const bool by_program = (!source.empty() && source != "user") ||
                          bool_at(event.data, "isAutopilotContinuation").value_or(false);
  if (by_program) return emit_injected(Role::User, Origin::Notice, text, event.out);
  const bool is_root = event.out.session().info.id == event.state.main.id;
  if (trimmed(text).empty()) return;
  emit_user_text(text, is_root ? Origin::Said : Origin::Delegated, event.out);
}

std::string fingerprint(std::string_view text) {
  return fmt::format("{:08x}", crc32c(as_bytes(text)));
}

void on_reasoning(const Event& event) {
  const std::string_view text = text_at(event.data, "content");
  event.state.set_note(kReasoning, fingerprint(text));
  emit_injected(Role::Assistant, Origin::Thinking, text, event.out);
}

std::optional<Usage> output_usage(const Event& event, std::string_view model) {
  const auto tokens = unsigned_at(event.data, "outputTokens");
  if (!tokens) return std::nullopt;
  const std::string name = note_name(kTold, model);
  const std::uint64_t told = number_in(event.state.note(name)) + *tokens;
  event.state.set_note(name, fmt::format_int(told).c_str());
  return Usage{.output_tokens = *tokens, .cost = {}};
}

void on_answer(const Event& event) {
  set_model(event, "model");
  const std::string& model = event.out.session().model;
  Answer answer(event.out, {.model = model,
                            .api_message = text_at(event.data, "apiCallId"),
                            .usage = output_usage(event, model)});
  const std::string_view reasoning = text_at(event.data, "reasoningText");
  if (event.state.note(kReasoning) != fingerprint(reasoning)) {
    answer.say(Origin::Thinking, reasoning);
  }
  event.state.set_note(kReasoning, {});
  if (const auto content = find(event.data, "content")) {
    answer.say(Origin::Said, joined_text(*content, event.out));
  }
  if (const auto requests = find_array(event.data, "toolRequests")) {
    for (const element item : *requests) {
      const auto call = as_object(item);
      if (!call) continue;
      answer.call(text_at(*call, "name"), text_at(*call, "toolCallId"),
                  arguments_at(*call, "arguments", event.out));
    }
  }
  answer.finish();
}

void on_system(const Event& event) {
  emit_injected(Role::System, Origin::Context, text_at(event.data, "content"), event.out);
}

void on_notification(const Event& event) {
  emit_injected(Role::System, Origin::Notice, text_at(event.data, "content"), event.out);
}

void on_error(const Event& event) {
  emit_injected(Role::System, Origin::Notice, text_at(event.data, "message"), event.out);
}

void on_abort(const Event& event) {
  event.state.set_note(kAborted, "yes");
  event.out.emit({.kind = RecordKind::Interrupt, .text = text_at(event.data, "reason")});
}

// --- tools ---------------------------------------------------------------------

void on_call(const Event& event) {
  const std::string_view call = text_at(event.data, "toolCallId");
  if (!call.empty() && event.state.calls.find(call) != nullptr) return;
  event.out.emit({.kind = RecordKind::ToolCall,
                  .tool = text_at(event.data, "toolName"),
                  .call = call,
                  .arguments = arguments_at(event.data, "arguments", event.out)});
}

void on_permission_asked(const Event& event) {
  const auto request = find_object(event.data, "permissionRequest");
  const std::string_view id = text_at(event.data, "requestId");
  if (request && !id.empty()) {
    event.state.set_note(note_name(kAsked, id), text_at(*request, "toolCallId"));
  }
}

void on_permission(const Event& event) {
  const std::string asked = note_name(kAsked, text_at(event.data, "requestId"));
  std::string call(text_at(event.data, "toolCallId"));
  if (call.empty()) call = event.state.note(asked);
  event.state.set_note(asked, {});
  const auto result = find_object(event.data, "result");
  const std::string_view kind = result ? text_at(*result, "kind") : std::string_view{};
  if (!call.empty() && (kind.starts_with("denied") || kind.starts_with("reject"))) {
    event.state.set_note(note_name(kRefused, call), "yes");
  }
}

// "<shellId: 4 completed with exit code 1>" at the end of what the shell tool says.
std::optional<std::int64_t> exit_code_in(std::string_view text) {
  constexpr std::string_view kSays = "exit code ";
  text = trimmed(text);
  const std::size_t open = text.rfind('<');
  if (open == std::string_view::npos || !text.ends_with('>')) return std::nullopt;
  text = text.substr(open, text.size() - open - 1);
  const std::size_t says = text.find(kSays);
  if (says == std::string_view::npos) return std::nullopt;
  std::int64_t code = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + says + kSays.size(), end, code);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return code;
}

std::optional<std::int64_t> exit_code_of(object result, std::string_view text) {
  if (const auto contents = find_array(result, "contents")) {
    for (const element item : *contents) {
      const auto block = as_object(item);
      if (!block || text_at(*block, "type") != "terminal") continue;
      if (const auto code = integer_at(*block, "exitCode")) return code;
    }
  }
  return exit_code_in(text);
}

Outcome failure_of(const Event& event, std::string_view call, std::string_view code) {
  const auto is = [&](auto... codes) { return ((code == codes) || ...); };
  if (!event.state.note(note_name(kRefused, call)).empty() || is("rejected", "denied")) {
    return Outcome::Refused;
  }
  if (is("aborted", "cancelled", "interrupted") || !event.state.note(kAborted).empty()) {
    return Outcome::Interrupted;
  }
  return Outcome::Failure;
}

void on_result(const Event& event) {
  TranscriptRecord record;
  record.kind = RecordKind::ToolResult;
  record.call = text_at(event.data, "toolCallId");
  record.tool = text_at(event.data, "toolName");
  if (const auto result = find(event.data, "result")) {
    const auto fields = as_object(*result);
    const auto content = fields ? find(*fields, "content") : result;
    if (content) record.text = joined_text(*content, event.out);
    if (fields) record.exit_code = exit_code_of(*fields, record.text);
  }
  std::string_view code;
  if (const auto error = find(event.data, "error"); error && !error->is_null()) {
    record.error = error_text(*error, event.out);
    if (const auto fields = as_object(*error)) code = text_at(*fields, "code");
  }
  if (record.text.empty()) record.text = record.error;
  const auto success = bool_at(event.data, "success");
  if (success == false) {
    record.outcome = failure_of(event, record.call, code);
  } else if (success == true) {
    record.outcome = record.exit_code.value_or(0) == 0 ? Outcome::Success : Outcome::Failure;
  }
  if (record.outcome == Outcome::Failure && record.error.empty()) record.error = record.text;
  event.out.emit(record);
  event.state.set_note(note_name(kRefused, record.call), {});
}

// --- events --------------------------------------------------------------------

void on_subagent(const Event& event) {
  SessionState& session = event.out.session();
  session.set(&SessionInfo::parent_call, text_at(event.data, "toolCallId"));
  session.set(&SessionInfo::agent, text_at(event.data, "agentName"));
  event.out.announce();
}

struct Handler {
  std::string_view type;
  void (*handle)(const Event&);
};
constexpr std::array kHandlers = {
    Handler{"abort", on_abort},
    Handler{"assistant.message", on_answer},
    Handler{"assistant.reasoning", on_reasoning},
    Handler{"permission.completed", on_permission},
    Handler{"permission.requested", on_permission_asked},
    Handler{"session.compaction_complete", on_compaction},
    Handler{"session.context_changed", on_context},
    Handler{"session.error", on_error},
    Handler{"session.model_change", on_model},
    Handler{"session.resume", on_resume},
    Handler{"session.shutdown", on_shutdown},
    Handler{"session.start", on_start},
    Handler{"skill.invoked", on_system},
    Handler{"subagent.started", on_subagent},
    Handler{"system.message", on_system},
    Handler{"system.notification", on_notification},
    Handler{"tool.execution_complete", on_result},
    Handler{"tool.execution_start", on_call},
    Handler{"tool.user_requested", on_call},
    Handler{"user.message", on_user},
};
// Kinds of events about the program, not of the conversation.
constexpr std::array<std::string_view, 12> kBookkeepingKinds = {
    "auto_mode_switch.", "command.",  "elicitation.", "exit_plan_mode.",
    "external_tool.",    "hook.",     "mcp.",         "pending_messages.",
    "sampling.",         "subagent.", "user_input.",  "capabilities."};
constexpr std::array<std::string_view, 40> kBookkeeping = {"assistant.idle",
                                                           "assistant.intent",
                                                           "assistant.message_delta",
                                                           "assistant.message_start",
                                                           "assistant.reasoning_delta",
                                                           "assistant.streaming_delta",
                                                           "assistant.tool_call_delta",
                                                           "assistant.turn_end",
                                                           "assistant.turn_start",
                                                           "assistant.usage",
                                                           "model_call.finished",
                                                           "session.background_tasks_changed",
                                                           "session.compaction_start",
                                                           "session.custom_agents_updated",
                                                           "session.extensions_loaded",
                                                           "session.handoff",
                                                           "session.idle",
                                                           "session.info",
                                                           "session.mcp_server_status_changed",
                                                           "session.mcp_servers_loaded",
                                                           "session.mode_changed",
                                                           "session.permissions_changed",
                                                           "session.plan_changed",
                                                           "session.remote_steerable_changed",
                                                           "session.schedule_cancelled",
                                                           "session.schedule_created",
                                                           "session.skills_loaded",
                                                           "session.snapshot_rewind",
                                                           "session.task_complete",
                                                           "session.title_changed",
                                                           "session.todos_changed",
                                                           "session.tools_updated",
                                                           "session.truncation",
                                                           "session.usage_checkpoint",
                                                           "session.usage_info",
                                                           "session.warning",
                                                           "session.workspace_file_changed",
                                                           "tool.execution_partial_result",
                                                           "tool.execution_progress",
                                                           "tool.search_activated"};

bool is_bookkeeping(std::string_view type) {
  return std::ranges::find(kBookkeeping, type) != kBookkeeping.end() ||
         std::ranges::any_of(kBookkeepingKinds, [&](auto kind) { return type.starts_with(kind); });
}

// The session that an event is of, and its parent when that is a sub-agent's.
void begin_line(object line, object data, std::string_view type, FileState& state, Emitter& out) {
  if (type == "session.start") {
    if (const auto id = text_at(data, "sessionId"); !id.empty()) state.main.id = id;
  }
  const std::string_view parent_call = text_at(data, "parentToolCallId");
  std::string_view agent = text_at(line, "agentId");
  if (agent.empty()) agent = parent_call;
  if (agent.empty() && type == "subagent.started") agent = text_at(data, "toolCallId");
  LineFacts facts{.session = agent.empty() ? std::string_view{state.main.id} : agent,
                  .id = text_at(line, "id"),
                  .time = time_at(line, "timestamp"),
                  .type = type};
  if (find(line, "parentId")) facts.parent = text_at(line, "parentId");
  SessionState& session = out.line(facts);
  if (agent.empty()) return;
  session.set(&SessionInfo::parent, state.main.id);
  session.set(&SessionInfo::parent_call, parent_call);
}

class Copilot final : public Reader {
 public:
  std::string_view name() const override { return "copilot"; }

  std::vector<std::string> default_places() const override { return {".copilot/session-state"}; }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (candidate.name() != "events.jsonl") return std::nullopt;
    return Recognised{.session = std::string(candidate.name(1)), .project = {}, .seat = {}};
  }

  bool recognises(Json record) const override {
    const auto line = as_object(record);
    if (!line || !find_object(*line, "data") || text_at(*line, "id").empty()) return false;
    const std::string_view type = text_at(*line, "type");
    return is_bookkeeping(type) || std::ranges::any_of(kHandlers, [&](const Handler& handler) {
             return handler.type == type;
           });
  }

  void decode(object line, FileState& state, Emitter& out) const override {
    const std::string_view type = text_at(line, "type");
    const auto data = find_object(line, "data");
    begin_line(line, data.value_or(line), type, state, out);
    if (type.empty()) return out.misshapen("an event without a type");
    const auto* handler = std::ranges::find(kHandlers, type, &Handler::type);
    if (handler == kHandlers.end()) {
      if (!is_bookkeeping(type)) out.unknown();
      return;
    }
    if (!data) return out.misshapen("an event without data");
    handler->handle({.line = line, .data = *data, .state = state, .out = out});
  }
};

}  // namespace

const Reader& copilot_reader() {
  static const Copilot reader;
  return reader;
}

}  // namespace daybook::transcript
