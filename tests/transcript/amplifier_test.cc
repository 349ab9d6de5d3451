// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

constexpr std::string_view kMill = "amplifier/-srv-mill/sessions/";
constexpr std::string_view kMain = "5a5a0000-1111-4222-8333-000000000001";

std::string of_mill(std::string_view session) { return fmt::format("{}{}", kMill, session); }

TEST(Amplifier, TellsEveryEventOfASession) {
  const Transcript transcript = read_fixture("amplifier", of_mill(kMain));

  EXPECT_EQ(outline(transcript), R"(
session 5a5a0000-1111-4222-8333-000000000001
  project=/srv/mill
user said: Grind ten sacks
assistant thinking: Ten is many. [70 30 400 0 $0.00125]
assistant said: Starting the stones.
tool_call bash toolu_m1 {"command":"stones --start"}
tool_result bash toolu_m1 failure exit=4: {"success":true,"output":{"stderr":"slip","returncode":4}}
  error: slip
tool_call read_file call-1 {"path":"a.txt"}
tool_call read_file call-2 {"path":"b.txt"}
tool_result read_file call-2 success: {"success":true,"output":"bran"}
tool_result read_file call-1 failure: {"success":false,"error":{"message":"no such file: a.txt"}}
  error: no such file: a.txt
tool_call hammer call-3 {}
tool_result hammer call-3 failure: Tool 'hammer' not found
tool_call write_file call-4 {"path":"/etc/flour"}
tool_result write_file call-4 refused: not in /etc
tool_call mode toolu_m2 {"mode":"plan"}
tool_result mode toolu_m2 refused: {"success":false,"output":{"status":"denied"}}
usage [5 6 0 0]
assistant said: Ten sacks are ground.
compaction
interrupt: graceful
system notice: try later
resume
user context: <system-reminder>|The sun is out.|</system-reminder>
unknown mill:flooded
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

TEST(Amplifier, ReadsASessionFromOneOfItsFiles) {
  const auto of = [](std::string_view session) {
    std::vector<std::string> names;
    for (const auto& file : fixture_files("amplifier", of_mill(session))) {
      if (!read_all(file).records.empty()) names.push_back(file.path.substr(file.path.rfind('/')));
    }
    return names;
  };

  // Both tell of the same words; events.jsonl has everything else besides.
  EXPECT_EQ(of(kMain), std::vector<std::string>{"/events.jsonl"});
  // context-intelligence/events.jsonl goes before the transcript.
  EXPECT_EQ(of("quiet"), std::vector<std::string>{"/events.jsonl"});
}

TEST(Amplifier, ReadsWhatTheSecondHookWrites) {
  Transcript transcript;
  for (const auto& file : fixture_files("amplifier", of_mill("quiet"))) {
    if (file.path.ends_with("events.jsonl")) transcript = read_all(file);
  }

  EXPECT_EQ(outline(transcript), R"(
session quiet
  project=-srv-mill
user said: Is the mill quiet?
tool_call listen ci1 {}
tool_result listen ci1 failure: Error: no ears
  error: no ears
)");
  EXPECT_EQ(to_string(*transcript.records[0].time), "2026-06-02T07:00:00.000000Z");
}

TEST(Amplifier, KnowsASubAgentByItsSession) {
  const Transcript transcript =
      read_fixture("amplifier", of_mill("0000000000000000-0a0b0c0d0e0f0102_grinder"));

  EXPECT_EQ(outline(transcript), R"(
session 0000000000000000-0a0b0c0d0e0f0102_grinder
  parent=5a5a0000-1111-4222-8333-000000000001
  project=-srv-mill
  agent=grinder
user delegated: Sharpen the stones
assistant said: Sharp.
)");
  EXPECT_EQ(transcript.records.back().model, "claude-haiku-5");
}

TEST(Amplifier, TakesTheWordsInAForkForTheUsers) {
  EXPECT_EQ(outline(read_fixture("amplifier", of_mill("fork"))), R"(
session fork
  parent=5a5a0000-1111-4222-8333-000000000001
  project=-srv-mill
user said: Try barley instead
)");
}

TEST(Amplifier, ReadsATranscriptThatHasNoEvents) {
  const Transcript transcript = read_fixture("amplifier", "amplifier/old-place");

  EXPECT_EQ(outline(transcript), R"(
session legacy
system context: You run a mill.
system context: <context_file path="MILL.md">wheels</context_file>
user said: Open the sluice
assistant thinking: The sluice is rusty.
assistant said: Opening.
tool_call bash toolu_l1 {"command":"sluice --open"}
tool_call look toolu_l2 {}
tool_call write_file toolu_l3 {}
tool_result bash toolu_l1 failure: Error: {'message': 'rusted shut'}
  error: {'message': 'rusted shut'}
tool_result look toolu_l2 success: water everywhere
tool_result write_file toolu_l3 refused: Denied by hook: read only
user context: <system-reminder>It rains.</system-reminder>
user said: No, close|it again
unknown
)");
}

TEST(Amplifier, KeepsWhatIsNotAsItShouldBe) {
  const Transcript transcript = read_fixture("amplifier", of_mill("odd"));

  EXPECT_EQ(outline(transcript), R"(
session odd
  project=-srv-mill
unknown prompt:submit
user said: a|list
user said: top level
usage [0 0 0 0]
tool_call  call-1
unknown tool:post
tool_result saw  success
tool_result saw  unknown: {"success":1,"error":[]}
tool_result saw ghost failure: {"success":false}
tool_result unknown  failure
compaction
unknown
unknown
unknown
)");
}

}  // namespace
}  // namespace daybook::testing
