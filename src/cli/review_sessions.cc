// SPDX-License-Identifier: Apache-2.0
//
// daybook review sessions: what was done and what went wrong, session by session.
#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/local_time.h"
#include "cli/partial.h"
#include "cli/review_setup.h"
#include "review/digest_text.h"

namespace daybook::cli {
namespace {

class ReviewSessions final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.text("--since", since_, "WHEN", "sessions with something since then (24h)");
    flags.text("--until", until_, "WHEN", "... and before then");
    flags.choice("--rules", rules_, {"daybook", "jilog"}, "which rules find the signals");
    flags.texts("--reader", readers_, "NAME", "only sessions of this reader");
    flags.text("--config", config_file_, "FILE", "this configuration alone");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(config, load_config(context, config_file_));
    ReviewOptions options;
    DAYBOOK_TRY(rules, choose_rules(config, rules_));
    options.rules = rules;
    options.harnesses = readers_;
    DAYBOOK_TRY(since, parse_local_when(since_, context.now()));
    options.since = since;
    if (!until_.empty()) {
      DAYBOOK_TRY(until, parse_local_when(until_, context.now()));
      options.until = until;
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(report, daybook::review_sessions(ledger, options, context.env()));
    if (json_) {
      print_json(context.out(), report);
    } else {
      print_text(context.out(), report.sessions);
    }
    return tell_missing(context, report.lost);
  }

 private:
  static void print_json(Output& out, const SessionsReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("sessions").begin_array();
    for (const SessionReview& session : report.sessions) {
      json.begin_object().member("session", session.session).member("reader", session.harness);
      json.member("project", session.project);
      if (session.first) json.member("first", to_string(*session.first));
      if (session.last) json.member("last", to_string(*session.last));
      json.member("turns", session.turns).member("tool_calls", session.tool_calls);
      json.member("failures", session.failures).member("signals", session.signals.size());
      json.end_object();
    }
    json.end_array().key("lost");
    append_lost(json, report.lost);
    json.end_object();
    out.line(text);
  }

  static void print_text(Output& out, const std::vector<SessionReview>& sessions) {
    std::string reader;
    for (const SessionReview& session : sessions) {
      if (session.harness != reader) {
        reader = session.harness;
        const auto count = std::count_if(sessions.begin(), sessions.end(),
                                         [&](const auto& s) { return s.harness == reader; });
        out.line(out.paint(
            Paint::Bold,
            fmt::format("{}: {}", reader, counted(static_cast<std::uint64_t>(count), "session"))));
      }
      out.line(printable(fmt::format(
          "  {:20} {:10} {:>4} turns {:>5} tools {:>4} errors {:>4} signals  {}",
          review::short_session(session.session), session.last ? local_day(*session.last) : "",
          session.turns, session.tool_calls, session.failures, session.signals.size(),
          session.project)));
    }
    if (sessions.empty()) out.line("no sessions in that time");
  }

  std::string since_ = "24h";
  std::string until_;
  std::string rules_;
  std::string config_file_;
  std::vector<std::string> readers_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook review sessions", "the sessions of the last day"},
    {"daybook review sessions --since 7d --reader codex", "a week of one reader"},
};

}  // namespace

const Command review_sessions_command = {
    "review sessions", "list sessions with their turns, tools, errors and signals",
    "Reads the sessions of the ledger; `daybook import` brings new ones in.", kExamples,
    make_verb<ReviewSessions>};

}  // namespace daybook::cli
