// SPDX-License-Identifier: Apache-2.0
//
// Makes ids that only ever grow: the clock's milliseconds and fresh randomness,
// or, when the clock has not advanced or stepped back, the last id plus one.
// Not thread-safe: the committing writer owns one.
#pragma once

#include "daybook/environment.h"
#include "daybook/types.h"

namespace daybook {

class UlidGenerator {
 public:
  // Every id made will be larger than `last`.
  explicit UlidGenerator(Entropy& entropy, EventId last = {}) : entropy_(&entropy), last_(last) {}

  [[nodiscard]] EventId next(Timestamp now);
  void set_last(const EventId& last) { last_ = last; }

 private:
  Entropy* entropy_;
  EventId last_;
};

// The moment inside an id, at millisecond resolution.
[[nodiscard]] Timestamp time_of(const EventId& id);

}  // namespace daybook
