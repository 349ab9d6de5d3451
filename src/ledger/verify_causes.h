// SPDX-License-Identifier: Apache-2.0
//
// Causes that lie outside the segment whose verification met them. They are
// gathered from many segments and looked up together: one event after the other
// where few lie in a segment, in one walk through it where many do.
// Not thread-safe.
#pragma once

#include <vector>

#include "ledger/ledger_impl.h"

namespace daybook {

// An event, and a cause that it names.
struct CauseUse {
  EventId cause;
  Seq event;
  std::uint64_t offset = 0;  // of the event in its segment
};

class CauseLookup {
 public:
  // Beyond so many it is time to resolve.
  static constexpr std::size_t kMaxPending = std::size_t{1} << 18;

  // A segment that has been read: its first event and that event's id.
  void add_segment(Seq first, const EventId& first_id) { segments_.push_back({first_id, first}); }
  void add(const std::vector<CauseUse>& uses);
  [[nodiscard]] bool full() const { return pending_.size() >= kMaxPending; }

  // Looks up what was added and forgets it; returns those that are not there.
  // A cause that is there and cannot be read counts as there.
  [[nodiscard]] Result<std::vector<CauseUse>> resolve(Ledger::Impl& ledger);

 private:
  struct Start {
    EventId id;
    Seq first;
  };

  std::vector<Start> segments_;  // ascending
  std::vector<CauseUse> pending_;
};

}  // namespace daybook
