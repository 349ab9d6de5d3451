// SPDX-License-Identifier: Apache-2.0
#include "index/where.h"

#include <gtest/gtest.h>

namespace daybook::views {
namespace {

Condition condition(std::string_view text) {
  auto parsed = parse_condition(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed.value_or(Condition{});
}

// Whether a JSON text meets a condition written as text.
bool holds(std::string_view text, std::string_view json) {
  auto where = Where::compile({condition(text)});
  EXPECT_TRUE(where.has_value()) << text << ": " << (where ? "" : where.error().message);
  return where && where->matches(json);
}

std::string error_of(std::string_view text) {
  const auto parsed = parse_condition(text);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, Errc::InvalidArgument) << text;
  return parsed.error().message;
}

TEST(ParseCondition, TakesEveryOperatorWithAndWithoutSpaces) {
  const std::vector<std::pair<std::string, CompareOp>> operators = {
      {"=", CompareOp::Equal},         {"==", CompareOp::Equal},     {"!=", CompareOp::NotEqual},
      {"<", CompareOp::Less},          {"<=", CompareOp::LessEqual}, {">", CompareOp::Greater},
      {">=", CompareOp::GreaterEqual}, {"~", CompareOp::Like}};
  for (const auto& [op, expected] : operators) {
    for (const std::string& text :
         {"a.b" + op + "7", "a.b " + op + " 7", "  a.b  " + op + "7  ", "a.b\t" + op + " 7"}) {
      const Condition parsed = condition(text);
      EXPECT_EQ(parsed.path, "a.b") << text;
      EXPECT_EQ(parsed.op, expected) << text;
      EXPECT_EQ(parsed.value, "7") << text;
    }
  }
}

TEST(ParseCondition, KeepsOperatorsInsideQuotesAndBrackets) {
  const Condition key = condition(R"(a["x = y"].b >= "p = q")");
  EXPECT_EQ(key.path, R"(a["x = y"].b)");
  EXPECT_EQ(key.op, CompareOp::GreaterEqual);
  EXPECT_EQ(key.value, R"("p = q")");
  EXPECT_EQ(condition(R"("k=1" = 2)").path, R"("k=1")");
  EXPECT_EQ(condition("event/type = head/created").value, "head/created");
  EXPECT_EQ(condition("name ~ [ab]*").value, "[ab]*");
}

TEST(ParseCondition, NamesThePositionOfAMistake) {
  EXPECT_EQ(error_of(""), "condition \"\": expected a path at position 1");
  EXPECT_EQ(error_of("= 5"), "condition \"= 5\": expected a path at position 1");
  EXPECT_EQ(error_of("abc"), "condition \"abc\": expected one of = != < <= > >= ~ at position 4");
  EXPECT_EQ(error_of("a b = 5"),
            "condition \"a b = 5\": expected one of = != < <= > >= ~ at position 3");
  EXPECT_EQ(error_of("a ="), "condition \"a =\": expected a value at position 4");
  EXPECT_EQ(error_of("a = = 5"), "condition \"a = = 5\": expected a value at position 5");
  EXPECT_EQ(error_of("a = \"open"),
            "condition \"a = \"open\": expected one JSON string at position 5");
  EXPECT_EQ(error_of("a = 1 and b = 2"),
            "condition \"a = 1 and b = 2\": expected the end at position 7");
  EXPECT_EQ(error_of("a..b = 1"), "path \"a..b\": expected a name at position 3");
  EXPECT_EQ(error_of("a[x] = 1"),
            "path \"a[x]\": expected an item number or a quoted name at position 3");
  EXPECT_EQ(error_of("a[1 = 1"), "path \"a[1 = 1\": expected ']' at position 4");
  EXPECT_EQ(error_of("$a = 1"), "path \"$a\": expected '.' or '[' after '$' at position 2");
  EXPECT_EQ(error_of("a[99999999999999999999] = 1"),
            "path \"a[99999999999999999999]\": expected an item number or a quoted name at "
            "position 3");
}

TEST(Where, FollowsPaths) {
  const std::string json =
      R"({"a":{"b":[10,{"c":"deep"}],"x.y":1,"q\"q":2},"list":[[1,2],[3]],"event/type":"t"})";
  EXPECT_TRUE(holds("a.b[0] = 10", json));
  EXPECT_TRUE(holds("$.a.b[1].c = deep", json));
  EXPECT_TRUE(holds("a[\"b\"][1][\"c\"] = deep", json));
  EXPECT_TRUE(holds("a.\"x.y\" = 1", json));
  EXPECT_TRUE(holds(R"(a["q\"q"] = 2)", json));
  EXPECT_TRUE(holds("list[1][0] = 3", json));
  EXPECT_TRUE(holds("event/type = t", json));
  EXPECT_TRUE(holds("[1].k = 2", R"([0,{"k":2}])"));
  EXPECT_TRUE(holds("$ = 5", "5"));
  EXPECT_FALSE(holds("a.b[2] = 10", json));
  EXPECT_FALSE(holds("a.c = 10", json));
  EXPECT_FALSE(holds("a.b.c = 10", json));
  EXPECT_FALSE(holds("list.a = 1", json));
  EXPECT_FALSE(holds("a[0] = 1", json));
}

TEST(Where, ReadsKeysHoweverTheyAreWritten) {
  EXPECT_TRUE(holds("kind = task", R"({"\u006bind":"task"})"));
  EXPECT_TRUE(holds("kind = task", R"({"other":"\\","kind":"t\u0061sk"})"));
  EXPECT_TRUE(holds("\"k\\u0069nd\" = task", R"({"kind":"task"})"));
  EXPECT_TRUE(holds("a = 1", R"({"a":1,"a":2})")) << "of keys given twice the first counts";
  EXPECT_FALSE(holds("a = 2", R"({"a":1,"a":2})"));
  EXPECT_TRUE(holds("a = 1", R"({"\u0061":1,"a":2})"));
}

TEST(Where, ComparesNumbersByValue) {
  EXPECT_TRUE(holds("n = 1.0", R"({"n":1})"));
  EXPECT_TRUE(holds("n = 1e2", R"({"n":100})"));
  EXPECT_TRUE(holds("n != 0", R"({"n":1})"));
  EXPECT_FALSE(holds("n != 0", R"({"n":0.0})"));
  EXPECT_TRUE(holds("n < 10", R"({"n":9})")) << "not as texts";
  EXPECT_TRUE(holds("n >= -1.5", R"({"n":-1.5})"));
  EXPECT_FALSE(holds("n > -1.5", R"({"n":-1.5})"));
  EXPECT_TRUE(holds("n <= 3", R"({"n":3})"));
  EXPECT_TRUE(holds("n = 18446744073709551615", R"({"n":18446744073709551615})"));
  EXPECT_FALSE(holds("n = 18446744073709551615", R"({"n":18446744073709551614})"));
  EXPECT_TRUE(holds("n > 9223372036854775807", R"({"n":9223372036854775808})"));
  EXPECT_TRUE(holds("n > 5", R"({"n":1e999})"));
  EXPECT_TRUE(holds("n < 5", R"({"n":-123456789012345678901234567890})"));
  EXPECT_TRUE(holds("n = 0", R"({"n":1e-99999})"));
  EXPECT_FALSE(holds("n = 5", R"({"n":"5"})")) << "a number is no string";
  EXPECT_TRUE(holds("n = \"5\"", R"({"n":"5"})"));
  EXPECT_FALSE(holds("n < 5", R"({"n":"4"})"));
}

TEST(Where, ComparesStringsByBytes) {
  EXPECT_TRUE(holds("s = task", R"({"s":"task"})"));
  EXPECT_FALSE(holds("s = task", R"({"s":"Task"})"));
  EXPECT_TRUE(holds("s < b", R"({"s":"a"})"));
  EXPECT_TRUE(holds("s >= \"\"", R"({"s":""})"));
  EXPECT_TRUE(holds("s = \"a b\"", R"({"s":"a b"})"));
  EXPECT_TRUE(holds("s = \"t\\u00e4\"", "{\"s\":\"t\xC3\xA4\"}"));
  EXPECT_TRUE(holds("s = \"a\\u0000b\"", R"({"s":"a\u0000b"})"));
  EXPECT_FALSE(holds("s = a", R"({"s":"a\u0000b"})"));
}

TEST(Where, ComparesTheOtherScalars) {
  EXPECT_TRUE(holds("b = true", R"({"b":true})"));
  EXPECT_FALSE(holds("b = false", R"({"b":true})"));
  EXPECT_TRUE(holds("b != false", R"({"b":true})"));
  EXPECT_TRUE(holds("b = null", R"({"b":null})"));
  EXPECT_TRUE(holds("b != null", R"({"b":0})"));
  EXPECT_FALSE(holds("b = \"true\"", R"({"b":true})"));
  EXPECT_FALSE(holds("b < true", R"({"b":false})")) << "true and false have no order";
}

TEST(Where, MeetsNothingWhereThePathLeadsNowhere) {
  for (const std::string_view op : {"=", "!=", "<", "<=", ">", ">=", "~"}) {
    EXPECT_FALSE(holds("missing " + std::string(op) + " 1", R"({"n":1})")) << op;
  }
  EXPECT_FALSE(holds("missing = null", R"({"n":1})"));
  EXPECT_FALSE(holds("n = 1", ""));
  EXPECT_FALSE(holds("n = 1", "not json"));
}

TEST(Where, TakesContainersForUnequalToEveryScalar) {
  EXPECT_FALSE(holds("o = 1", R"({"o":{}})"));
  EXPECT_TRUE(holds("o != 1", R"({"o":[1]})"));
  EXPECT_FALSE(holds("o ~ *", R"({"o":[1]})"));
}

TEST(Where, MatchesGlobs) {
  EXPECT_TRUE(holds("s ~ build*", R"({"s":"build-42"})"));
  EXPECT_FALSE(holds("s ~ build", R"({"s":"build-42"})"));
  EXPECT_TRUE(holds("s ~ b?ild-[0-9]*", R"({"s":"build-42"})"));
  EXPECT_TRUE(holds("s ~ [!x]*", R"({"s":"build"})"));
  EXPECT_FALSE(holds("s ~ [!b]*", R"({"s":"build"})"));
  EXPECT_TRUE(holds("s ~ \"a *\"", R"({"s":"a b"})"));
  EXPECT_TRUE(holds("s ~ ?", "{\"s\":\"\xC3\xA4\"}")) << "one character, not one byte";
  EXPECT_TRUE(holds("n ~ 4*", R"({"n":42})"));
  EXPECT_TRUE(holds("n ~ t*e", R"({"n":true})"));
  EXPECT_FALSE(holds("n ~ *", R"({"n":null})"));
  EXPECT_FALSE(holds("s ~ a", R"({"s":"a\u0000b"})")) << "a NUL does not end a text";
  EXPECT_TRUE(holds("s ~ a?b", R"({"s":"a\u0000b"})"));
}

TEST(Where, NeedsAllConditions) {
  auto where = Where::compile({condition("a = 1"), condition("b ~ x*")});
  ASSERT_TRUE(where.has_value());
  EXPECT_TRUE(where->matches(R"({"b":"xyz","a":1})"));
  EXPECT_FALSE(where->matches(R"({"b":"xyz","a":2})"));
  EXPECT_FALSE(where->matches(R"({"a":1})"));
  EXPECT_TRUE(where->matches(R"({"a":1,"b":"x"})")) << "a text before leaves nothing behind";
}

TEST(Where, RefusesToCompareWithAContainer) {
  const auto where = Where::compile({{.path = "a", .op = CompareOp::Equal, .value = "[1]"}});
  ASSERT_FALSE(where.has_value());
  EXPECT_EQ(where.error().code, Errc::InvalidArgument);
  EXPECT_EQ(where.error().message, "condition on \"a\": [1] is not a single value");
}

TEST(Where, LimitsItsConditions) {
  const std::vector<Condition> many(kMaxConditions + 1, condition("a = 1"));
  const auto where = Where::compile(many);
  ASSERT_FALSE(where.has_value());
  EXPECT_EQ(where.error().code, Errc::LimitExceeded);
}

TEST(Where, StaysQuickAndUnharmedOnHostileTexts) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(holds("a = 1", deep));
  EXPECT_FALSE(holds("[0][0][0] = 1", deep));
  const std::string behind =
      "{\"x\":" + std::string(500, '[') + std::string(500, ']') + ",\"a\":1}";
  EXPECT_TRUE(holds("a = 1", behind));
  const std::string huge = "{\"x\":\"" + std::string(5'000'000, 'z') + "\",\"a\":1}";
  EXPECT_TRUE(holds("a = 1", huge));
  EXPECT_FALSE(holds("x ~ *a*b*c*d*e*f*", huge));
  EXPECT_FALSE(holds("a = 1", std::string("\xFF\xFE{\"a\":1}")));
}

TEST(NamesInData, TakesOnlyStringsThatFitToBeNames) {
  JsonReader reader;
  const auto names = [&](std::string_view json) {
    const DataNames found = names_in(reader, json);
    return found.event_class + "|" + found.subsystem;
  };
  EXPECT_EQ(names(R"({"event_class":"health","subsystem":"disk"})"), "health|disk");
  EXPECT_EQ(names(R"({"subsystem":"disk","event_class":"health"})"), "health|disk");
  EXPECT_EQ(names(R"({"sub\u0073ystem":"disk"})"), "|disk");
  EXPECT_EQ(names(R"({"inner":{"subsystem":"disk"}})"), "|");
  EXPECT_EQ(names(R"({"text":"\"subsystem\"","event_class":7})"), "|");
  EXPECT_EQ(names(R"({"subsystem":"a\u0000b"})"), "|");
  EXPECT_EQ(names("{\"subsystem\":\"" + std::string(257, 'x') + "\"}"), "|");
  EXPECT_EQ(names("{\"subsystem\":\"" + std::string(256, 'x') + "\"}"),
            "|" + std::string(256, 'x'));
  EXPECT_EQ(names(R"(["subsystem","disk"])"), "|");
  EXPECT_EQ(names(""), "|");
}

}  // namespace
}  // namespace daybook::views
