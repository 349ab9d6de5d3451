// SPDX-License-Identifier: Apache-2.0
//
// Sums up what the sessions of a window used: in all, by role, by model, by
// persona. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daybook/review.h"
#include "review/nightly_session.h"

namespace daybook::review {

class SpendTally {
 public:
  void add(const SessionFindings& findings);

  [[nodiscard]] std::optional<Spend> spend() const;  // nothing when no session told its usage
  // With the signals of `entries` counted.
  [[nodiscard]] std::vector<PersonaTally> personas(const std::vector<DigestEntry>& entries) const;
  [[nodiscard]] std::optional<Money> cost_of(const std::string& session) const;

 private:
  Spend spend_;
  std::map<std::string, Money> by_role_;
  std::map<std::string, Money> by_model_;
  std::map<std::string, Money> by_session_;
  std::map<std::string, PersonaTally> personas_;
};

}  // namespace daybook::review
