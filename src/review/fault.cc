// SPDX-License-Identifier: Apache-2.0
#include "review/fault.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/regex.h"
#include "review/canonical_json.h"
#include "review/prose.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxCommandBytes = std::size_t{16} << 10;
constexpr std::size_t kMaxFailureBytes = std::size_t{16} << 10;  // from each end of the text

const RE2& refusal() {
  static const RE2 pattern(
      R"((?i)the user doesn'?t want to|interrupted by (?:the )?user|tool use rejected)"
      R"(|skipping edits to|rejected by (?:the )?user)"
      R"(|user (?:rejected|declined|denied|cancell?ed|aborted)|command aborted)"
      R"(|permission to use .{0,60} (?:has been )?denied|denied by (?:pretooluse )"
      R"(|the )?(?:hook|user|policy)|haven'?t granted (?:it )?(?:yet|permission))"
      R"(|requires approval|aborted by user)");
  return pattern;
}
const RE2& cancelled() {
  static const RE2 pattern(
      R"((?i)cancelled: parallel tool call|sibling tool call errored|skipped due to)");
  return pattern;
}
const RE2& timeout() {
  static const RE2 pattern(
      R"((?i)\btimed out\b|\btimeout (?:of|after|exceeded)|deadline exceeded)");
  return pattern;
}
// The harness ended the command: not a test that found something too slow.
const RE2& cut_off() {
  static const RE2 pattern(R"((?i)\bcommand timed out\b|^timed out after \d)");
  return pattern;
}
// Ended by a signal: somebody stopped it, mostly the agent itself.
const RE2& ended() {
  static const RE2 pattern(R"((?i)\b(?:exit|return) code:? (?:130|143)\b)");
  return pattern;
}
// A search of the harness that found nothing.
const RE2& found_none() {
  static const RE2 pattern(
      R"((?i)^(?:error: )?(?:found 0 (?:files?|lines?|matches)|no (?:matches|files)"
      R"(|results)(?: were)? found))"
      R"([.\s]*$)");
  return pattern;
}
// Nothing could be reached: no answer, whatever was asked.
const RE2& offline() {
  static const RE2 pattern(
      R"((?i)could ?n[o']t resolve host|could not resolve host|network is unreachable)");
  return pattern;
}
// The command itself was wrong.
const RE2& misuse() {
  static const RE2 pattern(
      R"((?i)command not found|\bcd:.{0,200}no such file|no go files|go\.mod file not found)"
      R"(|context loading failed|can'?t load config|parse error near|syntax error)"
      R"(|unmatched ['"])"
      R"(|unexpected (?:token|eof|end of file)|not recognized as|unknown (?:shorthand )"
      R"(|json )?(?:flag|option|command|argument|field|subcommand)|unrecognized (?:flag|option)"
      R"(|argument|subcommand|command)|(?:invalid|illegal) (?:option|argument|choice))"
      R"(|unsupported version|found \d+ arguments|missing script|unbound variable|jq: (?:error)"
      R"(|\d compile)|is not allowed in a regex|bad substitution|event not found)"
      R"(|no such command|usage: |cannot be (?:found|loaded)|unterminated|no terminating)"
      R"(|no tests ran|collected 0 items|no tests? (?:were )?found|no files matching)"
      R"(|unknown (?:file attribute|predicate|primary)|missing argument|invalid (?:regular )"
      R"(|expression|predicate|regex\w*|preceding))");
  return pattern;
}
// The environment does not allow it.
const RE2& environment() {
  static const RE2 pattern(
      R"((?i)permission denied|operation not permitted|read-only file system)"
      R"(|could ?n[o']t resolve host|could not resolve host|no such host|connection refused)"
      R"(|network is unreachable|cannot connect|error connecting|enotfound|econnrefused)"
      R"(|no module named|modulenotfounderror|cannot find (?:module|package))"
      R"(|no space left|not a git repository)"
      R"(|is not installed|executable file not found)"
      R"(|authentication (?:failed|required)|http 40[13]\b)");
  return pattern;
}
const RE2& no_such_place() {
  static const RE2 pattern(
      R"((?i)no such file or directory|(?:file|path|directory) (?:does not|doesn't) exist)"
      R"(|cannot find (?:the )?(?:path|file)|no matches found|pathspec .* did not match)"
      R"(|unknown revision|not found|needed a single revision)");
  return pattern;
}
// A check that ran to its end and found something.
const RE2& verdict() {
  static const RE2 pattern(
      R"((?im)^\s*-{3} FAIL|^\s*FAIL\b|\bFAILED\b|\b[1-9]\d* (?:failed|failing|failures?)"
      R"(|issues?|errors?|problems?|warnings?|tests? failed)\b|\berror TS\d+)"
      R"(|\berror\[[A-Z]+\d+\]|^error: (?:aborting|could not compile)|assertion(?:error)"
      R"(| failed)|\bnot ok \d|\S+\.\w{1,5}[:(]\d+[:,]\d+|\bMD\d{3}\b|would reformat)"
      R"(|need to be formatted|expected .{1,80} (?:to|but)|panicked at|\[(?:build)"
      R"(|setup) failed\]|compilation (?:failed|error)|build failed|lint errors?|✗|✖|×)");
  return pattern;
}
// Programs that check the work: tests, linters, type checkers, compilers.
const RE2& check_program() {
  static const RE2 pattern(
      R"((?i)^(?:\S+=\S* +|env +|time +|timeout +\S+ +|npx +(?:-\S+ +)*|bunx +)"
      R"(|uvx? +(?:run +)?|(?:poetry|hatch|pdm|rye|pixi) +run +|pnpm +(?:exec +|-\S+ +)*)"
      R"(|python3? +-m +|bundle exec +)"
      R"(|docker(?:-| )compose +\S+ +\S+ +|sudo +|xvfb-run +)*(?:\S*/)?(?:gh +(?:pr +checks)"
      R"(|run +watch))"
      R"(|go +(?:test|vet)"
      R"(|build)|gotestsum|golangci-lint|staticcheck|gofmt|gofumpt|(?:npm|pnpm|yarn|bun)"
      R"(|deno) +(?:run +|run-script +|-\S+ +\S+ +)*(?:\S*(?:test|lint|check|build|tsc|format)"
      R"(|fmt|typecheck|compile|verify|ci)\S*)|tsc|tsgo|vue-tsc|eslint|biome|prettier|oxlint)"
      R"(|vitest|jest|mocha|playwright|cypress|ava|tap|pytest|tox|nox|unittest|ruff|mypy)"
      R"(|pyright|pylint|flake8|black|isort|cargo +(?:\S+ +)?(?:test|check|build|clippy|fmt)"
      R"(|nextest|run)|rustc|make|cmake|ctest|ninja|meson|bazel +(?:test|build)|gcc|g\+\+)"
      R"(|clang\S*|cc|javac|mvn|gradle|gradlew|swift +(?:test|build)|swiftlint|xcodebuild)"
      R"(|dotnet +(?:test|build|format)|rspec|rubocop|rake|phpunit|phpstan)"
      R"(|composer +\S*(?:test|lint|check|stan)\S*|mix +(?:test|compile|format|credo))"
      R"(|markdownlint\S*|shellcheck|hadolint|yamllint|actionlint|pre-commit)"
      R"(|terraform +(?:validate|plan|fmt)|mise +(?:run +|r +)?\S*(?:lint|test|check|fmt|build)"
      R"(|ci)\S*|just +\S*(?:lint|test|check|fmt|build|ci)\S*|task +\S*(?:lint|test|check|fmt)"
      R"(|build|ci)\S*|node +(?:-\S+ +)*--test|\S*(?:lint|test|check)(?:\.\w+|/\w+)?)\b)");
  return pattern;
}
// Programs whose exit code answers a question.
const RE2& search_program() {
  static const RE2 pattern(
      R"((?i)^(?:\S+=\S* +|sudo +|xargs +(?:-\S+ +(?:\d+ +)?)*|! +)*(?:grep|egrep|fgrep|zgrep)"
      R"(|rg|ag|ack|diff|cmp|comm|pgrep|pkill|killall|findstr|find|fd|git +(?:-C +\S+ +)"
      R"(|--no-pager +)*(?:grep|diff|check-ignore|merge-base|log|ls-files)|jq +-e)"
      R"(|select-string)\b)");
  return pattern;
}
const RE2& probe_program() {
  static const RE2 pattern(
      R"((?i)^(?:\S+=\S* +|sudo +|! +)*(?:\[\[? |(?:ls|which|test|type|whereis|stat|file|lsof)"
      R"(|ps|readlink|realpath|pwd|id|command +-v|hash|git +(?:-C +\S+ +)"
      R"(|--no-pager +)*(?:status|rev-parse|show-ref|ls-remote|config|branch|remote|cat-file)"
      R"(|symbolic-ref|describe|tag|stash list)|npm +(?:view|ls|list|info)|pip3? +(?:show)"
      R"(|list)|brew +(?:list|info)|dpkg +-[lsL]|docker +(?:ps|inspect|images))"
      R"(|systemctl +(?:status|is-\w+)|kill +-0|curl +(?:-\S+ +)*-\S*[If]\S*)\b))");
  return pattern;
}
// Programs that say nothing of the outcome.
const RE2& neutral_program() {
  static const RE2 pattern(
      R"(^(?:cd|echo|printf|true|false|set|export|head|tail|sort|uniq|wc|awk|sed|cut|tr|xargs)"
      R"(|tee|sleep|done|do|fi|then|else|for|while|if|case|esac|pushd|popd|source|\.|cat|\{|\})"
      R"(|\w+=\S*$|[^\w\s]|Select-Object|Where-Object|Out-\w+|ForEach-Object|Get-Content|\$)\b?)");
  return pattern;
}

// The simple commands of a shell command: split at ; & | and line ends outside quotes.
std::vector<std::string_view> simple_commands(std::string_view command) {
  std::vector<std::string_view> all;
  std::size_t begin = 0;
  char quote = 0;
  const auto close = [&](std::size_t end) {
    const auto one = trimmed(command.substr(begin, end - begin));
    if (!one.empty()) all.push_back(one);
    begin = end + 1;
  };
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (c == '\\' && quote != '\'') {
      ++i;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ';' || c == '|' || c == '\n' || c == '(' ||
               (c == '&' && (i == 0 || command[i - 1] != '>'))) {
      close(i);
    }
  }
  close(command.size());
  return all;
}

// What kinds of programs a command runs.
struct Programs {
  bool check = false;
  bool search = false;
  bool probe = false;
  bool other = false;
};

Programs programs_of(std::string_view command) {
  Programs programs;
  for (const std::string_view one : simple_commands(command)) {
    if (matches(one, check_program())) {
      programs.check = true;
    } else if (matches(one, search_program())) {
      programs.search = true;
    } else if (matches(one, probe_program())) {
      programs.probe = true;
    } else if (!matches(one, neutral_program())) {
      programs.other = true;
    }
  }
  return programs;
}

FaultJudgement fault(double confidence, std::string_view reason) {
  return {FaultKind::Fault, confidence, std::string(reason)};
}
FaultJudgement expected(std::string_view reason) {
  return {FaultKind::Expected, 0.1, std::string(reason)};
}

FaultJudgement judge_tool(std::string_view text) {
  static const RE2 guard(
      R"((?i)has not been read yet|modified since read|read it (?:first|again))");
  static const RE2 edit(
      R"((?i)string to replace not found|matches of the string|verification failed)"
      R"(|failed to find expected|old_?string|no changes to make)"
      R"(|could not find the (?:exact )?text|patch (?:failed|does not apply))");
  static const RE2 far(
      R"((?i)status code [45]\d\d|\b(?:403|404|429|5\d\d)\b.{0,20}(?:error|not found)"
      R"(|forbidden)|rate limit|overloaded)");
  if (matches(text, guard)) return fault(0.7, "writes to a file it had not read");
  if (matches(text, edit)) return fault(0.85, "an edit that does not fit the file");
  if (matches(text, no_such_place())) return fault(0.8, "a place that does not exist");
  if (matches(text, timeout())) return fault(0.6, "ran out of time");
  if (matches(text, far)) return fault(0.5, "a remote side refused");
  return fault(0.7, "the tool reports a failure");
}

FaultJudgement judge_command(const Programs& programs, std::string_view text, std::int64_t code) {
  if (matches(text, cut_off())) return fault(0.6, "ran out of time");
  const bool misused = matches(text, misuse());
  const bool blocked = matches(text, environment());
  const bool found = matches(text, verdict());
  if (programs.check && found && !misused) return expected("a check reports what it found");
  if (misused) return fault(0.8, "the command is wrong");
  if (programs.check) {
    return blocked ? fault(0.75, "a check could not run")
                   : expected("a check reports what it found");
  }
  const bool nowhere = matches(text, no_such_place());
  if (!programs.other && (programs.probe || programs.search) && !matches(text, offline())) {
    if (programs.probe) return expected("a probe: its failure is an answer");
    if (code == 1 && !nowhere) return expected("a search without a match");
  }
  if (nowhere) return fault(0.75, "a place that does not exist");
  if (blocked) return fault(0.75, "the environment does not allow it");
  if (code == 1 && (programs.search || programs.probe) && trimmed(text).empty()) {
    return expected("a search without a match");
  }
  if (matches(text, timeout())) return fault(0.6, "ran out of time");
  if (trimmed(text).empty()) return fault(0.45, "failed without a word");
  return fault(0.65, "the command failed");
}

std::string_view text_member(simdjson::dom::element from, std::string_view key) {
  std::string_view text;
  return from.at_key(key).get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

// A command as a list of arguments: the last one is what `bash -lc` runs.
std::string last_of_list(simdjson::dom::element from, std::string_view key) {
  simdjson::dom::array list;
  if (from.at_key(key).get(list) != simdjson::SUCCESS || list.size() == 0) return {};
  std::string joined;
  std::string_view item;
  for (const auto element : list) {
    if (element.get(item) != simdjson::SUCCESS) continue;
    if (item == "-c" || item == "-lc") {
      joined.clear();
    } else if (joined != "bash" && joined != "sh" && joined != "zsh") {
      joined.append(joined.empty() ? "" : " ").append(item);
    } else {
      joined = item;
    }
  }
  return joined;
}

// What an envelope like {"success":false,"error":..,"output":{"stderr":..}} says, in
// the tool's words; empty when it is none.
std::string unwrapped(const TranscriptRecord& result) {
  if (result.error.empty() || !result.text.starts_with('{')) return {};
  const auto value = parse_json(result.text);
  bool success = false;
  if (!value || value->at_key("success").get(success) != simdjson::SUCCESS) return {};
  std::string words(result.error);
  simdjson::dom::element output;
  if (value->at_key("output").get(output) != simdjson::SUCCESS) return words;
  for (const std::string_view key : {"stderr", "stdout"}) {
    const std::string_view text = trimmed(text_member(output, key));
    if (words.find(text) == std::string::npos) words.append("\n").append(text);
  }
  return words;
}

}  // namespace

std::string command_of(std::string_view arguments) {
  const auto value = parse_json(arguments);
  if (!value || !value->is_object()) return {};
  for (const std::string_view key : {"command", "cmd", "script"}) {
    std::string command(text_member(*value, key));
    if (command.empty()) command = last_of_list(*value, key);
    if (!command.empty()) return command.substr(0, kMaxCommandBytes);
  }
  return {};
}

std::string failure_text(const TranscriptRecord& result) {
  static const RE2 tags("</?tool_use_error>");
  static const RE2 frame(
      R"((?m)^(?:Exit code:? -?\d+|Chunk ID: \w+|Wall time: .*|Process exited with code -?\d+)"
      R"(|Original token count: \d+|Total output lines: \d+|Output:)"
      R"(|Command exited with code -?\d+|<shellId: .*>|\[exit code: \d+\])"
      R"(|\(no output\))$)");
  const std::string inner = unwrapped(result);
  std::string_view whole = result.text.empty() ? result.error : result.text;
  if (!inner.empty()) whole = inner;
  std::string text(whole.substr(0, kMaxFailureBytes));
  if (whole.size() > 2 * kMaxFailureBytes) {
    text.append("\n").append(whole.substr(whole.size() - kMaxFailureBytes));
  } else if (whole.size() > kMaxFailureBytes) {
    text.append(whole.substr(kMaxFailureBytes));
  }
  RE2::GlobalReplace(&text, tags, "");
  RE2::GlobalReplace(&text, frame, "");
  return std::string(trimmed(text));
}

FaultJudgement judge_failure(const TranscriptRecord& result, std::string_view command) {
  if (result.outcome == Outcome::Refused) return {FaultKind::Refused, 0, "refused"};
  if (result.outcome == Outcome::Interrupted) return {FaultKind::Refused, 0, "stopped by the user"};
  const std::string text = failure_text(result);
  const std::string_view start = first_characters(text, kMaxContextCharacters);
  const std::string_view end =
      std::string_view(text).substr(text.size() - std::min<std::size_t>(text.size(), 200));
  if (matches(start, refusal()) || matches(end, refusal())) {
    return {FaultKind::Refused, 0, "the user did not let it run"};
  }
  if (matches(text, found_none())) return expected("a search without a match");
  const std::int64_t code = result.exit_code.value_or(1);
  const bool stopped = code == 130 || code == 143 || matches(start, ended());
  if (stopped && !matches(text, cut_off())) return expected("stopped by a signal");
  if (matches(start, cancelled())) return expected("called off because another call failed");
  if (command.empty()) return judge_tool(text);
  return judge_command(programs_of(command), text, code);
}

}  // namespace daybook::review
