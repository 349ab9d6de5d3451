// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"

#include <algorithm>

#include <fmt/format.h>

namespace daybook {
namespace {

constexpr std::size_t kMinWordBytes = 3;   // shorter ones are near to everything
constexpr std::size_t kMaxWordBytes = 64;  // nobody mistypes longer words

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  if (word.size() < kMinWordBytes || word.size() > kMaxWordBytes) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMaxWordBytes) continue;
    std::size_t distance = edit_distance(word, candidate);
    // A word that was cut short is nearer than its length says.
    if (word.size() >= 3 && candidate.starts_with(word)) distance = 1;
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view otherwise) {
  if (const auto near = nearest(word, candidates)) return fmt::format("did you mean '{}'?", *near);
  return std::string(otherwise);
}

}  // namespace daybook
