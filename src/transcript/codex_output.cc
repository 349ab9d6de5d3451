// SPDX-License-Identifier: Apache-2.0
#include "transcript/codex_output.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace daybook::transcript {
namespace {

// Where a heading gives the exit code.
constexpr std::array<std::string_view, 4> kExitCodes = {"Process exited with code ",
                                                        "Exit code: ", "exit code ", "exit code: "};
constexpr std::string_view kRunning = "Process running with session ID ";
constexpr std::string_view kBody = "Output:\n";
constexpr std::size_t kMaxHeadingLines = 8;
constexpr std::array<std::string_view, 3> kInterruptions = {"aborted by user", "aborted",
                                                            "Aborted"};
constexpr std::array<std::string_view, 5> kRefusals = {
    "exec command rejected by user", "rejected by user", "patch rejected by user",
    "command rejected by user", "user rejected MCP tool call"};
constexpr std::array<std::string_view, 14> kFailures = {
    "apply_patch verification failed",
    "exec_command failed",
    "write_stdin failed",
    "failed to parse function arguments",
    "failed in sandbox",
    "execution error",
    "unsupported call",
    "unsupported custom tool call",
    "command timed out after ",
    "tool call error",
    "tool call failed",
    "Error: ",
    "error: ",
    "unable to ",
};
constexpr std::string_view kSuccess = "Success";

template <std::size_t N>
bool starts_with_any(std::string_view text, const std::array<std::string_view, N>& prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

Verdict of_exit_code(std::int64_t code, std::string_view text) {
  if (code == 0) return {.outcome = Outcome::Success, .exit_code = code};
  return {.outcome = Outcome::Failure, .exit_code = code, .error = trimmed(text)};
}

std::optional<std::int64_t> exit_code_in(std::string_view line) {
  for (const auto prefix : kExitCodes) {
    if (!line.starts_with(prefix)) continue;
    std::int64_t code = 0;
    const char* begin = line.data() + prefix.size();
    const auto [end, error] = std::from_chars(begin, line.data() + line.size(), code);
    if (error == std::errc{}) return code;
  }
  return std::nullopt;
}

// The lines before "Output:"; nothing when there is no such heading.
std::optional<CodexOutput> read_heading(std::string_view text) {
  std::optional<std::int64_t> code;
  bool running = false;
  std::string_view rest = text;
  for (std::size_t i = 0; i < kMaxHeadingLines && !rest.empty(); ++i) {
    if (rest.starts_with(kBody)) {
      rest.remove_prefix(kBody.size());
      if (code) return CodexOutput{.text = rest, .verdict = of_exit_code(*code, rest)};
      if (running) return CodexOutput{.text = rest, .verdict = {}};
      return std::nullopt;
    }
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (const auto found = exit_code_in(line)) code = found;
    running = running || line.starts_with(kRunning);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  if (code) return CodexOutput{.text = text, .verdict = of_exit_code(*code, text)};
  return std::nullopt;
}

Verdict judge_words(std::string_view text) {
  const std::string_view words = trimmed(text);
  if (starts_with_any(words, kRefusals)) return {.outcome = Outcome::Refused, .error = words};
  if (starts_with_any(words, kInterruptions)) {
    return {.outcome = Outcome::Interrupted, .error = words};
  }
  if (starts_with_any(words, kFailures)) return {.outcome = Outcome::Failure, .error = words};
  if (words.starts_with(kSuccess)) return {.outcome = Outcome::Success};
  return {};
}

// {"output":"...","metadata":{"exit_code":1,...}}, as text. The parser of the line
// is in use: this one has its own, and the texts are copied.
std::optional<CodexOutput> read_envelope(std::string_view text, Emitter& out) {
  if (!text.starts_with("{\"output\"")) return std::nullopt;
  thread_local simdjson::dom::parser parser;
  object envelope;
  if (parser.parse(text.data(), text.size()).get_object().get(envelope) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  std::string& kept = out.buffer();
  kept = text_at(envelope, "output");
  const auto metadata = find_object(envelope, "metadata");
  const auto code = metadata ? integer_at(*metadata, "exit_code") : std::nullopt;
  return CodexOutput{.text = kept, .verdict = code ? of_exit_code(*code, kept) : judge_words(kept)};
}

CodexOutput read_text(std::string_view text, Emitter& out) {
  if (const auto output = read_envelope(text, out)) return *output;
  if (const auto output = read_heading(text)) return *output;
  return {.text = text, .verdict = judge_words(text)};
}

}  // namespace

CodexOutput read_codex_output(element output, Emitter& out) {
  const auto fields = as_object(output);
  if (!fields) return read_text(joined_text(output, out), out);
  // {"content":"...","success":false}
  const auto content = find(*fields, "content");
  CodexOutput result = read_text(content ? joined_text(*content, out) : std::string_view{}, out);
  const auto success = bool_at(*fields, "success");
  if (success && result.verdict.outcome == Outcome::Unknown) {
    result.verdict.outcome = *success ? Outcome::Success : Outcome::Failure;
    if (!*success) result.verdict.error = trimmed(result.text);
  }
  return result;
}

}  // namespace daybook::transcript
