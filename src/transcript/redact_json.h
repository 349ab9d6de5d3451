// SPDX-License-Identifier: Apache-2.0
//
// Changes strings inside a JSON text and nothing else: every byte outside of a
// changed string stays as it was. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::transcript {

// Gets a string's content, unescaped, and the name of the member whose value it is
// (empty: of none). Returns what to put in its place; nothing to leave it.
using StringRewriter =
    std::function<std::optional<std::string>(std::string_view text, std::string_view name)>;

// Nothing when nothing was changed. `json` must be valid JSON.
[[nodiscard]] std::optional<std::string> rewrite_strings(std::string_view json,
                                                         const StringRewriter& rewrite);

}  // namespace daybook::transcript
