// SPDX-License-Identifier: Apache-2.0
#include "review/kata.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "review/digest_text.h"
#include "review/process.h"
#include "review/tracker_json.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxKeyCharacters = 240;
constexpr std::size_t kMaxLabelBytes = 64;
constexpr std::uint64_t kMillisPerSecond = 1'000;

// kata takes [a-z0-9._:-] only.
std::string as_label(std::string_view text) {
  std::string label;
  for (const char c : text.substr(0, kMaxLabelBytes)) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '.' ||
                      low == '_' || low == ':' || low == '-';
    label.push_back(fits ? low : low == '/' ? ':' : '-');
  }
  return label;
}

std::string idempotency_key(std::string_view title) {
  std::string key = cut(title, kMaxKeyCharacters, "");
  for (char& c : key) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) c = '-';
  }
  return key;
}

// What the program takes as the name of an issue; "" when the row has none.
std::string ref_of(simdjson::dom::object row) {
  for (const char* const key : {"short_id", "uid"}) {
    if (const auto text = transcript::text_at(row, key); !text.empty()) return std::string(text);
  }
  const auto number = transcript::unsigned_at(row, "number");
  return number ? std::to_string(*number) : std::string();
}

// {"error":{"kind":..,"message":..}} stands on a line of either stream.
std::string message_of(const ProgramResult& result) {
  simdjson::dom::parser parser;
  for (const std::string* const text : {&result.errors, &result.output}) {
    simdjson::dom::element value;
    const std::size_t start = text->find("{\"error\"");
    if (start == std::string::npos) continue;
    const std::string line = text->substr(start, text->find('\n', start) - start);
    if (parser.parse(line).get(value) != simdjson::SUCCESS) continue;
    const auto fields = transcript::as_object(value);
    const auto error = fields ? transcript::find_object(*fields, "error") : std::nullopt;
    if (error) return std::string(transcript::text_at(*error, "message"));
  }
  return result.errors;
}

}  // namespace

KataTracker::KataTracker(TrackerOptions options, Environment env)
    : options_(std::move(options)), env_(env) {
  if (options_.labels.empty()) options_.labels = {"jilog"};
}

Result<std::string> KataTracker::run(std::vector<std::string> arguments) {
  const std::vector<std::string> start = {"kata", "--project", options_.project, "--json"};
  arguments.insert(arguments.begin(), start.begin(), start.end());
  DAYBOOK_TRY(result, run_program(arguments, options_.timeout_seconds * kMillisPerSecond, env_));
  if (result.exit_code == 0) return std::move(result.output);
  Error error = program_error({"kata", arguments[4]}, result.exit_code, message_of(result));
  const bool limit = error.message.find("limit") != std::string::npos;
  if (limit && error.message.find("positive") != std::string::npos) {
    error.hint = "kata 0.14.1 or newer is needed";
  }
  return fail(std::move(error));
}

Result<void> KataTracker::list(std::string_view status, std::vector<TrackedIssue>& issues) {
  DAYBOOK_TRY(text, run({"list", "--status", std::string(status), "--limit", "0"}));
  TrackerJson json("kata list");
  DAYBOOK_TRY(rows, json.array(text, "issues"));
  for (const auto row : rows) {
    DAYBOOK_TRY(fields, json.object(row));
    DAYBOOK_TRY(title, json.text(fields, "title"));
    DAYBOOK_TRY(state, json.text(fields, "status"));
    if (state != status) continue;
    const std::string ref = ref_of(fields);
    if (ref.empty()) DAYBOOK_CHECK(json.text(fields, "short_id"));
    TrackedIssue issue;
    issue.issue = {.backend = "kata", .id = "#" + ref, .title = title, .url = {}};
    issue.open = state == "open";
    issue.done = transcript::text_at(fields, "closed_reason") == "done";
    issues.push_back(std::move(issue));
  }
  return {};
}

Result<std::vector<TrackedIssue>> KataTracker::list() {
  std::vector<TrackedIssue> issues;
  DAYBOOK_CHECK(list("open", issues));
  DAYBOOK_CHECK(list("closed", issues));
  return issues;
}

Result<IssueRef> KataTracker::create(const IssueDraft& draft) {
  std::vector<std::string> arguments = {"create", draft.title, "--body", draft.body};
  std::vector<std::string> labels = options_.labels;
  labels.push_back(fmt::format("jilog:{}", to_string(draft.kind)));
  for (const std::string& label : labels) {
    arguments.insert(arguments.end(), {"--label", as_label(label)});
  }
  arguments.insert(arguments.end(), {"--idempotency-key", idempotency_key(draft.title),
                                     "--priority", std::to_string(draft.priority)});
  DAYBOOK_TRY(text, run(std::move(arguments)));
  TrackerJson json("kata create");
  DAYBOOK_TRY(fields, json.object(text, "issue"));
  const std::string ref = ref_of(fields);
  if (ref.empty()) DAYBOOK_CHECK(json.text(fields, "short_id"));
  return IssueRef{.backend = "kata", .id = "#" + ref, .title = draft.title, .url = {}};
}

Result<void> KataTracker::reopen(const IssueRef& issue, const std::string& comment) {
  const std::string ref = issue.id.substr(issue.id.starts_with('#') ? 1 : 0);
  DAYBOOK_CHECK(run({"reopen", ref}));
  // It is open again: a remark that cannot be made must not undo that.
  static_cast<void>(run({"comment", ref, "--body", comment}));
  static_cast<void>(run({"label", "add", ref, "jilog:recurred"}));
  return {};
}

}  // namespace daybook::review
