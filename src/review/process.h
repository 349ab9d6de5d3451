// SPDX-License-Identifier: Apache-2.0
//
// Runs another program to its end and returns what it printed: how trackers talk
// to `gh` and `kata`. Never through a shell: arguments arrive as they are. Nothing
// runs longer than asked, nothing returns more than asked.
// The only file pair of this room that touches the system; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"

namespace daybook::review {

inline constexpr std::size_t kMaxProgramOutput = std::size_t{64} << 20;  // on standard output
inline constexpr std::size_t kMaxProgramErrors = std::size_t{64} << 10;  // on standard error

struct ProgramResult {
  int exit_code = 0;   // 128 + signal when one ended it
  std::string output;  // standard output
  std::string errors;  // the first kMaxProgramErrors bytes of standard error
};

// Standard input is `input`. Errors: NotFound (no such program), PermissionDenied,
// Io, LimitExceeded (too much output, or the time is up: the program and what it
// started are ended).
[[nodiscard]] Result<ProgramResult> run_program(const std::vector<std::string>& command,
                                                std::uint64_t timeout_ms, Environment env,
                                                std::string_view input = {});

}  // namespace daybook::review
