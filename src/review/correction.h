// SPDX-License-Identifier: Apache-2.0
//
// Is a user's turn a correction of what the agent did? Every piece of evidence has a
// weight, in log-odds: what speaks for a correction adds to the sum, what speaks
// against it takes away, and the sum gives the confidence. Evidence are cues in the
// user's own words, what came before (the agent asked, claimed success, was stopped)
// and how the agent answers. docs/detectors.md tells where the weights come from.
// Pure; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "review/prose.h"

namespace daybook::review {

// What led to a user's turn.
struct TurnContext {
  bool agent_before = false;  // the agent has said or done anything in this session
  bool asked = false;         // its last words were a question
  bool claimed = false;       // its last words said that the work is done, or works now
  bool interrupted = false;   // the user stopped it or refused a call, and then wrote this
};

struct Judgement {
  double confidence = 0;  // 0.5 is where precision and recall meet: docs/detectors.md
  std::string reason;     // in words: what speaks for it
  Span place;             // of the strongest cue in the text
};

// What kind of evidence a cue is; a kind counts once, however many of its cues match.
enum class CueKind : unsigned char {
  No,           // begins with a no, or a don't
  Blames,       // says what the agent did wrong, or was told before
  Objects,      // objects to something, or does not want it
  Persists,     // "still", "the same error", "nothing changed"
  Malfunction,  // names a bad state: empty, stuck, duplicated, ...
  Trouble,      // tells of any trouble; counts where the turn is a statement
  Swears,
  Negates,
  Needs,     // "it should", "it needs to"
  Subject,   // begins as a statement does; counts only with others
  Agrees,    // from here on: against a correction
  Wishes,    // "I would like", "how do I"
  Asks,      // begins as a question does
  Commands,  // begins with a request for something to do
  PoliteNo,  // a no that rejects nothing
};

struct Cue {
  CueKind kind;
  const char* pattern;  // RE2, over the user's own words, without regard to case
  const char* reason;   // empty: not worth telling
};
[[nodiscard]] std::span<const Cue> correction_cues();

// `words` is own_words(text); `reply` what the agent said next, empty when unknown.
[[nodiscard]] Judgement judge_turn(std::string_view words, const TurnContext& context,
                                   std::string_view reply);

// Does a message of the agent end with a question to the user?
[[nodiscard]] bool ends_with_question(std::string_view text);
// Does its end say that the work is done, or works now?
[[nodiscard]] bool claims_success(std::string_view text);

}  // namespace daybook::review
