// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace daybook {
namespace {

Bytes random_bytes(testing::Random& random, std::size_t count) {
  Bytes bytes(count);
  random.fill(bytes);
  return bytes;
}

// Bit by bit, as the polynomial says: slow, short, and beyond doubt.
std::uint32_t crc32c_by_bits(ByteView bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

TEST(Crc32c, GivesThePublishedValues) {
  Bytes ascending(32);
  Bytes descending(32);
  for (std::uint8_t i = 0; i < 32; ++i) {
    ascending[i] = i;
    descending[i] = static_cast<std::uint8_t>(31 - i);
  }
  for (const auto crc : {crc32c, crc32c_portable}) {
    EXPECT_EQ(crc({}, 0), 0U);
    EXPECT_EQ(crc(as_bytes("123456789"), 0), 0xE3069283U);
    EXPECT_EQ(crc(as_bytes("a"), 0), 0xC1D04330U);
    EXPECT_EQ(crc(Bytes(32, 0x00), 0), 0x8A9136AAU);  // RFC 3720, appendix B.4, as the next three
    EXPECT_EQ(crc(Bytes(32, 0xFF), 0), 0x62A8AB43U);
    EXPECT_EQ(crc(ascending, 0), 0x46DD794EU);
    EXPECT_EQ(crc(descending, 0), 0x113FDB5CU);
  }
}

TEST(Crc32c, BothWaysAgreeAtEveryShortLength) {
  testing::Random random(1);
  const Bytes bytes = random_bytes(random, 700);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    for (std::size_t size = 0; size + offset <= bytes.size(); ++size) {
      const ByteView piece = ByteView(bytes).subspan(offset, size);
      ASSERT_EQ(crc32c(piece), crc32c_portable(piece)) << "offset " << offset << " size " << size;
    }
  }
}

TEST(Crc32c, BothWaysAgreeWithTheDefinition) {
  testing::Random random(2);
  for (int i = 0; i < 200; ++i) {
    const Bytes bytes = random_bytes(random, random.below(9000));
    const std::uint32_t expected = crc32c_by_bits(bytes);
    ASSERT_EQ(crc32c(bytes), expected) << "size " << bytes.size();
    ASSERT_EQ(crc32c_portable(bytes), expected) << "size " << bytes.size();
  }
}

TEST(Crc32c, ContinuesFromAnEarlierResult) {
  testing::Random random(3);
  const Bytes bytes = random_bytes(random, 5000);
  const std::uint32_t whole = crc32c(bytes);
  for (int i = 0; i < 200; ++i) {
    const std::size_t cut = random.between(0, bytes.size());
    const ByteView head = ByteView(bytes).first(cut);
    const ByteView tail = ByteView(bytes).subspan(cut);
    ASSERT_EQ(crc32c(tail, crc32c(head)), whole) << "cut " << cut;
    ASSERT_EQ(crc32c_portable(tail, crc32c(head)), whole) << "cut " << cut;
  }
}

TEST(Crc32c, EveryFlippedBitChangesIt) {
  testing::Random random(4);
  Bytes bytes = random_bytes(random, 300);
  const std::uint32_t before = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    ASSERT_NE(crc32c(bytes), before) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

}  // namespace
}  // namespace daybook
