// SPDX-License-Identifier: Apache-2.0
//
// What is done about a signal, the same in every tracker. By title:
//
//   none there             filed
//   open                   bumped: nothing is written there, its cost is told
//   closed as done         reopened, with a comment
//   closed for a reason    left as it is: somebody decided so
//
// and an issue of ours that is closed and whose signal is gone is resolved. What
// fails stays pending. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "review/nightly_learnings.h"
#include "review/tracker_draft.h"

namespace daybook::review {

inline constexpr std::size_t kMaxFiledPerReview = 200;  // titles; the newest first
inline constexpr std::size_t kMaxTrackerFailures = 3;   // after so many nothing more is tried

struct FilingOutcome {
  std::vector<FiledIssue> issues;  // one for each title
  std::vector<IssueRef> resolved;
  std::vector<Error> failures;
};

// Asked for the cost of a session, which may be unknown.
using CostOfSession = std::function<std::optional<Money>(const std::string& session)>;

// Files `pending`, and records in the ledger and in `book` what became of each.
// Errors: the ledger's. The tracker's are in the outcome.
[[nodiscard]] Result<FilingOutcome> file_issues(Ledger& ledger, Tracker& tracker, IssueBook& book,
                                                const std::vector<Learning>& pending,
                                                const std::vector<P0Alert>& alerts,
                                                const DraftContext& context,
                                                const CostOfSession& cost_of);

}  // namespace daybook::review
