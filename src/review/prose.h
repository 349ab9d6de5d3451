// SPDX-License-Identifier: Apache-2.0
//
// What somebody says in a text, apart from what he shows: code, quotes, pasted
// output, diffs, paths and addresses are blanked, byte for byte, so that a place
// in the blanked text is the same place in the text. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daybook::review {

inline constexpr std::size_t kMaxProseBytes = std::size_t{64} << 10;  // the rest is not looked at
inline constexpr std::size_t kMaxContextCharacters = 300;

// `text`, at most kMaxProseBytes of it, with everything that is not its writer's own
// words replaced: whole lines and blocks by spaces, parts of a line by "_".
[[nodiscard]] std::string own_words(std::string_view text);

// The sentence around [begin, end), of at most kMaxContextCharacters; `words` is
// own_words(text). Line breaks and spaces become single spaces.
[[nodiscard]] std::string sentence_around(std::string_view text, std::string_view words,
                                          std::size_t begin, std::size_t end);

// Where the sentence around `place` begins and ends in `words`.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
[[nodiscard]] Span sentence_at(std::string_view words, std::size_t begin, std::size_t end);

// The first `count` characters (code points), never half of one.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count);
// As many whole characters at the end as `bytes` allow.
[[nodiscard]] std::string_view last_bytes(std::string_view text, std::size_t bytes);
[[nodiscard]] std::string_view trimmed(std::string_view text);
// Letters and digits, bytes beyond ASCII included.
[[nodiscard]] std::size_t count_word_bytes(std::string_view text);

}  // namespace daybook::review
