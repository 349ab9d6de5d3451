// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <gtest/gtest.h>

#include "index/index_fixture.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;
using Seqs = std::vector<std::uint64_t>;

class ChainTest : public IndexTest {
 protected:
  EventId event(const std::string& stream, std::vector<EventId> causes = {}) {
    return append({.stream = stream, .type = "t", .causes = std::move(causes)}).id;
  }
  static std::map<std::uint64_t, std::uint32_t> depths(const Chain& chain) {
    std::map<std::uint64_t, std::uint32_t> depths;
    for (const ChainLink& link : chain.links) depths[link.event.seq.value] = link.depth;
    return depths;
  }
  EventId id_of(std::uint64_t seq) { return must(ledger().read(Seq{seq})).id; }
};

TEST_F(ChainTest, AnEventWithoutCausesIsItsOwnChain) {
  const EventId alone = event("s");
  Index index = open_index();

  const Chain causes = must(causes_of(ledger(), alone));
  EXPECT_EQ(seqs(causes), (Seqs{1}));
  EXPECT_FALSE(causes.more);
  EXPECT_TRUE(causes.missing.empty());
  EXPECT_EQ(seqs(must(index.effects_of(alone))), (Seqs{1}));
}

TEST_F(ChainTest, VisitsEachEventOfADiamondOnceAtItsShortestDistance) {
  const EventId root = event("a");                        // 1
  const EventId left = event("b", {root});                // 2
  const EventId right = event("c", {root});               // 3
  const EventId joined = event("d", {left, right});       // 4
  const EventId last = event("e", {joined, root, left});  // 5
  event("f");                                             // 6: not part of it
  Index index = open_index();

  const Chain causes = must(causes_of(ledger(), last));
  EXPECT_EQ(seqs(causes), (Seqs{1, 2, 3, 4, 5}));
  EXPECT_EQ(depths(causes),
            (std::map<std::uint64_t, std::uint32_t>{{1, 1}, {2, 1}, {3, 2}, {4, 1}, {5, 0}}));

  const Chain effects = must(index.effects_of(root));
  EXPECT_EQ(seqs(effects), (Seqs{1, 2, 3, 4, 5}));
  EXPECT_EQ(depths(effects),
            (std::map<std::uint64_t, std::uint32_t>{{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 1}}));
  EXPECT_EQ(must(index.direct_effects(Seq{1})), (std::vector<Seq>{Seq{2}, Seq{3}, Seq{5}}));
  EXPECT_EQ(must(index.direct_effects(Seq{5})), (std::vector<Seq>{}));
}

TEST_F(ChainTest, ManyDiamondsInARowCostNoMoreThanTheirEvents) {
  EventId tip = event("s");
  for (int i = 0; i < 400; ++i) {
    const EventId left = event("l", {tip});
    const EventId right = event("r", {tip});
    tip = event("s", {left, right});
  }
  Index index = open_index();

  EXPECT_EQ(must(causes_of(ledger(), tip)).links.size(), 1'201U);
  EXPECT_EQ(must(index.effects_of(id_of(1))).links.size(), 1'201U);
}

TEST_F(ChainTest, FollowsALongChainBothWays) {
  constexpr std::uint64_t kLength = 5'000;
  EventId tip = event("first");
  const EventId root = tip;
  for (std::uint64_t i = 1; i < kLength; ++i) {
    tip = event("s/" + std::to_string(i % 7), {tip});
  }
  Index index = open_index();

  const Chain causes = must(causes_of(ledger(), tip));
  ASSERT_EQ(causes.links.size(), kLength);
  EXPECT_EQ(causes.links.front().depth, kLength - 1);
  EXPECT_EQ(causes.links.back().event.id, tip);
  const Chain effects = must(index.effects_of(root));
  ASSERT_EQ(effects.links.size(), kLength);
  EXPECT_EQ(effects.links.back().depth, kLength - 1);

  const Chain near = must(causes_of(ledger(), tip, {.limit = 10}));
  EXPECT_EQ(near.links.size(), 10U);
  EXPECT_TRUE(near.more);
  EXPECT_EQ(near.links.front().event.seq, Seq{kLength - 9});
  const Chain first = must(index.effects_of(root, {.limit = 10}));
  EXPECT_EQ(seqs(first), (Seqs{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_TRUE(first.more);
  EXPECT_FALSE(must(causes_of(ledger(), tip, {.limit = kLength})).more);
}

TEST_F(ChainTest, ALimitOnAWideEventIsExact) {
  const EventId root = event("s");
  for (int i = 0; i < 100; ++i) event("s", {root});
  Index index = open_index();

  const Chain cut = must(index.effects_of(root, {.limit = 100}));
  EXPECT_EQ(cut.links.size(), 100U);
  EXPECT_TRUE(cut.more);
  const Chain whole = must(index.effects_of(root, {.limit = 101}));
  EXPECT_EQ(whole.links.size(), 101U);
  EXPECT_FALSE(whole.more);
}

TEST_F(ChainTest, KeepsCausesWithinABatchAndFarApart) {
  append_all({{.stream = "a", .type = "t"}, {.stream = "b", .type = "t", .batch_causes = {0}}});
  append_many(70'000);  // more than the writer remembers
  const EventId old = id_of(1);
  const EventId late = event("c", {old, id_of(2), id_of(60'000)});
  Index index = open_index();

  EXPECT_EQ(seqs(must(causes_of(ledger(), late))), (Seqs{1, 2, 60'000, 70'003}));
  EXPECT_EQ(seqs(must(index.effects_of(old))), (Seqs{1, 2, 70'003}));
  const EventId later = event("c", {old, late});
  EXPECT_EQ(seqs(must(index.effects_of(old))), (Seqs{1, 2, 70'003, 70'004}));
  EXPECT_EQ(seqs(must(index.effects_of(late))), (Seqs{70'003, 70'004}));
  EXPECT_EQ(seqs(must(index.effects_of(later))), (Seqs{70'004}));
}

TEST_F(ChainTest, RandomGraphsAgreeWithAPlainSearch) {
  testing::Random random(5);
  std::vector<EventId> ids;
  std::vector<std::vector<std::size_t>> causes;
  for (std::size_t i = 0; i < 400; ++i) {
    std::vector<EventId> names;
    causes.emplace_back();
    for (std::uint64_t n = i == 0 ? 0 : random.below(4); n > 0; --n) {
      causes.back().push_back(random.below(i));
      names.push_back(ids[causes.back().back()]);
    }
    ids.push_back(event("s/" + std::to_string(random.below(5)), names));
  }
  Index index = open_index();

  for (std::size_t root = 0; root < ids.size(); root += 13) {
    std::set<std::uint64_t> up = {root + 1};
    for (std::size_t i = root + 1; i-- > 0;) {
      if (!up.contains(i + 1)) continue;
      for (const std::size_t cause : causes[i]) up.insert(cause + 1);
    }
    std::set<std::uint64_t> down = {root + 1};
    for (std::size_t i = root + 1; i < ids.size(); ++i) {
      for (const std::size_t cause : causes[i]) {
        if (down.contains(cause + 1)) down.insert(i + 1);
      }
    }
    EXPECT_EQ(seqs(must(causes_of(ledger(), ids[root]))), Seqs(up.begin(), up.end()));
    EXPECT_EQ(seqs(must(index.effects_of(ids[root]))), Seqs(down.begin(), down.end()));
  }
}

TEST_F(ChainTest, SaysThatAnEventIsUnknown) {
  event("s");
  Index index = open_index();
  const EventId unknown{{1, 2, 3}};

  EXPECT_EQ(causes_of(ledger(), unknown).error().code, Errc::NotFound);
  EXPECT_EQ(index.effects_of(unknown).error().code, Errc::NotFound);
}

}  // namespace
}  // namespace daybook
