// SPDX-License-Identifier: Apache-2.0
//
// The lookup tables of a sealed segment (docs/format.md, 6.1): what goes in comes
// out, is found, and nothing else is; what is not as it was written is refused.
#include "ledger/seal.h"

#include <gtest/gtest.h>

#include "ledger/frames.h"

namespace daybook {
namespace {

using testing::expect;

constexpr std::uint64_t kFirst = 101;
constexpr std::size_t kEvents = 100;
constexpr std::size_t kDirectoryAt = 112;

std::string stream_of(std::size_t i) {
  return i % 10 == 9 ? "rare" : "stream/" + std::to_string(i % 3);
}
std::string key_of(std::size_t i) { return i % 4 == 0 ? "key/" + std::to_string(i) : ""; }

EventView event_of(std::size_t i, const std::string& stream, const std::string& key,
                   const std::string& type) {
  EventView event;
  event.seq = Seq{kFirst + i};
  event.version = Version{1000 + i};  // the streams go on from earlier segments
  event.id = testing::id_of(kFirst + i);
  event.time = Timestamp{static_cast<std::int64_t>(i % 7) - 3};
  event.recorded = Timestamp{static_cast<std::int64_t>(50 + i)};
  event.stream = stream;
  event.key = key;
  event.type = type;
  return event;
}

// The events [from, to), a record every 1000 bytes.
void fill(SegmentIndex& index, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const std::string stream = stream_of(i);
    const std::string key = key_of(i);
    const std::string type = i % 5 == 0 ? "often" : "type/" + std::to_string(i % 2);
    index.add(event_of(i, stream, key, type), 4136 + 1000 * i, 4096 + 1000 * i);
  }
}

Peaks peaks_of(std::uint64_t size) {
  Peaks peaks;
  for (std::uint64_t i = 1; i <= size; ++i) peaks.append(lost_leaf_hash(Seq{i}));
  return peaks;
}

Result<Seq> previous_of(std::string_view stream, std::uint64_t hash) {
  EXPECT_EQ(hash, stream_hash(stream));
  return stream == "rare" ? Seq{} : Seq{17};
}

Bytes seal_of(const SegmentIndex& index) {
  return expect(build_seal(index, peaks_of(index.last_seq().value), previous_of));
}

SegmentIndex full_index() {
  SegmentIndex index(Seq{kFirst});
  fill(index, 0, kEvents);
  return index;
}

// Puts right what protects a changed table.
void repair_checksums(Bytes& body) {
  for (std::size_t i = 0; i < format::kSections; ++i) {
    std::uint8_t* slot = body.data() + kDirectoryAt + 24 * i;
    const auto offset = load<std::uint64_t>(slot + 8);
    const auto length = load<std::uint64_t>(slot + 16);
    if (offset > body.size() || length > body.size() - offset) continue;
    store(slot + 4, crc32c(ByteView(body).subspan(offset, length)));
  }
  store(body.data(), crc32c(ByteView(body).subspan(4, format::kSealHeaderBytes - 4)));
}

std::uint64_t section_at(const Bytes& body, format::Section section) {
  return load<std::uint64_t>(body.data() + kDirectoryAt +
                             24 * (static_cast<std::size_t>(section) - 1) + 8);
}

TEST(Seal, SaysWhatTheSegmentHolds) {
  const SegmentIndex index = full_index();
  const Peaks peaks = peaks_of(kFirst + kEvents - 1);
  SealReader seal = expect(SealReader::over(seal_of(index)));
  const SealHeader& header = seal.header();
  EXPECT_EQ(header.first_seq, Seq{kFirst});
  EXPECT_EQ(header.last_seq, Seq{kFirst + kEvents - 1});
  EXPECT_EQ(header.root, peaks.root());
  EXPECT_EQ(header.peaks, peaks);
  EXPECT_EQ(header.last_id, testing::id_of(kFirst + kEvents - 1));
  EXPECT_EQ(header.first_recorded, Timestamp{50});
  EXPECT_EQ(header.last_recorded, Timestamp{50 + kEvents - 1});
  EXPECT_EQ(header.min_time, Timestamp{-3});
  EXPECT_EQ(header.max_time, Timestamp{3});
  expect(seal.check());
}

TEST(Seal, FindsStreamsAndTheirEvents) {
  SealReader seal = expect(SealReader::over(seal_of(full_index())));
  for (const std::string stream : {"stream/0", "stream/1", "stream/2", "rare"}) {
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < kEvents; ++i) {
      if (stream_of(i) == stream) expected.push_back(static_cast<std::uint32_t>(i));
    }
    const auto entry = expect(seal.find_stream(stream, stream_hash(stream)));
    ASSERT_TRUE(entry) << stream;
    EXPECT_EQ(expect(seal.postings(*entry)), expected) << stream;
    EXPECT_EQ(entry->events, expected.size());
    EXPECT_EQ(entry->first, Version{1000 + expected.front()});
    EXPECT_EQ(entry->last, Version{1000 + expected.back()});
    EXPECT_EQ(entry->previous_segment, stream == "rare" ? Seq{} : Seq{17});
  }
}

TEST(Seal, FindsNothingThatIsNotThere) {
  SealReader seal = expect(SealReader::over(seal_of(full_index())));
  for (const std::string stream : {"", "stream", "stream/", "stream/3", "stream/00", "rar"}) {
    EXPECT_FALSE(expect(seal.find_stream(stream, stream_hash(stream)))) << stream;
    // Not even when its hash were that of a stream that is there.
    EXPECT_FALSE(expect(seal.find_stream(stream, stream_hash("stream/0")))) << stream;
  }
  EXPECT_FALSE(expect(seal.find_stream("stream/0", stream_hash("stream/1"))));
  EXPECT_TRUE(expect(seal.find_key(key_hash("stream/0", "key/4"))).empty()) << "of stream/1";
  EXPECT_TRUE(expect(seal.find_key(0)).empty());
  EXPECT_TRUE(expect(seal.find_key(UINT64_MAX)).empty());
}

TEST(Seal, FindsKeys) {
  SealReader seal = expect(SealReader::over(seal_of(full_index())));
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (key_of(i).empty()) continue;
    EXPECT_EQ(expect(seal.find_key(key_hash(stream_of(i), key_of(i)))),
              std::vector{Seq{kFirst + i}});
  }
}

// Two streams of one hash: SHA-256 will not give them, so they are made.
TEST(Seal, TellsStreamsOfOneHashApartByTheirNames) {
  Bytes body = seal_of(full_index());
  constexpr std::size_t kStreams = 4;
  const std::uint64_t at = section_at(body, format::Section::Streams);
  for (std::size_t i = 0; i < kStreams; ++i) {
    store(body.data() + at + i * format::kStreamEntryBytes, std::uint64_t{5});
  }
  repair_checksums(body);
  SealReader seal = expect(SealReader::over(body));
  for (const std::string stream : {"stream/0", "stream/1", "stream/2", "rare"}) {
    const auto entry = expect(seal.find_stream(stream, 5));
    ASSERT_TRUE(entry) << stream;
    EXPECT_EQ(stream_of(expect(seal.postings(*entry)).front()), stream);
  }
  EXPECT_FALSE(expect(seal.find_stream("other", 5)));
}

TEST(Seal, CountsTypesInOrderOfAppearance) {
  SealReader seal = expect(SealReader::over(seal_of(full_index())));
  EXPECT_EQ(expect(seal.types()), (std::vector<std::pair<std::string, std::uint64_t>>{
                                      {"often", 20}, {"type/1", 40}, {"type/0", 40}}));
}

TEST(Seal, NotesAnOffsetEvery16KiB) {
  SealReader seal = expect(SealReader::over(seal_of(full_index())));
  const auto offsets = expect(seal.offsets());
  ASSERT_EQ(offsets.size(), 6U);  // every 17th record of 1000 bytes
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    EXPECT_EQ(offsets[i].seq.value, kFirst + 17 * i);
    EXPECT_EQ(offsets[i].record, 4136 + 17'000 * i);
    EXPECT_EQ(offsets[i].frame, 4096 + 17'000 * i);
    EXPECT_EQ(offsets[i].id, testing::id_of(kFirst + 17 * i));
    EXPECT_EQ(offsets[i].recorded.micros, static_cast<std::int64_t>(50 + 17 * i));
  }
}

void expect_same_index(const SegmentIndex& a, const SegmentIndex& b) {
  EXPECT_EQ(a.first_seq(), b.first_seq());
  EXPECT_EQ(a.last_seq(), b.last_seq());
  EXPECT_EQ(a.last_id(), b.last_id());
  EXPECT_EQ(a.last_recorded(), b.last_recorded());
  EXPECT_EQ(a.min_time(), b.min_time());
  EXPECT_EQ(a.max_time(), b.max_time());
  EXPECT_EQ(a.types(), b.types());
  EXPECT_EQ(a.sorted_keys(), b.sorted_keys());
  EXPECT_EQ(a.streams().size(), b.streams().size());
  for (std::uint64_t seq = kFirst - 1; seq <= kFirst + 2 * kEvents; ++seq) {
    const OffsetEntry* there = a.locate(Seq{seq});
    const OffsetEntry* here = b.locate(Seq{seq});
    ASSERT_EQ(there == nullptr, here == nullptr) << seq;
    if (there != nullptr) {
      EXPECT_EQ(there->record, here->record) << seq;
    }
    EXPECT_EQ(a.locate(testing::id_of(seq)) == nullptr, here == nullptr) << seq;
  }
}

TEST(Seal, ARestoredIndexIsTheSameAndGrowsOn) {
  for (const std::size_t before : {std::size_t{1}, std::size_t{37}, kEvents}) {
    SegmentIndex whole(Seq{kFirst});
    fill(whole, 0, before);
    SealReader seal = expect(SealReader::over(seal_of(whole)));
    SegmentIndex restored = expect(seal.restore());
    expect_same_index(whole, restored);
    EXPECT_EQ(seal_of(restored), seal_of(whole));
    fill(whole, before, kEvents + 20);
    fill(restored, before, kEvents + 20);
    expect_same_index(whole, restored);
    EXPECT_EQ(seal_of(restored), seal_of(whole)) << "restored after " << before;
    EXPECT_EQ(restored.find_key(key_hash(stream_of(0), key_of(0))), std::vector{Seq{kFirst}});
  }
}

// A segment of which no event could be read still has its place in the ledger.
TEST(Seal, OfLostEventsAlone) {
  SegmentIndex index(Seq{kFirst});
  index.skip_to(Seq{kFirst + 4});
  SealReader seal = expect(SealReader::over(seal_of(index)));
  EXPECT_EQ(seal.header().last_seq, Seq{kFirst + 4});
  EXPECT_TRUE(expect(seal.offsets()).empty());
  EXPECT_TRUE(expect(seal.types()).empty());
  const SegmentIndex restored = expect(seal.restore());
  EXPECT_EQ(restored.last_seq(), Seq{kFirst + 4});
  EXPECT_EQ(restored.locate(kLastSeq), nullptr);
}

TEST(Seal, EveryFlippedBitIsFound) {
  const Bytes body = seal_of(full_index());
  std::vector<bool> checked(body.size(), false);
  std::fill_n(checked.begin(), format::kSealHeaderBytes, true);
  for (std::size_t i = 0; i < format::kSections; ++i) {
    const std::uint8_t* slot = body.data() + kDirectoryAt + 24 * i;
    std::fill_n(checked.begin() + static_cast<std::ptrdiff_t>(load<std::uint64_t>(slot + 8)),
                load<std::uint64_t>(slot + 16), true);
  }
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (!checked[at]) continue;  // zeros between sections
    Bytes flipped = body;
    flipped[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    auto seal = SealReader::over(flipped);
    EXPECT_FALSE(seal && seal->check()) << "byte " << at;
  }
}

TEST(Seal, CutShortItIsRefused) {
  const Bytes body = seal_of(full_index());
  for (std::size_t size = 0; size < body.size() - 8; size += size < 4096 ? 64 : 8) {
    auto seal =
        SealReader::over(Bytes(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_FALSE(seal && seal->check()) << "cut to " << size;
  }
}

// Tables that point elsewhere, under right checksums: an error, never a read
// beyond the seal or more memory than it has bytes.
TEST(Seal, TablesThatPointElsewhereAreRefused) {
  const Bytes good = seal_of(full_index());
  const std::uint64_t streams = section_at(good, format::Section::Streams);
  const std::uint64_t types = section_at(good, format::Section::Types);
  const auto restores = [&](std::uint64_t offset, auto value) {
    Bytes body = good;
    store(body.data() + offset, value);
    repair_checksums(body);
    auto seal = SealReader::over(body);
    return seal && seal->restore();
  };
  EXPECT_TRUE(restores(streams + 48, Seq{16}.value)) << "a reader cannot know the segment before";
  for (const std::uint32_t far : {0x7FFF'FFFFU, UINT32_MAX}) {
    EXPECT_FALSE(restores(streams + 8, far)) << "offset of a stream's name";
    EXPECT_FALSE(restores(streams + 12, far)) << "length of a stream's name";
    EXPECT_FALSE(restores(types, far)) << "offset of a type's name";
    EXPECT_FALSE(restores(types + 4, far)) << "length of a type's name";
    EXPECT_FALSE(restores(streams + 40, far)) << "checksum of postings";
  }
  for (const std::uint64_t far : {std::uint64_t{1} << 32, std::uint64_t{1} << 62, UINT64_MAX}) {
    EXPECT_FALSE(restores(streams + 24, far)) << "number of events";
    EXPECT_FALSE(restores(streams + 32, far)) << "first byte of the postings";
    for (std::size_t i = 0; i < format::kSections; ++i) {
      EXPECT_FALSE(restores(kDirectoryAt + 24 * i + 8, far)) << "offset of section " << i + 1;
      EXPECT_FALSE(restores(kDirectoryAt + 24 * i + 16, far)) << "length of section " << i + 1;
    }
  }
}

TEST(Seal, HeaderFieldsMustAgree) {
  const Bytes good = seal_of(full_index());
  const auto opens = [&](std::uint64_t offset, auto value) {
    Bytes body = good;
    store(body.data() + offset, value);
    repair_checksums(body);
    return SealReader::over(body).has_value();
  };
  EXPECT_TRUE(opens(72, std::int64_t{0}));
  EXPECT_FALSE(opens(4, std::uint32_t{5})) << "number of sections";
  EXPECT_FALSE(opens(16, std::uint64_t{kFirst})) << "tree size and peaks";
  EXPECT_FALSE(opens(16, UINT64_MAX));
  EXPECT_FALSE(opens(24, std::uint8_t{0})) << "root and peaks";
  EXPECT_FALSE(opens(104, std::uint32_t{65})) << "number of peaks";
  EXPECT_FALSE(opens(104, UINT32_MAX));
  EXPECT_FALSE(opens(304, std::uint8_t{0})) << "a peak";
  EXPECT_FALSE(opens(kDirectoryAt, std::uint32_t{2})) << "kind of the first section";
}

}  // namespace
}  // namespace daybook
