// SPDX-License-Identifier: Apache-2.0
//
// jilog's rule for tool errors: what a result's JSON says, and which failures it
// suppresses as noise. docs/detectors.md has the rule in words. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/transcript.h"

namespace daybook::review {

// The message of the error that jilog reports for this result; none when it
// reports nothing.
[[nodiscard]] std::optional<std::string> jilog_error(const TranscriptRecord& result);

}  // namespace daybook::review
