// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite.h"

#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "index/page_checks.h"

namespace daybook::views {
namespace {

Errc errc_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Errc::Busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:  // our own rows collide: the file is not what we wrote
      return Errc::Corruption;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Errc::PermissionDenied;
    case SQLITE_FULL:
      return Errc::NoSpace;
    case SQLITE_IOERR:
      return code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS ? Errc::Corruption
                                                                               : Errc::Io;
    case SQLITE_CANTOPEN:
      return Errc::Io;
    case SQLITE_TOOBIG:
      return Errc::LimitExceeded;
    case SQLITE_INTERRUPT:
      return Errc::Interrupted;
    case SQLITE_ERROR:
      return Errc::InvalidArgument;
    default:
      return Errc::Internal;
  }
}

std::string name_of(sqlite3* db) {
  const char* name = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
  return name == nullptr || *name == '\0' ? "temporary database" : name;
}

// SQLite's words, and the system's reason behind them.
std::string text_of(sqlite3* db, int code, Errc errc) {
  const int extended = db == nullptr ? code : sqlite3_extended_errcode(db);
  if (extended == SQLITE_IOERR_CORRUPTFS) return "it fails its checksums";
  if (extended == SQLITE_NOTADB) return "it is not a database of this version";
  std::string text = db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  const int reason = db == nullptr || errc != Errc::Io ? 0 : sqlite3_system_errno(db);
  if (reason != 0) text += ": " + std::error_code(reason, std::generic_category()).message();
  return text;
}

std::unexpected<Error> failure(sqlite3* db, int code, const std::string& name) {
  const Errc errc = errc_of(db == nullptr ? code : sqlite3_extended_errcode(db));
  const char* hint =
      errc == Errc::Corruption ? "the index is derived from the log: it can be rebuilt" : "";
  return fail(errc, fmt::format("{}: {}", name, text_of(db, code, errc)), hint);
}

std::unexpected<Error> failure(sqlite3* db, int code) { return failure(db, code, name_of(db)); }

// A path as a file: URI, which is how SQLite takes "immutable".
std::string to_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void Statement::Closer::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

// A bind can only fail by a wrong parameter number or lack of memory; the step
// that follows then reports it.
void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                      text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::bind_kept(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                      text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_null(int parameter) { sqlite3_bind_null(statement_.get(), parameter); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_.get()), code);
}

Result<void> Statement::run() {
  const auto row = step();
  if (!row) {
    auto error = row.error();
    reset();
    return fail(std::move(error));
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Closer::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Result<Database> Database::open_with(const std::string& name, int flags, Pages pages) {
  sqlite3* raw = nullptr;
  const char* const layer = pages == Pages::Checked ? checked_pages() : nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, layer);
  Database db(raw);
  // What could not be opened does not know its own name.
  if (code != SQLITE_OK) return failure(raw, code, name.empty() ? name_of(raw) : name);
  if (pages == Pages::Checked) {
    // Only a file that is still empty takes this; in others it stands already.
    int reserved = kPageTailBytes;
    sqlite3_file_control(raw, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  }
  return db;
}

Result<Database> Database::open(const std::string& path, Mode mode, Pages pages) {
  switch (mode) {
    case Mode::ReadWrite:
      return open_with(path, SQLITE_OPEN_READWRITE, pages);
    case Mode::ReadOnly:
      return open_with(path, SQLITE_OPEN_READONLY, pages);
    case Mode::Immutable:
      return open_with(to_uri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, pages);
  }
  return fail(Errc::Internal, "unknown way to open a database");
}

Result<Database> Database::open_temporary() {
  return open_with("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, Pages::Plain);
}

// Our statements are fixed: one that does not fit the schema means that the
// schema is not ours.
Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), 0, &raw, nullptr);
  Statement statement(raw);
  if (code == SQLITE_OK) return statement;
  auto error = failure(db_.get(), code).error();
  if (error.code == Errc::InvalidArgument) error.code = Errc::Corruption;
  return fail(std::move(error));
}

Result<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(db_.get(), code);
  return {};
}

Result<std::optional<std::int64_t>> Database::number(std::string_view sql) {
  DAYBOOK_TRY(statement, prepare(sql));
  DAYBOOK_TRY(row, statement.step());
  if (!row) return std::optional<std::int64_t>();
  return std::optional(statement.integer(0));
}

void Database::set_busy_timeout(int milliseconds) { sqlite3_busy_timeout(db_.get(), milliseconds); }

bool Database::moved() {
  int moved = 0;
  sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

bool Database::read_only() { return sqlite3_db_readonly(db_.get(), "main") == 1; }

Result<Database::BadPages> Database::find_bad_pages() {
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  int code =
      sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &size);
  if (code != SQLITE_OK) return failure(nullptr, code);
  constexpr int kAttempts = 3;  // another process may be writing the very page
  BadPages bad;
  std::vector<std::uint8_t> page(kPageBytes);
  for (sqlite3_int64 at = 0; at < size; at += kPageBytes) {
    code = SQLITE_IOERR;
    for (int attempt = 0; attempt < kAttempts && code != SQLITE_OK; ++attempt) {
      code = file->pMethods->xRead(file, page.data(), kPageBytes, at);
    }
    if (code != SQLITE_OK && bad.count++ == 0) bad.first_offset = static_cast<std::uint64_t>(at);
  }
  return bad;
}

Result<Transaction> Transaction::begin(Database& db) {
  DAYBOOK_CHECK(db.run("BEGIN IMMEDIATE"));
  return Transaction(db);
}

Result<void> Transaction::commit() {
  DAYBOOK_CHECK(db_->run("COMMIT"));
  db_ = nullptr;
  return {};
}

// SQLite may have rolled back by itself after an error: then this one fails,
// which is just as well.
Transaction::~Transaction() {
  if (db_ != nullptr) static_cast<void>(db_->run("ROLLBACK"));
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

std::string to_sql_glob(std::string_view shell_glob) {
  std::string glob(shell_glob);
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (glob[at] != '[') continue;
    if (at + 1 < glob.size() && glob[at + 1] == '!') glob[++at] = '^';
    // A bracket that comes first stands for itself.
    const std::size_t end = glob.find(']', at + 2);
    if (end == std::string::npos) break;
    at = end;
  }
  return glob;
}

bool glob_matches(const std::string& sql_glob, const std::string& text) {
  const auto without_nul = [](const std::string& with) {
    std::string without;
    for (const char c : with)
      without += c == '\0' ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    return without;
  };
  if (sql_glob.find('\0') == std::string::npos && text.find('\0') == std::string::npos) {
    return sqlite3_strglob(sql_glob.c_str(), text.c_str()) == 0;
  }
  return sqlite3_strglob(without_nul(sql_glob).c_str(), without_nul(text).c_str()) == 0;
}

}  // namespace daybook::views
