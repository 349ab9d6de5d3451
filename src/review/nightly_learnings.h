// SPDX-License-Identifier: Apache-2.0
//
// Signals as events of the ledger, and back:
//
//   learning/<kind>   learning         one for each signal; key: see learning_key()
//   issue/<backend>   issue/filed, issue/bumped, issue/reopened, issue/left
//                                      what a tracker was told; cause: the learning
//                     issue/resolved   its issue was closed and the signal is gone
//   review/nightly    review           one for each run
//
// The key of a learning says rules, kind, session and record, so that no signal is
// ever reported twice. docs/review.md gives the members. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daybook/ledger.h"
#include "daybook/review.h"

namespace daybook {
class JsonWriter;
}

namespace daybook::review {

inline constexpr std::string_view kLearningType = "learning";
inline constexpr std::string_view kReviewStream = "review/nightly";

// A signal that was reported.
struct Learning {
  Signal signal;
  Rules rules = Rules::Daybook;
  std::string date;  // of the digest that reported it
  EventId event;
  Seq seq;
};

[[nodiscard]] std::string learning_stream(SignalKind kind);
[[nodiscard]] std::string learning_key(const Signal& signal, Rules rules);
[[nodiscard]] NewEvent learning_event(const Signal& signal, Rules rules, const std::string& date,
                                      std::optional<EventId> cause);

// The members of a signal as those of an open JSON object, in a fixed order.
void write_signal(JsonWriter& json, const Signal& signal);

// All learnings of one kind, oldest first. What cannot be read is in `lost`.
[[nodiscard]] Result<void> each_learning(Ledger& ledger, SignalKind kind,
                                         std::vector<LostRange>& lost,
                                         const std::function<void(Learning)>& visit);
// Of all kinds.
[[nodiscard]] Result<void> each_learning(Ledger& ledger, std::vector<LostRange>& lost,
                                         const std::function<void(Learning)>& visit);

// Adds the damage that the ledger knows of, and sorts: each range once. A stream does
// not show what it has lost; the log does.
[[nodiscard]] Result<void> add_known_damage(Ledger& ledger, std::vector<LostRange>& lost);

// What a tracker was told of one learning, the last time.
struct IssueRecord {
  FiledIssue filed;
  EventId event;
};

// All that the ledger knows of issues.
struct IssueBook {
  std::map<EventId, IssueRecord> by_learning;
  struct Known {
    IssueRef issue;
    EventId last;  // the last event about it
    bool resolved = false;
  };
  std::map<std::string, Known> by_issue;  // "<backend>/<id>"
};
[[nodiscard]] Result<IssueBook> read_issues(Ledger& ledger, std::vector<LostRange>& lost);

[[nodiscard]] NewEvent issue_event(const FiledIssue& filed, const Learning& learning);
[[nodiscard]] NewEvent resolved_event(const IssueBook::Known& known);

}  // namespace daybook::review
