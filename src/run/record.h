// SPDX-License-Identifier: Apache-2.0
//
// What is known about one run, and how it becomes events. A RunRecord holds the
// facts and, beside each, the id of the event that tells it, once there is one.
// Every event has a key within its stream, so recording is repeatable: whoever
// records a run again, after a failure or a crash, completes it and adds nothing twice.
// All pure values; no disk here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/event.h"
#include "daybook/supervise.h"

namespace daybook {

// One output stream of an attempt, as far as the event needs it.
struct KeptOutput {
  std::uint64_t total = 0;    // printed
  std::uint64_t dropped = 0;  // of these, not kept
  std::uint64_t gap_at = 0;   // where in the blob they are missing
  std::optional<BlobRef> blob;
  std::string tail;   // text
  std::string error;  // why some was not kept; may be empty
};

enum class Fate : std::uint8_t { Unknown, Finished, Lost };

struct AttemptRecord {
  AttemptResult result;  // `number` and `started` from the beginning, the rest when finished
  Fate fate = Fate::Unknown;
  Timestamp lost_at;
  std::uint64_t pid_start = 0;  // with result.pid: which process it was
  bool still_running = false;   // lost, and the command runs without a supervisor
  std::string stdout_tail;      // raw, from memory; empty after a crash
  std::string stderr_tail;
  std::string stdout_error;  // why the spool stopped taking bytes
  std::string stderr_error;
  std::string last_words;  // last line printed, for the summary
  std::optional<EventId> started_event;
  std::optional<EventId> output_event;
  std::optional<EventId> end_event;
};

struct RunRecord {
  std::string id;  // ULID text: the correlation
  std::string task;
  std::string host;
  std::string directory;
  std::vector<std::string> command;
  Timestamp started;
  std::uint32_t attempts_max = 1;
  std::uint64_t timeout_us = 0;   // 0: none
  std::uint64_t interval_us = 0;  // 0: runs once
  std::uint64_t round = 0;        // with an interval: which run of it, from 1
  std::string series;             // with an interval: id of its first run
  std::int64_t supervisor_pid = 0;
  std::vector<AttemptRecord> attempts;
  Fate fate = Fate::Unknown;
  Timestamp ended;
  std::uint64_t duration_us = 0;
  int exit_code = 0;
  int stopped_by = 0;
  std::optional<EventId> started_event;
  std::optional<EventId> end_event;

  // True when every fact has its event.
  [[nodiscard]] bool recorded() const;
};

// The events, without causes. `number` starts at 1.
[[nodiscard]] NewEvent task_started_event(const RunRecord& run);
[[nodiscard]] NewEvent attempt_started_event(const RunRecord& run, const AttemptRecord& attempt);
[[nodiscard]] NewEvent output_event(const RunRecord& run, const AttemptRecord& attempt,
                                    const KeptOutput& out, const KeptOutput& err);
[[nodiscard]] NewEvent attempt_end_event(const RunRecord& run, const AttemptRecord& attempt);
[[nodiscard]] NewEvent task_end_event(const RunRecord& run);

// "1.204 s", "3 min 20 s": for summaries.
[[nodiscard]] std::string duration_text(std::uint64_t micros);

}  // namespace daybook
