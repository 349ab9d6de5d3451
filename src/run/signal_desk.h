// SPDX-License-Identifier: Apache-2.0
//
// Decides what becomes of a signal: on to the command, and for some of them the
// end of the supervisor's own work. One thread.
#pragma once

#include <optional>

#include "run/signals.h"

namespace daybook {

class SignalDesk {
 public:
  // Without a relay no signal ever comes.
  SignalDesk(std::optional<SignalRelay> relay, ProcessGroup group)
      : relay_(std::move(relay)), group_(group) {}

  [[nodiscard]] int fd() const { return relay_ ? relay_->fd() : -1; }
  // Handles every signal that has come; `child` may be null.
  void deliver(const Process* child);
  // The first signal that asked to stop; 0: none has.
  [[nodiscard]] int stopped_by() const { return stopped_by_; }

 private:
  std::optional<SignalRelay> relay_;
  ProcessGroup group_;
  int stopped_by_ = 0;
};

}  // namespace daybook
