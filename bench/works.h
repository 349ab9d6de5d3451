// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table: what is measured, against whom, and what is aimed at.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness.h"

namespace daybook::bench {

struct Setup {
  std::string directory;                     // everything is made in here
  std::string program;                       // the daybook binary; empty: not built
  std::string child;                         // daybook_bench_child
  std::string raw_start;                     // daybook_bench_raw
  std::uint64_t history_events = 1'000'000;  // verify, cold start, why, memory
  std::uint64_t table_events = 1'000'000;    // scan, index
  std::string transcripts;                   // a tree of agent sessions; empty: no such row
  std::uint64_t transcript_bytes = 1'000'000'000;
};

[[nodiscard]] std::vector<Work> all_works(const Setup& setup);

}  // namespace daybook::bench
