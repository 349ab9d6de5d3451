// SPDX-License-Identifier: Apache-2.0
//
// Frames and records: how a batch of events lies in a segment (docs/format.md,
// 3.2 to 3.4). Pure functions over spans; nothing is trusted before its
// checksum and its limits have been checked.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "daybook/event.h"
#include "ledger/format.h"

namespace daybook {

struct FrameHeader {
  format::FrameType type = format::FrameType::Events;
  std::uint32_t body_bytes = 0;
  std::uint32_t records = 0;
  Seq seq;                    // first event; in a control frame the next event
  std::uint64_t durable = 0;  // offset below which all was on stable storage

  [[nodiscard]] std::uint64_t total_bytes() const {
    return format::kFrameHeaderBytes + std::uint64_t{body_bytes};
  }
};

void encode_frame_header(const FrameHeader& header, std::uint8_t* to);

// The header at the start of `bytes`, or nothing when there is no good one.
[[nodiscard]] std::optional<FrameHeader> decode_frame_header(ByteView bytes);

// One record inside a frame's bytes.
struct RecordView {
  std::uint64_t offset = 0;  // within the bytes it was read from
  ByteView envelope;         // or a control record's body
  ByteView data;             // salt || payload, maybe erased
  enum class Data : std::uint8_t { Good, Erased, Damaged } data_state = Data::Good;
};

// Bytes a record takes, padding included.
[[nodiscard]] constexpr std::uint64_t record_bytes(std::uint64_t envelope, std::uint64_t data) {
  return align8(format::kRecordHeaderBytes + envelope + data);
}

// Fills in a record's header, whose envelope and data already stand behind it.
// `data_crc` is the checksum of the data block.
void seal_record(std::uint8_t* record, std::uint32_t envelope_bytes, std::uint32_t data_bytes,
                 std::uint32_t data_crc);

// The record at `offset`, or nothing when its header or envelope is not good.
// A bad data block is told in data_state and leaves the record readable.
[[nodiscard]] std::optional<RecordView> decode_record(ByteView bytes, std::uint64_t offset);

// A whole frame, checked.
struct FrameView {
  FrameHeader header;
  ByteView bytes;                   // header and body
  std::vector<RecordView> records;  // offsets within `bytes`
  std::uint32_t erased = 0;         // how many records have zeros in place of data

  // Reads the frame at the start of `from`, reusing this object's memory.
  // False when there is no good one. Beyond the durable boundary a frame with
  // erased records is not good either; that is for the caller to decide.
  [[nodiscard]] bool decode(ByteView from);
};

// Joins a record's envelope and data into an event. Errors as decode_envelope.
[[nodiscard]] Result<EventView> decode_event(const RecordView& record);
// The same into a view that is used again, as decode_envelope.
[[nodiscard]] Result<void> decode_event(const RecordView& record, EventView& event);

}  // namespace daybook
