// SPDX-License-Identifier: Apache-2.0
//
// A world of its own for a test: a disk that can be made to fail, a clock that
// stands still, randomness that replays.
//
//   TestEnvironment world(seed);
//   auto ledger = Ledger::create(world.environment(), "/ledger");
//   world.disk.crash(seed);
//
// Thread-safe like its parts. Must outlive whatever uses it.
#pragma once

#include "daybook/environment.h"
#include "support/fake_clock.h"
#include "support/faulty_file_system.h"

namespace daybook::testing {

struct TestEnvironment {
  explicit TestEnvironment(std::uint64_t seed = 1) : disk(seed), entropy(seed) {}

  [[nodiscard]] Environment environment() {
    return {.files = &disk, .clock = &clock, .entropy = &entropy};
  }

  FaultyFileSystem disk;
  FakeClock clock;
  SeededEntropy entropy;
};

}  // namespace daybook::testing
