// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fake_program.h"
#include "review/tracker.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::FakePrograms;

// Answers with the files list-open, list-closed and create; fails when there is a
// file error.
constexpr const char* kFakeKata = R"SH(
if [ -f error ]; then cat error >&2; exit 3; fi
case "$4" in
list) cat "list-$6" ;;
create) cat create ;;
*) echo '{}' ;;
esac
)SH";

class KataTest : public ::testing::Test {
 protected:
  KataTest() {
    programs_.install("kata", kFakeKata);
    programs_.write("list-open", R"({"issues":[]})");
    programs_.write("list-closed", R"({"issues":[]})");
    TrackerOptions options;
    options.type = "kata";
    options.project = "mill";
    tracker_ = expect(make_tracker(options, Environment::system()));
  }

  FakePrograms programs_;
  std::unique_ptr<Tracker> tracker_;
};

TEST_F(KataTest, ListsOpenAndClosedOnceEach) {
  programs_.write("list-open",
                  R"({"issues":[{"short_id":"ab1","uid":"U1","title":"one","status":"open"}]})");
  programs_.write("list-closed",
                  R"({"issues":[{"uid":"U2","title":"two","status":"closed","closed_reason":"done"},
                  {"number":3,"title":"three","status":"closed","closed_reason":"wontfix"},
                  {"number":4,"title":"four","status":"closed"}]})");
  const auto issues = expect(tracker_->list());
  ASSERT_EQ(issues.size(), 4u);
  EXPECT_EQ(issues[0].issue.id, "#ab1");
  EXPECT_TRUE(issues[0].open);
  EXPECT_EQ(issues[1].issue.id, "#U2");
  EXPECT_TRUE(issues[1].done);
  EXPECT_EQ(issues[2].issue.id, "#3");
  EXPECT_FALSE(issues[2].done);
  EXPECT_FALSE(issues[3].done) << "an unknown reason is no leave to reopen";
  EXPECT_EQ(programs_.calls(), (std::vector<std::string>{
                                   "kata|--project|mill|--json|list|--status|open|--limit|0",
                                   "kata|--project|mill|--json|list|--status|closed|--limit|0"}));
}

TEST_F(KataTest, CreatesWithLabelsPriorityAndAKey) {
  programs_.write("create", R"({"issue":{"short_id":"zz9","title":"t","status":"open"}})");
  IssueDraft draft;
  draft.title = "[jilog/error] my tool: a b";
  draft.kind = SignalKind::Error;
  draft.priority = 1;
  draft.body = "body";
  EXPECT_EQ(expect(tracker_->create(draft)).id, "#zz9");
  EXPECT_EQ(
      programs_.calls()[0],
      "kata|--project|mill|--json|create|[jilog/error] my tool: a b|--body|body|--label|jilog|"
      "--label|jilog:error|--idempotency-key|[jilog/error]-my-tool:-a-b|--priority|1");
}

TEST_F(KataTest, ReopensAndSaysSo) {
  expect(tracker_->reopen({.backend = "kata", .id = "#ab1", .title = {}, .url = {}}, "again"));
  EXPECT_EQ(programs_.calls(),
            (std::vector<std::string>{"kata|--project|mill|--json|reopen|ab1",
                                      "kata|--project|mill|--json|comment|ab1|--body|again",
                                      "kata|--project|mill|--json|label|add|ab1|jilog:recurred"}));
}

TEST_F(KataTest, ARenamedListIsAnErrorAndNoEmptyList) {
  programs_.write("list-open", R"({"items":[]})");
  const auto listed = tracker_->list();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().message, "`kata list` answered in another shape: no member \"issues\"");
  programs_.write("list-open", R"({"issues":[{"title":"t","status":"open"}]})");
  EXPECT_FALSE(tracker_->list());
}

TEST_F(KataTest, AStructuredErrorIsShownByItsMessage) {
  programs_.write("error",
                  "{\"error\":{\"kind\":\"x\",\"message\":\"--limit must be positive\"}}\n");
  const auto listed = tracker_->list();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().message, "`kata list` ended with 3: --limit must be positive");
  EXPECT_EQ(listed.error().hint, "kata 0.14.1 or newer is needed");
}

}  // namespace
}  // namespace daybook::review
