// SPDX-License-Identifier: Apache-2.0
//
// daybook review trend: whether things get better, week by week.
#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/local_time.h"
#include "cli/partial.h"
#include "cli/review_setup.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kLabelColumns = 26;
constexpr std::size_t kMaxLabels = 8;  // of one kind, where a person reads

// One character for each week, as high as it is next to the highest.
std::string bars(const std::vector<std::uint64_t>& weeks) {
  constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::uint64_t highest = weeks.empty() ? 0 : *std::max_element(weeks.begin(), weeks.end());
  std::string text;
  for (const std::uint64_t count : weeks) {
    if (count == 0) {
      text += "·";
      continue;
    }
    const std::uint64_t height = (count * std::size(kBars) - 1) / highest;
    text += kBars[std::min<std::uint64_t>(height, std::size(kBars) - 1)];
  }
  return text;
}

class ReviewTrend final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.number("--weeks", weeks_, "N", "how many weeks, this one last (8)");
    flags.choice("--rules", rules_, {"daybook", "jilog"}, "signals of which rules");
    flags.text("--config", config_file_, "FILE", "this configuration alone");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(config, load_config(context, config_file_));
    TrendOptions options;
    DAYBOOK_TRY(rules, choose_rules(config, rules_));
    options.rules = rules;
    options.weeks = static_cast<std::uint32_t>(std::min<std::uint64_t>(weeks_, UINT32_MAX));
    options.day_of = local_day;
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(report, daybook::review_trend(ledger, options, context.env()));
    if (json_) {
      print_json(context.out(), report);
    } else {
      print_text(context.out(), report);
    }
    return tell_missing(context, report.lost);
  }

 private:
  static void write_numbers(JsonWriter& json, const std::vector<std::uint64_t>& numbers) {
    json.begin_array();
    for (const std::uint64_t number : numbers) json.number(number);
    json.end_array();
  }

  static void print_json(Output& out, const TrendReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("weeks").begin_array();
    for (const std::string& week : report.weeks) json.text(week);
    json.end_array().key("sessions");
    write_numbers(json, report.sessions);
    json.key("trend").begin_array();
    for (const TrendRow& row : report.rows) {
      json.begin_object().member("kind", to_string(row.kind));
      json.optional_member("label", row.label).key("signals");
      write_numbers(json, row.weeks);
      json.end_object();
    }
    json.end_array().key("lost");
    append_lost(json, report.lost);
    json.end_object();
    out.line(text);
  }

  static void print_row(Output& out, const std::string& name, const std::vector<std::uint64_t>& w) {
    const std::uint64_t last = w.back();
    const std::uint64_t before = w.size() > 1 ? w[w.size() - 2] : 0;
    const char* const change = last < before ? "fewer" : last > before ? "more" : "as before";
    out.line(fmt::format("{}  {}  {:>5} {}",
                         cut_to(fmt::format("{:26}", printable(name)), kLabelColumns), bars(w),
                         last, w.size() > 1 ? change : ""));
  }

  static void print_text(Output& out, const TrendReport& report) {
    if (report.rows.empty()) {
      out.line("no signals yet: `daybook review nightly` finds them");
      return;
    }
    out.line(fmt::format("{} weeks from {} to {}; numbers are those of the last week",
                         report.weeks.size(), report.weeks.front(), report.weeks.back()));
    print_row(out, "sessions with signals", report.sessions);
    std::size_t labels = 0;
    for (const TrendRow& row : report.rows) {
      if (row.label.empty()) {
        labels = 0;
        print_row(out, std::string(to_string(row.kind)), row.weeks);
      } else if (labels++ < kMaxLabels) {
        print_row(out, "  " + row.label, row.weeks);
      }
    }
  }

  std::uint64_t weeks_ = 8;
  std::string rules_;
  std::string config_file_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook review trend", "eight weeks, kind by kind"},
    {"daybook review trend --weeks 26", "half a year"},
};

}  // namespace

const Command review_trend_command = {
    "review trend", "show whether signals get fewer, week by week",
    "Counts the signals that reviews have reported, by the week of their message.", kExamples,
    make_verb<ReviewTrend>};

}  // namespace daybook::cli
