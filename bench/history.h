// SPDX-License-Identifier: Apache-2.0
//
// A ledger as agents leave it behind: 1000 streams, sessions of 20 turns of 10
// events, every event caused by the one before it, a turn's result also by its
// start, one event in 500 by something in another stream. Explaining an event
// means walking up to two hundred others and more. Grown on demand, always the
// same for the same size. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/payload.h"
#include "daybook/ledger.h"

namespace daybook::bench {

inline constexpr std::uint64_t kTurnEvents = 10;
inline constexpr std::uint64_t kSessionEvents = 200;
inline constexpr std::uint64_t kCorrelatedEvents = 20;  // share one `correlation`

class History {
 public:
  explicit History(std::string path);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Appends until the ledger holds `events`, then closes it.
  [[nodiscard]] Result<void> grow(std::uint64_t events);
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

  // Names kCorrelatedEvents events of any history that is long enough.
  [[nodiscard]] static std::string correlation_of(std::uint64_t seq);

 private:
  // The newest event that may be a cause: in this batch, or by id.
  struct Cause {
    enum class Place : std::uint8_t { None, Batch, Ledger } place = Place::None;
    std::uint32_t index = 0;
    EventId id;
  };
  struct Stream {
    std::uint64_t events = 0;
    Cause last;
    Cause turn;
  };

  [[nodiscard]] NewEvent next_event(std::uint32_t index);
  static void add_cause(NewEvent& event, const Cause& cause);
  void adopt(const std::vector<Receipt>& receipts);

  std::string path_;
  std::uint64_t events_ = 0;
  std::mt19937_64 random_;
  std::size_t current_ = 0;  // the stream whose turn it is
  std::vector<Stream> streams_;
  std::vector<std::size_t> touched_;  // streams with events in this batch
};

}  // namespace daybook::bench
