// SPDX-License-Identifier: Apache-2.0
//
// daybook issues list: the issues of the tracker that reviews have filed.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/review_setup.h"

namespace daybook::cli {
namespace {

class IssuesList final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--all", all_, "closed ones too");
    flags.flag("--json", json_, "one JSON document");
    flags.text("--config", config_file_, "FILE", "this configuration alone");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(config, load_config(context, config_file_));
    std::vector<TrackedIssue> issues;
    if (config.tracker.type == "none") {
      context.note("no issue tracker is configured: digests are all there is");
    } else {
      DAYBOOK_TRY(listed, list_issues(config.tracker, context.env()));
      issues = std::move(listed);
    }
    if (!all_) std::erase_if(issues, [](const TrackedIssue& issue) { return !issue.open; });
    if (json_) {
      print_json(context.out(), issues);
    } else {
      print_text(context.out(), issues);
    }
    return ExitCode::Ok;
  }

 private:
  static std::string_view state_of(const TrackedIssue& issue) {
    if (issue.open) return "open";
    return issue.done ? "done" : "closed";
  }

  static void print_json(Output& out, const std::vector<TrackedIssue>& issues) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("issues").begin_array();
    for (const TrackedIssue& issue : issues) {
      json.begin_object().member("backend", issue.issue.backend).member("id", issue.issue.id);
      json.member("title", issue.issue.title).member("url", issue.issue.url);
      json.member("state", state_of(issue)).end_object();
    }
    json.end_array().end_object();
    out.line(text);
  }

  static void print_text(Output& out, const std::vector<TrackedIssue>& issues) {
    for (const TrackedIssue& issue : issues) {
      out.line(printable(
          fmt::format("{:6} {:12} {}", state_of(issue), issue.issue.id, issue.issue.title)));
    }
    if (issues.empty()) out.line("no issues");
  }

  bool all_ = false;
  bool json_ = false;
  std::string config_file_;
};

constexpr Example kExamples[] = {
    {"daybook issues list", "what is open"},
    {"daybook issues list --all --json", "and what is closed, for programs"},
};

}  // namespace

const Command issues_list_command = {"issues list", "list the issues that reviews have filed",
                                     "Asks the tracker of the configuration ([tracker]).",
                                     kExamples, make_verb<IssuesList>};

}  // namespace daybook::cli
