// SPDX-License-Identifier: Apache-2.0
#include "cli/pretty_json.h"

namespace daybook::cli {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

class Printer {
 public:
  Printer(std::string_view json, const Output& out) : json_(json), out_(&out) {}

  std::string print() {
    for (skip_space(); at_ < json_.size(); skip_space()) step();
    return std::move(text_);
  }

 private:
  void step() {
    const char c = json_[at_];
    if (c == '"') {
      string();
    } else if (c == '{' || c == '[') {
      open(c);
    } else if (c == '}' || c == ']') {
      --depth_;
      line_break();
      take(1);
    } else if (c == ',') {
      take(1);
      line_break();
    } else if (c == ':') {
      take(1);
      text_.push_back(' ');
    } else {
      const auto end = json_.find_first_of(",]} \t\r\n", at_);
      take((end == std::string_view::npos ? json_.size() : end) - at_);
    }
  }

  void open(char bracket) {
    take(1);
    skip_space();
    const char closing = bracket == '{' ? '}' : ']';
    if (at_ < json_.size() && json_[at_] == closing) return take(1);
    ++depth_;
    line_break();
  }

  void string() {
    std::size_t end = at_ + 1;
    while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
    end = std::min(end + 1, json_.size());
    const std::string shown = printable(json_.substr(at_, end - at_));
    at_ = end;
    skip_space();
    const bool is_key = at_ < json_.size() && json_[at_] == ':';
    text_ += out_->paint(is_key ? Paint::Blue : Paint::Plain, shown);
  }

  void take(std::size_t count) {
    text_.append(json_.substr(at_, count));
    at_ += count;
  }
  void skip_space() {
    while (at_ < json_.size() && kSpace.find(json_[at_]) != std::string_view::npos) ++at_;
  }
  void line_break() {
    text_.push_back('\n');
    text_.append(2 * depth_, ' ');
  }

  std::string_view json_;
  const Output* out_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string text_;
};

}  // namespace

std::string pretty_json(std::string_view json, const Output& out) {
  return Printer(json, out).print();
}

}  // namespace daybook::cli
