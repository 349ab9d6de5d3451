// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "review/conversation.h"

namespace daybook::review {
namespace {

std::vector<Signal> said(const std::string& text, SignalKind kind) {
  Conversation talk;
  talk.user("go").agent(text);
  return reported(talk.signals(Rules::Daybook), kind);
}

struct Case {
  const char* text;
  const char* label;  // "": nothing is found
};

class Workarounds : public testing::TestWithParam<Case> {};
TEST_P(Workarounds, AreToldFromTalk) {
  const auto found = said(GetParam().text, SignalKind::Workaround);
  EXPECT_EQ(found.empty() ? "" : found[0].label, GetParam().label) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Phrases, Workarounds,
    testing::Values(
        Case{"Hardcoding the heat to 300 for now until the config has it.", "for now"},
        Case{"I've hardcoded the oven's address.", "hardcoded"},
        Case{"I have set the heat to 4 for now.", "for now"},
        Case{"I temporarily disabled the door check so that the test runs.", "temporary"},
        Case{"TO"
             "DO: replace this fallback once the pump has an API.",
             "TO"
             "DO"},
        Case{"I left a TO"
             "DO in the valve code.",
             "TO"
             "DO"},
        Case{"I used a temporary replacement for the lid.", "temporary"},
        Case{"I used a temporary directory for the lid.", ""},
        Case{"I used a workaround: the fan is polled.", "workaround"},
        Case{"I worked around the bug by restarting the pump.", "workaround"},
        Case{"As a quick fix I raised the limit.", "quick fix"},
        Case{"Since the pump's tool is broken, let me copy the table manually.",
             "because it is blocked"},
        Case{"Because the gauge isn't there, I'll mock its answer.", "because it is blocked"},
        Case{"Since the door is not locked, let me open it.", ""},
        Case{"Let me just duplicate the oven's table.", "just"},
        Case{"Let me just check the oven's table.", ""},
        Case{"Let's add placeholder implementations of both valves.", "placeholder"},
        Case{"I set the placeholder text of the field.", ""},
        Case{"Hardcoded recipes: bread, rolls, cake.", ""}, Case{"That's all for now.", ""},
        Case{"It writes to a temporary file.", ""},
        Case{"We met at the hackathon; the shack is old.", ""},
        Case{"I updated the todo list.", ""}, Case{"WriteTemporary captures the worktree.", ""},
        Case{"I removed the workaround for the old pump.", ""},
        Case{"The code has a workaround for the old pump.", ""},
        Case{"I fixed `for now` and the `hack` function.", ""},
        Case{"Do you want me to hardcode the heat for now?", ""},
        Case{"If you want, I can hardcode the heat for now.", ""},
        Case{"```\n// TO"
             "DO: hardcoded for now, a hack\n```\nDone.",
             ""},
        Case{"> I'll hardcode it for now\nYou wrote this.", ""},
        Case{"I replaced the hardcoded heat by the config.", ""}));

class Deferrals : public testing::TestWithParam<Case> {};
TEST_P(Deferrals, AreToldFromTalk) {
  const auto found = said(GetParam().text, SignalKind::Deferral);
  EXPECT_EQ(found.empty() ? "" : found[0].label, GetParam().label) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Phrases, Deferrals,
    testing::Values(Case{"I'll come back to this once the pump runs.", "come back later"},
                    Case{"Deferring the fan until the motor is in.", "deferring"},
                    Case{"I'm skipping the door for now.", "skipping for now"},
                    Case{"I left the valve for a follow-up.", "leave for later"},
                    Case{"For now, I'll focus on the fan and the lid.", "for now"},
                    Case{"The second burner is deferred to phase 2.", "deferring"},
                    Case{"The wiring can be a separate, more detailed task later.",
                         "separate task"},
                    Case{"The timer runs as a separate task.", ""},
                    Case{"The constants moved to another module.", ""},
                    Case{"The check is pushed to v2.", "deferring"},
                    Case{"The noise is a separate issue from the heat.", ""},
                    Case{"We can leave these as they are.", "leave as is"},
                    Case{"The value is read back to the panel.", ""},
                    Case{"On next session the state is restored.", ""},
                    Case{"It uses a timer to defer the update to the next tick.", ""},
                    Case{"If you want, I can put this into a follow-up commit.", ""}));

TEST(Admission, KeepsTheSentenceAroundTheMatch) {
  const auto found =
      said("The pump runs. I'll come back to this when the fan is in. Bye.", SignalKind::Deferral);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "I'll come back to this when the fan is in.");
}

TEST(Admission, TheUsersWordsAndTheAgentsThoughtsAreNone) {
  Conversation talk;
  talk.user("I hardcoded it for now").agent("I'll hardcode it for now.", Origin::Thinking);
  EXPECT_TRUE(talk.signals(Rules::Daybook).empty());
}

TEST(Admission, SkippingForNowIsADeferralOnly) {
  EXPECT_TRUE(said("I'm skipping the door for now.", SignalKind::Workaround).empty());
}

}  // namespace
}  // namespace daybook::review
