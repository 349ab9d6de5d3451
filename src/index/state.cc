// SPDX-License-Identifier: Apache-2.0
#include "index/state.h"

#include "index/log_walk.h"

namespace daybook::views {
namespace {

std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

Result<ViewState> read_state(Database& db, View view) {
  DAYBOOK_TRY(row, db.prepare("SELECT ledger, indexed, anchor, anchor_id, anchor_commitment, "
                              "cut_events, unread_events FROM state WHERE view = ?1"));
  row.bind(1, state_name(view));
  DAYBOOK_TRY(found, row.step());
  if (!found) return fail(Errc::Corruption, "the index does not say how far it goes");
  return ViewState{.ledger = std::string(row.text(0)),
                   .indexed = Seq{as_unsigned(row.integer(1))},
                   .anchor = Seq{as_unsigned(row.integer(2))},
                   .anchor_id = std::string(row.text(3)),
                   .anchor_commitment = std::string(row.text(4)),
                   .cut_events = as_unsigned(row.integer(5)),
                   .unread_events = as_unsigned(row.integer(6))};
}

Result<void> write_state(Database& db, View view, const ViewState& state) {
  DAYBOOK_TRY(row, db.prepare("INSERT OR REPLACE INTO state(view, ledger, indexed, anchor, "
                              "anchor_id, anchor_commitment, cut_events, unread_events) "
                              "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  row.bind(1, state_name(view));
  row.bind(2, state.ledger);
  row.bind(3, as_signed(state.indexed.value));
  row.bind(4, as_signed(state.anchor.value));
  row.bind(5, state.anchor_id);
  row.bind(6, state.anchor_commitment);
  row.bind(7, as_signed(state.cut_events));
  row.bind(8, as_signed(state.unread_events));
  return row.run();
}

Result<History> compare_history(Ledger& ledger, const std::string& ledger_id,
                                const ViewState& state) {
  if (state.ledger != ledger_id) return History::Other;
  DAYBOOK_TRY(last, ledger.last());
  if (state.indexed > last) return History::Other;
  if (state.anchor.value == 0) return History::Same;
  const auto event = ledger.read(state.anchor);
  if (!event) {
    // Damaged since: the index may be all that is left of it.
    if (event.error().code == Errc::Corruption) return History::Same;
    if (event.error().code == Errc::NotFound) return History::Other;
    return fail(event.error());
  }
  const bool same = to_string(event->id) == state.anchor_id &&
                    to_string(event->commitment) == state.anchor_commitment;
  return same ? History::Same : History::Other;
}

Result<std::vector<LostRange>> read_lost(Database& db) {
  DAYBOOK_TRY(rows, db.prepare("SELECT file, start, length, first_seq, last_seq FROM lost "
                               "ORDER BY first_seq, file, start"));
  std::vector<LostRange> lost;
  for (;;) {
    DAYBOOK_TRY(more, rows.step());
    if (!more) return lost;
    add_lost(lost, {.file = std::string(rows.text(0)),
                    .offset = as_unsigned(rows.integer(1)),
                    .length = as_unsigned(rows.integer(2)),
                    .first = Seq{as_unsigned(rows.integer(3))},
                    .last = Seq{as_unsigned(rows.integer(4))}});
  }
}

Result<void> write_lost(Database& db, const std::vector<LostRange>& lost) {
  DAYBOOK_TRY(row, db.prepare("INSERT OR REPLACE INTO lost(file, start, length, first_seq, "
                              "last_seq) VALUES(?1, ?2, ?3, ?4, ?5)"));
  for (const LostRange& range : lost) {
    row.bind(1, range.file);
    row.bind(2, as_signed(range.offset));
    row.bind(3, as_signed(range.length));
    row.bind(4, as_signed(range.first.value));
    row.bind(5, as_signed(range.last.value));
    DAYBOOK_CHECK(row.run());
  }
  return {};
}

}  // namespace daybook::views
