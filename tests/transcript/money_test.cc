// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daybook/transcript.h"

namespace daybook {
namespace {

std::string round_trip(std::string_view text) {
  const auto money = parse_money(text);
  return money ? to_string(*money) : "none";
}

TEST(Money, IsWrittenWithAtLeastTwoPlacesAndNeverRounded) {
  EXPECT_EQ(round_trip("0"), "0.00");
  EXPECT_EQ(round_trip("12.5"), "12.50");
  EXPECT_EQ(round_trip("0.0003"), "0.0003");
  EXPECT_EQ(round_trip("1.234567890123"), "1.234567890123");
  EXPECT_EQ(round_trip("-0.5"), "-0.50");
  EXPECT_EQ(to_string(Money{INT64_MIN}), "-9223372.036854775808");
}

TEST(Money, IsReadFromAnyDecimal) {
  EXPECT_EQ(round_trip("1e-05"), "0.00001");
  EXPECT_EQ(round_trip("1.5E2"), "150.00");
  EXPECT_EQ(round_trip(".25"), "0.25");
  EXPECT_EQ(round_trip("0.0000000000019"), "0.000000000001");
  EXPECT_EQ(round_trip("1e-400"), "0.00");
}

TEST(Money, RefusesWhatIsNoAmount) {
  for (const auto* text : {"", "-", ".", "1,5", "abc", "1e", "1e999999999999", "0x10", "1.2.3",
                           "99999999", "1e30", "1 "}) {
    EXPECT_EQ(round_trip(text), "none") << text;
  }
}

}  // namespace
}  // namespace daybook
