// SPDX-License-Identifier: Apache-2.0
//
// Daybook as a store like the others, and its append with acknowledgements as
// futures, which the others do not have.
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "bench/daybook.h"
#include "bench/payload.h"
#include "bench/system.h"
#include "daybook/ledger.h"

namespace daybook::bench {
namespace {

class DaybookStore final : public Store {
 public:
  Result<void> open(const std::string& directory) override {
    DAYBOOK_TRY(ledger, Ledger::create(directory + "/ledger"));
    ledger_.emplace(std::move(ledger));
    return {};
  }

  Result<void> append(std::uint64_t first, std::size_t count) override {
    const auto events = ring().events(first, count);
    if (count == 1) {
      DAYBOOK_CHECK(ledger_->append(events[0]));
    } else {
      DAYBOOK_CHECK(ledger_->append(events));
    }
    return {};
  }

  Result<std::uint64_t> count() override {
    DAYBOOK_TRY(last, ledger_->last());
    return last.value;
  }

  Result<std::uint64_t> scan() override { return scan_all(*ledger_); }

 private:
  std::optional<Ledger> ledger_;
};

// One producer which hands over one event at a time and keeps up to `window`
// of them unacknowledged.
class AsyncAppender final : public Contestant {
 public:
  AsyncAppender(std::string directory, std::size_t window)
      : directory_(std::move(directory)), window_(window) {}
  ~AsyncAppender() override {
    ledger_.reset();
    remove_tree(directory_);
  }

  Result<void> prepare() override {
    DAYBOOK_CHECK(make_fresh_directory(directory_));
    DAYBOOK_TRY(ledger, Ledger::create(directory_ + "/ledger"));
    ledger_.emplace(std::move(ledger));
    return {};
  }

  Result<Slice> run(double seconds) override {
    struct Pending {
      PendingAppend append;
      Stopwatch since;
    };
    std::deque<Pending> flight;
    Slice slice;
    std::uint64_t acknowledged = 0;
    const auto wait_for_oldest = [&]() -> Result<void> {
      DAYBOOK_CHECK(flight.front().append.wait());
      if (acknowledged++ % kLatencyEvery == 0) {
        slice.micros.push_back(flight.front().since.micros());
      }
      flight.pop_front();
      return {};
    };
    const Stopwatch watch;
    while (watch.seconds() < seconds) {
      if (flight.size() >= window_) DAYBOOK_CHECK(wait_for_oldest());
      flight.push_back({ledger_->append_async(ring().events(next_++, 1)), Stopwatch()});
    }
    while (!flight.empty()) DAYBOOK_CHECK(wait_for_oldest());
    slice.value = static_cast<double>(acknowledged) / watch.seconds();
    appended_ += acknowledged;
    return slice;
  }

  Result<void> finish() override {
    DAYBOOK_TRY(last, ledger_->last());
    if (last.value == appended_) return {};
    return fail(Errc::Corruption,
                fmt::format("{} events were acknowledged, {} are stored", appended_, last.value));
  }

 private:
  static constexpr std::uint64_t kLatencyEvery = 16;

  std::string directory_;
  std::size_t window_;
  std::optional<Ledger> ledger_;
  std::uint64_t next_ = 0;
  std::uint64_t appended_ = 0;
};

}  // namespace

Result<std::uint64_t> scan_all(Ledger& ledger) {
  DAYBOOK_TRY(cursor, ledger.scan());
  std::uint64_t events = 0;
  Sink sink;
  while (true) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) break;
    sink.take(event->data.data(), event->data.size());
    ++events;
  }
  if (!cursor.lost().empty()) return fail(Errc::Corruption, "the ledger is damaged");
  return events;
}

std::unique_ptr<Store> make_daybook_store() { return std::make_unique<DaybookStore>(); }

std::unique_ptr<Contestant> make_async_appender(std::string directory, std::size_t window) {
  return std::make_unique<AsyncAppender>(std::move(directory), window);
}

}  // namespace daybook::bench
