// SPDX-License-Identifier: Apache-2.0
#include "bench/table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace daybook::bench {
namespace {

std::string pad(const std::string& cell, std::size_t width, Align align) {
  return align == Align::Left ? fmt::format("{:<{}}", cell, width)
                              : fmt::format("{:>{}}", cell, width);
}

void append_line(std::string& text, const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (!line.empty()) line += "  ";
    line += cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + '\n';
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(column.title.size());
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], cells[i].size());
    }
  }
  std::string text;
  std::vector<std::string> line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    line.push_back(pad(columns_[i].title, widths[i], columns_[i].align));
  }
  append_line(text, line);
  line.clear();
  for (const std::size_t width : widths) line.push_back(std::string(width, '-'));
  append_line(text, line);
  for (const auto& cells : rows_) {
    line.clear();
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      line.push_back(pad(cells[i], widths[i], columns_[i].align));
    }
    append_line(text, line);
  }
  return text;
}

std::string number(double value) {
  const double size = std::fabs(value);
  if (size < 10) return fmt::format("{:.2f}", value);
  if (size < 100) return fmt::format("{:.1f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace daybook::bench
