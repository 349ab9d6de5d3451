// SPDX-License-Identifier: Apache-2.0
#include "run/run_file.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/fs/files.h"

namespace daybook {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kReservedBytes = 8192;  // taken in advance
constexpr int kMaxCreateTries = 3;
constexpr std::string_view kSuffix = ".run";
constexpr std::string_view kNewSuffix = ".new";

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string run_line(const RunRecord& run) {
  Json json;
  json["task"] = run.task;
  json["run"] = run.id;
  json["host"] = run.host;
  json["directory"] = run.directory;
  json["command"] = run.command;
  json["time"] = run.started.micros;
  json["attempts_max"] = run.attempts_max;
  json["timeout_us"] = run.timeout_us;
  json["interval_us"] = run.interval_us;
  json["round"] = run.round;
  json["series"] = run.series;
  json["supervisor_pid"] = run.supervisor_pid;
  return to_line(Json{{"task_started", json}});
}

std::string attempt_line(const AttemptRecord& attempt) {
  return to_line(
      Json{{"attempt_started", attempt.result.number}, {"time", attempt.result.started.micros}});
}

std::string finished_line(const AttemptRecord& attempt) {
  const AttemptResult& result = attempt.result;
  Json json;
  json["attempt_finished"] = result.number;
  json["time"] = result.ended.micros;
  json["exit_code"] = result.exit_code;
  json["signal"] = result.signal;
  json["core_dumped"] = result.core_dumped;
  json["timed_out"] = result.timed_out;
  json["output_open"] = result.output_open;
  json["error"] = result.error;
  json["pid"] = result.pid;
  json["duration_us"] = result.duration_us;
  json["user_us"] = result.user_us;
  json["system_us"] = result.system_us;
  json["max_rss_kib"] = result.max_rss_kib;
  json["stdout_bytes"] = result.stdout_bytes;
  json["stderr_bytes"] = result.stderr_bytes;
  json["last_words"] = attempt.last_words;
  return to_line(json);
}

RunRecord parse_run(const Json& json) {
  RunRecord run;
  run.id = json.at("run");
  run.task = json.at("task");
  run.host = json.at("host");
  run.directory = json.at("directory");
  run.command = json.at("command").get<std::vector<std::string>>();
  run.started = Timestamp{json.at("time")};
  run.attempts_max = json.at("attempts_max");
  run.timeout_us = json.at("timeout_us");
  run.interval_us = json.at("interval_us");
  run.round = json.at("round");
  run.series = json.at("series");
  run.supervisor_pid = json.at("supervisor_pid");
  return run;
}

void parse_finished(const Json& json, AttemptRecord& attempt) {
  AttemptResult& result = attempt.result;
  result.ended = Timestamp{json.at("time")};
  result.exit_code = json.at("exit_code");
  result.signal = json.at("signal");
  result.core_dumped = json.at("core_dumped");
  result.timed_out = json.at("timed_out");
  result.output_open = json.at("output_open");
  result.error = json.at("error");
  result.pid = json.at("pid");
  result.duration_us = json.at("duration_us");
  result.user_us = json.at("user_us");
  result.system_us = json.at("system_us");
  result.max_rss_kib = json.at("max_rss_kib");
  result.stdout_bytes = json.at("stdout_bytes");
  result.stderr_bytes = json.at("stderr_bytes");
  attempt.last_words = json.at("last_words");
  attempt.fate = Fate::Finished;
}

AttemptRecord* find_attempt(RunRecord& run, std::uint32_t number) {
  const auto found = std::ranges::find(
      run.attempts, number, [](const AttemptRecord& attempt) { return attempt.result.number; });
  return found == run.attempts.end() ? nullptr : &*found;
}

// Takes one line in. Throws what the JSON library throws.
void apply(const Json& json, std::optional<RunRecord>& run) {
  if (json.contains("task_started")) run = parse_run(json.at("task_started"));
  if (!run) return;
  if (json.contains("attempt_started")) {
    AttemptRecord attempt;
    attempt.result.number = json.at("attempt_started");
    attempt.result.started = Timestamp{json.at("time")};
    if (run->attempts.size() <= kMaxRetries) run->attempts.push_back(std::move(attempt));
  } else if (json.contains("process")) {
    if (AttemptRecord* const attempt = find_attempt(*run, json.at("process"))) {
      attempt->result.pid = json.at("pid");
      attempt->pid_start = json.at("pid_start");
    }
  } else if (json.contains("attempt_finished")) {
    AttemptRecord* const attempt = find_attempt(*run, json.at("attempt_finished"));
    if (attempt != nullptr) parse_finished(json, *attempt);
  } else if (json.contains("task_finished")) {
    run->exit_code = json.at("task_finished");
    run->ended = Timestamp{json.at("time")};
    run->duration_us = json.at("duration_us");
    run->stopped_by = json.at("stopped_by");
    run->fate = Fate::Finished;
  }
}

std::optional<RunRecord> parse_lines(std::string_view text) {
  std::optional<RunRecord> run;
  while (!text.empty()) {
    const std::size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos) break;  // a power cut took the rest
    const std::string_view line = text.substr(0, line_end);
    text.remove_prefix(line_end + 1);
    if (line.empty()) continue;
    const Json json = Json::parse(line, nullptr, false);
    try {
      if (json.is_object()) apply(json, run);
    } catch (const Json::exception&) {
      continue;  // half a line tells nothing
    }
  }
  return run;
}

}  // namespace

std::string supervise_directory(const std::string& ledger_path) {
  return ledger_path + "/views/supervise";
}

Result<RunFile> RunFile::create(FileSystem& files, const std::string& directory,
                                const RunRecord& run) {
  DAYBOOK_CHECK(make_directories(files, directory));
  const std::string stem = directory + "/" + run.id;
  const std::string new_path = stem + std::string(kNewSuffix);
  const std::string blank(kReservedBytes, '\n');
  for (int attempt = 1;; ++attempt) {
    DAYBOOK_TRY(file, files.open(new_path, OpenMode::CreateNew));
    DAYBOOK_TRY(locked, file->try_lock());
    RunFile run_file(files, stem, std::move(file));
    DAYBOOK_CHECK(run_file.file_->write_at(0, as_bytes(blank)));
    DAYBOOK_CHECK(run_file.write_line(run_line(run)));
    DAYBOOK_CHECK(run_file.add_attempt(run.attempts.front()));
    const auto renamed = files.rename(new_path, stem + std::string(kSuffix));
    // Between its making and its lock a new file looks like one whose maker died.
    const bool taken_for_litter = !locked || (!renamed && renamed.error().code == Errc::NotFound);
    if (taken_for_litter && attempt < kMaxCreateTries) continue;
    if (!renamed) return fail(renamed.error());
    DAYBOOK_CHECK(files.sync_directory(directory));
    return run_file;
  }
}

Result<std::optional<RunFile>> RunFile::open_dead(FileSystem& files, const std::string& directory,
                                                  const std::string& name) {
  const std::string path = directory + "/" + name;
  const bool unfinished = name.ends_with(kNewSuffix);
  if (!unfinished && !name.ends_with(kSuffix)) return std::nullopt;
  auto file = files.open(path, OpenMode::ReadWrite);
  if (!file) {
    if (file.error().code == Errc::NotFound) return std::nullopt;
    return fail(std::move(file).error());
  }
  DAYBOOK_TRY(locked, (*file)->try_lock());
  if (!locked) return std::nullopt;
  // Whoever held the lock before us may have dealt with it.
  DAYBOOK_TRY(there, files.exists(path));
  if (!there) return std::nullopt;
  if (unfinished) {
    DAYBOOK_CHECK(files.remove(path));  // its maker died before anything was recorded
    return std::nullopt;
  }
  return RunFile(files, path.substr(0, path.size() - kSuffix.size()), *std::move(file));
}

Result<void> RunFile::write_line(const std::string& line) {
  DAYBOOK_CHECK(file_->write_at(end_, as_bytes(line)));
  end_ += line.size();
  return {};
}

Result<void> RunFile::add_attempt(const AttemptRecord& attempt) {
  DAYBOOK_CHECK(write_line(attempt_line(attempt)));
  return file_->sync();
}

Result<void> RunFile::note_started(const AttemptRecord& attempt) {
  return write_line(to_line(Json{{"process", attempt.result.number},
                                 {"pid", attempt.result.pid},
                                 {"pid_start", attempt.pid_start}}));
}

Result<void> RunFile::note_finished(const AttemptRecord& attempt) {
  return write_line(finished_line(attempt));
}

Result<void> RunFile::note_task_finished(const RunRecord& run) {
  return write_line(to_line(Json{{"task_finished", run.exit_code},
                                 {"time", run.ended.micros},
                                 {"duration_us", run.duration_us},
                                 {"stopped_by", run.stopped_by}}));
}

Result<std::optional<RunRecord>> RunFile::read() const {
  DAYBOOK_TRY(bytes, read_file(*files_, stem_ + std::string(kSuffix), kMaxRunFileBytes));
  return parse_lines(as_text(bytes));
}

std::string RunFile::spool_path(std::uint32_t attempt, std::string_view stream) const {
  return fmt::format("{}.{}.{}", stem_, attempt, stream);
}

void RunFile::remove_spools(std::uint32_t attempt) {
  for (const std::string_view stream : {"out", "err"}) {
    static_cast<void>(files_->remove(spool_path(attempt, stream)));
  }
}

void RunFile::remove(const RunRecord& run) {
  for (const AttemptRecord& attempt : run.attempts) remove_spools(attempt.result.number);
  static_cast<void>(files_->remove(stem_ + std::string(kSuffix)));
}

}  // namespace daybook
