// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "daybook/review.h"
#include "review/nightly_learnings.h"

namespace daybook {

Result<PendingReport> pending_learnings(Ledger& ledger) {
  PendingReport report;
  DAYBOOK_TRY(book, review::read_issues(ledger, report.lost));
  std::vector<std::pair<Seq, PendingLearning>> found;
  DAYBOOK_CHECK(review::each_learning(ledger, report.lost, [&](review::Learning learning) {
    if (book.by_learning.contains(learning.event)) return;
    PendingLearning pending;
    pending.title = issue_title(learning.signal, learning.rules);
    pending.signal = std::move(learning.signal);
    pending.rules = learning.rules;
    pending.date = std::move(learning.date);
    pending.event = learning.event;
    found.emplace_back(learning.seq, std::move(pending));
  }));
  DAYBOOK_CHECK(review::add_known_damage(ledger, report.lost));
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  report.learnings.reserve(found.size());
  for (auto& [seq, pending] : found) report.learnings.push_back(std::move(pending));
  return report;
}

}  // namespace daybook
