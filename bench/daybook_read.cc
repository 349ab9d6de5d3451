// SPDX-License-Identifier: Apache-2.0
//
// Verification and causes, over a finished history.
#define OPENSSL_SUPPRESS_DEPRECATED  // the old calls are the quickest there are
#include <atomic>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <openssl/sha.h>

#include "bench/daybook.h"
#include "bench/history.h"
#include "bench/payload.h"
#include "bench/system.h"
#include "daybook/index.h"

namespace daybook::bench {
namespace {

class Verifier final : public Contestant {
 public:
  explicit Verifier(std::shared_ptr<History> history) : history_(std::move(history)) {}

  Result<void> prepare() override {
    DAYBOOK_TRY(ledger, Ledger::open(history_->path(), {.access = Access::ReadOnly}));
    ledger_.emplace(std::move(ledger));
    return {};
  }

  Result<Slice> run(double seconds) override {
    const Stopwatch watch;
    std::uint64_t checked = 0;
    do {
      DAYBOOK_TRY(report, ledger_->verify());
      if (!report.ok() || report.events != history_->events()) {
        return fail(Errc::Corruption, fmt::format("verify found {} good events of {}",
                                                  report.events, history_->events()));
      }
      checked += report.events;
      bytes_ = report.bytes;
    } while (watch.seconds() < seconds);
    return Slice{static_cast<double>(checked) / watch.seconds(), {}};
  }

  std::vector<std::string> notes() const override {
    return {fmt::format(
        "verify: the log of {} events with causes takes {:.0f} bytes an event, "
        "of which 256 are the JSON text",
        history_->events(), static_cast<double>(bytes_) / static_cast<double>(history_->events()))};
  }

 private:
  std::shared_ptr<History> history_;
  std::optional<Ledger> ledger_;
  std::uint64_t bytes_ = 0;
};

class RawHasher final : public Contestant {
 public:
  Result<Slice> run(double seconds) override {
    const unsigned count = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::uint64_t> done(count, 0);
    const Stopwatch watch;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < count; ++i) {
      threads.emplace_back([&, i] { done[i] = hash_for(watch, seconds); });
    }
    threads.clear();
    const auto sum = std::accumulate(done.begin(), done.end(), std::uint64_t{0});
    return Slice{static_cast<double>(sum) / watch.seconds(), {}};
  }

 private:
  static std::uint64_t hash_for(const Stopwatch& watch, double seconds) {
    constexpr std::uint64_t kBetweenLooks = 1024;
    std::uint64_t done = 0;
    Sink sink;
    while (watch.seconds() < seconds) {
      for (std::uint64_t i = 0; i < kBetweenLooks; ++i, ++done) {
        const std::string_view payload = ring().payload(done);
        SHA256_CTX context;
        Digest digest;
        SHA256_Init(&context);
        SHA256_Update(&context, payload.data(), payload.size());
        SHA256_Final(digest.bytes.data(), &context);
        sink.take(digest.bytes.data(), digest.bytes.size());
      }
    }
    return done;
  }
};

class Why final : public Contestant {
 public:
  explicit Why(std::shared_ptr<History> history) : history_(std::move(history)) {}

  Result<void> prepare() override {
    DAYBOOK_TRY(ledger, Ledger::open(history_->path(), {.access = Access::ReadOnly}));
    ledger_.emplace(std::move(ledger));
    return {};
  }

  Result<Slice> run(double seconds) override {
    Slice slice;
    const Stopwatch watch;
    do {
      DAYBOOK_TRY(event, ledger_->read(Seq{1 + random_() % history_->events()}));
      const Stopwatch call;
      auto chain = causes_of(*ledger_, event.id);
      slice.micros.push_back(call.micros());
      if (!chain) return fail(std::move(chain).error());
      if (chain->links.empty() || chain->links.back().event.id != event.id) {
        return fail(Errc::Internal, "the chain does not end with the event asked about");
      }
      lengths_.push_back(static_cast<float>(chain->links.size()));
    } while (watch.seconds() < seconds);
    slice.value = latency_of(slice.micros)->max / 1000;
    return slice;
  }

  std::vector<std::string> notes() const override {
    const auto length = latency_of(lengths_).value_or(Latency{});
    return {
        fmt::format("why: {} random events, chains of {:.0f} events (median), {:.0f} (99 %), "
                    "{:.0f} (longest)",
                    lengths_.size(), length.p50, length.p99, length.max)};
  }

 private:
  std::shared_ptr<History> history_;
  std::optional<Ledger> ledger_;
  std::mt19937_64 random_{7};
  std::vector<float> lengths_;
};

}  // namespace

std::unique_ptr<Contestant> make_verifier(std::shared_ptr<History> history) {
  return std::make_unique<Verifier>(std::move(history));
}
std::unique_ptr<Contestant> make_raw_hasher() { return std::make_unique<RawHasher>(); }
std::unique_ptr<Contestant> make_why(std::shared_ptr<History> history) {
  return std::make_unique<Why>(std::move(history));
}

}  // namespace daybook::bench
