// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/clock.h"
#include "daybook/types.h"

namespace daybook {
namespace {

constexpr std::int64_t kFirstMicros = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastMicros = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z
constexpr Timestamp kNow{1'795'161'983'000'125};                // 2026-11-20T08:06:23.000125Z

std::int64_t micros_of(std::string_view text) {
  const auto time = parse_timestamp(text);
  EXPECT_TRUE(time) << text << ": " << (time ? "" : time.error().message);
  return time ? time->micros : INT64_MIN;
}

TEST(Timestamp, PrintsSixDigitsInUtc) {
  EXPECT_EQ(to_string(Timestamp{0}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_string(kNow), "2026-11-20T08:06:23.000125Z");
  EXPECT_EQ(to_string(Timestamp{-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_string(Timestamp{951'782'400'000'000}), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(to_string(Timestamp{kFirstMicros}), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_string(Timestamp{kLastMicros}), "9999-12-31T23:59:59.999999Z");
}

TEST(Timestamp, PrintsTimesThatNoCalendarMeets) {
  EXPECT_EQ(to_string(Timestamp{kLastMicros + 1}), "+10000-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_string(Timestamp{kFirstMicros - 1}), "0000-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_string(Timestamp{INT64_MAX}), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(to_string(Timestamp{INT64_MIN}), "-290308-12-21T19:59:05.224192Z");
}

TEST(Timestamp, ReadsRfc3339) {
  EXPECT_EQ(micros_of("2026-11-20T08:06:23.000125Z"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20t08:06:23.000125z"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20 08:06:23.000125Z"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20T08:06:23Z"), kNow.micros - 125);
  EXPECT_EQ(micros_of("2026-11-20T08:06:23.0001259Z"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20T08:06:23.000125999Z"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20T08:06:23.5Z"), kNow.micros - 125 + 500'000);
  EXPECT_EQ(micros_of("2026-11-20T10:06:23.000125+02:00"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-19T22:36:23.000125-09:30"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20T08:06:23.000125-00:00"), kNow.micros);
  EXPECT_EQ(micros_of("2026-11-20"), 1'795'132'800'000'000);
  EXPECT_EQ(micros_of("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(micros_of("0001-01-01T00:00:00Z"), kFirstMicros);
  EXPECT_EQ(micros_of("9999-12-31T23:59:59.999999Z"), kLastMicros);
}

TEST(Timestamp, KnowsLeapYears) {
  EXPECT_EQ(micros_of("2024-03-01") - micros_of("2024-02-29"), 86'400'000'000);
  EXPECT_EQ(micros_of("2000-02-29"), 951'782'400'000'000);
  for (const std::string_view text : {"2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Timestamp, ALeapSecondIsTheNextSecond) {
  EXPECT_EQ(micros_of("2016-12-31T23:59:60Z"), micros_of("2017-01-01"));
  EXPECT_EQ(micros_of("2017-01-01T00:59:60.25+01:00"), micros_of("2017-01-01T00:00:00.25Z"));
  EXPECT_FALSE(parse_timestamp("2016-12-31T23:58:60Z"));
  EXPECT_FALSE(parse_timestamp("2016-12-31T23:59:60+01:00"));
  EXPECT_FALSE(parse_timestamp("2016-12-31T23:59:61Z"));
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11",
                                      "2026-1-20",
                                      "26-11-20",
                                      "20261120",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-11-00",
                                      "2026-11-31",
                                      "0000-01-01",
                                      "+2026-11-20",
                                      "2026-11-20T",
                                      "2026-11-20T08:06Z",
                                      "2026-11-20T08:06:23",
                                      "2026-11-20T08:06:23.Z",
                                      "2026-11-20T08:06:23.0123456789Z",
                                      "2026-11-20T24:00:00Z",
                                      "2026-11-20T08:60:00Z",
                                      "2026-11-20T08:06:23+2:00",
                                      "2026-11-20T08:06:23+0200",
                                      "2026-11-20T08:06:23+24:00",
                                      "2026-11-20T08:06:23+02:60",
                                      "2026-11-20T08:06:23Z ",
                                      " 2026-11-20",
                                      "2026-11-20x",
                                      "2026-11-20T08:06:23,5Z",
                                      "2026-11-20T-8:06:23Z",
                                      "now"}) {
    const auto time = parse_timestamp(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Errc::InvalidArgument);
    EXPECT_FALSE(time.error().hint.empty());
  }
}

TEST(Timestamp, RefusesYearsThatAnOffsetLeadsOutOf) {
  EXPECT_FALSE(parse_timestamp("0001-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_timestamp("9999-12-31T23:59:59-00:01"));
  EXPECT_EQ(micros_of("0001-01-01T00:01:00+00:01"), kFirstMicros);
}

TEST(Timestamp, SaysWhatIsWrong) {
  EXPECT_NE(parse_timestamp("2026-02-30").error().message.find("no such day"), std::string::npos);
  EXPECT_NE(parse_timestamp("2026-11-20T08:06:23").error().message.find("Z or an offset"),
            std::string::npos);
}

RC_GTEST_PROP(Timestamp, RoundTripsFromYear1To9999, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(kFirstMicros, kLastMicros + 1);
  const auto back = parse_timestamp(to_string(Timestamp{micros}));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->micros == micros);
}

RC_GTEST_PROP(Timestamp, TextsSortLikeTimes, ()) {
  const auto a = *rc::gen::inRange<std::int64_t>(kFirstMicros, kLastMicros + 1);
  const auto b = *rc::gen::inRange<std::int64_t>(kFirstMicros, kLastMicros + 1);
  RC_ASSERT((a < b) == (to_string(Timestamp{a}) < to_string(Timestamp{b})));
}

RC_GTEST_PROP(Timestamp, StaysInRangeWhateverIsChanged, (std::uint8_t where, std::uint8_t what)) {
  constexpr std::string_view kAlphabet = "0123456789-+:.TZ ";
  for (std::string text :
       {"9999-12-31T23:59:59.999999-00:00", "0001-01-01T00:00:00.000000+00:00"}) {
    text[where % text.size()] = kAlphabet[what % kAlphabet.size()];
    const auto time = parse_timestamp(text);
    if (!time) continue;
    RC_ASSERT(time->micros >= kFirstMicros);
    RC_ASSERT(time->micros <= kLastMicros);
    RC_ASSERT(parse_timestamp(to_string(*time)).value().micros == time->micros);
  }
}

TEST(Duration, ReadsANumberAndAUnit) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"250ms", 250'000},
      {"90s", 90'000'000},
      {"15m", 900'000'000},
      {"24h", 86'400'000'000},
      {"7d", 604'800'000'000},
      {"2w", 1'209'600'000'000},
      {"0s", 0},
      {"007s", 7'000'000},
  };
  for (const auto& [text, micros] : cases) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(duration->count(), micros) << text;
  }
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "s", "10", "-5s", "+5s", "1.5h", "1h30m", "5 s", "5S", "5y", "5us", " 5s", "5s ",
        "99999999999999999999s", "9223372036854775807s", "15250285w", "0x5s"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, Errc::InvalidArgument);
    EXPECT_NE(duration.error().hint.find("250ms"), std::string::npos);
  }
  EXPECT_TRUE(parse_duration("15250284w"));  // the longest that 64 bits hold
}

TEST(When, IsATimeADateOrHowLongAgo) {
  EXPECT_EQ(parse_when("2026-11-20T08:06:23.000125Z", Timestamp{0}), kNow);
  EXPECT_EQ(parse_when("1970-01-02", kNow), Timestamp{86'400'000'000});
  EXPECT_EQ(parse_when("24h", kNow), Timestamp{kNow.micros - 86'400'000'000});
  EXPECT_EQ(parse_when("0s", kNow), kNow);
}

TEST(When, SaysWhatWouldBeUnderstood) {
  for (const std::string_view text :
       {"", "yesterday", "2026-02-30", "5", "24h ago", "100000000d"}) {
    const auto when = parse_when(text, kNow);
    ASSERT_FALSE(when) << text;
    EXPECT_EQ(when.error().code, Errc::InvalidArgument);
  }
  EXPECT_NE(parse_when("2026-02-30", kNow).error().message.find("no such day"), std::string::npos);
  EXPECT_NE(parse_when("soon", kNow).error().hint.find("24h"), std::string::npos);
  EXPECT_FALSE(parse_when("1s", Timestamp{INT64_MIN}));
}

}  // namespace
}  // namespace daybook
