// SPDX-License-Identifier: Apache-2.0
#include "ledger/seal.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/crc32c.h"

namespace daybook {
namespace {

using format::Section;

// Field offsets of section 6.1.
constexpr std::size_t kCheckedFrom = 4;
constexpr std::size_t kPeakCountAt = 104;
constexpr std::size_t kDirectoryAt = 112;
constexpr std::size_t kDirectoryEntryBytes = 24;
constexpr std::size_t kDirectorySlots = 8;
constexpr std::size_t kPeaksAt = kDirectoryAt + kDirectorySlots * kDirectoryEntryBytes;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("damaged seal: {}", what),
              "the events are unaffected; run `daybook verify`");
}

template <class T>
void append_entry(Bytes& to, const T& entry) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&entry);
  to.insert(to.end(), bytes, bytes + sizeof entry);
}

std::uint32_t append_name(Bytes& names, std::string_view name) {
  const auto offset = static_cast<std::uint32_t>(names.size());
  names.insert(names.end(), name.begin(), name.end());
  return offset;
}

using Sections = std::array<Bytes, format::kSections>;

Bytes& section_of(Sections& sections, Section section) {
  return sections[static_cast<std::size_t>(section) - 1];
}

Result<void> build_streams(const SegmentIndex& index, const PreviousSegment& previous,
                           Sections& sections) {
  struct Named {
    std::uint64_t hash;
    std::string_view name;
    const StreamPart* part;
  };
  std::vector<Named> order;
  for (const auto& [name, part] : index.streams()) {
    if (!part.seqs.empty()) order.push_back({stream_hash(name), name, &part});
  }
  std::ranges::sort(order, [](const Named& a, const Named& b) {
    return std::tie(a.hash, a.name) < std::tie(b.hash, b.name);
  });
  Bytes& postings = section_of(sections, Section::Postings);
  for (const Named& stream : order) {
    const ByteView seqs{reinterpret_cast<const std::uint8_t*>(stream.part->seqs.data()),
                        stream.part->seqs.size() * sizeof(std::uint32_t)};
    StreamEntry entry;
    entry.hash = stream.hash;
    entry.name_offset = append_name(section_of(sections, Section::Names), stream.name);
    entry.name_bytes = static_cast<std::uint32_t>(stream.name.size());
    entry.first = stream.part->first;
    entry.last = stream.part->last;
    entry.events = stream.part->seqs.size();
    entry.postings_offset = postings.size();
    entry.postings_crc = crc32c(seqs);
    DAYBOOK_TRY(previous_segment, previous(stream.name, stream.hash));
    entry.previous_segment = previous_segment;
    append_entry(section_of(sections, Section::Streams), entry);
    postings.insert(postings.end(), seqs.begin(), seqs.end());
  }
  return {};
}

void write_header(const SegmentIndex& index, const Peaks& peaks, std::uint8_t* p) {
  store(p + 4, static_cast<std::uint32_t>(format::kSections));
  store(p + 8, index.first_seq().value);
  store(p + 16, index.last_seq().value);
  store(p + 24, peaks.root());
  store(p + 56, index.last_id());
  store(p + 72, index.empty() ? std::int64_t{0} : index.offsets().front().recorded.micros);
  store(p + 80, index.last_recorded().micros);
  store(p + 88, index.min_time().micros);
  store(p + 96, index.max_time().micros);
  const auto hashes = peaks.hashes();
  store(p + kPeakCountAt, static_cast<std::uint32_t>(hashes.size()));
  if (!hashes.empty()) std::memcpy(p + kPeaksAt, hashes.data(), hashes.size_bytes());
}

bool reserved_zero(ByteView body, std::size_t peaks) {
  constexpr std::size_t kReservedAt = kPeakCountAt + sizeof(std::uint32_t);
  constexpr std::size_t kUsedSlotsEnd = kDirectoryAt + format::kSections * kDirectoryEntryBytes;
  const std::size_t peaks_end = kPeaksAt + peaks * sizeof(Digest);
  return all_zero(body.subspan(kReservedAt, kDirectoryAt - kReservedAt)) &&
         all_zero(body.subspan(kUsedSlotsEnd, kPeaksAt - kUsedSlotsEnd)) &&
         all_zero(body.subspan(peaks_end, format::kSealHeaderBytes - peaks_end));
}

}  // namespace

Result<Bytes> build_seal(const SegmentIndex& index, const Peaks& peaks,
                         const PreviousSegment& previous) {
  Sections sections;
  for (const OffsetEntry& entry : index.offsets()) {
    append_entry(section_of(sections, Section::Offsets), entry);
  }
  DAYBOOK_CHECK(build_streams(index, previous, sections));
  for (const KeyEntry& entry : index.sorted_keys()) {
    append_entry(section_of(sections, Section::Keys), entry);
  }
  for (const auto& [name, events] : index.types()) {
    const TypeEntry entry{append_name(section_of(sections, Section::Names), name),
                          static_cast<std::uint32_t>(name.size()), events};
    append_entry(section_of(sections, Section::Types), entry);
  }

  Bytes body(format::kSealHeaderBytes);
  write_header(index, peaks, body.data());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    std::uint8_t* slot = body.data() + kDirectoryAt + i * kDirectoryEntryBytes;
    store(slot, static_cast<std::uint32_t>(i + 1));
    store(slot + 4, crc32c(sections[i]));
    store(slot + 8, std::uint64_t{body.size()});
    store(slot + 16, std::uint64_t{sections[i].size()});
    body.insert(body.end(), sections[i].begin(), sections[i].end());
    body.resize(align8(body.size()));
  }
  store(body.data(), crc32c({body.data() + kCheckedFrom, format::kSealHeaderBytes - kCheckedFrom}));
  return body;
}

Result<SealHeader> decode_seal_header(ByteView body, std::uint64_t body_bytes) {
  if (body.size() < format::kSealHeaderBytes) return damaged("shorter than its header");
  const std::uint8_t* p = body.data();
  if (load<std::uint32_t>(p) !=
      crc32c(body.subspan(kCheckedFrom, format::kSealHeaderBytes - kCheckedFrom))) {
    return damaged("wrong header checksum");
  }
  if (load<std::uint32_t>(p + 4) != format::kSections) return damaged("unknown sections");
  SealHeader header;
  header.first_seq = Seq{load<std::uint64_t>(p + 8)};
  header.last_seq = Seq{load<std::uint64_t>(p + 16)};
  header.root = load<Digest>(p + 24);
  header.last_id = load<EventId>(p + 56);
  header.first_recorded = Timestamp{load<std::int64_t>(p + 72)};
  header.last_recorded = Timestamp{load<std::int64_t>(p + 80)};
  header.min_time = Timestamp{load<std::int64_t>(p + 88)};
  header.max_time = Timestamp{load<std::int64_t>(p + 96)};
  const auto count = load<std::uint32_t>(p + kPeakCountAt);
  if (count > format::kMaxPeaks) return damaged("too many peaks");
  if (!reserved_zero(body, count)) return damaged("reserved bytes are not zero");
  std::vector<Digest> hashes(count);
  if (count > 0) std::memcpy(hashes.data(), p + kPeaksAt, count * sizeof(Digest));
  DAYBOOK_TRY(peaks, Peaks::from(header.last_seq.value, hashes));
  header.peaks = peaks;
  if (peaks.root() != header.root) return damaged("root and peaks disagree");
  for (std::size_t i = 0; i < format::kSections; ++i) {
    const std::uint8_t* slot = p + kDirectoryAt + i * kDirectoryEntryBytes;
    SealHeader::SectionPlace& place = header.sections[i];
    place = {load<std::uint32_t>(slot + 4), load<std::uint64_t>(slot + 8),
             load<std::uint64_t>(slot + 16)};
    const bool fits = place.offset <= body_bytes && place.length <= body_bytes - place.offset;
    if (load<std::uint32_t>(slot) != i + 1 || !fits) return damaged("a section is out of place");
  }
  return header;
}

Result<SealReader> SealReader::open(Source source, std::uint64_t body_bytes) {
  if (body_bytes < format::kSealHeaderBytes) return damaged("shorter than its header");
  DAYBOOK_TRY(start, source(0, format::kSealHeaderBytes));
  DAYBOOK_TRY(header, decode_seal_header(start, body_bytes));
  return SealReader(std::move(source), header);
}

Result<SealReader> SealReader::over(Bytes body) {
  const auto shared = std::make_shared<const Bytes>(std::move(body));
  return open(
      [shared](std::uint64_t offset, std::uint64_t length) -> Result<Bytes> {
        if (offset > shared->size() || length > shared->size() - offset) {
          return damaged("a section is out of place");
        }
        const auto from = shared->begin() + static_cast<std::ptrdiff_t>(offset);
        return Bytes(from, from + static_cast<std::ptrdiff_t>(length));
      },
      shared->size());
}

Result<ByteView> SealReader::section(Section section) {
  std::optional<Bytes>& slot = loaded_[static_cast<std::size_t>(section) - 1];
  if (!slot) {
    const SealHeader::SectionPlace& place = header_.place(section);
    DAYBOOK_TRY(bytes, source_(place.offset, place.length));
    if (crc32c(bytes) != place.crc) {
      return damaged(fmt::format("wrong checksum of section {}", static_cast<int>(section)));
    }
    slot = std::move(bytes);
  }
  return ByteView(*slot);
}

template <class Entry>
Result<std::span<const Entry>> SealReader::table(Section which) {
  DAYBOOK_TRY(bytes, section(which));
  if (bytes.size() % sizeof(Entry) != 0) return damaged("a section has a broken entry");
  // Vectors of bytes are aligned for every fundamental type.
  return std::span(reinterpret_cast<const Entry*>(bytes.data()), bytes.size() / sizeof(Entry));
}

Result<std::string_view> SealReader::name(std::uint32_t offset, std::uint32_t length) {
  DAYBOOK_TRY(names, section(Section::Names));
  if (offset > names.size() || length > names.size() - offset) {
    return damaged("a name is out of place");
  }
  return as_text(names.subspan(offset, length));
}

Result<std::span<const OffsetEntry>> SealReader::offsets() {
  return table<OffsetEntry>(Section::Offsets);
}

Result<std::optional<StreamEntry>> SealReader::find_stream(std::string_view stream,
                                                           std::uint64_t hash) {
  DAYBOOK_TRY(entries, table<StreamEntry>(Section::Streams));
  for (const StreamEntry& entry : std::ranges::equal_range(entries, hash, {}, &StreamEntry::hash)) {
    DAYBOOK_TRY(stored, name(entry.name_offset, entry.name_bytes));
    if (stored == stream && entry.events > 0) return entry;
  }
  return std::nullopt;
}

Result<SegmentStreams> SealReader::streams() {
  DAYBOOK_TRY(entries, table<StreamEntry>(Section::Streams));
  SegmentStreams streams;
  streams.hashes.reserve(entries.size());
  std::uint64_t events = 0;
  for (const StreamEntry& entry : entries) {
    if (entry.events > 0) streams.hashes.push_back(entry.hash);
    events += entry.events;
  }
  const std::uint64_t places = header_.last_seq.value + 1 - header_.first_seq.value;
  streams.unreadable = places > events ? places - events : 0;
  return streams;
}

Result<std::vector<std::uint32_t>> SealReader::postings(const StreamEntry& entry) {
  const SealHeader::SectionPlace& place = header_.place(Section::Postings);
  const std::uint64_t bytes = entry.events * sizeof(std::uint32_t);
  if (entry.events > place.length || entry.postings_offset > place.length ||
      bytes > place.length - entry.postings_offset) {
    return damaged("postings are out of place");
  }
  DAYBOOK_TRY(raw, source_(place.offset + entry.postings_offset, bytes));
  if (crc32c(raw) != entry.postings_crc) return damaged("wrong checksum of postings");
  std::vector<std::uint32_t> seqs(entry.events);
  std::memcpy(seqs.data(), raw.data(), raw.size());
  return seqs;
}

Result<std::vector<Seq>> SealReader::find_key(std::uint64_t hash) {
  DAYBOOK_TRY(entries, table<KeyEntry>(Section::Keys));
  std::vector<Seq> seqs;
  for (const KeyEntry& entry : std::ranges::equal_range(entries, hash, {}, &KeyEntry::hash)) {
    seqs.push_back(entry.seq);
  }
  return seqs;
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> SealReader::types() {
  DAYBOOK_TRY(entries, table<TypeEntry>(Section::Types));
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const TypeEntry& entry : entries) {
    DAYBOOK_TRY(type, name(entry.name_offset, entry.name_bytes));
    counts.emplace_back(type, entry.events);
  }
  return counts;
}

Result<void> SealReader::check() {
  for (std::size_t i = 1; i <= format::kSections; ++i) {
    DAYBOOK_TRY(bytes, section(static_cast<Section>(i)));
    static_cast<void>(bytes);
  }
  return {};
}

Result<SegmentIndex> SealReader::restore() {
  SegmentIndex index(header_.first_seq);
  DAYBOOK_TRY(offsets, this->offsets());
  index.offsets_.assign(offsets.begin(), offsets.end());
  DAYBOOK_TRY(streams, table<StreamEntry>(Section::Streams));
  index.streams_.reserve(streams.size() + streams.size() / 4);
  for (const StreamEntry& entry : streams) {
    DAYBOOK_TRY(stream, name(entry.name_offset, entry.name_bytes));
    StreamPart& part = index.part(stream);
    part.first = entry.first;
    part.last = entry.last;
    DAYBOOK_TRY(seqs, postings(entry));
    part.seqs = std::move(seqs);
  }
  DAYBOOK_TRY(keys, table<KeyEntry>(Section::Keys));
  index.old_keys_.assign(keys.begin(), keys.end());
  DAYBOOK_TRY(counts, types());
  for (std::size_t i = 0; i < counts.size(); ++i) index.type_at_.emplace(counts[i].first, i);
  index.types_ = std::move(counts);
  index.last_seq_ = header_.last_seq;
  index.last_id_ = header_.last_id;
  index.last_recorded_ = header_.last_recorded;
  index.min_time_ = header_.min_time;
  index.max_time_ = header_.max_time;
  return index;
}

}  // namespace daybook
