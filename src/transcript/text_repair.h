// SPDX-License-Identifier: Apache-2.0
//
// Makes a JSON text fit for the parser that is right but for its characters: broken
// UTF-8 and halves of surrogate pairs become U+FFFD, raw control characters within
// strings become escapes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace daybook::transcript {

// Replaces `out`; true when something was repaired.
[[nodiscard]] bool repair_characters(std::string_view json, std::string& out);

}  // namespace daybook::transcript
