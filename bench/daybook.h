// SPDX-License-Identifier: Apache-2.0
//
// The contestants that only Daybook has: futures, verification, causes, the
// index. Each is a Contestant; a History is the ledger that several of them read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/harness.h"
#include "bench/store.h"
#include "daybook/ledger.h"

namespace daybook::bench {

class History;

// Reads every event in order; how many there were.
[[nodiscard]] Result<std::uint64_t> scan_all(Ledger& ledger);

[[nodiscard]] std::unique_ptr<Contestant> make_async_appender(std::string directory,
                                                              std::size_t window);
// Events a second, all checks on, all cores.
[[nodiscard]] std::unique_ptr<Contestant> make_verifier(std::shared_ptr<History> history);
// Its limit: SHA-256 of 256 bytes on all cores, and nothing else.
[[nodiscard]] std::unique_ptr<Contestant> make_raw_hasher();
// Milliseconds of the slowest of many questions about random events.
[[nodiscard]] std::unique_ptr<Contestant> make_why(std::shared_ptr<History> history);
// Events a second from an empty views/ to a complete index.
[[nodiscard]] std::unique_ptr<Contestant> make_indexer(std::shared_ptr<History> history);
// Its limit: the same number of rows into SQLite, 1000 a commit.
[[nodiscard]] std::unique_ptr<Contestant> make_raw_indexer(std::string directory,
                                                           std::uint64_t events);

}  // namespace daybook::bench
