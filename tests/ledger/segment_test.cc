// SPDX-License-Identifier: Apache-2.0
//
// A segment's name and header, and the notes in `tail` and `lock`
// (docs/format.md, 3, 3.1 and 6.2).
#include "ledger/segment.h"

#include <gtest/gtest.h>

#include "ledger/format.h"
#include "ledger/frames.h"
#include "ledger/hint.h"
#include "ledger/note.h"

namespace daybook {
namespace {

using testing::expect;
using testing::MemoryFile;

SegmentHeader header_for(std::uint64_t first_seq) {
  SegmentHeader header;
  header.ledger_id = testing::id_of(0x1234);
  header.key = expect(verifier_key_of("example.com/" + std::to_string(first_seq), Ed25519Seed{7}));
  header.first_seq = Seq{first_seq};
  header.created = Timestamp{-5};
  for (std::uint64_t i = 1; i < first_seq; ++i) header.peaks.append(lost_leaf_hash(Seq{i}));
  return header;
}

TEST(SegmentHeader, ReturnsWhatWasWritten) {
  for (const std::uint64_t first : {1U, 2U, 3U, 8U, 9U, 1000U}) {
    const SegmentHeader header = header_for(first);
    const Bytes bytes = encode_segment_header(header);
    EXPECT_EQ(bytes.size(), format::kSegmentHeaderBytes);
    const SegmentHeader again = expect(decode_segment_header(bytes, "x.seg"));
    EXPECT_EQ(again.ledger_id, header.ledger_id);
    EXPECT_EQ(again.key, header.key);
    EXPECT_EQ(again.first_seq, header.first_seq);
    EXPECT_EQ(again.created, header.created);
    EXPECT_EQ(again.peaks, header.peaks);
    EXPECT_EQ(again.peaks.size() + 1, first);
  }
}

TEST(SegmentHeader, EveryFlippedBitIsFound) {
  Bytes bytes = encode_segment_header(header_for(8));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto flip = static_cast<std::uint8_t>(1U << (at % 8));
    bytes[at] ^= flip;
    const auto header = decode_segment_header(bytes, "x.seg");
    ASSERT_FALSE(header) << "byte " << at;
    EXPECT_EQ(header.error().code, Errc::Corruption) << "byte " << at;
    EXPECT_TRUE(header.error().message.contains("x.seg"));
    bytes[at] ^= flip;
  }
  EXPECT_TRUE(decode_segment_header(bytes, "x.seg"));
}

// What is wrong under a right checksum.
TEST(SegmentHeader, FieldsMustAgree) {
  const auto decode = [](std::size_t offset, auto value) {
    Bytes bytes = encode_segment_header(header_for(8));
    store(bytes.data() + offset, value);
    store(bytes.data() + 8, crc32c(ByteView(bytes).subspan(12)));
    return decode_segment_header(bytes, "x.seg");
  };
  EXPECT_TRUE(decode(40, std::int64_t{99}));
  EXPECT_FALSE(decode(32, std::uint64_t{0})) << "seqs start with 1";
  EXPECT_FALSE(decode(32, std::uint64_t{9})) << "the tree before #9 has 8 leaves";
  EXPECT_FALSE(decode(48, std::uint64_t{8}));
  EXPECT_FALSE(decode(56, std::uint32_t{2})) << "7 leaves have 3 peaks";
  EXPECT_FALSE(decode(56, std::uint32_t{65}));
  EXPECT_FALSE(decode(56, UINT32_MAX));
  EXPECT_FALSE(decode(60, std::uint32_t{12})) << "a letter of the origin would be left over";
  EXPECT_FALSE(decode(60, std::uint32_t{14})) << "an origin has no zero byte";
  EXPECT_FALSE(decode(60, std::uint32_t{257}));
  EXPECT_FALSE(decode(60, UINT32_MAX));
  EXPECT_FALSE(decode(96 + 3 * 32, '+')) << "no key's name has a plus sign";
  EXPECT_FALSE(decode(96 + 3 * 32, '\xff')) << "not UTF-8";
  const auto newer = decode(12, std::uint32_t{2});
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Errc::Unsupported);
}

TEST(SegmentHeader, TheLongestOneHasRoom) {
  SegmentHeader header = header_for(1);
  header.key = expect(verifier_key_of(std::string(kMaxOriginBytes, 'o'), Ed25519Seed{1}));
  for (std::uint64_t bit = 0; bit < 20; ++bit) header.peaks.append(lost_leaf_hash(Seq{bit + 1}));
  header.first_seq = Seq{header.peaks.size() + 1};
  const SegmentHeader again = expect(decode_segment_header(encode_segment_header(header), "x.seg"));
  EXPECT_EQ(again.key, header.key);
  EXPECT_EQ(again.peaks, header.peaks);
}

// What a development version wrote: no origin, no key, peaks right behind the counts.
TEST(SegmentHeader, OneWithoutOriginAndKeyIsRefusedInWords) {
  Bytes bytes = encode_segment_header(header_for(1));
  std::fill(bytes.begin() + 60, bytes.end(), std::uint8_t{0});
  store(bytes.data() + 8, crc32c(ByteView(bytes).subspan(12)));
  const auto header = decode_segment_header(bytes, "x.seg");
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, Errc::Unsupported);
  EXPECT_TRUE(header.error().message.contains("development version")) << header.error().message;
}

TEST(SegmentHeader, NeedsAllItsBytes) {
  const Bytes bytes = encode_segment_header(header_for(8));
  for (const std::size_t size : {0U, 8U, 64U, 4095U}) {
    EXPECT_FALSE(decode_segment_header(ByteView(bytes).first(size), "x.seg")) << size;
  }
}

TEST(SegmentName, IsTheFirstSeqInTwentyDigits) {
  EXPECT_EQ(segment_name(Seq{42}), "00000000000000000042.seg");
  EXPECT_EQ(segment_name(kLastSeq), "18446744073709551615.seg");
  for (const std::uint64_t first : {std::uint64_t{1}, std::uint64_t{42}, UINT64_MAX}) {
    EXPECT_EQ(parse_segment_name(segment_name(Seq{first})), Seq{first});
  }
  for (const std::string_view name :
       {"", ".seg", "42.seg", "00000000000000000042", "00000000000000000042.seg.new",
        "00000000000000000042.SEG", "00000000000000000000.seg", "0000000000000000004x.seg",
        "+0000000000000000042.seg", "-0000000000000000042.seg", " 0000000000000000042.seg",
        "18446744073709551616.seg", "99999999999999999999.seg", "000000000000000000042.seg"}) {
    EXPECT_EQ(parse_segment_name(name), std::nullopt) << name;
  }
}

TEST(Hint, ReturnsWhatWasWritten) {
  for (const bool failed : {false, true}) {
    const MemoryFile file(Bytes{});
    expect(write_hint(*file, {.flush_failed = failed, .to = {Seq{7}, 8192, Seq{9}}}));
    EXPECT_EQ(expect((*file).size()), format::kTailBytes);
    const auto hint = expect(read_hint(*file));
    ASSERT_TRUE(hint);
    EXPECT_EQ(hint->flush_failed, failed);
    EXPECT_EQ(hint->to.segment, Seq{7});
    EXPECT_EQ(hint->to.end, 8192U);
    EXPECT_EQ(hint->to.next, Seq{9});
  }
}

TEST(Hint, TheLastOneCounts) {
  const MemoryFile file(Bytes{});
  expect(write_hint(*file, {.flush_failed = true, .to = {Seq{7}, 8192, Seq{9}}}));
  expect(write_hint(*file, {.to = {Seq{9}, 4096, Seq{9}}}));
  const auto hint = expect(read_hint(*file));
  ASSERT_TRUE(hint);
  EXPECT_FALSE(hint->flush_failed);
  EXPECT_EQ(hint->to.segment, Seq{9});
}

TEST(Hint, TornOrFlippedItSaysNothing) {
  const MemoryFile whole(Bytes{});
  expect(write_hint(*whole, {.to = {Seq{7}, 8192, Seq{9}}}));
  Bytes bytes(format::kTailBytes);
  ASSERT_EQ(expect((*whole).read_at(0, bytes)), bytes.size());
  ASSERT_TRUE(expect(read_hint(*MemoryFile(bytes))));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(expect(read_hint(*MemoryFile(ByteView(bytes).first(size))))) << "cut to " << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes flipped = bytes;
    flipped[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    EXPECT_FALSE(expect(read_hint(*MemoryFile(flipped)))) << "byte " << at;
  }
  EXPECT_FALSE(expect(read_hint(*MemoryFile(Bytes(format::kTailBytes))))) << "zeros";
}

}  // namespace
}  // namespace daybook
