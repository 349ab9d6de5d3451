// SPDX-License-Identifier: Apache-2.0
//
// A process of its own for what can only be measured in one: the cost of a cold
// start and the peak of memory. `daybook_bench_child MODE DIRECTORY` does one
// thing; the memory modes print the peak resident set in KiB.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "daybook/index.h"
#include "daybook/ledger.h"

namespace {

using daybook::Ledger;
using daybook::Result;

int complain(const daybook::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

// The kernel's high-water mark of this process alone.
void print_peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) std::printf("%s\n", line.c_str() + 6);
  }
}

daybook::NewEvent one_event() {
  return {.stream = "session/cold", .type = "call/finished", .data = R"({"exit_code":0})"};
}

Result<void> append(const std::string& directory) {
  DAYBOOK_TRY(ledger, Ledger::open(directory));
  DAYBOOK_CHECK(ledger.append(one_event()));
  return {};
}

Result<void> open_only(const std::string& directory) {
  DAYBOOK_CHECK(Ledger::open(directory));
  return {};
}

Result<void> scan(const std::string& directory) {
  DAYBOOK_TRY(ledger, Ledger::open(directory, {.access = daybook::Access::ReadOnly}));
  DAYBOOK_TRY(cursor, ledger.scan());
  while (true) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) return {};
  }
}

Result<void> verify(const std::string& directory) {
  DAYBOOK_TRY(ledger, Ledger::open(directory, {.access = daybook::Access::ReadOnly}));
  DAYBOOK_TRY(report, ledger.verify());
  if (!report.ok()) return daybook::fail(daybook::Errc::Corruption, "the ledger is damaged");
  return {};
}

// What a process pays that keeps its events in SQLite.
int append_sqlite(const std::string& directory) {
  sqlite3* db = nullptr;
  const std::string path = directory + "/events.db";
  const char* sql =
      "pragma synchronous = full;"
      "insert into ev (stream, ver, type, data) values ('session/cold', "
      "(select coalesce(max(ver), 0) + 1 from ev where stream = 'session/cold'), "
      "'call/finished', '{\"exit_code\":0}');";
  int code = sqlite3_open(path.c_str(), &db);
  if (code == SQLITE_OK) code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) std::fprintf(stderr, "%s: %s\n", path.c_str(), sqlite3_errmsg(db));
  sqlite3_close(db);
  return code == SQLITE_OK ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: daybook_bench_child MODE DIRECTORY\n");
    return 2;
  }
  const std::string_view mode = argv[1];
  const std::string directory = argv[2];
  if (mode == "append-sqlite") return append_sqlite(directory);
  Result<void> result;
  if (mode == "append") {
    result = append(directory);
  } else if (mode == "open") {
    result = open_only(directory);
  } else if (mode == "scan") {
    result = scan(directory);
  } else if (mode == "verify") {
    result = verify(directory);
  } else if (mode != "start") {
    std::fprintf(stderr, "unknown mode: %s\n", argv[1]);
    return 2;
  }
  if (!result) return complain(result.error());
  if (mode != "append") print_peak();
  return 0;
}
