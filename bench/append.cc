// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "bench/payload.h"
#include "bench/store.h"
#include "bench/system.h"

namespace daybook::bench {
namespace {

// What one thread did in one slice.
struct Lane {
  std::uint64_t calls = 0;
  std::vector<float> micros;
  Result<void> result;
};

class Appender final : public Contestant {
 public:
  Appender(std::unique_ptr<Store> store, AppendShape shape)
      : store_(std::move(store)), shape_(std::move(shape)) {}
  ~Appender() override {
    store_.reset();
    remove_tree(shape_.directory);
  }

  Result<void> prepare() override {
    DAYBOOK_CHECK(make_fresh_directory(shape_.directory));
    return store_->open(shape_.directory);
  }

  Result<Slice> run(double seconds) override {
    std::vector<Lane> lanes(shape_.threads);
    const double elapsed =
        shape_.threads == 1 ? run_alone(lanes[0], seconds) : run_together(lanes, seconds);
    Slice slice;
    std::uint64_t calls = 0;
    for (Lane& lane : lanes) {
      DAYBOOK_CHECK(std::move(lane.result));
      calls += lane.calls;
      slice.micros.insert(slice.micros.end(), lane.micros.begin(), lane.micros.end());
    }
    appended_ += calls * shape_.batch;
    slice.value = static_cast<double>(calls * shape_.batch) / elapsed;
    return slice;
  }

  Result<void> settle() override { return store_->settle(); }

  // A store that lost what it acknowledged has no place in the table.
  Result<void> finish() override {
    DAYBOOK_TRY(stored, store_->count());
    if (stored == appended_) return {};
    return fail(Errc::Corruption,
                fmt::format("{} events were acknowledged, {} are stored", appended_, stored));
  }

 private:
  // Each thread walks its own part of the ring.
  bool append_once(Lane& lane, std::uint64_t& next) {
    const Stopwatch call;
    lane.result = store_->append(next, shape_.batch);
    if (!lane.result) return false;
    lane.micros.push_back(call.micros());
    ++lane.calls;
    next += shape_.batch;
    return true;
  }

  double run_alone(Lane& lane, double seconds) {
    const Stopwatch watch;
    while (watch.seconds() < seconds && append_once(lane, next_)) {
    }
    return watch.seconds();
  }

  double run_together(std::vector<Lane>& lanes, double seconds) {
    std::atomic<bool> stop = false;
    std::barrier start(static_cast<std::ptrdiff_t>(shape_.threads) + 1);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < shape_.threads; ++i) {
      threads.emplace_back([&, i] {
        std::uint64_t next = i * (Ring::kRingEvents / shape_.threads) + appended_;
        start.arrive_and_wait();
        while (!stop.load(std::memory_order_relaxed) && append_once(lanes[i], next)) {
        }
      });
    }
    start.arrive_and_wait();
    const Stopwatch watch;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    threads.clear();
    return watch.seconds();
  }

  std::unique_ptr<Store> store_;
  AppendShape shape_;
  std::uint64_t next_ = 0;
  std::uint64_t appended_ = 0;
};

}  // namespace

std::unique_ptr<Contestant> make_appender(std::unique_ptr<Store> store, AppendShape shape) {
  if (!store) return nullptr;
  return std::make_unique<Appender>(std::move(store), std::move(shape));
}

}  // namespace daybook::bench
