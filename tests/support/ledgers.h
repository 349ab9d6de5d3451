// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of tests that work with whole ledgers: open one, append to
// it, read it back. A failure stops the test with the error's message.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/ledger.h"
#include "support/test_environment.h"

namespace daybook::testing {

// The value, or a failed test that says why.
template <class T>
T expect(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return *std::move(result);
}
inline void expect(Result<void> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    throw std::runtime_error(result.error().message);
  }
}

// Segments small enough to seal after a few hundred events.
inline LedgerOptions small_options() {
  LedgerOptions options;
  options.segment_bytes = 64 * 1024;
  options.zero_ahead_bytes = 4096;
  options.inline_bytes = 1024;
  return options;
}

// `count` events in `streams` streams, the i-th with data {"n":i}.
inline void append_numbered(Ledger& ledger, std::size_t count, std::size_t streams = 3) {
  for (std::size_t i = 0; i < count; ++i) {
    NewEvent event{.stream = "stream/" + std::to_string(i % streams), .type = "numbered"};
    event.data = "{\"n\":" + std::to_string(i) + "}";
    expect(ledger.append(event, {.durability = Durability::Memory}));
  }
}

// Every event a cursor yields.
inline std::vector<Event> read_all(Ledger& ledger, const ScanOptions& options = {}) {
  Cursor cursor = expect(ledger.scan(options));
  std::vector<Event> events;
  while (const EventView* event = expect(cursor.next())) events.push_back(to_event(*event));
  return events;
}

}  // namespace daybook::testing
