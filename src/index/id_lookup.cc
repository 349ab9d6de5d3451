// SPDX-License-Identifier: Apache-2.0
#include "index/id_lookup.h"

#include <algorithm>

namespace daybook::views {

Result<IdLookup> IdLookup::open(Database& db) {
  DAYBOOK_TRY(floor,
              db.prepare("SELECT seq, id FROM events WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1"));
  DAYBOOK_TRY(last, db.prepare("SELECT max(seq) FROM events"));
  return IdLookup(std::move(floor), std::move(last));
}

Result<std::optional<Seq>> IdLookup::find(const EventId& id) {
  const std::string wanted = to_string(id);
  last_.reset();
  DAYBOOK_TRY(any, last_.step());
  std::int64_t low = 1;
  std::int64_t high = any ? last_.integer(0) : 0;
  last_.reset();
  while (low <= high) {
    const std::int64_t middle = low + (high - low) / 2;
    floor_.reset();
    floor_.bind(1, middle);
    DAYBOOK_TRY(row, floor_.step());
    const std::int64_t seq = row ? floor_.integer(0) : 0;
    const int order = row && seq >= low ? floor_.text(1).compare(wanted) : -1;
    floor_.reset();
    if (order == 0) return Seq{static_cast<std::uint64_t>(seq)};
    if (order < 0) {
      low = middle + 1;  // nothing between seq and middle: events there are lost
    } else {
      high = seq - 1;
    }
  }
  return std::nullopt;
}

void RecentIds::add(const EventId& id, Seq seq) {
  if (entries_.size() >= 2 * kKept) entries_.erase(entries_.begin(), entries_.end() - kKept);
  entries_.push_back({.id = id, .seq = seq});
}

std::optional<Seq> RecentIds::find(const EventId& id) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const Entry& entry, const EventId& wanted) { return entry.id < wanted; });
  if (found == entries_.end() || found->id != id) return std::nullopt;
  return found->seq;
}

}  // namespace daybook::views
