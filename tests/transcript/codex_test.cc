// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(Codex, TellsEveryLineOfASession) {
  const Transcript transcript = read_fixture(
      "codex",
      "codex/2026/03/02/rollout-2026-03-02T10-00-00-33330000-0000-7000-8000-000000000001.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 33330000-0000-7000-8000-000000000001
  version=1.2.3
  project=/srv/harbour
  branch=tide
system context: <permissions instructions>|Stay ashore.
user context: # AGENTS.md instructions for /srv/harbour||Be brief.
user context: <environment_context>|<cwd>/srv/harbour</cwd>|</environment_context>
user said: Count the boats
assistant thinking: Boats are countable.
assistant said: Counting.
usage [60 10 40 0]
tool_call exec_command c1 {"cmd":"sail"}
tool_result exec_command c1 success exit=0: 7 boats|
tool_call exec_command c2 {"cmd":"sail"}
tool_result exec_command c2 failure exit=2: ls: no pier|
  error: ls: no pier
tool_call exec_command c3 {"cmd":"sail"}
tool_result exec_command c3 unknown
tool_call shell c4 {"cmd":"sail"}
tool_result shell c4 failure exit=127: bash: boat: not found|
  error: bash: boat: not found
tool_call exec_command c5 {"cmd":"sail"}
tool_result exec_command c5 interrupted: aborted by user after 2.1s
tool_call exec_command c6 {"cmd":"sail"}
tool_result exec_command c6 refused: exec command rejected by user
tool_call update_plan c7 {"plan":[]}
tool_result update_plan c7 success: All afloat
tool_call exec_command c8 {"cmd":"sail"}
tool_result exec_command c8 success exit=0: fine
tool_call exec_command c9 {"cmd":"sail"}
tool_result exec_command c9 unknown: neither good nor bad
tool_call apply_patch p1 "*** Begin Patch\n*** End Patch"
tool_result apply_patch p1 failure: apply_patch verification failed: no such lines
tool_call local_shell s1 {"type":"exec","command":["ls"]}
tool_call web_search  {"type":"search","query":"tides"}
usage [30 15 20 0]
usage [30 5 0 0]
user interrupted: <turn_aborted>|The user interrupted.|</turn_aborted>
interrupt: interrupted
system notice: stream lost
compaction: Seven boats.
compaction
resume
user command: <user_shell_command>|ls|</user_shell_command>
unknown event_msg/lighthouse_lit
unknown response_item/sea_shanty
unknown flotsam
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  // Screen events that repeat the conversation, a turn's context, totals that did not grow.
  EXPECT_EQ(transcript.summary.bookkeeping, 11U);
  EXPECT_EQ(transcript.summary.unknown, 3U);
}

TEST(Codex, SaysTheModelOfATurn) {
  const Transcript transcript = read_fixture(
      "codex",
      "codex/2026/03/02/rollout-2026-03-02T10-00-00-33330000-0000-7000-8000-000000000001.jsonl");
  for (const auto& usage : transcript.of(RecordKind::Usage)) EXPECT_EQ(usage.model, "mast-5");
}

TEST(Codex, KnowsTheParentOfASubAgent) {
  const Transcript transcript = read_fixture(
      "codex",
      "codex/2026/03/02/rollout-2026-03-02T10-05-00-33330000-0000-7000-8000-000000000002.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 33330000-0000-7000-8000-000000000002
  parent=33330000-0000-7000-8000-000000000001
  version=1.2.3
  project=/srv/harbour
  agent=lookout
user delegated: Watch the horizon
assistant said: A sail!
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

TEST(Codex, ReadsTheFormOf2025) {
  const Transcript transcript = read_fixture(
      "codex",
      "codex/2026/03/02/rollout-2025-05-01T00-00-00-33330000-0000-7000-8000-000000000003.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 33330000-0000-7000-8000-000000000003
  branch=old
user said: An old voyage
tool_call shell o1 {"command":["ls"]}
tool_result shell o1 success exit=0: x
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

}  // namespace
}  // namespace daybook::testing
