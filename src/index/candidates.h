// SPDX-License-Identifier: Apache-2.0
//
// The events that meet all filters which a database can decide (all but
// conditions on the data), as seqs in the order asked for, one by one.
//
// Whichever way is cheapest is taken, and the answer never depends on it:
//   - reading the rows in order, in the runs of seqs where the time may fit;
//   - the index of the name that the fewest events have (`names` counts them);
//   - the full-text index, each hit then looked up by its seq.
// Nothing is cut before all filters have decided. Not thread-safe; must not
// outlive the databases of its part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "index/names.h"
#include "index/views.h"

namespace daybook::views {

inline constexpr std::size_t kMaxPatterns = 500;  // of one list in a query; SQL nests no deeper

// The parts of a query that candidates are chosen by.
struct Selection {
  const Query* query = nullptr;
  std::string expression;  // full text, as FTS5 takes it; empty: none
  bool cut_early = false;  // the limit will cut, and nothing is filtered afterwards
};

// Errors: InvalidArgument, LimitExceeded.
[[nodiscard]] Result<void> check_query(const Query& query);
// Whether a database can narrow the search at all; else the log is as good.
[[nodiscard]] bool is_selective(const Query& query);

class Candidates {
 public:
  // Those from..to, which must be within the part.
  [[nodiscard]] static Result<Candidates> open(const Part& part, const Selection& selection,
                                               Seq from, Seq to);
  [[nodiscard]] Result<std::optional<Seq>> next();

 private:
  friend class Planner;
  struct Range {
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  Candidates() = default;

  std::vector<Range> ranges_;  // in the order asked for
  std::size_t range_ = 0;      // the next one
  bool running_ = false;
  std::optional<Statement> source_;  // seqs of a range: parameters 1 and 2
  std::optional<Statement> check_;   // a row when the seq, parameter 1, fits as well
};

}  // namespace daybook::views
