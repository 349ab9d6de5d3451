// SPDX-License-Identifier: Apache-2.0
//
// Building the index from nothing, beside the rows a bare SQLite takes.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "bench/daybook.h"
#include "bench/history.h"
#include "bench/system.h"
#include "daybook/index.h"

namespace daybook::bench {
namespace {

class Indexer final : public Contestant {
 public:
  explicit Indexer(std::shared_ptr<History> history) : history_(std::move(history)) {}

  Result<void> prepare() override {
    DAYBOOK_TRY(ledger, Ledger::open(history_->path()));
    ledger_.emplace(std::move(ledger));
    return {};
  }

  Result<Slice> run(double /*seconds*/) override {
    for (const std::string& file : files_in(history_->path() + "/views", "")) remove_tree(file);
    const Stopwatch watch;
    DAYBOOK_TRY(index, Index::open(*ledger_));
    DAYBOOK_CHECK(index.catch_up());
    const double elapsed = watch.seconds();
    DAYBOOK_TRY(status, index.status());
    if (status.indexed.value != history_->events()) {
      return fail(Errc::Corruption, fmt::format("{} of {} events are indexed", status.indexed.value,
                                                history_->events()));
    }
    bytes_ = status.bytes;
    return Slice{static_cast<double>(history_->events()) / elapsed, {}};
  }

  std::vector<std::string> notes() const override {
    return {fmt::format("index: {:.0f} bytes of index an event, without full text",
                        static_cast<double>(bytes_) / static_cast<double>(history_->events()))};
  }

 private:
  std::shared_ptr<History> history_;
  std::optional<Ledger> ledger_;
  std::uint64_t bytes_ = 0;
};

class RawIndexer final : public Contestant {
 public:
  RawIndexer(std::string directory, std::uint64_t events)
      : directory_(std::move(directory)), events_(events) {}
  ~RawIndexer() override { remove_tree(directory_); }

  Result<Slice> run(double /*seconds*/) override {
    constexpr std::uint64_t kCommitRows = 1000;
    DAYBOOK_CHECK(make_fresh_directory(directory_));
    const auto store = make_sqlite_store();
    const Stopwatch watch;
    DAYBOOK_CHECK(store->open(directory_));
    for (std::uint64_t first = 0; first < events_; first += kCommitRows) {
      DAYBOOK_CHECK(store->append(first, std::min(kCommitRows, events_ - first)));
    }
    return Slice{static_cast<double>(events_) / watch.seconds(), {}};
  }

 private:
  std::string directory_;
  std::uint64_t events_;
};

}  // namespace

std::unique_ptr<Contestant> make_indexer(std::shared_ptr<History> history) {
  return std::make_unique<Indexer>(std::move(history));
}
std::unique_ptr<Contestant> make_raw_indexer(std::string directory, std::uint64_t events) {
  return std::make_unique<RawIndexer>(std::move(directory), events);
}

}  // namespace daybook::bench
