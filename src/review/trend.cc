// SPDX-License-Identifier: Apache-2.0
//
// Did it get better? Signals by the week of their message, each kind and within it
// each label or tool, so that what was done about one of them shows.
#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "daybook/review.h"
#include "review/nightly_learnings.h"

namespace daybook {
namespace {

constexpr std::uint32_t kMaxWeeks = 520;
constexpr std::size_t kDateCharacters = 10;
constexpr int kDaysPerWeek = 7;

// The Monday of the week of a date; nothing when it is no date.
std::optional<std::chrono::sys_days> monday_of(const std::string& date) {
  const auto midnight = parse_timestamp(date);
  if (!midnight) return std::nullopt;
  const auto day =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::microseconds>(
          std::chrono::microseconds(midnight->micros)));
  const auto weekday = std::chrono::weekday(day);
  return day - (weekday - std::chrono::Monday);
}

std::string date_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

class Trend {
 public:
  Trend(const TrendOptions& options, std::chrono::sys_days this_week)
      : options_(&options),
        first_(this_week - std::chrono::days(kDaysPerWeek) * (options.weeks - 1)) {
    report_.sessions.assign(options.weeks, 0);
    sessions_.resize(options.weeks);
  }

  void add(const review::Learning& learning) {
    if (learning.rules != options_->rules) return;
    const Signal& signal = learning.signal;
    const std::string date = signal.time ? day(*signal.time) : learning.date;
    const auto monday = monday_of(date);
    if (!monday || *monday < first_) return;
    const auto week = static_cast<std::size_t>((*monday - first_).count() / kDaysPerWeek);
    if (week >= sessions_.size()) return;
    sessions_[week].insert(signal.session);
    count(signal.kind, "", week);
    const std::string& label = signal.kind == SignalKind::Error ? signal.tool : signal.label;
    if (!label.empty()) count(signal.kind, label, week);
  }

  TrendReport finish() {
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      report_.weeks.push_back(
          date_text(first_ + std::chrono::days(kDaysPerWeek) * static_cast<int>(i)));
      report_.sessions[i] = sessions_[i].size();
    }
    for (auto& [key, weeks] : counts_) {
      report_.rows.push_back({.kind = key.first, .label = key.second, .weeks = std::move(weeks)});
    }
    // A kind before its labels, the most frequent first.
    std::stable_sort(report_.rows.begin(), report_.rows.end(),
                     [](const TrendRow& a, const TrendRow& b) {
                       if (a.kind != b.kind) return a.kind < b.kind;
                       if (a.label.empty() != b.label.empty()) return a.label.empty();
                       return total(a) > total(b);
                     });
    return std::move(report_);
  }

 private:
  static std::uint64_t total(const TrendRow& row) {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : row.weeks) sum += count;
    return sum;
  }
  [[nodiscard]] std::string day(Timestamp time) const {
    return options_->day_of ? options_->day_of(time) : to_string(time).substr(0, kDateCharacters);
  }
  void count(SignalKind kind, const std::string& label, std::size_t week) {
    std::vector<std::uint64_t>& weeks = counts_[{kind, label}];
    weeks.resize(sessions_.size());
    ++weeks[week];
  }

  const TrendOptions* options_;
  std::chrono::sys_days first_;  // the first week's Monday
  std::vector<std::set<std::string>> sessions_;
  std::map<std::pair<SignalKind, std::string>, std::vector<std::uint64_t>> counts_;
  TrendReport report_;
};

}  // namespace

Result<TrendReport> review_trend(Ledger& ledger, const TrendOptions& options, Environment env) {
  if (options.weeks == 0 || options.weeks > kMaxWeeks) {
    return fail(Errc::InvalidArgument,
                fmt::format("{} weeks: a trend shows 1 to {}", options.weeks, kMaxWeeks));
  }
  const Timestamp now = env.clock->now();
  const std::string today =
      options.day_of ? options.day_of(now) : to_string(now).substr(0, kDateCharacters);
  const auto monday = monday_of(today);
  if (!monday) return fail(Errc::InvalidArgument, fmt::format("'{}' is no date", today));
  Trend trend(options, *monday);
  std::vector<LostRange> lost;
  DAYBOOK_CHECK(review::each_learning(
      ledger, lost, [&](const review::Learning& learning) { trend.add(learning); }));
  DAYBOOK_CHECK(review::add_known_damage(ledger, lost));
  TrendReport report = trend.finish();
  report.lost = std::move(lost);
  return report;
}

}  // namespace daybook
