// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": the one place that guesses what a mistyped word was meant to
// be. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

// Fewest insertions, deletions, replacements and swaps of neighbours that turn
// one word into the other. Cost: product of the lengths.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, when one is near enough to be worth naming.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

// "did you mean 'query'?", or `otherwise` when nothing is near.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::vector<std::string>& candidates,
                                     std::string_view otherwise);

}  // namespace daybook
