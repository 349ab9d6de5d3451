// SPDX-License-Identifier: Apache-2.0
//
// Runs a command and keeps the record of it: that it started, every attempt,
// what it printed, how it ended and what it used. The command's own behaviour
// stays what it was: standard input is its own, output passes through unchanged
// and live, signals reach it, and its exit code is handed back.
//
//   auto ledger = Ledger::open("/var/lib/agent");
//   auto result = supervise(*ledger, {.task = "backup", .command = {"./backup.sh"}, .retries = 3});
//   return result ? result->exit_code : 1;
//
// Events go to the stream "task/<task>", with type "state_change", tier
// structured, actor "machine:<host>", subject "subsystem:<task>" and the id of
// the run as correlation. `data.kind` says what happened:
//
//   task.started      the run began                  (no cause)
//   attempt.started   its first attempt began        <- task.started
//                     a further attempt began        <- the attempt.finished before it
//   output            what an attempt printed        <- its attempt.started
//   attempt.finished  how an attempt ended           <- its attempt.started
//   attempt.lost      its supervisor died            <- its attempt.started
//   task.finished     the run ended                  <- its last attempt.finished
//   task.lost         its supervisor died            <- the last event of the run
//
// Every event that says "started" is recorded and durable before the command
// runs, and exactly one event that says "finished" or "lost" follows it: by the
// same call, or, when the whole process was killed or the ledger could not be
// written, by the next supervise() on this ledger. Until then the facts and the
// output stand in <ledger>/views/supervise/.
//
// The command sees pipes as its output. It runs in a process group of its own,
// so that a timeout reaches all of it, unless this process is in the foreground
// of a terminal: then it stays in the terminal's group, ^C and ^Z reach it from
// the keyboard as ever, and a timeout ends the command itself only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/ledger.h"

namespace daybook {

inline constexpr std::size_t kMaxTaskBytes = 200;
inline constexpr std::uint32_t kMaxRetries = 10'000;
inline constexpr std::uint64_t kMaxOutputBytes = std::uint64_t{64} << 20;  // kept of each stream
inline constexpr std::size_t kMaxTailBytes = 64 * 1024;
inline constexpr std::chrono::microseconds kMaxWait = std::chrono::hours(24 * 366);

// Pauses between attempts: `first`, then twice as long each time, up to
// `longest`; each shortened by up to half at random, never below `first`, so
// that many machines that failed together do not come back together.
struct Backoff {
  std::chrono::microseconds first = std::chrono::seconds(1);
  std::chrono::microseconds longest = std::chrono::minutes(5);
};

// Reads "1s..5m", or "10s" for pauses that do not grow. Errors: InvalidArgument.
[[nodiscard]] Result<Backoff> parse_backoff(std::string_view text);

// What becomes of the signals this process gets while the command runs.
enum class Signals : std::uint8_t {
  Forward,  // HUP INT QUIT TERM USR1 USR2 TSTP CONT go to the command; the first
            // four also end the retries. Only one call at a time in a process
  Leave,    // the caller's business
};

// Which process group the command runs in.
enum class ProcessGroup : std::uint8_t {
  Automatic,  // Shared in the foreground of a terminal, else Own
  Own,        // signals and timeouts reach the command and all it started
  Shared,     // with this process: they reach the command alone
};

struct SuperviseOptions {
  std::string task;                  // 1..kMaxTaskBytes bytes of plain text
  std::vector<std::string> command;  // program and arguments; looked up in PATH

  // Effects on the run.
  std::uint32_t retries = 0;  // further attempts after one that failed, at most kMaxRetries
  Backoff backoff;
  std::optional<std::chrono::microseconds> timeout;            // of each attempt: then SIGTERM, ...
  std::chrono::microseconds grace = std::chrono::seconds(10);  // ... and so much later SIGKILL
  // Run again every so often, measured from start to start and never two at
  // once, until a signal asks to stop. Every run has events of its own.
  std::optional<std::chrono::microseconds> interval;
  std::uint64_t max_runs = 0;  // with `interval`: stop after so many; 0: no limit
  Signals signals = Signals::Forward;
  ProcessGroup group = ProcessGroup::Automatic;

  // Effects on what is passed on and kept.
  int stdout_fd = 1;  // where the command's output goes; -1: nowhere
  int stderr_fd = 2;
  std::uint64_t output_bytes = kMaxOutputBytes;  // more than this: the middle is dropped
  std::size_t tail_bytes = 4096;                 // of each stream, inside the event
  // Called with one sentence when the record suffers while the command runs.
  std::function<void(const std::string&)> warn;
};

// How one attempt went.
struct AttemptResult {
  std::uint32_t number = 0;  // from 1
  Timestamp started;
  Timestamp ended;
  // The command's exit code; 128 + n when signal n ended it; 127 when it was not
  // found and 126 when it could not be executed. 124 in the one case where a
  // command was stopped by the timeout and yet said 0.
  int exit_code = 0;
  int signal = 0;  // that ended it; 0: it exited by itself
  bool core_dumped = false;
  bool timed_out = false;
  bool output_open = false;  // something it left behind still held its output
  std::string error;         // why it could not be started; empty: it was
  std::int64_t pid = 0;      // 0: it was not started
  std::uint64_t duration_us = 0;
  std::uint64_t user_us = 0;  // processor time, with that of its waited-for children
  std::uint64_t system_us = 0;
  std::uint64_t max_rss_kib = 0;   // never below what this process had when it started it
  std::uint64_t stdout_bytes = 0;  // printed, kept or not
  std::uint64_t stderr_bytes = 0;

  [[nodiscard]] bool succeeded() const { return exit_code == 0; }
};

struct SuperviseResult {
  std::string run;             // id of the last run: the correlation of its events
  int exit_code = 0;           // of the last attempt of the last run
  std::uint32_t attempts = 0;  // of the last run
  std::uint64_t runs = 0;      // more than 1 only with `interval`
  AttemptResult last;
  int stopped_by = 0;      // the signal that ended it all; 0: none
  bool recorded = true;    // false: part of the record waits for the next supervise()
  std::uint64_t lost = 0;  // attempts of dead supervisors that were recorded as lost first
};

// Runs the command as asked and returns when it is over. First records what
// supervisors that died have left behind (record_lost_attempts).
//
// A run whose start cannot be recorded does not start: the ledger's error comes
// back. A run that has started is never disturbed by the ledger: what could not
// be recorded is tried again at the end, then left for the next call, and
// `warn` is told. With `interval`, a run that cannot be recorded is skipped.
//
// The ledger must be open for writing. Several calls may supervise the same task
// at once, from any processes; neither takes the other's attempts for lost.
// Errors: InvalidArgument, LimitExceeded, Busy (a second call that forwards
// signals), and the ledger's; nothing has run then.
[[nodiscard]] Result<SuperviseResult> supervise(Ledger& ledger, const SuperviseOptions& options,
                                                Environment env = Environment::system());

// Records what dead supervisors of this machine have left in
// <ledger>/views/supervise/: attempts without an end as lost, with the output they
// had, and ends that could not be recorded at the time. Returns the number of attempts
// recorded as lost. Live supervisors are left alone. Safe to call at any time.
[[nodiscard]] Result<std::uint64_t> record_lost_attempts(Ledger& ledger,
                                                         Environment env = Environment::system());

}  // namespace daybook
