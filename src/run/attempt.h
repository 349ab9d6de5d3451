// SPDX-License-Identifier: Apache-2.0
//
// One attempt: starts the command, carries its output, hands it signals, holds
// it to its timeout, and says how it ended. One thread, one poll() loop; never
// touches the ledger.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>

#include "daybook/environment.h"
#include "daybook/supervise.h"
#include "run/capture.h"
#include "run/signal_desk.h"

namespace daybook {

// How long output of processes that the command left behind is waited for.
inline constexpr std::uint64_t kDrainMicros = 1'000'000;

// What a shell says of a command that is not there, or cannot be executed.
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitNotExecutable = 126;

struct AttemptPlan {
  const SuperviseOptions* options = nullptr;
  std::uint32_t number = 1;
  ProcessGroup group = ProcessGroup::Own;  // not Automatic
  sigset_t mask{};                         // of the command
  Capture* out = nullptr;
  Capture* err = nullptr;
  SignalDesk* desk = nullptr;
  Clock* clock = nullptr;
  std::function<void(std::int64_t pid)> on_started;  // may be empty
};

// Never fails: a command that could not be started is an attempt that ended
// with 127 or 126.
[[nodiscard]] AttemptResult run_attempt(const AttemptPlan& plan);

}  // namespace daybook
