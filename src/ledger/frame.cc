// SPDX-License-Identifier: Apache-2.0
#include "ledger/frame.h"

#include "base/crc32c.h"
#include "ledger/envelope.h"

namespace daybook {
namespace {

using namespace format;  // NOLINT(google-build-using-namespace): field sizes only

constexpr std::size_t kCheckedFrom = 8;  // frame and record checksums start here

bool plausible(const FrameHeader& header) {
  const bool known = header.type == FrameType::Events || header.type == FrameType::Checkpoint ||
                     header.type == FrameType::Seal;
  const bool control_is_single = header.type == FrameType::Events || header.records == 1;
  return known && control_is_single && header.body_bytes % 8 == 0 &&
         header.body_bytes <= kMaxFrameBody && header.records >= 1 && header.records <= kMaxRecords;
}

RecordView::Data data_state(ByteView data, std::uint32_t checksum) {
  if (all_zero(data)) return RecordView::Data::Erased;
  return crc32c(data) == checksum ? RecordView::Data::Good : RecordView::Data::Damaged;
}

}  // namespace

void encode_frame_header(const FrameHeader& header, std::uint8_t* to) {
  std::memset(to, 0, kFrameHeaderBytes);
  store(to, kFrameMarker);
  to[8] = static_cast<std::uint8_t>(header.type);
  store(to + 12, header.body_bytes);
  store(to + 16, header.records);
  store(to + 24, header.seq.value);
  store(to + 32, header.durable);
  store(to + 4, crc32c({to + kCheckedFrom, kFrameHeaderBytes - kCheckedFrom}));
}

std::optional<FrameHeader> decode_frame_header(ByteView bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  if (load<std::uint32_t>(p) != kFrameMarker) return std::nullopt;
  if (load<std::uint32_t>(p + 4) !=
      crc32c(bytes.subspan(kCheckedFrom, kFrameHeaderBytes - kCheckedFrom))) {
    return std::nullopt;
  }
  FrameHeader header;
  header.type = static_cast<FrameType>(p[8]);
  header.body_bytes = load<std::uint32_t>(p + 12);
  header.records = load<std::uint32_t>(p + 16);
  header.seq = Seq{load<std::uint64_t>(p + 24)};
  header.durable = load<std::uint64_t>(p + 32);
  const bool reserved_zero = all_zero(bytes.subspan(9, 3)) && all_zero(bytes.subspan(20, 4));
  if (!reserved_zero || !plausible(header)) return std::nullopt;
  return header;
}

void seal_record(std::uint8_t* record, std::uint32_t envelope_bytes, std::uint32_t data_bytes,
                 std::uint32_t data_crc) {
  store(record, kRecordMarker);
  store(record + 8, envelope_bytes);
  store(record + 12, data_bytes);
  store(record + 16, data_crc);
  store(record + 4,
        crc32c({record + kCheckedFrom, kRecordHeaderBytes - kCheckedFrom + envelope_bytes}));
}

std::optional<RecordView> decode_record(ByteView bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < kRecordHeaderBytes) return std::nullopt;
  const std::uint8_t* p = bytes.data() + offset;
  if (load<std::uint32_t>(p) != kRecordMarker) return std::nullopt;
  const std::uint64_t envelope = load<std::uint32_t>(p + 8);
  const std::uint64_t data = load<std::uint32_t>(p + 12);
  if (kRecordHeaderBytes + envelope + data > bytes.size() - offset) return std::nullopt;
  const ByteView checked{p + kCheckedFrom, kRecordHeaderBytes - kCheckedFrom + envelope};
  if (load<std::uint32_t>(p + 4) != crc32c(checked)) return std::nullopt;

  RecordView record;
  record.offset = offset;
  record.envelope = {p + kRecordHeaderBytes, envelope};
  record.data = {p + kRecordHeaderBytes + envelope, data};
  if (data > 0) record.data_state = data_state(record.data, load<std::uint32_t>(p + 16));
  return record;
}

bool FrameView::decode(ByteView from) {
  const auto decoded = decode_frame_header(from);
  if (!decoded || decoded->total_bytes() > from.size()) return false;
  header = *decoded;
  bytes = from.first(header.total_bytes());
  records.clear();
  erased = 0;

  std::uint64_t at = kFrameHeaderBytes;
  for (std::uint32_t i = 0; i < header.records; ++i) {
    const auto record = decode_record(bytes, at);
    if (!record || record->data_state == RecordView::Data::Damaged) return false;
    if (record->data_state == RecordView::Data::Erased) ++erased;
    if (header.type == FrameType::Events) {
      if (record->envelope.size() < kEnvelopeFixedBytes) return false;
      if (envelope_seq(record->envelope.data()).value != header.seq.value + i) return false;
    } else if (!record->data.empty()) {
      return false;
    }
    records.push_back(*record);
    at += record_bytes(record->envelope.size(), record->data.size());
  }
  return at == bytes.size();
}

Result<EventView> decode_event(const RecordView& record) {
  EventView event;
  DAYBOOK_CHECK(decode_event(record, event));
  return event;
}

Result<void> decode_event(const RecordView& record, EventView& event) {
  DAYBOOK_CHECK(decode_envelope(record.envelope, event));
  if (event.data_state == DataState::None) return {};
  const bool is_inline = event.data_state == DataState::Inline;
  const std::uint64_t payload_bytes = is_inline ? event.data_bytes : kBlobPayloadBytes;
  bool whole = record.data.size() >= kSaltBytes && record.data.size() - kSaltBytes == payload_bytes;
  if (whole && record.data_state == RecordView::Data::Erased) {
    event.data_state = DataState::Erased;
    return {};
  }
  if (whole && !is_inline) {
    whole =
        load<std::uint64_t>(record.data.data() + kSaltBytes + sizeof(Digest)) == event.data_bytes;
  }
  if (record.data_state == RecordView::Data::Damaged || !whole) {
    event.data_state = DataState::Damaged;
    return {};
  }
  event.salt = record.data.first(kSaltBytes);
  const ByteView payload = record.data.subspan(kSaltBytes);
  if (is_inline) {
    event.data = as_text(payload);
  } else {
    event.blob = load<Digest>(payload.data());
  }
  return {};
}

}  // namespace daybook
