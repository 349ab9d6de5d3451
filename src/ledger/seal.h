// SPDX-License-Identifier: Apache-2.0
//
// The seal: the last frame of a segment, holding the lookup tables over its
// events (docs/format.md, 6.1). Sealed segments are found, searched and counted
// through it; they are never read from the start to answer a question.
//
// The same bytes, kept in views/, let a process open a ledger without reading
// the whole active segment again.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "ledger/merkle.h"
#include "ledger/segment_index.h"

namespace daybook {

// First seq of the newest earlier segment holding a stream; Seq{0} for none.
using PreviousSegment = std::function<Result<Seq>(std::string_view stream, std::uint64_t hash)>;

// The body of a seal record over `index`. Errors: those of `previous`.
[[nodiscard]] Result<Bytes> build_seal(const SegmentIndex& index, const Peaks& peaks,
                                       const PreviousSegment& previous);

// One entry of the "streams" section. Persisted.
struct StreamEntry {
  std::uint64_t hash = 0;
  std::uint32_t name_offset = 0;
  std::uint32_t name_bytes = 0;
  Version first;
  std::uint64_t events = 0;
  std::uint64_t postings_offset = 0;
  std::uint32_t postings_crc = 0;
  std::uint32_t reserved = 0;
  Seq previous_segment;
  Version last;
};
static_assert(sizeof(StreamEntry) == format::kStreamEntryBytes);

struct TypeEntry {
  std::uint32_t name_offset = 0;
  std::uint32_t name_bytes = 0;
  std::uint64_t events = 0;
};
static_assert(sizeof(TypeEntry) == format::kTypeEntryBytes);

// The fixed part of a seal's body.
struct SealHeader {
  struct SectionPlace {
    std::uint32_t crc = 0;
    std::uint64_t offset = 0;  // within the body
    std::uint64_t length = 0;
  };
  Seq first_seq;
  Seq last_seq;
  Digest root;
  EventId last_id;
  Timestamp first_recorded;
  Timestamp last_recorded;
  Timestamp min_time;
  Timestamp max_time;
  Peaks peaks;
  std::array<SectionPlace, format::kSections> sections;

  [[nodiscard]] const SectionPlace& place(format::Section section) const {
    return sections[static_cast<std::size_t>(section) - 1];
  }
};

// Errors: Corruption. Needs the first 4096 bytes of the body.
[[nodiscard]] Result<SealHeader> decode_seal_header(ByteView body, std::uint64_t body_bytes);

// What a seal knows of all streams of its segment together.
struct SegmentStreams {
  std::vector<std::uint64_t> hashes;  // ascending
  // Events that were unreadable when the segment was sealed: in none of the streams.
  std::uint64_t unreadable = 0;
};

// The tables of a seal, each read and checked when it is first asked for.
// Not thread-safe.
class SealReader {
 public:
  // Yields `length` bytes at `offset` of the body.
  using Source = std::function<Result<Bytes>(std::uint64_t offset, std::uint64_t length)>;

  [[nodiscard]] static Result<SealReader> open(Source source, std::uint64_t body_bytes);
  // Over a body in memory.
  [[nodiscard]] static Result<SealReader> over(Bytes body);

  [[nodiscard]] const SealHeader& header() const { return header_; }
  [[nodiscard]] Result<std::span<const OffsetEntry>> offsets();
  [[nodiscard]] Result<std::optional<StreamEntry>> find_stream(std::string_view stream,
                                                               std::uint64_t hash);
  [[nodiscard]] Result<SegmentStreams> streams();
  [[nodiscard]] Result<std::vector<std::uint32_t>> postings(const StreamEntry& entry);
  [[nodiscard]] Result<std::vector<Seq>> find_key(std::uint64_t hash);
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::uint64_t>>> types();

  // The whole as an index that can grow on. Errors: Corruption.
  [[nodiscard]] Result<SegmentIndex> restore();
  // Checks every section. Errors: Corruption, naming the section.
  [[nodiscard]] Result<void> check();

 private:
  SealReader(Source source, const SealHeader& header)
      : source_(std::move(source)), header_(header) {}
  [[nodiscard]] Result<ByteView> section(format::Section section);
  template <class Entry>
  [[nodiscard]] Result<std::span<const Entry>> table(format::Section section);
  [[nodiscard]] Result<std::string_view> name(std::uint32_t offset, std::uint32_t length);

  Source source_;
  SealHeader header_;
  std::array<std::optional<Bytes>, format::kSections> loaded_;
};

}  // namespace daybook
