// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "review/conversation.h"

namespace daybook::review {
namespace {

std::vector<Signal> patterns(const Conversation& talk, Rules rules = Rules::Daybook) {
  return reported(talk.signals(rules), SignalKind::Pattern);
}

TEST(Health, ThreeCompactionsInTenMinutesAreAStorm) {
  Conversation talk("pi");
  talk.event(RecordKind::Compaction).wait(5).event(RecordKind::Compaction);
  EXPECT_TRUE(patterns(talk).empty());
  talk.wait(5).event(RecordKind::Compaction);
  for (const Rules rules : {Rules::Daybook, Rules::Jilog}) {
    const auto found = patterns(talk, rules);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].label, "compaction_storm");
    EXPECT_EQ(found[0].text, rules == Rules::Jilog
                                 ? "compaction storm: 3 compactions within 10 minutes"
                                 : "compaction storm: 3 or more compactions within 10 minutes");
    EXPECT_EQ(found[0].evidence, "3 compactions 00:00-00:10");
    EXPECT_EQ(found[0].record, "r3");
  }
}

TEST(Health, ElevenMinutesAreNoStorm) {
  Conversation talk("pi");
  talk.event(RecordKind::Compaction).wait(5).event(RecordKind::Compaction);
  talk.wait(6).event(RecordKind::Compaction);
  EXPECT_TRUE(patterns(talk).empty());
}

TEST(Health, JilogReportsTheDensestStormDaybookEach) {
  Conversation talk("pi");
  for (int i = 0; i < 3; ++i) talk.event(RecordKind::Compaction);
  talk.wait(60);
  for (int i = 0; i < 5; ++i) talk.event(RecordKind::Compaction);
  const auto each = patterns(talk);
  ASSERT_EQ(each.size(), 2U);
  EXPECT_EQ(each[0].record, "r3");
  EXPECT_EQ(each[1].record, "r6");
  const auto densest = patterns(talk, Rules::Jilog);
  ASSERT_EQ(densest.size(), 1U);
  EXPECT_EQ(densest[0].evidence.substr(0, 13), "5 compactions");
  EXPECT_EQ(densest[0].record, "r3") << "it stays the same signal when a denser one follows";
}

TEST(Health, ThreeResumesInHalfAnHourAreAStorm) {
  Conversation talk("pi");
  talk.event(RecordKind::Resume).wait(15).event(RecordKind::Resume).wait(15);
  talk.event(RecordKind::Resume);
  const auto found = patterns(talk);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "resume storm: 3 or more resumes within 30 minutes");
  EXPECT_EQ(found[0].evidence, "3 resumes 00:00-00:30");
}

TEST(Health, FourIdenticalCallsAreAStuckLoop) {
  Conversation talk("pi");
  talk.call("read", R"({"path":"a","line":1})").call("read", R"({ "line":1, "path":"a"})");
  talk.call("read", R"({"path":"a","line":1})");
  EXPECT_TRUE(patterns(talk).empty());
  talk.call("read", R"({"path":"a","line":1})").call("read", R"({"path":"a","line":1})");
  talk.call("read", R"({"path":"b","line":1})");
  for (const Rules rules : {Rules::Daybook, Rules::Jilog}) {
    const auto found = patterns(talk, rules);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].label, "stuck_loop");
    EXPECT_EQ(found[0].text,
              rules == Rules::Jilog
                  ? "stuck loop: `read` called 5 times with identical arguments"
                  : "stuck loop: `read` called 4 or more times with identical arguments");
    EXPECT_EQ(found[0].evidence, "`read` x5 identical arguments 00:00-00:04");
    EXPECT_EQ(found[0].record, "r4");
  }
}

TEST(Health, WaitingForABackgroundCommandIsNoLoop) {
  Conversation talk("pi");
  for (int i = 0; i < 6; ++i) talk.call("write_stdin", R"({"session_id":1,"chars":""})");
  EXPECT_TRUE(patterns(talk).empty());
  EXPECT_EQ(patterns(talk, Rules::Jilog).size(), 1U);
}

Conversation many_calls(int count, const std::string& harness = "pi") {
  Conversation talk(harness);
  talk.user("go");
  for (int i = 0; i < count; ++i) talk.call("read", std::to_string(i));
  return talk;
}

TEST(Health, ManyCallsWithoutTheUserAreARunaway) {
  EXPECT_TRUE(patterns(many_calls(149)).empty());
  const auto found = patterns(many_calls(160));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].label, "iteration_runaway");
  EXPECT_EQ(found[0].text,
            "iteration runaway: 150 or more tool calls with no intervening user message");
  EXPECT_EQ(found[0].evidence, "160 tool calls without a user message 00:01-02:40");
  EXPECT_EQ(found[0].record, "r151");
}

TEST(Health, AUserMessageEndsTheStretch) {
  Conversation talk = many_calls(100);
  talk.user("and on");
  for (int i = 0; i < 100; ++i) talk.call("write", std::to_string(i));
  EXPECT_TRUE(patterns(talk).empty());
}

TEST(Health, ASubAgentsRunawayIsItsParentsBusiness) {
  Conversation talk = many_calls(160);
  talk.session().parent = "p";
  EXPECT_TRUE(patterns(talk).empty());
  Conversation amplifier("pi", "0000000000000000-1a2b_scout");
  for (int i = 0; i < 160; ++i) amplifier.call("read", std::to_string(i));
  EXPECT_TRUE(patterns(amplifier, Rules::Jilog).empty());
}

TEST(Health, JilogHasNoEventsOfClaudeCode) {
  EXPECT_TRUE(patterns(many_calls(160, "claude-code"), Rules::Jilog).empty());
  EXPECT_EQ(patterns(many_calls(160, "claude-code")).size(), 1U);
}

}  // namespace
}  // namespace daybook::review
