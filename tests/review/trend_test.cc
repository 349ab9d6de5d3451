// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "conversation.h"
#include "daybook/import.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::TestEnvironment;

TEST(Trend, CountsByTheWeekOfTheMessageAndByTool) {
  TestEnvironment env;
  Ledger ledger = expect(Ledger::create("/l", {}, env.environment()));
  // Thursday 2026-01-01: its week begins on Monday 2025-12-29.
  Conversation talk("claude-code", "s1");
  talk.call("Bash").fails("error: one").call("Read").fails("error: two");
  talk.wait(7 * 24 * 60).call("Bash").fails("error: three");
  std::vector<NewEvent> batch;
  for (TranscriptRecord record : talk.records()) {
    record.session = &talk.session();
    batch.push_back(to_event(record));
  }
  expect(ledger.append(batch));
  env.clock.set(expect(parse_timestamp("2026-01-09T12:00:00Z")));
  ReviewOptions options;
  options.since = expect(parse_timestamp("2025-12-01"));
  ASSERT_EQ(expect(review_nightly(ledger, options, env.environment())).signals.size(), 3u);

  const TrendReport report = expect(review_trend(ledger, {.weeks = 3}, env.environment()));
  EXPECT_EQ(report.weeks, (std::vector<std::string>{"2025-12-22", "2025-12-29", "2026-01-05"}));
  EXPECT_EQ(report.sessions, (std::vector<std::uint64_t>{0, 1, 1}));
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].kind, SignalKind::Error);
  EXPECT_EQ(report.rows[0].label, "");
  EXPECT_EQ(report.rows[0].weeks, (std::vector<std::uint64_t>{0, 2, 1}));
  EXPECT_EQ(report.rows[1].label, "Bash");
  EXPECT_EQ(report.rows[1].weeks, (std::vector<std::uint64_t>{0, 1, 1}));
  EXPECT_EQ(report.rows[2].label, "Read");
}

TEST(Trend, NoWeeksAndTooManyAreRefused) {
  TestEnvironment env;
  Ledger ledger = expect(Ledger::create("/l", {}, env.environment()));
  EXPECT_FALSE(review_trend(ledger, {.weeks = 0}, env.environment()));
  EXPECT_FALSE(review_trend(ledger, {.weeks = 1'000'000}, env.environment()));
  EXPECT_TRUE(expect(review_trend(ledger, {}, env.environment())).rows.empty());
}

}  // namespace
}  // namespace daybook::review
