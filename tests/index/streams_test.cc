// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "index/index_fixture.h"
#include "index/sqlite.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;

class StreamsTest : public IndexTest {
 protected:
  static std::vector<std::string> names(const std::vector<Index::StreamInfo>& streams) {
    std::vector<std::string> names;
    for (const Index::StreamInfo& stream : streams) names.push_back(stream.stream);
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_F(StreamsTest, ListsTheMostRecentFirst) {
  append({.stream = "a", .type = "t", .time = Timestamp{10}});
  append({.stream = "b", .type = "t", .time = Timestamp{20}});
  append({.stream = "a", .type = "t", .time = Timestamp{5}});
  Index index = open_index();

  const auto streams = must(index.streams());

  ASSERT_EQ(names(streams), (Names{"a", "b"}));
  EXPECT_EQ(streams[0].events, 2U);
  EXPECT_EQ(streams[0].first, Seq{1});
  EXPECT_EQ(streams[0].last, Seq{3});
  EXPECT_EQ(streams[0].first_time, Timestamp{10});
  EXPECT_EQ(streams[0].last_time, Timestamp{5});
  EXPECT_EQ(streams[1].events, 1U);
}

TEST_F(StreamsTest, SelectsByGlobAndLimit) {
  for (const char* stream : {"session/1", "session/2", "task/x", "run/[1]", "Session/3"}) {
    append({.stream = stream, .type = "session/1"});
  }
  Index index = open_index();

  EXPECT_EQ(names(must(index.streams("session/*"))), (Names{"session/2", "session/1"}));
  EXPECT_EQ(names(must(index.streams("*", 2))), (Names{"Session/3", "run/[1]"}));
  EXPECT_EQ(names(must(index.streams("?ask/x"))), (Names{"task/x"}));
  EXPECT_EQ(names(must(index.streams("run/[1]"))), (Names{"run/[1]"}));
  EXPECT_EQ(names(must(index.streams("none*"))), (Names{}));
}

TEST_F(StreamsTest, KeepsSumsOverManyCatchUps) {
  Index index = open_index();
  for (int round = 1; round <= 5; ++round) {
    append_many(100, "bulk");
    append({.stream = "s/" + std::to_string(round), .type = "t"});
    const auto streams = must(index.streams("bulk"));
    ASSERT_EQ(streams.size(), 1U);
    EXPECT_EQ(streams[0].events, 100U * static_cast<unsigned>(round));
    EXPECT_EQ(streams[0].first, Seq{1});
    EXPECT_EQ(streams[0].last.value, 101U * static_cast<unsigned>(round) - 1);
  }
  EXPECT_EQ(must(index.streams()).size(), 6U);
}

TEST(Globs, SpeakTheShell) {
  using views::glob_matches;
  using views::to_sql_glob;
  const auto matches = [](const std::string& glob, const std::string& text) {
    return glob_matches(to_sql_glob(glob), text);
  };
  EXPECT_TRUE(matches("[!a]b", "xb"));
  EXPECT_FALSE(matches("[!a]b", "ab"));
  EXPECT_TRUE(matches("[a!]b", "!b"));
  EXPECT_TRUE(matches("x[[!]", "x!"));
  EXPECT_TRUE(matches("[]]x", "]x"));
  EXPECT_TRUE(matches("a[!b-d]*", "aelse"));
  EXPECT_FALSE(matches("a[!b-d]*", "acid"));
  EXPECT_TRUE(matches("[x", "[x") || !matches("[x", "x")) << "an open bracket matches no letter";
  EXPECT_FALSE(matches("A*", "abc"));
  std::string stars(200, '*');
  stars.append("b");
  EXPECT_FALSE(matches(stars, std::string(5'000, 'a')));
}

}  // namespace
}  // namespace daybook
