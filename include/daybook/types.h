// SPDX-License-Identifier: Apache-2.0
//
// The small value types everything else is made of: positions, identities,
// times and hashes. Each is a type of its own, so that a version cannot be
// passed for a sequence number or a time in seconds for one in microseconds.
// All are trivially copyable, ordered, hashable and printable as text.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "daybook/error.h"

namespace daybook {

// Position of an event in the ledger: 1, 2, 3, ... without gaps. The
// transaction number of time travel. Zero means "before the first event".
struct Seq {
  std::uint64_t value = 0;
  friend auto operator<=>(const Seq&, const Seq&) = default;
  [[nodiscard]] constexpr Seq next() const { return Seq{value + 1}; }
};
inline constexpr Seq kFirstSeq{1};
inline constexpr Seq kLastSeq{UINT64_MAX};

// Position of an event within its stream: 1, 2, 3, ... without gaps. Zero is
// the version of a stream that has no events yet.
struct Version {
  std::uint64_t value = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
  [[nodiscard]] constexpr Version next() const { return Version{value + 1}; }
};

// A moment, in microseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
struct Timestamp {
  std::int64_t micros = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// RFC 3339 in UTC with all six digits: "2026-11-20T08:06:23.000125Z".
[[nodiscard]] std::string to_string(Timestamp time);

// Reads RFC 3339 (any offset, 0 to 9 fraction digits; digits below a
// microsecond are dropped) or a bare date, taken as midnight UTC.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

// Identity of an event: a ULID, 48 bits of Unix milliseconds and 80 bits of
// randomness, big-endian. The ledger assigns it at commit and makes it larger
// than every id before it, also when the clock steps back: order by id is
// order by seq.
struct EventId {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const EventId&, const EventId&) = default;
};

// 26 characters of Crockford's base 32, upper case.
[[nodiscard]] std::string to_string(const EventId& id);

// Reads 26 characters, either case. Errors: InvalidArgument.
[[nodiscard]] Result<EventId> parse_event_id(std::string_view text);

// A SHA-256 hash.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// 64 lower-case hexadecimal characters.
[[nodiscard]] std::string to_string(const Digest& digest);

// Reads 64 hexadecimal characters, either case. Errors: InvalidArgument.
[[nodiscard]] Result<Digest> parse_digest(std::string_view text);

}  // namespace daybook

template <>
struct std::hash<daybook::Seq> {
  std::size_t operator()(daybook::Seq seq) const noexcept {
    return std::hash<std::uint64_t>{}(seq.value);
  }
};
template <>
struct std::hash<daybook::EventId> {
  std::size_t operator()(const daybook::EventId& id) const noexcept {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  }
};
template <>
struct std::hash<daybook::Digest> {
  std::size_t operator()(const daybook::Digest& digest) const noexcept {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()));
  }
};
