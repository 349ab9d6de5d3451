// SPDX-License-Identifier: Apache-2.0
//
// Is a user's turn a correction of what the agent did? A turn is one when it has
// corrective content: cues, each with a weight that says how often a turn with it
// is a correction. Independent cues add up (1 - product of the doubts); what speaks
// against a correction (a yes, an answer to a question, a new request) scales the
// sum down. docs/detectors.md lists the cues. Pure; thread-safe.
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
  bool worked = false;        // it called tools since the user's last turn
  bool asked = false;         // its last words were a question
  bool interrupted = false;   // the user stopped it or refused a call, and then wrote this
};

struct Judgement {
  double confidence = 0;
  std::string reason;  // in words: what speaks for it
  Span place;          // of the strongest cue in the text
};

// What kind of evidence a cue is; of several cues of one kind the strongest counts.
enum class CueKind : unsigned char {
  No,
  NotRight,
  Agent,  // says what the agent did
  TakeBack,
  Still,
  Broken,
  Stop,
  Forbids,
  Contrast,
  Repeats,
  Expected,
  Disagrees,
  Exasperated,
  Again,
  NewCourse,
  Should,
  Hesitates,
};

struct Cue {
  CueKind kind;
  double weight;
  const char* pattern;  // RE2, over the user's own words, without regard to case
  const char* reason;
};
[[nodiscard]] std::span<const Cue> correction_cues();

// `words` is own_words(text); `reply` what the agent said next, empty when unknown.
[[nodiscard]] Judgement judge_turn(std::string_view words, const TurnContext& context,
                                   std::string_view reply);

// Does a message of the agent end with a question to the user?
[[nodiscard]] bool ends_with_question(std::string_view text);

}  // namespace daybook::review
