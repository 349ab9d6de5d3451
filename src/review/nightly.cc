// SPDX-License-Identifier: Apache-2.0
//
// The nightly review, from the ledger to the digest and the tracker. Each step may
// be cut off: whatever was appended carries a key, so that doing it again changes
// nothing, and the position moves on only at the end.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "daybook/review.h"
#include "review/digest_file.h"
#include "review/nightly_history.h"
#include "review/nightly_learnings.h"
#include "review/nightly_session.h"
#include "review/nightly_spend.h"
#include "review/tracker_policy.h"

namespace daybook {
namespace {

constexpr std::uint64_t kLockTimeoutMs = 30'000;  // for a review that runs already
constexpr std::size_t kMaxLearningBatch = 1'000;

// Streams of sessions with something new that may be reported, or with something that
// was said or done within the window.
Result<std::set<std::string>> changed_sessions(Ledger& ledger, const review::ReviewPlan& plan,
                                               std::vector<LostRange>& lost) {
  std::set<std::string> streams;
  if (plan.scan_to < plan.scan_from) return streams;
  DAYBOOK_TRY(cursor, ledger.scan({.from = plan.scan_from, .to = plan.scan_to}));
  while (true) {
    DAYBOOK_TRY(view, cursor.next());
    if (view == nullptr) break;
    const Timestamp since = view->seq > plan.position ? plan.floor : plan.window.since;
    if (view->time >= std::min(since, plan.window.since) &&
        view->stream.starts_with(review::kSessionStreams)) {
      streams.emplace(view->stream);
    }
  }
  lost.insert(lost.end(), cursor.lost().begin(), cursor.lost().end());
  return streams;
}

bool wanted(const ReviewOptions& options, const std::string& harness) {
  return options.harnesses.empty() || std::find(options.harnesses.begin(), options.harnesses.end(),
                                                harness) != options.harnesses.end();
}

// By session, and within it by time: however runs are split, the same order.
bool in_digest_order(const review::Learning& a, const review::Learning& b) {
  const auto key = [](const review::Learning& learning) {
    const Signal& signal = learning.signal;
    return std::tie(signal.session, signal.time, learning.seq);
  };
  return key(a) < key(b);
}

class NightlyReview {
 public:
  NightlyReview(Ledger& ledger, const ReviewOptions& options, Environment env,
                review::ReviewPlan plan)
      : ledger_(&ledger), options_(&options), env_(env), plan_(std::move(plan)), roots_(ledger) {
    report_.date = plan_.date;
    report_.since = plan_.window.since;
    report_.until = plan_.window.until;
  }

  Result<ReviewReport> run() {
    DAYBOOK_TRY(streams, changed_sessions(*ledger_, plan_, report_.lost));
    for (const std::string& stream : streams) DAYBOOK_CHECK(review_session(stream));
    DAYBOOK_CHECK(flush());
    DAYBOOK_CHECK(read_learnings());
    DAYBOOK_CHECK(review::add_known_damage(*ledger_, report_.lost));
    DAYBOOK_CHECK(file());
    make_digest();
    DAYBOOK_CHECK(write_digest());
    DAYBOOK_CHECK(ledger_->append(review::review_event(report_, plan_, position())));
    return std::move(report_);
  }

 private:
  Result<void> review_session(const std::string& stream) {
    DAYBOOK_TRY(findings,
                review::read_session(*ledger_, stream, plan_.rules, plan_.window, roots_));
    if (findings.info.id.empty()) return {};
    if (!wanted(*options_, findings.info.harness)) return {};
    report_.lost.insert(report_.lost.end(), findings.lost.begin(), findings.lost.end());
    spend_.add(findings);
    ++by_harness_[findings.info.harness];
    ++report_.sessions_scanned;
    for (Signal& signal : findings.review.signals) {
      DAYBOOK_CHECK(take(stream, std::move(signal)));
    }
    return {};
  }

  // Reports a signal, leaves it for a later review, or knows it already.
  Result<void> take(const std::string& stream, Signal signal) {
    DAYBOOK_TRY(cause, review::event_of_record(*ledger_, stream, signal.record));
    if (!signal.time && cause) signal.time = cause->time;  // undated: when it was imported
    const Timestamp time = signal.time.value_or(plan_.window.since);
    if (time < plan_.floor) return {};
    DAYBOOK_TRY(known, ledger_->find_key(review::learning_stream(signal.kind),
                                         review::learning_key(signal, plan_.rules)));
    if (known) return {};
    if (!plan_.report.holds(time)) {
      ++held_back_;
      return {};
    }
    std::optional<EventId> id;
    if (cause) id = cause->id;
    batch_.push_back(review::learning_event(signal, plan_.rules, plan_.date, id));
    batch_signals_.push_back(std::move(signal));
    return batch_.size() < kMaxLearningBatch ? Result<void>() : flush();
  }

  Result<void> flush() {
    if (batch_.empty()) return {};
    DAYBOOK_TRY(receipts, ledger_->append(batch_));
    for (std::size_t i = 0; i < receipts.size(); ++i) {
      if (!receipts[i].duplicate) report_.signals.push_back(std::move(batch_signals_[i]));
    }
    batch_.clear();
    batch_signals_.clear();
    return {};
  }

  // Of all that was ever reported: the digest's, the window's errors, the pending.
  Result<void> read_learnings() {
    DAYBOOK_TRY(book, review::read_issues(*ledger_, report_.lost));
    book_ = std::move(book);
    std::vector<Signal> errors;
    DAYBOOK_CHECK(review::each_learning(*ledger_, report_.lost, [&](review::Learning learning) {
      if (learning.rules != plan_.rules) return;
      const Signal& signal = learning.signal;
      const bool today = learning.date == plan_.date;
      const bool here = signal.time && plan_.window.holds(*signal.time);
      if (signal.kind == SignalKind::Error && (today || here)) errors.push_back(signal);
      if (!book_.by_learning.contains(learning.event)) pending_.push_back(learning);
      if (today) today_.push_back(std::move(learning));
    }));
    report_.digest.p0 = find_p0(errors, plan_.rules);
    std::sort(today_.begin(), today_.end(), in_digest_order);
    std::sort(pending_.begin(), pending_.end(),
              [](const auto& a, const auto& b) { return a.seq < b.seq; });
    return {};
  }

  Result<void> file() {
    report_.pending = pending_.size();
    if (!options_->create_issues) return {};
    DAYBOOK_TRY(tracker, review::make_tracker(options_->tracker, env_));
    if (!tracker) return {};
    const review::DraftContext context{
        .date = plan_.date,
        .window = review::window_text(plan_.window.since, plan_.window.until),
        .created = env_.clock->now(),
        .p0 = nullptr};
    DAYBOOK_TRY(outcome, review::file_issues(
                             *ledger_, *tracker, book_, pending_, report_.digest.p0, context,
                             [&](const std::string& session) { return spend_.cost_of(session); }));
    report_.issues = std::move(outcome.issues);
    report_.resolved = std::move(outcome.resolved);
    report_.tracker_failures = std::move(outcome.failures);
    report_.pending = static_cast<std::uint64_t>(
        std::count_if(pending_.begin(), pending_.end(), [&](const review::Learning& learning) {
          return !book_.by_learning.contains(learning.event);
        }));
    return {};
  }

  void make_digest() {
    DigestContent& digest = report_.digest;
    digest.date = plan_.date;
    digest.rules = plan_.rules;
    for (review::Learning& learning : today_) {
      DigestEntry entry;
      entry.signal = std::move(learning.signal);
      const auto known = book_.by_learning.find(learning.event);
      if (known != book_.by_learning.end()) {
        entry.issue = known->second.filed.issue;
        entry.recurred_cost = known->second.filed.cost;
      }
      digest.entries.push_back(std::move(entry));
    }
    digest.spend = spend_.spend();
    digest.personas = spend_.personas(digest.entries);
    for (const auto& [harness, sessions] : by_harness_) {
      report_.sessions.push_back({.harness = harness, .sessions = sessions});
    }
  }

  Result<void> write_digest() {
    if (options_->digest_dir.empty()) return {};
    DAYBOOK_TRY(path, review::write_digest_file(*ledger_, env_, options_->digest_dir, plan_.date,
                                                plan_.rules, render_digest(report_.digest)));
    report_.digest_path = std::move(path);
    return {};
  }

  // A review that left something out has to be made up for: the next one reads on
  // from where the one before had stopped.
  [[nodiscard]] Seq position() const {
    const bool whole = options_->harnesses.empty() && held_back_ == 0;
    return whole ? plan_.scan_to : plan_.position;
  }

  Ledger* ledger_;
  const ReviewOptions* options_;
  Environment env_;
  review::ReviewPlan plan_;
  review::RootFinder roots_;
  review::SpendTally spend_;
  std::map<std::string, std::uint64_t> by_harness_;
  std::vector<NewEvent> batch_;  // learnings about to be appended, and their signals
  std::vector<Signal> batch_signals_;
  std::uint64_t held_back_ = 0;  // signals outside this review's window, for a later one
  review::IssueBook book_;
  std::vector<review::Learning> today_;    // of the digest's date
  std::vector<review::Learning> pending_;  // that no issue tells of
  ReviewReport report_;
};

}  // namespace

Result<ReviewReport> review_nightly(Ledger& ledger, const ReviewOptions& options, Environment env) {
  // Two at once would find the same signals new and file them twice.
  const std::string views = ledger.path() + "/views";
  DAYBOOK_CHECK(make_directories(*env.files, views));
  DAYBOOK_TRY(lock, FileLock::take(env, views + "/review.lock", kLockTimeoutMs));
  DAYBOOK_TRY(plan, review::plan_review(ledger, options, env.clock->now()));
  return NightlyReview(ledger, options, env, std::move(plan)).run();
}

Result<SessionsReport> review_sessions(Ledger& ledger, const ReviewOptions& options,
                                       Environment env) {
  DAYBOOK_TRY(plan, review::plan_review(ledger, options, env.clock->now()));
  if (!options.since) plan.floor = plan.window.since;
  DAYBOOK_TRY(from, ledger.seq_at(plan.window.since));
  plan.scan_from = from;
  SessionsReport report;
  DAYBOOK_TRY(streams, changed_sessions(ledger, plan, report.lost));
  review::RootFinder roots(ledger);
  for (const std::string& stream : streams) {
    DAYBOOK_TRY(findings, review::read_session(ledger, stream, plan.rules, plan.window, roots));
    report.lost.insert(report.lost.end(), findings.lost.begin(), findings.lost.end());
    if (findings.info.id.empty() || !findings.in_window) continue;
    if (!wanted(options, findings.info.harness)) continue;
    report.sessions.push_back(std::move(findings.review));
  }
  DAYBOOK_CHECK(review::add_known_damage(ledger, report.lost));
  std::ranges::sort(report.sessions, [](const SessionReview& a, const SessionReview& b) {
    return std::tie(a.harness, a.first, a.session) < std::tie(b.harness, b.first, b.session);
  });
  return report;
}

}  // namespace daybook
