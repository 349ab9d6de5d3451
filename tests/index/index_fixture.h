// SPDX-License-Identifier: Apache-2.0
//
// A ledger on the real disk (the index needs real files), with a clock and
// randomness that replay, and short ways to fill it. Not thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/index.h"
#include "support/fake_clock.h"
#include "support/temp_directory.h"

namespace daybook::testing {

// The value of a result, or a failed test that says why.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class IndexTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kInlineBytes = 300;  // small, so that tests have blobs

  IndexTest() { clock_.advance_on_every_read(1'000); }

  [[nodiscard]] static LedgerOptions options() {
    return {.source = "test/index", .inline_bytes = kInlineBytes};
  }
  [[nodiscard]] Environment environment() {
    return {.files = Environment::system().files, .clock = &clock_, .entropy = &entropy_};
  }
  [[nodiscard]] std::string path() const { return directory_ / "ledger"; }
  [[nodiscard]] std::string view_path(const std::string& name) const {
    return path() + "/views/" + name;
  }

  // Made by the first call, opened again after forget_ledger().
  Ledger& ledger() {
    if (!ledger_) {
      auto made = Ledger::create(path(), options(), environment());
      ledger_.emplace(made ? *std::move(made) : another_ledger());
    }
    return *ledger_;
  }
  [[nodiscard]] Ledger another_ledger() {
    return must(Ledger::open(path(), options(), environment()));
  }
  void forget_ledger() { ledger_.reset(); }

  std::vector<Receipt> append_all(const std::vector<NewEvent>& events) {
    return must(ledger().append(events, {.durability = Durability::Memory, .expected = {}}));
  }
  Receipt append(const NewEvent& event) { return append_all({event}).front(); }

  // `count` small events "bulk" in one stream, in big batches.
  void append_many(std::size_t count, const std::string& stream = "bulk") {
    constexpr std::size_t kBatch = 10'000;
    while (count > 0) {
      const std::size_t now = std::min(count, kBatch);
      append_all(
          std::vector(now, NewEvent{.stream = stream, .type = "bulk", .data = R"({"n":1})"}));
      count -= now;
    }
  }

  [[nodiscard]] Index open_index() { return must(Index::open(ledger())); }

  [[nodiscard]] static std::vector<std::uint64_t> seqs(const QueryResult& result) {
    std::vector<std::uint64_t> seqs;
    for (const Event& event : result.events) seqs.push_back(event.seq.value);
    return seqs;
  }
  [[nodiscard]] static std::vector<std::uint64_t> seqs(const Chain& chain) {
    std::vector<std::uint64_t> seqs;
    for (const ChainLink& link : chain.links) seqs.push_back(link.event.seq.value);
    return seqs;
  }
  [[nodiscard]] static std::vector<std::uint64_t> seqs(Index& index, const Query& query) {
    return seqs(must(index.query(query)));
  }

  TempDirectory directory_;
  FakeClock clock_;
  SeededEntropy entropy_;

 private:
  std::optional<Ledger> ledger_;
};

}  // namespace daybook::testing
