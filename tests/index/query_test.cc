// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "index/candidates.h"
#include "index/index_fixture.h"
#include "index/query_model.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;

class QueryTest : public IndexTest {
 protected:
  void append_random(std::uint64_t seed, std::size_t count) {
    testing::RandomHistory history(seed);
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < count; ++i) events.push_back(history.event());
    append_all(events);
  }

  void expect_as_model(Index& index, const std::vector<testing::ModelEvent>& model,
                       const Query& query) {
    const auto result = index.query(query);
    ASSERT_TRUE(result.has_value()) << result.error().message << "\n" << testing::describe(query);
    const testing::ModelAnswer expected = testing::model_answer(model, query);
    EXPECT_EQ(seqs(*result), expected.seqs) << testing::describe(query);
    EXPECT_EQ(result->more, expected.more) << testing::describe(query);
    EXPECT_TRUE(result->completeness.complete());
  }
};

TEST_F(QueryTest, AnswersNothingOnAnEmptyLedger) {
  Index index = open_index();

  for (const Query& query : {Query{}, Query{.types = {"a"}}, Query{.search = "word"}}) {
    const QueryResult result = must(index.query(query));
    EXPECT_TRUE(result.events.empty());
    EXPECT_FALSE(result.more);
    EXPECT_TRUE(result.completeness.complete());
  }
  EXPECT_EQ(must(index.status()).indexed, Seq{});
}

TEST_F(QueryTest, EveryFilterAgreesWithLookingAtEveryEvent) {
  append_random(11, 1'500);
  const auto model = testing::read_model(ledger());
  Index index = open_index();

  for (const Query& query : {
           Query{.limit = 0},
           Query{.since = model[700].event.time, .limit = 0},
           Query{.until = model[700].event.time, .limit = 0},
           Query{.types = {"head/created"}, .limit = 0},
           Query{.types = {"*e*", "none"}, .limit = 0},
           Query{.classes = {"State-Change"}, .limit = 0},
           Query{.streams = {"session/*"}, .limit = 0},
           Query{.subjects = {"backup"}, .limit = 0},
           Query{.subsystems = {"backup"}, .limit = 0},
           Query{.actors = {"agent:[b-z]"}, .limit = 0},
           Query{.correlation = "trace-2", .limit = 0},
           Query{.tier = Tier::Confidential, .limit = 0},
           Query{.where = {{.path = "exit", .op = CompareOp::Equal, .value = "3"}}, .limit = 0},
           Query{.search = "error retry", .limit = 0},
       }) {
    ASSERT_FALSE(testing::model_answer(model, query).seqs.empty()) << testing::describe(query);
    expect_as_model(index, model, query);
  }
}

TEST_F(QueryTest, CombinedFiltersAgreeWithLookingAtEveryEvent) {
  append_random(12, 1'500);
  const auto model = testing::read_model(ledger());
  Index index = open_index();

  std::size_t with_results = 0;
  testing::RandomHistory random(13);
  for (int i = 0; i < 400; ++i) {
    const Query query = random.query();
    expect_as_model(index, model, query);
    if (!testing::model_answer(model, query).seqs.empty()) ++with_results;
    if (HasFailure()) break;
  }
  EXPECT_GT(with_results, 100U) << "the queries are too narrow to prove anything";
}

TEST_F(QueryTest, CatchesUpBetweenQuestions) {
  Index index = open_index();
  testing::RandomHistory random(21);
  for (int round = 0; round < 12; ++round) {
    std::vector<NewEvent> events;
    for (int i = 0; i < 40 * round; ++i) events.push_back(random.event());
    if (!events.empty()) append_all(events);
    const auto model = testing::read_model(ledger());
    for (int i = 0; i < 15; ++i) expect_as_model(index, model, random.query());
  }
}

TEST_F(QueryTest, ASparseFilterFindsAll) {
  append_many(3'000);
  std::vector<std::uint64_t> rare;
  for (int i = 0; i < 5; ++i) {
    rare.push_back(
        append({.stream = "rare", .type = "rare", .data = R"({"rare":true})"}).seq.value);
    append_many(2'000);
  }
  Index index = open_index();

  EXPECT_EQ(seqs(index, {.types = {"rare"}, .limit = 5}), rare);
  EXPECT_EQ(seqs(index, {.types = {"ra*", "rar?"}, .limit = 5}), rare);
  EXPECT_EQ(seqs(index, {.where = {{.path = "rare", .value = "true"}}, .limit = 5}), rare);
  EXPECT_EQ(seqs(index, {.types = {"*"}, .where = {{.path = "rare", .value = "true"}}, .limit = 5}),
            rare);
  EXPECT_EQ(seqs(index, {.search = "rare", .limit = 5}), rare);
  EXPECT_EQ(seqs(index, {.tier = Tier::Structured, .search = "true OR rare", .limit = 0}), rare);
}

TEST_F(QueryTest, ReverseAndLimitTakeTheNewestAndSayThereIsMore) {
  append_many(100);
  Index index = open_index();

  for (const std::vector<std::string>& types :
       {std::vector<std::string>{}, {"bulk"}, {"b*", "bulk"}}) {
    const Query newest{.types = types, .limit = 3, .direction = Direction::Backward};
    const QueryResult cut = must(index.query(newest));
    EXPECT_EQ(seqs(cut), (std::vector<std::uint64_t>{100, 99, 98}));
    EXPECT_TRUE(cut.more);
    const QueryResult all = must(index.query({.types = types, .limit = 100}));
    EXPECT_EQ(all.events.size(), 100U);
    EXPECT_FALSE(all.more);
  }
}

TEST_F(QueryTest, ReturnsEventsAsTheyWereWritten) {
  const NewEvent written{.stream = "s",
                         .type = "t",
                         .data = R"({ "b" : 1.10, "a":[ ] })",
                         .source = "host/program",
                         .actor = "agent:x",
                         .subject = "file:y",
                         .correlation = "c",
                         .key = "k",
                         .tier = Tier::Confidential,
                         .time = Timestamp{-1'500'000}};
  const Receipt receipt = append(written);
  Index index = open_index();

  const QueryResult result = must(index.query({.actors = {"agent:x"}}));

  ASSERT_EQ(result.events.size(), 1U);
  const Event& event = result.events.front();
  EXPECT_EQ(event.id, receipt.id);
  EXPECT_EQ(event.data, written.data);
  EXPECT_EQ(event.source, written.source);
  EXPECT_EQ(event.key, written.key);
  EXPECT_EQ(event.time, written.time);
  EXPECT_EQ(event.tier, Tier::Confidential);
}

TEST_F(QueryTest, TimesMayBeInAnyOrder) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 10'000; ++i) {
    events.push_back({.stream = "s", .type = "t", .time = Timestamp{(i * 7'919) % 10'000 - 5'000}});
  }
  append_all(events);
  Index index = open_index();

  const QueryResult result =
      must(index.query({.since = Timestamp{-3}, .until = Timestamp{4}, .limit = 0}));

  std::set<std::int64_t> times;
  for (const Event& event : result.events) times.insert(event.time.micros);
  EXPECT_EQ(times, (std::set<std::int64_t>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_TRUE(std::is_sorted(result.events.begin(), result.events.end(),
                             [](const Event& a, const Event& b) { return a.seq < b.seq; }));
}

TEST_F(QueryTest, NamesWithWildcardCharactersAreFoundByTheirOwnName) {
  append({.stream = "job[1]", .type = "t"});
  append({.stream = "job1", .type = "t"});
  append({.stream = "what?", .type = "a*b"});
  Index index = open_index();

  EXPECT_EQ(seqs(index, {.streams = {"job[1]"}}), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(seqs(index, {.streams = {"what?"}}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(seqs(index, {.types = {"a*b"}}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(seqs(index, {.streams = {"job[!2]"}}), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(seqs(index, {.streams = {"JOB1"}}), (std::vector<std::uint64_t>{}));
}

TEST_F(QueryTest, ClassesKnowTheirOldSpellings) {
  append({.stream = "s", .type = "state_change"});
  append({.stream = "s", .type = "x", .data = R"({"event_class":"note_meta"})"});
  append({.stream = "s", .type = "note_meta", .data = R"({"event_class":"statechange"})"});
  Index index = open_index();

  for (const char* spelling : {"state-change", "state_change", "statechange", "StateChange"}) {
    EXPECT_EQ(seqs(index, {.classes = {spelling}}), (std::vector<std::uint64_t>{1, 3})) << spelling;
  }
  EXPECT_EQ(seqs(index, {.classes = {"Note-Meta"}}), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(seqs(index, {.types = {"note_meta"}}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(seqs(index, {.classes = {"note-*", "[r-t]tatechange"}, .limit = 0}),
            (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(QueryTest, ReadsConditionsFromBlobs) {
  const std::string pad(2 * kInlineBytes, 'x');
  append({.stream = "s", .type = "t", .data = R"({"n":1,"pad":")" + pad + "\"}"});
  append({.stream = "s", .type = "t", .data = R"({"n":2,"pad":")" + pad + "\"}"});
  append({.stream = "s",
          .type = "t",
          .data = R"({"subsystem":"deep","event_class":"health","pad":")" + pad + "\"}"});
  Index index = open_index();

  EXPECT_EQ(seqs(index, {.where = {{.path = "n", .value = "2"}}}), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(seqs(index, {.subsystems = {"deep"}}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(seqs(index, {.classes = {"health"}}), (std::vector<std::uint64_t>{3}));
}

TEST_F(QueryTest, AMissingBlobIsNotTakenForNoMatch) {
  const std::string pad(2 * kInlineBytes, 'x');
  append({.stream = "s", .type = "t", .data = R"({"n":1,"pad":")" + pad + "\"}"});
  append({.stream = "s", .type = "t", .data = R"({"n":1})"});
  std::filesystem::remove_all(path() + "/blobs");
  Index index = open_index();

  for (const std::vector<std::string>& types : {std::vector<std::string>{}, {"t"}}) {
    const QueryResult result =
        must(index.query({.types = types, .where = {{.path = "n", .value = "1"}}}));
    EXPECT_EQ(seqs(result), (std::vector<std::uint64_t>{2}));
    ASSERT_FALSE(result.completeness.complete());
    EXPECT_EQ(result.completeness.lost.front().first, Seq{1});
    EXPECT_EQ(result.completeness.lost.front().last, Seq{1});
  }
  const QueryResult search = must(index.query({.search = "pad"}));
  EXPECT_TRUE(search.events.empty());
  EXPECT_FALSE(search.completeness.complete());
}

TEST_F(QueryTest, HandsOutEventsOneByOneUntilToldToStop) {
  append_many(50);
  Index index = open_index();

  for (const std::vector<std::string>& types : {std::vector<std::string>{}, {"bulk"}}) {
    std::vector<std::uint64_t> seen;
    const Completeness completeness =
        must(index.query({.types = types, .limit = 0}, [&](const Event& event) {
          seen.push_back(event.seq.value);
          return seen.size() < 3;
        }));
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_TRUE(completeness.complete());
  }
  int limited = 0;
  must(index.query({.types = {"bulk"}, .limit = 7}, [&](const Event&) { return ++limited > 0; }));
  EXPECT_EQ(limited, 7);
}

TEST_F(QueryTest, QuestionsMayBeAskedWhileEventsAreHandedOut) {
  const Receipt cause = append({.stream = "s", .type = "t"});
  append({.stream = "s", .type = "t", .causes = {cause.id}});
  Index index = open_index();

  std::vector<std::size_t> effects;
  must(index.query({.types = {"t"}}, [&](const Event& event) {
    append({.stream = "other", .type = "meanwhile"});
    effects.push_back(must(index.direct_effects(event.seq)).size());
    return true;
  }));

  EXPECT_EQ(effects, (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(seqs(index, {.types = {"meanwhile"}}).size(), 2U);
}

TEST_F(QueryTest, RefusesWhatMakesNoSense) {
  append_many(1);
  Index index = open_index();
  const auto code_of = [&](const Query& query) {
    const auto result = index.query(query);
    return result ? "accepted" : std::string(to_string(result.error().code));
  };

  EXPECT_EQ(code_of({.since = Timestamp{5}, .until = Timestamp{4}}), "invalid_argument");
  EXPECT_EQ(code_of({.where = {{.path = "a..b", .value = "1"}}}), "invalid_argument");
  EXPECT_EQ(code_of({.where = {{.path = "a", .value = "{}"}}}), "invalid_argument");
  EXPECT_EQ(code_of({.types = std::vector<std::string>(views::kMaxPatterns + 1, "x")}),
            "limit_exceeded");
  EXPECT_EQ(code_of({.types = std::vector<std::string>(views::kMaxPatterns, "b*")}), "accepted");
}

TEST_F(QueryTest, HostileNamesAreOnlyNames) {
  const std::vector<std::string> names = {
      "'; DROP TABLE events; --", "\"", "%", "a\\b", "\xC3\xA4*", std::string(256, 'x')};
  for (const std::string& name : names) append({.stream = name, .type = "t", .actor = name});
  Index index = open_index();

  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(seqs(index, {.streams = {names[i]}, .actors = {names[i]}}),
              (std::vector<std::uint64_t>{i + 1}))
        << names[i];
  }
}

TEST_F(QueryTest, ManyDistinctNamesStayCorrect) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 30'000; ++i) {
    events.push_back({.stream = fmt::format("s/{}", i % 7'000),
                      .type = "t",
                      .correlation = fmt::format("c/{}", i)});
  }
  append_all(events);
  Index index = open_index();

  EXPECT_EQ(seqs(index, {.streams = {"s/6999"}}),
            (std::vector<std::uint64_t>{7'000, 14'000, 21'000, 28'000}));
  EXPECT_EQ(seqs(index, {.correlation = "c/29999"}), (std::vector<std::uint64_t>{30'000}));
  EXPECT_EQ(must(index.query({.streams = {"s/1*"}, .limit = 0})).events.size(),
            must(index.query({.streams = {"s/1", "s/1?*"}, .limit = 0})).events.size());
  EXPECT_EQ(must(index.query({.streams = {"s/*"}, .limit = 0})).events.size(), 30'000U);
}

}  // namespace
}  // namespace daybook
