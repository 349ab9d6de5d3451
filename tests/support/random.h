// SPDX-License-Identifier: Apache-2.0
//
// Randomness that replays: the same seed gives the same numbers on every
// machine. Small on purpose, good enough for tests, for nothing else.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace daybook::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // Any 64-bit number: the SplitMix64 sequence.
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }

  // 0 .. limit - 1; 0 when limit is 0.
  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }

  // low .. high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  // True in `percent` of 100 cases.
  bool chance(unsigned percent) { return below(100) < percent; }

  void fill(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(next() >> 56);
  }

 private:
  std::uint64_t state_;
};

}  // namespace daybook::testing
