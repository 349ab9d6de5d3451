// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "bench/store.h"
#include "bench/system.h"

namespace daybook::bench {
namespace {

constexpr std::size_t kLoadBatch = 1000;

class Scanner final : public Contestant {
 public:
  Scanner(std::unique_ptr<Store> store, std::string directory, std::uint64_t events)
      : store_(std::move(store)), directory_(std::move(directory)), events_(events) {}
  ~Scanner() override {
    store_.reset();
    remove_tree(directory_);
  }

  Result<void> prepare() override {
    DAYBOOK_CHECK(make_fresh_directory(directory_));
    DAYBOOK_CHECK(store_->open(directory_));
    for (std::uint64_t first = 0; first < events_; first += kLoadBatch) {
      const auto count = std::min<std::uint64_t>(kLoadBatch, events_ - first);
      DAYBOOK_CHECK(store_->append(first, count));
    }
    DAYBOOK_CHECK(store_->settle());
    return store_->prepare_scan();
  }

  Result<Slice> run(double seconds) override {
    const Stopwatch watch;
    std::uint64_t read = 0;
    do {
      DAYBOOK_TRY(count, store_->scan());
      if (count != events_) {
        return fail(Errc::Corruption, fmt::format("{} of {} events read", count, events_));
      }
      read += count;
    } while (watch.seconds() < seconds);
    return Slice{static_cast<double>(read) / watch.seconds(), {}};
  }

 private:
  std::unique_ptr<Store> store_;
  std::string directory_;
  std::uint64_t events_;
};

}  // namespace

std::unique_ptr<Contestant> make_scanner(std::unique_ptr<Store> store, std::string directory,
                                         std::uint64_t events) {
  if (!store) return nullptr;
  return std::make_unique<Scanner>(std::move(store), std::move(directory), events);
}

}  // namespace daybook::bench
