// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(Generic, TellsFlatMessagesAndBlocks) {
  const Transcript transcript = read_fixture("generic", "generic/harbour");

  EXPECT_EQ(outline(transcript), R"(
session harbour
  persona=gull-line
  channel=line
system context: You are a harbour master.
user said: Is berth nine free?
assistant said: Let me look.
tool_call berths g1 {"berth":9}
tool_result berths g1 failure: {"success":false,"error":"register locked"}
  error: register locked
assistant said: The register is locked.
tool_call radio g2 {"to":"pilot"}
tool_result radio g2 failure: static
user said: Try channel 12
tool_result bash  failure exit=3: {"success":true,"output":{"returncode":3,"stderr":"anchor lost"}}
  error: anchor lost
tool_result radio  unknown: all quiet
tool_result crane  failure: {"success":false,"error":["jammed","again"]}
  error: jammed
tool_result mode  refused: {"success":false,"error":{"code":"mode_denied","message":"plan mode"}}
  error: plan mode
tool_result bash  interrupted: {"error":"Tool execution was cancelled by user","cancelled":true}
  error: Tool execution was cancelled by user
assistant said: Berth nine is free.
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

TEST(Generic, ReadsTimesInAnyOfTheirForms) {
  const auto messages = read_fixture("generic", "generic/harbour").of(RecordKind::Message);

  ASSERT_EQ(messages.size(), 6U);
  EXPECT_EQ(to_string(*messages[0].time), "2026-05-05T05:00:00.000000Z");  // "ts"
  EXPECT_EQ(to_string(*messages[3].time), "2026-05-05T05:00:04.000000Z");  // "timestamp"
  EXPECT_EQ(to_string(*messages[4].time), "2026-05-05T05:00:05.000000Z");  // seconds
  EXPECT_EQ(to_string(*messages[5].time), "2026-05-05T05:00:10.123000Z");  // milliseconds
}

TEST(Generic, TakesTheSessionFromTheDirectoryOrTheName) {
  const auto find = [](std::string from) {
    return find_transcripts({.reader = "generic",
                             .paths = {fixture("generic/harbour")},
                             .session_id_from = std::move(from)},
                            "/nowhere");
  };
  const auto by_default = find("");
  const auto by_directory = find("parent_dir");
  const auto by_name = find("file_stem");

  ASSERT_TRUE(by_default && by_directory && by_name);
  ASSERT_EQ(by_default->files.size(), 1U);
  EXPECT_EQ(by_default->files[0].session, "harbour");
  EXPECT_EQ(by_directory->files.at(0).session, "harbour");
  EXPECT_EQ(by_name->files.at(0).session, "chat");
}

TEST(Generic, KeepsWhatIsNotAsItShouldBe) {
  const Transcript transcript = read_fixture("generic", "generic/odd");

  EXPECT_EQ(outline(transcript), R"(
session odd
user said: first, with no header
unknown
unknown captain
unknown
unknown user
unknown user
unknown user
assistant said: a bare string
tool_result unknown  unknown: 7
unknown tool
tool_result bash  unknown: {"success":false
tool_result bash  unknown: {"success":"false"}
tool_call  z1
tool_call f z2 {"a":1}
unknown
session odd
  persona=too late
)");
}

}  // namespace
}  // namespace daybook::testing
