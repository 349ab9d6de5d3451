// SPDX-License-Identifier: Apache-2.0
//
// daybook review nightly: imports what is new, reviews it, writes the digest, files
// the issues.
#include <set>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/local_time.h"
#include "cli/partial.h"
#include "cli/review_output.h"
#include "cli/review_setup.h"

namespace daybook::cli {
namespace {

constexpr std::int64_t kDayMicros = std::int64_t{24} * 3'600 * 1'000'000;
constexpr std::uint64_t kMaxDays = 36'500;

class ReviewNightly final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.text("--since", since_, "WHEN", "only signals of messages since then: 24h, 7d, a date");
    flags.text("--until", until_, "WHEN", "... and before then");
    flags.number("--days", days_, "N", "the same as --since Nd");
    flags.text("--date", options_.date, "DATE", "the digest's date (today)");
    flags.flag("--dry-run", dry_run_, "print what would be reported; write and file nothing");
    flags.flag("--json", json_, "one JSON document, with the signals");
    flags.flag("--create-issues", create_issues_,
               "file issues, also where the configuration says create_issues = false");
    flags.choice("--rules", rules_, {"daybook", "jilog"}, "which rules find the signals");
    flags.text("--digest-dir", digest_dir_, "DIR", "where digests go");
    flags.texts("--reader", readers_, "NAME", "only sessions of this reader");
    flags.text("--config", config_file_, "FILE", "this configuration alone");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(config, load_config(context, config_file_));
    DAYBOOK_CHECK(complete_options(context, config));
    DAYBOOK_TRY(sources, choose_sources(config, readers_));
    context.catch_interrupt();
    return dry_run_ ? try_out(context, config, std::move(sources))
                    : review(context, config, std::move(sources));
  }

 private:
  Result<void> complete_options(Context& context, const review::Config& config) {
    DAYBOOK_TRY(rules, choose_rules(config, rules_));
    options_.rules = rules;
    DAYBOOK_CHECK(read_window(context));
    options_.day_of = local_day;
    options_.harnesses = readers_;
    options_.tracker = config.tracker;
    options_.create_issues =
        config.tracker.type != "none" && (create_issues_ || config.create_issues.value_or(true));
    if (create_issues_ && config.tracker.type == "none") {
      return fail(Errc::InvalidArgument, "--create-issues: no issue tracker is configured",
                  "name one in the configuration: [tracker] type = \"beads\"");
    }
    DAYBOOK_TRY(choice, context.ledger_choice());
    options_.digest_dir = digest_dir_.empty() ? config.digest_dir : digest_dir_;
    if (options_.digest_dir.empty()) options_.digest_dir = choice.path + "/digests";
    return {};
  }

  Result<void> read_window(Context& context) {
    if (days_ && !since_.empty()) {
      return fail(Errc::InvalidArgument, "--days and --since say the same: give one of them");
    }
    if (days_) {
      if (*days_ == 0 || *days_ > kMaxDays) {
        return fail(Errc::InvalidArgument, fmt::format("--days: not from 1 to {}", kMaxDays));
      }
      options_.since =
          Timestamp{context.now().micros - static_cast<std::int64_t>(*days_) * kDayMicros};
    }
    if (!since_.empty()) {
      DAYBOOK_TRY(since, parse_local_when(since_, context.now()));
      options_.since = since;
    }
    if (!until_.empty()) {
      DAYBOOK_TRY(until, parse_local_when(until_, context.now()));
      options_.until = until;
    }
    return {};
  }

  Result<ExitCode> review(Context& context, const review::Config& config,
                          std::vector<ReaderSource> sources) {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadWrite));
    DAYBOOK_TRY(imported, import_new(context, ledger, config, std::move(sources)));
    if (imported.stopped) return ExitCode::Interrupted;
    DAYBOOK_TRY(report, review_nightly(ledger, options_, context.env()));
    DAYBOOK_TRY(closed, context.close_ledger(ledger, ExitCode::Ok));
    for (const Error& error : report.tracker_failures) {
      context.warn(fmt::format("tracker {}: {}", config.tracker.type, error.message));
    }
    if (json_) {
      context.out().line(report_json(report, RunKind::Real));
    } else {
      print_summary(context.out(), report);
    }
    const ExitCode missing = tell_missing(context, report.lost);
    return report.tracker_failures.empty() && closed == ExitCode::Ok ? missing : ExitCode::Partial;
  }

  Result<ExitCode> try_out(Context& context, const review::Config& config,
                           std::vector<ReaderSource> sources) {
    DAYBOOK_TRY(scratch, ScratchLedger::make(context));
    DAYBOOK_TRY(imported, import_new(context, scratch.ledger(), config, std::move(sources)));
    if (imported.stopped) return ExitCode::Interrupted;
    ReviewOptions options = options_;
    options.digest_dir.clear();
    options.create_issues = false;
    DAYBOOK_TRY(report, review_nightly(scratch.ledger(), options, context.env()));
    if (json_) {
      context.out().line(report_json(report, RunKind::Dry));
      return tell_missing(context, report.lost);
    }
    DAYBOOK_TRY(pending, pending_learnings(scratch.ledger()));
    std::set<std::string> titles;
    for (const PendingLearning& learning : pending.learnings) {
      if (learning.rules == options.rules) titles.insert(learning.title);
    }
    print_dry_run(context.out(), report,
                  fmt::format("{}/learning-digest-{}.md", options_.digest_dir, report.date),
                  options_.create_issues ? config.tracker.type : "none", titles.size());
    return tell_missing(context, report.lost);
  }

  ReviewOptions options_;
  std::string since_;
  std::string until_;
  std::string rules_;
  std::string digest_dir_;
  std::string config_file_;
  std::vector<std::string> readers_;
  std::optional<std::uint64_t> days_;
  bool dry_run_ = false;
  bool json_ = false;
  bool create_issues_ = false;
};

constexpr Example kExamples[] = {
    {"daybook review nightly", "import, review, write the digest, file the issues"},
    {"daybook review nightly --dry-run --since 24h", "see what that would be"},
    {"daybook review nightly --json", "hand the signals to another program"},
};

constexpr std::string_view kDetails =
    "Signals are corrections, errors, workarounds, deferrals and health patterns. Each\n"
    "is reported once, by the time of its message: without --since whatever is new and\n"
    "not older than a day before the first review ever. A second run on the same day\n"
    "adds to that day's digest. Exits with 6 when a tracker failed; what it was to file\n"
    "is filed next time.";

}  // namespace

const Command review_nightly_command = {"review nightly",
                                        "find what went wrong in sessions, and report it", kDetails,
                                        kExamples, make_verb<ReviewNightly>};

}  // namespace daybook::cli
