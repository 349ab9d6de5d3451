// SPDX-License-Identifier: Apache-2.0
//
// A cursor that also knows what it did not get: every seq of its range was
// either yielded, or is in lost() when the walk is over, or lies behind
// reached(). Filling the index and answering straight from the log both walk.
// Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "daybook/ledger.h"

namespace daybook::views {

inline constexpr std::size_t kMaxLostRanges = 10'000;  // kept in one answer; more are joined

class LogWalk {
 public:
  // Events from..to, both inclusive; they must exist: `to` is at most last().
  [[nodiscard]] static Result<LogWalk> open(Ledger& ledger, Seq from, Seq to, Direction direction);

  // The next event, valid until the next call; nullptr at the end.
  [[nodiscard]] Result<const EventView*> next();

  // What is missing of the part walked so far.
  [[nodiscard]] std::vector<LostRange> lost() const;
  // At the end of a Forward walk: everything up to here is yielded or lost.
  // Less than `to` when the cursor ended early without a word about damage.
  [[nodiscard]] Seq reached() const;

 private:
  struct Gap {
    Seq first;
    Seq last;
  };
  LogWalk(Cursor cursor, Seq from, Seq to, Direction direction);
  void see(Seq seq);
  void add_gap(Seq first, Seq last);
  [[nodiscard]] bool is_explained(const Gap& gap) const;

  Cursor cursor_;
  Seq from_;
  Seq to_;
  Direction direction_;
  Seq expected_;  // 0: a Backward walk is past seq 1
  std::vector<Gap> gaps_;
  bool ended_ = false;
};

// Adds a range to a list of at most kMaxLostRanges; beyond, to the last one.
void add_lost(std::vector<LostRange>& lost, const LostRange& range);

}  // namespace daybook::views
