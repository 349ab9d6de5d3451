// SPDX-License-Identifier: Apache-2.0
#include "base/ulid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/fake_clock.h"

namespace daybook {
namespace {

constexpr Timestamp kNow{1'795'161'983'123'456};

EventId id_of(std::string_view text) {
  const auto id = parse_event_id(text);
  EXPECT_TRUE(id) << text;
  return id.value_or(EventId{});
}

TEST(Ulid, CarriesTheMillisecond) {
  testing::SeededEntropy entropy(1);
  UlidGenerator generator(entropy);
  const EventId id = generator.next(kNow);
  EXPECT_EQ(time_of(id).micros, 1'795'161'983'123'000);
}

TEST(Ulid, DrawsAllEightyBitsAnewEachMillisecond) {
  testing::SeededEntropy entropy(1);
  UlidGenerator generator(entropy);
  std::array<std::uint8_t, 16> ones{};
  std::array<std::uint8_t, 16> zeros{};
  for (int i = 0; i < 200; ++i) {
    const EventId id = generator.next(Timestamp{kNow.micros + i * 1000});
    for (std::size_t b = 6; b < 16; ++b) {
      ones[b] |= id.bytes[b];
      zeros[b] |= static_cast<std::uint8_t>(~id.bytes[b]);
    }
  }
  for (std::size_t b = 6; b < 16; ++b) {
    EXPECT_EQ(ones[b], 0xFF) << "byte " << b;
    EXPECT_EQ(zeros[b], 0xFF) << "byte " << b;
  }
}

TEST(Ulid, CountsOnWithinAMillisecondAndWhenTheClockStepsBack) {
  testing::SeededEntropy entropy(1);
  UlidGenerator generator(entropy);
  const EventId first = generator.next(kNow);
  const EventId second = generator.next(kNow);
  const EventId third = generator.next(Timestamp{kNow.micros - 3'600'000'000});

  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_EQ(time_of(third), time_of(first));
}

TEST(Ulid, AFullRandomPartCarriesIntoTheTime) {
  testing::SeededEntropy entropy(1);
  UlidGenerator generator(entropy, id_of("01ARZ3NDEKZZZZZZZZZZZZZZZZ"));
  EXPECT_EQ(generator.next(Timestamp{0}), id_of("01ARZ3NDEM0000000000000000"));
  generator.set_last(id_of("0000000000000ZZZZZZZZZZZZZ"));  // the lower 64 bits and one more
  EXPECT_EQ(generator.next(Timestamp{0}), id_of("00000000000010000000000000"));
}

TEST(Ulid, TimesOutsideItsRangeAreItsEnds) {
  testing::SeededEntropy entropy(1);
  EXPECT_EQ(time_of(UlidGenerator(entropy).next(Timestamp{-5'000'000})).micros, 0);
  EXPECT_EQ(time_of(UlidGenerator(entropy).next(Timestamp{INT64_MAX})).micros,
            ((std::int64_t{1} << 48) - 1) * 1000);
}

RC_GTEST_PROP(Ulid, GrowsWhateverTheClockDoes,
              (std::uint64_t seed, std::vector<std::int16_t> steps)) {
  testing::SeededEntropy entropy(seed);
  UlidGenerator generator(entropy);
  std::int64_t now = kNow.micros;
  EventId last;
  for (const std::int16_t step : steps) {
    now += step;
    const EventId id = generator.next(Timestamp{now});
    RC_ASSERT(last < id);
    RC_ASSERT(time_of(id).micros >= now / 1000 * 1000);
    last = id;
  }
}

TEST(EventId, IsTwentySixCharactersInOrder) {
  EXPECT_EQ(to_string(EventId{}), "00000000000000000000000000");
  EventId largest;
  largest.bytes.fill(0xFF);
  EXPECT_EQ(to_string(largest), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EventId ascending;
  for (std::uint8_t i = 0; i < 16; ++i) ascending.bytes[i] = i;
  EXPECT_EQ(to_string(ascending), "00041061050R3GG28A1C60T3GF");
}

TEST(EventId, ReadsEitherCaseAndNothingElse) {
  EXPECT_EQ(id_of("01arz3ndektsv4rrffq69g5fav"), id_of("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  for (const std::string_view text :
       {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
        "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAL",
        "01ARZ3NDEKTSV4RRFFQ69G5FAO", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FA ",
        "01ARZ3NDEKTSV4RRFFQ69G5FA-"}) {
    const auto id = parse_event_id(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, Errc::InvalidArgument);
    EXPECT_FALSE(id.error().hint.empty());
  }
}

RC_GTEST_PROP(EventId, RoundTripsAndKeepsItsOrder, (std::uint64_t seed)) {
  testing::SeededEntropy entropy(seed);
  EventId a;
  EventId b;
  entropy.fill(a.bytes);
  entropy.fill(b.bytes);
  RC_ASSERT(parse_event_id(to_string(a)).value() == a);
  RC_ASSERT((a < b) == (to_string(a) < to_string(b)));
}

}  // namespace
}  // namespace daybook
