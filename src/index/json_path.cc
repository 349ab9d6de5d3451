// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include <fmt/format.h>

#include "index/json_reader.h"

namespace daybook::views {
namespace {

constexpr std::size_t kMaxPathSteps = 512;

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Result<JsonPath> parse() {
    if (peek() == '$') {
      ++at_;
      if (at_ < text_.size() && peek() != '.' && peek() != '[')
        return wrong("'.' or '[' after '$'");
    } else if (peek() != '[') {
      DAYBOOK_CHECK(take_key());
    }
    while (at_ < text_.size()) {
      if (path_.size() >= kMaxPathSteps) {
        return fail(Errc::LimitExceeded,
                    fmt::format("the path has more than {} steps", kMaxPathSteps));
      }
      if (peek() == '.') {
        ++at_;
        DAYBOOK_CHECK(take_key());
      } else if (peek() == '[') {
        ++at_;
        DAYBOOK_CHECK(take_bracket());
      } else {
        return wrong("'.' or '['");
      }
    }
    return std::move(path_);
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  [[nodiscard]] std::unexpected<Error> wrong(std::string_view expected) const {
    return fail(Errc::InvalidArgument,
                fmt::format("path \"{}\": expected {} at position {}", text_, expected, at_ + 1),
                "write it like payload.exit_code, items[0].name or a[\"b.c\"]");
  }

  Result<void> take_key() {
    if (peek() == '"') return take_quoted();
    const std::size_t end = std::min(text_.find_first_of(".[]\"", at_), text_.size());
    if (end == at_) return wrong("a name");
    path_.push_back({.key = std::string(text_.substr(at_, end - at_)), .item = {}});
    at_ = end;
    return {};
  }

  // A JSON string as a key.
  Result<void> take_quoted() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return wrong("a closing quote for the one");
    JsonReader reader;
    const bool loaded = reader.load(text_.substr(at_, end + 1 - at_));
    auto key = loaded ? reader.at({}) : std::nullopt;
    if (!key || key->kind != JsonScalar::Kind::String) return wrong("a JSON string");
    path_.push_back({.key = std::move(key->text), .item = {}});
    at_ = end + 1;
    return {};
  }

  Result<void> take_bracket() {
    if (peek() == '"') {
      DAYBOOK_CHECK(take_quoted());
    } else {
      std::uint64_t item = 0;
      const char* const begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), item);
      if (error != std::errc() || end == begin) return wrong("an item number or a quoted name");
      path_.push_back({.key = {}, .item = item});
      at_ += static_cast<std::size_t>(end - begin);
    }
    if (peek() != ']') return wrong("']'");
    ++at_;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  JsonPath path_;
};

}  // namespace

Result<JsonPath> parse_path(std::string_view text) { return PathParser(text).parse(); }

}  // namespace daybook::views
