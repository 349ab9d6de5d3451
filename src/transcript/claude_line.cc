// SPDX-License-Identifier: Apache-2.0
#include "transcript/claude_line.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "transcript/flat_message.h"

namespace daybook::transcript {
namespace {

// About the session's files, its appearance or its queue: nothing of the conversation.
constexpr std::array<std::string_view, 26> kBookkeeping = {"summary",
                                                           "file-history-snapshot",
                                                           "last-prompt",
                                                           "custom-title",
                                                           "ai-title",
                                                           "agent-name",
                                                           "agent-color",
                                                           "agent-setting",
                                                           "permission-mode",
                                                           "mode",
                                                           "tag",
                                                           "pr-link",
                                                           "queue-operation",
                                                           "content-replacement",
                                                           "progress",
                                                           "attribution-snapshot",
                                                           "speculation-accept",
                                                           "worktree-state",
                                                           "task-summary",
                                                           "bridge-session",
                                                           "started",
                                                           "result",
                                                           "file-history-delta",
                                                           "marble-origami-commit",
                                                           "marble-origami-snapshot",
                                                           "relocated"};
constexpr std::array<std::string_view, 9> kSystemBookkeeping = {
    "stop_hook_summary", "turn_duration", "microcompact_boundary",
    "memory_saved",      "bridge_status", "file_snapshot",
    "permission_retry",  "agents_killed", "scheduled_task_fire"};
constexpr std::string_view kResumeHook = "SessionStart:resume";
// Notes in the state of the file.
constexpr std::string_view kCompacted = "compacted";  // the summary is still to come
constexpr std::string_view kResumed = "resumed";      // and nothing was said since

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& texts) {
  return std::ranges::find(texts, text) != texts.end();
}

struct Line {
  object json;
  FileState& state;
  UserTextSink sink;
  Emitter& out;
};

void begin_line(object json, std::string_view type, FileState& state, Emitter& out) {
  const std::string_view session = text_at(json, "sessionId");
  std::string_view agent = text_at(json, "agentId");
  if (agent.empty() && !state.note(kClaudeAgentNote).empty()) agent = state.main.id;
  LineFacts facts{.session = agent.empty() ? session : agent,
                  .id = text_at(json, "uuid"),
                  .time = time_at(json, "timestamp"),
                  .type = type};
  if (const auto parent = find(json, "parentUuid")) {
    facts.parent = as_text(*parent).value_or(std::string_view{});
    if (facts.parent->empty()) facts.parent = text_at(json, "logicalParentUuid");
  }
  SessionState& now = out.line(facts);
  if (facts.id.empty()) return;  // says nothing of the session that could be relied on
  // Of a sub-agent's sub-agent, too, the line names the session: the files beside it know better.
  if (!agent.empty() && now.info.parent.empty()) now.set(&SessionInfo::parent, session);
  now.set(&SessionInfo::version, text_at(json, "version"));
  // Where it started: every "cd" of the agent shows up in later lines.
  if (now.info.project == state.main.project) now.set(&SessionInfo::project, text_at(json, "cwd"));
  now.set(&SessionInfo::branch, text_at(json, "gitBranch"));
}

// Every hook of a resumed session says so: the first one counts.
void decode_resume(Line& line) {
  if (!line.state.note(kResumed).empty()) return;
  line.state.set_note(kResumed, "1");
  line.out.emit({.kind = RecordKind::Resume});
}

Origin origin_of_user(const Line& line) {
  if (const auto origin = find_object(line.json, "origin")) {
    const std::string_view kind = text_at(*origin, "kind");
    if (!kind.empty() && kind != "human" && kind != "user") return Origin::Notice;
  }
  if (bool_at(line.json, "isMeta").value_or(false)) return Origin::Context;
  const bool agents =
      bool_at(line.json, "isSidechain").value_or(false) || !line.out.session().info.parent.empty();
  return agents ? Origin::Delegated : Origin::Said;
}

// The summary of a compaction. Older versions write no boundary before it: then it
// is the compaction.
void decode_summary(Line& line) {
  const auto message = find_object(line.json, "message");
  const auto content = message ? find(*message, "content") : std::nullopt;
  if (!content) return line.out.misshapen("a summary without content");
  const std::string_view text = joined_text(*content, line.out);
  const bool announced = !line.state.note(kCompacted).empty();
  line.state.set_note(kCompacted, {});
  const TranscriptRecord record{.kind = announced ? RecordKind::Message : RecordKind::Compaction,
                                .role = Role::User,
                                .origin = Origin::Summary,
                                .text = text};
  line.out.emit(record);
}

void decode_user(Line& line) {
  if (bool_at(line.json, "isCompactSummary").value_or(false)) return decode_summary(line);
  line.state.set_note(kResumed, {});
  decode_claude_user(line.json, origin_of_user(line), line.sink, line.out);
}

std::string_view error_of(object json, Emitter& out) {
  const auto error = find(json, "error");
  if (!error || error->is_null()) return {};
  if (const auto fields = as_object(*error)) {
    if (const auto inner = find_object(*fields, "error")) return error_of(*fields, out);
  }
  return error_text(*error, out);
}

void decode_system(Line& line) {
  const std::string_view subtype = text_at(line.json, "subtype");
  const std::string_view content = text_at(line.json, "content");
  if (subtype == "compact_boundary") {
    line.state.set_note(kCompacted, "1");
    return line.out.emit({.kind = RecordKind::Compaction});
  }
  if (is_one_of(subtype, kSystemBookkeeping)) return;
  TranscriptRecord record{
      .kind = RecordKind::Message, .role = Role::System, .origin = Origin::Notice, .text = content};
  if (subtype == "local_command") record.origin = Origin::Command;
  if (record.text.empty()) record.text = error_of(line.json, line.out);
  if (record.text.empty()) return line.out.unknown("system/" + std::string(subtype));
  line.out.emit(record);
}

// The text of an attachment, wherever its type keeps it; empty: none.
std::string_view text_of(object attachment, Emitter& out) {
  for (const std::string_view member : {"content", "prompt", "snippet", "stderr"}) {
    const auto value = find(attachment, member);
    if (!value) continue;
    const auto inner = as_object(*value);
    const auto content = inner ? find(*inner, "content") : value;
    const std::string_view text = content ? joined_text(*content, out) : std::string_view{};
    if (!trimmed(text).empty()) return text;
  }
  return {};
}

void decode_attachment(Line& line) {
  const auto attachment = find_object(line.json, "attachment");
  if (!attachment) return line.out.misshapen("an attachment that is no object");
  const std::string_view type = text_at(*attachment, "type");
  if (text_at(*attachment, "hookName") == kResumeHook) decode_resume(line);
  const std::string_view text = text_of(*attachment, line.out);
  if (text.empty()) return;
  if (type == "queued_command") {
    // What the user typed while the agent was busy.
    const std::string_view mode = text_at(*attachment, "commandMode");
    return line.sink(text, mode.empty() || mode == "prompt" ? origin_of_user(line) : Origin::Notice,
                     line.out);
  }
  const bool notice = type.starts_with("hook_") && type != "hook_additional_context";
  line.out.emit({.kind = RecordKind::Message,
                 .role = Role::User,
                 .origin = notice ? Origin::Notice : Origin::Context,
                 .text = text});
}

void decode_progress(Line& line) {
  const auto data = find_object(line.json, "data");
  if (data && text_at(*data, "hookName") == kResumeHook) decode_resume(line);
}

}  // namespace

void decode_claude_line(object json, FileState& state, UserTextSink sink, Emitter& out) {
  const std::string_view type = text_at(json, "type");
  begin_line(json, type, state, out);
  Line line{json, state, sink, out};
  if (type == "assistant") {
    state.set_note(kResumed, {});
    return decode_claude_assistant(json, out);
  }
  if (type == "user") return decode_user(line);
  if (type == "attachment") return decode_attachment(line);
  if (type == "system") return decode_system(line);
  if (type == "progress") return decode_progress(line);
  if (is_one_of(type, kBookkeeping)) return;
  if (type.empty() && !text_at(json, "role").empty()) {
    // The oldest form, and the simplest: {"role","content","name"}.
    return emit_flat_message(json, {}, {}, out);
  }
  out.unknown();
}

bool is_claude_record(object record) {
  const std::string_view type = text_at(record, "type");
  const bool speaks = type == "user" || type == "assistant" || type == "system" ||
                      type == "attachment" || type == "progress";
  if (speaks) {
    return find(record, "sessionId") || find(record, "parentUuid") ||
           (find(record, "uuid") && find(record, "message"));
  }
  return is_one_of(type, kBookkeeping) &&
         (find(record, "sessionId") || find(record, "leafUuid") || find(record, "snapshot"));
}

}  // namespace daybook::transcript
