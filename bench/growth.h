// SPDX-License-Identifier: Apache-2.0
//
// How the cost of one operation grows while the ledger grows from 10^4 to 10^7
// events: what a design promises shows here, not in a single figure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/harness.h"

namespace daybook::bench {

// One size. Latencies in microseconds.
struct GrowthLine {
  std::uint64_t events = 0;
  Latency open;                        // Ledger::open of the closed ledger
  Latency append;                      // one durable event
  Latency read;                        // one event by a random seq
  Latency why;                         // causes_of a random event
  Latency query;                       // the 20 events of one correlation, through an open index
  double index_events_per_second = 0;  // catching up with what this size added
  double log_bytes_per_event = 0;
  double index_bytes_per_event = 0;
};

// Grows one ledger through `sizes` (ascending) and measures at each. `progress`
// is told what is going on.
[[nodiscard]] Result<std::vector<GrowthLine>> measure_growth(
    const std::string& directory, const std::vector<std::uint64_t>& sizes,
    const std::function<void(const std::string&)>& progress);

}  // namespace daybook::bench
