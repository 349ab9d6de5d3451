// SPDX-License-Identifier: Apache-2.0
//
// The memory of ledgers (daybook/known.h) as the program uses it: where it is, and
// what is said when a ledger is not the one that is remembered.
#pragma once

#include <optional>
#include <string>

#include "daybook/known.h"

namespace daybook::cli {

// In $XDG_STATE_HOME/daybook/ledgers, else below ~/.local/state. Nothing when there is no
// home: a home that is missing is not made.
[[nodiscard]] std::optional<KnownLedgers> open_memory(Environment& env);

// What is known, what stands there, what may have happened: several lines, the first one
// loud. For comparisons that are not good, and for a verify that found it so.
[[nodiscard]] std::string alarm(const KnownComparison& seen);
[[nodiscard]] std::string alarm(const KnownLedger& known, std::string_view found);

}  // namespace daybook::cli
