// SPDX-License-Identifier: Apache-2.0
//
// Reads a range of the log into a view. Runs inside the caller's transaction:
// the rows, what was lost and how far it goes are committed together or not at
// all. Memory does not grow with the range.
#pragma once

#include <functional>

#include "daybook/index.h"
#include "index/state.h"

namespace daybook::views {

// Tells how far a long job is, every kEventsPerTick events.
class Ticker {
 public:
  static constexpr std::uint64_t kEventsPerTick = 50'000;

  Ticker() = default;
  Ticker(Index::Progress progress, std::uint64_t total)
      : progress_(std::move(progress)), total_(total) {}
  void tick() {
    if (++done_ % kEventsPerTick == 0 && progress_) progress_({.done = done_, .total = total_});
  }
  void finish() {
    if (progress_ && done_ >= kEventsPerTick) progress_({.done = done_, .total = total_});
  }

 private:
  Index::Progress progress_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

struct FillRequest {
  View view = View::Fields;
  Seq to;                       // at most last()
  Database* earlier = nullptr;  // has the events up to state.indexed, when `db` has not
};

// Continues `db` behind `state` and writes the new state, which is returned.
[[nodiscard]] Result<ViewState> fill(Ledger& ledger, Database& db, ViewState state,
                                     const FillRequest& request, Ticker& ticker);

}  // namespace daybook::views
