// SPDX-License-Identifier: Apache-2.0
#include "review/prose.h"

#include <gtest/gtest.h>

#include "review/canonical_json.h"

namespace daybook::review {
namespace {

TEST(Prose, KeepsEveryPlace) {
  const std::string text = "a `b` c\n```\ncode\n```\n\"d e\" f “g” http://h.example i";
  const std::string words = own_words(text);
  EXPECT_EQ(words.size(), text.size());
  EXPECT_EQ(words.find(" f "), text.find(" f "));
  for (const char* gone : {"b", "code", "d e", "g", "example"}) {
    EXPECT_EQ(words.find(gone), std::string::npos) << gone;
  }
}

TEST(Prose, AnOpenFenceGoesToTheEnd) {
  EXPECT_EQ(own_words("say\n```\nno end").find("no"), std::string::npos);
  EXPECT_NE(own_words("a ` alone and \" too").find("alone"), std::string::npos);
}

TEST(Prose, BlanksLinesThatShowSomething) {
  for (const char* line :
       {"> quoted", "$ make", "❯ make", "    indented", "\tindented", "| a | b |", "[lint] bad",
        "Error: bad", "kiln.go:12:3: bad", "@@ -1 +1 @@", "--- FAIL: X", "at f (a.js:1:2)"}) {
    const std::string words = own_words(line);
    EXPECT_EQ(words.find_first_not_of(' '), std::string::npos) << line;
  }
  EXPECT_EQ(own_words("- a list, 3 items"), "- a list, 3 items");
}

TEST(Prose, SentencesEndAtMarksAndLines) {
  const std::string text = "One is v1.2 here. Two is it! Three\nfour";
  const auto at = [&](std::string_view word) {
    const std::size_t place = text.find(word);
    return sentence_around(text, own_words(text), place, place + word.size());
  };
  EXPECT_EQ(at("v1.2"), "One is v1.2 here.");
  EXPECT_EQ(at("Two"), "Two is it!");
  EXPECT_EQ(at("Three"), "Three");
  EXPECT_EQ(at("four"), "four");
}

TEST(Prose, ALongSentenceIsCutAroundTheMatchInWholeCharacters) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "ä";
  text += " here ";
  for (int i = 0; i < 400; ++i) text += "ö";
  const std::size_t place = text.find("here");
  const std::string sentence = sentence_around(text, own_words(text), place, place + 4);
  EXPECT_NE(sentence.find("here"), std::string::npos);
  EXPECT_EQ(first_characters(sentence, kMaxContextCharacters), sentence);
  EXPECT_EQ(sentence.substr(0, 2), "ä");
  EXPECT_EQ(sentence.substr(sentence.size() - 2), "ö");
}

TEST(Prose, CharactersAreNotBytes) {
  EXPECT_EQ(first_characters("äöü", 2), "äö");
  EXPECT_EQ(first_characters("ab", 5), "ab");
  EXPECT_EQ(first_characters("ab", 0), "");
}

TEST(CanonicalJson, SortsMembersAndDropsSpaces) {
  EXPECT_EQ(canonical_json(std::string_view(R"({ "b":[1, {"z":null,"a":1.5}], "a":"x\u0041" })")),
            R"({"a":"xA","b":[1,{"a":1.5,"z":null}]})");
  EXPECT_EQ(canonical_json(std::string_view("no json")), "no json");
}

}  // namespace
}  // namespace daybook::review
