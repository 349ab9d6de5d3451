// SPDX-License-Identifier: Apache-2.0
#include "review/github.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "review/digest_text.h"
#include "review/process.h"
#include "review/tracker_json.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxBodyCharacters = 60'000;  // GitHub takes 65,536
constexpr std::size_t kMaxLabels = 5'000;           // of the repository
constexpr std::uint64_t kMillisPerSecond = 1'000;

std::string id_of(std::string_view url) {
  return fmt::format("#{}", url.substr(url.rfind('/') + 1));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

GithubTracker::GithubTracker(TrackerOptions options, Environment env)
    : options_(std::move(options)), env_(env) {
  if (options_.labels.empty()) options_.labels = {"jilog"};
}

Result<std::string> GithubTracker::run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "gh");
  arguments.insert(arguments.end(), {"--repo", options_.repo});
  DAYBOOK_TRY(result, run_program(arguments, options_.timeout_seconds * kMillisPerSecond, env_));
  if (result.exit_code != 0) {
    return fail(program_error(arguments, result.exit_code, result.errors));
  }
  return std::move(result.output);
}

Result<std::vector<TrackedIssue>> GithubTracker::list() {
  DAYBOOK_TRY(text, run({"issue", "list", "--state", "all", "--label", options_.labels.front(),
                         "--limit", std::to_string(kMaxIssuesListed), "--json",
                         "number,title,url,state,stateReason"}));
  TrackerJson json("gh issue list");
  DAYBOOK_TRY(rows, json.array(text, ""));
  std::vector<TrackedIssue> issues;
  for (const auto row : rows) {
    DAYBOOK_TRY(fields, json.object(row));
    DAYBOOK_TRY(title, json.text(fields, "title"));
    DAYBOOK_TRY(state, json.text(fields, "state"));
    DAYBOOK_TRY(url, json.text(fields, "url"));
    TrackedIssue issue;
    issue.issue = {.backend = "github", .id = id_of(url), .title = title, .url = url};
    issue.open = state == "OPEN";
    issue.done = transcript::text_at(fields, "stateReason") == "COMPLETED";
    issues.push_back(std::move(issue));
  }
  return issues;
}

Result<void> GithubTracker::ensure_labels(const std::vector<std::string>& labels) {
  if (!std::exchange(labels_listed_, true)) {
    DAYBOOK_TRY(text,
                run({"label", "list", "--limit", std::to_string(kMaxLabels), "--json", "name"}));
    TrackerJson json("gh label list");
    DAYBOOK_TRY(rows, json.array(text, ""));
    for (const auto row : rows) {
      DAYBOOK_TRY(fields, json.object(row));
      DAYBOOK_TRY(name, json.text(fields, "name"));
      labels_.push_back(std::move(name));
    }
  }
  for (const std::string& label : labels) {
    if (std::find(labels_.begin(), labels_.end(), label) != labels_.end()) continue;
    DAYBOOK_CHECK(run({"label", "create", label, "--force"}));
    labels_.push_back(label);
  }
  return {};
}

Result<IssueRef> GithubTracker::create(const IssueDraft& draft) {
  std::vector<std::string> labels = options_.labels;
  labels.push_back(fmt::format("jilog/{}", to_string(draft.kind)));
  DAYBOOK_CHECK(ensure_labels(labels));
  std::vector<std::string> arguments = {"issue",   "create",
                                        "--title", draft.title,
                                        "--body",  cut(draft.body, kMaxBodyCharacters, "\n...")};
  for (const std::string& label : labels) arguments.insert(arguments.end(), {"--label", label});
  DAYBOOK_TRY(text, run(std::move(arguments)));
  // The address stands on the last line; some versions print remarks before it.
  std::string_view url = comparable(text);
  if (const std::size_t line = url.rfind('\n'); line != std::string_view::npos) {
    url = comparable(url.substr(line));
  }
  const std::string id = id_of(url);
  if (!is_number(std::string_view(id).substr(1))) {
    return fail(Errc::Io,
                fmt::format("gh issue create printed no address of an issue: {}",
                            cut(one_line(text), 200, "...")),
                "this version of gh speaks differently: the issue may be there nevertheless");
  }
  return IssueRef{.backend = "github", .id = id, .title = draft.title, .url = std::string(url)};
}

Result<void> GithubTracker::reopen(const IssueRef& issue, const std::string& comment) {
  const std::string number = issue.id.substr(issue.id.starts_with('#') ? 1 : 0);
  DAYBOOK_CHECK(run({"issue", "reopen", number, "--comment", comment}));
  return {};
}

}  // namespace daybook::review
