// SPDX-License-Identifier: Apache-2.0
//
// Reads the log's events for a run of seqs that goes one way: single ones by
// seq, neighbours through one cursor. What the log can no longer give is noted
// in lost(), not an error: the index knew it, so it was there.
// Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "daybook/ledger.h"

namespace daybook::views {

class EventReader {
 public:
  EventReader(Ledger& ledger, Direction direction) : ledger_(&ledger), direction_(direction) {}

  // Each seq further along than the one before. nullopt: lost.
  [[nodiscard]] Result<std::optional<Event>> read(Seq seq);

  [[nodiscard]] const std::vector<LostRange>& lost() const { return lost_; }

 private:
  static constexpr std::uint64_t kNear = 16;  // passing over so many is cheaper than a read
  static constexpr unsigned kNearOnesBeforeCursor = 4;

  [[nodiscard]] bool is_near(Seq seq) const;
  [[nodiscard]] Result<std::optional<Event>> read_one(Seq seq);
  [[nodiscard]] Result<std::optional<Event>> read_on(Seq seq);
  [[nodiscard]] bool is_before(Seq a, Seq b) const;

  Ledger* ledger_;
  Direction direction_;
  std::optional<Cursor> cursor_;
  std::optional<Event> ahead_;  // the cursor went past a lost event to this one
  Seq latest_;
  unsigned near_ones_ = 0;
  std::vector<LostRange> lost_;
};

}  // namespace daybook::views
