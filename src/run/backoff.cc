// SPDX-License-Identifier: Apache-2.0
#include "run/backoff.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/clock.h"

namespace daybook {
namespace {

constexpr std::string_view kSeparator = "..";

}  // namespace

Result<Backoff> parse_backoff(std::string_view text) {
  const std::size_t separator = text.find(kSeparator);
  const bool constant = separator == std::string_view::npos;
  auto first = parse_duration(text.substr(0, separator));
  auto longest = constant ? first : parse_duration(text.substr(separator + kSeparator.size()));
  if (!first || !longest || *first > *longest || *longest > kMaxWait) {
    return fail(Errc::InvalidArgument, fmt::format("'{}' is no range of pauses", text),
                "write the first and the longest pause, like 1s..5m, or one pause, like 10s");
  }
  return Backoff{.first = *first, .longest = *longest};
}

std::uint64_t backoff_micros(const Backoff& backoff, std::uint32_t failed, Entropy& entropy) {
  const auto first = static_cast<std::uint64_t>(backoff.first.count());
  const auto longest = static_cast<std::uint64_t>(backoff.longest.count());
  std::uint64_t pause = std::min(first, longest);
  for (std::uint32_t i = 1; i < failed && pause < longest && pause != 0; ++i) {
    pause = std::min(pause * 2, longest);
  }
  std::array<std::uint8_t, 8> random{};
  entropy.fill(random);
  const std::uint64_t shorter = load<std::uint64_t>(random.data()) % (pause / 2 + 1);
  return std::max(pause - shorter, std::min(first, longest));
}

}  // namespace daybook
