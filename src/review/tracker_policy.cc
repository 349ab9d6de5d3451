// SPDX-License-Identifier: Apache-2.0
#include "review/tracker_policy.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace daybook::review {
namespace {

// Learnings with the same title: one issue tells of all of them.
struct TitleGroup {
  std::string title;
  std::vector<const Learning*> learnings;
};

std::vector<TitleGroup> group(const std::vector<Learning>& pending) {
  std::vector<TitleGroup> groups;
  std::map<std::string, std::size_t> places;
  for (const Learning& learning : pending) {
    std::string title = issue_title(learning.signal, learning.rules);
    const auto [place, added] = places.emplace(comparable(title), groups.size());
    if (added) groups.push_back({.title = std::move(title), .learnings = {}});
    groups[place->second].learnings.push_back(&learning);
  }
  if (groups.size() > kMaxFiledPerReview) {
    groups.erase(groups.begin(), groups.end() - static_cast<std::ptrdiff_t>(kMaxFiledPerReview));
  }
  return groups;
}

std::optional<Money> cost_of_group(const TitleGroup& group, const CostOfSession& cost_of) {
  std::optional<Money> total;
  std::set<std::string> seen;
  for (const Learning* learning : group.learnings) {
    if (!seen.insert(learning->signal.session).second) continue;
    if (const auto cost = cost_of(learning->signal.session)) {
      if (!total) total.emplace();
      total->picodollars += cost->picodollars;
    }
  }
  return total;
}

class Filing {
 public:
  Filing(Tracker& tracker, const std::vector<P0Alert>& alerts, const DraftContext& context)
      : tracker_(&tracker), alerts_(&alerts), context_(context) {}

  Result<void> list() {
    DAYBOOK_TRY(issues, tracker_->list());
    for (TrackedIssue& issue : issues) {
      TrackedIssue& known = known_[std::string(comparable(issue.issue.title))];
      // Of several with one title, an open one speaks for all.
      if (known.issue.id.empty() || (issue.open && !known.open)) known = std::move(issue);
    }
    return {};
  }

  Result<FiledIssue> file(const TitleGroup& group) {
    const std::string key(comparable(group.title));
    const auto known = known_.find(key);
    if (known == known_.end()) return create(group);
    FiledIssue filed{.issue = known->second.issue, .action = IssueAction::Bumped, .cost = {}};
    if (known->second.open) return filed;
    filed.action = known->second.done ? IssueAction::Reopened : IssueAction::Left;
    if (filed.action == IssueAction::Left) return filed;
    DAYBOOK_CHECK(tracker_->reopen(
        filed.issue,
        fmt::format("Recurred on {} — closure may have been premature.", context_.date)));
    known->second.open = true;
    return filed;
  }

  // Ours, closed, and not among what was seen this time.
  [[nodiscard]] std::vector<IssueBook::Known> resolved(const IssueBook& book,
                                                       const std::set<std::string>& seen) const {
    std::vector<IssueBook::Known> gone;
    for (const auto& [key, known] : book.by_issue) {
      const auto listed = known_.find(std::string(comparable(known.issue.title)));
      const bool closed = listed != known_.end() && !listed->second.open;
      if (closed && !known.resolved && known.issue.backend == tracker_->backend() &&
          !seen.contains(std::string(comparable(known.issue.title)))) {
        gone.push_back(known);
      }
    }
    return gone;
  }

 private:
  Result<FiledIssue> create(const TitleGroup& group) {
    const Signal& signal = group.learnings.front()->signal;
    DraftContext context = context_;
    if (signal.kind == SignalKind::Error) {
      for (const P0Alert& alert : *alerts_) {
        if (alert.tool == signal.tool) context.p0 = &alert;
      }
    }
    DAYBOOK_TRY(issue, tracker_->create(draft_issue(signal, group.title, context)));
    known_[std::string(comparable(group.title))] = {.issue = issue, .open = true, .done = false};
    return FiledIssue{.issue = std::move(issue), .action = IssueAction::Filed, .cost = {}};
  }

  Tracker* tracker_;
  const std::vector<P0Alert>* alerts_;
  DraftContext context_;
  std::map<std::string, TrackedIssue> known_;  // by comparable title
};

// Writes down what became of every learning of a group.
Result<void> record(Ledger& ledger, IssueBook& book, const TitleGroup& group,
                    const FiledIssue& filed) {
  std::vector<NewEvent> events;
  events.reserve(group.learnings.size());
  for (const Learning* learning : group.learnings) events.push_back(issue_event(filed, *learning));
  DAYBOOK_TRY(receipts, ledger.append(events));
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    book.by_learning[group.learnings[i]->event] = {.filed = filed, .event = receipts[i].id};
  }
  return {};
}

Result<void> record_resolved(Ledger& ledger, const std::vector<IssueBook::Known>& gone,
                             FilingOutcome& outcome) {
  for (const IssueBook::Known& known : gone) {
    DAYBOOK_CHECK(ledger.append(resolved_event(known)));
    outcome.resolved.push_back(known.issue);
  }
  return {};
}

}  // namespace

Result<FilingOutcome> file_issues(Ledger& ledger, Tracker& tracker, IssueBook& book,
                                  const std::vector<Learning>& pending,
                                  const std::vector<P0Alert>& alerts, const DraftContext& context,
                                  const CostOfSession& cost_of) {
  FilingOutcome outcome;
  Filing filing(tracker, alerts, context);
  if (auto listed = filing.list(); !listed) {
    outcome.failures.push_back(std::move(listed).error());
    return outcome;
  }
  std::set<std::string> seen;
  for (const TitleGroup& titled : group(pending)) {
    seen.insert(std::string(comparable(titled.title)));
    if (outcome.failures.size() >= kMaxTrackerFailures) continue;
    auto filed = filing.file(titled);
    if (!filed) {
      outcome.failures.push_back(std::move(filed).error());
      continue;
    }
    if (filed->action != IssueAction::Filed) filed->cost = cost_of_group(titled, cost_of);
    DAYBOOK_CHECK(record(ledger, book, titled, *filed));
    outcome.issues.push_back(*std::move(filed));
  }
  DAYBOOK_CHECK(record_resolved(ledger, filing.resolved(book, seen), outcome));
  return outcome;
}

}  // namespace daybook::review
