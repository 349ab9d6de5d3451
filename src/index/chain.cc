// SPDX-License-Identifier: Apache-2.0
//
// Causal chains. Breadth first with a set of what was seen: each event once,
// at its shortest distance, however many ways lead to it. A cause is always an
// earlier event, so ascending seq puts causes before effects.
#include <algorithm>
#include <deque>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "index/event_reader.h"
#include "index/id_lookup.h"
#include "index/questions.h"

namespace daybook {
namespace {

std::uint64_t limit_of(const ChainOptions& options) {
  return options.limit == 0 ? std::numeric_limits<std::uint64_t>::max() : options.limit;
}

void sort_by_seq(std::vector<ChainLink>& links) {
  std::sort(links.begin(), links.end(),
            [](const ChainLink& a, const ChainLink& b) { return a.event.seq < b.event.seq; });
}

bool is_unreadable(Errc code) { return code == Errc::NotFound || code == Errc::Corruption; }

}  // namespace

Result<Chain> causes_of(Ledger& ledger, const EventId& id, const ChainOptions& options) {
  DAYBOOK_TRY(asked, ledger.find(id));
  Chain chain;
  std::unordered_set<EventId> seen = {id};
  chain.links.push_back({.event = std::move(asked), .depth = 0});
  // The links are the queue: each one's causes are added behind it.
  for (std::size_t at = 0; at < chain.links.size(); ++at) {
    const std::vector<EventId> causes = chain.links[at].event.causes;
    const std::uint32_t depth = chain.links[at].depth + 1;
    for (const EventId& cause : causes) {
      if (seen.contains(cause)) continue;
      if (chain.links.size() >= limit_of(options)) {
        chain.more = true;
        break;
      }
      seen.insert(cause);
      auto event = ledger.find(cause);
      if (event) {
        chain.links.push_back({.event = *std::move(event), .depth = depth});
      } else if (is_unreadable(event.error().code)) {
        chain.missing.push_back(cause);
      } else {
        return fail(std::move(event).error());
      }
    }
    if (chain.more) break;
  }
  sort_by_seq(chain.links);
  return chain;
}

namespace views {
namespace {

// Direct effects of an event over all parts, ascending.
class Effects {
 public:
  static Result<Effects> open(const Ready& ready) {
    Effects effects;
    for (const Part& part : ready.parts) {
      DAYBOOK_TRY(by_seq, part.fields->prepare("SELECT effect FROM causes WHERE cause = ?1 "
                                               "AND effect BETWEEN ?2 AND ?3 ORDER BY effect"));
      DAYBOOK_TRY(by_id, part.fields->prepare("SELECT effect FROM dangling WHERE cause = ?1 "
                                              "AND effect BETWEEN ?2 AND ?3 ORDER BY effect"));
      for (Statement* each : {&by_seq, &by_id}) {
        each->bind(2, static_cast<std::int64_t>(part.from.value));
        each->bind(3, static_cast<std::int64_t>(part.to.value));
      }
      effects.by_seq_.push_back(std::move(by_seq));
      effects.by_id_.push_back(std::move(by_id));
    }
    return effects;
  }

  // Calls `add` with each until it returns false.
  template <class Add>
  Result<void> of(Seq cause, Add add) {
    for (Statement& rows : by_seq_) {
      rows.bind(1, static_cast<std::int64_t>(cause.value));
      DAYBOOK_CHECK(run(rows, add));
    }
    return {};
  }
  // Of an event that the index does not know.
  template <class Add>
  Result<void> of(const EventId& cause, Add add) {
    for (Statement& rows : by_id_) {
      rows.bind(1, std::string_view(to_string(cause)));
      DAYBOOK_CHECK(run(rows, add));
    }
    return {};
  }

 private:
  template <class Add>
  static Result<void> run(Statement& rows, Add add) {
    for (;;) {
      DAYBOOK_TRY(more, rows.step());
      if (!more || !add(Seq{static_cast<std::uint64_t>(rows.integer(0))})) break;
    }
    rows.reset();
    return {};
  }

  std::vector<Statement> by_seq_;
  std::vector<Statement> by_id_;
};

struct Found {
  Seq seq;
  std::uint32_t depth = 0;
};

// The effects of one event or of an id that the log lost, nearest first.
class EffectSearch {
 public:
  EffectSearch(Effects effects, std::uint64_t limit)
      : effects_(std::move(effects)), limit_(limit) {}

  Result<std::vector<Found>> run(std::optional<Seq> root, const EventId& id) {
    if (root) add(*root, 0);
    DAYBOOK_CHECK(effects_.of(id, [&](Seq effect) { return add(effect, 1); }));
    for (std::size_t at = 0; at < found_.size() && !more_; ++at) {
      const Found cause = found_[at];
      DAYBOOK_CHECK(
          effects_.of(cause.seq, [&](Seq effect) { return add(effect, cause.depth + 1); }));
    }
    std::sort(found_.begin(), found_.end(),
              [](const Found& a, const Found& b) { return a.seq < b.seq; });
    return std::move(found_);
  }

  [[nodiscard]] bool more() const { return more_; }

 private:
  bool add(Seq seq, std::uint32_t depth) {
    if (seen_.contains(seq)) return true;
    more_ = found_.size() >= limit_;
    if (more_) return false;
    seen_.insert(seq);
    found_.push_back({.seq = seq, .depth = depth});
    return true;
  }

  Effects effects_;
  std::uint64_t limit_;
  std::unordered_set<Seq> seen_;
  std::vector<Found> found_;
  bool more_ = false;
};

// What the index knows of an event that the log cannot give.
Result<std::optional<Seq>> seq_in(const Ready& ready, const EventId& id) {
  for (const Part& part : ready.parts) {
    DAYBOOK_TRY(lookup, IdLookup::open(*part.fields));
    DAYBOOK_TRY(seq, lookup.find(id));
    if (seq) return seq;
  }
  return std::nullopt;
}

Result<std::optional<EventId>> id_in(const Ready& ready, Seq seq) {
  for (const Part& part : ready.parts) {
    DAYBOOK_TRY(row, part.fields->prepare("SELECT id FROM events WHERE seq = ?1"));
    row.bind(1, static_cast<std::int64_t>(seq.value));
    DAYBOOK_TRY(found, row.step());
    if (!found) continue;
    const auto id = parse_event_id(row.text(0));
    if (!id) return fail(Errc::Corruption, "the index holds an id that is none");
    return std::optional(*id);
  }
  return std::nullopt;
}

Result<void> add_effects(Views& views, const Ready& ready, const EventId& id,
                         const ChainOptions& options, Chain& chain) {
  const auto event = views.ledger().find(id);
  if (!event && !is_unreadable(event.error().code)) return fail(event.error());
  std::optional<Seq> root;
  if (event) {
    root = event->seq;
  } else {
    DAYBOOK_TRY(known, seq_in(ready, id));
    root = known;
  }
  DAYBOOK_TRY(effects, Effects::open(ready));
  EffectSearch search(std::move(effects), limit_of(options));
  DAYBOOK_TRY(found, search.run(root, id));
  // Neither the log nor the index has heard of it.
  if (!event && !root && found.empty()) {
    return fail(Error{
        .code = Errc::NotFound, .message = event.error().message, .hint = event.error().hint});
  }
  chain.more = search.more();
  if (!event && !root) chain.missing.push_back(id);
  EventReader reader(views.ledger(), Direction::Forward);
  for (const Found& each : found) {
    DAYBOOK_TRY(read, reader.read(each.seq));
    if (read) {
      chain.links.push_back({.event = *std::move(read), .depth = each.depth});
      continue;
    }
    DAYBOOK_TRY(lost_id, id_in(ready, each.seq));
    if (lost_id) chain.missing.push_back(*lost_id);
  }
  return {};
}

}  // namespace

Result<Chain> effects_of(Views& views, const EventId& id, const ChainOptions& options) {
  Chain chain;
  DAYBOOK_TRY(completeness, with_views(views, Index::Depth::Fields, [&](const Ready& ready) {
                chain = {};
                return add_effects(views, ready, id, options, chain);
              }));
  chain.completeness = std::move(completeness);
  return chain;
}

Result<std::vector<Seq>> direct_effects(Views& views, Seq seq) {
  std::vector<Seq> found;
  const auto ask = [&](const Ready& ready) -> Result<void> {
    found.clear();
    DAYBOOK_TRY(effects, Effects::open(ready));
    return effects.of(seq, [&](Seq effect) {
      found.push_back(effect);
      return true;
    });
  };
  DAYBOOK_CHECK(with_views(views, Index::Depth::Fields, ask));
  return found;
}

}  // namespace views
}  // namespace daybook
