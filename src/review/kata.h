// SPDX-License-Identifier: Apache-2.0
//
// Issues in a local kata, through its program. One list of open and one of closed
// issues for each review. The idempotency key makes creating the same issue twice
// harmless even when an answer got lost. One thread.
#pragma once

#include <string>
#include <vector>

#include "review/tracker.h"

namespace daybook::review {

class KataTracker final : public Tracker {
 public:
  KataTracker(TrackerOptions options, Environment env);

  [[nodiscard]] std::string_view backend() const override { return "kata"; }
  [[nodiscard]] Result<std::vector<TrackedIssue>> list() override;
  [[nodiscard]] Result<IssueRef> create(const IssueDraft& draft) override;
  [[nodiscard]] Result<void> reopen(const IssueRef& issue, const std::string& comment) override;

 private:
  Result<std::string> run(std::vector<std::string> arguments);
  Result<void> list(std::string_view status, std::vector<TrackedIssue>& issues);

  TrackerOptions options_;
  Environment env_;
};

}  // namespace daybook::review
