// SPDX-License-Identifier: Apache-2.0
//
// The real clock and randomness, and the fake ones that stand in for them.
#include "base/clock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/test_environment.h"

namespace daybook {
namespace {

TEST(SystemClock, MonotonicTimeNeverStepsBack) {
  SystemClock clock;
  std::uint64_t last = clock.monotonic_micros();
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t now = clock.monotonic_micros();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, SleepTakesTheTimeAskedFor) {
  SystemClock clock;
  const std::uint64_t before = clock.monotonic_micros();
  clock.sleep_micros(2000);
  EXPECT_GE(clock.monotonic_micros() - before, 2000U);
}

TEST(SystemClock, WallClockIsInThisCentury) {
  SystemClock clock;
  EXPECT_GT(clock.now(), Timestamp{1'700'000'000'000'000});
  EXPECT_LT(clock.now(), Timestamp{4'102'444'800'000'000});
}

TEST(SystemEntropy, NeverRepeatsAcrossBlocksAndThreads) {
  constexpr int kDraws = 1000;
  std::vector<std::set<Bytes>> drawn(4);
  {
    std::vector<std::jthread> threads;
    for (std::set<Bytes>& mine : drawn) {
      threads.emplace_back([&mine] {
        SystemEntropy entropy;
        for (int i = 0; i < kDraws; ++i) {
          Bytes salt(16);
          entropy.fill(salt);
          mine.insert(salt);
        }
      });
    }
  }
  std::set<Bytes> all;
  for (const std::set<Bytes>& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 4U * kDraws);
}

TEST(SystemEntropy, FillsEverySize) {
  SystemEntropy entropy;
  for (const std::size_t size : {0UL, 1UL, 255UL, 257UL, 4095UL, 4096UL, 4097UL, 20'000UL}) {
    Bytes bytes(size + 64, 0);
    entropy.fill(std::span(bytes).first(size));
    EXPECT_TRUE(all_zero(ByteView(bytes).subspan(size))) << size;
    // 32 zeros in a row happen once in 2^256.
    for (std::size_t at = 0; at + 32 <= size; at += 32) {
      ASSERT_FALSE(all_zero(ByteView(bytes).subspan(at, 32))) << size << " at " << at;
    }
  }
}

TEST(SystemEntropy, AForkedChildDrawsItsOwn) {
  SystemEntropy entropy;
  Bytes warm_up(16);
  entropy.fill(warm_up);  // both sides now hold the same unused block
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);

  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  Bytes mine(16);
  entropy.fill(mine);
  if (child == 0) {
    const bool sent = ::write(ends[1], mine.data(), mine.size()) == 16;
    ::_exit(sent ? 0 : 1);
  }
  Bytes theirs(16);
  ASSERT_EQ(::read(ends[0], theirs.data(), theirs.size()), 16);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);

  EXPECT_EQ(status, 0);
  EXPECT_NE(mine, theirs);
}

TEST(Environment, SystemHasAllThreeDoors) {
  const Environment env = Environment::system();
  EXPECT_TRUE(*env.files->exists("/"));
  EXPECT_GT(env.clock->now(), Timestamp{0});
  Bytes bytes(32);
  env.entropy->fill(bytes);
  EXPECT_FALSE(all_zero(bytes));
  EXPECT_EQ(Environment::system().files, env.files);
}

TEST(FakeClock, MovesOnlyWhenTold) {
  testing::FakeClock clock;
  EXPECT_EQ(to_string(clock.now()), "2026-11-20T08:06:23.000000Z");
  EXPECT_EQ(clock.now(), testing::FakeClock::kStart);
  const std::uint64_t steady = clock.monotonic_micros();

  clock.advance(10);
  clock.sleep_micros(5);
  EXPECT_EQ(clock.now().micros, testing::FakeClock::kStart.micros + 15);
  EXPECT_EQ(clock.monotonic_micros(), steady + 15);

  clock.step_back(1000);
  EXPECT_EQ(clock.now().micros, testing::FakeClock::kStart.micros - 985);
  EXPECT_EQ(clock.monotonic_micros(), steady + 15);
}

TEST(FakeClock, CanAdvanceOnEveryRead) {
  testing::FakeClock clock(Timestamp{100});
  clock.advance_on_every_read(7);
  EXPECT_EQ(clock.now(), Timestamp{100});
  EXPECT_EQ(clock.now(), Timestamp{107});
  clock.set(Timestamp{5});
  EXPECT_EQ(clock.now(), Timestamp{5});
}

TEST(SeededEntropy, ReplaysItsSeed) {
  Bytes a(64);
  Bytes b(64);
  Bytes c(64);
  testing::SeededEntropy(1).fill(a);
  testing::SeededEntropy(1).fill(b);
  testing::SeededEntropy(2).fill(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

}  // namespace
}  // namespace daybook
