// SPDX-License-Identifier: Apache-2.0
#include "bench/growth.h"

#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "bench/history.h"
#include "bench/system.h"
#include "daybook/index.h"

namespace daybook::bench {
namespace {

constexpr int kOpens = 20;
constexpr int kAppends = 200;
constexpr int kReads = 5000;
constexpr int kWhys = 500;
constexpr int kQueries = 200;

using Random = std::mt19937_64;

// Times `count` calls of a function that returns a Result.
template <class Call>
Result<Latency> time_calls(int count, const Call& call) {
  std::vector<float> micros;
  for (int i = 0; i < count; ++i) {
    const Stopwatch watch;
    DAYBOOK_CHECK(call());
    micros.push_back(watch.micros());
  }
  return *latency_of(std::move(micros));
}

Result<Latency> time_open(const std::string& path) {
  std::vector<float> micros;
  for (int i = 0; i < kOpens; ++i) {
    const Stopwatch watch;
    DAYBOOK_TRY(ledger, Ledger::open(path));
    micros.push_back(watch.micros());
    DAYBOOK_CHECK(ledger.close());
  }
  return *latency_of(std::move(micros));
}

Result<Latency> time_why(Ledger& ledger, std::uint64_t events, Random& random) {
  std::vector<float> micros;
  for (int i = 0; i < kWhys; ++i) {
    DAYBOOK_TRY(event, ledger.read(Seq{1 + random() % events}));
    const Stopwatch watch;
    DAYBOOK_CHECK(causes_of(ledger, event.id));
    micros.push_back(watch.micros());
  }
  return *latency_of(std::move(micros));
}

Result<void> ask(Index& index, std::uint64_t seq) {
  Query query;
  query.correlation = History::correlation_of(seq);
  DAYBOOK_TRY(answer, index.query(query));
  if (answer.events.size() == kCorrelatedEvents && answer.completeness.complete()) return {};
  return fail(Errc::Internal, fmt::format("{} of {} events found for {}", answer.events.size(),
                                          kCorrelatedEvents, query.correlation));
}

Result<void> measure_index(Ledger& ledger, std::uint64_t added, Random& random, GrowthLine& line) {
  const Stopwatch watch;
  DAYBOOK_TRY(index, Index::open(ledger));
  DAYBOOK_CHECK(index.catch_up());
  line.index_events_per_second = static_cast<double>(added) / watch.seconds();
  DAYBOOK_TRY(query, time_calls(kQueries, [&] { return ask(index, 1 + random() % line.events); }));
  line.query = query;
  DAYBOOK_TRY(status, index.status());
  line.index_bytes_per_event = static_cast<double>(status.bytes) / static_cast<double>(line.events);
  return {};
}

Result<GrowthLine> measure_size(const History& history, std::uint64_t added) {
  GrowthLine line;
  line.events = history.events();
  Random random(line.events);
  DAYBOOK_TRY(open, time_open(history.path()));
  line.open = open;

  DAYBOOK_TRY(ledger, Ledger::open(history.path()));
  DAYBOOK_TRY(status, ledger.status());
  line.log_bytes_per_event =
      static_cast<double>(status.log_bytes) / static_cast<double>(status.last.value);
  DAYBOOK_TRY(read,
              time_calls(kReads, [&] { return ledger.read(Seq{1 + random() % line.events}); }));
  line.read = read;
  DAYBOOK_TRY(why, time_why(ledger, line.events, random));
  line.why = why;
  DAYBOOK_CHECK(measure_index(ledger, added, random, line));
  std::uint64_t next = 0;
  DAYBOOK_TRY(append,
              time_calls(kAppends, [&] { return ledger.append(ring().events(next++, 1)[0]); }));
  line.append = append;
  DAYBOOK_CHECK(ledger.close());
  return line;
}

}  // namespace

Result<std::vector<GrowthLine>> measure_growth(
    const std::string& directory, const std::vector<std::uint64_t>& sizes,
    const std::function<void(const std::string&)>& progress) {
  std::vector<GrowthLine> lines;
  History history(directory + "/growth");
  for (const std::uint64_t size : sizes) {
    progress(fmt::format("growth to {} events", size));
    const std::uint64_t before = history.events();
    DAYBOOK_CHECK(history.grow(size));
    drain_writes(directory);
    DAYBOOK_TRY(line, measure_size(history, size - before));
    lines.push_back(line);
  }
  return lines;
}

}  // namespace daybook::bench
