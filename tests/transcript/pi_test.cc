// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(Pi, TellsEveryEntryOfASession) {
  const Transcript transcript = read_fixture("pi", "pi/--srv-orchard--");

  EXPECT_EQ(outline(transcript), R"(
session 0a1b2c3d-1111-4222-8333-944455566677
  parent=99999999-aaaa-4bbb-8ccc-dddddddddddd
  project=/srv/orchard
user said: Count the apple rows in plots.csv
assistant thinking: The file is small; grep will do. [120 45 900 30 $0.0014175]
assistant said: I will count them.
tool_call bash toolu_pi_1 {"command":"grep -c apple plots.csv"}
tool_call read toolu_pi_2 {"path":"plots.csv"}
tool_result bash toolu_pi_1 failure exit=2: plots.csv: No such file|||Command exited with code 2
tool_result read toolu_pi_2 success: row,crop|1,apple|
assistant said: There is one  [10 4 0 0 $0.00]
interrupt: Request was aborted.
user command: !ls -1|plots.csv|
user context: <skill name="pruning" location="/srv/SKILL.md">|Prune in winter.|</skill>
user said: No, count the pear rows instead
tool_call bash toolu_pi_3 {"command":"sleep 600"}
tool_call bash toolu_pi_4 {"command":"rm -rf crops"}
tool_call bash toolu_pi_5 {"command":"make"}
tool_result bash toolu_pi_3 interrupted: Command aborted
tool_result bash toolu_pi_4 refused: Tool execution was blocked by an extension
tool_result bash toolu_pi_5 interrupted: Skipped due to queued user message.
system notice: 529 overloaded
compaction: Rows were counted.
user summary: A detour about pears.
user context: It rains.
user said: Thanks, that is all
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  EXPECT_EQ(transcript.summary.unknown, 0U);
  // Changes of model and thinking level, an extension's state, a label, a name.
  EXPECT_EQ(transcript.summary.bookkeeping, 5U);
}

TEST(Pi, FollowsTheTreeOfEntries) {
  const Transcript transcript = read_fixture("pi", "pi/--srv-orchard--");
  const auto messages = transcript.of(RecordKind::Message);
  const auto results = transcript.of(RecordKind::ToolResult);
  const auto calls = transcript.of(RecordKind::ToolCall);

  // The first entries gave no record: nothing led to the first message.
  EXPECT_EQ(messages.front().parent, "");
  EXPECT_EQ(results[0].parent, calls[0].id);
  EXPECT_EQ(results[1].parent, calls[1].id);
  // A branch starts at an entry long before.
  const auto branch = std::ranges::find(messages, Origin::Summary, &Kept::origin);
  ASSERT_NE(branch, messages.end());
  EXPECT_EQ(branch->parent, results[1].id);
}

TEST(Pi, TakesTheWordsAfterASkillForTheTurn) {
  const Transcript transcript = read_fixture("pi", "pi/--srv-orchard--");
  const auto calls = transcript.of(RecordKind::ToolCall);

  EXPECT_EQ(calls[1].turn, "a0000003");
  EXPECT_EQ(calls[2].turn, "a0000009/1");
  EXPECT_EQ(calls[2].model, "claude-sonnet-4-5");
}

TEST(Pi, ChainsEntriesOfTheFirstVersionThatHaveNoIds) {
  const Transcript transcript = read_fixture("pi", "pi/first-version.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 7c7c7c7c-0000-4000-8000-00000000abcd
  project=/srv/pond
user said: How deep is the pond?
tool_call bash call_old {"command":"depth"}
tool_result bash call_old success: 2 m
assistant said: Two metres.
)");
  for (std::size_t i = 2; i < transcript.records.size(); ++i) {
    EXPECT_EQ(transcript.records[i].parent, transcript.records[i - 1].id);
  }
}

TEST(Pi, KeepsWhatIsNotAsItShouldBe) {
  const Transcript transcript = read_fixture("pi", "pi/odd.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session odd
unknown message
unknown block
unknown hologram
tool_call
assistant said: still here
tool_result unknown  unknown: plain text
tool_result unknown never-called failure: broken
unknown minstrel
unknown message
unknown message
unknown teleport
unknown
unknown
compaction
)");
  EXPECT_EQ(skipped(transcript), R"(
2 misshapen: a user's message without content
7 misshapen: message is no object
8 misshapen: message is no object
10 misshapen: an entry without a type
11 malformed:
12 malformed:
13 misshapen: an entry without a type
14 malformed:
)");
}

}  // namespace
}  // namespace daybook::testing
