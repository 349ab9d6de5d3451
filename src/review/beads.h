// SPDX-License-Identifier: Apache-2.0
//
// Issues as lines of .beads/issues.jsonl, kept in git. The file is read, changed and
// replaced as a whole under a lock: a crash leaves the old or the new. Lines of other
// tools, also those nobody understands, stay byte for byte as they are. One thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "review/tracker.h"

namespace daybook::review {

inline constexpr std::uint64_t kMaxBeadsFileBytes = std::uint64_t{256} << 20;

class BeadsTracker final : public Tracker {
 public:
  BeadsTracker(TrackerOptions options, Environment env);

  [[nodiscard]] std::string_view backend() const override { return "beads"; }
  [[nodiscard]] Result<std::vector<TrackedIssue>> list() override;
  [[nodiscard]] Result<IssueRef> create(const IssueDraft& draft) override;
  [[nodiscard]] Result<void> reopen(const IssueRef& issue, const std::string& comment) override;

 private:
  [[nodiscard]] std::string directory() const { return options_.path + "/.beads"; }
  [[nodiscard]] std::string file() const { return directory() + "/issues.jsonl"; }
  // The file's text; empty when there is none.
  Result<std::string> read() const;
  // Reads the file, hands it to `change` and writes what that made of it.
  Result<void> update(const std::function<Result<void>(std::string&)>& change);

  TrackerOptions options_;
  Environment env_;
};

}  // namespace daybook::review
