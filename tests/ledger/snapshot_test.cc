// SPDX-License-Identifier: Apache-2.0
//
// views/active is derived: whatever stands there, a ledger gives the same
// answers, and a good one saves reading.
#include "ledger/snapshot.h"

#include <gtest/gtest.h>

#include "ledger/golden.h"
#include "ledger/segment.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::append_numbered;
using testing::expect;
using testing::small_options;
using testing::TestEnvironment;

constexpr std::size_t kEvents = 40;
const std::string kSegment = "/ledger/log/00000000000000000001.seg";
const std::string kSnapshot = "/ledger/views/active";

class SnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world_.environment()));
    append_numbered(ledger, kEvents);
    expect(ledger.append({.stream = "keyed", .type = "t", .key = "k"}));
    expect(ledger.close());
    file_ = expect(world_.disk.open(kSegment, OpenMode::Read));
    Bytes bytes(format::kSegmentHeaderBytes);
    static_cast<void>(expect(file_->read_at(0, bytes)));
    header_ = expect(decode_segment_header(bytes, kSegment));
    state_ = std::make_unique<SegmentState>(header_, "log/x");
    expect(state_->follow(*file_));
    Environment env = world_.environment();
    expect(save_snapshot(env, kSnapshot, header_.ledger_id, *state_));
  }

  std::unique_ptr<SegmentState> load() {
    return load_snapshot(world_.disk, kSnapshot, *file_, header_, "log/x");
  }

  // Every answer that the state of the active segment gives.
  std::string answers() {
    std::string all;
    Ledger ledger = expect(Ledger::open("/ledger", small_options(), world_.environment()));
    for (const Event& event : testing::read_all(ledger)) all += to_string(event.id) + event.data;
    for (const TypeCount& type : expect(ledger.type_counts())) {
      all += type.type + std::to_string(type.count);
    }
    for (const std::string stream : {"stream/0", "stream/1", "stream/2", "keyed", "none"}) {
      all += std::to_string(expect(ledger.stream_version(stream)).value) + ",";
    }
    const Receipt again = expect(ledger.append({.stream = "keyed", .type = "t", .key = "k"}));
    all += again.duplicate ? "duplicate" : "new";
    const LedgerStatus status = expect(ledger.status());
    all += to_string(status.head.root);
    all += status.checkpoint ? status.checkpoint->text : "no checkpoint";
    return all;
  }

  TestEnvironment world_;
  std::unique_ptr<File> file_;
  SegmentHeader header_;
  std::unique_ptr<SegmentState> state_;
};

TEST_F(SnapshotTest, GivesBackTheState) {
  const auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->end, state_->end);
  EXPECT_EQ(loaded->last_frame, state_->last_frame);
  EXPECT_EQ(loaded->peaks, state_->peaks);
  EXPECT_EQ(loaded->checkpoint, state_->checkpoint);
  EXPECT_EQ(loaded->checkpoint_size, kEvents + 1);
  EXPECT_EQ(loaded->index.last_seq(), Seq{kEvents + 1});
  EXPECT_EQ(loaded->index.last_id(), state_->index.last_id());
  EXPECT_EQ(loaded->index.types(), state_->index.types());
  EXPECT_EQ(loaded->index.sorted_keys(), state_->index.sorted_keys());
}

// What is taken from a snapshot is as it was saved, or nothing is.
TEST_F(SnapshotTest, AFlippedByteIsFoundOrMeansNothing) {
  const std::string truth = answers();
  const Bytes good = world_.disk.content(kSnapshot);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    world_.disk.flip_bit(kSnapshot, at, at % 8);
    if (const auto loaded = load()) {
      EXPECT_EQ(loaded->end, state_->end) << "byte " << at;
      EXPECT_EQ(loaded->checkpoint, state_->checkpoint) << "byte " << at;
      EXPECT_EQ(loaded->index.last_seq(), state_->index.last_seq()) << "byte " << at;
      EXPECT_EQ(loaded->index.types(), state_->index.types()) << "byte " << at;
    } else {
      ++refused;
    }
    if (at % 257 == 0) {
      EXPECT_EQ(answers(), truth) << "byte " << at;
    }
    world_.disk.put_file(kSnapshot, good);
  }
  EXPECT_GT(refused, good.size() * 9 / 10);
}

TEST_F(SnapshotTest, GarbageIsIgnored) {
  const std::string truth = answers();
  const Bytes good = world_.disk.content(kSnapshot);
  testing::Random random(1);
  for (const std::size_t size : {0U, 1U, 11U, 95U, 96U, 97U, 4192U, 100'000U}) {
    Bytes garbage(size);
    random.fill(garbage);
    world_.disk.put_file(kSnapshot, garbage);
    EXPECT_FALSE(load()) << size << " random bytes";
    EXPECT_EQ(answers(), truth) << size << " random bytes";
    world_.disk.put_file(kSnapshot, Bytes(size));
    EXPECT_FALSE(load()) << size << " zeros";
  }
  for (std::size_t size = 0; size < good.size(); size += 61) {
    world_.disk.put_file(kSnapshot, ByteView(good).first(size));
    EXPECT_FALSE(load()) << "cut to " << size;
  }
}

// A snapshot of less than there is now: the rest is read.
TEST_F(SnapshotTest, AnOldOneIsCaughtUpWith) {
  const Bytes old = world_.disk.content(kSnapshot);
  {
    Ledger ledger = expect(Ledger::open("/ledger", small_options(), world_.environment()));
    append_numbered(ledger, 5);
    expect(ledger.close());
  }
  world_.disk.put_file(kSnapshot, Bytes{});
  const std::string truth = answers();
  world_.disk.put_file(kSnapshot, old);
  EXPECT_TRUE(load());
  EXPECT_EQ(answers(), truth);
}

// A snapshot of a longer log than there is, as after a restore from a backup.
TEST_F(SnapshotTest, OneFromTheFutureIsIgnored) {
  const auto before = world_.disk.clone();
  {
    Ledger ledger = expect(Ledger::open("/ledger", small_options(), world_.environment()));
    append_numbered(ledger, 5);
    expect(ledger.close());
  }
  SegmentState later(header_, "log/x");
  expect(later.follow(*file_));
  ASSERT_EQ(later.index.last_seq(), Seq{kEvents + 6});
  Environment env = world_.environment();
  expect(save_snapshot(env, kSnapshot, header_.ledger_id, later));
  ASSERT_TRUE(load());
  const auto earlier = expect(before->open(kSegment, OpenMode::Read));
  EXPECT_FALSE(load_snapshot(world_.disk, kSnapshot, *earlier, header_, "log/x"));
}

TEST_F(SnapshotTest, OneOfAnotherLedgerOrSegmentIsIgnored) {
  SegmentHeader other = header_;
  other.ledger_id.bytes[0] ^= 1;
  EXPECT_FALSE(load_snapshot(world_.disk, kSnapshot, *file_, other, "log/x"));
  other = header_;
  other.first_seq = Seq{2};
  EXPECT_FALSE(load_snapshot(world_.disk, kSnapshot, *file_, other, "log/x"));
  EXPECT_TRUE(load());
}

}  // namespace
}  // namespace daybook
