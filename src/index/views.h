// SPDX-License-Identifier: Apache-2.0
//
// The views as a question needs them: up to date, or as near to it as can be.
//
// ready() brings views/index.db (and text.db) up to the log's end. Where that
// fails, because nothing may be written or somebody else is writing, the events
// that are missing are read from the log into a private temporary database:
// the answer is complete all the same, it only costs more. Only when that fails
// too does an answer lag, and says so.
//
// Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "index/builder.h"

namespace daybook::views {

// A database that knows the events from..to; `text` is null unless asked for.
struct Part {
  Database* fields = nullptr;
  Database* text = nullptr;
  Seq from;
  Seq to;
};

struct Ready {
  std::vector<Part> parts;  // ascending, without gaps
  Completeness completeness;
};

class Views {
 public:
  Views(Ledger& ledger, std::string ledger_id, Index::Progress progress);

  [[nodiscard]] Ledger& ledger() { return *from_.ledger; }

  // The parts are valid until the next call. While a question is under way
  // (see Use), returns the same as before.
  [[nodiscard]] Result<Ready> ready(Index::Depth depth);

  // A question met damage in a view: the next ready() makes new ones.
  void condemn();

  [[nodiscard]] Result<void> rebuild(Index::Depth depth);
  [[nodiscard]] Result<Index::Status> status();
  [[nodiscard]] Result<std::vector<Finding>> check();

  // Keeps the parts alive: for as long as one exists ready() changes nothing.
  class Use {
   public:
    explicit Use(Views& views) : views_(&views) { ++views_->uses_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { --views_->uses_; }

   private:
    Views* views_;
  };

 private:
  // How far a view goes after trying to bring it up to date.
  struct Refreshed {
    bool usable = false;
    ViewState state;
    std::string reason;  // why it does not go further
    std::string bad;     // what was wrong with the file that was there
  };
  // Events that the views lack, for as long as this object lives.
  struct Overlay {
    Database db;
    Seq after;
    ViewState fields;
    std::optional<ViewState> text;
  };

  [[nodiscard]] Result<Ready> make_ready(Index::Depth depth);
  [[nodiscard]] Refreshed refresh(ViewFile& file, Seq to);
  [[nodiscard]] Result<Refreshed> try_refresh(ViewFile& file, Seq to);
  [[nodiscard]] Result<void> check(ViewFile& file, std::vector<Finding>& findings);
  [[nodiscard]] Result<Refreshed> try_catch_up(ViewFile& file, Seq to);
  [[nodiscard]] Result<void> extend_overlay(Seq after, Seq to, Index::Depth depth);
  [[nodiscard]] Result<void> start_overlay(Seq after, Index::Depth depth);
  [[nodiscard]] Seq overlay_end() const;

  LedgerRef from_;
  Index::Progress progress_;
  ViewFile fields_;
  ViewFile text_;
  std::optional<Overlay> overlay_;
  bool found_busy_ = false;  // the last try to write met another writer
  int uses_ = 0;
  std::optional<Ready> last_ready_;
  Index::Depth last_depth_ = Index::Depth::Fields;
};

}  // namespace daybook::views
