// SPDX-License-Identifier: Apache-2.0
//
// What each durability level promises (daybook/ledger.h), on disks whose flushes
// fail or take long, and what becomes of appends behind one that failed.
#include <thread>

#include <gtest/gtest.h>

#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Fault;
using testing::Operation;
using testing::Repeat;
using testing::small_options;
using testing::TestEnvironment;

constexpr const char* kSegment = "/ledger/log/00000000000000000001.seg";

LedgerOptions options() {
  LedgerOptions options = small_options();
  options.inline_bytes = 16'384;  // what fills the disk stands in the log
  return options;
}

class DurabilityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    expect(expect(Ledger::create("/ledger", options(), world_.environment())).close());
    ledger_.emplace(open());
  }

  Ledger open() { return expect(Ledger::open("/ledger", options(), world_.environment())); }

  Result<Receipt> append(const std::string& data, Durability durability) {
    return ledger_->append({.stream = "s", .type = "t", .data = "\"" + data + "\""},
                           {.durability = durability});
  }

  PendingAppend append_later(const std::string& data) {
    const NewEvent event{.stream = "s", .type = "t", .data = "\"" + data + "\""};
    return ledger_->append_async({&event, 1}, {.durability = Durability::Memory});
  }

  // What would be left after a power cut now.
  bool is_durable(const std::string& data) {
    const Bytes bytes = world_.disk.durable_content(kSegment);
    return std::string(bytes.begin(), bytes.end()).contains("\"" + data + "\"");
  }

  void fail_flushes() {
    world_.disk.fail({.kind = Operation::Sync, .path = "log/", .repeat = Repeat::Forever});
  }

  std::vector<std::string> stored() {
    std::vector<std::string> data;
    Ledger ledger = open();
    for (const Event& event : testing::read_all(ledger)) data.push_back(event.data);
    return data;
  }

  TestEnvironment world_;
  std::optional<Ledger> ledger_;
};

TEST_F(DurabilityTest, SyncIsDurableWhenItReturns) {
  expect(append("one", Durability::Sync));
  EXPECT_TRUE(is_durable("one"));
}

TEST_F(DurabilityTest, MemoryWaitsForSync) {
  expect(append("one", Durability::Memory));
  EXPECT_FALSE(is_durable("one"));
  expect(ledger_->sync());
  EXPECT_TRUE(is_durable("one"));
}

TEST_F(DurabilityTest, EveryLevelIsDurableAfterCloseAndAfterDestruction) {
  for (const auto durability : {Durability::Interval, Durability::Memory}) {
    const std::string name = durability == Durability::Memory ? "memory" : "interval";
    expect(append(name + " closed", durability));
    expect(ledger_->close());
    EXPECT_TRUE(is_durable(name + " closed"));
    ledger_.emplace(open());
    expect(append(name + " destroyed", durability));
    ledger_.reset();
    EXPECT_TRUE(is_durable(name + " destroyed"));
    ledger_.emplace(open());
  }
}

TEST_F(DurabilityTest, ASlowFlushIsWaitedForBySyncAndClose) {
  for (const bool close : {false, true}) {
    const std::string data = close ? "two" : "one";
    world_.disk.hold_flushes();
    expect(append(data, Durability::Interval));
    world_.disk.await_held_flush();  // the background is at it
    std::atomic<bool> asked = false;
    std::jthread caller([&] {
      asked = true;
      asked.notify_all();
      EXPECT_TRUE(close ? ledger_->close() : ledger_->sync());
      EXPECT_TRUE(is_durable(data));
    });
    asked.wait(false);
    world_.disk.let_flushes_go();
  }
}

// The background's failure is nobody's answer: it is told by whatever comes next.
TEST_F(DurabilityTest, AFailedFlushIsToldBySync) {
  fail_flushes();
  expect(append("one", Durability::Interval));
  EXPECT_EQ(ledger_->sync().error().code, Errc::Io);
  EXPECT_EQ(ledger_->sync().error().code, Errc::Io);  // and stays so
}

TEST_F(DurabilityTest, AFailedFlushIsToldByCloseAndByTheNextAppend) {
  fail_flushes();
  expect(append("one", Durability::Interval));
  EXPECT_EQ(append("two", Durability::Sync).error().code, Errc::Io);
  for (const auto durability : {Durability::Sync, Durability::Interval, Durability::Memory}) {
    EXPECT_EQ(append("three", durability).error().code, Errc::Io);
  }
  EXPECT_EQ(ledger_->close().error().code, Errc::Io);
}

TEST_F(DurabilityTest, AFailedFlushOfAnAppendIsToldBySyncAndCloseToo) {
  fail_flushes();
  EXPECT_EQ(append("one", Durability::Sync).error().code, Errc::Io);
  EXPECT_EQ(ledger_->sync().error().code, Errc::Io);
  EXPECT_EQ(ledger_->close().error().code, Errc::Io);
}

TEST_F(DurabilityTest, WhatAFailedFlushLeftIsDurableAfterTheNextOpen) {
  expect(append("zero", Durability::Sync));
  world_.disk.fail({.kind = Operation::Sync, .path = "log/"});
  EXPECT_FALSE(append("one", Durability::Sync));
  ledger_.reset();
  ledger_.emplace(open());
  EXPECT_FALSE(expect(ledger_->status()).repairs.empty());
  EXPECT_TRUE(is_durable("one"));
  expect(append("two", Durability::Sync));
  EXPECT_EQ(stored(), (std::vector<std::string>{"\"zero\"", "\"one\"", "\"two\""}));
}

TEST_F(DurabilityTest, BehindAnAppendThatFailedNothingOfItsThreadLandsUntold) {
  expect(append("kept", Durability::Sync));
  world_.disk.set_capacity(0);
  std::vector<PendingAppend> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(append_later(std::string(9'000, 'a')));
  // The first has failed by now, and the others would fit again.
  while (!pending.front().done()) std::this_thread::yield();
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  for (int i = 0; i < 20; ++i) pending.push_back(append_later("behind"));
  for (PendingAppend& append : pending) EXPECT_EQ(append.wait().error().code, Errc::NoSpace);
  expect(append("told", Durability::Sync));
  expect(append_later("later").wait());
  expect(ledger_->close());
  EXPECT_EQ(stored(), (std::vector<std::string>{"\"kept\"", "\"told\"", "\"later\""}));
}

TEST_F(DurabilityTest, AFailureThatNobodyWaitedForIsToldOnce) {
  for (const int teller : {0, 1, 2}) {
    world_.disk.set_capacity(0);
    {
      const PendingAppend dropped = append_later(std::string(9'000, 'a'));
      while (!dropped.done()) std::this_thread::yield();
    }
    world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
    const Result<void> told = teller == 0 ? ledger_->sync()
                              : teller == 1
                                  ? ledger_->close()
                                  : Result<void>(fail(append("untold", Durability::Sync).error()));
    EXPECT_EQ(told.error().code, Errc::NoSpace);
    if (teller == 1) ledger_.emplace(open());
    expect(append("told " + std::to_string(teller), Durability::Sync));
  }
  EXPECT_EQ(stored(), (std::vector<std::string>{"\"told 0\"", "\"told 1\"", "\"told 2\""}));
}

// Waiting for an old failure is not being told of a new one.
TEST_F(DurabilityTest, AnOldFailureTellsOfNoNewOne) {
  const std::string large(9'000, 'a');
  const auto fail_later = [&](std::vector<PendingAppend>& pending) {
    world_.disk.set_capacity(0);
    pending.push_back(append_later(large));
    while (!pending.back().done()) std::this_thread::yield();
    world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
    pending.push_back(append_later("refused"));
  };
  std::vector<PendingAppend> pending;
  fail_later(pending);
  EXPECT_FALSE(pending[0].wait());
  fail_later(pending);
  EXPECT_FALSE(pending[1].wait());  // of the first failure
  EXPECT_FALSE(append_later("a hole before it").wait());
  EXPECT_TRUE(append_later("told").wait());
  for (const std::size_t i : {2U, 3U}) EXPECT_FALSE(pending[i].wait());
  expect(ledger_->close());
  EXPECT_EQ(stored(), (std::vector<std::string>{"\"told\""}));
}

// Another thread's failure is not this one's: it goes on.
TEST_F(DurabilityTest, OtherThreadsGoOnBehindAFailure) {
  world_.disk.set_capacity(0);
  std::jthread([&] {
    const PendingAppend dropped = append_later(std::string(9'000, 'a'));
    while (!dropped.done()) std::this_thread::yield();
  }).join();
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  expect(append("mine", Durability::Sync));
  expect(ledger_->sync());
}

}  // namespace
}  // namespace daybook
