// SPDX-License-Identifier: Apache-2.0
//
// Comparing fairly on a machine that is never quite idle: everything that does
// the same work (the raw device, the peers, Daybook) takes short slices in
// turn, round after round, and a ratio is the median of the ratios within each
// round. Load that comes and goes then hits all of them alike.
//
// A Contestant does one piece of work in its own way; a Work is one row of the
// table. Single-threaded: contestants may use threads inside run().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/error.h"

namespace daybook::bench {

// What one contestant achieved in one slice of time.
struct Slice {
  double value = 0;           // in the unit of the row
  std::vector<float> micros;  // how long each call took; may be empty
};

class Contestant {
 public:
  virtual ~Contestant() = default;
  // Untimed, once: makes files, loads data.
  [[nodiscard]] virtual Result<void> prepare() { return {}; }
  // Works for about `seconds`, or does one whole pass when a pass takes longer.
  [[nodiscard]] virtual Result<Slice> run(double seconds) = 0;
  // Untimed, after each slice: lets background work finish, so that nobody
  // pays for it in the next slice.
  [[nodiscard]] virtual Result<void> settle() { return {}; }
  // Untimed, once: checks that the work was really done.
  [[nodiscard]] virtual Result<void> finish() { return {}; }
  // Facts to print below the table.
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

// One contestant and its column. A null contestant is said in the table.
struct Entry {
  std::string name;  // kRaw, kDaybook or a peer
  std::unique_ptr<Contestant> contestant;
};
inline constexpr const char* kRaw = "raw";
inline constexpr const char* kDaybook = "daybook";
inline constexpr const char* kSqlite = "sqlite";
inline constexpr const char* kRocksdb = "rocksdb";
inline constexpr const char* kLmdb = "lmdb";
inline constexpr const char* kJq = "jq";

enum class Better : std::uint8_t { Higher, Lower };
enum class WarmUp : std::uint8_t { Slice, None };

// A bound on Daybook's value, or on its ratio to another contestant.
struct Target {
  std::string against;  // empty: the value itself
  double bound = 0;
};

struct Work {
  std::string id;     // what --only matches
  std::string title;  // first column
  std::string unit;
  Better better = Better::Higher;
  std::string peer;  // the contestant of the column "to peer"; may be empty
  std::vector<Target> targets;
  WarmUp warm_up = WarmUp::Slice;
  std::uint32_t rounds_max = 1000;
  std::function<Result<std::vector<Entry>>()> make;
};

// Percentiles of the latencies of single calls, over all rounds.
struct Latency {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};
[[nodiscard]] std::optional<Latency> latency_of(std::vector<float> micros);
[[nodiscard]] double median(std::vector<double> values);

struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};
[[nodiscard]] Spread spread_of(const std::vector<double>& values);

struct Judgement {
  Target target;
  double actual = 0;
  bool met = false;
};

struct Outcome {
  std::string id, title, unit, peer;
  Better better = Better::Higher;
  std::vector<std::string> missing;          // contestants that are not built in
  std::vector<std::string> failures;         // contestants that failed, and why
  std::map<std::string, Spread> values;      // by contestant
  std::map<std::string, Spread> ratios;      // Daybook's value / the contestant's, by contestant
  std::map<std::string, Latency> latencies;  // by contestant
  std::vector<Judgement> judgements;
  std::vector<std::string> notes;
  double others_cpu = 0;  // share of the machine that other processes took, 0..1
  std::uint32_t rounds = 0;
};

struct Pace {
  std::uint32_t rounds = 5;
  double slice_seconds = 1.0;
  std::vector<std::string> contestants;  // only these take part; empty: all
};

// Makes the contestants, lets them take turns, judges the result. `drain` is
// called, untimed, before each slice.
[[nodiscard]] Result<Outcome> measure(const Work& work, const Pace& pace,
                                      const std::function<void()>& drain);

}  // namespace daybook::bench
