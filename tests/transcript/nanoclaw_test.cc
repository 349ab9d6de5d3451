// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(Nanoclaw, UnwrapsMessagesOfChats) {
  const Transcript transcript =
      read_fixture("nanoclaw",
                   "nanoclaw/v2-sessions/ag-mill/.claude-shared/projects/-workspace/"
                   "44440000-aaaa-4bbb-8ccc-000000000001.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 44440000-aaaa-4bbb-8ccc-000000000001
  version=3.0.1
  project=/srv/bakery
  branch=main
  persona=ag-mill
user context: <context timezone="UTC" />|<messages>
user said: Is 3 < 4 & so on?
user said: Yes
assistant said: It is. [1 2 3 4]
user said: plain words
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

}  // namespace
}  // namespace daybook::testing
