// SPDX-License-Identifier: Apache-2.0
#include "review/tracker.h"

#include <algorithm>

#include <fmt/format.h>

#include "review/beads.h"
#include "review/digest_text.h"
#include "review/github.h"
#include "review/kata.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxShownCharacters = 400;  // of what a program said

}  // namespace

Result<std::unique_ptr<Tracker>> make_tracker(const TrackerOptions& options, Environment env) {
  if (options.type == "none") return nullptr;
  if (options.type == "beads") return std::make_unique<BeadsTracker>(options, env);
  if (options.type == "github") return std::make_unique<GithubTracker>(options, env);
  if (options.type == "kata") return std::make_unique<KataTracker>(options, env);
  return fail(Errc::InvalidArgument, fmt::format("there is no tracker '{}'", options.type),
              "there are: beads, github, kata, none");
}

Error program_error(const std::vector<std::string>& command, int exit_code,
                    std::string_view errors) {
  std::string name = command.empty() ? "" : command.front();
  for (std::size_t i = 1; i < command.size() && i < 3; ++i) name += " " + command[i];
  const std::string said = cut(one_line(errors), kMaxShownCharacters, "...");
  return Error{.code = Errc::Io,
               .message = fmt::format("`{}` ended with {}{}{}", name, exit_code,
                                      said.empty() ? "" : ": ", said),
               .hint = "what it was to file stays pending; the next review tries again"};
}

std::string_view comparable(std::string_view title) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = title.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return title.substr(first, title.find_last_not_of(kSpace) - first + 1);
}

}  // namespace daybook::review

namespace daybook {

std::string_view to_string(IssueAction action) {
  switch (action) {
    case IssueAction::Filed:
      return "filed";
    case IssueAction::Bumped:
      return "bumped";
    case IssueAction::Reopened:
      return "reopened";
    case IssueAction::Left:
      return "left";
  }
  return "unknown";
}

Result<std::vector<TrackedIssue>> list_issues(const TrackerOptions& options, Environment env) {
  DAYBOOK_TRY(tracker, review::make_tracker(options, env));
  if (!tracker) {
    return fail(Errc::InvalidArgument, "no issue tracker is configured",
                "name one in the configuration: [tracker] type = \"beads\"");
  }
  DAYBOOK_TRY(issues, tracker->list());
  std::stable_partition(issues.begin(), issues.end(),
                        [](const TrackedIssue& issue) { return issue.open; });
  return issues;
}

}  // namespace daybook
