// SPDX-License-Identifier: Apache-2.0
//
// What an issue tracker has to do, and no more: list, create, reopen. When to do
// which is the same for all of them and stands in tracker_policy.h.
//
// To add one: a class derived from Tracker in a file pair of its own, and a line in
// make_tracker(). A tracker object lives for one review and is used by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "daybook/review.h"

namespace daybook::review {

inline constexpr std::size_t kMaxIssuesListed = 20'000;  // of one tracker, open and closed

// An issue to file.
struct IssueDraft {
  std::string title;
  std::string type;  // "bug", "chore", "task"
  int priority = 3;  // 1 is the highest
  SignalKind kind = SignalKind::Correction;
  std::vector<std::string> labels;  // what it is about: "p0", "tool:bash", "pattern:for-now"
  std::string body;
  Timestamp created;
};

class Tracker {
 public:
  virtual ~Tracker() = default;

  [[nodiscard]] virtual std::string_view backend() const = 0;
  // All of ours, open and closed. An answer in a shape nobody knows is an error,
  // never an empty list: that would file everything again.
  [[nodiscard]] virtual Result<std::vector<TrackedIssue>> list() = 0;
  [[nodiscard]] virtual Result<IssueRef> create(const IssueDraft& draft) = 0;
  // Errors only when it stays closed; a comment that cannot be made is none.
  [[nodiscard]] virtual Result<void> reopen(const IssueRef& issue, const std::string& comment) = 0;
};

// Nothing for "none". Errors: InvalidArgument.
[[nodiscard]] Result<std::unique_ptr<Tracker>> make_tracker(const TrackerOptions& options,
                                                            Environment env);

// The error of a program that ended with another code than 0.
[[nodiscard]] Error program_error(const std::vector<std::string>& command, int exit_code,
                                  std::string_view errors);

// Titles are compared as trackers keep them: without space at the ends.
[[nodiscard]] std::string_view comparable(std::string_view title);

}  // namespace daybook::review
