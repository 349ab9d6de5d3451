// SPDX-License-Identifier: Apache-2.0
//
// What a ledger promises to those who use it: appending, reading back, and the
// errors for what cannot be done.
#include "daybook/ledger.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::append_numbered;
using testing::expect;
using testing::read_all;
using testing::small_options;
using testing::TestEnvironment;

class LedgerTest : public ::testing::Test {
 protected:
  Ledger create(const LedgerOptions& options = small_options()) {
    return expect(Ledger::create("/ledger", options, world_.environment()));
  }
  Ledger open(const LedgerOptions& options = small_options()) {
    return expect(Ledger::open("/ledger", options, world_.environment()));
  }

  TestEnvironment world_;
};

TEST_F(LedgerTest, GivesBackWhatWasAppended) {
  Ledger ledger = create();
  NewEvent event{.stream = "session/1", .type = "turn/started", .data = "{ \"n\" : 1.10 }"};
  event.source = "laptop/agent";
  event.actor = "person:ana";
  event.subject = "file:a.cc";
  event.correlation = "trace-9";
  event.key = "turn-1";
  event.tier = Tier::Confidential;
  event.time = Timestamp{1'000'001};

  const Receipt receipt = expect(ledger.append(event));
  const Event stored = expect(ledger.read(receipt.seq));

  EXPECT_EQ(stored.seq, Seq{1});
  EXPECT_EQ(stored.version, Version{1});
  EXPECT_EQ(stored.id, receipt.id);
  EXPECT_EQ(stored.recorded, receipt.recorded);
  EXPECT_EQ(stored.data, event.data) << "data must stay as it was, byte for byte";
  EXPECT_EQ(stored.stream, event.stream);
  EXPECT_EQ(stored.type, event.type);
  EXPECT_EQ(stored.source, event.source);
  EXPECT_EQ(stored.actor, event.actor);
  EXPECT_EQ(stored.subject, event.subject);
  EXPECT_EQ(stored.correlation, event.correlation);
  EXPECT_EQ(stored.key, event.key);
  EXPECT_EQ(stored.tier, event.tier);
  EXPECT_EQ(stored.time, *event.time);
  EXPECT_EQ(expect(ledger.find(receipt.id)).seq, receipt.seq);
}

TEST_F(LedgerTest, ABatchIsContiguousAndMayNameItsOwnEvents) {
  Ledger ledger = create();
  std::vector<NewEvent> batch(3);
  for (NewEvent& event : batch) event = {.stream = "s", .type = "t"};
  batch[1].stream = "other";
  batch[2].batch_causes = {0, 1};

  const std::vector<Receipt> receipts = expect(ledger.append(batch));

  const Event last = expect(ledger.read(receipts[2].seq));
  EXPECT_EQ(last.seq, Seq{3});
  EXPECT_EQ(last.version, Version{2});
  EXPECT_EQ(last.causes, (std::vector<EventId>{receipts[0].id, receipts[1].id}));
}

TEST_F(LedgerTest, AnUnknownCauseIsAnErrorAndAppendsNothing) {
  Ledger ledger = create();
  append_numbered(ledger, 1);
  NewEvent event{.stream = "s", .type = "t"};
  event.causes = {expect(parse_event_id("01ARZ3NDEKTSV4RRFFQ69G5FAV"))};

  const auto refused = ledger.append(event);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::NotFound);
  EXPECT_NE(refused.error().message.find("01ARZ3NDEKTSV4RRFFQ69G5FAV"), std::string::npos);
  EXPECT_EQ(expect(ledger.last()), Seq{1});
}

TEST_F(LedgerTest, CausesMayBeInAnySegment) {
  Ledger ledger = create();
  const EventId first = expect(ledger.append({.stream = "s", .type = "first"})).id;
  append_numbered(ledger, 1000);
  ASSERT_GT(expect(ledger.status()).segments, 2U);

  NewEvent event{.stream = "s", .type = "t"};
  event.causes = {first};
  const Receipt receipt = expect(ledger.append(event));

  EXPECT_EQ(expect(ledger.read(receipt.seq)).causes.front(), first);
  EXPECT_EQ(receipt.version, Version{2}) << "versions go on across segments";
}

TEST_F(LedgerTest, TheExpectedVersionDecides) {
  Ledger ledger = create();
  expect(ledger.append({.stream = "s", .type = "t"}, {.expected = {{"s", Version{0}}}}));

  const auto conflict =
      ledger.append({.stream = "s", .type = "t"}, {.expected = {{"s", Version{0}}}});

  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().code, Errc::Conflict);
  EXPECT_NE(conflict.error().message.find("version 1, not 0"), std::string::npos)
      << conflict.error().message;
  EXPECT_EQ(expect(ledger.last()), Seq{1});
  expect(ledger.append({.stream = "s", .type = "t"}, {.expected = {{"s", Version{1}}}}));
}

TEST_F(LedgerTest, ExpectedVersionsHoldAcrossSegments) {
  Ledger ledger = create();
  expect(ledger.append({.stream = "old", .type = "t"}));
  append_numbered(ledger, 1000);

  EXPECT_EQ(expect(ledger.stream_version("old")), Version{1});
  EXPECT_FALSE(ledger.append({.stream = "old", .type = "t"}, {.expected = {{"old", Version{0}}}}));
  expect(ledger.append({.stream = "old", .type = "t"}, {.expected = {{"old", Version{1}}}}));
}

TEST_F(LedgerTest, AKeyIsAppendedOnce) {
  Ledger ledger = create();
  NewEvent event{.stream = "s", .type = "t", .data = "1"};
  event.key = "only-once";
  const Receipt first = expect(ledger.append(event));
  append_numbered(ledger, 1000);

  event.data = "2";
  const Receipt again = expect(ledger.append(event));

  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(expect(ledger.read(again.seq)).data, "1");
  EXPECT_EQ(expect(ledger.last()), Seq{1001});
  event.stream = "another";
  EXPECT_FALSE(expect(ledger.append(event)).duplicate) << "keys are per stream";
}

TEST_F(LedgerTest, AnEventIsFoundByItsKey) {
  Ledger ledger = create();
  NewEvent event{.stream = "s", .type = "t", .data = "1"};
  event.key = "sealed";
  const Receipt sealed = expect(ledger.append(event));
  append_numbered(ledger, 1000);
  event.key = "recent";
  const Receipt recent = expect(ledger.append(event));

  EXPECT_EQ(expect(ledger.find_key("s", "sealed")).value().id, sealed.id);
  EXPECT_EQ(expect(ledger.find_key("s", "recent")).value().id, recent.id);
  EXPECT_FALSE(expect(ledger.find_key("s", "neither")));
  EXPECT_FALSE(expect(ledger.find_key("another", "recent"))) << "keys are per stream";
  EXPECT_FALSE(expect(ledger.find_key("stream/0", ""))) << "no key is not a key";
}

TEST_F(LedgerTest, AKeyThatAnotherProcessAppendedIsFound) {
  Ledger reader = create();
  Ledger writer = open();
  NewEvent event{.stream = "s", .type = "t"};
  event.key = "k";

  EXPECT_FALSE(expect(reader.find_key("s", "k")));
  const Receipt receipt = expect(writer.append(event));

  EXPECT_EQ(expect(reader.find_key("s", "k")).value().id, receipt.id);
}

TEST_F(LedgerTest, SyncMakesDurableWhatWasNot) {
  Ledger ledger = create();
  expect(ledger.append({.stream = "s", .type = "t"}, {.durability = Durability::Memory}));
  PendingAppend pending = ledger.append_async(std::vector<NewEvent>{{.stream = "s", .type = "t"}},
                                              {.durability = Durability::Memory});

  expect(ledger.sync());
  EXPECT_TRUE(pending.done());
  world_.disk.crash(7);

  EXPECT_EQ(expect(open().last()), Seq{2});
}

TEST_F(LedgerTest, RepeatsInsideOneBatchAreAppendedOnce) {
  Ledger ledger = create();
  std::vector<NewEvent> batch(4);
  for (NewEvent& event : batch) event = {.stream = "s", .type = "t"};
  batch[0].key = "a";
  batch[2].key = "a";
  batch[3].batch_causes = {2};

  const std::vector<Receipt> receipts = expect(ledger.append(batch));

  EXPECT_EQ(expect(ledger.last()), Seq{3});
  EXPECT_TRUE(receipts[2].duplicate);
  EXPECT_EQ(receipts[2].seq, receipts[0].seq);
  EXPECT_EQ(expect(ledger.read(receipts[3].seq)).causes.front(), receipts[0].id);
  EXPECT_TRUE(expect(ledger.verify()).ok());
}

TEST_F(LedgerTest, IdsAndRecordedTimesGrowWhenTheClockStepsBack) {
  Ledger ledger = create();
  std::vector<Receipt> receipts;
  for (int i = 0; i < 20; ++i) {
    receipts.push_back(expect(ledger.append({.stream = "s", .type = "t"})));
    world_.clock.step_back(3'600'000'000);
  }
  for (std::size_t i = 1; i < receipts.size(); ++i) {
    EXPECT_LT(receipts[i - 1].id, receipts[i].id);
    EXPECT_LE(receipts[i - 1].recorded, receipts[i].recorded);
  }
  expect(ledger.close());
  Ledger again = open();
  EXPECT_LT(receipts.back().id, expect(again.append({.stream = "s", .type = "t"})).id);
  EXPECT_TRUE(expect(again.verify()).ok());
}

TEST_F(LedgerTest, LargeDataBecomesABlobAndComesBack) {
  Ledger ledger = create();
  const std::string large = "\"" + std::string(50'000, 'x') + "\"";

  const Receipt receipt = expect(ledger.append({.stream = "s", .type = "t", .data = large}));

  const Event event = expect(ledger.read(receipt.seq));
  EXPECT_EQ(event.data_state, DataState::Blob);
  EXPECT_EQ(event.data_bytes, large.size());
  EXPECT_EQ(expect(ledger.data(event)), large);
  EXPECT_TRUE(expect(ledger.verify()).ok());
}

TEST_F(LedgerTest, ReadsForwardsBackwardsAndByStream) {
  Ledger ledger = create();
  append_numbered(ledger, 1500);
  ASSERT_GE(expect(ledger.status()).segments, 3U);

  const std::vector<Event> forwards = read_all(ledger);
  std::vector<Event> backwards = read_all(ledger, {.direction = Direction::Backward});
  ASSERT_EQ(forwards.size(), 1500U);
  ASSERT_EQ(backwards.size(), 1500U);
  for (std::size_t i = 0; i < forwards.size(); ++i) {
    ASSERT_EQ(forwards[i].seq.value, i + 1);
    ASSERT_EQ(backwards[i].seq.value, 1500 - i);
    ASSERT_EQ(forwards[i].data, "{\"n\":" + std::to_string(i) + "}");
  }

  const std::vector<Event> part =
      read_all(ledger, {.from = Seq{700}, .to = Seq{720}, .direction = Direction::Backward});
  ASSERT_EQ(part.size(), 21U);
  EXPECT_EQ(part.front().seq, Seq{720});

  for (const Direction direction : {Direction::Forward, Direction::Backward}) {
    std::vector<Event> stream = read_all(ledger, {.direction = direction, .stream = "stream/1"});
    if (direction == Direction::Backward) std::ranges::reverse(stream);
    ASSERT_EQ(stream.size(), 500U);
    for (std::size_t i = 0; i < stream.size(); ++i) {
      ASSERT_EQ(stream[i].version.value, i + 1);
      ASSERT_EQ(stream[i].seq.value, 3 * i + 2);
    }
  }
  EXPECT_TRUE(read_all(ledger, {.stream = "no such stream"}).empty());
}

TEST_F(LedgerTest, ACursorSeesWhatIsAppendedAfterItReachedTheEnd) {
  Ledger ledger = create();
  append_numbered(ledger, 10);
  Cursor all = expect(ledger.scan());
  Cursor stream = expect(ledger.scan({.stream = "stream/0"}));
  while (expect(all.next()) != nullptr) {
  }
  while (expect(stream.next()) != nullptr) {
  }

  append_numbered(ledger, 600, 1);

  for (std::uint64_t seq = 11; seq <= 610; ++seq) {
    const EventView* event = expect(all.next());
    ASSERT_NE(event, nullptr) << seq;
    ASSERT_EQ(event->seq.value, seq);
    const EventView* of_stream = expect(stream.next());
    ASSERT_NE(of_stream, nullptr) << seq;
    ASSERT_EQ(of_stream->seq.value, seq);
  }
  EXPECT_EQ(expect(all.next()), nullptr);
  EXPECT_EQ(expect(stream.next()), nullptr);
}

TEST_F(LedgerTest, FindsTheFirstEventRecordedAtATime) {
  Ledger ledger = create();
  std::vector<Receipt> receipts;
  for (int i = 0; i < 800; ++i) {
    receipts.push_back(
        expect(ledger.append({.stream = "s", .type = "t"}, {.durability = Durability::Memory})));
    world_.clock.advance(1'000'000);
  }
  for (const std::size_t i : {0U, 1U, 399U, 798U, 799U}) {
    EXPECT_EQ(expect(ledger.seq_at(receipts[i].recorded)), receipts[i].seq);
    EXPECT_EQ(expect(ledger.seq_at(Timestamp{receipts[i].recorded.micros + 1})),
              receipts[i].seq.next());
  }
  EXPECT_EQ(expect(ledger.seq_at(Timestamp{0})), Seq{1});
}

TEST_F(LedgerTest, CountsTypes) {
  Ledger ledger = create();
  append_numbered(ledger, 900);
  expect(ledger.append({.stream = "s", .type = "rare"}));

  const std::vector<TypeCount> counts = expect(ledger.type_counts());

  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].type, "numbered");
  EXPECT_EQ(counts[0].count, 900U);
  EXPECT_EQ(counts[1].count, 1U);
}

TEST_F(LedgerTest, TwoWritersSeeEachOther) {
  Ledger one = create();
  Ledger two = open();
  for (int i = 0; i < 400; ++i) {
    Ledger& writer = i % 2 == 0 ? one : two;
    const Receipt receipt = expect(writer.append({.stream = "s", .type = "t"}));
    ASSERT_EQ(receipt.version.value, static_cast<std::uint64_t>(i) + 1);
  }
  EXPECT_EQ(expect(one.last()), Seq{400});
  EXPECT_EQ(read_all(two).size(), 400U);
  EXPECT_TRUE(expect(one.verify()).ok());
}

TEST_F(LedgerTest, AsynchronousAppendsKeepTheirOrder) {
  Ledger ledger = create();
  std::vector<PendingAppend> pending;
  for (int i = 0; i < 500; ++i) {
    const NewEvent event{.stream = "s", .type = "t", .data = std::to_string(i)};
    pending.push_back(ledger.append_async(std::span(&event, 1)));
  }
  for (std::size_t i = 0; i < pending.size(); ++i) {
    ASSERT_EQ(expect(pending[i].wait()).front().seq.value, i + 1);
    ASSERT_TRUE(pending[i].done());
  }
  const std::vector<Event> events = read_all(ledger);
  for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].data, std::to_string(i));
}

TEST_F(LedgerTest, AFailedAsynchronousAppendSaysSoWhenWaitedFor) {
  Ledger ledger = create();
  const NewEvent event{.stream = "", .type = "t"};
  PendingAppend pending = ledger.append_async(std::span(&event, 1));
  const auto result = pending.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::InvalidArgument);
}

TEST_F(LedgerTest, ReadOnlyLedgersReadAndRefuseToWrite) {
  {
    Ledger ledger = create();
    append_numbered(ledger, 10);
  }
  world_.disk.set_mount(testing::Mount::ReadOnly);
  LedgerOptions options = small_options();
  options.access = Access::ReadOnly;
  Ledger ledger = open(options);

  EXPECT_EQ(read_all(ledger).size(), 10U);
  EXPECT_TRUE(expect(ledger.verify()).ok());
  const auto refused = ledger.append({.stream = "s", .type = "t"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::PermissionDenied);
}

TEST_F(LedgerTest, AReadOnlyDiskIsATypedError) {
  {
    create();
  }
  world_.disk.set_mount(testing::Mount::ReadOnly);
  const auto refused = Ledger::open("/ledger", small_options(), world_.environment());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::PermissionDenied);
}

TEST_F(LedgerTest, AReaderFollowsAWriter) {
  Ledger writer = create();
  LedgerOptions options = small_options();
  options.access = Access::ReadOnly;
  Ledger reader = open(options);
  EXPECT_FALSE(expect(reader.wait(Seq{0}, std::chrono::milliseconds(5))));

  append_numbered(writer, 700);

  EXPECT_TRUE(expect(reader.wait(Seq{0}, std::chrono::milliseconds(5))));
  EXPECT_EQ(read_all(reader).size(), 700U);
}

TEST_F(LedgerTest, APositionBeyondTheEndIsSaid) {
  Ledger ledger = create();
  append_numbered(ledger, 2);

  EXPECT_TRUE(read_all(ledger, {.from = Seq{3}}).empty()) << "what comes next is a position";
  EXPECT_FALSE(expect(ledger.wait(Seq{2}, std::chrono::milliseconds(5))));
  for (const Seq from : {Seq{4}, Seq{10}, kLastSeq}) {
    for (const Direction direction : {Direction::Forward, Direction::Backward}) {
      const auto cursor = ledger.scan({.from = from, .direction = direction});
      ASSERT_FALSE(cursor) << from.value;
      EXPECT_EQ(cursor.error().code, Errc::NotFound);
      EXPECT_NE(cursor.error().message.find("ends at #2"), std::string::npos);
    }
  }
  EXPECT_FALSE(ledger.scan({.from = Seq{10}, .stream = "stream/0"}));
  const auto waited = ledger.wait(Seq{3}, std::chrono::milliseconds(5));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, Errc::NotFound);
}

TEST_F(LedgerTest, APositionThatAnotherWriterHasReachedIsNotBeyondTheEnd) {
  Ledger writer = create();
  LedgerOptions options = small_options();
  options.access = Access::ReadOnly;
  Ledger reader = open(options);
  append_numbered(writer, 9);
  EXPECT_EQ(read_all(reader, {.from = Seq{8}}).size(), 2U);
}

TEST_F(LedgerTest, AClockBehindTheNewestEventIsSaid) {
  const auto minutes = [](int count) {
    return std::chrono::microseconds(std::chrono::minutes(count));
  };
  {
    Ledger ledger = create();
    EXPECT_EQ(expect(ledger.clock_behind()).count(), 0) << "an empty ledger has no time";
    append_numbered(ledger, 700);  // beyond one segment
    world_.clock.step_back(static_cast<std::uint64_t>(minutes(1).count()));
    EXPECT_EQ(expect(ledger.status()).clock_behind.count(), 0) << "within what is tolerated";
    world_.clock.step_back(static_cast<std::uint64_t>(minutes(9).count()));
    EXPECT_GE(expect(ledger.clock_behind()), minutes(10));
    EXPECT_LT(expect(ledger.clock_behind()), minutes(11));
  }
  Ledger ledger = open();
  EXPECT_GE(expect(ledger.status()).clock_behind, minutes(10));
  const Timestamp before = expect(ledger.status()).last_recorded;
  EXPECT_EQ(expect(ledger.append({.stream = "s", .type = "t"})).recorded, before);
  world_.clock.advance(static_cast<std::uint64_t>(minutes(11).count()));
  EXPECT_EQ(expect(ledger.status()).clock_behind.count(), 0);
  EXPECT_GT(expect(ledger.append({.stream = "s", .type = "t"})).recorded, before);
}

TEST_F(LedgerTest, AFullDiskFailsTheAppendAndHeals) {
  Ledger ledger = create();
  append_numbered(ledger, 5);
  std::uint64_t used = 0;
  for (const std::string& path : world_.disk.files()) used += world_.disk.content(path).size();
  world_.disk.set_capacity(used + 10'000);

  Seq last;
  while (true) {
    const auto receipt = ledger.append({.stream = "s", .type = "t", .data = "123456"});
    if (!receipt) {
      EXPECT_EQ(receipt.error().code, Errc::NoSpace) << receipt.error().message;
      break;
    }
    last = receipt->seq;
  }
  EXPECT_EQ(read_all(ledger).size(), last.value) << "the ledger stays readable";

  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  EXPECT_EQ(expect(ledger.append({.stream = "s", .type = "t"})).seq, last.next());
  EXPECT_TRUE(expect(ledger.verify()).ok());
}

TEST_F(LedgerTest, AfterAFailedFlushNothingIsAcknowledgedUntilReopened) {
  Ledger ledger = create();
  append_numbered(ledger, 5);
  world_.disk.fail({.kind = testing::Operation::Sync, .path = ".seg"});

  const auto failed = ledger.append({.stream = "s", .type = "t"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::Io);
  const auto refused = ledger.append({.stream = "s", .type = "t"});
  ASSERT_FALSE(refused) << "a later flush that succeeds proves nothing";
  EXPECT_FALSE(ledger.close());

  Ledger again = open();
  EXPECT_FALSE(expect(again.status()).repairs.empty());
  const Receipt receipt = expect(again.append({.stream = "s", .type = "t"}));
  world_.disk.crash(7);
  Ledger after = open();
  EXPECT_EQ(expect(after.read(receipt.seq)).id, receipt.id) << "kept after power loss";
}

TEST_F(LedgerTest, ABusyLockIsATypedError) {
  Ledger ledger = create();
  auto lock = expect(world_.disk.open("/ledger/lock", OpenMode::ReadWrite));
  ASSERT_TRUE(expect(lock->try_lock()));

  const auto busy = ledger.append({.stream = "s", .type = "t"});

  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, Errc::Busy);
  lock->unlock();
  expect(ledger.append({.stream = "s", .type = "t"}));
}

struct BadEvent {
  std::string name;
  NewEvent event;
  Errc code;
  std::string says;
};

class BadEvents : public LedgerTest, public ::testing::WithParamInterface<BadEvent> {};

TEST_P(BadEvents, AreRefusedWithTheirReason) {
  Ledger ledger = create();
  const auto refused = ledger.append(GetParam().event);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GetParam().code);
  EXPECT_NE(refused.error().message.find(GetParam().says), std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(refused.error().hint.empty());
  EXPECT_EQ(expect(ledger.last()), Seq{0});
}

NewEvent with_causes(std::size_t count) {
  NewEvent event{.stream = "s", .type = "t"};
  event.causes.resize(count);
  return event;
}

NewEvent with_batch_cause() {
  NewEvent event{.stream = "s", .type = "t"};
  event.batch_causes = {0};
  return event;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadEvents,
    ::testing::Values(
        BadEvent{"NoStream", {.stream = "", .type = "t"}, Errc::InvalidArgument, "stream"},
        BadEvent{"NoType", {.stream = "s", .type = ""}, Errc::InvalidArgument, "type"},
        BadEvent{"LongStream",
                 {.stream = std::string(257, 's'), .type = "t"},
                 Errc::LimitExceeded,
                 "257 bytes"},
        BadEvent{"LongType",
                 {.stream = "s", .type = std::string(129, 't')},
                 Errc::LimitExceeded,
                 "129 bytes"},
        BadEvent{"BrokenUtf8", {.stream = "s\xff", .type = "t"}, Errc::InvalidArgument, "UTF-8"},
        BadEvent{
            "ControlCharacter", {.stream = "a\nb", .type = "t"}, Errc::InvalidArgument, "stream"},
        BadEvent{"NotJson",
                 {.stream = "s", .type = "t", .data = "{oops}"},
                 Errc::InvalidArgument,
                 "JSON"},
        BadEvent{"TwoValues",
                 {.stream = "s", .type = "t", .data = "1 2"},
                 Errc::InvalidArgument,
                 "JSON"},
        BadEvent{"BrokenText",
                 {.stream = "s", .type = "t", .data = "\"\xff\""},
                 Errc::InvalidArgument,
                 "JSON"},
        BadEvent{"TooManyCauses", with_causes(65), Errc::LimitExceeded, "65 causes"},
        BadEvent{"CausedByItself", with_batch_cause(), Errc::InvalidArgument, "batch cause"}),
    [](const auto& bad_event) { return bad_event.param.name; });

TEST_F(LedgerTest, RefusesEmptyAndOversizedBatches) {
  Ledger ledger = create();
  EXPECT_EQ(ledger.append(std::span<const NewEvent>()).error().code, Errc::InvalidArgument);
  const std::vector<NewEvent> many(kMaxBatchEvents + 1, {.stream = "s", .type = "t"});
  EXPECT_EQ(ledger.append(many).error().code, Errc::LimitExceeded);
  EXPECT_EQ(expect(ledger.last()), Seq{0});
}

TEST_F(LedgerTest, NamesTheBadEventOfABatch) {
  Ledger ledger = create();
  std::vector<NewEvent> batch(3, {.stream = "s", .type = "t"});
  batch[1].data = "nope";
  const auto refused = ledger.append(batch);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("event 2"), std::string::npos) << refused.error().message;
  EXPECT_EQ(expect(ledger.last()), Seq{0});
}

TEST_F(LedgerTest, RefusesWhatIsNotALedgerOrIsNewer) {
  EXPECT_EQ(Ledger::open("/none", {}, world_.environment()).error().code, Errc::NotFound);
  {
    create();
  }
  EXPECT_EQ(Ledger::create("/ledger", {}, world_.environment()).error().code, Errc::AlreadyExists);

  auto identity = world_.disk.content("/ledger/LEDGER");
  std::string text(identity.begin(), identity.end());
  text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
  world_.disk.put_file("/ledger/LEDGER",
                       {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  EXPECT_EQ(Ledger::open("/ledger", {}, world_.environment()).error().code, Errc::Unsupported);
}

TEST_F(LedgerTest, ReopeningContinuesWhereItWas) {
  std::uint64_t expected = 0;
  {
    create();
  }
  for (int round = 0; round < 5; ++round) {
    Ledger ledger = open();
    append_numbered(ledger, 333);
    expected += 333;
    EXPECT_EQ(expect(ledger.last()).value, expected);
    expect(ledger.close());
    EXPECT_FALSE(ledger.append({.stream = "s", .type = "t"})) << "closed";
  }
  Ledger ledger = open();
  EXPECT_TRUE(expect(ledger.verify()).ok());
  EXPECT_EQ(read_all(ledger).size(), expected);
}

TEST_F(LedgerTest, OpensTheSameWithoutItsViews) {
  {
    Ledger ledger = create(LedgerOptions{});
    append_numbered(ledger, 5000);
  }
  ASSERT_TRUE(expect(world_.disk.exists("/ledger/views/active")));
  const TreeHead with_views = expect(open(LedgerOptions{}).status()).head;
  expect(world_.disk.remove("/ledger/views/active"));

  Ledger ledger = open(LedgerOptions{});

  EXPECT_EQ(expect(ledger.status()).head, with_views);
  EXPECT_EQ(expect(ledger.append({.stream = "stream/0", .type = "t"})).version, Version{1668});
}

TEST_F(LedgerTest, CheckpointsCoverEverythingAfterClose) {
  {
    Ledger ledger = create();
    append_numbered(ledger, 7);
  }
  Ledger ledger = open();
  const LedgerStatus status = expect(ledger.status());
  ASSERT_TRUE(status.checkpoint);
  EXPECT_EQ(status.checkpoint->head, status.head);
  EXPECT_TRUE(verify_checkpoint(status.checkpoint->text, ledger.verifier_key()));
}

TEST_F(LedgerTest, ProvesEventsAndGrowthOffline) {
  Ledger ledger = create();
  append_numbered(ledger, 300);
  const Checkpoint early = expect(ledger.checkpoint());
  append_numbered(ledger, 700);

  for (const std::uint64_t seq : {1U, 2U, 299U, 300U, 301U, 999U, 1000U}) {
    const InclusionProof proof = expect(ledger.prove(Seq{seq}, Ledger::Disclose::WithData));
    const InclusionProof read = expect(parse_inclusion_proof(to_string(proof)));
    const Event event = expect(verify_inclusion_proof(read, ledger.verifier_key()));
    EXPECT_EQ(event.seq.value, seq);
    EXPECT_EQ(event.data, expect(ledger.read(Seq{seq})).data);
  }
  const ConsistencyProof growth = expect(ledger.prove_consistency(early.head.size, 1000));
  EXPECT_EQ(growth.older.head, early.head);
  expect(verify_consistency_proof(expect(parse_consistency_proof(to_string(growth))),
                                  ledger.verifier_key()));
  EXPECT_FALSE(ledger.prove(Seq{1001}));
  EXPECT_FALSE(ledger.prove_consistency(5, 1001));
}

TEST_F(LedgerTest, KeepsBlobsThatEventsReferTo) {
  Ledger ledger = create();
  const std::vector<std::uint8_t> kept(3000, 7);
  const std::vector<std::uint8_t> garbage(4000, 8);
  const BlobRef reference = expect(ledger.put_blob(kept));
  expect(ledger.put_blob(garbage));
  expect(
      ledger.append({.stream = "s", .type = "t", .data = "{\"out\":" + to_json(reference) + "}"}));

  const BlobUsage usage = expect(ledger.blob_usage());

  EXPECT_EQ(usage.blobs, 2U);
  EXPECT_EQ(usage.garbage_blobs, 1U);
  EXPECT_EQ(expect(ledger.get_blob(reference.digest)), kept);
}

}  // namespace
}  // namespace daybook
