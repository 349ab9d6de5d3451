// SPDX-License-Identifier: Apache-2.0
//
// From an event's id to its seq. Ids grow along seq, so a binary search over
// the events table needs no index of ids; and as most causes are recent, the
// writer remembers the latest ids in memory.
// Not thread-safe. The databases must outlive the lookup.
#pragma once

#include <optional>
#include <vector>

#include "daybook/types.h"
#include "index/sqlite.h"

namespace daybook::views {

// Searches one filled `events` table.
class IdLookup {
 public:
  [[nodiscard]] static Result<IdLookup> open(Database& db);
  [[nodiscard]] Result<std::optional<Seq>> find(const EventId& id);

 private:
  IdLookup(Statement floor, Statement last) : floor_(std::move(floor)), last_(std::move(last)) {}
  Statement floor_;  // the event at or before a seq
  Statement last_;
};

// The latest ids, oldest first.
class RecentIds {
 public:
  void add(const EventId& id, Seq seq);
  [[nodiscard]] std::optional<Seq> find(const EventId& id) const;

 private:
  static constexpr std::size_t kKept = 65'536;
  struct Entry {
    EventId id;
    Seq seq;
  };
  std::vector<Entry> entries_;
};

}  // namespace daybook::views
