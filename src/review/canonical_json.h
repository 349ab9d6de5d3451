// SPDX-License-Identifier: Apache-2.0
//
// JSON in one spelling: compact, members sorted by name. Two texts that say the
// same become the same. Also the door of this room to simdjson's DOM. Pure; the
// parser is the thread's own, so an element is valid until the next parse_json().
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace daybook::review {

[[nodiscard]] std::optional<simdjson::dom::element> parse_json(std::string_view text);
[[nodiscard]] std::string canonical_json(simdjson::dom::element value);
// `text` itself when it is no JSON.
[[nodiscard]] std::string canonical_json(std::string_view text);

}  // namespace daybook::review
