// SPDX-License-Identifier: Apache-2.0
//
// Makes views and brings them up to date: a new one from the log alone, beside
// the old one, without a journal (nobody else knows the file); an existing one
// in transactions of kEventsPerCommit, any number of processes at once, each
// reading how far it goes inside its transaction.
#pragma once

#include "index/fill.h"
#include "index/view_file.h"

namespace daybook::views {

struct LedgerRef {
  Ledger* ledger = nullptr;
  std::string id;
};

// The state of an open, undamaged view of this very log. Errors: NotFound and
// Corruption mean that a new one is needed (also when the log is another one).
[[nodiscard]] Result<ViewState> usable_state(const LedgerRef& from, ViewFile& file);

// Builds a view of the events up to `to` and swaps it in. One process builds at
// a time; unless told to Always build, one that waited takes what the other made.
enum class Build : std::uint8_t { WhenNeeded, Always };
[[nodiscard]] Result<void> build_view(const LedgerRef& from, ViewFile& file, Seq to, Build when,
                                      const Index::Progress& progress);

// Continues an open view up to `to`; returns how far it went.
[[nodiscard]] Result<ViewState> catch_up_view(const LedgerRef& from, ViewFile& file, Seq to,
                                              const Index::Progress& progress);

// Whether building anew is cheaper than adding so many events one by one.
[[nodiscard]] bool is_far_behind(const ViewState& state, Seq to);

// The schema of a view and its first state, which says that the events up to
// `before` stand elsewhere.
[[nodiscard]] Result<ViewState> prepare_view(Database& db, View view, const LedgerRef& from,
                                             Seq before);

}  // namespace daybook::views
