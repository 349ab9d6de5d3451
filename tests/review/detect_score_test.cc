// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "review/score.h"

namespace daybook::review {
namespace {

Signal correction(std::string record, double confidence = 1, std::string session = "s") {
  Signal signal;
  signal.session = std::move(session);
  signal.record = std::move(record);
  signal.confidence = confidence;
  return signal;
}

TEST(Score, CountsHitsFalseAlarmsAndMisses) {
  const auto labels = parse_labels("# c\ns\ta\tcorrection\ns\tb\tnone\ns\tc\tcorrection\n", "x");
  ASSERT_TRUE(labels.has_value());
  const std::vector<Signal> signals = {correction("a"),      correction("a"),
                                       correction("b"),      correction("d"),
                                       correction("c", 0.3), correction("a", 1, "unlabelled")};
  const Score result = score(*labels, signals, SignalKind::Correction, 0.5);
  EXPECT_EQ(result.hits, 1U);
  EXPECT_EQ(result.false_alarms, 2U);
  EXPECT_EQ(result.misses, 1U);
  EXPECT_DOUBLE_EQ(result.precision(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(result.recall(), 0.5);
}

TEST(Score, ARecordMayHaveSeveralClasses) {
  const auto labels = parse_labels("s\ta\tworkaround\ns\ta\tdeferral\n", "x");
  ASSERT_TRUE(labels.has_value());
  EXPECT_EQ(labels->classes.begin()->second.size(), 2U);
}

TEST(Score, SaysWhichLineIsNoLabel) {
  const auto labels = parse_labels("s\ta\tnone\ns\tb\tperhaps\n", "x.tsv");
  ASSERT_FALSE(labels.has_value());
  EXPECT_EQ(labels.error().message, "x.tsv:2: not a label");
  EXPECT_NE(labels.error().hint.find("error-learn"), std::string::npos);
  EXPECT_FALSE(parse_labels("s a none\n", "x").has_value());
}

TEST(Score, TheTableHasALineForEachKind) {
  const auto labels = parse_labels("s\ta\tcorrection\n", "x");
  const std::string table =
      score_table("tune", *labels, {.jilog = {}, .daybook = {correction("a")}});
  EXPECT_NE(
      table.find("correction            0.00  0.00    0    0    1     1.00  1.00    1    0    0"),
      std::string::npos)
      << table;
}

TEST(Score, AHigherConfidenceReportsLess) {
  const auto labels = parse_labels("s\ta\tcorrection\ns\tb\tnone\n", "x");
  const std::string table =
      confidence_table(*labels, {correction("a", 0.65), correction("b", 0.45)});
  EXPECT_NE(table.find("0.40    0.50  1.00    1    1    0"), std::string::npos) << table;
  EXPECT_NE(table.find("0.50    1.00  1.00    1    0    0"), std::string::npos) << table;
  EXPECT_NE(table.find("0.70    0.00  0.00    0    0    1"), std::string::npos) << table;
}

}  // namespace
}  // namespace daybook::review
