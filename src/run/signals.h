// SPDX-License-Identifier: Apache-2.0
//
// Signals on their way to a supervised command. The handlers only write into a
// pipe that the supervising loop polls; what to do is decided there.
#pragma once

#include <csignal>
#include <optional>

#include "run/process.h"

namespace daybook {

struct ReceivedSignal {
  int number = 0;
  bool from_terminal = false;  // ^C and the like: the whole foreground group got it
};

// Whether a signal also asks the supervisor itself to come to an end.
[[nodiscard]] bool asks_to_stop(int signal);

// Installs the handlers; the destructor restores what was there. Signals that
// were ignored stay ignored, as nohup and background jobs expect. One at a time in a process.
class SignalRelay {
 public:
  // With Shared, TSTP and CONT are left alone: the terminal sends them to
  // everybody. Errors: Busy when there is one already; Io.
  [[nodiscard]] static Result<SignalRelay> install(ProcessGroup group);

  SignalRelay(SignalRelay&& other) noexcept;
  SignalRelay& operator=(SignalRelay&&) = delete;
  ~SignalRelay();

  // Readable when next() has something.
  [[nodiscard]] int fd() const { return pipe_.read.get(); }
  [[nodiscard]] std::optional<ReceivedSignal> next() const;

 private:
  explicit SignalRelay(Pipe pipe) : pipe_(std::move(pipe)) {}
  Pipe pipe_;
};

// While it lives, writing to a closed pipe in this thread is an error and no
// signal. The mask of before is what a started command gets.
class PipeSignalGuard {
 public:
  PipeSignalGuard();
  PipeSignalGuard(const PipeSignalGuard&) = delete;
  PipeSignalGuard& operator=(const PipeSignalGuard&) = delete;
  ~PipeSignalGuard();

  [[nodiscard]] const sigset_t& mask_before() const { return mask_before_; }

 private:
  sigset_t mask_before_{};
  bool was_pending_ = false;
};

// Stops this process until somebody continues it.
void stop_self();

}  // namespace daybook
