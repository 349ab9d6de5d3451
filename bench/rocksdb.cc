// SPDX-License-Identifier: Apache-2.0
//
// RocksDB with its default options, except that values stay uncompressed, which
// is the fastest way to read them back. A put is synced; concurrent puts share
// a flush as RocksDB does by itself.
#include "bench/store.h"

#ifdef DAYBOOK_BENCH_ROCKSDB
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "bench/payload.h"
#endif

namespace daybook::bench {

#ifdef DAYBOOK_BENCH_ROCKSDB
namespace {

Result<void> check(const rocksdb::Status& status, const char* what) {
  if (status.ok()) return {};
  return fail(Errc::Io, std::string(what) + ": " + status.ToString());
}

// Big-endian, so that the order of keys is the order of events.
struct Key {
  explicit Key(std::uint64_t number) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(number >> (8 * (bytes.size() - 1 - i)));
    }
  }
  [[nodiscard]] rocksdb::Slice slice() const { return {bytes.data(), bytes.size()}; }
  std::array<char, 8> bytes{};
};

rocksdb::Slice value_of(std::uint64_t index) {
  const std::string_view payload = ring().payload(index);
  return {payload.data(), payload.size()};
}

class RocksdbStore final : public Store {
 public:
  Result<void> open(const std::string& directory) override {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* db = nullptr;
    DAYBOOK_CHECK(check(rocksdb::DB::Open(options, directory, &db), "open"));
    db_.reset(db);
    sync_.sync = true;
    return {};
  }

  Result<void> append(std::uint64_t first, std::size_t count) override {
    const std::uint64_t number = next_.fetch_add(count);
    if (count == 1) return check(db_->Put(sync_, Key(number).slice(), value_of(first)), "put");
    rocksdb::WriteBatch batch(count * (kPayloadBytes + 16));
    for (std::size_t i = 0; i < count; ++i) {
      DAYBOOK_CHECK(check(batch.Put(Key(number + i).slice(), value_of(first + i)), "batch"));
    }
    return check(db_->Write(sync_, &batch), "write");
  }

  Result<void> settle() override {
    static constexpr int kMaxWaits = 60'000;
    for (int i = 0; i < kMaxWaits && busy(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }

  Result<std::uint64_t> count() override { return db_->GetLatestSequenceNumber(); }

  // One sorted run, as after a quiet night.
  Result<void> prepare_scan() override {
    DAYBOOK_CHECK(check(db_->Flush({}), "flush"));
    DAYBOOK_CHECK(check(db_->CompactRange({}, nullptr, nullptr), "compact"));
    return settle();
  }

  Result<std::uint64_t> scan() override {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    std::uint64_t events = 0;
    Sink sink;
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      sink.take(at->value().data(), at->value().size());
      ++events;
    }
    DAYBOOK_CHECK(check(at->status(), "iterate"));
    return events;
  }

 private:
  [[nodiscard]] bool busy() const {
    for (const char* property : {"rocksdb.mem-table-flush-pending", "rocksdb.num-running-flushes",
                                 "rocksdb.compaction-pending", "rocksdb.num-running-compactions"}) {
      std::uint64_t value = 0;
      if (db_->GetIntProperty(property, &value) && value > 0) return true;
    }
    return false;
  }

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteOptions sync_;
  std::atomic<std::uint64_t> next_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_rocksdb_store() { return std::make_unique<RocksdbStore>(); }
#else
std::unique_ptr<Store> make_rocksdb_store() { return nullptr; }
#endif

}  // namespace daybook::bench
