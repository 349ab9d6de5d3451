// SPDX-License-Identifier: Apache-2.0
//
// What the issue of a signal says: type, priority, labels and body, as
// docs/review.md lays down. Pure.
#pragma once

#include <string>

#include "daybook/review.h"
#include "review/tracker.h"

namespace daybook::review {

// Against what a signal is held.
struct DraftContext {
  std::string date;    // of the digest that reports it
  std::string window;  // in words: "24h"
  Timestamp created;
  const P0Alert* p0 = nullptr;  // the alert that an error is part of
};

[[nodiscard]] IssueDraft draft_issue(const Signal& signal, const std::string& title,
                                     const DraftContext& context);

// "24h", "7d", "90m": how long a window is.
[[nodiscard]] std::string window_text(Timestamp since, Timestamp until);

}  // namespace daybook::review
