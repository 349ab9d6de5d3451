// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(ClaudeCode, TellsEveryLineOfASession) {
  const Transcript transcript = read_fixture(
      "claude-code", "claude-code/-srv-bakery/11110000-aaaa-4bbb-8ccc-000000000001.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 11110000-aaaa-4bbb-8ccc-000000000001
  version=3.0.1
  project=/srv/bakery
  branch=main
user context: <system-reminder>|Flour is low.|</system-reminder>
user said: Bake the rye loaf
assistant thinking: Rye needs a long rise. [10 1 100 20]
assistant said: I will look at the recipe. [10 1 100 20]
tool_call Bash t1 {"command":"cat rye.txt"} [10 55 100 20]
tool_call Read t2 {"file_path":"/srv/bakery/oven.txt"}
tool_result Bash t1 failure exit=1: Exit code 1|cat: rye.txt: No such file or directory
tool_result Read t2 success: 180 degrees|fan on
tool_call Bash t3 {"command":"rm -r shelf"} [5 6 7 8]
tool_call Edit t4 {"file_path":"a"}
tool_call Bash t5 {"command":"sleep 9"}
tool_call Bash t6 {"command":"grep x"}
tool_call Grep t7 {"q":1.0}
tool_result Bash t3 refused: The user doesn't want to proceed with this tool use. It was rejected.
tool_result Edit t4 failure: <tool_use_error>File has not been read yet.</tool_use_error>
  error: File has not been read yet.
tool_result Bash t5 interrupted: The user doesn't want to take this action right now.
tool_result Bash t6 interrupted
tool_result Grep t7 interrupted: <tool_use_error>Cancelled: parallel tool call</tool_use_error>
  error: Cancelled: parallel tool call
tool_result unknown t99 success: late
user interrupted: [Request interrupted by user for tool use]
interrupt: [Request interrupted by user for tool use]
user command: <command-name>/clear</command-name>|<command-args></command-args>
user command: <local-command-stdout>done</local-command-stdout>
user context: Caveat: the usual
user notice: <task-notification>|<status>completed</status>|</task-notification>
user said: and sift the flour
user context: Speak softly.
user notice: no such hook
assistant notice: API Error: overloaded
system notice: Overloaded
system command: <command-name>/cost</command-name>
compaction
user summary: This session is being continued from a previous conversation: rye.
resume
user said: Now the wheat loaf
tool_call Task t8 {"prompt":"Knead"} [1 2 3 4]
tool_result Task t8 success: Kneaded.
tool_call web_search t9 {"query":"wheat"} [1 1 1 1]
tool_result web_search t9 failure: {"type":"search_error","error_code":"unavailable"}
  error: unavailable
unknown assistant/hologram
unknown daydream
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  // A snapshot, a hook's progress twice, a sub-agent's, a queue, an empty hook, a duration,
  // a title.
  EXPECT_EQ(transcript.summary.bookkeeping, 8U);
  EXPECT_EQ(transcript.summary.unknown, 2U);
}

TEST(ClaudeCode, KnowsWhatLedToARecord) {
  const Transcript transcript = read_fixture(
      "claude-code", "claude-code/-srv-bakery/11110000-aaaa-4bbb-8ccc-000000000001.jsonl");
  const auto by_id = [&](std::string_view id) {
    const auto found = std::ranges::find(transcript.records, id, &Kept::id);
    EXPECT_NE(found, transcript.records.end()) << id;
    return found == transcript.records.end() ? Kept{} : *found;
  };
  // The line before the first answer is progress: it gives no record.
  EXPECT_EQ(by_id("u02").parent, "");
  EXPECT_EQ(by_id("u02/1").turn, "u02/1");
  EXPECT_EQ(by_id("u03").parent, "u02");
  // The calls of one line, and the results that name them.
  EXPECT_EQ(by_id("u05/1").parent, "u05");
  EXPECT_EQ(by_id("u06").parent, "u05");
  EXPECT_EQ(by_id("u07").parent, "u05/1");
  // Behind a compaction the chain goes on where the harness says.
  EXPECT_EQ(transcript.of(RecordKind::Compaction)[0].parent, "u02");
  EXPECT_EQ(by_id("u03").api_message, "msg_1");
  EXPECT_EQ(by_id("u03").model, "oven-2");
}

TEST(ClaudeCode, KnowsTheParentOfASubAgent) {
  const Transcript transcript = read_fixture(
      "claude-code",
      "claude-code/-srv-bakery/11110000-aaaa-4bbb-8ccc-000000000001/subagents/agent-a1b2c3.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session a1b2c3
  parent=11110000-aaaa-4bbb-8ccc-000000000001
  parent_call=t8
  version=3.0.1
  project=/srv/bakery
  branch=main
  agent=kneader
user delegated: Knead the dough
tool_call Bash k-t1 {"command":"knead"} [1 2 0 0]
tool_result Bash k-t1 success: ok
assistant said: Kneaded. [1 2 0 0]
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

TEST(ClaudeCode, KnowsTheParentOfASubAgentByItsFileAlone) {
  const Transcript transcript =
      read_fixture("claude-code", "claude-code/-srv-bakery/agent-0ld.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 0ld
  parent=11110000-aaaa-4bbb-8ccc-000000000001
  parent_call=t5
  version=3.0.1
  project=/srv/bakery
  branch=main
user delegated: Weigh the salt
assistant said: Weighed. [1 1 1 1]
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

TEST(ClaudeCode, KnowsTheSubAgentThatStartedASubAgent) {
  const Transcript transcript = read_fixture(
      "claude-code",
      "claude-code/-srv-bakery/11110000-aaaa-4bbb-8ccc-000000000001/subagents/agent-d4e5.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session d4e5
  parent=a1b2c3
  parent_call=k-t2
  version=3.0.1
  project=/srv/bakery
  branch=main
  agent=runner
user delegated: Fetch the yeast
)");
}

TEST(ClaudeCode, ReadsSeveralSessionsAndDamagedLinesOfOneFile) {
  const Transcript transcript = read_fixture(
      "claude-code", "claude-code/-srv-bakery/22220000-aaaa-4bbb-8ccc-000000000003.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 22220000-aaaa-4bbb-8ccc-000000000002
  version=3.0.1
  project=/srv/bakery
  branch=main
user said: Two on one line
session 22220000-aaaa-4bbb-8ccc-000000000003
  version=3.0.1
  project=/srv/bakery
  branch=main
user said: The other session
user said: half � and whole 🍞
assistant said: Behind a torn one [1 1 1 1]
unknown user
compaction: Earlier: bread.
user said: flat words
assistant said: flat answer
)");
  EXPECT_EQ(skipped(transcript), R"(
1 split:
2 repaired:
3 malformed:
4 malformed:
5 malformed:
7 misshapen: a user's message without content
)");
}

}  // namespace
}  // namespace daybook::testing
