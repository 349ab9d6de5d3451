// SPDX-License-Identifier: Apache-2.0
//
// The results as tables for people and as JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "bench/growth.h"
#include "bench/harness.h"
#include "bench/system.h"

namespace daybook::bench {

struct Report {
  Machine machine;
  std::string date;   // RFC 3339, UTC
  std::string label;  // what was measured, as the caller calls it
  bool quick = false;
  Pace pace;
  double seconds = 0;
  std::vector<Outcome> outcomes;
  std::vector<GrowthLine> growth;
};

// Aligned tables: works, latencies, growth, notes.
[[nodiscard]] std::string to_table(const Report& report);
[[nodiscard]] std::string to_json(const Report& report);

// ">= 0.95 of raw", and "met, 3 % better" or "missed by 12 %".
[[nodiscard]] std::string describe(const Target& target, Better better, const std::string& unit);
[[nodiscard]] std::string verdict(const Judgement& judgement, Better better);

}  // namespace daybook::bench
