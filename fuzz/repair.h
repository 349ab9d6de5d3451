// SPDX-License-Identifier: Apache-2.0
//
// Puts checksums right in hostile bytes of a segment. Damage is what checksums
// find; what lies behind them has to be tried by itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "ledger/format.h"
#include "ledger/merkle.h"
#include "ledger/seal.h"

namespace daybook::fuzzing {

using MutableBytes = std::span<std::uint8_t>;

// Where docs/format.md, section 6.1 puts what is repaired in a seal.
inline constexpr std::size_t kSealSizeAt = 16;
inline constexpr std::size_t kSealRootAt = 24;
inline constexpr std::size_t kSealPeakCountAt = 104;
inline constexpr std::size_t kSealDirectoryAt = 112;
inline constexpr std::size_t kSealSlotBytes = 24;
inline constexpr std::size_t kSealPeaksAt = 304;
inline constexpr std::size_t kPostingsCrcAt = 40;  // in an entry of "streams"

// The bytes of a section, empty when it is out of place.
inline MutableBytes seal_section(MutableBytes body, format::Section which) {
  const std::uint8_t* slot =
      body.data() + kSealDirectoryAt + (static_cast<std::size_t>(which) - 1) * kSealSlotBytes;
  const auto offset = load<std::uint64_t>(slot + 8);
  const auto length = load<std::uint64_t>(slot + 16);
  if (offset > body.size() || length > body.size() - offset) return {};
  return body.subspan(offset, length);
}

// The checksums of a seal's body, and the root of its peaks.
inline void repair_seal(MutableBytes body) {
  if (body.size() < format::kSealHeaderBytes) return;
  std::uint8_t* p = body.data();
  const MutableBytes streams = seal_section(body, format::Section::Streams);
  const MutableBytes postings = seal_section(body, format::Section::Postings);
  for (std::size_t at = 0; at + sizeof(StreamEntry) <= streams.size(); at += sizeof(StreamEntry)) {
    const auto entry = load<StreamEntry>(streams.data() + at);
    const std::uint64_t offset = std::min<std::uint64_t>(postings.size(), entry.postings_offset);
    if (entry.events > (postings.size() - offset) / sizeof(std::uint32_t)) continue;
    const std::uint32_t checksum =
        crc32c(postings.subspan(offset, entry.events * sizeof(std::uint32_t)));
    store(streams.data() + at + kPostingsCrcAt, checksum);
  }
  for (std::size_t i = 0; i < format::kSections; ++i) {
    const MutableBytes bytes = seal_section(body, static_cast<format::Section>(i + 1));
    store(p + kSealDirectoryAt + i * kSealSlotBytes + 4, crc32c(bytes));
  }
  const auto size = load<std::uint64_t>(p + kSealSizeAt);
  std::vector<Digest> peaks(std::min(load<std::uint32_t>(p + kSealPeakCountAt), format::kMaxPeaks));
  if (!peaks.empty()) {
    std::memcpy(peaks.data(), p + kSealPeaksAt, peaks.size() * sizeof(Digest));
  }
  if (const auto edge = Peaks::from(size, peaks)) store(p + kSealRootAt, edge->root());
  store(p, crc32c({p + 4, format::kSealHeaderBytes - 4}));
}

// A record at `at` whose lengths fit; `in_seal`: what it holds is a seal.
inline void repair_record(MutableBytes bytes, std::size_t at, bool in_seal) {
  if (bytes.size() - at < format::kRecordHeaderBytes) return;
  std::uint8_t* p = bytes.data() + at;
  const std::uint64_t envelope = load<std::uint32_t>(p + 8);
  const std::uint64_t data = load<std::uint32_t>(p + 12);
  if (format::kRecordHeaderBytes + envelope + data > bytes.size() - at) return;
  const MutableBytes content = bytes.subspan(at + format::kRecordHeaderBytes, envelope + data);
  if (in_seal) repair_seal(content.first(envelope));
  const ByteView block = content.subspan(envelope);
  if (data == 0 || !all_zero(block)) store(p + 16, crc32c(block));
  store(p + 4, crc32c({p + 8, format::kRecordHeaderBytes - 8 + envelope}));
}

// Everything in a run of frames that looks like a frame or a record, from the
// back to the front, so that what stands inside another is right first.
inline void repair_frames(MutableBytes frames) {
  constexpr std::size_t kTypeAt = 8;
  const auto marker = [&](std::size_t at) { return load<std::uint32_t>(frames.data() + at); };
  for (std::size_t at = frames.size() & ~std::size_t{7}; at >= 8;) {
    at -= 8;
    if (marker(at) == format::kRecordMarker) {
      const bool in_seal = at >= format::kFrameHeaderBytes &&
                           marker(at - format::kFrameHeaderBytes) == format::kFrameMarker &&
                           frames[at - format::kFrameHeaderBytes + kTypeAt] ==
                               static_cast<std::uint8_t>(format::FrameType::Seal);
      repair_record(frames, at, in_seal);
    }
    if (marker(at) == format::kFrameMarker && frames.size() - at >= format::kFrameHeaderBytes) {
      std::uint8_t* p = frames.data() + at;
      store(p + 4, crc32c({p + 8, format::kFrameHeaderBytes - 8}));
    }
  }
}

}  // namespace daybook::fuzzing
