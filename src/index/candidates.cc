// SPDX-License-Identifier: Apache-2.0
#include "index/candidates.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "index/name_filter.h"
#include "index/schema.h"

namespace daybook::views {
namespace {

struct NameList {
  NameKind kind;
  std::vector<std::string> patterns;
};

std::vector<NameList> lists_of(const Query& query) {
  std::vector<NameList> lists = {
      {NameKind::Stream, query.streams},   {NameKind::Type, query.types},
      {NameKind::Class, query.classes},    {NameKind::Actor, query.actors},
      {NameKind::Subject, query.subjects}, {NameKind::Subsystem, query.subsystems},
      {NameKind::Correlation, {}},
  };
  if (!query.correlation.empty()) lists.back().patterns.push_back(query.correlation);
  std::erase_if(lists, [](const NameList& list) { return list.patterns.empty(); });
  return lists;
}

std::int64_t as_signed(Seq seq) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(seq.value, static_cast<std::uint64_t>(kMax)));
}

void bind_texts(Statement& statement, int first, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) statement.bind(first++, std::string_view(text));
}

}  // namespace

// Decides how to find the candidates and prepares the statements.
class Planner {
 public:
  Planner(const Part& part, const Selection& selection, Seq from, Seq to)
      : part_(part), selection_(selection), from_(as_signed(from)), to_(as_signed(to)) {}

  Result<Candidates> plan() {
    if (from_ > to_) return std::move(candidates_);
    DAYBOOK_CHECK(resolve_lists());
    if (nothing_) return std::move(candidates_);
    add_plain_clauses();
    DAYBOOK_CHECK(find_ranges());
    if (candidates_.ranges_.empty()) return std::move(candidates_);
    if (!selection_.expression.empty() && !is_cheaper_than_text()) {
      DAYBOOK_CHECK(start_from_text());
    } else {
      DAYBOOK_CHECK(start_from_fields());
    }
    if (selection_.query->direction == Direction::Backward) {
      std::reverse(candidates_.ranges_.begin(), candidates_.ranges_.end());
    }
    return std::move(candidates_);
  }

 private:
  static constexpr std::int64_t kMaxRanges = 1'000;  // runs of blocks; more are joined
  static constexpr std::int64_t kFewEvents = 2'000;  // asking the text for each is cheaper
  static constexpr std::int64_t kScanFactor = 8;     // rows read in order cost that much less

  [[nodiscard]] std::string_view order() const {
    return selection_.query->direction == Direction::Forward ? "ASC" : "DESC";
  }

  Result<void> resolve_lists() {
    for (const NameList& list : lists_of(*selection_.query)) {
      DAYBOOK_TRY(filter, resolve(*part_.fields, list.kind, list.patterns));
      nothing_ = nothing_ || filter.names == 0;
      add_clause(filter.clause);
      if (!rarest_ || filter.events < rarest_->events) rarest_ = std::move(filter);
      ++filters_;
    }
    return {};
  }

  void add_clause(const Clause& clause) {
    conditions_.sql += " AND " + clause.sql;
    conditions_.texts.insert(conditions_.texts.end(), clause.texts.begin(), clause.texts.end());
  }

  void add_plain_clauses() {
    const Query& query = *selection_.query;
    const auto add = [&](std::string_view condition, std::int64_t value) {
      add_clause({.sql = fmt::format("{} {}", condition, value), .texts = {}});
      ++filters_;
    };
    if (query.since) add("time >=", query.since->micros);
    if (query.until) add("time <", query.until->micros);
    if (query.tier) add("tier =", static_cast<std::int64_t>(*query.tier));
  }

  // Runs of seqs that may hold the times asked for.
  Result<void> find_ranges() {
    const Query& query = *selection_.query;
    auto& ranges = candidates_.ranges_;
    if (!query.since && !query.until) {
      ranges.push_back({.from = from_, .to = to_});
      rows_ = to_ - from_ + 1;
      return {};
    }
    DAYBOOK_TRY(blocks, part_.fields->prepare(
                            "SELECT block FROM blocks WHERE max_time >= ?1 AND min_time <= ?2 "
                            "AND block BETWEEN ?3 AND ?4 ORDER BY block"));
    using Limits = std::numeric_limits<std::int64_t>;
    blocks.bind(1, query.since ? query.since->micros : Limits::min());
    blocks.bind(2,
                query.until ? std::max(query.until->micros, Limits::min() + 1) - 1 : Limits::max());
    blocks.bind(3, from_ / kBlockEvents);
    blocks.bind(4, to_ / kBlockEvents);
    for (;;) {
      DAYBOOK_TRY(more, blocks.step());
      if (!more) break;
      const std::int64_t first = blocks.integer(0) * kBlockEvents;
      add_range(std::max(first, from_), std::min(first + kBlockEvents - 1, to_));
    }
    for (const auto& range : ranges) rows_ += range.to - range.from + 1;
    return {};
  }

  void add_range(std::int64_t from, std::int64_t to) {
    auto& ranges = candidates_.ranges_;
    const bool joined = !ranges.empty() && (ranges.back().to + 1 == from ||
                                            ranges.size() >= static_cast<std::size_t>(kMaxRanges));
    if (joined) {
      ranges.back().to = to;
    } else {
      ranges.push_back({.from = from, .to = to});
    }
  }

  [[nodiscard]] bool is_cheaper_than_text() const {
    return std::min(rarest_ ? rarest_->events : rows_, rows_) <= kFewEvents;
  }

  // The index of the rarest name, or the rows in order? Several names have to
  // be sorted, which the limit cannot cut short.
  [[nodiscard]] bool use_index() const {
    if (!rarest_ || rarest_->events > rows_) return false;
    if (rarest_->names == 1) return rarest_->events < rows_ / 2;
    const bool quickly_full = selection_.cut_early && filters_ == 1;
    if (!quickly_full) return rarest_->events < rows_ / kScanFactor;
    const auto limit =
        static_cast<std::int64_t>(std::min<std::uint64_t>(selection_.query->limit, 1'000'000'000));
    const double rows_until_full = static_cast<double>(rows_) * static_cast<double>(limit) /
                                   static_cast<double>(std::max<std::int64_t>(rarest_->events, 1));
    return static_cast<double>(rarest_->events) < rows_until_full / kScanFactor;
  }

  Result<void> start_from_fields() {
    const std::string how =
        use_index() ? fmt::format("INDEXED BY events_{}", to_string(rarest_->kind)) : "NOT INDEXED";
    DAYBOOK_TRY(source, part_.fields->prepare(
                            fmt::format("SELECT seq FROM events {} WHERE seq >= ? AND seq <= ?{} "
                                        "ORDER BY seq {}",
                                        how, conditions_.sql, order())));
    bind_texts(source, 3, conditions_.texts);
    candidates_.source_ = std::move(source);
    if (selection_.expression.empty()) return {};
    DAYBOOK_TRY(check,
                part_.text->prepare("SELECT 1 FROM text WHERE rowid = ?1 AND text MATCH ?2"));
    check.bind(2, selection_.expression);
    candidates_.check_ = std::move(check);
    return {};
  }

  Result<void> start_from_text() {
    DAYBOOK_TRY(source, part_.text->prepare(
                            fmt::format("SELECT rowid FROM text WHERE rowid >= ?1 AND rowid <= ?2 "
                                        "AND text MATCH ?3 ORDER BY rowid {}",
                                        order())));
    source.bind(3, selection_.expression);
    candidates_.source_ = std::move(source);
    if (conditions_.sql.empty()) return {};
    DAYBOOK_TRY(check, part_.fields->prepare(fmt::format(
                           "SELECT 1 FROM events NOT INDEXED WHERE seq = ?{}", conditions_.sql)));
    bind_texts(check, 2, conditions_.texts);
    candidates_.check_ = std::move(check);
    return {};
  }

  const Part& part_;
  const Selection& selection_;
  std::int64_t from_;
  std::int64_t to_;
  std::optional<NameFilter> rarest_;
  Clause conditions_;  // each begins with AND
  int filters_ = 0;
  bool nothing_ = false;
  std::int64_t rows_ = 0;  // in all ranges
  Candidates candidates_;
};

Result<void> check_query(const Query& query) {
  for (const NameList& list : lists_of(query)) {
    if (list.patterns.size() <= kMaxPatterns) continue;
    return fail(Errc::LimitExceeded,
                fmt::format("{} names of kind {}; at most {} are allowed in one query",
                            list.patterns.size(), to_string(list.kind), kMaxPatterns),
                "use a glob, or ask several times");
  }
  if (query.since && query.until && *query.until < *query.since) {
    return fail(Errc::InvalidArgument,
                fmt::format("the time range ends at {}, before it begins at {}",
                            to_string(*query.until), to_string(*query.since)));
  }
  return {};
}

bool is_selective(const Query& query) {
  return !lists_of(query).empty() || query.since || query.until || !query.search.empty();
}

Result<Candidates> Candidates::open(const Part& part, const Selection& selection, Seq from,
                                    Seq to) {
  return Planner(part, selection, from, to).plan();
}

Result<std::optional<Seq>> Candidates::next() {
  while (source_) {
    if (!running_) {
      if (range_ >= ranges_.size()) return std::nullopt;
      source_->reset();
      source_->bind(1, ranges_[range_].from);
      source_->bind(2, ranges_[range_].to);
      ++range_;
      running_ = true;
    }
    DAYBOOK_TRY(more, source_->step());
    if (!more) {
      running_ = false;
      continue;
    }
    const std::int64_t seq = source_->integer(0);
    if (check_) {
      check_->bind(1, seq);
      DAYBOOK_TRY(fits, check_->step());
      check_->reset();
      if (!fits) continue;
    }
    return Seq{static_cast<std::uint64_t>(seq)};
  }
  return std::nullopt;
}

}  // namespace daybook::views
