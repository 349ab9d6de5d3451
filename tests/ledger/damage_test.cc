// SPDX-License-Identifier: Apache-2.0
//
// Every byte of a small ledger flipped, its segments cut at every length: never
// a crash, never a silent wrong answer, all other events readable.
#include <map>

#include <gtest/gtest.h>

#include "ledger/format.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::small_options;
using testing::TestEnvironment;

constexpr std::size_t kEvents = 12;

// A small ledger with everything in it: batches, causes, keys, checkpoints.
void fill(TestEnvironment& world) {
  Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
  std::vector<EventId> ids;
  for (std::size_t i = 0; i < kEvents;) {
    std::vector<NewEvent> batch(i % 3 == 0 ? 3 : 1);
    for (NewEvent& event : batch) {
      event.stream = "stream/" + std::to_string(i % 2);
      event.type = "step";
      event.data = "{\"n\":" + std::to_string(i++) + "}";
      event.key = "key-" + std::to_string(i);
      if (!ids.empty()) event.causes = {ids.back()};
    }
    for (const Receipt& receipt : expect(ledger.append(batch))) ids.push_back(receipt.id);
    if (i == 6) static_cast<void>(expect(ledger.checkpoint()));
  }
  expect(ledger.close());
}

LedgerOptions read_only() {
  LedgerOptions options = small_options();
  options.access = Access::ReadOnly;
  return options;
}

// What the undamaged ledger holds.
std::map<std::uint64_t, std::string> contents(TestEnvironment& world) {
  std::map<std::uint64_t, std::string> events;
  Ledger ledger = expect(Ledger::open("/ledger", read_only(), world.environment()));
  for (const Event& event : testing::read_all(ledger)) events[event.seq.value] = event.data;
  return events;
}

struct Outcome {
  std::size_t read = 0;  // events a cursor yielded, each as it was written
  bool told = false;     // something said that the ledger is not whole
  bool wrong = false;    // an event that is not as it was written
};

// Reads the ledger in every way a reader can.
Outcome examine(TestEnvironment& world, const std::map<std::uint64_t, std::string>& truth) {
  Outcome outcome;
  auto ledger = Ledger::open("/ledger", read_only(), world.environment());
  if (!ledger) {
    outcome.told = true;
    return outcome;
  }
  auto cursor = ledger->scan();
  while (cursor) {
    auto event = cursor->next();
    if (!event) {
      outcome.told = true;
      break;
    }
    if (*event == nullptr) break;
    if ((*event)->data_state == DataState::Inline) {
      const auto known = truth.find((*event)->seq.value);
      outcome.wrong |= known == truth.end() || known->second != (*event)->data;
      ++outcome.read;
    }
  }
  for (const auto& [seq, data] : truth) {
    const auto event = ledger->read(Seq{seq});
    if (event && event->data_state == DataState::Inline) outcome.wrong |= event->data != data;
  }
  const auto report = ledger->verify();
  outcome.told |= !report || !report->findings.empty();
  return outcome;
}

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fill(world_);
    truth_ = contents(world_);
    ASSERT_EQ(truth_.size(), kEvents);
    segment_ = "/ledger/log/00000000000000000001.seg";
    used_ = world_.disk.content(segment_).size();
    while (used_ > 0 && world_.disk.content(segment_)[used_ - 1] == 0) --used_;
  }

  TestEnvironment world_;
  std::map<std::uint64_t, std::string> truth_;
  std::string segment_;
  std::size_t used_ = 0;
};

TEST_F(DamageTest, AFlippedByteCostsOneEventAndIsFound) {
  for (std::size_t offset = 0; offset < used_; ++offset) {
    world_.disk.flip_bit(segment_, offset, offset % 8);
    const Outcome outcome = examine(world_, truth_);
    EXPECT_FALSE(outcome.wrong) << "a wrong answer after a flip at " << offset;
    EXPECT_TRUE(outcome.told) << "a flip at " << offset << " went unnoticed";
    EXPECT_GE(outcome.read + 1, kEvents) << "a flip at " << offset << " cost more than one event";
    world_.disk.flip_bit(segment_, offset, offset % 8);
  }
  EXPECT_EQ(examine(world_, truth_).read, kEvents);
}

TEST_F(DamageTest, ACutSegmentKeepsWhatIsBeforeTheCutAndSaysSo) {
  const Bytes whole = world_.disk.content(segment_);
  std::size_t last_read = 0;
  for (std::size_t size = 0; size < used_; ++size) {
    world_.disk.put_file(segment_, ByteView(whole).first(size));
    const Outcome outcome = examine(world_, truth_);
    EXPECT_FALSE(outcome.wrong) << "cut at " << size;
    EXPECT_TRUE(outcome.told) << "a cut at " << size << " went unnoticed";
    EXPECT_GE(outcome.read, last_read) << "cut at " << size;
    last_read = outcome.read;
  }
  EXPECT_EQ(last_read, kEvents);
}

TEST_F(DamageTest, WritingGoesOnBehindDamage) {
  for (std::size_t offset = format::kSegmentHeaderBytes; offset < used_; offset += 37) {
    TestEnvironment world;
    fill(world);
    world.disk.flip_bit(segment_, offset, 0);
    auto ledger = Ledger::open("/ledger", small_options(), world.environment());
    ASSERT_TRUE(ledger) << "flip at " << offset << ": " << ledger.error().message;
    const auto receipt = ledger->append({.stream = "after", .type = "t", .data = "\"new\""});
    ASSERT_TRUE(receipt) << "flip at " << offset << ": " << receipt.error().message;
    EXPECT_EQ(receipt->seq.value, kEvents + 1) << "flip at " << offset;
    expect(ledger->close());
    auto again = expect(Ledger::open("/ledger", small_options(), world.environment()));
    EXPECT_EQ(expect(again.read(receipt->seq)).data, "\"new\"");
    const VerifyReport report = expect(again.verify());
    EXPECT_LE(report.lost, 1U) << "flip at " << offset;
    EXPECT_FALSE(report.ok()) << "flip at " << offset;
    for (const Finding& finding : report.findings) {
      EXPECT_NE(finding.code, "tree_root") << "flip at " << offset;
      EXPECT_NE(finding.code, "checkpoint") << "flip at " << offset << " " << finding.message;
    }
  }
}

// One bad byte in the envelope of a stream's last event, before its segment is
// sealed: nobody can tell any more which version and key it had.
class HiddenEventTest : public ::testing::Test {
 protected:
  void SetUp() override {
    {
      Ledger ledger = expect(Ledger::create("/ledger", small_options(), world_.environment()));
      for (int i = 0; i < 3; ++i) append(ledger, "a", "a" + std::to_string(i));
      append(ledger, "b", "b0");
      append(ledger, "a", "a3");  // the one to be hit
      append(ledger, "c", "c0");
      expect(ledger.close());
    }
    const Bytes segment = world_.disk.content(kSegment);
    const std::string text(segment.begin(), segment.end());
    world_.disk.flip_bit(kSegment, text.find("stepdaybooka3") - 20, 1);
  }

  Ledger open() { return expect(Ledger::open("/ledger", small_options(), world_.environment())); }

  Receipt append(Ledger& ledger, const std::string& stream, const std::string& key = {}) {
    return expect(ledger.append({.stream = stream, .type = "step", .key = key}));
  }

  // Until the segment is sealed and another one begun.
  static void roll(Ledger& ledger) {
    for (std::size_t i = 0; i < 80; ++i) {
      expect(ledger.append(
          {.stream = "filler", .type = "step", .data = "\"" + std::string(1000, 'x') + "\""}));
    }
  }

  static constexpr const char* kSegment = "/ledger/log/00000000000000000001.seg";
  TestEnvironment world_;
};

TEST_F(HiddenEventTest, NoVersionIsGivenTwiceAndNoneIsGuessed) {
  Ledger ledger = open();
  for (const std::string stream : {"a", "b", "new"}) {
    EXPECT_EQ(ledger.stream_version(stream).error().code, Errc::Corruption) << stream;
  }
  EXPECT_EQ(expect(ledger.stream_version("c")), Version{1});  // begins behind it
  const auto refused =
      ledger.append({.stream = "a", .type = "step"}, {.expected = {{"a", Version{3}}}});
  EXPECT_EQ(refused.error().code, Errc::Corruption);
  EXPECT_EQ(append(ledger, "a").version, Version{5});
  EXPECT_EQ(append(ledger, "a").version, Version{6});
  EXPECT_EQ(append(ledger, "b").version, Version{3});
  EXPECT_EQ(append(ledger, "c").version, Version{2});
  EXPECT_EQ(append(ledger, "new").version, Version{2});
  EXPECT_EQ(expect(ledger.stream_version("a")), Version{6});
}

TEST_F(HiddenEventTest, NoKeyIsForgotten) {
  Ledger ledger = open();
  for (const std::string key : {"a3", "other"}) {
    EXPECT_EQ(ledger.append({.stream = "a", .type = "step", .key = key}).error().code,
              Errc::Corruption);
    EXPECT_EQ(ledger.find_key("a", key).error().code, Errc::Corruption);
  }
  EXPECT_TRUE(append(ledger, "a", "a1").duplicate);
  EXPECT_FALSE(append(ledger, "c", "c1").duplicate);  // begins behind it
}

TEST_F(HiddenEventTest, IsAnAnswerOnceTheLossIsAccepted) {
  Ledger ledger = open();
  const Receipt said = expect(ledger.accept_loss());
  EXPECT_EQ(expect(ledger.read(said.seq)).stream, kLossStream);
  EXPECT_EQ(expect(ledger.stream_version("a")), Version{3});
  EXPECT_EQ(
      expect(ledger.append({.stream = "a", .type = "step"}, {.expected = {{"a", Version{3}}}}))
          .version,
      Version{5});
  EXPECT_FALSE(append(ledger, "a", "a3").duplicate);
}

TEST_F(HiddenEventTest, IsRememberedWhenItsSegmentIsSealed) {
  {
    Ledger ledger = open();
    roll(ledger);
    expect(ledger.close());
  }
  Ledger ledger = open();
  EXPECT_EQ(ledger.stream_version("a").error().code, Errc::Corruption);
  EXPECT_EQ(ledger.append({.stream = "new", .type = "step", .key = "k"}).error().code,
            Errc::Corruption);
  EXPECT_EQ(append(ledger, "a").version, Version{5});
  expect(ledger.accept_loss());
  EXPECT_EQ(expect(ledger.stream_version("b")), Version{1});
  EXPECT_FALSE(append(ledger, "new", "k").duplicate);
  roll(ledger);
  EXPECT_EQ(expect(ledger.stream_version("b")), Version{1});
  EXPECT_FALSE(append(ledger, "new", "k2").duplicate);
}

TEST_F(HiddenEventTest, WithoutOneThereIsNothingToAccept) {
  TestEnvironment world;
  Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
  append(ledger, "a");
  EXPECT_EQ(ledger.accept_loss().error().code, Errc::InvalidArgument);
}

TEST(Damage, SealedSegmentsSurviveFlips) {
  TestEnvironment world;
  {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
    testing::append_numbered(ledger, 500);
    ASSERT_GE(expect(ledger.status()).segments, 2U);
  }
  const auto truth = contents(world);
  const std::string segment = "/ledger/log/00000000000000000001.seg";
  const std::size_t size = world.disk.content(segment).size();
  for (std::size_t offset = 3; offset < size; offset += 211) {
    world.disk.flip_bit(segment, offset, offset % 8);
    const Outcome outcome = examine(world, truth);
    EXPECT_FALSE(outcome.wrong) << "flip at " << offset;
    EXPECT_TRUE(outcome.told) << "flip at " << offset;
    EXPECT_GE(outcome.read + 1, truth.size()) << "flip at " << offset;
    world.disk.flip_bit(segment, offset, offset % 8);
  }
}

TEST(Damage, AMissingSegmentIsNamed) {
  TestEnvironment world;
  {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
    testing::append_numbered(ledger, 1200);
    ASSERT_GE(expect(ledger.status()).segments, 3U);
  }
  std::vector<std::string> segments;
  for (const std::string& path : world.disk.files()) {
    if (path.ends_with(".seg")) segments.push_back(path);
  }
  for (const std::string& path : segments) {
    const Bytes content = world.disk.content(path);
    expect(world.disk.remove(path));
    auto ledger = Ledger::open("/ledger", read_only(), world.environment());
    if (ledger) {
      const VerifyReport report = expect(ledger->verify());
      EXPECT_FALSE(report.ok()) << path;
      EXPECT_GT(report.lost, 0U) << path;
    }
    world.disk.put_file(path, content);
  }
}

TEST(Damage, ADamagedBlobIsFoundAndTheEventStays) {
  TestEnvironment world;
  Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
  const std::string large = "\"" + std::string(5000, 'x') + "\"";
  expect(ledger.append({.stream = "s", .type = "t", .data = large}));
  for (const std::string& path : world.disk.files()) {
    if (path.ends_with(".zst")) world.disk.flip_bit(path, 12, 1);
  }
  const Event event = expect(ledger.read(Seq{1}));
  EXPECT_EQ(ledger.data(event).error().code, Errc::Corruption);
  const VerifyReport report = expect(ledger.verify());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.findings.front().code, "blob");

  expect(ledger.append({.stream = "s", .type = "t", .data = large}));
  EXPECT_TRUE(expect(ledger.verify()).ok()) << "the same bytes put again heal the blob";
}

}  // namespace
}  // namespace daybook
