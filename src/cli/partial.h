// SPDX-License-Identifier: Apache-2.0
//
// Saying that an answer is not whole. Damage and a lagging index never stop a
// reading verb: it tells what is missing on standard error and exits with 6.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "daybook/index.h"

namespace daybook {
class JsonWriter;
}

namespace daybook::cli {

class Context;

// "log/00000000000000000001.seg at byte 4096 (312 bytes): #12 to #14".
[[nodiscard]] std::string describe(const LostRange& lost);

// Tells what is missing. Ok when nothing is, else Partial.
[[nodiscard]] ExitCode tell_missing(Context& context, const std::vector<LostRange>& lost);
[[nodiscard]] ExitCode tell_missing(Context& context, const Completeness& completeness);

// Appends the members "complete", "lag", "reason" and "lost" to an open object.
void append_completeness(JsonWriter& json, const Completeness& completeness);

// Appends the value: an array of damaged ranges.
void append_lost(JsonWriter& json, const std::vector<LostRange>& lost);

}  // namespace daybook::cli
