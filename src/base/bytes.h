// SPDX-License-Identifier: Apache-2.0
//
// Little-endian loads and stores, alignment, and views between text and bytes.
// All pure; callers check bounds first (every length is checked against a
// limit before it is trusted).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace daybook {

static_assert(std::endian::native == std::endian::little, "loads and stores assume little-endian");

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

template <class T>
[[nodiscard]] inline T load(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
inline void store(std::uint8_t* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

[[nodiscard]] constexpr std::uint64_t align8(std::uint64_t value) { return (value + 7) & ~7ULL; }

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// True when every byte is zero.
[[nodiscard]] inline bool all_zero(ByteView bytes) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    if (load<std::uint64_t>(p) != 0) return false;
  }
  for (; left > 0; ++p, --left) {
    if (*p != 0) return false;
  }
  return true;
}

}  // namespace daybook
