// SPDX-License-Identifier: Apache-2.0
#include "run/recovery.h"

#include <optional>
#include <utility>

#include "daybook/supervise.h"
#include "run/process.h"
#include "run/recorder.h"
#include "run/run_file.h"

namespace daybook {
namespace {

constexpr std::size_t kTailBytes = 4096;  // as supervise() has it

// Deals with one file; the number of attempts it recorded as lost.
Result<std::uint64_t> settle(Ledger& ledger, Environment& env, const std::string& directory,
                             const std::string& name) {
  DAYBOOK_TRY(file, RunFile::open_dead(*env.files, directory, name));
  if (!file) return 0;
  DAYBOOK_TRY(run, file->read());
  if (!run) {
    file->remove({});  // a power cut took it before anything was recorded
    return 0;
  }
  // Another machine that shares this directory may not show us its locks.
  if (run->host != host_name()) return 0;
  declare_lost(*run, env.clock->now());
  DAYBOOK_TRY(lost, Recorder(ledger, *env.files, kTailBytes).complete(*run, *file));
  file->remove(*run);
  return lost;
}

}  // namespace

void declare_lost(RunRecord& run, Timestamp now) {
  for (AttemptRecord& attempt : run.attempts) {
    if (attempt.fate != Fate::Unknown) continue;
    attempt.fate = Fate::Lost;
    attempt.lost_at = now;
    attempt.still_running =
        attempt.pid_start != 0 && process_start(attempt.result.pid) == attempt.pid_start;
  }
  if (run.fate != Fate::Unknown) return;
  run.fate = Fate::Lost;
  run.ended = now;
}

Result<std::uint64_t> record_lost_attempts(Ledger& ledger, Environment env) {
  const std::string directory = supervise_directory(ledger.path());
  DAYBOOK_TRY(there, env.files->exists(directory));
  if (!there) return 0;
  DAYBOOK_TRY(entries, env.files->list(directory));
  std::uint64_t lost = 0;
  std::optional<Error> trouble;
  for (const DirectoryEntry& entry : entries) {
    auto settled = settle(ledger, env, directory, entry.name);
    if (settled) lost += *settled;
    if (!settled && !trouble) trouble = std::move(settled).error();
  }
  if (trouble) return fail(*std::move(trouble));
  return lost;
}

}  // namespace daybook
