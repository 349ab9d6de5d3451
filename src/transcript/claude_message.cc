// SPDX-License-Identifier: Apache-2.0
#include "transcript/claude_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "transcript/flat_message.h"

namespace daybook::transcript {
namespace {

// How the harness words what the user did to a call; the tool itself says none of it.
constexpr std::array<std::string_view, 8> kRefusals = {
    "The user doesn't want to proceed with this tool use",
    "The agent proposed a plan that was rejected by the user",
    "User rejected tool use",
    "Claude requested permissions to",
    "Permission to use ",
    "Permission for this ",
    "This command requires approval",
    "This Bash command contains multiple operations",
};
constexpr std::array<std::string_view, 5> kInterruptions = {
    "The user doesn't want to take this action right now",
    "[Request interrupted by user",
    "Cancelled: parallel tool call",
    "Sibling tool call errored",
    "Interrupted by user",
};
constexpr std::array<std::string_view, 2> kInnerInterruptions = {
    "[Request interrupted by user", "<error>Command was aborted before completion</error>"};
constexpr std::string_view kErrorOpen = "<tool_use_error>";
constexpr std::string_view kErrorClose = "</tool_use_error>";
constexpr std::string_view kExitCode = "Exit code ";
constexpr std::string_view kSyntheticModel = "<synthetic>";
constexpr std::string_view kDenied = " has been denied";
constexpr std::size_t kMaxDenialBytes = 400;  // of a text that says so

template <std::size_t N>
bool starts_with_any(std::string_view text, const std::array<std::string_view, N>& prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}
template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(parts, [&](auto part) { return text.find(part) != text.npos; });
}

std::optional<std::int64_t> leading_exit_code(std::string_view text) {
  if (!text.starts_with(kExitCode)) return std::nullopt;
  text.remove_prefix(kExitCode.size());
  std::int64_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  const bool alone = end == text.data() + text.size() || *end == '\n' || *end == '\r';
  return error == std::errc{} && alone ? std::optional(code) : std::nullopt;
}

// Without the tags that mark an error of the tool's input.
std::string_view unwrapped(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(kErrorOpen)) return text;
  text.remove_prefix(kErrorOpen.size());
  if (text.ends_with(kErrorClose)) text.remove_suffix(kErrorClose.size());
  return trimmed(text);
}

bool was_refused(std::string_view error) {
  return starts_with_any(error, kRefusals) ||
         (error.size() <= kMaxDenialBytes && error.find(kDenied) != error.npos);
}

Verdict judge_error(std::string_view text) {
  const std::string_view error = unwrapped(text);
  Verdict verdict{
      .outcome = Outcome::Failure, .exit_code = leading_exit_code(error), .error = error};
  if (was_refused(error)) {
    verdict.outcome = Outcome::Refused;
  } else if (starts_with_any(error, kInterruptions) || contains_any(error, kInnerInterruptions)) {
    verdict.outcome = Outcome::Interrupted;
  }
  return verdict;
}

// `details` is what the harness keeps about the result for itself.
Verdict judge(object block, std::string_view text, std::optional<object> details) {
  if (bool_at(block, "is_error").value_or(false)) return judge_error(text);
  Verdict verdict{.outcome = Outcome::Success};
  if (!details) return verdict;
  if (bool_at(*details, "interrupted").value_or(false)) verdict.outcome = Outcome::Interrupted;
  verdict.exit_code = integer_at(*details, "exitCode");
  return verdict;
}

void emit_result(object block, std::optional<object> details, Emitter& out) {
  TranscriptRecord record{.kind = RecordKind::ToolResult};
  record.call = text_at(block, "tool_use_id");
  if (const auto content = find(block, "content")) record.text = joined_text(*content, out);
  const Verdict verdict = judge(block, record.text, details);
  record.outcome = verdict.outcome;
  record.exit_code = verdict.exit_code;
  record.error = verdict.error;
  out.emit(record);
}

// The result of a tool that ran on the model's side: an object of a type that says
// "error", or whatever it found.
void emit_server_result(object block, Emitter& out) {
  TranscriptRecord record{.kind = RecordKind::ToolResult, .outcome = Outcome::Success};
  record.call = text_at(block, "tool_use_id");
  record.text = json_at(block, "content", out);
  if (const auto content = find_object(block, "content")) {
    if (text_at(*content, "type").ends_with("error")) {
      record.outcome = Outcome::Failure;
      record.error = text_at(*content, "error_code");
    }
  }
  out.emit(record);
}

void emit_user_block(object block, object line, Origin origin, UserTextSink sink, Emitter& out) {
  const std::string_view type = text_at(block, "type");
  if (type == "text") return sink(text_at(block, "text"), origin, out);
  if (type == "tool_result") return emit_result(block, find_object(line, "toolUseResult"), out);
  if (type == "image" || type == "document") return;
  out.unknown("user/" + std::string(type));
}

std::optional<Usage> usage_of(object line, object message) {
  const auto said = find_object(message, "usage");
  if (!said) return std::nullopt;
  Usage usage;
  usage.input_tokens = unsigned_at(*said, "input_tokens").value_or(0);
  usage.output_tokens = unsigned_at(*said, "output_tokens").value_or(0);
  usage.cache_read_tokens = unsigned_at(*said, "cache_read_input_tokens").value_or(0);
  usage.cache_write_tokens = unsigned_at(*said, "cache_creation_input_tokens").value_or(0);
  usage.cost = money_at(line, "costUSD");
  return usage;
}

void emit_answer_block(object block, Origin origin, Answer& answer, Emitter& out) {
  const std::string_view type = text_at(block, "type");
  if (type == "text") return answer.say(origin, text_at(block, "text"));
  if (type == "thinking") return answer.say(Origin::Thinking, text_at(block, "thinking"));
  if (type == "redacted_thinking") return;
  if (type == "tool_use" || type == "server_tool_use" || type == "mcp_tool_use") {
    return answer.call(text_at(block, "name"), text_at(block, "id"), json_at(block, "input", out));
  }
  if (type.ends_with("tool_result")) return emit_server_result(block, out);
  out.unknown("assistant/" + std::string(type));
}

}  // namespace

void decode_claude_user(object line, Origin origin, UserTextSink sink, Emitter& out) {
  const auto message = find_object(line, "message");
  const auto content = message ? find(*message, "content") : std::nullopt;
  if (!content) return out.misshapen("a user's message without content");
  if (const auto text = as_text(*content)) return sink(*text, origin, out);
  const auto blocks = as_array(*content);
  if (!blocks) return out.misshapen("content is no text and no list");
  for (const element item : *blocks) {
    if (const auto block = as_object(item)) {
      emit_user_block(*block, line, origin, sink, out);
    } else if (const auto text = as_text(item)) {
      sink(*text, origin, out);
    }
  }
}

void decode_claude_assistant(object line, Emitter& out) {
  const auto message = find_object(line, "message");
  const auto content = message ? find(*message, "content") : std::nullopt;
  if (!content) return out.misshapen("an answer without content");
  const std::string_view model = text_at(*message, "model");
  const bool synthetic = model == kSyntheticModel;
  if (!model.empty() && !synthetic) out.session().model = model;
  const bool notice = synthetic || bool_at(line, "isApiErrorMessage").value_or(false);
  const Origin origin = notice ? Origin::Notice : Origin::Said;
  TranscriptRecord shared{.model = synthetic ? std::string_view{} : model,
                          .api_message = text_at(*message, "id")};
  if (!synthetic) shared.usage = usage_of(line, *message);
  Answer answer(out, shared);
  if (const auto text = as_text(*content)) {
    answer.say(origin, *text);
  } else if (const auto blocks = as_array(*content)) {
    for (const element item : *blocks) {
      if (const auto block = as_object(item)) emit_answer_block(*block, origin, answer, out);
    }
  } else {
    return out.misshapen("content is no text and no list");
  }
  answer.finish();
}

}  // namespace daybook::transcript
