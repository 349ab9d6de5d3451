// SPDX-License-Identifier: Apache-2.0
//
// What an agent admits about its own work in a message: a workaround it used, or
// work it put off. Descriptions of code, offers, conditions, quotes and removals are
// no admissions. Pure; thread-safe.
#pragma once

#include <span>
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

// Where the agent must stand in the sentence.
enum class Subject : unsigned char {
  Own,   // "I ...", "let me ...", or a sentence that begins with the deed
  Any,   // the phrase says it all
  Sure,  // the same, also where it sounds like an offer or says "not"
};

struct Phrase {
  SignalKind kind;
  const char* label;
  double confidence;
  Subject subject;
  const char* pattern;  // RE2, over one sentence of the agent's own words
};
[[nodiscard]] std::span<const Phrase> admission_phrases();

// At most one of each kind: the surest, of equals the first.
[[nodiscard]] std::vector<Admission> find_admissions(std::string_view message);

}  // namespace daybook::review
