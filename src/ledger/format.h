// SPDX-License-Identifier: Apache-2.0
//
// The numbers of docs/format.md: markers, sizes, field offsets and limits.
// Everything here is persisted: do not change a value, add a version.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daybook::format {

inline constexpr std::uint32_t kVersion = 1;

// Markers, as little-endian integers of their ASCII text.
inline constexpr std::uint64_t kSegmentMagic = 0x314B'4F4F'4259'4144;  // "DAYBOOK1"
inline constexpr std::uint64_t kSealMagic = 0x3130'4C41'4553'4244;     // "DBSEAL01"
inline constexpr std::uint64_t kTailMagic = 0x3130'4C49'4154'4244;     // "DBTAIL01"
inline constexpr std::uint32_t kFrameMarker = 0x3146'4244;             // "DBF1"
inline constexpr std::uint32_t kRecordMarker = 0x3152'4244;            // "DBR1"

inline constexpr std::size_t kSegmentHeaderBytes = 4096;
inline constexpr std::size_t kFrameHeaderBytes = 40;
inline constexpr std::size_t kRecordHeaderBytes = 20;
inline constexpr std::size_t kEnvelopeFixedBytes = 112;
inline constexpr std::size_t kSaltBytes = 16;
inline constexpr std::size_t kBlobPayloadBytes = 40;  // SHA-256 and length
inline constexpr std::size_t kTailBytes = 64;
inline constexpr std::size_t kSealHeaderBytes = 4096;
inline constexpr std::size_t kSealTrailerBytes = 16;

inline constexpr std::uint32_t kMaxFrameBody = 128u << 20;
inline constexpr std::uint32_t kMaxRecords = 65'536;
inline constexpr std::uint32_t kMaxPeaks = 64;
inline constexpr std::uint64_t kMaxSeqJump = std::uint64_t{1} << 24;  // events lost in a row
inline constexpr std::uint32_t kMaxEnvelopeBytes = 4096;
// Section 7.1: how long a run of events without a checkpoint may be.
inline constexpr std::uint64_t kMaxUnsignedEvents = 1'000'000;
inline constexpr std::uint64_t kMaxUnsignedMicros = 600'000'000;
inline constexpr std::uint32_t kMaxLateMoments = 16;    // recorded later than that, all the same
inline constexpr std::uint64_t kOffsetStride = 16'384;  // section 6.1, "offsets"

enum class FrameType : std::uint8_t { Events = 1, Checkpoint = 2, Seal = 3 };
enum class DataForm : std::uint8_t { None = 0, Inline = 1, Blob = 2 };

// Section 6.1: the lookup tables of a seal.
enum class Section : std::uint32_t {
  Offsets = 1,
  Streams = 2,
  Names = 3,
  Postings = 4,
  Keys = 5,
  Types = 6,
};
inline constexpr std::size_t kSections = 6;
inline constexpr std::size_t kOffsetEntryBytes = 48;
inline constexpr std::size_t kStreamEntryBytes = 64;
inline constexpr std::size_t kKeyEntryBytes = 16;
inline constexpr std::size_t kTypeEntryBytes = 16;

}  // namespace daybook::format
