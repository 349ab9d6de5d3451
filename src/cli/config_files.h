// SPDX-License-Identifier: Apache-2.0
//
// The files that say how sessions are read and reviewed, and which zones there are.
// docs/review.md tells what may stand in them.
#pragma once

#include <string>

#include "daybook/environment.h"
#include "review/config.h"

namespace daybook::cli {

// $HOME; empty when there is none.
[[nodiscard]] std::string home_directory();

// `only` alone when it is not empty. Else each table from the first of these files
// that has it: `project` (daybook.toml beside a ledger; may be empty), the user's
// config.toml, and jilog's own: $JILOG_CONFIG, else ~/.jilog.toml, else ./jilog.toml.
// Errors: InvalidArgument with file and line; NotFound when a file that was named is
// not there; Io.
[[nodiscard]] Result<review::Config> read_config_files(FileSystem& files, const std::string& only,
                                                       const std::string& project);

}  // namespace daybook::cli
