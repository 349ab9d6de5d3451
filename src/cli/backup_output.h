// SPDX-License-Identifier: Apache-2.0
//
// What `backup` and `restore-ledger` print of what was copied.
#pragma once

#include <string_view>

#include "cli/exit_code.h"
#include "daybook/backup.h"

namespace daybook::cli {

class Context;

// The exit code: Partial when the ledger itself is damaged and was copied as it stands,
// VerificationFailed when the whole copy was verified and is not good. `verb` is what was
// done with the events: "backed up".
[[nodiscard]] ExitCode print_backup(Context& context, const BackupReport& report, bool json,
                                    std::string_view verb);

}  // namespace daybook::cli
