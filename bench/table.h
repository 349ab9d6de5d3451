// SPDX-License-Identifier: Apache-2.0
//
// Columns as wide as their widest cell; the first is aligned left, the others right
// unless told otherwise. Pure.
#pragma once

#include <string>
#include <vector>

namespace daybook::bench {

enum class Align : unsigned char { Left, Right };

class Table {
 public:
  void column(std::string title, Align align) { columns_.push_back({std::move(title), align}); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string text() const;

 private:
  struct Column {
    std::string title;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Three significant digits or more, thousands separated: "0.97", "12.3", "9,871".
[[nodiscard]] std::string number(double value);

}  // namespace daybook::bench
