// SPDX-License-Identifier: Apache-2.0
//
// Frames, records and envelopes from hostile bytes. The input is read as it is,
// and once more with right checksums around it: damage is what checksums find,
// so what lies behind them has to be tried by itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/crc32c.h"
#include "fuzz/require.h"
#include "ledger/envelope.h"
#include "ledger/frame.h"

namespace daybook::fuzzing {
namespace {

// An envelope that was accepted is written again, byte for byte.
void rewrite(const EventView& event) {
  NewEvent again{.stream = std::string(event.stream), .type = std::string(event.type)};
  again.actor = event.actor;
  again.subject = event.subject;
  again.correlation = event.correlation;
  again.key = event.key;
  again.tier = event.tier;
  again.causes.assign(event.causes.begin(), event.causes.end());
  const EnvelopeDraft draft{.form = static_cast<format::DataForm>(event.envelope[2]),
                            .time = event.time,
                            .commitment = event.commitment,
                            .data_bytes = event.data_bytes,
                            .source = event.source};
  Bytes bytes(envelope_bytes(again, event.source, again.causes.size()));
  encode_envelope(again, draft, bytes.data());
  patch_envelope(bytes.data(), {event.seq, event.version, event.recorded, event.id});
  require(std::ranges::equal(bytes, event.envelope), "an envelope has one spelling");
}

void try_records(ByteView bytes) {
  FrameView frame;
  if (!frame.decode(bytes)) return;
  require(frame.bytes.size() == frame.header.total_bytes(), "a frame is as long as it says");
  require(frame.records.size() == frame.header.records, "a frame has the records it says");
  Bytes header(format::kFrameHeaderBytes);
  encode_frame_header(frame.header, header.data());
  const auto again = decode_frame_header(header);
  require(again && again->total_bytes() == frame.header.total_bytes(), "a header returns");
  for (const RecordView& record : frame.records) {
    if (const auto event = decode_event(record)) rewrite(*event);
  }
}

// The input as the one record of a good frame: two bytes say where its envelope
// ends and its data begins.
Bytes framed(ByteView input) {
  const std::size_t split =
      input.size() < 2 ? 0 : load<std::uint16_t>(input.data()) % (input.size() - 1);
  const ByteView content = input.size() < 2 ? input : input.subspan(2);
  const auto envelope = static_cast<std::uint32_t>(split);
  const auto data = static_cast<std::uint32_t>(content.size() - split);

  FrameHeader header;
  header.records = 1;
  header.body_bytes = static_cast<std::uint32_t>(record_bytes(envelope, data));
  if (envelope >= format::kEnvelopeFixedBytes) header.seq = envelope_seq(content.data());
  Bytes bytes(header.total_bytes());
  encode_frame_header(header, bytes.data());
  std::uint8_t* record = bytes.data() + format::kFrameHeaderBytes;
  if (!content.empty()) {
    std::memcpy(record + format::kRecordHeaderBytes, content.data(), content.size());
  }
  seal_record(record, envelope, data, crc32c(content.subspan(split)));
  return bytes;
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  const ByteView input{data, size};
  fuzzing::try_records(input);
  fuzzing::try_records(fuzzing::framed(input));
  if (const auto event = decode_envelope(input)) fuzzing::rewrite(*event);
  for (std::uint64_t offset = 0; offset <= size; offset += 8) {
    static_cast<void>(decode_record(input, offset));
  }
  return 0;
}
