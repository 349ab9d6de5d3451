// SPDX-License-Identifier: Apache-2.0
//
// Events that follow each other without a checkpoint between them, and whether there
// are more of them than docs/format.md, 7.1, lets a writer leave. A value; not
// thread-safe.
#pragma once

#include "daybook/types.h"
#include "ledger/format.h"

namespace daybook {

class UnsignedRun {
 public:
  void add(Seq seq, Timestamp recorded) {
    if (count_++ == 0) {
      first_ = seq;
      begun_ = recorded;
    }
    last_ = seq;
    if (recorded <= begun_ || waited(recorded) <= format::kMaxUnsignedMicros) return;
    // A group has one moment, however many events are in it.
    if (late_moments_ == 0 || recorded != late_) ++late_moments_;
    late_ = recorded;
  }

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool too_long() const {
    return count_ > format::kMaxUnsignedEvents || late_moments_ > format::kMaxLateMoments;
  }
  [[nodiscard]] Seq first() const { return first_; }
  [[nodiscard]] Seq last() const { return last_; }

 private:
  // Without overflow, whatever a forged event says.
  [[nodiscard]] std::uint64_t waited(Timestamp recorded) const {
    return static_cast<std::uint64_t>(recorded.micros) - static_cast<std::uint64_t>(begun_.micros);
  }

  std::uint64_t count_ = 0;
  Seq first_;
  Seq last_;
  Timestamp begun_;
  Timestamp late_;
  std::uint32_t late_moments_ = 0;
};

}  // namespace daybook
