// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace daybook {
namespace {

constexpr std::uint64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kEntropyBlockBytes = 4096;
constexpr std::size_t kMaxGetentropyBytes = 256;  // more is EIO by contract

std::int64_t read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void draw(std::span<std::uint8_t> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += kMaxGetentropyBytes) {
    const std::size_t count = std::min(kMaxGetentropyBytes, bytes.size() - at);
    if (getentropy(bytes.data() + at, count) == 0) continue;
    // Ids and salts that can be guessed would be worse than no process at all.
    std::fputs("daybook: the kernel gives no randomness (getentropy failed)\n", stderr);
    std::abort();
  }
}

// How often this process is a fork of the one it started as. A block drawn
// before a fork must not be used on both sides of it.
std::atomic<std::uint64_t> fork_generation{0};

void note_fork() { fork_generation.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t current_generation() {
  static const int registered = pthread_atfork(nullptr, nullptr, note_fork);
  static_cast<void>(registered);
  return fork_generation.load(std::memory_order_relaxed);
}

struct EntropyBlock {
  std::array<std::uint8_t, kEntropyBlockBytes> bytes;
  std::size_t used = kEntropyBlockBytes;
  std::uint64_t generation = 0;
};

constinit thread_local EntropyBlock block{};

}  // namespace

Timestamp SystemClock::now() { return Timestamp{read_clock(CLOCK_REALTIME)}; }

std::uint64_t SystemClock::monotonic_micros() {
  return static_cast<std::uint64_t>(read_clock(CLOCK_MONOTONIC));
}

// A signal ends the sleep early, so that whoever waits gets to see it.
void SystemClock::sleep_micros(std::uint64_t micros) {
  const timespec duration{.tv_sec = static_cast<time_t>(micros / kMicrosPerSecond),
                          .tv_nsec = static_cast<long>(micros % kMicrosPerSecond * 1000)};
  nanosleep(&duration, nullptr);
}

void SystemEntropy::fill(std::span<std::uint8_t> bytes) {
  if (bytes.size() >= kEntropyBlockBytes) return draw(bytes);
  const std::uint64_t generation = current_generation();
  if (block.used + bytes.size() > kEntropyBlockBytes || block.generation != generation) {
    draw(block.bytes);
    block.used = 0;
    block.generation = generation;
  }
  // What was handed out is wiped: a later look at this memory tells nothing.
  std::memcpy(bytes.data(), block.bytes.data() + block.used, bytes.size());
  std::memset(block.bytes.data() + block.used, 0, bytes.size());
  block.used += bytes.size();
}

}  // namespace daybook
