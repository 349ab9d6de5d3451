// SPDX-License-Identifier: Apache-2.0
#include "run/record.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "run/capture.h"
#include "run/process.h"

namespace daybook {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxSummaryCommand = 120;  // bytes of the command in a summary
constexpr std::string_view kNeedsQuotes = " \t\n\"'\\$`;&|<>()*?[]#~";

double milliseconds(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

// The command as a person would type it, cut where it gets long.
std::string command_line(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) {
    if (!line.empty()) line += ' ';
    const bool quote = word.empty() || word.find_first_of(kNeedsQuotes) != std::string::npos;
    line += quote ? fmt::format("'{}'", word) : word;
    if (line.size() > kMaxSummaryCommand) break;
  }
  std::ranges::replace(line, '\n', ' ');
  return last_line(line, kMaxSummaryCommand);
}

Json base_data(const RunRecord& run, std::string_view kind, std::string summary) {
  Json data;
  data["kind"] = kind;
  data["subsystem"] = run.task;
  data["machine"] = run.host;
  data["summary"] = std::move(summary);
  return data;
}

void add_command(Json& data, const RunRecord& run) { data["command"] = run.command; }

NewEvent make_event(const RunRecord& run, std::string key, Timestamp time, const Json& data) {
  return {.stream = "task/" + run.task,
          .type = "state_change",
          .data = data.dump(-1, ' ', false, Json::error_handler_t::replace),
          .source = {},
          .actor = "machine:" + run.host,
          .subject = "subsystem:" + run.task,
          .correlation = run.id,
          .key = std::move(key),
          .tier = Tier::Structured,
          .time = time,
          .causes = {},
          .batch_causes = {}};
}

std::string attempt_key(const RunRecord& run, const AttemptRecord& attempt, std::string_view what) {
  return fmt::format("{}/{}/{}", run.id, attempt.result.number, what);
}

std::string attempt_name(const RunRecord& run, const AttemptRecord& attempt) {
  return fmt::format("attempt {} of {}", attempt.result.number, run.attempts_max);
}

std::string how_it_ended(const AttemptResult& result) {
  if (!result.error.empty() && result.pid == 0) return "failed: " + result.error;
  const std::string after = duration_text(result.duration_us);
  if (result.timed_out) return fmt::format("timed out after {}", after);
  if (result.signal != 0) {
    return fmt::format("was ended by {} after {}", signal_name(result.signal), after);
  }
  if (result.exit_code != 0) {
    return fmt::format("failed with exit code {} after {}", result.exit_code, after);
  }
  return fmt::format("succeeded after {}", after);
}

std::string end_summary(const RunRecord& run, const AttemptRecord& attempt) {
  const std::string name = attempt_name(run, attempt);
  if (attempt.fate == Fate::Lost) {
    const std::string rest =
        attempt.still_running
            ? fmt::format("; the command still runs as process {}", attempt.result.pid)
            : std::string();
    return fmt::format("{} lost: its supervisor died{}", name, rest);
  }
  std::string summary = fmt::format("{} {}", name, how_it_ended(attempt.result));
  if (!attempt.result.succeeded() && !attempt.last_words.empty()) {
    summary += ": " + attempt.last_words;
  }
  return summary;
}

std::string_view outcome_of(const AttemptRecord& attempt) {
  if (attempt.fate == Fate::Lost) return "lost";
  if (attempt.result.timed_out) return "timed_out";
  return attempt.result.succeeded() ? "succeeded" : "failed";
}

std::string_view outcome_of(const RunRecord& run) {
  if (run.fate == Fate::Lost) return "lost";
  return run.exit_code == 0 ? "succeeded" : "failed";
}

void add_exit(Json& data, const AttemptResult& result) {
  data["exit_code"] = result.exit_code;
  if (result.signal != 0) {
    data["signal"] = result.signal;
    data["signal_name"] = signal_name(result.signal);
  }
  if (result.core_dumped) data["core_dumped"] = true;
  data["timed_out"] = result.timed_out;
  if (!result.error.empty()) data["error"] = result.error;
}

void add_usage(Json& data, const AttemptResult& result) {
  data["duration_ms"] = milliseconds(result.duration_us);
  data["user_ms"] = milliseconds(result.user_us);
  data["system_ms"] = milliseconds(result.system_us);
  data["max_rss_kib"] = result.max_rss_kib;
  data["stdout_bytes"] = result.stdout_bytes;
  data["stderr_bytes"] = result.stderr_bytes;
  if (result.output_open) data["output_open"] = true;
}

void add_output(Json& data, const std::string& name, const KeptOutput& output) {
  if (output.blob) {
    data[name] = {{"$blob", "sha256:" + to_string(output.blob->digest)},
                  {"size", output.blob->bytes}};
  }
  data[name + "_bytes"] = output.total;
  if (output.dropped != 0) {
    data[name + "_dropped"] = output.dropped;
    data[name + "_gap_at"] = output.gap_at;
  }
  if (!output.error.empty()) data[name + "_error"] = output.error;
  data[name + "_tail"] = output.tail;
}

std::string task_summary(const RunRecord& run) {
  if (run.fate == Fate::Lost) return fmt::format("{} lost: its supervisor died", run.task);
  const std::string after = duration_text(run.duration_us);
  const std::string tries = run.attempts.size() == 1
                                ? std::string("1 attempt")
                                : fmt::format("{} attempts", run.attempts.size());
  std::string summary = run.exit_code == 0
                            ? fmt::format("{} succeeded after {} and {}", run.task, tries, after)
                            : fmt::format("{} failed with exit code {} after {} and {}", run.task,
                                          run.exit_code, tries, after);
  if (run.stopped_by != 0) summary += ", stopped by " + signal_name(run.stopped_by);
  return summary;
}

}  // namespace

bool RunRecord::recorded() const {
  const auto attempt_recorded = [](const AttemptRecord& attempt) {
    return attempt.started_event && (attempt.fate == Fate::Unknown || attempt.end_event);
  };
  return started_event && std::ranges::all_of(attempts, attempt_recorded) &&
         (fate == Fate::Unknown || end_event);
}

NewEvent task_started_event(const RunRecord& run) {
  Json data = base_data(run, "task.started",
                        fmt::format("{} started: {}", run.task, command_line(run.command)));
  add_command(data, run);
  data["attempts_max"] = run.attempts_max;
  if (run.timeout_us != 0) data["timeout_ms"] = milliseconds(run.timeout_us);
  if (run.interval_us != 0) {
    data["interval_ms"] = milliseconds(run.interval_us);
    data["round"] = run.round;
    data["series"] = run.series;
  }
  data["directory"] = run.directory;
  data["supervisor_pid"] = run.supervisor_pid;
  return make_event(run, run.id + "/start", run.started, data);
}

NewEvent attempt_started_event(const RunRecord& run, const AttemptRecord& attempt) {
  Json data =
      base_data(run, "attempt.started", fmt::format("{} started", attempt_name(run, attempt)));
  data["attempt"] = attempt.result.number;
  add_command(data, run);
  return make_event(run, attempt_key(run, attempt, "start"), attempt.result.started, data);
}

NewEvent output_event(const RunRecord& run, const AttemptRecord& attempt, const KeptOutput& out,
                      const KeptOutput& err) {
  Json data = base_data(run, "output",
                        fmt::format("attempt {} printed {} bytes and {} bytes of errors",
                                    attempt.result.number, out.total, err.total));
  data["attempt"] = attempt.result.number;
  add_output(data, "stdout", out);
  add_output(data, "stderr", err);
  const Timestamp time = attempt.fate == Fate::Lost ? attempt.lost_at : attempt.result.ended;
  return make_event(run, attempt_key(run, attempt, "output"), time, data);
}

NewEvent attempt_end_event(const RunRecord& run, const AttemptRecord& attempt) {
  const bool lost = attempt.fate == Fate::Lost;
  Json data = base_data(run, lost ? "attempt.lost" : "attempt.finished", end_summary(run, attempt));
  data["outcome"] = outcome_of(attempt);
  data["attempt"] = attempt.result.number;
  add_command(data, run);
  if (attempt.result.pid != 0) data["pid"] = attempt.result.pid;
  if (lost) {
    data["still_running"] = attempt.still_running;
  } else {
    add_exit(data, attempt.result);
    add_usage(data, attempt.result);
  }
  return make_event(run, attempt_key(run, attempt, "end"),
                    lost ? attempt.lost_at : attempt.result.ended, data);
}

NewEvent task_end_event(const RunRecord& run) {
  const bool lost = run.fate == Fate::Lost;
  Json data = base_data(run, lost ? "task.lost" : "task.finished", task_summary(run));
  data["outcome"] = outcome_of(run);
  add_command(data, run);
  data["attempts"] = run.attempts.size();
  if (!lost) {
    data["exit_code"] = run.exit_code;
    if (run.stopped_by != 0) data["stopped_by"] = signal_name(run.stopped_by);
    data["duration_ms"] = milliseconds(run.duration_us);
  }
  return make_event(run, run.id + "/end", run.ended, data);
}

std::string duration_text(std::uint64_t micros) {
  constexpr std::uint64_t kMinute = 60'000'000;
  constexpr std::uint64_t kHour = 60 * kMinute;
  if (micros >= kHour) {
    return fmt::format("{} h {} min", micros / kHour, micros % kHour / kMinute);
  }
  if (micros >= kMinute) {
    return fmt::format("{} min {} s", micros / kMinute, micros % kMinute / 1'000'000);
  }
  return fmt::format("{:.3f} s", static_cast<double>(micros) / 1e6);
}

}  // namespace daybook
