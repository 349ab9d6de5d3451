// SPDX-License-Identifier: Apache-2.0
#include "ledger/stream_directory.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;

class StreamDirectoryTest : public ::testing::Test {
 protected:
  std::map<Seq, SegmentStreams> seals_ = {{Seq{1}, {{10, 20, 30}, 2}},
                                          {Seq{100}, {{20}, 0}},
                                          {Seq{200}, {{}, 1}},
                                          {Seq{300}, {{5, 30}, 0}}};
  std::map<Seq, int> asked_;
  StreamDirectory directory_{[this](Seq segment) -> Result<SegmentStreams> {
    ++asked_[segment];
    if (broken_ == segment) return fail(Errc::Io, "the disk is gone");
    return seals_.at(segment);
  }};
  Seq broken_;
};

TEST_F(StreamDirectoryTest, FindsTheNewestSegmentThatHoldsAStream) {
  const std::vector<Seq> all = {Seq{1}, Seq{100}, Seq{200}, Seq{300}};
  EXPECT_EQ(expect(directory_.newest(all, 30)), Seq{300});
  EXPECT_EQ(expect(directory_.newest(all, 20)), Seq{100});
  EXPECT_EQ(expect(directory_.newest(all, 10)), Seq{1});
  EXPECT_EQ(expect(directory_.newest(all, 11)), Seq{0});
  EXPECT_EQ(expect(directory_.newest(std::span(all).first(3), 30)), Seq{1});
  EXPECT_EQ(expect(directory_.newest({}, 30)), Seq{0});
}

TEST_F(StreamDirectoryTest, AsksForEachSegmentOnceAndOnlyWhenNeeded) {
  const std::vector<Seq> all = {Seq{1}, Seq{100}, Seq{200}, Seq{300}};
  EXPECT_EQ(expect(directory_.newest(all, 5)), Seq{300});
  EXPECT_EQ(asked_, (std::map<Seq, int>{{Seq{300}, 1}}));
  for (std::uint64_t unknown = 40; unknown < 1'000; ++unknown) {
    EXPECT_EQ(expect(directory_.newest(all, unknown)), Seq{0});
  }
  EXPECT_EQ(asked_, (std::map<Seq, int>{{Seq{1}, 1}, {Seq{100}, 1}, {Seq{200}, 1}, {Seq{300}, 1}}));
}

TEST_F(StreamDirectoryTest, CountsWhatIsInNoStream) {
  const std::vector<Seq> all = {Seq{1}, Seq{100}, Seq{200}, Seq{300}};
  EXPECT_EQ(expect(directory_.unreadable({})), 0U);
  EXPECT_EQ(expect(directory_.unreadable(std::span(all).last(1))), 0U);
  EXPECT_EQ(expect(directory_.unreadable(std::span(all).last(2))), 1U);
  EXPECT_EQ(expect(directory_.unreadable(all)), 3U);
}

TEST_F(StreamDirectoryTest, CountsWhereOnlyTheEndsAreKnownYet) {
  const std::vector<Seq> all = {Seq{1}, Seq{100}, Seq{200}, Seq{300}};
  EXPECT_EQ(expect(directory_.newest(std::span(all).first(1), 11)), Seq{0});
  EXPECT_EQ(expect(directory_.newest(all, 5)), Seq{300});
  EXPECT_EQ(expect(directory_.unreadable(all)), 3U);
}

TEST_F(StreamDirectoryTest, ASegmentThatCannotBeReadIsAskedForAgain) {
  const std::vector<Seq> all = {Seq{1}, Seq{100}};
  broken_ = Seq{100};
  EXPECT_EQ(directory_.newest(all, 10).error().code, Errc::Io);
  broken_ = Seq{0};
  EXPECT_EQ(expect(directory_.newest(all, 10)), Seq{1});
  EXPECT_EQ(asked_[Seq{100}], 2);
}

}  // namespace
}  // namespace daybook
