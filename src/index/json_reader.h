// SPDX-License-Identifier: Apache-2.0
//
// Picks single values out of JSON texts without building a document: what
// filters and the index need of an event's data. Reads a key wherever it is
// written with escapes; of keys given twice the first counts. Depth costs
// nothing: what is not asked for is skipped, not entered.
//
// The adapter to simdjson in this room. Not thread-safe; memory is kept between
// texts up to kMaxKeptBytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/error.h"

namespace daybook::views {

// One step into a JSON value: a member of an object or an item of an array.
struct JsonStep {
  std::string key;
  std::optional<std::uint64_t> item;  // set: an item, and `key` means nothing
};
using JsonPath = std::vector<JsonStep>;  // empty: the whole value

// "a.b[0].c", "$.a", "a[\"b.c\"]", "a.\"b.c\"". Errors: InvalidArgument, with the position.
[[nodiscard]] Result<JsonPath> parse_path(std::string_view text);

struct JsonScalar {
  enum class Kind : std::uint8_t { Null, Bool, Number, String, Container };
  Kind kind = Kind::Null;
  bool boolean = false;
  long double number = 0;  // beyond its range: infinite
  std::string text;        // of a string, unescaped; else as written; empty for a container
};

// The number at the start of a JSON number token.
[[nodiscard]] long double number_of(std::string_view token);

class JsonReader {
 public:
  JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  // Takes a text to read from; it is copied. False when it is not JSON at all.
  bool load(std::string_view text);
  // The value at a path of the loaded text; nullopt when there is none.
  [[nodiscard]] std::optional<JsonScalar> at(const JsonPath& path);

 private:
  static constexpr std::size_t kMaxKeptBytes = std::size_t{1} << 20;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What the index takes from an event's data: members of the outermost object
// that are strings and fit to be names; else empty.
struct DataNames {
  std::string event_class;  // "event_class"
  std::string subsystem;    // "subsystem"
};
[[nodiscard]] DataNames names_in(JsonReader& reader, std::string_view json);

}  // namespace daybook::views
