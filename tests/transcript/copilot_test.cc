// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

constexpr std::string_view kBakery = "copilot/5e55104e-0000-4000-8000-0000000000c0";

TEST(Copilot, TellsEveryEventOfASession) {
  const Transcript transcript = read_fixture("copilot", kBakery);

  EXPECT_EQ(outline(transcript), R"(
session 5e55104e-0000-4000-8000-0000000000c0
  version=1.2.3
  project=/srv/bakery
  branch=rye
system context: You bake.
user said: Bake the rye bread
assistant thinking: First the oven. [0 60 0 0]
assistant said: Heating the oven.
tool_call bash call_1 {"command":"oven --on"}
tool_call view call_2 {"path":"recipe.md"}
tool_result bash call_1 failure exit=7: no gas|<shellId: 3 completed with exit code 7>
tool_result view call_2 failure: Path recipe.md does not exist
tool_call bash call_3 {"command":"gas --open"} [0 40 0 0]
tool_call task call_4 {"agent_type":"miller","prompt":"Grind the rye"}
tool_result bash call_3 refused: The user rejected this tool call.
session agent-7
  parent=5e55104e-0000-4000-8000-0000000000c0
  parent_call=call_4
  version=1.2.3
  project=/srv/bakery
  branch=rye
  agent=miller
user delegated: Grind the rye
assistant said: Ground. [0 5 0 0]
tool_result task call_4 success: Ground.
user said: Use the electric oven, not gas
tool_call bash call_5 {"command":"electric --on"}
interrupt: user initiated
tool_result bash call_5 interrupted: Operation aborted
user context: Skill text about crusts
system notice: <system_notification>|Shell command done|</system_notification>
compaction: Bread is in the oven.
system notice: Too many loaves
usage [2990 30 2000 10]
session 5e55104e-0000-4000-8000-0000000000c0
  version=1.2.3
  project=/srv/bakery
  branch=wheat
resume
user said: Is it done?
unknown oven.exploded
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  EXPECT_EQ(transcript.summary.unknown, 1U);
}

TEST(Copilot, KnowsWhoAnswered) {
  const Transcript transcript = read_fixture("copilot", kBakery);
  const auto calls = transcript.of(RecordKind::ToolCall);
  const auto usage = transcript.of(RecordKind::Usage);

  ASSERT_EQ(calls.size(), 5U);
  EXPECT_EQ(calls[0].model, "gpt-lark-2");
  EXPECT_EQ(calls[0].api_message, "resp_1");
  EXPECT_EQ(calls[4].model, "gpt-heron-1");  // changed in between
  ASSERT_EQ(usage.size(), 1U);
  EXPECT_EQ(usage[0].model, "gpt-lark-2");
}

TEST(Copilot, TellsATurnOfTheUserFromOneOfASubAgent) {
  const Transcript transcript = read_fixture("copilot", kBakery);
  const auto results = transcript.of(RecordKind::ToolResult);

  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[3].session.id, "5e55104e-0000-4000-8000-0000000000c0");
  EXPECT_EQ(results[3].turn, "c-05");
  EXPECT_EQ(results[4].turn, "c-17");
}

TEST(Copilot, HandsParentsOnOverEventsThatSayNothing) {
  const Transcript transcript = read_fixture("copilot", kBakery);
  const auto messages = transcript.of(RecordKind::Message);

  EXPECT_EQ(messages[0].parent, "");  // behind the start and two hooks
  EXPECT_EQ(messages[2].parent, messages[1].id);
}

TEST(Copilot, KeepsWhatIsNotAsItShouldBe) {
  const Transcript transcript = read_fixture("copilot", "copilot/odd");

  EXPECT_EQ(outline(transcript), R"(
session odd
user said: a|list
unknown user.message
unknown user.message
tool_call x
tool_call  k1
tool_call bash k2 "raw words"
tool_result bash k2 unknown: plain
tool_result unknown nobody failure: flat words
tool_result unknown  unknown
unknown session.start
unknown
unknown
)");
}

}  // namespace
}  // namespace daybook::testing
