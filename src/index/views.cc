// SPDX-License-Identifier: Apache-2.0
#include "index/views.h"

#include <fmt/format.h>

#include "index/log_walk.h"
#include "index/page_checks.h"
#include "index/text.h"

namespace daybook::views {
namespace {

std::string directory_of(const Ledger& ledger) { return ledger.path() + "/views"; }

void add_reason(std::string& reasons, const std::string& reason) {
  if (reason.empty() || reasons == reason) return;
  if (!reasons.empty()) reasons += "; ";
  reasons += reason;
}

// What full text cannot find although the event is there.
std::string gaps_in(const ViewState& text) {
  std::string gaps;
  if (text.cut_events > 0) {
    add_reason(gaps, fmt::format("of {} events only the first {} MiB of text are searched",
                                 text.cut_events, kMaxTextBytes >> 20));
  }
  if (text.unread_events > 0) {
    add_reason(gaps, fmt::format("the data of {} events cannot be read and was not searched",
                                 text.unread_events));
  }
  return gaps;
}

}  // namespace

Views::Views(Ledger& ledger, std::string ledger_id, Index::Progress progress)
    : from_{.ledger = &ledger, .id = std::move(ledger_id)},
      progress_(std::move(progress)),
      fields_(directory_of(ledger), View::Fields, Environment::system()),
      text_(directory_of(ledger), View::Text, Environment::system()) {}

Result<Ready> Views::ready(Index::Depth depth) {
  if (uses_ == 0) {
    last_ready_.reset();
    last_depth_ = depth;
    auto ready = make_ready(depth);
    if (!ready && ready.error().code == Errc::Corruption) {
      condemn();
      ready = make_ready(depth);
    }
    if (!ready) return ready;
    last_ready_ = *std::move(ready);
  } else if (!last_ready_ || (depth != last_depth_ && depth == Index::Depth::FieldsAndText)) {
    return fail(Errc::Busy, "a search cannot begin while another question is being answered",
                "let the other one finish, or use an Index of its own");
  }
  return *last_ready_;
}

Result<Ready> Views::make_ready(Index::Depth depth) {
  const bool with_text = depth == Index::Depth::FieldsAndText;
  DAYBOOK_TRY(to, ledger().last());
  const Refreshed fields = refresh(fields_, to);
  const Refreshed text = with_text ? refresh(text_, to) : Refreshed{};

  Ready ready;
  std::string& reason = ready.completeness.reason;
  add_reason(reason, fields.reason);
  add_reason(reason, text.reason);
  add_reason(ready.completeness.rebuilt, fields.bad);
  add_reason(ready.completeness.rebuilt, text.bad);
  Seq base = fields.usable ? fields.state.indexed : Seq{};
  if (with_text) base = text.usable ? std::min(base, text.state.indexed) : Seq{};
  if (base.value > 0) {
    ready.parts.push_back({.fields = &fields_.db(),
                           .text = with_text ? &text_.db() : nullptr,
                           .from = kFirstSeq,
                           .to = base});
    DAYBOOK_TRY(lost, read_lost(fields_.db()));
    ready.completeness.lost = std::move(lost);
    add_reason(reason, gaps_in(text.state));
  }
  if (base >= to) {
    overlay_.reset();
    return ready;
  }
  const auto extended = extend_overlay(base, to, depth);
  if (!extended) {
    add_reason(reason, extended.error().message);
    overlay_.reset();
  }
  const Seq end = extended ? overlay_end() : base;
  if (end > base) {
    ready.parts.push_back({.fields = &overlay_->db,
                           .text = with_text ? &overlay_->db : nullptr,
                           .from = base.next(),
                           .to = end});
    DAYBOOK_TRY(lost, read_lost(overlay_->db));
    for (const LostRange& range : lost) add_lost(ready.completeness.lost, range);
    if (overlay_->text) add_reason(reason, gaps_in(*overlay_->text));
  }
  ready.completeness.lag = to.value - std::min(end, to).value;
  if (ready.completeness.lag > 0 && reason.empty()) {
    reason = "the log ended before the event that it says is its last";
  }
  return ready;
}

// Never fails: what cannot be refreshed is answered from the log.
Views::Refreshed Views::refresh(ViewFile& file, Seq to) {
  constexpr int kMaxAttempts = 3;  // a view may be swapped or ruined between two steps
  std::string reason;
  std::string bad;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto refreshed = try_refresh(file, to);
    if (refreshed) {
      if (!bad.empty()) refreshed->bad = bad;
      return *std::move(refreshed);
    }
    reason = refreshed.error().message;
    if (refreshed.error().code != Errc::Corruption) break;
    if (bad.empty()) bad = reason;
    file.condemn();
  }
  return {.usable = false, .state = {}, .reason = reason, .bad = bad};
}

Result<Views::Refreshed> Views::try_refresh(ViewFile& file, Seq to) {
  auto state = usable_state(from_, file);
  if (state && (state->indexed >= to || file.read_only())) {
    const bool behind = state->indexed < to;
    return Refreshed{.usable = true,
                     .state = *std::move(state),
                     .reason = behind ? file.path() + " cannot be written" : "",
                     .bad = {}};
  }
  if (state && !is_far_behind(*state, to)) {
    return try_catch_up(file, to);
  }
  if (!state && state.error().code != Errc::NotFound && state.error().code != Errc::Corruption) {
    return Refreshed{.usable = false, .state = {}, .reason = state.error().message, .bad = {}};
  }
  const bool is_bad = !state && state.error().code == Errc::Corruption;
  const std::string bad = is_bad ? state.error().message : "";
  const auto built = build_view(from_, file, to, Build::WhenNeeded, progress_);
  auto now = usable_state(from_, file);
  if (now) {
    return Refreshed{.usable = true,
                     .state = *std::move(now),
                     .reason = built ? "" : built.error().message,
                     .bad = bad};
  }
  return Refreshed{.usable = false,
                   .state = {},
                   .reason = built ? now.error().message : built.error().message,
                   .bad = bad};
}

// Waits for another writer once, not at every question while it goes on.
Result<Views::Refreshed> Views::try_catch_up(ViewFile& file, Seq to) {
  constexpr int kPatientMs = 1'000;
  constexpr int kImpatientMs = 20;
  file.db().set_busy_timeout(found_busy_ ? kImpatientMs : kPatientMs);
  auto caught_up = catch_up_view(from_, file, to, progress_);
  file.db().set_busy_timeout(kPatientMs);
  found_busy_ = !caught_up && caught_up.error().code == Errc::Busy;
  if (caught_up) {
    return Refreshed{.usable = true, .state = *std::move(caught_up), .reason = {}, .bad = {}};
  }
  if (caught_up.error().code == Errc::Corruption) return fail(std::move(caught_up).error());
  DAYBOOK_TRY(as_it_is, read_state(file.db(), file.view()));
  return Refreshed{
      .usable = true, .state = std::move(as_it_is), .reason = caught_up.error().message, .bad = {}};
}

Result<void> Views::extend_overlay(Seq after, Seq to, Index::Depth depth) {
  const bool with_text = depth == Index::Depth::FieldsAndText;
  if (!overlay_ || overlay_->after != after || (with_text && !overlay_->text)) {
    overlay_.reset();
    DAYBOOK_CHECK(start_overlay(after, depth));
  }
  Ticker ticker(progress_, (to.value - after.value) * (overlay_->text ? 2 : 1));
  Database* const earlier = after.value > 0 ? &fields_.db() : nullptr;
  DAYBOOK_TRY(transaction, Transaction::begin(overlay_->db));
  DAYBOOK_TRY(fields, fill(ledger(), overlay_->db, overlay_->fields,
                           {.view = View::Fields, .to = to, .earlier = earlier}, ticker));
  std::optional<ViewState> text;
  if (overlay_->text) {
    DAYBOOK_TRY(filled, fill(ledger(), overlay_->db, *overlay_->text,
                             {.view = View::Text, .to = to}, ticker));
    text = std::move(filled);
  }
  DAYBOOK_CHECK(transaction.commit());
  ticker.finish();
  overlay_->fields = std::move(fields);
  overlay_->text = std::move(text);
  return {};
}

Result<void> Views::start_overlay(Seq after, Index::Depth depth) {
  DAYBOOK_TRY(db, Database::open_temporary());
  DAYBOOK_CHECK(db.run("PRAGMA cache_size = -32768"));
  DAYBOOK_TRY(fields, prepare_view(db, View::Fields, from_, after));
  DAYBOOK_CHECK(db.run(indexes_of(View::Fields)));
  std::optional<ViewState> text;
  if (depth == Index::Depth::FieldsAndText) {
    DAYBOOK_TRY(prepared, prepare_view(db, View::Text, from_, after));
    text = std::move(prepared);
  }
  overlay_.emplace(Overlay{
      .db = std::move(db), .after = after, .fields = std::move(fields), .text = std::move(text)});
  return {};
}

Seq Views::overlay_end() const {
  if (!overlay_->text) return overlay_->fields.indexed;
  return std::min(overlay_->fields.indexed, overlay_->text->indexed);
}

void Views::condemn() {
  fields_.condemn();
  if (last_depth_ == Index::Depth::FieldsAndText) text_.condemn();
  if (uses_ == 0) overlay_.reset();  // else a question further out still reads it
}

Result<void> Views::rebuild(Index::Depth depth) {
  if (uses_ > 0) {
    return fail(Errc::Busy, "the index cannot be rebuilt while a question is being answered",
                "let the question finish first");
  }
  DAYBOOK_TRY(to, ledger().last());
  overlay_.reset();
  DAYBOOK_CHECK(build_view(from_, fields_, to, Build::Always, progress_));
  if (depth == Index::Depth::FieldsAndText) {
    return build_view(from_, text_, to, Build::Always, progress_);
  }
  // As doubtful as the old index was: the next search makes a new one.
  return text_.remove();
}

Result<Index::Status> Views::status() {
  if (uses_ > 0) {
    return fail(Errc::Busy, "the index is answering a question", "ask for its status later");
  }
  Index::Status status;
  if (const auto fields = usable_state(from_, fields_)) status.indexed = fields->indexed;
  if (const auto text = usable_state(from_, text_)) status.text_indexed = text->indexed;
  status.bytes = fields_.bytes() + text_.bytes();
  return status;
}

Result<std::vector<Finding>> Views::check() {
  if (uses_ > 0) {
    return fail(Errc::Busy, "the index is answering a question", "check it later");
  }
  std::vector<Finding> findings;
  DAYBOOK_CHECK(check(fields_, findings));
  DAYBOOK_CHECK(check(text_, findings));
  return findings;
}

Result<void> Views::check(ViewFile& file, std::vector<Finding>& findings) {
  Finding finding{.severity = Severity::Notice,
                  .code = "derived",
                  .file = fmt::format("views/{}", file_name(file.view())),
                  .first = {},
                  .last = {},
                  .message = {}};
  const auto state = usable_state(from_, file);
  if (!state && state.error().code == Errc::NotFound) return {};
  if (!state && state.error().code != Errc::Corruption) return fail(state.error());
  if (state) {
    DAYBOOK_TRY(bad, file.db().find_bad_pages());
    if (bad.count == 0) return {};
    finding.offset = bad.first_offset;
    finding.length = bad.count * kPageBytes;
    finding.message = fmt::format("{} of its pages fail their checksums", bad.count);
    file.condemn();
  } else {
    finding.message = state.error().message;
  }
  finding.message += "; it is derived from the log, and made anew when a question meets this";
  findings.push_back(std::move(finding));
  return {};
}

}  // namespace daybook::views
