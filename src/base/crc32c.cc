// SPDX-License-Identifier: Apache-2.0
//
// The instruction takes 8 bytes at a time but answers only three cycles later,
// so three stretches of the input run side by side. Joining them needs
// crc * x^n mod P for the distance between the stretches: one carry-less
// multiplication by a constant from a table, reduced by the CRC instruction of
// the word that follows.
#include "base/crc32c.h"

#include <algorithm>
#include <array>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace daybook {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected

// kTables[k][b]: the CRC of byte b followed by k zero bytes.
constexpr auto kTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}();

#if defined(__x86_64__)

constexpr std::size_t kMinLaneWords = 4;    // below, joining costs more than it saves
constexpr std::size_t kMaxLaneWords = 128;  // 3 KiB a round

// kShifts[n]: x^(64 n - 33) mod P, bit-reflected. Multiplying a CRC by it, and
// handing the product to the CRC instruction as the next word, moves the CRC
// over 8 n bytes. The 33: the instruction multiplies by x^32 itself, and a
// carry-less product of reflected factors is off by one bit.
constexpr auto kShifts = [] {
  std::array<std::uint32_t, 2 * kMaxLaneWords + 2> shifts{};
  std::uint32_t power = 0x80000000;  // x^0
  std::size_t exponent = 0;
  for (std::size_t n = 1; n < shifts.size(); ++n) {
    for (; exponent < 64 * n - 33; ++exponent) {
      power = power >> 1 ^ (power & 1 ? kPolynomial : 0);
    }
    shifts[n] = power;
  }
  return shifts;
}();

__attribute__((target("sse4.2,pclmul"))) inline std::uint64_t shifted(std::uint64_t crc,
                                                                      std::size_t words) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)),
                           _mm_cvtsi32_si128(static_cast<int>(kShifts[words])), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

// Three lanes of `lane` words each, then one word that joins them.
__attribute__((target("sse4.2,pclmul"))) inline std::uint64_t three_lanes(const std::uint8_t* p,
                                                                          std::size_t lane,
                                                                          std::uint64_t crc) {
  std::uint64_t first = crc;
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  const std::size_t lane_bytes = 8 * lane;
  for (const std::uint8_t* const end = p + lane_bytes; p != end; p += 8) {
    first = _mm_crc32_u64(first, load<std::uint64_t>(p));
    second = _mm_crc32_u64(second, load<std::uint64_t>(p + lane_bytes));
    third = _mm_crc32_u64(third, load<std::uint64_t>(p + 2 * lane_bytes));
  }
  const std::uint64_t moved = shifted(first, 2 * lane + 1) ^ shifted(second, lane + 1);
  return _mm_crc32_u64(third, load<std::uint64_t>(p + 2 * lane_bytes) ^ moved);
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t crc32c_hardware(ByteView bytes,
                                                                       std::uint32_t seed) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = ~seed;
  while (left >= 8 * (3 * kMinLaneWords + 1)) {
    const std::size_t lane = std::min(kMaxLaneWords, (left / 8 - 1) / 3);
    crc = three_lanes(p, lane, crc);
    p += 8 * (3 * lane + 1);
    left -= 8 * (3 * lane + 1);
  }
  for (; left >= 8; p += 8, left -= 8) crc = _mm_crc32_u64(crc, load<std::uint64_t>(p));
  auto rest = static_cast<std::uint32_t>(crc);
  if ((left & 4) != 0) {
    rest = _mm_crc32_u32(rest, load<std::uint32_t>(p));
    p += 4;
  }
  if ((left & 2) != 0) {
    rest = _mm_crc32_u16(rest, load<std::uint16_t>(p));
    p += 2;
  }
  if ((left & 1) != 0) rest = _mm_crc32_u8(rest, *p);
  return ~rest;
}

#endif

}  // namespace

std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t seed) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t crc = ~seed;
  for (; left >= 8; p += 8, left -= 8) {
    const std::uint64_t word = load<std::uint64_t>(p) ^ crc;
    crc = kTables[7][word & 0xFF] ^ kTables[6][word >> 8 & 0xFF] ^ kTables[5][word >> 16 & 0xFF] ^
          kTables[4][word >> 24 & 0xFF] ^ kTables[3][word >> 32 & 0xFF] ^
          kTables[2][word >> 40 & 0xFF] ^ kTables[1][word >> 48 & 0xFF] ^ kTables[0][word >> 56];
  }
  for (; left > 0; ++p, --left) crc = crc >> 8 ^ kTables[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) {
    return crc32c_hardware(bytes, seed);
  }
#endif
  return crc32c_portable(bytes, seed);
}

}  // namespace daybook
