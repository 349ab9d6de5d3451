// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "daybook/review.h"
#include "review/nightly_learnings.h"

namespace daybook {

Result<std::vector<PendingLearning>> pending_learnings(Ledger& ledger) {
  std::vector<LostRange> lost;
  DAYBOOK_TRY(book, review::read_issues(ledger, lost));
  std::vector<std::pair<Seq, PendingLearning>> found;
  DAYBOOK_CHECK(review::each_learning(ledger, lost, [&](review::Learning learning) {
    if (book.by_learning.contains(learning.event)) return;
    PendingLearning pending;
    pending.title = issue_title(learning.signal, learning.rules);
    pending.signal = std::move(learning.signal);
    pending.rules = learning.rules;
    pending.date = std::move(learning.date);
    pending.event = learning.event;
    found.emplace_back(learning.seq, std::move(pending));
  }));
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PendingLearning> result;
  result.reserve(found.size());
  for (auto& [seq, pending] : found) result.push_back(std::move(pending));
  return result;
}

}  // namespace daybook
