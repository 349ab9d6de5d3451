// SPDX-License-Identifier: Apache-2.0
//
// Texts as they travel: hexadecimal, base64 (RFC 4648, section 4, with padding)
// and UTF-8. All pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace daybook {

[[nodiscard]] std::string to_hex(ByteView bytes);  // lower case
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

[[nodiscard]] std::string to_base64(ByteView bytes);
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);  // strict

[[nodiscard]] bool is_utf8(std::string_view text);
// Also without control characters (U+0000..U+001F, U+007F): fit to be a name.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace daybook
