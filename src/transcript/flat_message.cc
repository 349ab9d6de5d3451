// SPDX-License-Identifier: Apache-2.0
#include "transcript/flat_message.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/json.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kMaxCallsOfMessage = 1'024;  // looked through for repeats
// What harnesses put into messages under the user's role.
constexpr std::array<std::string_view, 3> kInserted = {"<system-reminder", "<context_file",
                                                       "<environment"};
constexpr std::array<std::string_view, 3> kRefusals = {
    "Denied by hook:", "Tool execution denied:", "Denied:"};
constexpr std::array<std::string_view, 2> kErrors = {"Error: ", "Internal error executing tool: "};
constexpr std::string_view kCancelled = "Tool execution was cancelled";
constexpr std::array<std::string_view, 3> kExitCodes = {"returncode", "exit_code", "exitCode"};

template <std::size_t N>
bool starts_with_any(std::string_view text, const std::array<std::string_view, N>& prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

// The text of one block, or of a bare text among blocks.
std::string_view block_text(element item) {
  if (const auto text = as_text(item)) return *text;
  const auto block = as_object(item);
  if (!block) return {};
  const std::string_view type = text_at(*block, "type");
  const bool is_text =
      type.empty() || type == "text" || type == "input_text" || type == "output_text";
  return is_text ? text_at(*block, "text") : std::string_view{};
}

std::string_view to_json(element value, Emitter& out) {
  std::string& json = out.buffer();
  append_json(json, value);
  return json;
}

std::optional<std::int64_t> exit_code_of(object envelope) {
  const auto output = find_object(envelope, "output");
  for (const auto member : kExitCodes) {
    if (const auto code = integer_at(envelope, member)) return code;
    if (!output) continue;
    if (const auto code = integer_at(*output, member)) return code;
  }
  return std::nullopt;
}

bool says_denied(object envelope) {
  const auto is_denial = [](std::string_view code) {
    return code == "denied" || code.ends_with("_denied");
  };
  if (is_denial(text_at(envelope, "code"))) return true;
  if (const auto error = find_object(envelope, "error")) {
    if (is_denial(text_at(*error, "code"))) return true;
  }
  const auto output = find_object(envelope, "output");
  return output && (text_at(*output, "status") == "denied" || find(*output, "denied_mode"));
}

Outcome outcome_of(object envelope, const Verdict& verdict) {
  const auto success = bool_at(envelope, "success");
  if (success != true &&
      (bool_at(envelope, "cancelled").value_or(false) || verdict.error.starts_with(kCancelled))) {
    return Outcome::Interrupted;
  }
  if (success == false) {
    const bool refused = says_denied(envelope) || starts_with_any(verdict.error, kRefusals);
    return refused ? Outcome::Refused : Outcome::Failure;
  }
  if (verdict.exit_code.value_or(0) != 0) return Outcome::Failure;
  if (success == true) return Outcome::Success;
  if (!verdict.error.empty()) return Outcome::Failure;
  return verdict.exit_code ? Outcome::Success : Outcome::Unknown;
}

// What a failed command printed, when the envelope gives no reason.
std::string_view reason_of(object envelope) {
  const auto output = find_object(envelope, "output");
  for (const auto& fields : {output, std::optional(envelope)}) {
    if (!fields) continue;
    if (const auto text = trimmed(text_at(*fields, "stderr")); !text.empty()) return text;
  }
  return trimmed(text_at(envelope, "output"));
}

Verdict judge_envelope(object envelope, Emitter& out) {
  Verdict verdict{.exit_code = exit_code_of(envelope)};
  if (const auto error = find(envelope, "error"); error && !error->is_null()) {
    verdict.error = error_text(*error, out);
  }
  verdict.outcome = outcome_of(envelope, verdict);
  if (verdict.outcome == Outcome::Failure && verdict.error.empty()) {
    verdict.error = reason_of(envelope);
  }
  return verdict;
}

// An envelope in a text is parsed by a parser of its own: the line's is in use.
std::optional<object> envelope_in(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  thread_local simdjson::dom::parser parser;
  element value;
  if (parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) return std::nullopt;
  return as_object(value);
}

Verdict judge_plain(std::string_view text, PlainResults plain) {
  if (starts_with_any(text, kRefusals)) return {.outcome = Outcome::Refused, .error = text};
  if (plain == PlainResults::Silent) return {};
  for (const auto prefix : kErrors) {
    if (text.starts_with(prefix)) {
      return {.outcome = Outcome::Failure, .error = text.substr(prefix.size())};
    }
  }
  return {.outcome = Outcome::Success};
}

void emit_result(TranscriptRecord record, const Verdict& verdict, Emitter& out) {
  record.kind = RecordKind::ToolResult;
  record.outcome = verdict.outcome;
  record.exit_code = verdict.exit_code;
  record.error = verdict.error;
  out.emit(record);
}

// A message of the role "tool".
void emit_tool_message(object message, PlainResults plain, Emitter& out) {
  const auto content = find(message, "content");
  if (!content || content->is_null()) return out.misshapen("a tool's result without content");
  TranscriptRecord record;
  record.tool = text_at(message, "name");
  record.call = text_at(message, "tool_call_id");
  record.text = content->is_string() || content->is_array() ? joined_text(*content, out)
                                                            : to_json(*content, out);
  emit_result(record, judge_result(*content, plain, out), out);
}

// A block of the type "tool_result" in a user's message.
void emit_result_block(object block, Emitter& out) {
  TranscriptRecord record;
  record.call = text_at(block, "tool_use_id");
  if (const auto content = find(block, "content")) record.text = joined_text(*content, out);
  Verdict verdict;
  if (const auto is_error = bool_at(block, "is_error")) {
    verdict.outcome = *is_error ? Outcome::Failure : Outcome::Success;
    if (*is_error) verdict.error = record.text;
  }
  emit_result(record, verdict, out);
}

void emit_user_message(object message, Origin said, Emitter& out) {
  const auto content = find(message, "content");
  if (!content || content->is_null()) return out.misshapen("a user's message without content");
  const auto blocks = as_array(*content);
  if (!blocks && !content->is_string()) return out.misshapen("content is no text and no list");
  if (blocks) {
    for (const element item : *blocks) {
      const auto block = as_object(item);
      if (block && text_at(*block, "type") == "tool_result") emit_result_block(*block, out);
    }
  }
  const std::string_view text = joined_text(*content, out);
  if (!trimmed(text).empty()) emit_user_text(text, said, out);
}

// A call as OpenAI ({"function":{"name","arguments"}}) or Amplifier ({"tool"}) writes it.
void emit_call(object call, std::vector<std::string_view>& seen, Answer& answer, Emitter& out) {
  const std::string_view id = text_at(call, "id");
  if (!id.empty() && std::ranges::find(seen, id) != seen.end()) return;
  if (seen.size() < kMaxCallsOfMessage) seen.push_back(id);
  const object fields = find_object(call, "function").value_or(call);
  std::string_view tool = text_at(fields, "name");
  if (tool.empty()) tool = text_at(fields, "tool");
  std::string_view arguments = arguments_at(fields, "arguments", out);
  if (arguments.empty()) arguments = arguments_at(fields, "input", out);
  answer.call(tool, id, arguments);
}

void emit_answer_block(element item, std::vector<std::string_view>& seen, Answer& answer,
                       Emitter& out) {
  const auto block = as_object(item);
  const std::string_view type = block ? text_at(*block, "type") : std::string_view{};
  if (const auto text = block_text(item); !text.empty()) return answer.say(Origin::Said, text);
  if (type == "thinking") return answer.say(Origin::Thinking, text_at(*block, "thinking"));
  if (type == "tool_use" || type == "tool_call") return emit_call(*block, seen, answer, out);
}

void emit_assistant_message(object message, const TranscriptRecord& shared, Emitter& out) {
  Answer answer(out, shared);
  std::vector<std::string_view> seen;
  if (const auto thinking = find_object(message, "thinking_block")) {
    answer.say(Origin::Thinking, text_at(*thinking, "thinking"));
  }
  const auto content = find(message, "content");
  if (const auto blocks = content ? as_array(*content) : std::nullopt) {
    for (const element item : *blocks) emit_answer_block(item, seen, answer, out);
  } else if (content) {
    answer.say(Origin::Said, block_text(*content));
  }
  if (const auto calls = find_array(message, "tool_calls")) {
    for (const element item : *calls) {
      if (const auto call = as_object(item)) emit_call(*call, seen, answer, out);
    }
  }
  answer.finish();
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view error_text(element error, Emitter& out) {
  if (const auto text = as_text(error)) return *text;
  if (const auto list = as_array(error)) {
    return list->size() == 0 ? std::string_view{} : error_text(list->at(0), out);
  }
  const auto fields = as_object(error);
  for (const std::string_view member : {"message", "msg"}) {
    if (!fields) break;
    if (const auto text = text_at(*fields, member); !text.empty()) return text;
  }
  return to_json(error, out);
}

std::string_view joined_text(element content, Emitter& out) {
  const auto blocks = as_array(content);
  if (!blocks) return block_text(content);
  std::string_view only;
  std::string* joined = nullptr;
  for (const element item : *blocks) {
    const std::string_view text = block_text(item);
    if (text.empty()) continue;
    if (only.empty()) {
      only = text;
      continue;
    }
    if (joined == nullptr) {
      joined = &out.buffer();
      joined->assign(only);
    }
    joined->append("\n").append(text);
  }
  return joined == nullptr ? only : std::string_view{*joined};
}

std::string_view json_at(object from, std::string_view key, Emitter& out) {
  const auto value = find(from, key);
  return value ? to_json(*value, out) : std::string_view{};
}

std::string_view arguments_at(object from, std::string_view key, Emitter& out) {
  const std::string_view text = text_at(from, key);
  return !text.empty() && check_json(text) ? text : json_at(from, key, out);
}

bool is_slash_command(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('/') || text.size() > kMaxSlashCommandBytes) return false;
  return std::ranges::all_of(text.substr(1), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
  });
}

Verdict judge_result(element result, PlainResults plain, Emitter& out) {
  if (const auto envelope = as_object(result)) return judge_envelope(*envelope, out);
  const std::string_view text = joined_text(result, out);
  const auto envelope = envelope_in(text);
  if (!envelope) return judge_plain(text, plain);
  Verdict verdict = judge_envelope(*envelope, out);
  std::string& kept = out.buffer();  // the parser of envelopes is used again
  kept.assign(verdict.error);
  verdict.error = kept;
  return verdict;
}

void Answer::say(Origin origin, std::string_view text) {
  if (trimmed(text).empty()) return;
  emit({.kind = RecordKind::Message, .role = Role::Assistant, .origin = origin, .text = text});
}

void Answer::call(std::string_view tool, std::string_view call, std::string_view arguments) {
  emit({.kind = RecordKind::ToolCall, .tool = tool, .call = call, .arguments = arguments});
}

void Answer::finish() {
  if (shared_.usage) emit({.kind = RecordKind::Usage});
}

void Answer::emit(TranscriptRecord record) {
  record.model = shared_.model;
  record.api_message = shared_.api_message;
  record.usage = std::exchange(shared_.usage, std::nullopt);
  out_->emit(record);
}

void emit_user_text(std::string_view text, Origin said, Emitter& out) {
  Origin origin = is_slash_command(text) ? Origin::Command : said;
  if (starts_with_any(trimmed(text), kInserted)) origin = Origin::Context;
  out.emit({.kind = RecordKind::Message, .role = Role::User, .origin = origin, .text = text});
}

void emit_flat_message(object message, const TranscriptRecord& shared, const FlatRules& rules,
                       Emitter& out) {
  const std::string_view role = text_at(message, "role");
  if (role == "user") return emit_user_message(message, rules.said, out);
  if (role == "assistant") return emit_assistant_message(message, shared, out);
  if (role == "tool" || role == "function") return emit_tool_message(message, rules.plain, out);
  if (role.empty()) return out.misshapen("a message without a role");
  if (role != "system" && role != "developer") return out.unknown(role);
  const auto content = find(message, "content");
  if (!content) return out.misshapen("a system message without content");
  out.emit({.kind = RecordKind::Message,
            .role = Role::System,
            .origin = Origin::Context,
            .text = joined_text(*content, out)});
}

}  // namespace daybook::transcript
