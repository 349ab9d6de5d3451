// SPDX-License-Identifier: Apache-2.0
//
// The real clock and the kernel's randomness, and durations as people type them.
#pragma once

#include <chrono>
#include <string_view>

#include "daybook/environment.h"

namespace daybook {

class SystemClock final : public Clock {
 public:
  Timestamp now() override;
  std::uint64_t monotonic_micros() override;
  void sleep_micros(std::uint64_t micros) override;
};

class SystemEntropy final : public Entropy {
 public:
  // Draws kernel randomness in blocks of 4 KiB per thread: salts and ids cost
  // nanoseconds, not system calls. A forked child draws anew.
  void fill(std::span<std::uint8_t> bytes) override;
};

// "250ms", "90s", "15m", "24h", "7d", "2w". Errors: InvalidArgument.
[[nodiscard]] Result<std::chrono::microseconds> parse_duration(std::string_view text);

// A moment as people type it: RFC 3339, a date, or a duration before `now`.
[[nodiscard]] Result<Timestamp> parse_when(std::string_view text, Timestamp now);

}  // namespace daybook
