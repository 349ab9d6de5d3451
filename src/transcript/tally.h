// SPDX-License-Identifier: Apache-2.0
//
// Counting what a pass could not use as it stands, in bounded memory. Pure.
#pragma once

#include <string_view>

#include "daybook/transcript.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxUnknownTypes = 256;  // tallied by name; the rest as "..."

// Counts, and lists as long as the list is not full.
void note_skipped(TranscriptSummary& summary, Skipped skipped);
void tally_unknown(TranscriptSummary& summary, std::string_view type);

}  // namespace daybook::transcript
