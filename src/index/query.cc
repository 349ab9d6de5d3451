// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "index/candidates.h"
#include "index/data_reader.h"
#include "index/event_reader.h"
#include "index/log_walk.h"
#include "index/questions.h"
#include "index/text.h"
#include "index/where.h"

namespace daybook::views {
namespace {

// Counts matches against the limit and hands them out.
class Sink {
 public:
  Sink(std::uint64_t limit, Beyond beyond, const std::function<bool(const Event&)>& visit)
      : limit_(limit), beyond_(beyond), visit_(&visit) {}

  // False when nothing further is wanted.
  bool take(const Event& event) {
    if (is_full()) {
      more_ = true;
      return false;
    }
    ++taken_;
    return (*visit_)(event) && !(is_full() && beyond_ == Beyond::Ignore);
  }

  [[nodiscard]] bool more() const { return more_; }

 private:
  [[nodiscard]] bool is_full() const { return limit_ != 0 && taken_ >= limit_; }

  std::uint64_t limit_;
  Beyond beyond_;
  const std::function<bool(const Event&)>* visit_;
  std::uint64_t taken_ = 0;
  bool more_ = false;
};

class QueryRun {
 public:
  QueryRun(Views& views, const Query& query, Where where, Sink& sink)
      : views_(views),
        query_(query),
        where_(std::move(where)),
        sink_(sink),
        data_(views.ledger()) {}

  // No filter that an index could serve: the log is read in order.
  Result<Completeness> scan_log() {
    DAYBOOK_TRY(last, views_.ledger().last());
    Completeness completeness;
    if (last.value == 0) return completeness;
    DAYBOOK_TRY(walk, LogWalk::open(views_.ledger(), kFirstSeq, last, query_.direction));
    bool wanted = true;
    while (wanted) {
      DAYBOOK_TRY(event, walk.next());
      if (event == nullptr) break;
      if (query_.tier && event->tier != *query_.tier) continue;
      DAYBOOK_TRY(matches, meets_conditions(*event));
      if (matches) wanted = sink_.take(to_event(*event));
    }
    completeness.lost = walk.lost();
    if (wanted && query_.direction == Direction::Forward && walk.reached() < last) {
      completeness.lag = last.value - walk.reached().value;
      completeness.reason = "the log ended before the event that it says is its last";
    }
    add_all(completeness.lost, lost_);
    return completeness;
  }

  Result<Completeness> ask_index() {
    const auto depth = query_.search.empty() ? Index::Depth::Fields : Index::Depth::FieldsAndText;
    auto completeness = with_views(views_, depth, [&](const Ready& ready) { return ask(ready); });
    if (completeness) add_all(completeness->lost, lost_);
    return completeness;
  }

 private:
  static void add_all(std::vector<LostRange>& lost, const std::vector<LostRange>& more) {
    for (const LostRange& range : more) add_lost(lost, range);
  }

  Result<void> ask(const Ready& ready) {
    Selection selection{
        .query = &query_, .expression = {}, .cut_early = where_.empty() && query_.limit != 0};
    if (!query_.search.empty()) {
      if (ready.parts.empty()) return check_search_alone();
      DAYBOOK_TRY(expression, search_expression(*ready.parts.front().text, query_.search));
      selection.expression = std::move(expression);
    }
    EventReader reader(views_.ledger(), query_.direction);
    std::vector<Part> parts = ready.parts;
    if (query_.direction == Direction::Backward) std::reverse(parts.begin(), parts.end());
    Result<bool> wanted = true;
    for (const Part& part : parts) {
      wanted = ask_part(part, selection, reader);
      if (!wanted || !*wanted) break;
    }
    add_all(lost_, reader.lost());
    if (!wanted) return fail(std::move(wanted).error());
    return {};
  }

  // An empty ledger answers nothing, yet a search that says nothing is an error.
  Result<void> check_search_alone() {
    DAYBOOK_TRY(db, Database::open_temporary());
    DAYBOOK_CHECK(db.run(tables_of(View::Text)));
    DAYBOOK_CHECK(search_expression(db, query_.search));
    return {};
  }

  // False when nothing further is wanted.
  Result<bool> ask_part(const Part& part, const Selection& selection, EventReader& reader) {
    Seq from = part.from;
    Seq to = part.to;
    if (visited_.value != 0) {
      if (query_.direction == Direction::Forward) from = std::max(from, visited_.next());
      if (query_.direction == Direction::Backward) to = std::min(to, Seq{visited_.value - 1});
    }
    DAYBOOK_TRY(candidates, Candidates::open(part, selection, from, to));
    for (;;) {
      DAYBOOK_TRY(seq, candidates.next());
      if (!seq) return true;
      DAYBOOK_TRY(event, reader.read(*seq));
      visited_ = *seq;
      if (!event) continue;
      DAYBOOK_TRY(matches, meets_conditions(*event));
      if (matches && !sink_.take(*event)) return false;
    }
  }

  template <class AnyEvent>
  Result<bool> meets_conditions(const AnyEvent& event) {
    if (where_.empty()) return true;
    DAYBOOK_TRY(json, data_.text_of(event));
    if (json) return where_.matches(*json);
    add_lost(lost_, {.file = {}, .first = event.seq, .last = event.seq});
    return false;
  }

  Views& views_;
  const Query& query_;
  Where where_;
  Sink& sink_;
  DataReader data_;
  Seq visited_;  // the last candidate looked at, so that an answer can go on
  std::vector<LostRange> lost_;
};

}  // namespace

Result<QueryOutcome> run_query(Views& views, const Query& query, Beyond beyond,
                               const std::function<bool(const Event&)>& visit) {
  DAYBOOK_CHECK(check_query(query));
  DAYBOOK_TRY(where, Where::compile(query.where));
  Sink sink(query.limit, beyond, visit);
  QueryRun run(views, query, std::move(where), sink);
  DAYBOOK_TRY(completeness, is_selective(query) ? run.ask_index() : run.scan_log());
  return QueryOutcome{.completeness = std::move(completeness), .more = sink.more()};
}

}  // namespace daybook::views
