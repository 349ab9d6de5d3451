// SPDX-License-Identifier: Apache-2.0
//
// Conditions on members of an event's data. The index holds no data: these
// are decided on the log's bytes, after every other filter.
//
// A path that leads nowhere meets no condition, not even `!=`. Otherwise:
// numbers compare by value, strings by their bytes; values of different kinds
// are unequal and neither less nor greater; `~` is a shell glob over strings,
// and over numbers, true and false as they are written.
// Not thread-safe (it reads with a parser of its own).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/index.h"
#include "index/json_reader.h"

namespace daybook::views {

inline constexpr std::size_t kMaxConditions = 100;

class Where {
 public:
  // Errors: InvalidArgument, naming the condition.
  [[nodiscard]] static Result<Where> compile(const std::vector<Condition>& conditions);

  [[nodiscard]] bool empty() const { return tests_.empty(); }
  // Whether a JSON text meets all conditions.
  [[nodiscard]] bool matches(std::string_view json);

 private:
  struct Test {
    JsonPath path;
    CompareOp op = CompareOp::Equal;
    JsonScalar value;
    std::string glob;  // of Like
  };
  [[nodiscard]] static Result<Test> compile_one(const Condition& condition);
  [[nodiscard]] static bool holds(const Test& test, const JsonScalar& found);

  std::vector<Test> tests_;
  JsonReader reader_;
};

}  // namespace daybook::views
