// SPDX-License-Identifier: Apache-2.0
//
// JSON texts: checking them without changing a byte, and writing small ones.
// Reading is simdjson's; this is the one adapter that lets nothing of it escape.
// Thread-safe: every thread has a parser of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/error.h"

namespace daybook {

// Levels of arrays and objects, empty ones too, beyond which a text is refused.
inline constexpr std::size_t kMaxJsonDepth = 512;

// True when `text` is exactly one JSON value (RFC 8259) in valid UTF-8.
// Errors: InvalidArgument, with what is wrong.
[[nodiscard]] Result<void> check_json(std::string_view text);
// The same for what is stored already: early versions did not count an innermost
// empty array or object, so it may have one level more.
[[nodiscard]] Result<void> check_stored_json(std::string_view text);

// `text` as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_quote(std::string_view text);

}  // namespace daybook
