// SPDX-License-Identifier: Apache-2.0
//
// How good the rules are: signals against labels that people gave. A label names a
// session, a record and a class, and holds no text. A signal on a record whose
// label is another class, or that has none, is a false alarm. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/review.h"

namespace daybook::review {

enum class LabelClass : std::uint8_t {
  Correction,     // the user corrects what the agent did or said
  ErrorLearn,     // a failed call worth learning from
  ErrorExpected,  // a failed call that is part of the work
  Refused,        // a call that the user refused or stopped
  Workaround,     // the agent admits one
  Deferral,       // the agent puts work off
  None,           // nothing of the above
};
[[nodiscard]] Result<LabelClass> parse_label_class(std::string_view text);  // "error-learn"

struct RecordKey {
  std::string session;
  std::string record;
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

struct Labels {
  std::map<RecordKey, std::set<LabelClass>> classes;
  [[nodiscard]] bool contains_session(std::string_view session) const;
};

// "session<TAB>record<TAB>class" on each line; "#" begins a comment. A record may
// have several. Errors: InvalidArgument, with the line.
[[nodiscard]] Result<Labels> parse_labels(std::string_view text, std::string_view name);

struct Score {
  std::size_t hits = 0;
  std::size_t false_alarms = 0;
  std::size_t misses = 0;
  [[nodiscard]] double precision() const;  // 0 when nothing was reported
  [[nodiscard]] double recall() const;     // 0 when there was nothing to find
};

// Signals of `kind` with at least `confidence`, in sessions that have labels. Several
// on one record count once.
[[nodiscard]] Score score(const Labels& labels, const std::vector<Signal>& signals, SignalKind kind,
                          double confidence);

// Both sets of rules side by side, a line for each kind of signal.
struct RuleSignals {
  std::vector<Signal> jilog;
  std::vector<Signal> daybook;
};
[[nodiscard]] std::string score_table(std::string_view title, const Labels& labels,
                                      const RuleSignals& signals);

// What other values of kReportedConfidence would make of the corrections.
[[nodiscard]] std::string confidence_table(const Labels& labels,
                                           const std::vector<Signal>& signals);

}  // namespace daybook::review
