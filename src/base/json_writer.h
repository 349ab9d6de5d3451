// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON into a string, member by member, in the order of the calls. It
// exists because event data must appear byte for byte, which no document model
// allows, and because a million rows must not cost a million trees.
// The caller keeps begin and end in balance. Not thread-safe.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace daybook {

// Appends `text` as a JSON string. Invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(&out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(*out_, name);
    out_->push_back(':');
    comma_ = false;
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    separate();
    append_json_string(*out_, value);
    return *this;
  }
  // A finished JSON value, taken as it is.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_->append(json);
    return *this;
  }
  template <std::integral T>
  JsonWriter& number(T value) {
    return raw(fmt::format_int(value).c_str());
  }
  JsonWriter& real(double value) { return raw(fmt::format("{:.3f}", value)); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }

  // Key and value in one.
  JsonWriter& member(std::string_view name, std::string_view value) {
    return key(name).text(value);
  }
  template <std::integral T>
  JsonWriter& member(std::string_view name, T value) {
    if constexpr (std::same_as<T, bool>) {
      return key(name).boolean(value);
    } else {
      return key(name).number(value);
    }
  }
  JsonWriter& member(std::string_view name, const char* value) { return key(name).text(value); }
  JsonWriter& raw_member(std::string_view name, std::string_view json) {
    return key(name).raw(json);
  }
  // Nothing at all when `value` is empty.
  JsonWriter& optional_member(std::string_view name, std::string_view value) {
    return value.empty() ? *this : member(name, value);
  }

 private:
  void separate() {
    if (comma_) out_->push_back(',');
    comma_ = true;
  }
  JsonWriter& open(char bracket) {
    separate();
    out_->push_back(bracket);
    comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_->push_back(bracket);
    comma_ = true;
    return *this;
  }

  std::string* out_;
  bool comma_ = false;
};

}  // namespace daybook
