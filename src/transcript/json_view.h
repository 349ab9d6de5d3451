// SPDX-License-Identifier: Apache-2.0
//
// Looking into a line that simdjson has parsed, without its error codes: whatever
// is missing or of another type is simply not there. Views point into the parser's
// memory and are valid until the next line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "daybook/transcript.h"
#include "daybook/types.h"

namespace daybook::transcript {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// A member, or none. Of several with the same name: the first.
[[nodiscard]] std::optional<element> find(object from, std::string_view key);
[[nodiscard]] std::optional<object> find_object(object from, std::string_view key);
[[nodiscard]] std::optional<array> find_array(object from, std::string_view key);

// A text member; empty when there is none or it is not a string.
[[nodiscard]] std::string_view text_at(object from, std::string_view key);
// An unsigned number; a negative or fractional one is none.
[[nodiscard]] std::optional<std::uint64_t> unsigned_at(object from, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> integer_at(object from, std::string_view key);
// None when it is missing or no boolean.
[[nodiscard]] std::optional<bool> bool_at(object from, std::string_view key);
// A time in RFC 3339, or in seconds or milliseconds since 1970; none when it is neither.
[[nodiscard]] std::optional<Timestamp> time_at(object from, std::string_view key);
// A number or decimal text.
[[nodiscard]] std::optional<Money> money_at(object from, std::string_view key);

[[nodiscard]] std::optional<object> as_object(element value);
[[nodiscard]] std::optional<array> as_array(element value);
[[nodiscard]] std::optional<std::string_view> as_text(element value);

// Appends a value as compact JSON, members in their order.
void append_json(std::string& out, element value);

}  // namespace daybook::transcript
