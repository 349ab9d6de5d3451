// SPDX-License-Identifier: Apache-2.0
#include "daybook/supervise.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/ulid.h"
#include "run/attempt.h"
#include "run/backoff.h"
#include "run/recorder.h"
#include "run/recovery.h"

namespace daybook {
namespace {

constexpr std::uint64_t kWaitSliceMicros = 500'000;  // how late a signal may be noticed
constexpr int kMaxRecordTries = 3;                   // at the end of a run
constexpr std::uint64_t kRecordPauseMicros = 500'000;
constexpr std::size_t kMaxLastWords = 160;

std::uint64_t micros_of(std::optional<std::chrono::microseconds> duration) {
  return duration ? static_cast<std::uint64_t>(duration->count()) : 0;
}

Result<void> check_task(const std::string& task) {
  if (task.empty() || !is_plain_text(task)) {
    return fail(Errc::InvalidArgument, "the task's name is empty or no plain text",
                "give the task a short name, like \"nightly-backup\"");
  }
  if (task.size() > kMaxTaskBytes) {
    return fail(Errc::LimitExceeded, fmt::format("the task's name has {} bytes, more than {}",
                                                 task.size(), kMaxTaskBytes));
  }
  return {};
}

Result<void> check_command(const std::vector<std::string>& command) {
  if (command.empty() || command[0].empty()) {
    return fail(Errc::InvalidArgument, "there is no command to run",
                "put the command and its arguments behind --");
  }
  const auto has_nul = [](const std::string& word) { return word.find('\0') != word.npos; };
  if (std::ranges::any_of(command, has_nul)) {
    return fail(Errc::InvalidArgument, "an argument of the command has a NUL byte in it");
  }
  return {};
}

Result<void> check_duration(std::string_view what,
                            std::optional<std::chrono::microseconds> duration) {
  if (!duration || (duration->count() > 0 && *duration <= kMaxWait)) return {};
  return fail(Errc::InvalidArgument,
              fmt::format("the {} must be more than nothing and at most 366 days", what));
}

Result<void> check(const SuperviseOptions& options) {
  DAYBOOK_CHECK(check_task(options.task));
  DAYBOOK_CHECK(check_command(options.command));
  DAYBOOK_CHECK(check_duration("timeout", options.timeout));
  DAYBOOK_CHECK(check_duration("interval", options.interval));
  const Backoff& backoff = options.backoff;
  if (backoff.first.count() < 0 || backoff.first > backoff.longest || backoff.longest > kMaxWait ||
      options.grace.count() < 0 || options.grace > kMaxWait) {
    return fail(Errc::InvalidArgument, "a pause is negative, too long, or ends before it begins");
  }
  if (options.retries > kMaxRetries || options.output_bytes > kMaxOutputBytes ||
      options.tail_bytes > kMaxTailBytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("at most {} retries, {} bytes of output and {} bytes of tail are kept",
                            kMaxRetries, kMaxOutputBytes, kMaxTailBytes));
  }
  return {};
}

class Supervisor {
 public:
  Supervisor(Ledger& ledger, const SuperviseOptions& options, Environment env, ProcessGroup group,
             std::optional<SignalRelay> relay)
      : ledger_(&ledger),
        options_(options),
        env_(env),
        group_(group),
        desk_(std::move(relay), group) {}

  Result<SuperviseResult> run() {
    recover();
    for (std::uint64_t round = 1;; ++round) {
      const std::uint64_t started = env_.clock->monotonic_micros();
      if (auto done = run_once(round); !done) {
        if (result_.runs == 0 && round == 1) return fail(std::move(done).error());
        warn(fmt::format("run {} is skipped: {}", round, done.error().message));
      }
      if (!options_.interval || round == options_.max_runs) break;
      if (!wait_until(started + micros_of(options_.interval))) break;
    }
    result_.stopped_by = desk_.stopped_by();
    return std::move(result_);
  }

 private:
  void warn(const std::string& text) const {
    if (options_.warn) options_.warn(text);
  }

  void recover() {
    auto lost = record_lost_attempts(*ledger_, env_);
    if (lost) {
      result_.lost = *lost;
    } else {
      warn(fmt::format("what earlier supervisors left behind cannot be recorded: {}",
                       lost.error().message));
    }
  }

  [[nodiscard]] RunRecord make_run(std::uint64_t round) {
    RunRecord run;
    run.started = env_.clock->now();
    run.id = to_string(UlidGenerator(*env_.entropy).next(run.started));
    run.task = options_.task;
    run.host = host_name();
    run.directory = working_directory();
    run.command = options_.command;
    run.attempts_max = options_.retries + 1;
    run.timeout_us = micros_of(options_.timeout);
    run.interval_us = micros_of(options_.interval);
    run.supervisor_pid = own_pid();
    if (options_.interval) {
      if (series_.empty()) series_ = run.id;
      run.round = round;
      run.series = series_;
    }
    add_attempt(run);
    return run;
  }

  void add_attempt(RunRecord& run) {
    AttemptRecord attempt;
    attempt.result.number = static_cast<std::uint32_t>(run.attempts.size()) + 1;
    attempt.result.started = env_.clock->now();
    run.attempts.push_back(std::move(attempt));
  }

  // One run with all its attempts. Errors: it could not be recorded that it
  // starts, and nothing was run.
  Result<void> run_once(std::uint64_t round) {
    RunRecord run = make_run(round);
    run_started_ = env_.clock->monotonic_micros();
    DAYBOOK_TRY(file, RunFile::create(*env_.files, supervise_directory(ledger_->path()), run));
    save_failed_ = false;
    if (auto done = try_save(run, file); !done) {
      refuse(run, file, done.error());
      return done;
    }
    while (one_attempt(run, file)) {
    }
    finish(run, file);
    result_.run = run.id;
    result_.attempts = static_cast<std::uint32_t>(run.attempts.size());
    result_.last = run.attempts.back().result;
    result_.exit_code = run.exit_code;
    ++result_.runs;
    return {};
  }

  // The command does not run. After a failed flush nobody knows what is in the
  // log: then the file stays, and the next supervisor completes the record.
  void refuse(RunRecord& run, RunFile& file, const Error& error) {
    if (error.code != Errc::Io) return file.remove(run);
    AttemptRecord& attempt = run.attempts.back();
    attempt.fate = Fate::Finished;
    attempt.result.ended = env_.clock->now();
    attempt.result.exit_code = kExitNotExecutable;
    attempt.result.error = "not started, its start could not be recorded: " + error.message;
    note(file.note_finished(attempt));
    end_run(run, file);
  }

  // Runs the attempt at the end of the list; true when another one is due.
  bool one_attempt(RunRecord& run, RunFile& file) {
    run_command(run.attempts.back(), file);
    const bool done = run.attempts.back().result.succeeded() ||
                      run.attempts.size() == run.attempts_max || desk_.stopped_by() != 0;
    if (done) end_run(run, file);
    save(run, file);
    if (done) return false;
    const std::uint64_t pause = backoff_micros(
        options_.backoff, static_cast<std::uint32_t>(run.attempts.size()), *env_.entropy);
    if (!wait_until(env_.clock->monotonic_micros() + pause)) {
      end_run(run, file);
      save(run, file);
      return false;
    }
    add_attempt(run);
    note(file.add_attempt(run.attempts.back()));
    save(run, file);
    return true;
  }

  void run_command(AttemptRecord& attempt, RunFile& file) {
    Capture out = make_capture(file, attempt, "out");
    Capture err = make_capture(file, attempt, "err");
    AttemptPlan plan{.options = &options_,
                     .number = attempt.result.number,
                     .group = group_,
                     .mask = guard_.mask_before(),
                     .out = &out,
                     .err = &err,
                     .desk = &desk_,
                     .clock = env_.clock,
                     .on_started = {}};
    plan.on_started = [&](std::int64_t pid) {
      attempt.result.pid = pid;
      attempt.pid_start = process_start(pid);
      note(file.note_started(attempt));
    };
    const Timestamp recorded_start = attempt.result.started;
    attempt.result = run_attempt(plan);
    attempt.result.started = recorded_start;  // as its event has it
    attempt.fate = Fate::Finished;
    attempt.stdout_tail = out.tail();
    attempt.stderr_tail = err.tail();
    attempt.stdout_error = out.failure();
    attempt.stderr_error = err.failure();
    attempt.last_words = last_line(err.tail().empty() ? out.tail() : err.tail(), kMaxLastWords);
    note(file.note_finished(attempt));
  }

  [[nodiscard]] Capture make_capture(const RunFile& file, const AttemptRecord& attempt,
                                     std::string_view stream) {
    auto spool = Spool::create(*env_.files, file.spool_path(attempt.result.number, stream),
                               options_.output_bytes);
    if (spool) return Capture(*std::move(spool), options_.tail_bytes);
    warn(
        fmt::format("only the end of the command's output can be kept: {}", spool.error().message));
    return Capture(std::nullopt, options_.tail_bytes);
  }

  void end_run(RunRecord& run, RunFile& file) {
    run.fate = Fate::Finished;
    run.ended = env_.clock->now();
    run.duration_us = env_.clock->monotonic_micros() - run_started_;
    run.exit_code = run.attempts.back().result.exit_code;
    run.stopped_by = desk_.stopped_by();
    note(file.note_task_finished(run));
  }

  // A line that only a crash would need: the run goes on without it.
  void note(const Result<void>& written) {
    if (written || note_failed_) return;
    note_failed_ = true;
    warn(fmt::format("a crash of this process would now lose part of the record: {}",
                     written.error().message));
  }

  void save(RunRecord& run, RunFile& file) {
    const bool failed_before = save_failed_;
    if (auto done = try_save(run, file); !done) {
      if (failed_before) return;
      return warn(fmt::format("the ledger does not take the record of {}: {}; it is tried again",
                              run.task, done.error().message));
    }
    AttemptRecord& attempt = run.attempts.back();
    if (attempt.end_event) {
      file.remove_spools(attempt.result.number);
      attempt.stdout_tail = {};
      attempt.stderr_tail = {};
    }
  }

  Result<void> try_save(RunRecord& run, RunFile& file) {
    if (!save_failed_) {
      auto done = recorder().record(run, file);
      if (done || done.error().code != Errc::Io) {
        save_failed_ = !done;
        return done;
      }
    }
    // A failed append may have left part of the record behind, and a ledger whose
    // flush failed takes nothing more until it is opened anew.
    save_failed_ = true;
    DAYBOOK_CHECK(open_anew());
    DAYBOOK_CHECK(recorder().complete(run, file));
    save_failed_ = false;
    return {};
  }

  [[nodiscard]] Recorder recorder() const {
    return Recorder(*ledger_, *env_.files, options_.tail_bytes);
  }

  Result<void> open_anew() {
    DAYBOOK_TRY(fresh, Ledger::open(ledger_->path(), {}, env_));
    fresh_.emplace(std::move(fresh));
    ledger_ = &*fresh_;
    return {};
  }

  // The command is over: the record has all the time it needs.
  void finish(RunRecord& run, RunFile& file) {
    for (int attempt = 1; !run.recorded() && attempt <= kMaxRecordTries; ++attempt) {
      if (attempt > 1) env_.clock->sleep_micros(kRecordPauseMicros);
      if (auto done = try_save(run, file); !done) {
        warn(fmt::format("still not recorded: {}", done.error().message));
      }
    }
    if (run.recorded()) return file.remove(run);
    result_.recorded = false;
    warn(fmt::format("the record of {} is kept in {} and completed by the next supervise", run.task,
                     supervise_directory(ledger_->path())));
  }

  // False when a signal asked to stop.
  [[nodiscard]] bool wait_until(std::uint64_t moment) {
    while (true) {
      desk_.deliver(nullptr);
      if (desk_.stopped_by() != 0) return false;
      const std::uint64_t now = env_.clock->monotonic_micros();
      if (now >= moment) return true;
      env_.clock->sleep_micros(std::min(moment - now, kWaitSliceMicros));
    }
  }

  Ledger* ledger_;  // the caller's, or fresh_
  std::optional<Ledger> fresh_;
  const SuperviseOptions& options_;
  Environment env_;
  ProcessGroup group_;
  PipeSignalGuard guard_;
  SignalDesk desk_;
  SuperviseResult result_;
  std::string series_;
  std::uint64_t run_started_ = 0;
  bool note_failed_ = false;
  bool save_failed_ = false;
};

}  // namespace

Result<SuperviseResult> supervise(Ledger& ledger, const SuperviseOptions& options,
                                  Environment env) {
  DAYBOOK_CHECK(check(options));
  const ProcessGroup group =
      options.group == ProcessGroup::Automatic ? natural_group() : options.group;
  std::optional<SignalRelay> relay;
  if (options.signals == Signals::Forward) {
    DAYBOOK_TRY(installed, SignalRelay::install(group));
    relay.emplace(std::move(installed));
  }
  return Supervisor(ledger, options, env, group, std::move(relay)).run();
}

}  // namespace daybook
