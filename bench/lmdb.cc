// SPDX-License-Identifier: Apache-2.0
//
// LMDB with its default, durable flags: one commit is two flushes. Keys grow,
// so events are appended to the right edge of the tree. Used by one thread.
#include "bench/store.h"

#ifdef DAYBOOK_BENCH_LMDB
#include <lmdb.h>

#include "bench/payload.h"
#endif

namespace daybook::bench {

#ifdef DAYBOOK_BENCH_LMDB
namespace {

constexpr std::size_t kMapBytes = std::size_t{64} << 30;  // address space, not disk

Result<void> check(int code, const char* what) {
  if (code == MDB_SUCCESS) return {};
  return fail(Errc::Io, std::string(what) + ": " + mdb_strerror(code));
}

class LmdbStore final : public Store {
 public:
  LmdbStore() = default;
  LmdbStore(const LmdbStore&) = delete;
  LmdbStore& operator=(const LmdbStore&) = delete;
  ~LmdbStore() override { mdb_env_close(env_); }

  Result<void> open(const std::string& directory) override {
    DAYBOOK_CHECK(check(mdb_env_create(&env_), "create"));
    DAYBOOK_CHECK(check(mdb_env_set_mapsize(env_, kMapBytes), "map size"));
    DAYBOOK_CHECK(check(mdb_env_open(env_, directory.c_str(), 0, 0600), "open"));
    MDB_txn* txn = nullptr;
    DAYBOOK_CHECK(check(mdb_txn_begin(env_, nullptr, 0, &txn), "begin"));
    DAYBOOK_CHECK(check(mdb_dbi_open(txn, nullptr, MDB_INTEGERKEY, &table_), "table"));
    return check(mdb_txn_commit(txn), "commit");
  }

  Result<void> append(std::uint64_t first, std::size_t count) override {
    MDB_txn* txn = nullptr;
    DAYBOOK_CHECK(check(mdb_txn_begin(env_, nullptr, 0, &txn), "begin"));
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t number = next_++;
      const std::string_view payload = ring().payload(first + i);
      MDB_val key{sizeof number, &number};
      MDB_val value{payload.size(), const_cast<char*>(payload.data())};
      if (const int code = mdb_put(txn, table_, &key, &value, MDB_APPEND); code != MDB_SUCCESS) {
        mdb_txn_abort(txn);
        return check(code, "put");
      }
    }
    return check(mdb_txn_commit(txn), "commit");
  }

  Result<std::uint64_t> count() override {
    MDB_stat stat{};
    DAYBOOK_CHECK(check(mdb_env_stat(env_, &stat), "stat"));
    return stat.ms_entries;
  }

  // LMDB keeps no checksums: this is the speed of memory.
  Result<std::uint64_t> scan() override {
    MDB_txn* txn = nullptr;
    DAYBOOK_CHECK(check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn), "begin"));
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(txn, table_, &cursor);
    std::uint64_t events = 0;
    Sink sink;
    MDB_val key{}, value{};
    while (code == MDB_SUCCESS) {
      code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
      if (code != MDB_SUCCESS) break;
      sink.take(value.mv_data, value.mv_size);
      ++events;
    }
    if (cursor != nullptr) mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    if (code != MDB_NOTFOUND) DAYBOOK_CHECK(check(code, "cursor"));
    return events;
  }

 private:
  MDB_env* env_ = nullptr;
  MDB_dbi table_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_lmdb_store() { return std::make_unique<LmdbStore>(); }
#else
std::unique_ptr<Store> make_lmdb_store() { return nullptr; }
#endif

}  // namespace daybook::bench
