// SPDX-License-Identifier: Apache-2.0
//
// RE2 over std::string_view, which older releases of it do not take.
#pragma once

#include <re2/re2.h>

#include <string_view>

namespace daybook {

[[nodiscard]] inline re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

// Whether the pattern is found anywhere in the text.
[[nodiscard]] inline bool matches(std::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(piece(text), pattern);
}

}  // namespace daybook
