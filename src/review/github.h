// SPDX-License-Identifier: Apache-2.0
//
// GitHub's issues through `gh`, which knows how to log in. One list for each review,
// whatever the number of issues; labels that the repository lacks are made. One
// thread.
#pragma once

#include <string>
#include <vector>

#include "review/tracker.h"

namespace daybook::review {

class GithubTracker final : public Tracker {
 public:
  GithubTracker(TrackerOptions options, Environment env);

  [[nodiscard]] std::string_view backend() const override { return "github"; }
  [[nodiscard]] Result<std::vector<TrackedIssue>> list() override;
  [[nodiscard]] Result<IssueRef> create(const IssueDraft& draft) override;
  [[nodiscard]] Result<void> reopen(const IssueRef& issue, const std::string& comment) override;

 private:
  // What `gh` printed.
  Result<std::string> run(std::vector<std::string> arguments);
  Result<void> ensure_labels(const std::vector<std::string>& labels);

  TrackerOptions options_;
  Environment env_;
  std::vector<std::string> labels_;  // that the repository is known to have
  bool labels_listed_ = false;
};

}  // namespace daybook::review
