// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daybook/review.h"

namespace daybook {
namespace {

Signal failure(std::string session, std::string root, double confidence = 1,
               std::string tool = "bash") {
  Signal signal;
  signal.kind = SignalKind::Error;
  signal.session = std::move(session);
  signal.root = std::move(root);
  signal.tool = std::move(tool);
  signal.confidence = confidence;
  return signal;
}

TEST(P0, NeedsThreeSessions) {
  std::vector<Signal> signals = {failure("b", "b"), failure("a", "a"), failure("a", "a")};
  EXPECT_TRUE(find_p0(signals, Rules::Daybook).empty());
  signals.push_back(failure("c", "c"));
  for (const Rules rules : {Rules::Daybook, Rules::Jilog}) {
    const auto alerts = find_p0(signals, rules);
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(alerts[0].tool, "bash");
    EXPECT_EQ(alerts[0].sessions, (std::vector<std::string>{"a", "b", "c"}));
  }
}

TEST(P0, SubAgentsCountUnderTheirRoot) {
  const std::vector<Signal> signals = {failure("x1", "x"), failure("x2", "x"), failure("y", "y")};
  EXPECT_TRUE(find_p0(signals, Rules::Daybook).empty());
  EXPECT_EQ(find_p0(signals, Rules::Jilog).size(), 1U) << "jilog takes them for sessions";
}

TEST(P0, JilogDropsSessionsOfSixteenZeros) {
  const std::vector<Signal> signals = {failure("0000000000000000-1_a", "r1"),
                                       failure("0000000000000000-2_b", "r2"),
                                       failure("0000000000000000-3_c", "r3")};
  EXPECT_TRUE(find_p0(signals, Rules::Jilog).empty());
  EXPECT_EQ(find_p0(signals, Rules::Daybook).size(), 1U);
}

TEST(P0, OnlyErrorsThatAreReportedCount) {
  std::vector<Signal> signals = {failure("a", "a"), failure("b", "b"), failure("c", "c", 0.4)};
  EXPECT_TRUE(find_p0(signals, Rules::Daybook).empty());
  signals[2] = failure("c", "c");
  signals[2].kind = SignalKind::Workaround;
  EXPECT_TRUE(find_p0(signals, Rules::Daybook).empty());
}

TEST(P0, ToolsAreSorted) {
  std::vector<Signal> signals;
  for (const char* tool : {"write", "read"}) {
    for (const char* session : {"a", "b", "c"})
      signals.push_back(failure(session, session, 1, tool));
  }
  const auto alerts = find_p0(signals, Rules::Daybook);
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts[0].tool, "read");
  EXPECT_EQ(alerts[1].tool, "write");
}

TEST(Names, OfKindsAndRulesGoBothWays) {
  for (const SignalKind kind : {SignalKind::Correction, SignalKind::Error, SignalKind::Workaround,
                                SignalKind::Deferral, SignalKind::Pattern}) {
    EXPECT_EQ(parse_signal_kind(to_string(kind)).value(), kind);
  }
  for (const Rules rules : {Rules::Daybook, Rules::Jilog}) {
    EXPECT_EQ(parse_rules(to_string(rules)).value(), rules);
  }
  const auto unknown = parse_rules("best");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().hint, "one of: daybook, jilog");
}

}  // namespace
}  // namespace daybook
