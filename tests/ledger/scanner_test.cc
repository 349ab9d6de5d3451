// SPDX-License-Identifier: Apache-2.0
//
// How a segment is read frame by frame, and how the way is found again behind
// what cannot be read (docs/format.md, 6.3).
#include "ledger/scanner.h"

#include <gtest/gtest.h>

#include "ledger/frames.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::concat;
using testing::expect;
using testing::frame_of;
using testing::MemoryFile;
using Kind = FrameScanner::Kind;

// One step of a scan: what it was, where, and the seqs of its readable events.
struct Step {
  Kind kind = Kind::End;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<std::uint64_t> seqs;
  friend bool operator==(const Step&, const Step&) = default;
  friend void PrintTo(const Step& step, std::ostream* out) {
    *out << (step.kind == Kind::Frame    ? "frame"
             : step.kind == Kind::Damage ? "damage"
                                         : "end")
         << " at " << step.offset << "+" << step.length << " with";
    for (const std::uint64_t seq : step.seqs) *out << " #" << seq;
  }
};

// All steps up to and without the end. Each must move on.
std::vector<Step> scan(ByteView bytes, std::uint64_t trusted_end) {
  const MemoryFile file(bytes);
  FrameScanner scanner(*file, 0, trusted_end);
  std::vector<Step> steps;
  std::uint64_t end = 0;
  while (true) {
    const Kind kind = expect(scanner.next());
    EXPECT_EQ(scanner.offset(), end);
    if (kind == Kind::End) return steps;
    EXPECT_GT(scanner.length(), 0U);
    end = scanner.offset() + scanner.length();
    Step step{kind, scanner.offset(), scanner.length(), {}};
    for (const RecordView& record : scanner.records()) {
      step.seqs.push_back(envelope_seq(record.envelope.data()).value);
    }
    steps.push_back(std::move(step));
    if (steps.size() > bytes.size()) throw std::runtime_error("the scan does not end");
  }
}

const Bytes kGarbage(48, 0xA5);
const Bytes kZeros(64, 0);

TEST(Scanner, ReadsFramesUpToTheZeros) {
  const Bytes first = frame_of(1, {"1", "2"});
  const Bytes second = frame_of(3, {""});
  const std::vector<Step> expected = {{Kind::Frame, 0, first.size(), {1, 2}},
                                      {Kind::Frame, first.size(), second.size(), {3}}};
  EXPECT_EQ(scan(concat({first, second}), 0), expected);
  EXPECT_EQ(scan(concat({first, second, kZeros}), 0), expected);
  EXPECT_EQ(scan({}, 0), std::vector<Step>{});
  EXPECT_EQ(scan(kZeros, 0), std::vector<Step>{});
}

TEST(Scanner, GoesOnWhenTheFileHasGrown) {
  const Bytes first = frame_of(1, {"1"});
  const Bytes second = frame_of(2, {"2"});
  const MemoryFile file(concat({first, kZeros}));
  FrameScanner scanner(*file, 0, 0);
  EXPECT_EQ(expect(scanner.next()), Kind::Frame);
  EXPECT_EQ(expect(scanner.next()), Kind::End);
  EXPECT_EQ(expect(scanner.next()), Kind::End);
  expect((*file).write_at(first.size(), second));
  scanner.forget();
  EXPECT_EQ(expect(scanner.next()), Kind::Frame);
  EXPECT_EQ(scanner.frame().header.seq, Seq{2});
  EXPECT_EQ(scanner.offset(), first.size());
}

TEST(Scanner, GarbageIsTheEndWhereNothingWasPromised) {
  const Bytes first = frame_of(1, {"1"});
  const Bytes whole = concat({first, kGarbage, frame_of(2, {"2"})});
  EXPECT_EQ(scan(whole, 0).size(), 1U);
  EXPECT_EQ(scan(whole, first.size()).size(), 1U);
}

TEST(Scanner, GarbageIsDamageWhereSomethingWasPromised) {
  const Bytes first = frame_of(1, {"1"});
  const Bytes second = frame_of(2, {"2"});
  const Bytes whole = concat({first, kGarbage, second});
  const std::vector<Step> expected = {
      {Kind::Frame, 0, first.size(), {1}},
      {Kind::Damage, first.size(), kGarbage.size(), {}},
      {Kind::Frame, first.size() + kGarbage.size(), second.size(), {2}}};
  EXPECT_EQ(scan(whole, first.size() + 1), expected);
  EXPECT_EQ(scan(whole, kEverything), expected);
  // Garbage at either end.
  EXPECT_EQ(scan(concat({kGarbage, second}), kEverything),
            (std::vector<Step>{{Kind::Damage, 0, kGarbage.size(), {}},
                               {Kind::Frame, kGarbage.size(), second.size(), {2}}}));
  EXPECT_EQ(scan(concat({second, kGarbage}), kEverything),
            (std::vector<Step>{{Kind::Frame, 0, second.size(), {2}},
                               {Kind::Damage, second.size(), kGarbage.size(), {}}}));
}

// A frame says what was on stable storage when it was written: before that
// offset nothing can be a torn tail.
TEST(Scanner, AFrameTellsWhatWasPromised) {
  const Bytes first = frame_of(1, {"1"}, 4096);
  const Bytes second = frame_of(2, {"2"});
  Bytes whole = concat({first, kGarbage, second});
  whole.resize(8192);
  const std::uint64_t end = first.size() + kGarbage.size() + second.size();
  EXPECT_EQ(scan(whole, 0),
            (std::vector<Step>{{Kind::Frame, 0, first.size(), {1}},
                               {Kind::Damage, first.size(), kGarbage.size(), {}},
                               {Kind::Frame, end - second.size(), second.size(), {2}},
                               {Kind::Damage, end, 4096 - end, {}}}));  // it has gone
}

TEST(Scanner, WithoutAFrameBehindItDamageReachesTheBoundary) {
  const Bytes whole = concat({kGarbage, kZeros, kZeros});
  EXPECT_EQ(scan(whole, 96), (std::vector<Step>{{Kind::Damage, 0, 96, {}}}));
  EXPECT_EQ(scan(whole, kEverything), (std::vector<Step>{{Kind::Damage, 0, whole.size(), {}}}));
  // The file may be shorter than what was promised, and not aligned.
  EXPECT_EQ(scan(ByteView(whole).first(45), 4096), (std::vector<Step>{{Kind::Damage, 0, 48, {}}}));
}

TEST(Scanner, OneBadRecordCostsOneEvent) {
  const Bytes first = frame_of(1, {"1"});
  Bytes middle = frame_of(2, {"2", "3", "4"});
  const Bytes last = frame_of(5, {"5"});
  FrameView view;
  ASSERT_TRUE(view.decode(middle));
  middle[view.records[1].offset + format::kRecordHeaderBytes + 1] ^= 1;  // the tier of #3
  EXPECT_EQ(scan(concat({first, middle, last}), kEverything),
            (std::vector<Step>{{Kind::Frame, 0, first.size(), {1}},
                               {Kind::Damage, first.size(), middle.size(), {2, 4}},
                               {Kind::Frame, first.size() + middle.size(), last.size(), {5}}}));
}

TEST(Scanner, ABadHeaderCostsNoEvent) {
  const Bytes first = frame_of(1, {"1"});
  Bytes middle = frame_of(2, {"2", "3"});
  middle[0] ^= 1;
  const auto steps = scan(concat({first, middle, frame_of(4, {"4"})}), kEverything);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[1], (Step{Kind::Damage, first.size(), middle.size(), {2, 3}}));
}

TEST(Scanner, SalvagedRecordsAreReadWhereTheyStand) {
  Bytes damaged = frame_of(2, {R"("two")", R"("three")"});
  damaged[0] ^= 1;
  const MemoryFile file(concat({frame_of(1, {"1"}), damaged}));
  FrameScanner scanner(*file, 0, kEverything);
  ASSERT_EQ(expect(scanner.next()), Kind::Frame);
  ASSERT_EQ(expect(scanner.next()), Kind::Damage);
  ASSERT_EQ(scanner.records().size(), 2U);
  for (const RecordView& record : scanner.records()) {
    const EventView event = expect(decode_event(record));
    Bytes there(format::kRecordHeaderBytes + record.envelope.size());
    ASSERT_EQ(expect((*file).read_at(scanner.offset() + record.offset, there)), there.size());
    EXPECT_TRUE(
        std::ranges::equal(record.envelope, ByteView(there).subspan(format::kRecordHeaderBytes)));
    EXPECT_EQ(event.data, event.seq == Seq{2} ? R"("two")" : R"("three")");
  }
}

// Markers are ordinary text: in data they mean nothing, whether the frame around
// them is good or not.
TEST(Scanner, MarkersInDataMeanNothing) {
  std::string markers;
  for (int i = 0; i < 64; ++i) markers += i % 2 == 0 ? "DBF1DBR1" : "DBF1 DBR1   ";
  const Bytes good = frame_of(1, {'"' + markers + '"', '"' + markers.substr(1) + '"'});
  Bytes bad = good;
  bad[4] ^= 1;
  const Bytes last = frame_of(3, {"3"});
  EXPECT_EQ(scan(concat({good, last}), kEverything),
            (std::vector<Step>{{Kind::Frame, 0, good.size(), {1, 2}},
                               {Kind::Frame, good.size(), last.size(), {3}}}));
  EXPECT_EQ(scan(concat({bad, last}), kEverything),
            (std::vector<Step>{{Kind::Damage, 0, bad.size(), {1, 2}},
                               {Kind::Frame, bad.size(), last.size(), {3}}}));
}

// A header that is good in itself and promises more than there is.
TEST(Scanner, AHugeFrameThatIsNotThereHidesNothing) {
  Bytes huge(format::kFrameHeaderBytes);
  encode_frame_header({.type = format::FrameType::Events,
                       .body_bytes = format::kMaxFrameBody,
                       .records = format::kMaxRecords,
                       .seq = Seq{1},
                       .durable = 0},
                      huge.data());
  const Bytes last = frame_of(1, {"1"});
  EXPECT_EQ(scan(concat({huge, last}), kEverything),
            (std::vector<Step>{{Kind::Damage, 0, huge.size(), {}},
                               {Kind::Frame, huge.size(), last.size(), {1}}}));
  EXPECT_EQ(scan(concat({huge, last}), 0), std::vector<Step>{});
}

// So does a record: its length reaches over what stands behind it.
TEST(Scanner, AHugeRecordThatIsNotThereHidesNothing) {
  for (const std::uint32_t length : {std::uint32_t{100}, std::uint32_t{1} << 20, UINT32_MAX}) {
    Bytes damaged = frame_of(1, {"1", "2"});
    store(damaged.data() + format::kFrameHeaderBytes + 12, length);
    const auto steps = scan(damaged, kEverything);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].seqs, std::vector<std::uint64_t>{2}) << length;
  }
}

TEST(Scanner, ErasedDataIsAHoleBeyondTheBoundary) {
  Bytes frame = frame_of(1, {"1"});
  FrameView view;
  ASSERT_TRUE(view.decode(frame));
  const ByteView data = view.records[0].data;
  std::fill_n(frame.begin() + (data.data() - frame.data()), data.size(), 0);
  EXPECT_EQ(scan(frame, 0), std::vector<Step>{});
  EXPECT_EQ(scan(frame, 1), (std::vector<Step>{{Kind::Frame, 0, frame.size(), {1}}}));
}

// The search reads in pieces: a frame on the border of two is found as well.
TEST(FindFrame, FindsAFrameWhereverItStands) {
  constexpr std::uint64_t kPiece = 1u << 20;
  const Bytes frame = frame_of(1, {"1", "2"});
  for (const std::uint64_t at :
       {std::uint64_t{8}, kPiece - 40, kPiece, kPiece + 8, 2 * kPiece - 8}) {
    Bytes bytes(2 * kPiece + 4096, 0xFF);
    std::ranges::copy(frame, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    const MemoryFile file(bytes);
    EXPECT_EQ(expect(find_frame(*file, 0, bytes.size())), at);
    EXPECT_EQ(expect(find_frame(*file, at, at + 1)), at);
    EXPECT_EQ(expect(find_frame(*file, 0, at)), std::nullopt) << "before " << at;
    EXPECT_EQ(expect(find_frame(*file, at + 8, bytes.size())), std::nullopt) << "behind " << at;
  }
}

TEST(EndOfBytes, IsBehindTheLastByteRoundedUp) {
  for (const std::size_t last : {0U, 7U, 8U, 1'048'575U, 1'048'576U, 3'000'000U}) {
    Bytes bytes(4'000'001);
    bytes[last] = 1;
    EXPECT_EQ(expect(end_of_bytes(*MemoryFile(bytes), 0)), align8(last + 1)) << last;
  }
  EXPECT_EQ(expect(end_of_bytes(*MemoryFile(Bytes(100)), 16)), 16U);
  EXPECT_EQ(expect(end_of_bytes(*MemoryFile(Bytes(100)), 100)), 100U);
}

// Frames and junk in any order: every frame that is whole is read, in order, and
// the steps cover the file without gap.
TEST(Scanner, ReadsEveryWholeFrameBetweenAnyJunk) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    testing::Random random(seed);
    Bytes bytes;
    std::vector<std::uint64_t> whole;
    std::uint64_t seq = 1;
    for (std::uint64_t part = random.between(1, 12); part > 0; --part) {
      Bytes next = frame_of(seq, {std::to_string(seq)});
      switch (random.below(4)) {
        case 0:  // junk
          next.assign(8 * random.between(1, 40), 0);
          random.fill(next);
          break;
        case 1:  // zeros
          next.assign(8 * random.between(1, 40), 0);
          break;
        default:
          whole.push_back(seq++);
      }
      bytes.insert(bytes.end(), next.begin(), next.end());
    }
    std::vector<std::uint64_t> read;
    std::uint64_t covered = 0;
    for (const Step& step : scan(bytes, kEverything)) {
      covered += step.length;
      if (step.kind == Kind::Frame) read.insert(read.end(), step.seqs.begin(), step.seqs.end());
    }
    EXPECT_EQ(read, whole) << "seed " << seed;
    EXPECT_EQ(covered, bytes.size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace daybook
