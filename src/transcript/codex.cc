// SPDX-License-Identifier: Apache-2.0
//
// Codex CLI: `~/.codex/sessions/<year>/<month>/<day>/rollout-<time>-<session>.jsonl`.
// Lines are {"timestamp","type","payload"}. "response_item" is the conversation as
// the model sees it; "event_msg" is what the screen showed, mostly the same once
// more: words are taken from the first, the rest from the second.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/codex_output.h"
#include "transcript/flat_message.h"
#include "transcript/json_view.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kPrefix = "rollout-";
constexpr std::string_view kSuffix = ".jsonl";
constexpr std::size_t kUuidBytes = 36;
// Notes in the state of the file.
constexpr std::string_view kStarted = "started";      // the session's first record was there
constexpr std::string_view kCompacted = "compacted";  // a "compacted" was, its event is to come

// How texts begin that the harness puts under the user's role.
struct Opening {
  std::string_view text;
  Origin origin;
};
constexpr std::array<Opening, 17> kOpenings{{
    {"<environment_context>", Origin::Context},
    {"# AGENTS.md instructions", Origin::Context},
    {"<user_instructions>", Origin::Context},
    {"<INSTRUCTIONS>", Origin::Context},
    {"<permissions instructions>", Origin::Context},
    {"<skill>", Origin::Context},
    {"<skills_instructions>", Origin::Context},
    {"<collaboration_mode>", Origin::Context},
    {"<hook_prompt", Origin::Context},
    {"<user_action>", Origin::Context},
    {"<recommended_plugins>", Origin::Context},
    {"<subagent_notification>", Origin::Notice},
    {"Warning: ", Origin::Notice},
    {"<turn_aborted>", Origin::Interrupted},
    {"<user_shell_command>", Origin::Command},
    {"Another language model started to solve this problem", Origin::Summary},
    {"<handoff_summary>", Origin::Summary},
}};

// The same as a response item, or about the screen.
constexpr std::array<std::string_view, 37> kEventBookkeeping = {"user_message",
                                                                "agent_message",
                                                                "agent_reasoning",
                                                                "agent_reasoning_raw_content",
                                                                "agent_reasoning_section_break",
                                                                "agent_message_delta",
                                                                "agent_reasoning_delta",
                                                                "task_started",
                                                                "turn_started",
                                                                "task_complete",
                                                                "turn_complete",
                                                                "exec_command_begin",
                                                                "exec_command_end",
                                                                "exec_command_output_delta",
                                                                "patch_apply_begin",
                                                                "patch_apply_end",
                                                                "mcp_tool_call_begin",
                                                                "mcp_tool_call_end",
                                                                "web_search_begin",
                                                                "web_search_end",
                                                                "view_image_tool_call",
                                                                "image_generation_end",
                                                                "plan_update",
                                                                "item_started",
                                                                "item_completed",
                                                                "turn_diff",
                                                                "background_event",
                                                                "session_configured",
                                                                "thread_name_updated",
                                                                "thread_rolled_back",
                                                                "entered_review_mode",
                                                                "exited_review_mode",
                                                                "undo_started",
                                                                "undo_completed",
                                                                "dynamic_tool_call_request",
                                                                "dynamic_tool_call_response",
                                                                "get_history_entry_response"};
constexpr std::array<std::string_view, 3> kEventNotices = {"error", "stream_error", "warning"};
constexpr std::array<std::string_view, 4> kItemBookkeeping = {"ghost_snapshot", "compaction",
                                                              "compaction_trigger", "other"};
constexpr std::array<std::string_view, 3> kLineBookkeeping = {"turn_context", "world_state",
                                                              "rollout_reference"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& texts) {
  return std::ranges::find(texts, text) != texts.end();
}

struct Line {
  object json;
  object payload;
  FileState& state;
  Emitter& out;
};

// --- the conversation ---

void emit_user_text(std::string_view text, Emitter& out) {
  text = trimmed(text);
  if (text.empty()) return;
  const auto opening = std::ranges::find_if(
      kOpenings, [&](const Opening& known) { return text.starts_with(known.text); });
  const bool agent = !out.session().info.parent.empty() || !out.session().info.agent.empty();
  const Origin said = agent ? Origin::Delegated : Origin::Said;
  const Origin origin = opening == kOpenings.end() ? said : opening->origin;
  out.emit({.kind = RecordKind::Message, .role = Role::User, .origin = origin, .text = text});
}

void decode_message(const Line& line) {
  const std::string_view role = text_at(line.payload, "role");
  const auto content = find(line.payload, "content");
  if (!content) return line.out.misshapen("a message without content");
  const auto emit = [&](std::string_view text) {
    if (role == "user") return emit_user_text(text, line.out);
    TranscriptRecord record{.kind = RecordKind::Message, .text = trimmed(text)};
    record.role = role == "assistant" ? Role::Assistant : Role::System;
    record.origin = role == "assistant" ? Origin::Said : Origin::Context;
    if (!record.text.empty()) line.out.emit(record);
  };
  if (const auto text = as_text(*content)) return emit(*text);
  const auto blocks = as_array(*content);
  if (!blocks) return line.out.misshapen("content is no text and no list");
  for (const element item : *blocks) {
    if (const auto block = as_object(item)) emit(text_at(*block, "text"));
  }
}

void decode_reasoning(const Line& line) {
  for (const std::string_view member : {"summary", "content"}) {
    const auto blocks = find_array(line.payload, member);
    if (!blocks) continue;
    for (const element item : *blocks) {
      const auto block = as_object(item);
      const std::string_view text = block ? trimmed(text_at(*block, "text")) : std::string_view{};
      if (text.empty()) continue;
      line.out.emit({.kind = RecordKind::Message,
                     .role = Role::Assistant,
                     .origin = Origin::Thinking,
                     .text = text});
    }
  }
}

// `arguments` is the member that holds them.
void decode_call(const Line& line, std::string_view tool, std::string_view arguments) {
  std::string_view call = text_at(line.payload, "call_id");
  if (call.empty()) call = text_at(line.payload, "id");
  line.out.emit({.kind = RecordKind::ToolCall,
                 .tool = tool,
                 .call = call,
                 .arguments = arguments_at(line.payload, arguments, line.out)});
}

void decode_result(const Line& line) {
  const auto output = find(line.payload, "output");
  if (!output) return line.out.misshapen("a result without output");
  const CodexOutput read = read_codex_output(*output, line.out);
  line.out.emit({.kind = RecordKind::ToolResult,
                 .text = read.text,
                 .call = text_at(line.payload, "call_id"),
                 .outcome = read.verdict.outcome,
                 .exit_code = read.verdict.exit_code,
                 .error = read.verdict.error});
}

void decode_search_result(const Line& line) {
  const bool failed = text_at(line.payload, "status") == "failed";
  line.out.emit({.kind = RecordKind::ToolResult,
                 .text = json_at(line.payload, "tools", line.out),
                 .call = text_at(line.payload, "call_id"),
                 .outcome = failed ? Outcome::Failure : Outcome::Success});
}

void decode_item(const Line& line) {
  const std::string_view type = text_at(line.payload, "type");
  if (type == "message") return decode_message(line);
  if (type == "reasoning") return decode_reasoning(line);
  if (type == "function_call") return decode_call(line, text_at(line.payload, "name"), "arguments");
  if (type == "custom_tool_call") return decode_call(line, text_at(line.payload, "name"), "input");
  if (type == "local_shell_call") return decode_call(line, "local_shell", "action");
  if (type == "web_search_call") return decode_call(line, "web_search", "action");
  if (type == "tool_search_call") return decode_call(line, "tool_search", "arguments");
  if (type == "image_generation_call") return decode_call(line, "image_generation", "prompt");
  if (type == "tool_search_output") return decode_search_result(line);
  if (type.ends_with("_call_output")) return decode_result(line);
  if (is_one_of(type, kItemBookkeeping)) return;
  line.out.unknown("response_item/" + std::string(type));
}

// --- what happened ---

Usage usage_of(object tokens) {
  const std::uint64_t all = unsigned_at(tokens, "input_tokens").value_or(0);
  const std::uint64_t cached = unsigned_at(tokens, "cached_input_tokens").value_or(0);
  Usage usage;
  usage.input_tokens = all - std::min(all, cached);
  usage.cache_read_tokens = cached;
  usage.output_tokens = unsigned_at(tokens, "output_tokens").value_or(0);
  return usage;
}

bool is_zero(const Usage& usage) {
  return usage.input_tokens == 0 && usage.cache_read_tokens == 0 && usage.output_tokens == 0;
}

// Totals are repeated and grow: what they grew by is the usage. When they shrank,
// counting began anew.
Usage growth(const Usage& before, const Usage& now) {
  if (now.input_tokens < before.input_tokens || now.output_tokens < before.output_tokens ||
      now.cache_read_tokens < before.cache_read_tokens) {
    return now;
  }
  Usage grown;
  grown.input_tokens = now.input_tokens - before.input_tokens;
  grown.cache_read_tokens = now.cache_read_tokens - before.cache_read_tokens;
  grown.output_tokens = now.output_tokens - before.output_tokens;
  return grown;
}

void decode_tokens(const Line& line) {
  const auto info = find_object(line.payload, "info");
  const auto tokens = info ? find_object(*info, "total_token_usage") : std::nullopt;
  if (!tokens) return;
  const Usage total = usage_of(*tokens);
  const Usage grown = growth(line.state.total, total);
  line.state.total = total;
  if (!is_zero(grown)) line.out.emit({.kind = RecordKind::Usage, .usage = grown});
}

void decode_compacted(const Line& line) {
  line.state.set_note(kCompacted, "1");
  line.out.emit({.kind = RecordKind::Compaction,
                 .origin = Origin::Summary,
                 .text = text_at(line.payload, "message")});
}

void decode_event(const Line& line) {
  const std::string_view type = text_at(line.payload, "type");
  if (type == "token_count") return decode_tokens(line);
  if (type == "turn_aborted") {
    const std::string_view reason = text_at(line.payload, "reason");
    if (reason == "replaced" || reason == "review_ended") return;
    return line.out.emit({.kind = RecordKind::Interrupt, .text = reason});
  }
  if (type == "context_compacted") {
    if (line.state.note(kCompacted).empty()) line.out.emit({.kind = RecordKind::Compaction});
    line.state.set_note(kCompacted, {});
    return;
  }
  if (is_one_of(type, kEventNotices)) {
    return line.out.emit({.kind = RecordKind::Message,
                          .role = Role::System,
                          .origin = Origin::Notice,
                          .text = text_at(line.payload, "message")});
  }
  if (is_one_of(type, kEventBookkeeping) || type.starts_with("collab_")) return;
  line.out.unknown("event_msg/" + std::string(type));
}

// --- the session ---

// {"subagent":"review"}, {"subagent":{"thread_spawn":{"parent_thread_id",...}}}
void read_source(object payload, SessionState& session) {
  session.set(&SessionInfo::parent, text_at(payload, "parent_thread_id"));
  session.set(&SessionInfo::agent, text_at(payload, "agent_role"));
  const auto source = find_object(payload, "source");
  const auto kind = source ? find(*source, "subagent") : std::nullopt;
  if (!kind) return;
  if (const auto name = as_text(*kind)) return session.set(&SessionInfo::agent, *name);
  const auto fields = as_object(*kind);
  if (!fields) return;
  if (session.info.agent.empty()) session.set(&SessionInfo::agent, text_at(*fields, "other"));
  if (const auto spawn = find_object(*fields, "thread_spawn")) {
    session.set(&SessionInfo::parent, text_at(*spawn, "parent_thread_id"));
    const std::string_view role = text_at(*spawn, "agent_role");
    session.set(&SessionInfo::agent, role.empty() ? std::string_view{"thread_spawn"} : role);
  }
}

// The first one is of this session; one of the same id again means that it was taken
// up again, another one came with the history of the session that this one forked.
void decode_session(const Line& line, const LineFacts& facts) {
  const std::string_view id = text_at(line.payload, "id");
  const bool first = line.state.note(kStarted).empty();
  if (first && !id.empty()) line.state.main.id = id;
  LineFacts own = facts;
  own.session = line.state.main.id;
  SessionState& session = line.out.line(own);
  if (!first) {
    if (id == line.state.main.id) line.out.emit({.kind = RecordKind::Resume});
    return;
  }
  line.state.set_note(kStarted, "1");
  session.set(&SessionInfo::project, text_at(line.payload, "cwd"));
  session.set(&SessionInfo::version, text_at(line.payload, "cli_version"));
  if (const auto git = find_object(line.payload, "git")) {
    session.set(&SessionInfo::branch, text_at(*git, "branch"));
  }
  read_source(line.payload, session);
  line.out.announce();
}

void decode_turn_context(const Line& line) {
  SessionState& session = line.out.session();
  if (const auto model = text_at(line.payload, "model"); !model.empty()) session.model = model;
  if (session.info.project.empty())
    session.set(&SessionInfo::project, text_at(line.payload, "cwd"));
}

// Of 2025: items without an envelope, behind a first line that is the session.
void decode_bare(const Line& line, const LineFacts& facts) {
  if (text_at(line.json, "type").empty()) {
    if (!text_at(line.json, "id").empty()) return decode_session(line, facts);
    line.out.line(facts);
    if (text_at(line.json, "record_type").empty()) line.out.unknown();
    return;
  }
  line.out.line(facts);
  decode_item(line);
}

class CodexReader final : public Reader {
 public:
  std::string_view name() const override { return "codex"; }

  std::vector<std::string> default_places() const override {
    return {".codex/sessions", ".codex-pool/profiles/*/sessions"};
  }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    const std::string_view name = candidate.name();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
    std::string_view id = candidate.stem();
    if (id.size() > kUuidBytes) id.remove_prefix(id.size() - kUuidBytes);
    return Recognised{.session = std::string(id)};
  }

  bool recognises(Json record) const override {
    const auto fields = as_object(record);
    if (!fields) return false;
    const std::string_view type = text_at(*fields, "type");
    const bool enveloped = type == "session_meta" || type == "response_item" ||
                           type == "event_msg" || type == "turn_context";
    if (enveloped) return find_object(*fields, "payload").has_value();
    // The first line of 2025.
    return type.empty() && find(*fields, "instructions") && find(*fields, "timestamp");
  }

  void decode(object json, FileState& state, Emitter& out) const override {
    const auto payload = find_object(json, "payload");
    const std::string_view type = text_at(json, "type");
    const LineFacts facts{.time = time_at(json, "timestamp"), .type = type};
    const Line line{json, payload.value_or(json), state, out};
    if (!payload) return decode_bare(line, facts);
    if (type == "session_meta") return decode_session(line, facts);
    out.line(facts);
    if (type == "response_item") return decode_item(line);
    if (type == "event_msg") return decode_event(line);
    if (type == "compacted") return decode_compacted(line);
    if (type == "turn_context") return decode_turn_context(line);
    if (!is_one_of(type, kLineBookkeeping)) out.unknown();
  }
};

}  // namespace

const Reader& codex_reader() {
  static const CodexReader reader;
  return reader;
}

}  // namespace daybook::transcript
