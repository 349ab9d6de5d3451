// SPDX-License-Identifier: Apache-2.0
#include "bench/sqlite.h"

#include "bench/payload.h"

namespace daybook::bench {
namespace {

constexpr const char* kSchema =
    "pragma journal_mode = wal;"
    "pragma synchronous = full;"
    "create table if not exists ev (seq integer primary key, stream text not null, ver integer "
    "not null, type text not null, data text not null, unique (stream, ver));";
constexpr const char* kInsert = "insert into ev (stream, ver, type, data) values (?, ?, ?, ?)";
constexpr const char* kSelect = "select seq, stream, ver, type, data from ev order by seq";

void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

SqliteStore::~SqliteStore() {
  for (Statement* statement : {&insert_, &select_, &begin_, &commit_}) statement->reset();
  sqlite3_close(db_);
}

Result<void> SqliteStore::open(const std::string& directory) {
  const std::string path = directory + "/events.db";
  if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) return failure("open " + path);
  DAYBOOK_CHECK(execute(kSchema));
  DAYBOOK_TRY(insert, compile(kInsert));
  DAYBOOK_TRY(select, compile(kSelect));
  DAYBOOK_TRY(begin, compile("begin immediate"));
  DAYBOOK_TRY(commit, compile("commit"));
  insert_ = std::move(insert);
  select_ = std::move(select);
  begin_ = std::move(begin);
  commit_ = std::move(commit);
  versions_.assign(kStreams, 0);
  return {};
}

Result<void> SqliteStore::append(std::uint64_t first, std::size_t count) {
  if (count == 1) return insert(first);  // a transaction of its own
  if (sqlite3_step(begin_.get()) != SQLITE_DONE) return failure("begin");
  sqlite3_reset(begin_.get());
  for (std::size_t i = 0; i < count; ++i) DAYBOOK_CHECK(insert(first + i));
  if (sqlite3_step(commit_.get()) != SQLITE_DONE) return failure("commit");
  sqlite3_reset(commit_.get());
  return {};
}

Result<void> SqliteStore::insert(std::uint64_t index) {
  const std::uint32_t stream = ring().stream(index);
  sqlite3_stmt* statement = insert_.get();
  bind_text(statement, 1, stream_names()[stream]);
  sqlite3_bind_int64(statement, 2, ++versions_[stream]);
  bind_text(statement, 3, type_names()[ring().type(index)]);
  bind_text(statement, 4, ring().payload(index));
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code != SQLITE_DONE) return failure("insert");
  return {};
}

Result<std::uint64_t> SqliteStore::count() {
  DAYBOOK_TRY(statement, compile("select count(*) from ev"));
  if (sqlite3_step(statement.get()) != SQLITE_ROW) return failure("count");
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0));
}

Result<std::uint64_t> SqliteStore::scan() {
  std::uint64_t events = 0;
  Sink sink;
  sqlite3_stmt* statement = select_.get();
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const auto* data = sqlite3_column_text(statement, 4);
    sink.take(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, 4)));
    ++events;
  }
  if (sqlite3_reset(statement) != SQLITE_OK) return failure("select");
  return events;
}

Result<void> SqliteStore::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(sql);
  return {};
}

Result<SqliteStore::Statement> SqliteStore::compile(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    return failure(sql);
  }
  return Statement(statement);
}

std::unexpected<Error> SqliteStore::failure(const std::string& what) const {
  return fail(Errc::Io, what + ": " + sqlite3_errmsg(db_));
}

std::unique_ptr<Store> make_sqlite_store() { return std::make_unique<SqliteStore>(); }

}  // namespace daybook::bench
