// SPDX-License-Identifier: Apache-2.0
//
// The events every contestant stores: JSON texts of exactly 256 bytes, all
// different, each with one of 1000 streams and one of 10 types. Made from a
// seed before any clock runs. Immutable afterwards, so any thread may read.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/event.h"

namespace daybook::bench {

inline constexpr std::size_t kPayloadBytes = 256;
inline constexpr std::size_t kStreams = 1000;
inline constexpr std::size_t kTypes = 10;

// Names as agents use them: "session/0042", "call/finished".
[[nodiscard]] const std::vector<std::string>& stream_names();
[[nodiscard]] const std::vector<std::string>& type_names();

// Writes one JSON object of kPayloadBytes into `to`.
void write_payload(std::uint64_t number, std::mt19937_64& random, std::span<char> to);

// A ring of events to append. Runs of up to kRingEvents/2 are contiguous.
class Ring {
 public:
  static constexpr std::size_t kRingEvents = 16'384;

  Ring();
  // `count` events, starting near `first`, as raw bytes or as Daybook's type.
  [[nodiscard]] std::string_view bytes(std::uint64_t first, std::size_t count) const {
    return {text_.data() + start(first, count) * kPayloadBytes, count * kPayloadBytes};
  }
  [[nodiscard]] std::span<const NewEvent> events(std::uint64_t first, std::size_t count) const {
    return {events_.data() + start(first, count), count};
  }
  [[nodiscard]] std::string_view payload(std::uint64_t index) const { return bytes(index, 1); }
  [[nodiscard]] std::uint32_t stream(std::uint64_t index) const { return stream_[start(index, 1)]; }
  [[nodiscard]] std::uint32_t type(std::uint64_t index) const { return type_[start(index, 1)]; }

 private:
  [[nodiscard]] static std::size_t start(std::uint64_t first, std::size_t count) {
    const std::size_t at = first % kRingEvents;
    return at + count <= kRingEvents ? at : 0;
  }

  std::string text_;
  std::vector<NewEvent> events_;
  std::vector<std::uint32_t> stream_;
  std::vector<std::uint32_t> type_;
};

// One ring for the whole program.
[[nodiscard]] const Ring& ring();

}  // namespace daybook::bench
