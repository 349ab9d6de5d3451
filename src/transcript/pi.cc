// SPDX-License-Identifier: Apache-2.0
//
// pi: `~/.pi/agent/sessions/--<project>--/<time>_<session id>.jsonl`. The first line
// is the session, every other one an entry; since version 2 entries have an id and a
// parentId, so that a file is a tree of branches. An entry of type "message" is a
// message of the user or the assistant, the result of a tool, a command that the
// user ran himself, or text that an extension put there.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transcript/flat_message.h"
#include "transcript/json_view.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kExitCode = "Command exited with code ";
constexpr std::string_view kAborted = "Command aborted";
constexpr std::string_view kSkipped = "Skipped due to queued user message.";
constexpr std::string_view kBlocked = "Tool execution was blocked";
constexpr std::array<std::string_view, 2> kSummaries = {
    "The conversation history before this point was compacted into",
    "The following is a summary of a branch"};
// What pi writes before the words of a user who named a skill or a file.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kInserted = {
    {{"<skill name=", "</skill>"}, {"<file name=", "</file>"}}};
// Entries about the session, not of the conversation.
constexpr std::array<std::string_view, 4> kBookkeeping = {"thinking_level_change", "custom",
                                                          "label", "session_info"};

std::string_view last_line(std::string_view text) {
  text = trimmed(text);
  return text.substr(text.rfind('\n') + 1);
}

std::optional<std::int64_t> exit_code_of(std::string_view text) {
  const std::string_view line = last_line(text);
  if (!line.starts_with(kExitCode)) return std::nullopt;
  std::int64_t code = 0;
  const char* end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data() + kExitCode.size(), end, code);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return code;
}

// pi tells why a call failed in words only.
Outcome failure_of(std::string_view text) {
  const std::string_view line = last_line(text);
  if (line == kAborted || line == kSkipped) return Outcome::Interrupted;
  if (text.starts_with(kBlocked)) return Outcome::Refused;
  return Outcome::Failure;
}

// The id in "<time>_<session id>"; the whole text without "_".
std::string_view id_of_stem(std::string_view stem) { return stem.substr(stem.find('_') + 1); }

// The session that a path to a session file names.
std::string_view id_of_path(std::string_view path) {
  path = path.substr(path.find_last_of("/\\") + 1);
  return id_of_stem(path.substr(0, std::min(path.rfind('.'), path.size())));
}

std::optional<Usage> usage_of(object message) {
  const auto said = find_object(message, "usage");
  if (!said) return std::nullopt;
  Usage usage;
  usage.input_tokens = unsigned_at(*said, "input").value_or(0);
  usage.output_tokens = unsigned_at(*said, "output").value_or(0);
  usage.cache_read_tokens = unsigned_at(*said, "cacheRead").value_or(0);
  usage.cache_write_tokens = unsigned_at(*said, "cacheWrite").value_or(0);
  if (const auto cost = find_object(*said, "cost")) usage.cost = money_at(*cost, "total");
  return usage;
}

void decode_session(object line, FileState& state, Emitter& out) {
  if (const auto id = text_at(line, "id"); !id.empty()) state.main.id = id;
  SessionState& session =
      out.line({.session = state.main.id, .time = time_at(line, "timestamp"), .type = "session"});
  session.set(&SessionInfo::project, text_at(line, "cwd"));
  std::string_view parent = text_at(line, "parentSession");
  if (parent.empty()) parent = text_at(line, "branchedFrom");
  session.set(&SessionInfo::parent, id_of_path(parent));
  if (const auto model = text_at(line, "modelId"); !model.empty()) session.model = model;
  out.announce();
}

void emit_said(std::string_view text, Emitter& out) {
  for (const auto& [open, close] : kInserted) {
    if (!text.starts_with(open)) continue;
    const std::size_t end = text.find(close);
    if (end == std::string_view::npos) continue;
    const std::size_t length = end + close.size();
    out.emit({.kind = RecordKind::Message,
              .role = Role::User,
              .origin = Origin::Context,
              .text = text.substr(0, length)});
    const std::string_view rest = trimmed(text.substr(length));
    if (!rest.empty()) emit_said(rest, out);
    return;
  }
  Origin origin = is_slash_command(text) ? Origin::Command : Origin::Said;
  for (const auto summary : kSummaries) {
    if (text.starts_with(summary)) origin = Origin::Summary;
  }
  out.emit({.kind = RecordKind::Message, .role = Role::User, .origin = origin, .text = text});
}

void emit_injected(object message, std::string_view member, Origin origin, Emitter& out) {
  const auto content = find(message, member);
  if (!content) return out.misshapen("a message without content");
  out.emit({.kind = RecordKind::Message,
            .role = Role::User,
            .origin = origin,
            .text = joined_text(*content, out)});
}

// A command that the user ran with "!": no call of the agent's.
void emit_shell(object message, Emitter& out) {
  std::string& text = out.buffer();
  text.append("!").append(text_at(message, "command"));
  if (const auto output = text_at(message, "output"); !output.empty()) {
    text.append("\n").append(output);
  }
  out.emit(
      {.kind = RecordKind::Message, .role = Role::User, .origin = Origin::Command, .text = text});
}

void emit_block(element item, Answer& answer, Emitter& out) {
  const auto block = as_object(item);
  const std::string_view type = block ? text_at(*block, "type") : std::string_view{};
  if (type == "text") return answer.say(Origin::Said, text_at(*block, "text"));
  if (type == "thinking") return answer.say(Origin::Thinking, text_at(*block, "thinking"));
  if (type != "toolCall") return out.unknown(type.empty() ? "block" : type);
  answer.call(text_at(*block, "name"), text_at(*block, "id"), json_at(*block, "arguments", out));
}

void emit_answer(object message, Emitter& out) {
  Answer answer(out, {.model = text_at(message, "model"),
                      .api_message = text_at(message, "responseId"),
                      .usage = usage_of(message)});
  if (const auto blocks = find_array(message, "content")) {
    for (const element item : *blocks) emit_block(item, answer, out);
  } else {
    answer.say(Origin::Said, text_at(message, "content"));
  }
  answer.finish();
  const std::string_view stop = text_at(message, "stopReason");
  const std::string_view why = text_at(message, "errorMessage");
  if (stop == "aborted") {
    out.emit({.kind = RecordKind::Interrupt, .text = why});
  } else if (stop == "error") {
    out.emit(
        {.kind = RecordKind::Message, .role = Role::System, .origin = Origin::Notice, .text = why});
  }
}

void emit_result(object message, Emitter& out) {
  TranscriptRecord record{.kind = RecordKind::ToolResult};
  record.tool = text_at(message, "toolName");
  record.call = text_at(message, "toolCallId");
  if (const auto content = find(message, "content")) record.text = joined_text(*content, out);
  record.exit_code = exit_code_of(record.text);
  if (const auto failed = bool_at(message, "isError")) {
    record.outcome = *failed ? failure_of(record.text) : Outcome::Success;
    if (*failed) record.error = record.text;
  }
  out.emit(record);
}

void emit_user(object message, Emitter& out) {
  const auto content = find(message, "content");
  if (!content || !(content->is_string() || content->is_array())) {
    return out.misshapen("a user's message without content");
  }
  const std::string_view text = joined_text(*content, out);
  if (!trimmed(text).empty()) emit_said(text, out);
}

void decode_message(object line, Emitter& out) {
  const auto message = find_object(line, "message");
  if (!message) return out.misshapen("message is no object");
  const std::string_view role = text_at(*message, "role");
  if (role == "user") return emit_user(*message, out);
  if (role == "assistant") return emit_answer(*message, out);
  if (role == "toolResult") return emit_result(*message, out);
  if (role == "bashExecution") return emit_shell(*message, out);
  if (role == "custom" || role == "hookMessage") {
    return emit_injected(*message, "content", Origin::Context, out);
  }
  if (role == "branchSummary" || role == "compactionSummary") {
    return emit_injected(*message, "summary", Origin::Summary, out);
  }
  if (role.empty()) return out.misshapen("a message without a role");
  out.unknown(role);
}

void decode_entry(object line, std::string_view type, Emitter& out) {
  if (type == "message") return decode_message(line, out);
  if (type == "compaction") {
    return out.emit({.kind = RecordKind::Compaction, .text = text_at(line, "summary")});
  }
  if (type == "branch_summary") return emit_injected(line, "summary", Origin::Summary, out);
  if (type == "custom_message") return emit_injected(line, "content", Origin::Context, out);
  if (type == "model_change") {
    out.session().model = text_at(line, "modelId");
    return;
  }
  if (std::ranges::find(kBookkeeping, type) != kBookkeeping.end()) return;
  if (type.empty()) return out.misshapen("an entry without a type");
  out.unknown();
}

class Pi final : public Reader {
 public:
  std::string_view name() const override { return "pi"; }

  std::vector<std::string> default_places() const override { return {".pi/agent/sessions"}; }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (!candidate.name().ends_with(".jsonl")) return std::nullopt;
    const std::string_view directory = candidate.name(1);
    const bool of_project = directory.starts_with("--") && directory.ends_with("--");
    return Recognised{.session = std::string(id_of_stem(candidate.stem())),
                      .project = std::string(of_project ? directory : ""),
                      .seat = {}};
  }

  bool recognises(Json record) const override {
    const auto fields = as_object(record);
    return fields && text_at(*fields, "type") == "session" && !text_at(*fields, "id").empty() &&
           !text_at(*fields, "cwd").empty();
  }

  void decode(object line, FileState& state, Emitter& out) const override {
    const std::string_view type = text_at(line, "type");
    if (type == "session") return decode_session(line, state, out);
    LineFacts facts{.session = state.main.id,
                    .id = text_at(line, "id"),
                    .time = time_at(line, "timestamp"),
                    .type = type};
    if (find(line, "parentId")) facts.parent = text_at(line, "parentId");
    out.line(facts);
    decode_entry(line, type, out);
  }
};

}  // namespace

const Reader& pi_reader() {
  static const Pi reader;
  return reader;
}

}  // namespace daybook::transcript
