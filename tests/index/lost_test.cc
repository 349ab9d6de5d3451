// SPDX-License-Identifier: Apache-2.0
//
// Damage in the log: the index says what it could not learn, and goes on
// saying so.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "index/index_fixture.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;
using Seqs = std::vector<std::uint64_t>;

class LostTest : public IndexTest {
 protected:
  // Events "mark-1", "mark-2", ... each the cause of the next.
  void append_marked(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string mark = "mark-" + std::to_string(ids_.size() + 1) + "-";
      NewEvent event{
          .stream = "s", .type = "t", .data = "{\"m\":\"" + mark + "\"}", .subject = mark};
      if (!ids_.empty()) event.causes = {ids_.back()};
      ids_.push_back(must(ledger().append(event)).id);
    }
  }

  // Breaks a byte of the envelope of an event.
  void ruin(std::uint64_t seq) {
    must(ledger().close());
    forget_ledger();
    const std::string mark = "mark-" + std::to_string(seq) + "-";
    for (const auto& entry : std::filesystem::directory_iterator(path() + "/log")) {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      const std::size_t at = bytes.find(mark);
      if (at == std::string::npos) continue;
      file.clear();
      file.seekp(static_cast<std::streamoff>(at));
      file.put('X');
      return;
    }
    FAIL() << "no event " << seq;
  }

  static bool names_seq(const Completeness& completeness, std::uint64_t seq) {
    return std::any_of(completeness.lost.begin(), completeness.lost.end(), [&](const auto& range) {
      return range.first.value <= seq && seq <= range.last.value;
    });
  }

  std::vector<EventId> ids_;
};

TEST_F(LostTest, AnEventLostBeforeItWasIndexedIsReportedForEver) {
  append_marked(20);
  ruin(7);
  Ledger own = another_ledger();
  {
    Index index = must(Index::open(own));
    const QueryResult result = must(index.query({.streams = {"s"}, .limit = 0}));
    EXPECT_EQ(result.events.size(), 19U);
    EXPECT_FALSE(result.completeness.complete());
    EXPECT_TRUE(names_seq(result.completeness, 7));
  }
  must(own.append({.stream = "s", .type = "t"}));
  Index index = must(Index::open(own));
  const QueryResult later =
      must(index.query({.streams = {"s"}, .limit = 2, .direction = Direction::Backward}));
  EXPECT_EQ(seqs(later), (Seqs{21, 20}));
  EXPECT_TRUE(names_seq(later.completeness, 7)) << "also when the answer is far from it";
  EXPECT_TRUE(names_seq(must(index.catch_up()), 7));
  EXPECT_TRUE(names_seq(must(index.rebuild()), 7));
  EXPECT_TRUE(names_seq(must(index.query({.limit = 0})).completeness, 7))
      << "straight from the log";
}

TEST_F(LostTest, AnEventLostAfterItWasIndexedIsReportedWhenItMatches) {
  append_marked(20);
  {
    Index index = open_index();
    must(index.catch_up(Index::Depth::FieldsAndText));
  }
  ruin(7);
  Ledger own = another_ledger();
  Index index = must(Index::open(own));

  for (const Query& query : {Query{.streams = {"s"}, .limit = 0},
                             Query{.streams = {"s"}, .limit = 0, .direction = Direction::Backward},
                             Query{.search = "mark AND 7", .limit = 0}}) {
    const QueryResult result = must(index.query(query));
    EXPECT_FALSE(result.completeness.complete());
    EXPECT_TRUE(names_seq(result.completeness, 7));
  }
  EXPECT_EQ(must(index.query({.streams = {"s"}, .limit = 0})).events.size(), 19U);
}

TEST_F(LostTest, ChainsGoOnBehindALostEvent) {
  append_marked(10);
  ruin(5);
  Ledger own = another_ledger();
  Index index = must(Index::open(own));

  const Chain causes = must(causes_of(own, ids_[7]));
  EXPECT_EQ(seqs(causes), (Seqs{6, 7, 8}));
  EXPECT_EQ(causes.missing, (std::vector<EventId>{ids_[4]}));

  const Chain effects = must(index.effects_of(ids_[4]));
  EXPECT_EQ(seqs(effects), (Seqs{6, 7, 8, 9, 10})) << "of an event that only its effects name";
  EXPECT_EQ(effects.missing, (std::vector<EventId>{ids_[4]}));
  EXPECT_FALSE(effects.completeness.complete());
}

TEST_F(LostTest, ChainsKnowAnEventThatWasLostLater) {
  append_marked(10);
  {
    Index index = open_index();
    must(index.catch_up());
  }
  ruin(5);
  Ledger own = another_ledger();
  Index index = must(Index::open(own));

  const Chain effects = must(index.effects_of(ids_[2]));
  EXPECT_EQ(seqs(effects), (Seqs{3, 4, 6, 7, 8, 9, 10}));
  EXPECT_EQ(effects.missing, (std::vector<EventId>{ids_[4]}));
  const Chain of_lost = must(index.effects_of(ids_[4]));
  EXPECT_EQ(seqs(of_lost), (Seqs{6, 7, 8, 9, 10}));
  EXPECT_EQ(of_lost.missing, (std::vector<EventId>{ids_[4]}));
}

TEST_F(LostTest, DamagedDataIsNoReasonToForgetTheEvent) {
  append_marked(5);
  // The data, which comes behind the envelope: the second time the mark is there.
  must(ledger().close());
  forget_ledger();
  for (const auto& entry : std::filesystem::directory_iterator(path() + "/log")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = bytes.find("\"mark-3-");
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file.put('X');
  }
  Ledger own = another_ledger();
  Index index = must(Index::open(own));

  const QueryResult by_name = must(index.query({.subjects = {"mark-3-"}}));
  EXPECT_EQ(seqs(by_name), (Seqs{3}));
  EXPECT_TRUE(names_seq(by_name.completeness, 3)) << "its class and subsystem are unknown";
  const QueryResult by_data =
      must(index.query({.where = {{.path = "m", .op = CompareOp::Like, .value = "mark*"}}}));
  EXPECT_EQ(seqs(by_data), (Seqs{1, 2, 4, 5}));
  EXPECT_TRUE(names_seq(by_data.completeness, 3));
}

}  // namespace
}  // namespace daybook
