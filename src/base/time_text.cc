// SPDX-License-Identifier: Apache-2.0
//
// Times and durations as text: RFC 3339 (daybook/types.h) and what people type
// on a command line (base/clock.h). Pure; the clock itself is in clock.cc.
#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "daybook/types.h"

namespace daybook {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
constexpr std::int64_t kDaysPer400Years = 146'097;
constexpr std::int64_t kFirstDay = -719'162;  // 0001-01-01
constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31
constexpr int kMaxFractionDigits = 9;
constexpr std::size_t kMaxShownBytes = 64;  // of a wrong text, in a message

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

constexpr bool in_range(std::int64_t micros) {
  return micros >= kFirstDay * kMicrosPerDay && micros < (kLastDay + 1) * kMicrosPerDay;
}

void put_digits(char* to, std::uint64_t value, int count) {
  for (int i = count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

// Takes pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool take(char wanted) { return take_any(std::string_view(&wanted, 1)).has_value(); }

  std::optional<char> take_any(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return std::nullopt;
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool at_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }

 private:
  std::string_view rest_;
};

// Why a text is no time; empty when it is one.
struct Parsed {
  std::int64_t micros = 0;
  std::string_view problem;
};

Parsed problem(std::string_view what) { return {.micros = 0, .problem = what}; }

Parsed parse_date(Scanner& in) {
  const auto year = in.digits(4);
  if (!year || !in.take('-')) return problem("it does not start with YYYY-MM-DD");
  const auto month = in.digits(2);
  if (!month || !in.take('-')) return problem("it does not start with YYYY-MM-DD");
  const auto day = in.digits(2);
  if (!day) return problem("it does not start with YYYY-MM-DD");
  if (*year < 1) return problem("years are 0001 to 9999");
  if (*month < 1 || *month > 12) return problem("months are 01 to 12");
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return problem("that month has no such day");
  return {.micros = std::chrono::sys_days(date).time_since_epoch().count() * kMicrosPerDay,
          .problem = {}};
}

// Digits below a microsecond are read and dropped.
Parsed parse_fraction(Scanner& in) {
  std::int64_t micros = 0;
  int count = 0;
  for (; in.at_digit(); ++count) {
    if (count == kMaxFractionDigits) return problem("a second has at most 9 decimal places");
    const int digit = in.digits(1).value_or(0);
    if (count < 6) micros = micros * 10 + digit;
  }
  if (count == 0) return problem("digits are missing after the decimal point");
  for (; count < 6; ++count) micros *= 10;
  return {.micros = micros, .problem = {}};
}

// How far local time is ahead of UTC.
Parsed parse_offset(Scanner& in) {
  if (in.take_any("Zz")) return {};
  const auto sign = in.take_any("+-");
  if (!sign) return problem("it ends without Z or an offset like +02:00");
  const auto hours = in.digits(2);
  if (!hours || !in.take(':')) return problem("offsets look like +02:00");
  const auto minutes = in.digits(2);
  if (!minutes) return problem("offsets look like +02:00");
  if (*hours > 23 || *minutes > 59) return problem("offsets are at most 23:59");
  const std::int64_t seconds = (*hours * 60 + *minutes) * 60;
  return {.micros = (*sign == '-' ? -seconds : seconds) * kMicrosPerSecond, .problem = {}};
}

// "HH:MM:SS", its fraction and its offset: what to add to midnight UTC.
Parsed parse_time_of_day(Scanner& in) {
  const auto hour = in.digits(2);
  if (!hour || !in.take(':')) return problem("the time of day is not HH:MM:SS");
  const auto minute = in.digits(2);
  if (!minute || !in.take(':')) return problem("the time of day is not HH:MM:SS");
  const auto second = in.digits(2);
  if (!second) return problem("the time of day is not HH:MM:SS");
  if (*hour > 23 || *minute > 59 || *second > 60) return problem("no such time of day");
  Parsed fraction;
  if (in.take('.')) fraction = parse_fraction(in);
  if (!fraction.problem.empty()) return fraction;
  const Parsed offset = parse_offset(in);
  if (!offset.problem.empty()) return offset;
  const std::int64_t seconds = (*hour * 60 + *minute) * 60 + *second;
  const std::int64_t utc = seconds * kMicrosPerSecond - offset.micros;
  // RFC 3339 writes a leap second as 23:59:60 UTC; here it is the next second.
  if (*second == 60 && utc % kMicrosPerDay != 0) return problem("no such time of day");
  return {.micros = utc + fraction.micros, .problem = {}};
}

Parsed parse_rfc3339(std::string_view text) {
  Scanner in(text);
  Parsed result = parse_date(in);
  if (!result.problem.empty() || in.at_end()) return result;
  if (!in.take_any("Tt ")) return problem("the date is not followed by T and a time of day");
  const Parsed time = parse_time_of_day(in);
  if (!time.problem.empty()) return time;
  if (!in.at_end()) return problem("something follows the time");
  result.micros += time.micros;
  if (!in_range(result.micros)) return problem("years are 0001 to 9999");
  return result;
}

struct Unit {
  std::string_view name;
  std::int64_t micros;
};

constexpr std::array kUnits = {
    Unit{"ms", 1000},
    Unit{"s", kMicrosPerSecond},
    Unit{"m", 60 * kMicrosPerSecond},
    Unit{"h", 3600 * kMicrosPerSecond},
    Unit{"d", kMicrosPerDay},
    Unit{"w", 7 * kMicrosPerDay},
};

std::unexpected<Error> bad_duration(std::string_view text, std::string_view why) {
  return fail(Errc::InvalidArgument,
              fmt::format("\"{}\" is not a duration: {}", text.substr(0, kMaxShownBytes), why),
              "write a whole number and one unit: 250ms, 90s, 15m, 24h, 7d or 2w");
}

}  // namespace

std::string to_string(Timestamp time) {
  const std::int64_t days = floor_div(time.micros, kMicrosPerDay);
  const std::int64_t remainder = time.micros % kMicrosPerDay;
  const auto rest =
      static_cast<std::uint64_t>(remainder < 0 ? remainder + kMicrosPerDay : remainder);
  // The calendar repeats every 400 years, and the library's years end at 32767.
  const std::int64_t era = floor_div(days, kDaysPer400Years);
  const std::chrono::year_month_day date(
      std::chrono::sys_days(std::chrono::days(days - era * kDaysPer400Years)));
  const std::int64_t year = int{date.year()} + 400 * era;
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text.data() + 5, unsigned{date.month()}, 2);
  put_digits(text.data() + 8, unsigned{date.day()}, 2);
  put_digits(text.data() + 11, rest / 3'600'000'000, 2);
  put_digits(text.data() + 14, rest / 60'000'000 % 60, 2);
  put_digits(text.data() + 17, rest / 1'000'000 % 60, 2);
  put_digits(text.data() + 20, rest % 1'000'000, 6);
  if (year >= 0 && year <= 9999) {
    put_digits(text.data(), static_cast<std::uint64_t>(year), 4);
    return text;
  }
  return fmt::format("{:+05}{}", year, text.substr(4));  // as ISO 8601 expands it
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const Parsed parsed = parse_rfc3339(text);
  if (parsed.problem.empty()) return Timestamp{parsed.micros};
  return fail(
      Errc::InvalidArgument,
      fmt::format("\"{}\" is not a time: {}", text.substr(0, kMaxShownBytes), parsed.problem),
      "write RFC 3339, like 2026-11-20T08:06:23Z, or a date, like 2026-11-20");
}

Result<std::chrono::microseconds> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return bad_duration(text, "it does not start with a number");
  const std::string_view name = text.substr(digits);
  for (const Unit& unit : kUnits) {
    if (name != unit.name) continue;
    std::int64_t value = 0;
    for (const char c : text.substr(0, digits)) {
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, c - '0', &value)) {
        return bad_duration(text, "it is too long");
      }
    }
    if (__builtin_mul_overflow(value, unit.micros, &value)) {
      return bad_duration(text, "it is too long");
    }
    return std::chrono::microseconds(value);
  }
  return bad_duration(text, name.empty() ? "it has no unit" : "its unit is unknown");
}

Result<Timestamp> parse_when(std::string_view text, Timestamp now) {
  const Parsed moment = parse_rfc3339(text);
  if (moment.problem.empty()) return Timestamp{moment.micros};
  const auto ago = parse_duration(text);
  if (ago) {
    std::int64_t micros = 0;
    if (!__builtin_sub_overflow(now.micros, ago->count(), &micros) && in_range(micros)) {
      return Timestamp{micros};
    }
    return fail(Errc::InvalidArgument, fmt::format("\"{}\" ago is before the year 0001", text));
  }
  // Whoever wrote a date is told what is wrong with it.
  const bool looks_like_a_date = text.size() > 4 && text[4] == '-';
  return fail(
      Errc::InvalidArgument,
      fmt::format("\"{}\" is not a moment: {}", text.substr(0, kMaxShownBytes),
                  looks_like_a_date ? moment.problem : "it is neither a time nor a duration"),
      "write a time (2026-11-20T08:06:23Z), a date (2026-11-20) or how long ago (24h)");
}

}  // namespace daybook
