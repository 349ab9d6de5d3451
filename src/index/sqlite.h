// SPDX-License-Identifier: Apache-2.0
//
// The one adapter to SQLite. SQLite opens, locks and maps its files by itself:
// it is the only code outside src/base/fs that touches the disk: files under views/,
// derived and deletable, and NanoClaw's, only read. Nothing of sqlite3.h leaks.
//
// Errors are told apart by what can be done about them: Corruption (the file is
// not what we wrote: build it anew), Busy (another process writes), NoSpace,
// PermissionDenied, Io, and InvalidArgument for a statement that failed while
// it ran, which only a search text can cause.
// Not thread-safe: one connection and its statements belong to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace daybook::views {

// A prepared statement. Columns are valid until the next step or reset.
// Must not outlive its Database.
class Statement {
 public:
  // Parameters are numbered from 1. Text is copied unless told to be kept alive
  // by the caller until the statement has been stepped to its end or reset.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind_kept(int parameter, std::string_view text);
  void bind_null(int parameter);

  // True when there is a row, false at the end.
  [[nodiscard]] Result<bool> step();
  // Runs to the end and resets: for statements that return nothing.
  [[nodiscard]] Result<void> run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::string_view text(int column) const;

 private:
  friend class Database;
  struct Closer {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Closer> statement_;
};

// A connection to one database file.
class Database {
 public:
  enum class Mode : std::uint8_t {
    ReadWrite,  // must exist
    ReadOnly,   // must exist
    Immutable,  // must exist, and nobody writes it: works where no lock can be taken
  };
  // Whose file it is: a view of ours has a checksum in every page (page_checks.h).
  enum class Pages : std::uint8_t { Plain, Checked };
  [[nodiscard]] static Result<Database> open(const std::string& path, Mode mode,
                                             Pages pages = Pages::Plain);
  // A private database that spills to a temporary file and is gone when closed.
  [[nodiscard]] static Result<Database> open_temporary();

  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  // Runs statements that return nothing of interest.
  [[nodiscard]] Result<void> run(const std::string& sql);
  // The first column of the first row as a number; nullopt without a row.
  [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view sql);

  void set_busy_timeout(int milliseconds);
  // True when the name no longer stands for the file that is open here.
  [[nodiscard]] bool moved();
  [[nodiscard]] bool read_only();

  // Pages of the file that cannot be read or fail their checksum.
  struct BadPages {
    std::uint64_t count = 0;
    std::uint64_t first_offset = 0;
  };
  [[nodiscard]] Result<BadPages> find_bad_pages();

 private:
  struct Closer {
    void operator()(sqlite3* db) const;
  };
  explicit Database(sqlite3* db) : db_(db) {}
  [[nodiscard]] static Result<Database> open_with(const std::string& name, int flags, Pages pages);
  std::unique_ptr<sqlite3, Closer> db_;
};

// A write transaction: rolled back unless committed. Takes the write lock at
// once, so that what is read inside it stays true until the commit.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Database& db);
  [[nodiscard]] Result<void> commit();
  ~Transaction();
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

 private:
  explicit Transaction(Database& db) : db_(&db) {}
  Database* db_;
};

// Shell globs (`*`, `?`, `[...]`, `[!...]`) in the spelling of SQL's GLOB.
[[nodiscard]] bool is_glob(std::string_view text);
[[nodiscard]] std::string to_sql_glob(std::string_view shell_glob);
// Whether `text` matches, as GLOB decides. A NUL counts as U+FFFD.
[[nodiscard]] bool glob_matches(const std::string& sql_glob, const std::string& text);

}  // namespace daybook::views
