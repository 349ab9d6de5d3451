// SPDX-License-Identifier: Apache-2.0
//
// How far a view goes, and of which log: the row of `state` (schema.h), and
// the test whether the log is still the one it was made from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daybook/ledger.h"
#include "index/schema.h"
#include "index/sqlite.h"

namespace daybook::views {

struct ViewState {
  std::string ledger;
  Seq indexed;
  Seq anchor;  // the last event read; 0: none yet
  std::string anchor_id;
  std::string anchor_commitment;
  std::uint64_t cut_events = 0;
  std::uint64_t unread_events = 0;
};

// Errors: Corruption when the row is missing.
[[nodiscard]] Result<ViewState> read_state(Database& db, View view);
[[nodiscard]] Result<void> write_state(Database& db, View view, const ViewState& state);

enum class History : std::uint8_t { Same, Other };
// Same when the log holds the anchor (or cannot show it because of damage).
[[nodiscard]] Result<History> compare_history(Ledger& ledger, const std::string& ledger_id,
                                              const ViewState& state);

// What the log could not give: the rows of `lost`.
[[nodiscard]] Result<std::vector<LostRange>> read_lost(Database& db);
[[nodiscard]] Result<void> write_lost(Database& db, const std::vector<LostRange>& lost);

}  // namespace daybook::views
