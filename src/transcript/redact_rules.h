// SPDX-License-Identifier: Apache-2.0
//
// The built-in redaction rules: what keys and tokens of common services look like.
// A rule has words that its secrets begin with and a pattern that is tried at the
// word; what a pattern cannot say (a password has digits, an example is none) is
// said by a check of what it found. docs/import.md lists them. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace daybook::transcript {

// What stands in front of the word.
enum class Before : std::uint8_t {
  Anything,
  NoWord,  // no letter, digit, '_' or '-': the word begins there
};

// What has to hold for the text that would be replaced.
enum class Check : std::uint8_t {
  None,
  Mixed,      // at least a digit, a capital and a small letter
  NoExample,  // no word that stands for a secret, no variable
  Password,   // the same, no expression, and both letters and digits
};

struct BuiltinRule {
  std::string_view name;
  std::string_view words;    // separated by spaces; small letters match both cases when
                             // `any_case` is set
  std::string_view pattern;  // RE2; its first group is replaced when it has one, else all
  Before before = Before::NoWord;
  Check check = Check::None;
  bool any_case = false;
};
[[nodiscard]] std::span<const BuiltinRule> builtin_rules();

[[nodiscard]] bool passes(Check check, std::string_view found);

// Whether a member of a JSON object is called like a password: "api_key", "clientSecret".
[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace daybook::transcript
