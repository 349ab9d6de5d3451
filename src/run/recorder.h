// SPDX-License-Identifier: Apache-2.0
//
// Brings the facts of a run into the ledger: everything that has no event yet,
// in order, each with its cause. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "daybook/ledger.h"
#include "run/record.h"
#include "run/run_file.h"

namespace daybook {

class Recorder {
 public:
  Recorder(Ledger& ledger, FileSystem& files, std::size_t tail_bytes)
      : ledger_(&ledger), files_(&files), tail_bytes_(tail_bytes) {}

  // As one batch: all of it or nothing. For facts that cannot have been
  // recorded before. Fills in the ids.
  [[nodiscard]] Result<void> record(RunRecord& run, const RunFile& file);
  // One event after the other, finding those that are there already. For what
  // may have been recorded in part. Returns the number of attempts newly lost.
  [[nodiscard]] Result<std::uint64_t> complete(RunRecord& run, const RunFile& file);

 private:
  struct Step {
    NewEvent event;
    std::optional<EventId>* id = nullptr;     // to fill in
    std::optional<EventId>* cause = nullptr;  // may be filled in by an earlier step
  };

  [[nodiscard]] Result<std::vector<Step>> plan(RunRecord& run, const RunFile& file);
  [[nodiscard]] Result<std::optional<NewEvent>> make_output(const RunRecord& run,
                                                            const AttemptRecord& attempt,
                                                            const RunFile& file);
  struct Stream {
    std::string path;
    std::uint64_t total = 0;
    const std::string* tail = nullptr;
    const std::string* error = nullptr;
  };
  [[nodiscard]] Result<KeptOutput> keep(const Stream& stream);

  Ledger* ledger_;
  FileSystem* files_;
  std::size_t tail_bytes_;
};

}  // namespace daybook
