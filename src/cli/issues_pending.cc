// SPDX-License-Identifier: Apache-2.0
//
// daybook issues pending: signals that no issue tells of yet.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "daybook/review.h"

namespace daybook::cli {
namespace {

class IssuesPending final : public Verb {
 public:
  void add(Flags& flags) override { flags.flag("--json", json_, "one JSON document"); }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(report, pending_learnings(ledger));
    if (json_) {
      print_json(context.out(), report);
    } else {
      print_text(context.out(), report.learnings);
    }
    return tell_missing(context, report.lost);
  }

 private:
  static void print_text(Output& out, const std::vector<PendingLearning>& pending) {
    for (const PendingLearning& learning : pending) {
      out.line(printable(fmt::format("{} {}", learning.date, learning.title)));
    }
    if (pending.empty()) out.line("nothing pending");
  }

  static void print_json(Output& out, const PendingReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("pending").begin_array();
    for (const PendingLearning& learning : report.learnings) {
      json.begin_object().member("date", learning.date).member("title", learning.title);
      json.member("kind", to_string(learning.signal.kind));
      json.member("session", learning.signal.session);
      json.member("rules", to_string(learning.rules));
      json.member("event", to_string(learning.event)).end_object();
    }
    json.end_array().key("lost");
    append_lost(json, report.lost);
    json.end_object();
    out.line(text);
  }

  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook issues pending", "what the next review will file"},
    {"daybook issues pending --json", "the same, for programs"},
};

}  // namespace

const Command issues_pending_command = {
    "issues pending", "list signals that no issue tells of yet",
    "The next `daybook review nightly` with a tracker files them.", kExamples,
    make_verb<IssuesPending>};

}  // namespace daybook::cli
