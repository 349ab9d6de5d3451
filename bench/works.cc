// SPDX-License-Identifier: Apache-2.0
#include "bench/works.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "bench/daybook.h"
#include "bench/history.h"
#include "bench/process.h"
#include "bench/store.h"
#include "bench/system.h"
#include "bench/table.h"
#include "bench/transcripts.h"

namespace daybook::bench {
namespace {

constexpr const char* kRate = "events/s";
constexpr std::uint32_t kPassRounds = 3;  // of work that takes seconds a pass

// The histories that several rows read, made when the first of them needs one
// and kept until the last row that may.
class Shelf {
 public:
  explicit Shelf(std::string directory) : directory_(std::move(directory)) {}
  Result<std::shared_ptr<History>> history(std::uint64_t events) {
    auto& slot = histories_[events];
    if (!slot) slot = std::make_shared<History>(fmt::format("{}/history-{}", directory_, events));
    DAYBOOK_CHECK(slot->grow(events));
    return slot;
  }

 private:
  std::string directory_;
  std::map<std::uint64_t, std::shared_ptr<History>> histories_;
};
using ShelfPointer = std::shared_ptr<Shelf>;  // shared by the closures of several rows

Entry entry(const char* name, std::unique_ptr<Contestant> contestant) {
  return {name, std::move(contestant)};
}

template <class... Entries>
std::vector<Entry> entries(Entries... each) {
  std::vector<Entry> all;
  (all.push_back(std::move(each)), ...);
  return all;
}

Work append_alone(const Setup& setup) {
  return {
      .id = "append-1",
      .title = "durable append, 1 thread, 1 event each",
      .unit = kRate,
      .peer = kSqlite,
      .targets = {{kRaw, 0.95}},
      .make = [dir = setup.directory]() -> Result<std::vector<Entry>> {
        return entries(
            entry(kRaw, make_appender(make_raw_store(), {.directory = dir + "/raw"})),
            entry(kSqlite, make_appender(make_sqlite_store(), {.directory = dir + "/sqlite"})),
            entry(kRocksdb, make_appender(make_rocksdb_store(), {.directory = dir + "/rocksdb"})),
            entry(kLmdb, make_appender(make_lmdb_store(), {.directory = dir + "/lmdb"})),
            entry(kDaybook, make_appender(make_daybook_store(), {.directory = dir + "/daybook"})));
      }};
}

// The limit of n blocking threads is one flush for all n of them.
Work append_together(const Setup& setup, unsigned threads, double target) {
  return {.id = fmt::format("append-{}", threads),
          .title = fmt::format("durable append, {} blocking threads", threads),
          .unit = kRate,
          .peer = kRocksdb,
          .targets = {{kRocksdb, target}},
          .make = [dir = setup.directory, threads]() -> Result<std::vector<Entry>> {
            return entries(
                entry(kRaw, make_appender(make_raw_store(),
                                          {.directory = dir + "/raw", .batch = threads})),
                entry(kRocksdb, make_appender(make_rocksdb_store(),
                                              {.directory = dir + "/rocksdb", .threads = threads})),
                entry(kDaybook, make_appender(make_daybook_store(), {.directory = dir + "/daybook",
                                                                     .threads = threads})));
          }};
}

Work append_async(const Setup& setup) {
  constexpr std::size_t kWindow = 1000;
  return {.id = "append-async",
          .title = fmt::format("durable append, 1 producer, futures, {} in flight", kWindow),
          .unit = kRate,
          .peer = kSqlite,
          .targets = {{"", 800'000}, {kSqlite, 4}},
          .make = [dir = setup.directory]() -> Result<std::vector<Entry>> {
            return entries(
                entry(kRaw, make_appender(make_raw_store(),
                                          {.directory = dir + "/raw", .batch = kWindow})),
                entry(kSqlite, make_appender(make_sqlite_store(),
                                             {.directory = dir + "/sqlite", .batch = kWindow})),
                entry(kDaybook, make_async_appender(dir + "/daybook", kWindow)));
          }};
}

Work append_batch(const Setup& setup) {
  constexpr std::size_t kBatch = 1000;
  return {.id = "append-batch",
          .title = fmt::format("durable append, {} a batch", kBatch),
          .unit = kRate,
          .peer = kRocksdb,
          .targets = {{kRocksdb, 1.2}},
          .make = [dir = setup.directory]() -> Result<std::vector<Entry>> {
            const auto shape = [&](const char* name) {
              return AppendShape{.directory = dir + "/" + name, .threads = 1, .batch = kBatch};
            };
            return entries(entry(kRaw, make_appender(make_raw_store(), shape(kRaw))),
                           entry(kSqlite, make_appender(make_sqlite_store(), shape(kSqlite))),
                           entry(kRocksdb, make_appender(make_rocksdb_store(), shape(kRocksdb))),
                           entry(kLmdb, make_appender(make_lmdb_store(), shape(kLmdb))),
                           entry(kDaybook, make_appender(make_daybook_store(), shape(kDaybook))));
          }};
}

Work scan(const Setup& setup) {
  return {.id = "scan",
          .title = "scan in order, checksums on",
          .unit = kRate,
          .peer = kRocksdb,
          .targets = {{kRocksdb, 2}},
          .make = [dir = setup.directory, n = setup.table_events]() -> Result<std::vector<Entry>> {
            return entries(
                entry(kRaw, make_scanner(make_raw_store(n), dir + "/raw", n)),
                entry(kSqlite, make_scanner(make_sqlite_store(), dir + "/sqlite", n)),
                entry(kRocksdb, make_scanner(make_rocksdb_store(), dir + "/rocksdb", n)),
                entry(kLmdb, make_scanner(make_lmdb_store(), dir + "/lmdb", n)),
                entry(kDaybook, make_scanner(make_daybook_store(), dir + "/daybook", n)));
          }};
}

Work verify(const Setup& setup, const ShelfPointer& shelf) {
  return {.id = "verify",
          .title = "verify everything",
          .unit = kRate,
          .peer = {},
          .targets = {{"", 1'500'000}},
          .make = [shelf, n = setup.history_events]() -> Result<std::vector<Entry>> {
            DAYBOOK_TRY(history, shelf->history(n));
            return entries(entry(kRaw, make_raw_hasher()), entry(kDaybook, make_verifier(history)));
          }};
}

Work why(const Setup& setup, const ShelfPointer& shelf) {
  return {.id = "why",
          .title = fmt::format("slowest `why` in {} events",
                               number(static_cast<double>(setup.history_events))),
          .unit = "ms",
          .better = Better::Lower,
          .peer = {},
          .targets = {{"", 10}},
          .make = [shelf, n = setup.history_events]() -> Result<std::vector<Entry>> {
            DAYBOOK_TRY(history, shelf->history(n));
            return entries(entry(kDaybook, make_why(history)));
          }};
}

Work index(const Setup& setup, const ShelfPointer& shelf) {
  return {.id = "index",
          .title = fmt::format("index {} events from nothing",
                               number(static_cast<double>(setup.table_events))),
          .unit = kRate,
          .peer = {},
          .targets = {{kRaw, 0.7}},
          .warm_up = WarmUp::None,
          .rounds_max = kPassRounds,
          .make = [shelf, dir = setup.directory,
                   n = setup.table_events]() -> Result<std::vector<Entry>> {
            DAYBOOK_TRY(history, shelf->history(n));
            return entries(entry(kRaw, make_raw_indexer(dir + "/raw-index", n)),
                           entry(kDaybook, make_indexer(history)));
          }};
}

Command fixed(std::vector<std::string> words) {
  return [words = std::move(words)]() -> Result<std::vector<std::string>> { return words; };
}

// The raw process needs its file of zeros; SQLite its million rows.
Command raw_start(const Setup& setup) {
  return [program = setup.raw_start,
          path = setup.directory + "/start.raw"]() -> Result<std::vector<std::string>> {
    DAYBOOK_CHECK(make_zero_file(path, std::uint64_t{1} << 20));
    return std::vector{program, path};
  };
}

Command sqlite_start(const Setup& setup) {
  return [program = setup.child, directory = setup.directory + "/start.sqlite",
          n = setup.history_events]() -> Result<std::vector<std::string>> {
    constexpr std::uint64_t kCommitRows = 10'000;
    DAYBOOK_CHECK(make_fresh_directory(directory));
    const auto store = make_sqlite_store();
    DAYBOOK_CHECK(store->open(directory));
    for (std::uint64_t first = 0; first < n; first += kCommitRows) {
      DAYBOOK_CHECK(store->append(first, kCommitRows));
    }
    return std::vector<std::string>{program, "append-sqlite", directory};
  };
}

Work cold_library(const Setup& setup, const ShelfPointer& shelf) {
  return {
      .id = "cold-library",
      .title = fmt::format("cold process, library: open {} events, append 1, exit",
                           number(static_cast<double>(setup.history_events))),
      .unit = "ms",
      .better = Better::Lower,
      .peer = kSqlite,
      .targets = {{"", 8}},
      .make = [setup, shelf]() -> Result<std::vector<Entry>> {
        DAYBOOK_TRY(history, shelf->history(setup.history_events));
        return entries(
            entry(kRaw, make_process_timer(raw_start(setup))),
            entry(kSqlite, make_process_timer(sqlite_start(setup))),
            entry(kDaybook, make_process_timer(fixed({setup.child, "append", history->path()}))));
      }};
}

Work cold_command(const Setup& setup, const ShelfPointer& shelf) {
  return {
      .id = "cold-command",
      .title = "cold process, the same by `daybook append`",
      .unit = "ms",
      .better = Better::Lower,
      .peer = {},
      .targets = {{"", 8}},
      .make = [setup, shelf]() -> Result<std::vector<Entry>> {
        DAYBOOK_TRY(history, shelf->history(setup.history_events));
        const std::vector<std::string> words = {
            setup.program,  "append", "--ledger",      history->path(), "--stream",
            "session/cold", "--type", "call/finished", "--data",        R"({"exit_code":0})"};
        return entries(
            entry(kRaw, make_process_timer(raw_start(setup))),
            entry(kDaybook, setup.program.empty() ? nullptr : make_process_timer(fixed(words))));
      }};
}

Work start(const Setup& setup) {
  return {
      .id = "start",
      .title = "start of the program: `daybook --version`",
      .unit = "ms",
      .better = Better::Lower,
      .peer = {},
      .targets = {{"", 5}},
      .make = [program = setup.program]() -> Result<std::vector<Entry>> {
        return entries(
            entry(kRaw, make_process_timer(fixed({"/bin/true"}))),
            entry(kDaybook,
                  program.empty() ? nullptr : make_process_timer(fixed({program, "--version"}))));
      }};
}

Work memory(const Setup& setup, const ShelfPointer& shelf, const char* mode) {
  Work work = {
      .id = fmt::format("memory-{}", mode),
      .title = fmt::format("peak memory: {} {} events", mode,
                           number(static_cast<double>(setup.history_events))),
      .unit = "MiB",
      .better = Better::Lower,
      .peer = {},
      .targets = {{"", 64}},
      .warm_up = WarmUp::None,
      .rounds_max = kPassRounds,
      .make = [setup, shelf, mode]() -> Result<std::vector<Entry>> {
        DAYBOOK_TRY(history, shelf->history(setup.history_events));
        return entries(
            entry(kRaw, make_process_memory(fixed({setup.child, "start", history->path()}))),
            entry(kDaybook, make_process_memory(fixed({setup.child, mode, history->path()}))));
      }};
  return work;
}

Work transcripts(const Setup& setup) {
  return {.id = "transcripts",
          .title = "read agent sessions, all processors; jq -c . on one",
          .unit = "MB/s",
          .better = Better::Higher,
          .peer = kJq,
          .targets = {{kJq, 40}},
          .warm_up = WarmUp::None,
          .rounds_max = kPassRounds,
          .make = [setup]() -> Result<std::vector<Entry>> {
            const auto tree = make_transcript_tree(
                setup.transcripts, setup.directory + "/transcripts", setup.transcript_bytes);
            return entries(entry(kDaybook, make_transcript_reader(tree)),
                           entry(kJq, make_jq(tree)));
          }};
}

}  // namespace

std::vector<Work> all_works(const Setup& setup) {
  const auto shelf = std::make_shared<Shelf>(setup.directory);
  std::vector<Work> works = {append_alone(setup),
                             append_together(setup, 8, 2),
                             append_together(setup, 64, 2.5),
                             append_async(setup),
                             append_batch(setup),
                             scan(setup),
                             verify(setup, shelf),
                             why(setup, shelf),
                             index(setup, shelf),
                             memory(setup, shelf, "open"),
                             memory(setup, shelf, "scan"),
                             memory(setup, shelf, "verify"),
                             cold_library(setup, shelf),
                             cold_command(setup, shelf),
                             start(setup)};
  if (!setup.transcripts.empty()) works.push_back(transcripts(setup));
  return works;
}

}  // namespace daybook::bench
