// SPDX-License-Identifier: Apache-2.0
//
// Dollars as exact decimals: costs of single answers are far below a cent, and sums
// of rounded ones drift.
#include <charconv>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "daybook/transcript.h"

namespace daybook {
namespace {

constexpr int kPlaces = 12;
constexpr std::size_t kMinPlaces = 2;
constexpr int kMaxExponent = 400;
constexpr std::size_t kMaxMoneyText = 400;
constexpr std::uint64_t kPerDollar = 1'000'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal text taken apart.
struct Decimal {
  bool negative = false;
  std::string digits;  // without the point
  int point = 0;       // how many of them stand before it; may be negative or beyond
};

bool read_exponent(std::string_view text, int& point) {
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return false;
  point += exponent;
  return true;
}

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal result;
  if (text.size() > kMaxMoneyText) return std::nullopt;
  if (text.starts_with('-')) {
    result.negative = true;
    text.remove_prefix(1);
  }
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) result.digits.push_back(text[at++]);
  result.point = static_cast<int>(result.digits.size());
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) result.digits.push_back(text[at++]);
  }
  if (result.digits.empty() || !read_exponent(text.substr(at), result.point)) return std::nullopt;
  return result;
}

}  // namespace

std::string to_string(Money money) {
  const bool negative = money.picodollars < 0;
  const std::uint64_t amount = negative ? 0 - static_cast<std::uint64_t>(money.picodollars)
                                        : static_cast<std::uint64_t>(money.picodollars);
  std::string places = fmt::format("{:0{}}", amount % kPerDollar, kPlaces);
  const std::size_t last = places.find_last_not_of('0');
  places.resize(std::max(kMinPlaces, last == std::string::npos ? 0 : last + 1));
  return fmt::format("{}{}.{}", negative ? "-" : "", amount / kPerDollar, places);
}

Result<Money> parse_money(std::string_view text) {
  const auto refuse = [&] {
    return fail(Errc::InvalidArgument,
                fmt::format("'{}' is not an amount of dollars", text.substr(0, kMaxMoneyText)),
                "write a decimal number below nine million, such as 0.0125");
  };
  const auto decimal = read_decimal(text);
  if (!decimal) return refuse();
  std::int64_t picodollars = 0;
  const int places = decimal->point + kPlaces;
  for (int i = 0; i < places; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const int digit = index < decimal->digits.size() ? decimal->digits[index] - '0' : 0;
    if (__builtin_mul_overflow(picodollars, std::int64_t{10}, &picodollars) ||
        __builtin_add_overflow(picodollars, std::int64_t{digit}, &picodollars)) {
      return refuse();
    }
  }
  return Money{decimal->negative ? -picodollars : picodollars};
}

}  // namespace daybook
