// SPDX-License-Identifier: Apache-2.0
//
// Texts as digests and titles quote them: one line each, whatever was said, and
// cut at characters, never inside one. Pure.
#pragma once

#include <string>
#include <string_view>

namespace daybook::review {

// 'text' in single quotes; backslash, quote and control characters are escaped.
[[nodiscard]] std::string repr(std::string_view text);

// Line breaks and other control characters become spaces, several of them one;
// none at the ends.
[[nodiscard]] std::string one_line(std::string_view text);

// The first `characters` of a text, with `tail` behind when something was cut off.
[[nodiscard]] std::string cut(std::string_view text, std::size_t characters, std::string_view tail);

// A UUID as its first group and "-...", any other long name as its start.
[[nodiscard]] std::string short_session(std::string_view session);

}  // namespace daybook::review
