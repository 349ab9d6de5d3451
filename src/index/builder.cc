// SPDX-License-Identifier: Apache-2.0
#include "index/builder.h"

#include <fmt/format.h>

#include "base/fs/files.h"
#include "index/page_checks.h"

namespace daybook::views {
namespace {

constexpr std::uint64_t kEventsPerCommit = 100'000;  // bounds SQLite's log file
constexpr std::uint64_t kFarBehind = 200'000;

// Nobody knows the file before it is complete: no journal, no flush, and the
// secondary indexes come last.
Result<void> fill_new(const LedgerRef& from, View view, const std::string& path, Seq to,
                      const Index::Progress& progress) {
  DAYBOOK_TRY(db, Database::open(path, Database::Mode::ReadWrite, Database::Pages::Checked));
  DAYBOOK_CHECK(db.run(fmt::format("PRAGMA page_size = {}", kPageBytes)));
  DAYBOOK_CHECK(
      db.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
             "PRAGMA cache_size = -32768"));
  DAYBOOK_CHECK(db.run(marks_of_schema()));
  Ticker ticker(progress, to.value);
  DAYBOOK_TRY(transaction, Transaction::begin(db));
  DAYBOOK_TRY(empty, prepare_view(db, view, from, Seq{}));
  DAYBOOK_CHECK(fill(*from.ledger, db, std::move(empty), {.view = view, .to = to}, ticker));
  DAYBOOK_CHECK(db.run(indexes_of(view)));
  DAYBOOK_CHECK(transaction.commit());
  ticker.finish();
  return db.run("PRAGMA journal_mode = WAL");
}

}  // namespace

Result<ViewState> prepare_view(Database& db, View view, const LedgerRef& from, Seq before) {
  DAYBOOK_CHECK(db.run(tables_of(view)));
  ViewState state{
      .ledger = from.id, .indexed = before, .anchor = {}, .anchor_id = {}, .anchor_commitment = {}};
  DAYBOOK_CHECK(write_state(db, view, state));
  return state;
}

Result<ViewState> usable_state(const LedgerRef& from, ViewFile& file) {
  DAYBOOK_CHECK(file.open());
  DAYBOOK_TRY(state, read_state(file.db(), file.view()));
  DAYBOOK_TRY(history, compare_history(*from.ledger, from.id, state));
  if (history == History::Same) return state;
  return fail(Errc::Corruption, fmt::format("{} was made from another log", file.path()));
}

bool is_far_behind(const ViewState& state, Seq to) {
  if (to <= state.indexed) return false;
  const std::uint64_t lag = to.value - state.indexed.value;
  return lag > kFarBehind && lag > state.indexed.value;
}

Result<void> build_view(const LedgerRef& from, ViewFile& file, Seq to, Build when,
                        const Index::Progress& progress) {
  const Environment env = Environment::system();
  DAYBOOK_CHECK(env.files->make_directory(file.directory()));
  DAYBOOK_TRY(lock, file.build_lock());
  if (when == Build::WhenNeeded) {
    const auto state = usable_state(from, file);
    if (state && !is_far_behind(*state, to)) return {};
  }
  file.remove_leftovers();
  DAYBOOK_TRY(path, file.create_beside());
  auto built = fill_new(from, file.view(), path, to, progress);
  if (built) built = file.replace_with(path);
  if (!built) static_cast<void>(env.files->remove(path));
  return built;
}

Result<ViewState> catch_up_view(const LedgerRef& from, ViewFile& file, Seq to,
                                const Index::Progress& progress) {
  Database& db = file.db();
  std::optional<Ticker> ticker;
  for (;;) {
    DAYBOOK_TRY(transaction, Transaction::begin(db));
    DAYBOOK_TRY(state, read_state(db, file.view()));
    if (!ticker) ticker.emplace(progress, to.value - std::min(to, state.indexed).value);
    if (state.indexed >= to) {
      ticker->finish();
      return state;
    }
    const Seq step = std::min(to, Seq{state.indexed.value + kEventsPerCommit});
    DAYBOOK_TRY(filled, fill(*from.ledger, db, std::move(state), {.view = file.view(), .to = step},
                             *ticker));
    DAYBOOK_CHECK(transaction.commit());
    if (filled.indexed < step) return filled;
  }
}

}  // namespace daybook::views
