// SPDX-License-Identifier: Apache-2.0
//
// Is a failed tool call a fault worth learning from, or an expected part of the
// work? Searches without a match, probes, and checks that report findings (tests,
// linters, compilers) do what they are for; refusals are the user's business. What
// is left are mistakes: wrong paths, wrong flags, edits that do not apply, commands
// that the environment does not allow. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/transcript.h"

namespace daybook::review {

enum class FaultKind : unsigned char {
  Fault,     // worth learning from
  Expected,  // the tool did its job, or the call did not matter
  Refused,   // by the user, or stopped by him
};

struct FaultJudgement {
  FaultKind kind = FaultKind::Fault;
  double confidence = 0;  // that it is worth learning from
  std::string reason;
};

// The shell command in the arguments of a call; empty when the tool is no shell.
[[nodiscard]] std::string command_of(std::string_view arguments);

// What a failed result says, without the frame that harnesses put around it.
[[nodiscard]] std::string failure_text(const TranscriptRecord& result);

// `result` failed, was refused or stopped. `command`: what was run; empty for a tool
// that is no shell.
[[nodiscard]] FaultJudgement judge_failure(const TranscriptRecord& result,
                                           std::string_view command);

}  // namespace daybook::review
