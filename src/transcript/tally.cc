// SPDX-License-Identifier: Apache-2.0
#include "transcript/tally.h"

#include <algorithm>
#include <string>
#include <utility>

namespace daybook::transcript {

void note_skipped(TranscriptSummary& summary, Skipped skipped) {
  ++summary.skipped;
  if (summary.skipped_list.size() < kMaxSkippedListed) {
    summary.skipped_list.push_back(std::move(skipped));
  }
}

void tally_unknown(TranscriptSummary& summary, std::string_view type) {
  ++summary.unknown;
  auto& types = summary.unknown_types;
  auto found = std::ranges::find(types, type, &TypeTally::type);
  if (found == types.end() && types.size() >= kMaxUnknownTypes) {
    type = "...";
    found = std::ranges::find(types, type, &TypeTally::type);
  }
  if (found == types.end()) found = types.insert(types.end(), {std::string(type), 0});
  ++found->count;
}

}  // namespace daybook::transcript
