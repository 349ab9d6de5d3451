// SPDX-License-Identifier: Apache-2.0
//
// What earlier reviews left: how far they read, and since when signals count. Each
// set of rules has a history of its own. Not thread-safe.
#pragma once

#include <map>
#include <string>

#include "daybook/ledger.h"
#include "daybook/review.h"
#include "review/nightly_session.h"

namespace daybook::review {

inline constexpr std::int64_t kDefaultWindowMicros = std::int64_t{24} * 3'600 * 1'000'000;

struct ReviewHistory {
  bool reviewed = false;                  // there was a review before
  Timestamp floor;                        // signals before were never meant to be reported
  Timestamp last;                         // when the last review was
  Seq position;                           // everything up to here has been reported
  std::map<std::string, Window> windows;  // of each digest, by its date: of all its reviews
};

[[nodiscard]] Result<ReviewHistory> read_history(Ledger& ledger, Rules rules);

// What one review is to do.
struct ReviewPlan {
  Rules rules = Rules::Daybook;
  std::string date;
  Window window;    // of P0 alerts and of the spend
  Window report;    // signals within are reported
  Timestamp floor;  // signals since then, but outside `report`, are for a later review
  Seq position;     // how far reviews had read before
  Seq scan_from;    // sessions with events from here on are read
  Seq scan_to;
};

// Errors: InvalidArgument (a window that ends before it begins), the ledger's.
[[nodiscard]] Result<ReviewPlan> plan_review(Ledger& ledger, const ReviewOptions& options,
                                             Timestamp now);

// The calendar day of a moment, in the zone of the options.
[[nodiscard]] std::string day_of(const ReviewOptions& options, Timestamp time);

// What a finished review leaves behind. `position` is how far nothing is left to do.
[[nodiscard]] NewEvent review_event(const ReviewReport& report, const ReviewPlan& plan,
                                    Seq position);

}  // namespace daybook::review
