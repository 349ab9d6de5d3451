// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/json.h"
#include "index/index_fixture.h"
#include "index/text.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;
using Seqs = std::vector<std::uint64_t>;

class SearchTest : public IndexTest {
 protected:
  void append_text(const std::string& text) {
    append({.stream = "s", .type = "t", .data = R"({"text":)" + json_quote(text) + "}"});
  }
  Seqs search(Index& index, const std::string& text) {
    return seqs(index, {.search = text, .limit = 0});
  }
  static std::string error_of(Index& index, const std::string& text) {
    const auto result = index.query({.search = text});
    return result ? "accepted" : std::string(to_string(result.error().code));
  }
};

TEST_F(SearchTest, FindsWordsPhrasesAndPrefixes) {
  append_text("the deploy failed on host alpha");
  append_text("deploy of alpha host went well");
  append_text("deployment began");
  Index index = open_index();

  EXPECT_EQ(search(index, "deploy"), (Seqs{1, 2}));
  EXPECT_EQ(search(index, "DEPLOY host"), (Seqs{1, 2}));
  EXPECT_EQ(search(index, "\"host alpha\""), (Seqs{1}));
  EXPECT_EQ(search(index, "deploy*"), (Seqs{1, 2, 3}));
  EXPECT_EQ(search(index, "failed OR began"), (Seqs{1, 3}));
  EXPECT_EQ(search(index, "deploy NOT failed"), (Seqs{2}));
  EXPECT_EQ(search(index, "(failed OR began) deploy*"), (Seqs{1, 3}));
  EXPECT_EQ(search(index, "absent"), (Seqs{}));
}

TEST_F(SearchTest, SearchesNamesKeysAndNestedStrings) {
  append({.stream = "task/nightly",
          .type = "state_change",
          .data = R"({"outer":{"inner_key":["first",{"deep":"treasure"}]},"n":4711})",
          .actor = "agent:joe",
          .subject = "subsystem:disk"});
  append({.stream = "s", .type = "t", .data = R"("a lonely string")"});
  append({.stream = "s", .type = "t"});
  Index index = open_index();

  for (const char* word : {"nightly", "state_change", "joe", "disk", "inner_key", "first", "deep",
                           "treasure", "type:state_change", "subject : disk", "data: treasure"}) {
    EXPECT_EQ(search(index, word), (Seqs{1})) << word;
  }
  EXPECT_EQ(search(index, "lonely"), (Seqs{2}));
  EXPECT_EQ(search(index, "data: nightly"), (Seqs{})) << "the stream is not the data";
  EXPECT_EQ(search(index, "4711"), (Seqs{})) << "numbers are for conditions";
}

TEST_F(SearchTest, QuotesWhatTheSyntaxDoesNotKnow) {
  append_text("deploy-prod to host-7.example.org/a:b");
  append_text("deploy staging prod");
  append_text("say \"hello\" (twice)");
  Index index = open_index();

  EXPECT_EQ(search(index, "deploy-prod"), (Seqs{1})) << "a phrase, not two words";
  EXPECT_EQ(search(index, "deploy-prod OR staging"), (Seqs{1, 2}));
  EXPECT_EQ(search(index, "deploy-pr*"), (Seqs{1}));
  EXPECT_EQ(search(index, "host-7.example.org/a:b"), (Seqs{1}));
  EXPECT_EQ(search(index, "*deploy"), (Seqs{1, 2}));
  EXPECT_EQ(search(index, "deploy-prod \"host 7\""), (Seqs{1}));
  EXPECT_EQ(search(index, "\"hello"), (Seqs{3}));
  EXPECT_EQ(search(index, "say - hello!"), (Seqs{3}));
  EXPECT_EQ(search(index, "((twice)"), (Seqs{3}));
  EXPECT_EQ(search(index, "nonsense:deploy"), (Seqs{}));
  EXPECT_EQ(search(index, "OR deploy"), (Seqs{})) << "OR alone is a word";
}

TEST_F(SearchTest, RefusesATextWithoutWords) {
  append_text("x");
  Index index = open_index();

  for (const std::string& text :
       {std::string(" "), std::string("!!!"), std::string("\"\""), std::string("*"),
        std::string("_"), std::string("a\0b", 3), std::string("\xFF")}) {
    EXPECT_EQ(error_of(index, text), "invalid_argument") << text;
  }
  EXPECT_EQ(error_of(index, std::string(views::kMaxSearchBytes + 1, 'x')), "limit_exceeded");
  std::string nested(400, '(');
  nested.append("x").append(400, ')');
  EXPECT_EQ(error_of(index, nested), "accepted");
}

TEST_F(SearchTest, FoldsCaseAndAccentsOfAnyScript) {
  append_text(
      "\xC3\x9C"
      "bergr\xC3\xB6\xC3\x9F"
      "e \xE2\x80\x94 caf\xC3\xA9");                                // Übergröße, café
  append_text("\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82");  // Привет
  append({.stream = "s", .type = "t", .data = R"({"t":"\u00dcbung \ud83d\ude00 ok\n\u0000end"})"});
  Index index = open_index();

  EXPECT_EQ(search(index, "cafe"), (Seqs{1}));
  EXPECT_EQ(search(index,
                   "\xC3\xBC"
                   "bergr\xC3\xB6\xC3\x9F"
                   "e"),
            (Seqs{1}));
  EXPECT_EQ(search(index, "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"), (Seqs{2}));
  EXPECT_EQ(search(index, "ubung ok end"), (Seqs{3}));
}

TEST_F(SearchTest, FollowsTheLogAndTheOrderAskedFor) {
  Index index = open_index();
  for (int i = 0; i < 30; ++i) append_text(i % 3 == 0 ? "fizz" : "other");
  EXPECT_EQ(search(index, "fizz").size(), 10U);
  append_text("fizz");

  EXPECT_EQ(search(index, "fizz").size(), 11U);
  EXPECT_EQ(seqs(index, {.search = "fizz", .limit = 2, .direction = Direction::Backward}),
            (Seqs{31, 28}));
}

TEST_F(SearchTest, CombinesWithRareAndCommonFilters) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 6'000; ++i) {
    events.push_back({.stream = i % 2'000 == 7 ? "rare" : "common",
                      .type = "t",
                      .data = i % 4'000 == 7 ? R"({"a":"needle hay"})" : R"({"a":"hay"})"});
  }
  append_all(events);
  Index index = open_index();

  EXPECT_EQ(seqs(index, {.streams = {"rare"}, .search = "hay"}), (Seqs{8, 2'008, 4'008}));
  EXPECT_EQ(seqs(index, {.streams = {"rare"}, .search = "needle"}), (Seqs{8, 4'008}));
  EXPECT_EQ(seqs(index, {.streams = {"common"}, .search = "needle"}), (Seqs{}));
  EXPECT_EQ(seqs(index, {.streams = {"common"}, .search = "hay", .limit = 0}).size(), 5'997U);
}

TEST_F(SearchTest, CutsLongTextsAndSaysSo) {
  const std::string filler(views::kMaxTextBytes - 100, 'a');
  append({.stream = "s",
          .type = "t",
          .data = R"({"early":"bird","pad":")" + filler + R"(","late":")" + std::string(500, 'b') +
                  R"( worm"})"});
  Index index = open_index();

  const QueryResult early = must(index.query({.search = "bird"}));
  EXPECT_EQ(seqs(early), (Seqs{1}));
  EXPECT_TRUE(early.completeness.complete());
  EXPECT_EQ(early.completeness.reason, "of 1 events only the first 1 MiB of text are searched");
  EXPECT_TRUE(must(index.query({.search = "worm"})).events.empty());
}

TEST(AppendStrings, ResolvesEscapesAndSurvivesAnything) {
  const auto strings = [](std::string_view json) {
    std::string text;
    EXPECT_TRUE(views::append_strings(json, text));
    return text;
  };
  EXPECT_EQ(strings(R"({"a":"b","c":[1,true,"d"]})"), "a\nb\nc\nd\n");
  EXPECT_EQ(strings(R"(["q\"q\\\/","\b\f\n\r\t"])"), "q\"q\\/\n     \n");
  EXPECT_EQ(strings(R"(["\u0041\u00e4\u20ac\ud83d\ude00"])"),
            "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n");
  EXPECT_EQ(strings(R"(["\u0000\u001f|\ud83d|\ude00|\ud83dx"])"), "  | | | x\n");
  EXPECT_EQ(strings(R"(["\u12)"), " 12\n");
  EXPECT_EQ(strings("[\"open"), "open\n");
  EXPECT_EQ(strings("[\"end\\"), "end\n");
  EXPECT_EQ(strings(""), "");
}

}  // namespace
}  // namespace daybook
