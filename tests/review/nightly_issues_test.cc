// SPDX-License-Identifier: Apache-2.0
//
// The policy of issues, over a tracker that keeps real state.
#include <gtest/gtest.h>

#include "conversation.h"
#include "daybook/import.h"
#include "fake_program.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::FakeClock;
using daybook::testing::FakePrograms;
using daybook::testing::TempDirectory;

constexpr Timestamp kNoon{1'767'225'600'000'000 + std::int64_t{12} * 3'600 * 1'000'000};
constexpr std::int64_t kDay = std::int64_t{24} * 3'600 * 1'000'000;

class IssuesTest : public ::testing::Test {
 protected:
  IssuesTest()
      : clock_(kNoon),
        env_{.files = Environment::system().files,
             .clock = &clock_,
             .entropy = Environment::system().entropy},
        ledger_(expect(Ledger::create(directory_ / "l", {}, env_))) {
    programs_.install("gh", daybook::testing::kFakeGh);
    options_.tracker.type = "github";
    options_.tracker.repo = "o/r";
    options_.create_issues = true;
  }

  // A session in which the same tool fails in the same way, so many days from the start.
  void fail_again(const std::string& id, std::int64_t day) {
    Conversation talk("claude-code", id);
    talk.wait(day * 24 * 60 + 60).call("Bash").fails("error: the wheel is missing");
    std::vector<NewEvent> batch;
    for (TranscriptRecord record : talk.records()) {
      record.session = &talk.session();
      batch.push_back(to_event(record));
    }
    expect(ledger_.append(batch));
    clock_.set({kNoon.micros + day * kDay});
  }
  ReviewReport review() { return expect(review_nightly(ledger_, options_, env_)); }

  TempDirectory directory_;
  FakePrograms programs_;
  FakeClock clock_;
  Environment env_;
  Ledger ledger_;
  ReviewOptions options_;
};

TEST_F(IssuesTest, ANewSignalIsFiledOnceAndNotedInTheLedger) {
  fail_again("s1", 0);
  const ReviewReport report = review();
  ASSERT_EQ(report.issues.size(), 1u);
  EXPECT_EQ(report.issues[0].action, IssueAction::Filed);
  EXPECT_EQ(report.pending, 0u);
  ASSERT_TRUE(report.digest.entries[0].issue);
  EXPECT_EQ(report.digest.entries[0].issue->id, "#1");
  const auto events = daybook::testing::read_all(ledger_, {.stream = "issue/github"});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "issue/filed");
  EXPECT_EQ(expect(ledger_.find(events[0].causes.at(0))).stream, "learning/error");
  EXPECT_TRUE(review().issues.empty());
  EXPECT_EQ(programs_.count("gh|issue|create"), 1u);
}

TEST_F(IssuesTest, OneListForEachReviewHoweverManySignals) {
  for (int i = 0; i < 5; ++i) fail_again("s" + std::to_string(i), 0);
  review();
  EXPECT_EQ(programs_.count("gh|issue|list"), 1u);
  EXPECT_EQ(programs_.count("gh|label|list"), 1u);
  EXPECT_EQ(programs_.count("gh|issue|create"), 1u) << "one title, one issue";
}

TEST_F(IssuesTest, AnOpenIssueOfThatTitleIsBumped) {
  fail_again("s1", 0);
  review();
  fail_again("s2", 1);
  const ReviewReport report = review();
  ASSERT_EQ(report.issues.size(), 1u);
  EXPECT_EQ(report.issues[0].action, IssueAction::Bumped);
  EXPECT_EQ(report.issues[0].issue.id, "#1");
  EXPECT_EQ(programs_.count("gh|issue|create"), 1u);
}

TEST_F(IssuesTest, ClosedAsDoneAndBackAgainIsReopened) {
  fail_again("s1", 0);
  review();
  programs_.write("issues",
                  "1\tCLOSED\tCOMPLETED\t[jilog/error] Bash: error: the wheel is missing\n");
  fail_again("s2", 1);
  const ReviewReport report = review();
  ASSERT_EQ(report.issues.size(), 1u);
  EXPECT_EQ(report.issues[0].action, IssueAction::Reopened);
  EXPECT_EQ(programs_.calls().back(),
            "gh|issue|reopen|1|--comment|Recurred on 2026-01-02 — closure may have been premature.|"
            "--repo|o/r");
}

TEST_F(IssuesTest, ClosedAsNotPlannedStaysClosed) {
  fail_again("s1", 0);
  review();
  const std::string closed =
      "1\tCLOSED\tNOT_PLANNED\t[jilog/error] Bash: error: the wheel is missing\n";
  programs_.write("issues", closed);
  fail_again("s2", 1);
  const ReviewReport report = review();
  ASSERT_EQ(report.issues.size(), 1u);
  EXPECT_EQ(report.issues[0].action, IssueAction::Left);
  EXPECT_EQ(programs_.read("issues"), closed);
  EXPECT_EQ(report.pending, 0u);
}

TEST_F(IssuesTest, ClosedAndGoneIsResolvedAndSaidOnce) {
  fail_again("s1", 0);
  review();
  EXPECT_TRUE(review().resolved.empty());
  programs_.write("issues",
                  "1\tCLOSED\tCOMPLETED\t[jilog/error] Bash: error: the wheel is missing\n");
  const ReviewReport report = review();
  ASSERT_EQ(report.resolved.size(), 1u);
  EXPECT_EQ(report.resolved[0].id, "#1");
  EXPECT_TRUE(review().resolved.empty());
}

TEST_F(IssuesTest, ATrackerThatFailsLosesNothing) {
  programs_.write("broken", "HTTP 502\n");
  fail_again("s1", 0);
  const ReviewReport failed = review();
  EXPECT_EQ(failed.signals.size(), 1u);
  EXPECT_EQ(failed.tracker_failures.size(), 1u);
  EXPECT_EQ(failed.pending, 1u);
  ASSERT_EQ(expect(pending_learnings(ledger_)).learnings.size(), 1u);
  EXPECT_EQ(expect(pending_learnings(ledger_)).learnings[0].title,
            "[jilog/error] Bash: error: the wheel is missing");

  std::filesystem::remove(programs_.file("broken"));
  clock_.set({kNoon.micros + 40 * kDay});
  const ReviewReport report = review();
  EXPECT_TRUE(report.signals.empty());
  ASSERT_EQ(report.issues.size(), 1u);
  EXPECT_EQ(report.issues[0].action, IssueAction::Filed);
  EXPECT_EQ(report.pending, 0u);
  EXPECT_TRUE(expect(pending_learnings(ledger_)).learnings.empty());
}

TEST_F(IssuesTest, AnAnswerNobodyUnderstandsFilesNothing) {
  programs_.install("gh", "echo '{\"items\":[]}'\n");
  fail_again("s1", 0);
  EXPECT_EQ(review().tracker_failures.size(), 1u);
  EXPECT_EQ(programs_.count("gh|issue|create"), 0u);
}

}  // namespace
}  // namespace daybook::review
