// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "review/conversation.h"

namespace daybook::review {
namespace {

// A turn of the user after the agent has worked, and before it answers.
std::vector<Signal> after_work(const std::string& turn, const std::string& reply = "On it.") {
  Conversation talk;
  talk.user("Write a kiln controller").shell("make kiln").works().agent("The kiln is built.");
  talk.user(turn).agent(reply);
  return reported(talk.signals(Rules::Daybook), SignalKind::Correction);
}

class Corrections : public testing::TestWithParam<const char*> {};
TEST_P(Corrections, AreFound) { EXPECT_EQ(after_work(GetParam()).size(), 1U) << GetParam(); }
INSTANTIATE_TEST_SUITE_P(
    Phrases, Corrections,
    testing::Values("No, that's the wrong file. It lives in src/kiln.",
                    "that's not what I asked for", "you removed the valve, put it back",
                    "why did you change the thermostat? I only asked for the fan", "revert that",
                    "still not working", "It still fails with the same error",
                    "don't use celsius, use the unit of the config",
                    "stop adding comments everywhere", "I said degrees, not kelvin",
                    "you forgot to update the manual", "that didn't fix it", "nope, still broken",
                    "wrong path — that file is in lib/oven",
                    "actually the port is /dev/oven2, not /dev/oven1",
                    "You're overcomplicating this, just use a map", "this broke the cooling loop",
                    "we should not touch the default recipes",
                    "Not quite. The header should stay on top.",
                    "can you please stop asking for confirmation", "doesn't compile",
                    "nothing changed", "No. Use the existing helper."));

// What a user tells after the agent has said that it is done.
class Reports : public testing::TestWithParam<const char*> {};
TEST_P(Reports, OfTroubleAfterAClaimAreFound) {
  Conversation talk;
  talk.user("Write a kiln controller").shell("make kiln").works();
  talk.agent("All fixed, the controller should work now.").user(GetParam()).agent("Looking.");
  EXPECT_EQ(reported(talk.signals(Rules::Daybook), SignalKind::Correction).size(), 1U)
      << GetParam();
}
INSTANTIATE_TEST_SUITE_P(Phrases, Reports,
                         testing::Values("both lists are empty", "the old folders keep reappearing",
                                         "I get an error when I open the panel",
                                         "All burners are off now",
                                         "it is now shown twice and stuck",
                                         "that removed the label, too, there is nothing left",
                                         "the panel still shows the old value"));

class NoCorrections : public testing::TestWithParam<const char*> {};
TEST_P(NoCorrections, AreLeftAlone) { EXPECT_TRUE(after_work(GetParam()).empty()) << GetParam(); }
INSTANTIATE_TEST_SUITE_P(
    Phrases, NoCorrections,
    testing::Values("yes", "ok, go ahead", "yes - clean it up please", "looks good, commit it",
                    "thanks! now add a test for the burner", "can you also update the manual?",
                    "what does this function do?", "Add an undo button to the panel",
                    "No need, thanks", "no, that's all for now", "option 2", "continue",
                    "please open a PR", "do the oven re-calibration", "fix the fan issue",
                    "create a script that restarts the kiln when it doesn't respond",
                    "update the wrong-password message", "great, ship it",
                    "Is this the right approach?", "yes please, and don't forget the manual",
                    "it works now, thanks", "bump the version to 1.2",
                    "Make sure it doesn't crash when the list is empty", "/clear"));

TEST(Correction, NeedsSomethingToCorrect) {
  Conversation talk;
  talk.user("No, don't use the old kiln. It is broken and wrong.").agent("I see.");
  EXPECT_TRUE(talk.signals(Rules::Daybook).empty());
}

TEST(Correction, DoesNotLookIntoCodeQuotesAndPastes) {
  EXPECT_TRUE(after_work("Show this text:\n```\nno, that is wrong, revert that\n```").empty());
  EXPECT_TRUE(after_work("> no, that is wrong\nthe guide has this, where is it from?").empty());
  EXPECT_TRUE(after_work("what prints `wrong file, revert that` here").empty());
  EXPECT_TRUE(after_work("rename the heading to \"No, that is the wrong one\"").empty());
  EXPECT_TRUE(after_work("$ make kiln\n[kiln] still not working\nError: wrong file").empty());
}

TEST(Correction, IgnoresWhatProgramsPutUnderTheUsersRole) {
  for (const Origin origin : {Origin::Context, Origin::Command, Origin::Summary,
                              Origin::Interrupted, Origin::Notice, Origin::Delegated}) {
    Conversation talk;
    talk.user("Build it").agent("Built.").user("No, that is wrong, revert that", origin);
    talk.agent("Sorry.");
    EXPECT_TRUE(talk.signals(Rules::Daybook).empty()) << to_string(origin);
  }
}

TEST(Correction, SaysWhereAndWhyAndHowSure) {
  const auto found = after_work("No, the valve should stay as it is", "You're right, sorry.");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].record, "r5");
  EXPECT_EQ(found[0].session, "s1");
  EXPECT_EQ(found[0].harness, "claude-code");
  EXPECT_EQ(found[0].project, "/srv/kiln");
  EXPECT_EQ(found[0].text, "No, the valve should stay as it is");
  EXPECT_NE(found[0].reason.find("starts with no"), std::string::npos);
  EXPECT_NE(found[0].reason.find("the agent admits it"), std::string::npos);
  ASSERT_TRUE(found[0].time.has_value());
  const auto unsure = after_work("No, the valve should stay as it is", "Ok.");
  ASSERT_EQ(unsure.size(), 1U);
  EXPECT_LT(unsure[0].confidence, found[0].confidence);
}

TEST(Correction, AnAnswerToAQuestionIsNone) {
  Conversation talk;
  talk.user("Plan the kiln").agent("Shall I use gas or electricity, and keep the old door?");
  talk.user("no, a new door").agent("Fine.");
  EXPECT_TRUE(reported(talk.signals(Rules::Daybook), SignalKind::Correction).empty());
}

TEST(Correction, AStatementAfterAnInterruptRedirects) {
  Conversation talk;
  talk.user("Paint the kiln").shell("paint red").event(RecordKind::Interrupt);
  talk.user("the kiln is at the other site").agent("Ah.");
  EXPECT_EQ(reported(talk.signals(Rules::Daybook), SignalKind::Correction).size(), 1U);

  Conversation refused;
  refused.user("Paint the kiln").shell("paint red").result(Outcome::Refused, "refused");
  refused.user("the kiln is at the other site").agent("Ah.");
  EXPECT_EQ(reported(refused.signals(Rules::Daybook), SignalKind::Correction).size(), 1U);

  for (const char* on : {"continue", "keep going", "try again, the disk was full"}) {
    Conversation goes_on;
    goes_on.user("Paint the kiln").shell("paint red").event(RecordKind::Interrupt);
    goes_on.user(on).agent("Painting.");
    EXPECT_TRUE(reported(goes_on.signals(Rules::Daybook), SignalKind::Correction).empty()) << on;
  }

  Conversation asked;
  asked.user("Paint the kiln").shell("paint red").event(RecordKind::Interrupt);
  asked.user("what does the paint cost?").agent("Two.");
  EXPECT_TRUE(reported(asked.signals(Rules::Daybook), SignalKind::Correction).empty());
}

TEST(Correction, AnInterruptBeforeTheAgentBeganSaysNothing) {
  Conversation talk;
  talk.user("Build it").agent("Built.").user("now the door").event(RecordKind::Interrupt);
  talk.user("the blue door in the garden").agent("Fine.");
  EXPECT_TRUE(reported(talk.signals(Rules::Daybook), SignalKind::Correction).empty());
}

TEST(Correction, KeepsTheSentenceOfALongTurnInWholeCharacters) {
  const std::string before(290, 'x');
  const auto found = after_work("Ärger: that's not what I asked for ÄÖÜ. " + before + " end");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "Ärger: that's not what I asked for ÄÖÜ.");
}

TEST(Correction, TheLastTurnIsJudgedWithoutAReply) {
  Conversation talk;
  talk.user("Build it").agent("Built.").user("That's not what I asked for");
  EXPECT_EQ(talk.signals(Rules::Daybook).size(), 1U);
}

TEST(Correction, SignalsComeInTheOrderOfTheirRecords) {
  Conversation talk;
  talk.user("Build it").shell("build").works().agent("Built.");
  talk.user("That's not what I asked for");
  talk.shell("cd nowhere").fails("cd: nowhere: No such file or directory");
  talk.agent("I used a hardcoded path for now.");
  const auto found = talk.signals(Rules::Daybook);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].kind, SignalKind::Correction);
  EXPECT_EQ(found[1].kind, SignalKind::Error);
  EXPECT_EQ(found[2].kind, SignalKind::Workaround);
}

TEST(Correction, TheSessionsThatASubAgentBelongsToIsItsRoot) {
  Conversation talk;
  talk.session().parent = "r";
  talk.user("Build it", Origin::Delegated).shell("cd nowhere").fails("No such file or directory");
  const auto found = talk.signals(Rules::Daybook, "root");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].session, "s1");
  EXPECT_EQ(found[0].root, "root");
}

}  // namespace
}  // namespace daybook::review
