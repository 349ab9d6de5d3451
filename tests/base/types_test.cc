// SPDX-License-Identifier: Apache-2.0
//
// The small public types: names of errors and tiers, hashes, events.
#include "daybook/types.h"

#include <set>
#include <unordered_set>

#include <gtest/gtest.h>

#include "daybook/event.h"

namespace daybook {
namespace {

TEST(Errc, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::Internal); ++code) {
    const std::string_view name = to_string(static_cast<Errc>(code));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
    EXPECT_FALSE(name.empty());
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 14U);
  EXPECT_EQ(to_string(Errc::InvalidArgument), "invalid_argument");
  EXPECT_EQ(to_string(Errc::NoSpace), "no_space");
  EXPECT_EQ(to_string(Errc::Internal), "internal");
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Errc::InvalidArgument, "odd", "give an even number");
  return value / 2;
}

Result<int> quarter(int value) {
  DAYBOOK_TRY(first, half(value));
  DAYBOOK_TRY(second, half(first));
  return second;
}

Result<void> check_even(int value) {
  DAYBOOK_CHECK(half(value));
  return {};
}

TEST(Error, TryHandsItOn) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(6).error().hint, "give an even number");
  EXPECT_TRUE(check_even(2));
  EXPECT_EQ(check_even(3).error().code, Errc::InvalidArgument);
}

TEST(Tier, ReadsBackWhatItIsCalled) {
  for (const Tier tier : {Tier::MetadataOnly, Tier::Structured, Tier::Confidential}) {
    EXPECT_EQ(parse_tier(to_string(tier)), tier);
  }
  for (const std::string_view text : {"", "Structured", "secret", "metadata-only"}) {
    const auto tier = parse_tier(text);
    ASSERT_FALSE(tier) << text;
    EXPECT_EQ(tier.error().code, Errc::InvalidArgument);
    EXPECT_NE(tier.error().hint.find("metadata_only"), std::string::npos);
  }
}

TEST(Digest, IsLowerCaseHexAndReadsEither) {
  Digest digest;
  for (std::uint8_t i = 0; i < 32; ++i) digest.bytes[i] = static_cast<std::uint8_t>(0xA0 + i);
  const std::string text = to_string(digest);
  EXPECT_EQ(text, "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
  EXPECT_EQ(parse_digest(text), digest);
  EXPECT_EQ(parse_digest("A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF"),
            digest);
  for (const std::string& bad :
       {std::string(), text.substr(1), text + "0", text.substr(2) + "xx"}) {
    const auto parsed = parse_digest(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Errc::InvalidArgument);
  }
}

TEST(Types, CanBeKeysOfMaps) {
  EventId one;
  one.bytes[15] = 1;
  EXPECT_EQ((std::unordered_set<EventId>{EventId{}, one, one}.size()), 2U);
  EXPECT_EQ((std::unordered_set<Seq>{Seq{1}, Seq{2}, Seq{1}}.size()), 2U);
  EXPECT_EQ((std::unordered_set<Digest>{Digest{}, Digest{}}.size()), 1U);
}

TEST(Event, ToEventCopiesEveryField) {
  std::string stream = "session/1";
  EventId cause;
  cause.bytes[0] = 7;
  const std::vector<EventId> causes{cause};
  EventView view;
  view.seq = Seq{5};
  view.version = Version{2};
  view.id.bytes[3] = 9;
  view.time = Timestamp{11};
  view.recorded = Timestamp{12};
  view.tier = Tier::Confidential;
  view.stream = stream;
  view.type = "type";
  view.source = "source";
  view.actor = "actor";
  view.subject = "subject";
  view.correlation = "correlation";
  view.key = "key";
  view.causes = causes;
  view.commitment.bytes[1] = 3;
  view.data_bytes = 2;
  view.data_state = DataState::Inline;
  view.data = "{}";
  view.blob.bytes[2] = 4;

  const Event event = to_event(view);
  stream = "changed!!";

  EXPECT_EQ(event.seq, Seq{5});
  EXPECT_EQ(event.version, Version{2});
  EXPECT_EQ(event.id, view.id);
  EXPECT_EQ(event.time, Timestamp{11});
  EXPECT_EQ(event.recorded, Timestamp{12});
  EXPECT_EQ(event.tier, Tier::Confidential);
  EXPECT_EQ(event.stream, "session/1");
  EXPECT_EQ(event.type, "type");
  EXPECT_EQ(event.source, "source");
  EXPECT_EQ(event.actor, "actor");
  EXPECT_EQ(event.subject, "subject");
  EXPECT_EQ(event.correlation, "correlation");
  EXPECT_EQ(event.key, "key");
  EXPECT_EQ(event.causes, causes);
  EXPECT_EQ(event.commitment, view.commitment);
  EXPECT_EQ(event.data_bytes, 2U);
  EXPECT_EQ(event.data_state, DataState::Inline);
  EXPECT_EQ(event.data, "{}");
  EXPECT_EQ(event.blob, view.blob);
}

}  // namespace
}  // namespace daybook
