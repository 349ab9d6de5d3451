// SPDX-License-Identifier: Apache-2.0
//
// What an agent admits about its own work in a message: a workaround it used, or
// work it put off. Descriptions of code, offers, conditions, quotes and removals are
// no admissions. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/review.h"

namespace daybook::review {

struct Admission {
  SignalKind kind = SignalKind::Workaround;  // or Deferral
  std::string label;                         // the phrase, such as "for now"
  std::string sentence;
  double confidence = 0;
  std::string reason;
};

// At most one of each kind: the surest, of equals the first.
[[nodiscard]] std::vector<Admission> find_admissions(std::string_view message);

}  // namespace daybook::review
