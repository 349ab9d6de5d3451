// SPDX-License-Identifier: Apache-2.0
//
// What the verbs of reviews share: the configuration and where it comes from, the
// import before a review, and a ledger to try things on.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "daybook/import.h"
#include "daybook/review.h"
#include "review/config.h"

namespace daybook::cli {

// What cli/config_files.h reads: `file` (--config) alone, else all. Call it first: a
// zone of that file may be the ledger. Chooses the time zone, too, and tells the
// warnings. Errors: those of read_config_files(); InvalidArgument for a time zone.
[[nodiscard]] Result<review::Config> load_config(Context& context, const std::string& file);

// The sources of the configuration, or only those of some readers.
[[nodiscard]] Result<std::vector<ReaderSource>> choose_sources(
    const review::Config& config, const std::vector<std::string>& readers);

// Rules by flag, else by configuration.
[[nodiscard]] Result<Rules> choose_rules(const review::Config& config, const std::string& flag);

// Imports what is new before a review looks; warns of files that cannot be read.
[[nodiscard]] Result<ImportReport> import_new(Context& context, Ledger& ledger,
                                              const review::Config& config,
                                              std::vector<ReaderSource> sources);

// A copy of the ledger beside it, for a dry run: sealed segments and blobs, which
// never change, are shared; everything else is copied. An empty ledger when there is
// none yet. Removed when the object goes.
class ScratchLedger {
 public:
  [[nodiscard]] static Result<ScratchLedger> make(Context& context);
  ScratchLedger(ScratchLedger&& other) noexcept;
  ScratchLedger& operator=(ScratchLedger&&) = delete;
  ~ScratchLedger();

  [[nodiscard]] Ledger& ledger() { return *ledger_; }

 private:
  explicit ScratchLedger(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::optional<Ledger> ledger_;
};

}  // namespace daybook::cli
