// SPDX-License-Identifier: Apache-2.0
#include "run/backoff.h"

#include <string>

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace daybook {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::SeededEntropy;

TEST(Backoff, DoublesUpToTheLongestAndStaysInRange) {
  const Backoff backoff{.first = seconds(1), .longest = seconds(10)};
  SeededEntropy entropy(3);
  const std::uint64_t full[] = {1, 2, 4, 8, 10, 10, 10};
  for (std::uint32_t failed = 1; failed <= 7; ++failed) {
    for (int draw = 0; draw < 100; ++draw) {
      const std::uint64_t pause = backoff_micros(backoff, failed, entropy);
      const std::uint64_t most = full[failed - 1] * 1'000'000;
      ASSERT_LE(pause, most) << "after " << failed;
      ASSERT_GE(pause, std::max<std::uint64_t>(most / 2, 1'000'000)) << "after " << failed;
    }
  }
}

TEST(Backoff, IsSpreadAndReplays) {
  const Backoff backoff{.first = seconds(1), .longest = minutes(5)};
  SeededEntropy one(5);
  SeededEntropy again(5);
  SeededEntropy other(6);

  const std::uint64_t pause = backoff_micros(backoff, 6, one);

  EXPECT_EQ(pause, backoff_micros(backoff, 6, again));
  EXPECT_NE(pause, backoff_micros(backoff, 6, other));
}

TEST(Backoff, ManyFailuresDoNotOverflow) {
  const Backoff backoff{.first = microseconds(1), .longest = kMaxWait};
  SeededEntropy entropy(1);

  const std::uint64_t pause = backoff_micros(backoff, kMaxRetries, entropy);

  EXPECT_LE(pause, static_cast<std::uint64_t>(kMaxWait.count()));
  EXPECT_GE(pause, static_cast<std::uint64_t>(kMaxWait.count()) / 2);
}

TEST(Backoff, NoPauseIsPossible) {
  SeededEntropy entropy(1);
  EXPECT_EQ(backoff_micros({.first = seconds(0), .longest = seconds(0)}, 9, entropy), 0u);
}

TEST(ParseBackoff, ReadsARangeOrOnePause) {
  const auto range = parse_backoff("250ms..5m");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->first, milliseconds(250));
  EXPECT_EQ(range->longest, minutes(5));

  const auto constant = parse_backoff("10s");
  ASSERT_TRUE(constant.has_value());
  EXPECT_EQ(constant->first, seconds(10));
  EXPECT_EQ(constant->longest, seconds(10));
}

TEST(ParseBackoff, RefusesAnythingElse) {
  for (const char* text : {"", "..", "1s..", "..5m", "5m..1s", "1..5", "1s...5m", "1s..2s..3s",
                           "fast", "-1s..5s", "1s..400d", "99999999999999999999s"}) {
    const auto parsed = parse_backoff(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Errc::InvalidArgument);
    EXPECT_NE(parsed.error().hint, "");
  }
}

}  // namespace
}  // namespace daybook
