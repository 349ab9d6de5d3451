// SPDX-License-Identifier: Apache-2.0
#include "ledger/control.h"

#include "ledger/frame.h"

namespace daybook {
namespace {

constexpr std::size_t kPeaksAt = 16;

std::unexpected<Error> damaged() { return fail(Errc::Corruption, "malformed checkpoint record"); }

}  // namespace

Bytes encode_checkpoint_record(const CheckpointRecord& record) {
  const auto hashes = record.peaks.hashes();
  Bytes body(kPeaksAt + hashes.size_bytes());
  store(body.data(), static_cast<std::uint32_t>(hashes.size()));
  store(body.data() + 8, record.peaks.size());
  if (!hashes.empty()) std::memcpy(body.data() + kPeaksAt, hashes.data(), hashes.size_bytes());
  body.insert(body.end(), record.note.begin(), record.note.end());
  return body;
}

Result<CheckpointRecord> decode_checkpoint_record(ByteView body) {
  if (body.size() < kPeaksAt) return damaged();
  const auto count = load<std::uint32_t>(body.data());
  if (count > format::kMaxPeaks || !all_zero(body.subspan(4, 4)) ||
      body.size() < kPeaksAt + count * sizeof(Digest)) {
    return damaged();
  }
  std::vector<Digest> hashes(count);
  if (count > 0) std::memcpy(hashes.data(), body.data() + kPeaksAt, count * sizeof(Digest));
  DAYBOOK_TRY(peaks, Peaks::from(load<std::uint64_t>(body.data() + 8), hashes));
  return CheckpointRecord{peaks,
                          std::string(as_text(body.subspan(kPeaksAt + count * sizeof(Digest))))};
}

Bytes control_frame(format::FrameType type, ByteView body, Seq next, std::uint64_t durable) {
  const std::uint64_t record = record_bytes(body.size(), 0);
  Bytes frame(format::kFrameHeaderBytes + record);
  std::uint8_t* at = frame.data() + format::kFrameHeaderBytes;
  std::memcpy(at + format::kRecordHeaderBytes, body.data(), body.size());
  seal_record(at, static_cast<std::uint32_t>(body.size()), 0, 0);
  encode_frame_header({.type = type,
                       .body_bytes = static_cast<std::uint32_t>(record),
                       .records = 1,
                       .seq = next,
                       .durable = durable},
                      frame.data());
  return frame;
}

}  // namespace daybook
