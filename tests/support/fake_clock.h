// SPDX-License-Identifier: Apache-2.0
//
// A clock that moves only when it is told to, and randomness that replays.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "daybook/environment.h"
#include "support/random.h"

namespace daybook::testing {

class FakeClock final : public Clock {
 public:
  // 2026-11-20T08:06:23Z.
  static constexpr Timestamp kStart{1'795'161'983'000'000};

  explicit FakeClock(Timestamp start = kStart) : wall_(start.micros) {}

  Timestamp now() override { return Timestamp{wall_.fetch_add(step_.load())}; }
  std::uint64_t monotonic_micros() override { return steady_.load(); }

  // Takes no time, but lets other threads run, so that who waits for them by
  // sleeping gets on.
  void sleep_micros(std::uint64_t micros) override {
    if (!standing_) advance(micros);
    std::this_thread::yield();
  }

  // From now on waiting takes no time either. For threads that wait for each other:
  // how long that takes is the machine's business, and no timeout may decide it.
  void stand_still() { standing_ = true; }

  void advance(std::uint64_t micros) {
    wall_ += static_cast<std::int64_t>(micros);
    steady_ += micros;
  }
  // The wall clock alone, as when somebody sets it; monotonic time goes on.
  void step_back(std::uint64_t micros) { wall_ -= static_cast<std::int64_t>(micros); }
  void set(Timestamp time) { wall_ = time.micros; }

  // From now on every now() moves the wall clock by so much after reading it.
  void advance_on_every_read(std::uint64_t micros) { step_ = static_cast<std::int64_t>(micros); }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::uint64_t> steady_{1'000'000};
  std::atomic<std::int64_t> step_{0};
  std::atomic<bool> standing_{false};
};

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed = 1) : random_(seed) {}

  void fill(std::span<std::uint8_t> bytes) override {
    const std::lock_guard lock(mutex_);
    random_.fill(bytes);
  }

 private:
  std::mutex mutex_;
  Random random_;
};

}  // namespace daybook::testing
