// SPDX-License-Identifier: Apache-2.0
//
// What the raw device, the peers and Daybook have in common: a place that takes
// events durably and gives them back in order. One file per store implements
// it; append.cc and scan.cc turn stores into contestants.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/harness.h"
#include "daybook/error.h"

namespace daybook::bench {

class Store {
 public:
  virtual ~Store() = default;
  // Makes an empty store in the empty directory `directory`.
  [[nodiscard]] virtual Result<void> open(const std::string& directory) = 0;
  // Events first..first+count of the ring, one atomic batch, on stable storage
  // when it returns. Called from several threads only where a row says so.
  [[nodiscard]] virtual Result<void> append(std::uint64_t first, std::size_t count) = 0;
  // Waits for flushes and compactions that the store does in the background.
  [[nodiscard]] virtual Result<void> settle() { return {}; }
  // How many events it holds.
  [[nodiscard]] virtual Result<std::uint64_t> count() = 0;
  // After the last append, before the first scan.
  [[nodiscard]] virtual Result<void> prepare_scan() { return {}; }
  // Reads every event in order with checksums on; how many there were.
  [[nodiscard]] virtual Result<std::uint64_t> scan() = 0;
};

// A file of this many events; when it is full it starts again from the front.
inline constexpr std::uint64_t kRawFileEvents = 262'144;  // 64 MiB
[[nodiscard]] std::unique_ptr<Store> make_raw_store(std::uint64_t file_events = kRawFileEvents);
// Null when the peer was not there at build time.
[[nodiscard]] std::unique_ptr<Store> make_sqlite_store();
[[nodiscard]] std::unique_ptr<Store> make_rocksdb_store();
[[nodiscard]] std::unique_ptr<Store> make_lmdb_store();
[[nodiscard]] std::unique_ptr<Store> make_daybook_store();

// `threads` threads which each append `batch` events, wait, and start again.
struct AppendShape {
  std::string directory;
  unsigned threads = 1;
  std::size_t batch = 1;
};
[[nodiscard]] std::unique_ptr<Contestant> make_appender(std::unique_ptr<Store> store,
                                                        AppendShape shape);

// Loads `events` events and reads them in order, again and again.
[[nodiscard]] std::unique_ptr<Contestant> make_scanner(std::unique_ptr<Store> store,
                                                       std::string directory, std::uint64_t events);

// Stores touch every payload, so that nobody is paid for not reading.
class Sink {
 public:
  void take(const void* bytes, std::size_t size) {
    const auto* at = static_cast<const unsigned char*>(bytes);
    if (size > 0) sum_ += static_cast<std::uint64_t>(at[0]) + at[size - 1];
  }
  ~Sink() { escaped_ = sum_; }

 private:
  std::uint64_t sum_ = 0;
  static inline volatile std::uint64_t escaped_ = 0;
};

}  // namespace daybook::bench
