// SPDX-License-Identifier: Apache-2.0
//
// daybook supervise: runs a command and records what became of it.
#include "daybook/supervise.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "run/process.h"

namespace daybook::cli {
namespace {

double milliseconds(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

void write_attempt(JsonWriter& json, const AttemptResult& attempt) {
  json.begin_object().member("attempt", attempt.number);
  json.member("started", to_string(attempt.started)).member("ended", to_string(attempt.ended));
  json.member("exit_code", attempt.exit_code);
  if (attempt.signal != 0) json.member("signal", signal_name(attempt.signal));
  json.member("timed_out", attempt.timed_out).optional_member("error", attempt.error);
  json.key("duration_ms").real(milliseconds(attempt.duration_us));
  json.key("user_ms").real(milliseconds(attempt.user_us));
  json.key("system_ms").real(milliseconds(attempt.system_us));
  json.member("max_rss_kib", attempt.max_rss_kib);
  json.member("stdout_bytes", attempt.stdout_bytes).member("stderr_bytes", attempt.stderr_bytes);
  json.end_object();
}

std::string report_of(const std::string& task, const SuperviseResult& result) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("task", task).member("run", result.run);
  json.member("stream", "task/" + task);
  json.member("exit_code", result.exit_code).member("attempts", result.attempts);
  json.member("runs", result.runs).member("recorded", result.recorded);
  json.member("lost_before", result.lost);
  if (result.stopped_by != 0) json.member("stopped_by", signal_name(result.stopped_by));
  json.key("last");
  write_attempt(json, result.last);
  json.end_object();
  return text + "\n";
}

class Supervise final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.text("--task", options_.task, "NAME", "the task's name: its stream is task/NAME");
    flags.number("--retries", retries_, "N", "run again up to N times when it fails");
    flags.text("--backoff", backoff_, "D..D",
               "pause between attempts, doubling from the first to the second (1s..5m)");
    flags.duration("--timeout", options_.timeout, "end an attempt that takes longer");
    flags.duration("--grace", grace_, "SIGKILL so long after a timeout's SIGTERM (10s)");
    flags.duration("--interval", options_.interval, "run again every so often until a signal");
    flags.number("--runs", options_.max_runs, "N", "with --interval: stop after N runs");
    flags.flag("--json", json_, "one JSON document as the last line on standard error");
    flags.text("--report", report_, "FILE", "write that document into FILE");
    flags.rest("COMMAND", options_.command, "the command and its arguments, behind --");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_CHECK(complete_options(context));
    context.catch_interrupt();  // from here on ^C is the command's
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadWrite));
    if (Context::interrupted()) return ExitCode::Interrupted;
    DAYBOOK_TRY(result, supervise(ledger, options_, context.env()));
    // The command has run: whatever fails now must not hide its exit code.
    const auto closed = context.close_ledger(ledger, ExitCode::Ok);
    if (!closed) context.warn(closed.error().message);
    tell(context, result);
    return static_cast<ExitCode>(result.exit_code);
  }

 private:
  Result<void> complete_options(Context& context) {
    if (options_.task.empty()) {
      return fail(Errc::InvalidArgument, "--task is missing",
                  "name the task: daybook supervise --task backup -- ./backup.sh");
    }
    if (options_.command.empty()) {
      return fail(Errc::InvalidArgument, "there is no command to run",
                  "put it behind --: daybook supervise --task backup -- ./backup.sh");
    }
    if (options_.max_runs != 0 && !options_.interval) {
      return fail(Errc::InvalidArgument, "--runs needs --interval",
                  "say how often to run: --interval 10m");
    }
    if (retries_ > kMaxRetries) {
      return fail(Errc::InvalidArgument,
                  fmt::format("--retries: at most {} are possible", kMaxRetries));
    }
    options_.retries = static_cast<std::uint32_t>(retries_);
    DAYBOOK_TRY(backoff, parse_backoff(backoff_));
    options_.backoff = backoff;
    if (grace_) options_.grace = *grace_;
    options_.warn = [&context](const std::string& text) { context.warn(text); };
    return {};
  }

  void tell(Context& context, const SuperviseResult& result) const {
    if (!json_ && report_.empty()) return;
    const std::string text = report_of(options_.task, result);
    if (json_) write_error_text(text);
    if (report_.empty()) return;
    const auto written = write_output_file(context.env(), report_, as_bytes(text));
    if (!written) context.warn(written.error().message);
  }

  SuperviseOptions options_;
  std::uint64_t retries_ = 0;
  std::string backoff_ = "1s..5m";
  std::optional<std::chrono::microseconds> grace_;
  std::string report_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook supervise --task backup -- sh -c 'echo copying; echo done'",
     "run a command and record how it went"},
    {"daybook supervise --task sync --retries 3 --backoff 10ms..1s --timeout 10m -- true",
     "try again when it fails or takes too long"},
    {"daybook supervise --task heartbeat --interval 10ms --runs 2 -- true",
     "run again and again, with events of its own each time"},
};

constexpr std::string_view kDetails =
    "Runs COMMAND as if it stood alone: input, output and signals pass through, and the\n"
    "exit code is the command's own (128+N when signal N ended it, 127 when it was not\n"
    "found, 126 when it could not be executed, 124 when a timeout stopped it and it said\n"
    "0). Nothing else is printed, so that cron sends no mail about it.\n"
    "\n"
    "The stream task/NAME gets an event for the start, for each attempt, for what it\n"
    "printed (in full as blobs, up to 64 MiB a stream, and the last 4 KiB inline) and for\n"
    "how it ended: exit code, signal, duration, processor time, memory. See them with\n"
    "`daybook events task/NAME` or `daybook query --class state_change --subsystem NAME`.\n"
    "\n"
    "When the start cannot be recorded, nothing is run. Once the command runs, trouble with\n"
    "the ledger never touches it: the record is kept in the ledger's views/supervise and\n"
    "completed later. An attempt whose supervisor died is recorded as lost by the next\n"
    "supervise of any task.\n"
    "\n"
    "The command sees pipes as its output. It runs in a process group of its own, so that\n"
    "a timeout ends all of it; in the foreground of a terminal it stays in the terminal's\n"
    "group, where ^C and ^Z reach it directly and a timeout ends the command alone.\n"
    "HUP INT QUIT TERM USR1 USR2 TSTP and CONT are forwarded; the first four also end the\n"
    "retries and the interval.";

}  // namespace

const Command supervise_command = {"supervise", "run a command and record what became of it",
                                   kDetails, kExamples, make_verb<Supervise>};

}  // namespace daybook::cli
