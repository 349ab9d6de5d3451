// SPDX-License-Identifier: Apache-2.0
//
// jilog's rules are reproduced as they are: each test is one of them, blindness
// included.
#include <gtest/gtest.h>

#include "review/conversation.h"

namespace daybook::review {
namespace {

std::vector<Signal> corrections(const Conversation& talk) {
  return reported(talk.signals(Rules::Jilog), SignalKind::Correction);
}

Conversation turn(std::string text, std::string harness = "claude-code") {
  Conversation talk(std::move(harness));
  talk.agent("Done.").user(std::move(text)).agent("Next.");
  return talk;
}

TEST(JilogCorrection, IsAnyShortTurnBetweenTwoOfTheAgents) {
  const auto found = corrections(turn("yes - clean it up please"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "yes - clean it up please");
  EXPECT_EQ(found[0].record, "r2");
  EXPECT_EQ(found[0].confidence, 1);
}

TEST(JilogCorrection, CountsBytesUntrimmedAboveAndTrimmedBelow) {
  EXPECT_EQ(corrections(turn(std::string(200, 'a'))).size(), 1U);
  EXPECT_TRUE(corrections(turn(std::string(201, 'a'))).empty());
  EXPECT_TRUE(corrections(turn(std::string(199, 'a') + "  ")).empty());
  EXPECT_EQ(corrections(turn(std::string(15, 'a'))).size(), 1U);
  EXPECT_TRUE(corrections(turn("  " + std::string(14, 'a') + "  ")).empty());
  std::string umlauts;
  for (int i = 0; i < 101; ++i) umlauts += "ä";
  EXPECT_TRUE(corrections(turn(umlauts)).empty()) << "101 characters, but 202 bytes";
  EXPECT_EQ(corrections(turn("  no, the other file  "))[0].text, "  no, the other file  ");
}

TEST(JilogCorrection, NeedsStrictNeighbours) {
  Conversation talk;
  talk.agent("Done.").user("a turn of some length").user("and one more of them").agent("Ok.");
  EXPECT_TRUE(corrections(talk).empty());
  Conversation last;
  last.agent("Done.").user("a turn of some length");
  EXPECT_TRUE(corrections(last).empty());
  Conversation first;
  first.user("a turn of some length").agent("Ok.");
  EXPECT_TRUE(corrections(first).empty());
}

TEST(JilogCorrection, AToolEchoIsNoTurnButStandsBetween) {
  Conversation echo;
  echo.agent("Let me look.").shell("ls").works().agent("I see.");
  EXPECT_TRUE(corrections(echo).empty());
  Conversation after;
  after.agent("Let me look.").shell("ls").works().user("a turn of some length").agent("Ok.");
  EXPECT_TRUE(corrections(after).empty());
}

TEST(JilogCorrection, CallsAndThoughtsOfClaudeCodeAreTheAgentsMessages) {
  Conversation talk;
  talk.shell("ls").user("a turn of some length").agent("hm", Origin::Thinking);
  EXPECT_EQ(corrections(talk).size(), 1U);
  Conversation codex("codex");
  codex.shell("ls").user("a turn of some length").agent("hm", Origin::Thinking);
  EXPECT_TRUE(corrections(codex).empty());
}

TEST(JilogCorrection, TakesMarkersAndInjectedTextForTheUsersWords) {
  Conversation talk;
  talk.agent("Done.").user("[Request interrupted by user]", Origin::Interrupted).agent("Ok.");
  const auto found = corrections(talk);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, R"([{"text":"[Request interrupted by user]","type":"text"}])");
  Conversation command;
  command.agent("Done.").user("<command-name>/exit</command-name>", Origin::Command).agent("Ok.");
  EXPECT_EQ(corrections(command).size(), 1U);
}

TEST(JilogCorrection, PersonasNeedAKeyword) {
  const auto chat = [](std::string text) {
    Conversation talk = turn(std::move(text), "nanoclaw");
    talk.session().persona = "clara";
    return corrections(talk).size();
  };
  EXPECT_EQ(chat("please water the plants today"), 0U);
  EXPECT_EQ(chat("no, water the plants today"), 1U);
  EXPECT_EQ(chat("that's not the plant I meant"), 1U);
  EXPECT_EQ(chat("please stop writing at night"), 1U);
}

TEST(JilogWorkaround, HasNoWordBoundariesAndAnOrder) {
  const auto label = [](std::string text) {
    Conversation talk;
    talk.agent(std::move(text));
    const auto found = reported(talk.signals(Rules::Jilog), SignalKind::Workaround);
    return found.empty() ? std::string{} : found[0].label;
  };
  EXPECT_EQ(label("We met at a hackathon"), "hack");
  EXPECT_EQ(label("WriteTemporary is called"), "temporary");
  EXPECT_EQ(label("my todo list"),
            "TO"
            "DO");
  EXPECT_EQ(label("a hack, a FIX"
                  "ME and a TO"
                  "DO"),
            "TO"
            "DO");
  EXPECT_EQ(label("a hack for now"), "for now");
  EXPECT_EQ(label("`hack`"), "hack");
  EXPECT_EQ(label("nothing of the kind"), "");
}

TEST(JilogWorkaround, ContextIsTheStartOfTheMessage) {
  Conversation talk;
  talk.agent(std::string(150, 'x') + std::string(60, 'y') + " a hack");
  const auto found = reported(talk.signals(Rules::Jilog), SignalKind::Workaround);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, std::string(150, 'x') + std::string(50, 'y'));
}

TEST(JilogWorkaround, TextsOfOneLineAreOneMessageAndThoughtsAreNotIn) {
  Conversation talk("amplifier");
  talk.agent("first a").agent("hack").same_line();
  const auto found = reported(talk.signals(Rules::Jilog), SignalKind::Workaround);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "first a\nhack");
  EXPECT_EQ(found[0].record, "r1");
  Conversation thought;
  thought.agent("a hack", Origin::Thinking);
  EXPECT_TRUE(thought.signals(Rules::Jilog).empty());
}

TEST(JilogDeferral, KeepsTheLabelOnly) {
  const auto text = [](std::string said) {
    Conversation talk;
    talk.agent(std::move(said));
    const auto found = reported(talk.signals(Rules::Jilog), SignalKind::Deferral);
    return found.empty() ? std::string{} : found[0].text;
  };
  EXPECT_EQ(text("Ill come back to this"), "come back later");
  EXPECT_EQ(text("I'm deferring until June"), "deferring");
  EXPECT_EQ(text("let us defer that for June"), "defer");
  EXPECT_EQ(text("punting on it"), "punt");
  EXPECT_EQ(text("leaving this for later"), "leave for later");
  EXPECT_EQ(text("skipping for now"), "skipping for now");
  EXPECT_EQ(text("parking it for now"), "park for now");
  EXPECT_EQ(text("On next session start"), "next session");
  EXPECT_EQ(text("we circle back to June"), "circle back");
  EXPECT_EQ(text("I'll come back"), "");
}

std::vector<Signal> envelope(const std::string& tool, const std::string& json,
                             const std::string& harness = "amplifier") {
  Conversation talk(harness);
  talk.call(tool).result(Outcome::Failure, json);
  return talk.signals(Rules::Jilog);
}

TEST(JilogError, NeedsSuccessFalseInAnEnvelope) {
  const auto found = envelope("read_file", R"({"success":false,"error":"no such oven"})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SignalKind::Error);
  EXPECT_EQ(found[0].tool, "read_file");
  EXPECT_EQ(found[0].text, "no such oven");
  EXPECT_TRUE(envelope("read_file", R"({"success":"false","error":"x"})").empty());
  EXPECT_TRUE(envelope("read_file", R"({"error":"x"})").empty());
  EXPECT_TRUE(envelope("read_file", "no such oven").empty());
}

TEST(JilogError, MessageIsTheFirstErrorOrTheWholeEnvelope) {
  EXPECT_EQ(envelope("a", R"({"success":false,"error":["x","y"]})")[0].text, "x");
  EXPECT_EQ(envelope("a", R"({"success":false,"error":[{"z":1,"b":2}]})")[0].text,
            R"({"b":2,"z":1})");
  EXPECT_EQ(envelope("a", R"({"success":false,"error":{"z":1, "b":"x"}})")[0].text,
            R"({"b":"x","z":1})");
  EXPECT_EQ(envelope("a", R"({"success":false,"error":null,"b":[1, 2]})")[0].text,
            R"({"b":[1,2],"error":null,"success":false})");
  EXPECT_EQ(envelope("a", R"({"success":false,"error":[]})")[0].text,
            R"({"error":[],"success":false})");
}

TEST(JilogError, SuppressesBareFailuresOfBash) {
  EXPECT_TRUE(envelope("bash", R"({"success":false,"error":"Command timed out after 30 seconds"})")
                  .empty());
  EXPECT_TRUE(
      envelope("bash",
               R"({"success":false,"error":{"message":"command timed out after 1 second."},)"
               R"("output":{"returncode":-1,"stdout":"","stderr":" "}})")
          .empty());
  EXPECT_TRUE(
      envelope("bash", R"({"success":false,"output":{"returncode":1,"stdout":"","stderr":""}})")
          .empty());
  EXPECT_EQ(
      envelope("bash", R"({"success":false,"output":{"returncode":1,"stderr":"boom"}})").size(),
      1U);
  EXPECT_EQ(envelope("bash", R"({"success":false,"output":{"returncode":0,"stderr":""}})").size(),
            1U);
  EXPECT_EQ(envelope("bash", R"({"success":false,"note":1,"output":{"returncode":1}})").size(), 1U);
  EXPECT_EQ(
      envelope("zsh", R"({"success":false,"error":"Command timed out after 30 seconds"})").size(),
      1U);
}

TEST(JilogError, SuppressesDeniedModes) {
  EXPECT_TRUE(envelope("mode", R"({"success":false,"output":{"status":"denied"}})").empty());
  EXPECT_TRUE(envelope("mode", R"({"success":false,"output":{"denied_mode":null}})").empty());
  EXPECT_TRUE(envelope("mode", R"({"success":false,"error":{"code":"mode_denied"}})").empty());
  EXPECT_TRUE(envelope("mode", R"({"success":false,"code":"x_denied"})").empty());
  EXPECT_EQ(envelope("mode", R"({"success":false,"code":"denied"})").size(), 1U);
  EXPECT_EQ(envelope("tool", R"({"success":false,"code":"x_denied"})").size(), 1U);
}

TEST(JilogError, SeesNoneInClaudeCodeCodexAndCopilot) {
  for (const char* harness : {"claude-code", "codex", "copilot"}) {
    EXPECT_TRUE(envelope("bash", R"({"success":false,"error":"boom"})", harness).empty())
        << harness;
  }
  EXPECT_EQ(envelope("bash", R"({"success":false,"error":"boom"})", "generic").size(), 1U);
}

TEST(JilogError, PiAndNanoclawGiveThePlainText) {
  for (const char* harness : {"pi", "nanoclaw"}) {
    const auto found = envelope("bash", "boom", harness);
    ASSERT_EQ(found.size(), 1U) << harness;
    EXPECT_EQ(found[0].text, "boom");
    EXPECT_TRUE(envelope("bash", "Command timed out after 9 seconds", harness).empty());
  }
}

}  // namespace
}  // namespace daybook::review
