// SPDX-License-Identifier: Apache-2.0
//
// Seeded histories: how many run, and how one is replayed. DAYBOOK_CRASH_SEEDS
// sets how many, DAYBOOK_CRASH_SEED replays one.
#pragma once

#include <cstdint>
#include <cstdlib>

#include <gtest/gtest.h>

namespace daybook::testing {

inline std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Runs History(seed).run() for one seed after the other, until one fails.
template <class History>
void run_histories() {
  if (std::getenv("DAYBOOK_CRASH_SEED") != nullptr) {
    History(number_from("DAYBOOK_CRASH_SEED", 0)).run();
    return;
  }
  const std::uint64_t seeds = number_from("DAYBOOK_CRASH_SEEDS", 2000);
  for (std::uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    History(seed).run();
  }
  EXPECT_FALSE(::testing::Test::HasFailure()) << "replay one seed with DAYBOOK_CRASH_SEED";
}

}  // namespace daybook::testing
