// SPDX-License-Identifier: Apache-2.0
#include "daybook/types.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"

namespace daybook {
namespace {

constexpr std::size_t kUlidChars = 26;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// What a character stands for, or -1. I, L, O and U are not in the alphabet.
constexpr auto kCrockfordValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kCrockford.size(); ++i) {
    const char upper = kCrockford[i];
    values[static_cast<unsigned char>(upper)] = static_cast<std::int8_t>(i);
    if (upper >= 'A') {
      values[static_cast<unsigned char>(upper - 'A' + 'a')] = static_cast<std::int8_t>(i);
    }
  }
  return values;
}();

std::unexpected<Error> bad_event_id(std::string_view text, std::string_view why) {
  return fail(Errc::InvalidArgument, fmt::format("\"{}\" is not an event id: {}", text, why),
              "an event id is 26 characters of Crockford's base 32, as printed by show and query");
}

}  // namespace

std::string to_string(const EventId& id) {
  std::string text(kUlidChars, '0');
  // 26 characters carry 130 bits: the two above the 128 of the id are zero.
  std::uint64_t high = __builtin_bswap64(load<std::uint64_t>(id.bytes.data()));
  std::uint64_t low = __builtin_bswap64(load<std::uint64_t>(id.bytes.data() + 8));
  for (std::size_t i = kUlidChars; i-- > 0;) {
    text[i] = kCrockford[low & 31];
    low = (low >> 5) | (high << 59);
    high >>= 5;
  }
  return text;
}

Result<EventId> parse_event_id(std::string_view text) {
  if (text.size() != kUlidChars) {
    return bad_event_id(text.substr(0, 64), fmt::format("it has {} characters", text.size()));
  }
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (const char c : text) {
    const std::int8_t value = kCrockfordValues[static_cast<unsigned char>(c)];
    if (value < 0) return bad_event_id(text, "it has a character outside the alphabet");
    high = (high << 5) | (low >> 59);
    low = (low << 5) | static_cast<std::uint64_t>(value);
  }
  if (text.front() > '7') return bad_event_id(text, "it is larger than 128 bits");
  EventId id;
  store(id.bytes.data(), __builtin_bswap64(high));
  store(id.bytes.data() + 8, __builtin_bswap64(low));
  return id;
}

std::string to_string(const Digest& digest) { return to_hex(digest.bytes); }

Result<Digest> parse_digest(std::string_view text) {
  Digest digest;
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != digest.bytes.size()) {
    return fail(Errc::InvalidArgument,
                fmt::format("\"{}\" is not a SHA-256 hash", text.substr(0, 80)),
                "a hash is 64 hexadecimal characters");
  }
  std::copy(bytes->begin(), bytes->end(), digest.bytes.begin());
  return digest;
}

}  // namespace daybook
