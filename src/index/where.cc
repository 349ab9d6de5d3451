// SPDX-License-Identifier: Apache-2.0
#include "index/where.h"

#include <array>

#include <fmt/format.h>

#include "base/json.h"
#include "index/sqlite.h"

namespace daybook {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

struct Operator {
  std::string_view text;
  CompareOp op;
};
// Longer ones first: the first that fits is taken.
constexpr std::array<Operator, 8> kOperators = {{{"==", CompareOp::Equal},
                                                 {"!=", CompareOp::NotEqual},
                                                 {"<=", CompareOp::LessEqual},
                                                 {">=", CompareOp::GreaterEqual},
                                                 {"=", CompareOp::Equal},
                                                 {"<", CompareOp::Less},
                                                 {">", CompareOp::Greater},
                                                 {"~", CompareOp::Like}}};

std::unexpected<Error> wrong(std::string_view text, std::string_view expected, std::size_t at,
                             std::string hint) {
  return fail(Errc::InvalidArgument,
              fmt::format("condition \"{}\": expected {} at position {}", text, expected, at + 1),
              std::move(hint));
}

// Where the path ends: at a space or an operator outside quotes and brackets.
std::size_t end_of_path(std::string_view text, std::size_t at) {
  bool bracket = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1 : 0;
    } else if (c == '[' || c == ']') {
      bracket = c == '[';
    } else if (!bracket && (kSpace.contains(c) || std::string_view("=!<>~").contains(c))) {
      return at;
    }
  }
  return text.size();
}

// A value is one JSON scalar or one bare word; a space inside one that is not
// quoted more likely is the beginning of a second condition.
Result<void> check_value(std::string_view text, std::size_t at) {
  const std::string_view value = text.substr(at);
  if (value.empty()) {
    return wrong(text, "a value", at, "give a number, a word or a \"quoted string\"");
  }
  if (value.starts_with('"')) {
    if (check_json(value)) return {};
    return wrong(text, "one JSON string", at, "close the quote and escape quotes inside as \\\"");
  }
  if (std::string_view("=!<>").contains(value.front())) {
    return wrong(text, "a value", at, "quote a value that starts with an operator");
  }
  const std::size_t space = value.find_first_of(kSpace);
  if (space == std::string_view::npos) return {};
  return wrong(text, "the end", value.find_first_not_of(kSpace, space) + at,
               "quote a value with spaces; give each condition by itself");
}

}  // namespace

Result<Condition> parse_condition(std::string_view text) {
  const auto skip_space = [&](std::size_t at) {
    return std::min(text.find_first_not_of(kSpace, at), text.size());
  };
  const std::string_view hint = "write it like payload.exit_code != 0";
  const std::size_t begin = skip_space(0);
  const std::size_t end = end_of_path(text, begin);
  if (end == begin) return wrong(text, "a path", begin, std::string(hint));
  Condition condition;
  condition.path = text.substr(begin, end - begin);
  DAYBOOK_CHECK(views::parse_path(condition.path));

  const std::size_t at = skip_space(end);
  for (const Operator& candidate : kOperators) {
    if (!text.substr(at).starts_with(candidate.text)) continue;
    condition.op = candidate.op;
    const std::size_t value = skip_space(at + candidate.text.size());
    const std::size_t last = text.find_last_not_of(kSpace);
    DAYBOOK_CHECK(check_value(text.substr(0, std::max(last + 1, value)), value));
    condition.value = text.substr(value, last + 1 - value);
    return condition;
  }
  return wrong(text, "one of = != < <= > >= ~", at, std::string(hint));
}

namespace views {
namespace {

// The value of a condition: JSON when it reads as such, else a bare word.
JsonScalar scalar_from(const std::string& value) {
  if (check_json(value)) {
    JsonReader reader;
    const bool loaded = reader.load(value);
    if (auto scalar = loaded ? reader.at({}) : std::nullopt) return *std::move(scalar);
  }
  JsonScalar word;
  word.kind = JsonScalar::Kind::String;
  word.text = value;
  return word;
}

bool equal(const JsonScalar& a, const JsonScalar& b) {
  if (a.kind != b.kind || a.kind == JsonScalar::Kind::Container) return false;
  switch (a.kind) {
    case JsonScalar::Kind::Number:
      return a.number == b.number;
    case JsonScalar::Kind::Bool:
      return a.boolean == b.boolean;
    case JsonScalar::Kind::String:
      return a.text == b.text;
    default:
      return true;
  }
}

// Order of two values: <0, 0, >0, or nothing when they have none.
std::optional<int> order(const JsonScalar& a, const JsonScalar& b) {
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == JsonScalar::Kind::Number) {
    return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  }
  if (a.kind == JsonScalar::Kind::String) return a.text.compare(b.text);
  return std::nullopt;
}

}  // namespace

Result<Where> Where::compile(const std::vector<Condition>& conditions) {
  if (conditions.size() > kMaxConditions) {
    return fail(Errc::LimitExceeded, fmt::format("{} conditions; at most {} are allowed",
                                                 conditions.size(), kMaxConditions));
  }
  Where where;
  for (const Condition& condition : conditions) {
    DAYBOOK_TRY(test, compile_one(condition));
    where.tests_.push_back(std::move(test));
  }
  return where;
}

Result<Where::Test> Where::compile_one(const Condition& condition) {
  Test test;
  DAYBOOK_TRY(path, parse_path(condition.path));
  test.path = std::move(path);
  test.op = condition.op;
  test.value = scalar_from(condition.value);
  if (test.op == CompareOp::Like) {
    // A glob like [ab] also reads as JSON: only a quoted string is taken as such.
    const bool quoted = condition.value.starts_with('"');
    test.glob = to_sql_glob(quoted ? test.value.text : condition.value);
  } else if (test.value.kind == JsonScalar::Kind::Container) {
    return fail(Errc::InvalidArgument,
                fmt::format("condition on \"{}\": {} is not a single value", condition.path,
                            condition.value),
                "compare a member of it, or quote it to mean the text");
  }
  return test;
}

bool Where::matches(std::string_view json) {
  if (!reader_.load(json)) return false;
  for (const Test& test : tests_) {
    const auto found = reader_.at(test.path);
    if (!found || !holds(test, *found)) return false;
  }
  return true;
}

bool Where::holds(const Test& test, const JsonScalar& found) {
  if (test.op == CompareOp::Equal) return equal(found, test.value);
  if (test.op == CompareOp::NotEqual) return !equal(found, test.value);
  if (test.op == CompareOp::Like) {
    const bool has_text =
        found.kind != JsonScalar::Kind::Container && found.kind != JsonScalar::Kind::Null;
    return has_text && glob_matches(test.glob, found.text);
  }
  const auto ordered = order(found, test.value);
  if (!ordered) return false;
  switch (test.op) {
    case CompareOp::Less:
      return *ordered < 0;
    case CompareOp::LessEqual:
      return *ordered <= 0;
    case CompareOp::Greater:
      return *ordered > 0;
    default:
      return *ordered >= 0;
  }
}

}  // namespace views
}  // namespace daybook
