// SPDX-License-Identifier: Apache-2.0
#include "ledger/record_reader.h"

#include <fmt/format.h>

#include "ledger/envelope.h"

namespace daybook {

Result<EventView> RecordReader::read(Seq seq, const Location& from) {
  DAYBOOK_TRY(event, walk(from, [&](const std::uint8_t* envelope) {
                return envelope_seq(envelope) <=> seq;
              }));
  if (event) return *event;
  return fail(Errc::Corruption, fmt::format("event #{} cannot be read from {}", seq.value, name_),
              "run `daybook verify` to see what is damaged");
}

Result<EventView> RecordReader::find(const EventId& id, const Location& from) {
  DAYBOOK_TRY(event, walk(from, [&](const std::uint8_t* envelope) {
                return envelope_id(envelope) <=> id;
              }));
  if (event) return *event;
  return fail(Errc::NotFound, fmt::format("no event {}", to_string(id)));
}

Result<std::optional<EventView>> RecordReader::walk(const Location& from, const Compare& compare) {
  std::uint64_t at = from.record;
  while (true) {
    DAYBOOK_TRY(hopped, hop(at, compare));
    if (hopped == Hop::Onward) continue;
    if (hopped == Hop::Passed) return std::nullopt;
    if (hopped == Hop::Lost) return search(from.record, compare);
    DAYBOOK_TRY(header, window_.at(at, format::kRecordHeaderBytes));
    const std::uint64_t length = format::kRecordHeaderBytes +
                                 std::uint64_t{load<std::uint32_t>(header.data() + 8)} +
                                 load<std::uint32_t>(header.data() + 12);
    if (length > format::kMaxFrameBody) return search(from.record, compare);
    DAYBOOK_TRY(bytes, window_.at(at, length));
    const auto record = decode_record(bytes, 0);
    if (!record) return search(from.record, compare);
    DAYBOOK_TRY(event, decode_event(*record));
    return event;
  }
}

// Steps over one frame header, control frame or record at `at`. Lengths are not
// checked against their checksum: a wrong one leads to a place without a marker.
Result<RecordReader::Hop> RecordReader::hop(std::uint64_t& at, const Compare& compare) {
  constexpr std::size_t kWanted = format::kRecordHeaderBytes + format::kEnvelopeFixedBytes;
  DAYBOOK_TRY(bytes, window_.at(at, kWanted));
  if (bytes.size() < format::kFrameHeaderBytes) return Hop::Lost;
  const auto marker = load<std::uint32_t>(bytes.data());
  if (marker == format::kFrameMarker) {
    const auto header = decode_frame_header(bytes);
    if (!header || header->type == format::FrameType::Seal) return Hop::Lost;
    at += header->type == format::FrameType::Events ? format::kFrameHeaderBytes
                                                    : header->total_bytes();
    return Hop::Onward;
  }
  if (marker != format::kRecordMarker || bytes.size() < kWanted) return Hop::Lost;
  const auto order = compare(bytes.data() + format::kRecordHeaderBytes);
  if (order == std::strong_ordering::equal) return Hop::Here;
  if (order == std::strong_ordering::greater) {
    // Only a record whose checksum holds may tell that the event is not here.
    const std::uint64_t envelope = load<std::uint32_t>(bytes.data() + 8);
    const std::uint64_t data = load<std::uint32_t>(bytes.data() + 12);
    if (envelope + data > format::kMaxFrameBody) return Hop::Lost;
    DAYBOOK_TRY(whole, window_.at(at, format::kRecordHeaderBytes + envelope + data));
    return decode_record(whole, 0) ? Hop::Passed : Hop::Lost;
  }
  at += record_bytes(load<std::uint32_t>(bytes.data() + 8), load<std::uint32_t>(bytes.data() + 12));
  return Hop::Onward;
}

// The slow way, after damage: every aligned place from `from` on may hold a
// record that says so itself.
Result<std::optional<EventView>> RecordReader::search(std::uint64_t from, const Compare& compare) {
  DAYBOOK_TRY(size, file_->size());
  if (from >= size) return std::nullopt;
  salvaged_.resize(size - from);
  DAYBOOK_TRY(got, file_->read_at(from, salvaged_));
  const ByteView bytes = ByteView(salvaged_).first(got);
  for (std::uint64_t at = 0; at + format::kRecordHeaderBytes <= bytes.size(); at += 8) {
    const auto record = decode_record(bytes, at);
    if (!record || record->envelope.size() < format::kEnvelopeFixedBytes) continue;
    const auto event = decode_event(*record);
    if (!event) continue;
    const auto order = compare(record->envelope.data());
    if (order == std::strong_ordering::equal) return *event;
    if (order == std::strong_ordering::greater) return std::nullopt;
    at += record_bytes(record->envelope.size(), record->data.size()) - 8;
  }
  return std::nullopt;
}

}  // namespace daybook
