// SPDX-License-Identifier: Apache-2.0
//
// One list of a query, such as its streams, as SQL: which names it means, and
// how many events have one of them.
#pragma once

#include <string>
#include <vector>

#include "index/names.h"

namespace daybook::views {

// A piece of SQL with `?` for each of its texts, in order.
struct Clause {
  std::string sql;
  std::vector<std::string> texts;
};

struct NameFilter {
  NameKind kind = NameKind::Stream;
  Clause clause;            // on the columns of `events`
  std::int64_t names = 0;   // how many it means; 0: no event can match
  std::int64_t events = 0;  // how many events have one of them
};

// Resolves a list: each pattern is a name, or a shell glob when it has a
// wildcard (it then means the name spelled like it, too). Classes ignore case,
// '-' and '_'.
[[nodiscard]] Result<NameFilter> resolve(Database& db, NameKind kind,
                                         const std::vector<std::string>& patterns);

}  // namespace daybook::views
