// SPDX-License-Identifier: Apache-2.0
//
// Frame headers, records and whole frames: what is good and what is not
// (docs/format.md, 3.2 to 3.4).
#include <gtest/gtest.h>

#include "ledger/control.h"
#include "ledger/frames.h"

namespace daybook {
namespace {

using testing::concat;
using testing::expect;
using testing::frame_of;

// A header as it would be written, with its checksum right whatever it says.
Bytes header_bytes(const FrameHeader& header) {
  Bytes bytes(format::kFrameHeaderBytes);
  encode_frame_header(header, bytes.data());
  return bytes;
}

constexpr FrameHeader kGoodHeader{.type = format::FrameType::Events,
                                  .body_bytes = 136,
                                  .records = 1,
                                  .seq = Seq{7},
                                  .durable = 4096};

TEST(FrameHeader, ReturnsWhatWasWritten) {
  FrameHeader header = kGoodHeader;
  header.body_bytes = format::kMaxFrameBody;
  header.records = format::kMaxRecords;
  header.seq = kLastSeq;
  header.durable = UINT64_MAX - 1;
  const auto decoded = decode_frame_header(header_bytes(header));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->type, header.type);
  EXPECT_EQ(decoded->body_bytes, header.body_bytes);
  EXPECT_EQ(decoded->records, header.records);
  EXPECT_EQ(decoded->seq, header.seq);
  EXPECT_EQ(decoded->durable, header.durable);
  EXPECT_EQ(decoded->total_bytes(), format::kFrameHeaderBytes + std::uint64_t{header.body_bytes});
}

TEST(FrameHeader, EveryFlippedBitIsFound) {
  Bytes bytes = header_bytes(kGoodHeader);
  ASSERT_TRUE(decode_frame_header(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(decode_frame_header(bytes)) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  EXPECT_TRUE(decode_frame_header(bytes));
}

TEST(FrameHeader, LimitsHoldAlsoUnderARightChecksum) {
  const auto refused = [](auto change) {
    FrameHeader header = kGoodHeader;
    change(header);
    return !decode_frame_header(header_bytes(header));
  };
  EXPECT_TRUE(refused([](FrameHeader& h) { h.type = static_cast<format::FrameType>(0); }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.type = static_cast<format::FrameType>(4); }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.records = 0; }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.records = format::kMaxRecords + 1; }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.body_bytes = 132; }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.body_bytes = format::kMaxFrameBody + 8; }));
  EXPECT_TRUE(refused([](FrameHeader& h) { h.body_bytes = UINT32_MAX & ~7U; }));
  for (const auto type : {format::FrameType::Checkpoint, format::FrameType::Seal}) {
    EXPECT_FALSE(refused([&](FrameHeader& h) { h.type = type; }));
    EXPECT_TRUE(refused([&](FrameHeader& h) {
      h.type = type;
      h.records = 2;
    }));
  }
}

TEST(FrameHeader, NeedsAllItsBytes) {
  const Bytes bytes = header_bytes(kGoodHeader);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_frame_header(ByteView(bytes).first(size))) << size;
  }
}

TEST(Record, ReturnsWhatWasWritten) {
  const Bytes frame = frame_of(7, {R"({"n":7})"});
  const auto record = decode_record(frame, format::kFrameHeaderBytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->offset, format::kFrameHeaderBytes);
  EXPECT_EQ(record->data_state, RecordView::Data::Good);
  const EventView event = expect(decode_event(*record));
  EXPECT_EQ(event.seq, Seq{7});
  EXPECT_EQ(event.id, testing::id_of(7));
  EXPECT_EQ(event.data, R"({"n":7})");
  EXPECT_EQ(event.salt.size(), format::kSaltBytes);
  EXPECT_EQ(event.data_state, DataState::Inline);
}

// In its head and envelope a flip loses the record; in its data only the data;
// in its padding nothing.
TEST(Record, AFlippedBitCostsWhatItStandsIn) {
  Bytes frame = frame_of(7, {R"({"n":7})"});
  const auto good = decode_record(frame, format::kFrameHeaderBytes);
  ASSERT_TRUE(good);
  const std::size_t data =
      format::kFrameHeaderBytes + format::kRecordHeaderBytes + good->envelope.size();
  const std::size_t padding = data + good->data.size();
  ASSERT_LT(padding, frame.size());
  for (std::size_t at = format::kFrameHeaderBytes; at < frame.size(); ++at) {
    frame[at] ^= 0x20;
    const auto record = decode_record(frame, format::kFrameHeaderBytes);
    EXPECT_EQ(record.has_value(), at >= data) << "offset " << at;
    if (record) {
      EXPECT_EQ(record->data_state == RecordView::Data::Good, at >= padding) << "offset " << at;
      const EventView event = expect(decode_event(*record));
      EXPECT_EQ(event.data.empty(), at < padding) << "offset " << at;
      EXPECT_EQ(event.data_state, at < padding ? DataState::Damaged : DataState::Inline);
    }
    frame[at] ^= 0x20;
  }
}

TEST(Record, ZerosInPlaceOfDataAreErasedData) {
  Bytes frame = frame_of(7, {R"({"n":7})"});
  auto record = decode_record(frame, format::kFrameHeaderBytes);
  ASSERT_TRUE(record);
  std::fill_n(frame.begin() + (record->data.data() - frame.data()), record->data.size(), 0);
  record = decode_record(frame, format::kFrameHeaderBytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->data_state, RecordView::Data::Erased);
  const EventView event = expect(decode_event(*record));
  EXPECT_EQ(event.data_state, DataState::Erased);
  EXPECT_TRUE(event.data.empty());
  EXPECT_TRUE(event.salt.empty());
  EXPECT_EQ(event.data_bytes, 7U);
  FrameView view;
  EXPECT_TRUE(view.decode(frame));
  EXPECT_EQ(view.erased, 1U);
}

TEST(Record, LengthsThatDoNotFitAreRefused) {
  const Bytes good = frame_of(7, {R"({"n":7})"});
  for (const std::size_t field : {8U, 12U}) {
    for (const std::uint32_t length : {UINT32_MAX, UINT32_MAX - 19, 0x8000'0000U, 0xFFFFU}) {
      Bytes frame = good;
      store(frame.data() + format::kFrameHeaderBytes + field, length);
      EXPECT_FALSE(decode_record(frame, format::kFrameHeaderBytes)) << length << " at " << field;
    }
  }
  EXPECT_FALSE(decode_record(good, good.size()));
  EXPECT_FALSE(decode_record(good, good.size() + 8));
  EXPECT_FALSE(decode_record(good, UINT64_MAX - 7));
}

// A data block whose length is not what the envelope says is no data of its.
TEST(Record, DataOfAnotherLengthIsDamaged) {
  const Bytes source = frame_of(7, {R"({"n":7})"});
  const auto record = decode_record(source, format::kFrameHeaderBytes);
  ASSERT_TRUE(record);
  for (const std::size_t length : {std::size_t{0}, format::kSaltBytes - 1, format::kSaltBytes,
                                   format::kSaltBytes + 6, format::kSaltBytes + 8}) {
    Bytes bytes(record_bytes(record->envelope.size(), length), 0x31);
    std::ranges::copy(record->envelope, bytes.begin() + format::kRecordHeaderBytes);
    const ByteView data =
        ByteView(bytes).subspan(format::kRecordHeaderBytes + record->envelope.size(), length);
    seal_record(bytes.data(), static_cast<std::uint32_t>(record->envelope.size()),
                static_cast<std::uint32_t>(length), crc32c(data));
    const auto again = decode_record(bytes, 0);
    ASSERT_TRUE(again) << length;
    EXPECT_EQ(expect(decode_event(*again)).data_state, DataState::Damaged) << length;
  }
}

TEST(Frame, ReturnsItsRecords) {
  const Bytes bytes = frame_of(41, {"1", "", R"({"three":3})"}, 4096);
  FrameView frame;
  ASSERT_TRUE(frame.decode(bytes));
  EXPECT_EQ(frame.header.durable, 4096U);
  EXPECT_EQ(frame.bytes.size(), bytes.size());
  EXPECT_EQ(frame.erased, 0U);
  ASSERT_EQ(frame.records.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const EventView event = expect(decode_event(frame.records[i]));
    EXPECT_EQ(event.seq.value, 41 + i);
    EXPECT_EQ(frame.records[i].offset % 8, 0U);
  }
  EXPECT_EQ(expect(decode_event(frame.records[1])).data_state, DataState::None);
  // What follows a frame is nothing to it, and an object is used again.
  const Bytes more = concat({bytes, frame_of(44, {"4"})});
  ASSERT_TRUE(frame.decode(more));
  EXPECT_EQ(frame.bytes.size(), bytes.size());
  EXPECT_EQ(frame.records.size(), 3U);
}

TEST(Frame, NeedsAllItsBytes) {
  const Bytes bytes = frame_of(41, {"1", "2"});
  FrameView frame;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(frame.decode(ByteView(bytes).first(size))) << size;
  }
  EXPECT_TRUE(frame.decode(bytes));
}

// The frame's own seqs decide, also under right checksums.
TEST(Frame, SeqsMustCount) {
  const Bytes good = frame_of(41, {"1", "2"});
  const auto header = decode_frame_header(good);
  ASSERT_TRUE(header);
  FrameView frame;
  for (const std::uint64_t first : {std::uint64_t{40}, std::uint64_t{42}, UINT64_MAX}) {
    FrameHeader moved = *header;
    moved.seq = Seq{first};
    Bytes bytes = good;
    encode_frame_header(moved, bytes.data());
    EXPECT_FALSE(frame.decode(bytes)) << first;
  }
  const Bytes one = frame_of(41, {"1"});
  const Bytes other = frame_of(43, {"2"});
  Bytes bytes = concat({one, ByteView(other).subspan(format::kFrameHeaderBytes)});
  FrameHeader both = *header;
  both.body_bytes = static_cast<std::uint32_t>(bytes.size() - format::kFrameHeaderBytes);
  encode_frame_header(both, bytes.data());
  EXPECT_FALSE(frame.decode(bytes)) << "41 is followed by 43";
}

TEST(Frame, RecordsMustFillTheBodyExactly) {
  const Bytes good = frame_of(41, {"1", "2"});
  FrameHeader header = *decode_frame_header(good);
  FrameView frame;
  const auto decodes = [&](const FrameHeader& changed, std::size_t size) {
    Bytes bytes = good;
    bytes.resize(size);
    encode_frame_header(changed, bytes.data());
    return frame.decode(bytes);
  };
  EXPECT_TRUE(decodes(header, good.size()));
  FrameHeader fewer = header;
  fewer.records = 1;
  EXPECT_FALSE(decodes(fewer, good.size()));
  FrameHeader more = header;
  more.records = 3;
  EXPECT_FALSE(decodes(more, good.size()));
  FrameHeader longer = header;
  longer.body_bytes += 8;
  EXPECT_FALSE(decodes(longer, good.size() + 8));
}

TEST(ControlFrame, IsAFrameWithOneRecord) {
  const Bytes body(21, 0x5A);
  const Bytes bytes = control_frame(format::FrameType::Checkpoint, body, Seq{9}, 4096);
  FrameView frame;
  ASSERT_TRUE(frame.decode(bytes));
  EXPECT_EQ(frame.header.type, format::FrameType::Checkpoint);
  EXPECT_EQ(frame.header.seq, Seq{9});
  EXPECT_EQ(frame.header.durable, 4096U);
  EXPECT_EQ(bytes.size() % 8, 0U);
  ASSERT_EQ(frame.records.size(), 1U);
  EXPECT_TRUE(std::ranges::equal(frame.records[0].envelope, body));
  EXPECT_TRUE(frame.records[0].data.empty());
}

TEST(CheckpointRecord, ReturnsWhatWasWritten) {
  CheckpointRecord record;
  for (std::uint8_t leaf = 0; leaf < 11; ++leaf) record.peaks.append(leaf_hash({&leaf, 1}));
  record.note = "a note\n";
  const Bytes body = encode_checkpoint_record(record);
  const CheckpointRecord again = expect(decode_checkpoint_record(body));
  EXPECT_EQ(again.peaks, record.peaks);
  EXPECT_EQ(again.note, record.note);
  // The peaks must be as many as the size has one bits, whatever the count says.
  for (const std::uint32_t count : {0U, 2U, 4U, 64U, 65U, UINT32_MAX}) {
    Bytes forged = body;
    store(forged.data(), count);
    EXPECT_FALSE(decode_checkpoint_record(forged)) << count;
  }
  for (std::size_t size = 0; size < 16 + 3 * sizeof(Digest); ++size) {
    EXPECT_FALSE(decode_checkpoint_record(ByteView(body).first(size))) << size;
  }
}

}  // namespace
}  // namespace daybook
