// SPDX-License-Identifier: Apache-2.0
//
// Exit codes, and the one place that maps errors to them. Scripts rely on
// these numbers: do not renumber. docs/cli.md lists them.
#pragma once

#include <cstdint>

#include "daybook/error.h"

namespace daybook::cli {

// Any value 0..255 may be held: `supervise` hands on its command's own code.
enum class ExitCode : std::uint8_t {
  Ok = 0,
  Failure = 1,
  Usage = 2,
  VerificationFailed = 3,
  NotFound = 4,
  BusyOrConflict = 5,
  Partial = 6,
  Interrupted = 130,
};

[[nodiscard]] ExitCode exit_code_of(Errc code);

}  // namespace daybook::cli
