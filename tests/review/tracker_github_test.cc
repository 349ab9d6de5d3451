// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fake_program.h"
#include "review/tracker.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::FakePrograms;

class GithubTest : public ::testing::Test {
 protected:
  GithubTest() { programs_.install("gh", daybook::testing::kFakeGh); }

  std::unique_ptr<Tracker> tracker(std::vector<std::string> labels = {"learned"}) {
    TrackerOptions options;
    options.type = "github";
    options.repo = "o/r";
    options.labels = std::move(labels);
    return expect(make_tracker(options, Environment::system()));
  }
  static IssueDraft draft(std::string title) {
    IssueDraft made;
    made.title = std::move(title);
    made.kind = SignalKind::Error;
    made.body = "line one\n$(touch broken) `x`\n";
    return made;
  }

  FakePrograms programs_;
};

TEST_F(GithubTest, CreatesWithTheConfiguredLabelsAndMakesThoseThatAreMissing) {
  programs_.write("labels", "learned\n");
  const IssueRef issue = expect(tracker()->create(draft("it's \"so\" $HOME")));
  EXPECT_EQ(issue.id, "#1");
  EXPECT_EQ(issue.url, "https://example.org/o/r/issues/1");
  const auto calls = programs_.calls();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0], "gh|label|list|--limit|5000|--json|name|--repo|o/r");
  EXPECT_EQ(calls[1], "gh|label|create|jilog/error|--force|--repo|o/r");
  EXPECT_EQ(calls[2],
            "gh|issue|create|--title|it's \"so\" $HOME|--body|line one~$(touch broken) `x`~|"
            "--label|learned|--label|jilog/error|--repo|o/r");
  EXPECT_FALSE(std::filesystem::exists(programs_.file("broken")));
}

TEST_F(GithubTest, ListsOpenAndClosedAtOnceAndManyOfThem) {
  std::string issues = "1\tOPEN\tnone\tone\n2\tCLOSED\tCOMPLETED\ttwo\n3\tCLOSED\tNOT_PLANNED\tx\n";
  for (int i = 4; i <= 60; ++i) issues += std::to_string(i) + "\tOPEN\tnone\tmore\n";
  programs_.write("issues", issues);
  const auto listed = expect(tracker()->list());
  ASSERT_EQ(listed.size(), 60u);
  EXPECT_TRUE(listed[0].open);
  EXPECT_FALSE(listed[1].open);
  EXPECT_TRUE(listed[1].done);
  EXPECT_FALSE(listed[2].done);
  ASSERT_EQ(programs_.calls().size(), 1u);
  EXPECT_EQ(programs_.calls()[0],
            "gh|issue|list|--state|all|--label|learned|--limit|20000|--json|"
            "number,title,url,state,stateReason|--repo|o/r");
}

TEST_F(GithubTest, ReopensWithAComment) {
  programs_.write("issues", "7\tCLOSED\tCOMPLETED\tt\n");
  expect(tracker()->reopen({.backend = "github", .id = "#7", .title = "t", .url = {}}, "again"));
  EXPECT_EQ(programs_.calls().back(), "gh|issue|reopen|7|--comment|again|--repo|o/r");
  EXPECT_EQ(programs_.read("issues"), "7\tOPEN\tREOPENED\tt\n");
}

TEST_F(GithubTest, WhatTheProgramSaidIsInTheError) {
  programs_.write("broken", "HTTP 502:\nBad gateway\n");
  const auto listed = tracker()->list();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().message, "`gh issue list` ended with 1: HTTP 502: Bad gateway");
}

TEST_F(GithubTest, AnAnswerInAnotherShapeIsAnErrorAndNoEmptyList) {
  for (const char* const answer : {"{}", "not json", "[{\"number\":1}]", "[3]", ""}) {
    programs_.install("gh", std::string("printf '%s' '") + answer + "'\n");
    const auto listed = tracker()->list();
    ASSERT_FALSE(listed) << answer;
    EXPECT_EQ(listed.error().code, Errc::Unsupported) << answer;
  }
}

TEST_F(GithubTest, AnAddressThatIsNoneIsAnError) {
  programs_.install("gh", "[ \"$1\" = label ] && echo '[]' || echo 'done!'\n");
  const auto made = tracker()->create(draft("t"));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("no address"), std::string::npos);
}

TEST_F(GithubTest, AProgramThatIsNotThereIsToldByName) {
  FakePrograms empty;
  ::setenv("PATH", empty.file("bin").c_str(), 1);
  const auto listed = tracker()->list();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Errc::NotFound);
  EXPECT_EQ(listed.error().message, "cannot run gh: command not found");
}

}  // namespace
}  // namespace daybook::review
