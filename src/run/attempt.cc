// SPDX-License-Identifier: Apache-2.0
#include "run/attempt.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <climits>
#include <fmt/format.h>

#include "run/process.h"
#include "run/pump.h"

namespace daybook {
namespace {

constexpr int kExitTimedOut = 124;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

std::uint64_t micros_of(std::chrono::microseconds duration) {
  return static_cast<std::uint64_t>(duration.count());
}

int poll_milliseconds(std::uint64_t micros) {
  if (micros == kNever) return -1;
  return static_cast<int>(std::min<std::uint64_t>((micros + 999) / 1000, INT_MAX));
}

class AttemptLoop {
 public:
  AttemptLoop(const AttemptPlan& plan, Process process, Pipe out, Pipe err)
      : plan_(plan),
        process_(std::move(process)),
        out_(std::move(out.read), plan.options->stdout_fd, *plan.out),
        err_(std::move(err.read), plan.options->stderr_fd, *plan.err),
        started_at_(plan.clock->monotonic_micros()) {
    if (plan.options->timeout) timeout_at_ = started_at_ + micros_of(*plan.options->timeout);
  }

  void run(AttemptResult& result) {
    while (!over()) step();
    result.exit_code = end_.exit_code;
    result.signal = end_.signal;
    result.core_dumped = end_.core_dumped;
    result.timed_out = timed_out_;
    if (timed_out_ && result.exit_code == 0) result.exit_code = kExitTimedOut;
    if (!end_.known) result.error = "its exit status is unknown: something else collected it";
    result.output_open = out_.source_open() || err_.source_open();
    result.duration_us = ended_at_ - started_at_;
    result.ended = ended_;
    result.user_us = end_.user_us;
    result.system_us = end_.system_us;
    result.max_rss_kib = end_.max_rss_kib;
  }

 private:
  [[nodiscard]] std::uint64_t now() const { return plan_.clock->monotonic_micros(); }
  [[nodiscard]] bool has_ended() const { return ended_at_ != kNever; }

  void step() {
    std::array<pollfd, 6> waits = {
        pollfd{.fd = plan_.desk->fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = has_ended() ? -1 : process_.end_fd(), .events = POLLIN, .revents = 0},
        out_.wait_source(),
        out_.wait_sink(),
        err_.wait_source(),
        err_.wait_sink(),
    };
    ::poll(waits.data(), waits.size(), poll_milliseconds(time_to_wait()));
    plan_.desk->deliver(has_ended() ? nullptr : &process_);
    out_.move(waits[2], waits[3]);
    err_.move(waits[4], waits[5]);
    tell_failures();
    if (!has_ended()) look_for_end();
    keep_deadlines();
  }

  void tell_failures() {
    tell("output", out_.take_failure());
    tell("error output", err_.take_failure());
  }

  void tell(std::string_view stream, const std::string& failure) const {
    if (failure.empty() || !plan_.options->warn) return;
    plan_.options->warn(
        fmt::format("the command's standard {} cannot be passed on: {}; it is still recorded",
                    stream, failure));
  }

  void look_for_end() {
    const auto end = process_.try_wait();
    if (!end) return;
    end_ = *end;
    ended_at_ = now();
    ended_ = plan_.clock->now();
    out_.source_ended();
    err_.source_ended();
  }

  // Deadlines are looked at after the end, so that a command which made it is
  // not called late.
  void keep_deadlines() {
    const std::uint64_t moment = now();
    if (!has_ended() && !timed_out_ && moment >= timeout_at_) {
      timed_out_ = true;
      kill_at_ = moment + micros_of(plan_.options->grace);
      process_.signal(SIGTERM);
      process_.signal(SIGCONT);  // a stopped command would not hear it
    }
    if (timed_out_ && !killed_ && moment >= kill_at_) {
      killed_ = true;
      process_.signal(SIGKILL);
    }
    // With the command gone, only a reader who does not read keeps us here: its
    // last words get the time to be read, and no more.
    if (asked_to_leave() && moment >= ended_at_ + kDrainMicros) {
      out_.abandon_sink();
      err_.abandon_sink();
    }
  }

  [[nodiscard]] bool asked_to_leave() const { return has_ended() && plan_.desk->stopped_by() != 0; }

  // A group that ran out of time is waited for as a whole. What SIGKILL does not
  // remove soon sits in the kernel, and nothing more will come of it.
  [[nodiscard]] bool group_is_gone() const {
    if (!timed_out_ || (killed_ && now() >= kill_at_ + kDrainMicros)) return true;
    return !process_.group_alive();
  }

  [[nodiscard]] bool over() const {
    if (!has_ended() || !out_.passed_on() || !err_.passed_on() || !group_is_gone()) return false;
    if (!out_.source_open() && !err_.source_open()) return true;
    return out_.drained() && err_.drained() && now() >= ended_at_ + kDrainMicros;
  }

  [[nodiscard]] std::uint64_t time_to_wait() const {
    std::uint64_t until = kNever;
    if (!has_ended() && !timed_out_) until = timeout_at_;
    if (timed_out_ && !killed_) until = kill_at_;
    const bool all_passed_on = out_.passed_on() && err_.passed_on();
    if (asked_to_leave() || (has_ended() && all_passed_on)) {
      until = std::min(until, ended_at_ + kDrainMicros);
    }
    const std::uint64_t moment = now();
    const std::uint64_t wait = until == kNever ? kNever : until - std::min(until, moment);
    // Where nothing tells us, we look: for an end, or for a group to go.
    const bool look = has_ended() ? timed_out_ : process_.end_fd() < 0;
    return look ? std::min(std::max<std::uint64_t>(wait, 1000), kWaitPollMicros) : wait;
  }

  const AttemptPlan& plan_;
  Process process_;
  Pump out_;
  Pump err_;
  std::uint64_t started_at_;
  std::uint64_t timeout_at_ = kNever;
  std::uint64_t kill_at_ = kNever;
  std::uint64_t ended_at_ = kNever;
  Timestamp ended_;
  ProcessEnd end_;
  bool timed_out_ = false;
  bool killed_ = false;
};

// The attempt's facts when the command did not come to run.
void note_not_started(AttemptResult& result, const Error& error, Timestamp when) {
  result.exit_code = error.code == Errc::NotFound ? kExitNotFound : kExitNotExecutable;
  result.error = error.message;
  result.ended = when;
}

Result<AttemptLoop> start(const AttemptPlan& plan, AttemptResult& result) {
  DAYBOOK_TRY(out, make_pipe());
  DAYBOOK_TRY(err, make_pipe());
  const SpawnOptions spawn{.group = plan.group,
                           .stdout_fd = out.write.get(),
                           .stderr_fd = err.write.get(),
                           .mask = plan.mask};
  DAYBOOK_TRY(process, Process::spawn(plan.options->command, spawn));
  result.pid = process.pid();
  // The end of the output shows only when nobody but the command holds it.
  out.write.reset();
  err.write.reset();
  return AttemptLoop(plan, std::move(process), std::move(out), std::move(err));
}

}  // namespace

AttemptResult run_attempt(const AttemptPlan& plan) {
  AttemptResult result;
  result.number = plan.number;
  result.started = plan.clock->now();
  auto loop = start(plan, result);
  if (!loop) {
    note_not_started(result, loop.error(), plan.clock->now());
    return result;
  }
  if (plan.on_started) plan.on_started(result.pid);
  loop->run(result);
  result.stdout_bytes = plan.out->total();
  result.stderr_bytes = plan.err->total();
  return result;
}

}  // namespace daybook
