// SPDX-License-Identifier: Apache-2.0
#include "review/nightly_history.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "review/nightly_learnings.h"
#include "transcript/json_view.h"

namespace daybook::review {
namespace {

constexpr Timestamp kForever{std::numeric_limits<std::int64_t>::max()};
constexpr std::size_t kDateCharacters = 10;

Window unite(const Window& a, const Window& b) {
  return {.since = std::min(a.since, b.since), .until = std::max(a.until, b.until)};
}

bool is_date(std::string_view text) {
  return text.size() == kDateCharacters && parse_timestamp(text).has_value();
}

void count_signals(JsonWriter& json, const std::vector<Signal>& signals) {
  constexpr std::array kKinds = {SignalKind::Correction, SignalKind::Error, SignalKind::Workaround,
                                 SignalKind::Deferral, SignalKind::Pattern};
  json.key("signals").begin_object();
  for (const SignalKind kind : kKinds) {
    json.member(to_string(kind), std::count_if(signals.begin(), signals.end(),
                                               [&](const Signal& s) { return s.kind == kind; }));
  }
  json.end_object();
}

}  // namespace

Result<ReviewHistory> read_history(Ledger& ledger, Rules rules) {
  ReviewHistory history;
  DAYBOOK_TRY(cursor, ledger.scan({.stream = std::string(kReviewStream)}));
  simdjson::dom::parser parser;
  while (true) {
    DAYBOOK_TRY(view, cursor.next());
    if (view == nullptr) break;
    const auto data = ledger.data(to_event(*view));
    simdjson::dom::element value;
    if (!data || parser.parse(*data).get(value) != simdjson::SUCCESS) continue;
    const auto fields = transcript::as_object(value);
    if (!fields || transcript::text_at(*fields, "rules") != to_string(rules)) continue;
    const auto floor = transcript::time_at(*fields, "floor");
    if (!floor) continue;
    history.floor = history.reviewed ? std::min(history.floor, *floor) : *floor;
    history.reviewed = true;
    history.last = view->recorded;
    history.position = Seq{transcript::unsigned_at(*fields, "position").value_or(0)};
    const auto since = transcript::time_at(*fields, "since");
    const auto until = transcript::time_at(*fields, "until");
    if (!since || !until) continue;
    const std::string date(transcript::text_at(*fields, "date"));
    const auto [window, first] = history.windows.emplace(date, Window{*since, *until});
    if (!first) window->second = unite(window->second, {*since, *until});
  }
  return history;
}

std::string day_of(const ReviewOptions& options, Timestamp time) {
  if (options.day_of) return options.day_of(time);
  return to_string(time).substr(0, kDateCharacters);
}

Result<ReviewPlan> plan_review(Ledger& ledger, const ReviewOptions& options, Timestamp now) {
  DAYBOOK_TRY(history, read_history(ledger, options.rules));
  ReviewPlan plan;
  plan.rules = options.rules;
  plan.date = options.date.empty() ? day_of(options, now) : options.date;
  if (!is_date(plan.date)) {
    return fail(Errc::InvalidArgument, fmt::format("'{}' is no date", plan.date),
                "write it as 2026-11-20");
  }
  const Timestamp yesterday{now.micros - kDefaultWindowMicros};
  const Timestamp usual = history.reviewed ? std::min(yesterday, history.last) : yesterday;
  plan.window = {.since = options.since.value_or(usual), .until = options.until.value_or(now)};
  if (plan.window.until <= plan.window.since) {
    return fail(Errc::InvalidArgument,
                fmt::format("the window ends at {}, before it begins at {}",
                            to_string(plan.window.until), to_string(plan.window.since)));
  }
  plan.floor = history.reviewed ? std::min(history.floor, options.since.value_or(history.floor))
                                : plan.window.since;
  plan.report = {.since = options.since.value_or(plan.floor),
                 .until = options.until.value_or(kForever)};
  const auto earlier = history.windows.find(plan.date);
  if (earlier != history.windows.end()) plan.window = unite(plan.window, earlier->second);
  // What was never to be reported is now: everything has to be read again.
  const bool reaches_back = history.reviewed && plan.floor < history.floor;
  plan.position = reaches_back ? Seq{0} : history.position;
  DAYBOOK_TRY(window_start, ledger.seq_at(plan.window.since));
  plan.scan_from = std::min(plan.position.next(), window_start);
  DAYBOOK_TRY(last, ledger.last());
  plan.scan_to = last;
  return plan;
}

NewEvent review_event(const ReviewReport& report, const ReviewPlan& plan, Seq position) {
  NewEvent event;
  event.stream = kReviewStream;
  event.type = "review";
  event.subject = "digest:" + plan.date;
  JsonWriter json(event.data);
  json.begin_object().member(
      "summary",
      fmt::format("{} signals in {} sessions", report.signals.size(), report.sessions_scanned));
  json.member("date", plan.date).member("rules", to_string(plan.rules));
  json.member("since", to_string(plan.window.since));
  json.member("until", to_string(plan.window.until));
  json.member("floor", to_string(plan.floor)).member("position", position.value);
  json.member("sessions", report.sessions_scanned);
  count_signals(json, report.signals);
  json.member("p0", report.digest.p0.size()).member("issues", report.issues.size());
  json.member("resolved", report.resolved.size()).member("pending", report.pending);
  json.member("tracker_failures", report.tracker_failures.size());
  json.optional_member("digest", report.digest_path).end_object();
  return event;
}

}  // namespace daybook::review
