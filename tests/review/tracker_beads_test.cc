// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/fs/files.h"
#include "review/tracker.h"
#include "review/tracker_draft.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::TestEnvironment;

class BeadsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Tracker> tracker(std::string prefix = {}) {
    TrackerOptions options;
    options.type = "beads";
    options.path = "/mill";
    options.prefix = std::move(prefix);
    return expect(make_tracker(options, env_.environment()));
  }
  void write(const std::string& text) {
    Environment env = env_.environment();
    expect(make_directories(env_.disk, "/mill/.beads"));
    expect(replace_file(env, "/mill/.beads/issues.jsonl", as_bytes(text)));
  }
  std::string read() {
    return std::string(as_text(expect(read_file(env_.disk, "/mill/.beads/issues.jsonl", 1 << 20))));
  }
  static IssueDraft draft(const std::string& title) {
    IssueDraft made;
    made.title = title;
    made.type = "chore";
    made.labels = {"tech-debt", "pattern:for-now"};
    made.body = "Detected.\n\n> x\n";
    made.created = expect(parse_timestamp("2026-03-04T05:06:07.891Z"));
    return made;
  }

  TestEnvironment env_;
};

TEST_F(BeadsTest, WritesOneLineWithAllFields) {
  const IssueRef issue = expect(tracker()->create(draft("[jilog/workaround] for now: 'x'")));
  EXPECT_TRUE(issue.id.starts_with("mill-")) << issue.id;
  EXPECT_EQ(issue.id.size(), 8u);
  EXPECT_EQ(read(),
            "{\"id\":\"" + issue.id +
                R"(","title":"[jilog/workaround] for now: 'x'","type":"chore","priority":3,)"
                R"("status":"open","labels":["jilog","tech-debt","pattern:for-now"],)"
                R"("body":"Detected.\n\n> x\n","source":"jilog/review",)"
                R"("created":"2026-03-04T05:06:07Z"})"
                "\n");
}

TEST_F(BeadsTest, KeepsEveryOtherLineByteForByte) {
  const std::string others =
      "{\"id\": \"kiln-7\",  \"title\":\"t\", \"status\":\"open\"}\nnot json at all\n\n[1, 2]\n"
      "{\"unfinished\":";
  write(others);
  const IssueRef issue = expect(tracker()->create(draft("new")));
  EXPECT_TRUE(issue.id.starts_with("kiln-")) << "the file's own prefix: " << issue.id;
  EXPECT_TRUE(read().starts_with(others + "\n{\"id\":\"kiln-"));
  EXPECT_EQ(expect(tracker()->list()).size(), 1u) << "others' issues are not ours";
}

TEST_F(BeadsTest, AnOpenIssueOfThatTitleIsNotFiledTwice) {
  const IssueRef first = expect(tracker()->create(draft("same")));
  const std::string before = read();
  EXPECT_EQ(expect(tracker()->create(draft("same"))).id, first.id);
  EXPECT_EQ(read(), before);
  EXPECT_NE(expect(tracker("other")->create(draft("another"))).id, first.id);
}

TEST_F(BeadsTest, SaysHowAnIssueWasClosed) {
  write(R"({"id":"a-1","title":"1","status":"closed","labels":["jilog"],"closed_reason":"done"}
{"id":"a-2","title":"2","status":"closed","source":"jilog/review","close_reason":"Wontfix, so"}
{"id":"a-3","title":"3","status":"in_progress","labels":["jilog"]}
)");
  const auto issues = expect(tracker()->list());
  ASSERT_EQ(issues.size(), 3u);
  EXPECT_FALSE(issues[0].open);
  EXPECT_TRUE(issues[0].done);
  EXPECT_FALSE(issues[1].open);
  EXPECT_FALSE(issues[1].done);
  EXPECT_TRUE(issues[2].open);
}

TEST_F(BeadsTest, ReopensOneLineAndKeepsItsOtherMembers) {
  write(
      "junk\n"
      R"({"id":"a-1","title":"1","status":"closed","closed_reason":"done",)"
      R"("x":{"y":[1.50]},"closed_at":"2026"})"
      "\n{\"id\":\"a-2\"}\n");
  expect(
      tracker()->reopen({.backend = "beads", .id = "a-1", .title = {}, .url = {}}, "again \"x\""));
  EXPECT_EQ(read(),
            "junk\n"
            R"({"id":"a-1","title":"1","status":"open","x":{"y":[1.5]},"comments":["again \"x\""]})"
            "\n{\"id\":\"a-2\"}\n");
  const auto gone =
      tracker()->reopen({.backend = "beads", .id = "a-9", .title = {}, .url = {}}, "again");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::NotFound);
}

TEST_F(BeadsTest, AFullDiskLeavesTheFileAsItWas) {
  expect(tracker()->create(draft("first")));
  const std::string before = read();
  env_.disk.fail({.kind = daybook::testing::Operation::Write, .code = Errc::NoSpace});
  EXPECT_FALSE(tracker()->create(draft("second")));
  EXPECT_EQ(read(), before);
}

TEST(Draft, OfEveryKind) {
  Signal signal;
  signal.session = "s-1";
  signal.text = "not that\nfile";
  const DraftContext context{.date = "2026-03-04", .window = "24h", .created = {}, .p0 = nullptr};
  const IssueDraft correction = draft_issue(signal, "t", context);
  EXPECT_EQ(correction.type, "task");
  EXPECT_EQ(correction.priority, 3);
  EXPECT_EQ(correction.labels, std::vector<std::string>{"correction"});
  EXPECT_TRUE(
      correction.body.starts_with("Detected by jilog/review on 2026-03-04.\n\nUser "
                                  "correction in session s-1:\n> not that\n> file\n\nReview "
                                  "the assistant turn"))
      << correction.body;

  signal.kind = SignalKind::Workaround;
  signal.label = "for now";
  const IssueDraft workaround = draft_issue(signal, "t", context);
  EXPECT_EQ(workaround.type, "chore");
  EXPECT_EQ(workaround.labels, (std::vector<std::string>{"tech-debt", "pattern:for-now"}));
  EXPECT_EQ(workaround.body,
            "Detected by jilog/review on 2026-03-04.\n\nSession: s-1\nPattern: `for now`\n\n"
            "Context:\n> not that\n> file\n");
}

TEST(Draft, OfAnErrorThatIsPartOfAnAlert) {
  Signal signal;
  signal.kind = SignalKind::Error;
  signal.session = "s-1";
  signal.tool = "shell";
  signal.text = "no room";
  const P0Alert alert{.tool = "shell", .sessions = {"s-1", "s-2", "s-3"}};
  const IssueDraft draft = draft_issue(
      signal, "t", {.date = "2026-03-04", .window = "24h", .created = {}, .p0 = &alert});
  EXPECT_EQ(draft.type, "bug");
  EXPECT_EQ(draft.priority, 1);
  EXPECT_EQ(draft.labels, (std::vector<std::string>{"p0", "tool:shell"}));
  EXPECT_EQ(
      draft.body,
      "Detected by jilog/review on 2026-03-04.\n\nTool `shell` failed in 3 distinct root "
      "sessions in the last 24h, exceeding the P0 threshold (3).\n\nExample sessions:\n- s-1\n"
      "- s-2\n- s-3\n\nFirst observed message:\n> no room\n");
}

}  // namespace
}  // namespace daybook::review
