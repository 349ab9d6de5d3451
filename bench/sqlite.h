// SPDX-License-Identifier: Apache-2.0
//
// The SQLite that Daybook is compared with: one table, a unique index on
// (stream, version) as an event store needs it, WAL with synchronous=FULL, so
// that a commit is on stable storage. Used by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "bench/store.h"

namespace daybook::bench {

class SqliteStore final : public Store {
 public:
  SqliteStore() = default;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;
  ~SqliteStore() override;

  Result<void> open(const std::string& directory) override;
  Result<void> append(std::uint64_t first, std::size_t count) override;
  Result<std::uint64_t> count() override;
  Result<std::uint64_t> scan() override;

 private:
  struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

  Result<void> execute(const char* sql);
  Result<Statement> compile(const char* sql);
  Result<void> insert(std::uint64_t index);
  std::unexpected<Error> failure(const std::string& what) const;

  sqlite3* db_ = nullptr;
  Statement insert_, select_, begin_, commit_;
  std::vector<std::int64_t> versions_;  // by stream
};

}  // namespace daybook::bench
