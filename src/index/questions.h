// SPDX-License-Identifier: Apache-2.0
//
// The questions an Index answers, each over views that are made ready first.
// A question that meets damage in a view has new ones made and goes on where it
// was. Not thread-safe.
#pragma once

#include <functional>

#include "daybook/index.h"
#include "index/views.h"

namespace daybook::views {

// Whether the question wants to know if there is more behind the limit, which
// may cost a look at everything that follows.
enum class Beyond : std::uint8_t { Ignore, Look };

struct QueryOutcome {
  Completeness completeness;
  bool more = false;
};
[[nodiscard]] Result<QueryOutcome> run_query(Views& views, const Query& query, Beyond beyond,
                                             const std::function<bool(const Event&)>& visit);

[[nodiscard]] Result<Chain> effects_of(Views& views, const EventId& id,
                                       const ChainOptions& options);
[[nodiscard]] Result<std::vector<Seq>> direct_effects(Views& views, Seq seq);

[[nodiscard]] Result<std::vector<Index::StreamInfo>> list_streams(Views& views,
                                                                  std::string_view glob,
                                                                  std::uint64_t limit);

// Runs a question over ready views; once more, with new views, when it met
// damage in them. `ask` is called with a const Ready& and must be able to go on.
template <class Ask>
[[nodiscard]] Result<Completeness> with_views(Views& views, Index::Depth depth, Ask ask) {
  constexpr int kMaxAttempts = 2;
  for (int attempt = 1;; ++attempt) {
    DAYBOOK_TRY(ready, views.ready(depth));
    Result<void> answered;
    {
      const Views::Use use(views);
      answered = ask(ready);
    }
    if (answered) return std::move(ready.completeness);
    if (answered.error().code != Errc::Corruption || attempt == kMaxAttempts) {
      return fail(std::move(answered).error());
    }
    views.condemn();
  }
}

}  // namespace daybook::views
