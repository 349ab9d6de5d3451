// SPDX-License-Identifier: Apache-2.0
#include "review/correction.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace daybook::review {
namespace {

constexpr std::size_t kFewestWordBytes = 3;       // less says nothing
constexpr std::size_t kOutburstBytes = 14;        // no more than an exclamation
constexpr std::size_t kOpeningBytes = 330;        // cues behind it count less: specifications
constexpr std::size_t kLongTurnBytes = 800;       // a text of this length is rarely a correction
constexpr std::size_t kReplyCharacters = 200;     // of the agent's answer are looked at
constexpr std::size_t kQuestionCharacters = 300;  // at the end of the agent's message

// Factors on what the cues say together.
constexpr double kBehindOpening = 0.4;
constexpr double kAskedFor = 0.4;     // a cue inside a question or a request
constexpr double kNothingDone = 0.7;  // a cue about work, when there was none
constexpr double kPraise = 0.5;
constexpr double kAgreement = 0.6;
constexpr double kAgreementWhenAsked = 0.45;
constexpr double kRequest = 0.7;
constexpr double kQuestion = 0.6;
constexpr double kAnswer = 0.8;
constexpr double kNoAsAnswer = 0.45;
constexpr double kReviewPaste = 0.6;

constexpr double kAdmission = 0.45;  // the agent says that the user is right
constexpr double kInterruptedStatement = 0.52;
constexpr double kOutburst = 0.6;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool matches(std::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(piece(text), pattern);
}

struct CompiledCue {
  const Cue* cue;
  std::unique_ptr<RE2> pattern;
};

const std::vector<CompiledCue>& compiled_cues() {
  static const std::vector<CompiledCue> compiled = [] {
    std::vector<CompiledCue> all;
    for (const Cue& cue : correction_cues()) {
      all.push_back({&cue, std::make_unique<RE2>("(?im)" + std::string(cue.pattern))});
    }
    return all;
  }();
  return compiled;
}

// Yes, thanks, and the like.
const RE2& agreement() {
  static const RE2 pattern(
      R"((?i)^(?:yes|yeah|yep|yup|ok|okay|sure|great|perfect|thanks|thank you|thx|cool|nice)"
      R"(|good|awesome|lgtm|sounds good|alright|all good|go ahead|go for it|agreed|correct)"
      R"(|right|exactly|i like)\b)");
  return pattern;
}
const RE2& request() {
  static const RE2 pattern(
      R"((?i)^(?:(?:ok|okay|alright|now|next|also|and|so|great|thanks|perfect)"
      R"(|hey)[ ,.!]+)*(?:(?:can|could|would|will) (?:you|we)|please|let'?s|add|create|make)"
      R"(|write|implement|fix|update|now|next|i want|i'd like|i would like|we need|we should)"
      R"(|investigate|explain|check|run|read|show|open|commit|push|help|use|rename|move|copy)"
      R"(|think|refactor|build|set up)\b)");
  return pattern;
}
const RE2& question() {
  static const RE2 pattern(
      R"((?i)^(?:(?:ok|okay|hm+|so|and|but|well)[ ,]+)*(?:is|are|was|were|do|does|did|can)"
      R"(|could|should|would|will|what|what's|how|which|where|when|who|any|have|has)\b)");
  return pattern;
}
const RE2& praise() {
  static const RE2 pattern(
      R"((?i)\b(?:that'?s it|(?:it )?works now|it works|working now|fixed it|looks good)"
      R"(|perfect|much better|good job|well done|that'?s all|renders? (?:the same|correctly)"
      R"(|fine))\b)");
  return pattern;
}
const RE2& polite_no() {
  static const RE2 pattern(
      R"((?i)^no\W+(?:problem|worries|need[,. ]|rush|thanks|thank|idea|issues?\b|more\b)"
      R"(|that'?s (?:all|it|fine)|i think we))");
  return pattern;
}
const RE2& review_paste() {
  static const RE2 pattern(R"((?i)\b(?:high|medium|low|critical) severity\b|\bseverity:)");
  return pattern;
}
const RE2& admission() {
  static const RE2 pattern(
      R"((?i)you(?:'|’)?re (?:absolutely |completely |totally |quite |100% )?right)"
      R"(|you are (?:absolutely |completely )?right|(?:good|great|nice) (?:catch|point|call))"
      R"(|my (?:mistake|bad|apologies|fault)|\bsorry\b|apologi[sz]e|\bi (?:misunderstood)"
      R"(|misread|missed|overlooked|forgot|should have|shouldn't have|made a mistake)"
      R"(|was wrong)|\boops|fair (?:point|enough)|thanks for (?:catching|pointing)"
      R"(|the correction)|that was (?:wrong|my))");
  return pattern;
}

struct Evidence {
  CueKind kind = CueKind::No;
  double weight = 0;
  const char* reason = "";
  Span place;
};

bool is_soft(CueKind kind) {
  switch (kind) {
    case CueKind::Still:
    case CueKind::Broken:
    case CueKind::Forbids:
    case CueKind::Contrast:
    case CueKind::Should:
    case CueKind::Hesitates:
      return true;
    default:
      return false;
  }
}

// Commands to undo or to keep from doing something begin like requests, and are none.
bool is_command(CueKind kind) {
  return kind == CueKind::TakeBack || kind == CueKind::Stop || kind == CueKind::Forbids ||
         kind == CueKind::Contrast;
}

double weight_here(const Cue& cue, const Span& place, std::string_view turn,
                   const TurnContext& context) {
  double weight = cue.weight;
  const Span span = sentence_at(turn, place.begin, place.end);
  const auto sentence = trimmed(turn.substr(span.begin, span.end - span.begin));
  const bool asks = sentence.ends_with('?');
  if (asks && is_soft(cue.kind) &&
      (matches(sentence, question()) || matches(sentence, request()))) {
    weight *= kAskedFor;
  }
  const bool about_work = cue.kind == CueKind::Broken || cue.kind == CueKind::Forbids;
  if (about_work && !context.worked) weight *= kNothingDone;
  if (cue.kind == CueKind::No && context.asked) weight *= kNoAsAnswer;
  if (count_word_bytes(turn.substr(0, place.begin)) > kOpeningBytes) weight *= kBehindOpening;
  return weight;
}

std::optional<Span> find_cue(const CompiledCue& compiled, std::string_view turn) {
  re2::StringPiece found;
  if (!compiled.pattern->Match(piece(turn), 0, turn.size(), RE2::UNANCHORED, &found, 1)) {
    return std::nullopt;
  }
  const auto begin = static_cast<std::size_t>(found.data() - turn.data());
  return Span{.begin = begin, .end = begin + found.size()};
}

void keep_strongest(std::vector<Evidence>& all, const Evidence& evidence) {
  const auto same = std::ranges::find(all, evidence.kind, &Evidence::kind);
  if (same == all.end()) {
    all.push_back(evidence);
  } else if (same->weight < evidence.weight) {
    *same = evidence;
  }
}

std::vector<Evidence> collect(std::string_view turn, const TurnContext& context) {
  std::vector<Evidence> all;
  for (const CompiledCue& compiled : compiled_cues()) {
    const auto place = find_cue(compiled, turn);
    if (!place) continue;
    const Cue& cue = *compiled.cue;
    if (cue.kind == CueKind::No && matches(turn, polite_no())) continue;
    keep_strongest(all, {.kind = cue.kind,
                         .weight = weight_here(cue, *place, turn, context),
                         .reason = cue.reason,
                         .place = *place});
  }
  const auto outburst = std::ranges::find(all, CueKind::Exasperated, &Evidence::kind);
  if (outburst != all.end() && count_word_bytes(turn) <= kOutburstBytes) {
    outburst->weight = kOutburst;
  }
  return all;
}

double scale(std::string_view turn, const TurnContext& context, const std::vector<Evidence>& all) {
  const bool commands =
      std::ranges::any_of(all, [](const Evidence& evidence) { return is_command(evidence.kind); });
  double factor = 1;
  if (matches(turn, praise())) factor *= kPraise;
  if (matches(turn, review_paste())) factor *= kReviewPaste;
  if (count_word_bytes(turn) > kLongTurnBytes) factor *= kAnswer;
  if (context.interrupted) return factor;
  const bool agrees = matches(turn, agreement());
  if (agrees) {
    factor *= context.asked ? kAgreementWhenAsked : kAgreement;
  } else if (matches(turn, request())) {
    factor *= commands ? 1 : kRequest;
  } else if (turn.ends_with('?') && matches(turn, question())) {
    factor *= kQuestion;
  }
  if (context.asked && !agrees) factor *= kAnswer;
  return factor;
}

// "after an interrupt" and "the agent admits it": evidence beside the turn's own words.
double beside(std::string_view turn, const TurnContext& context, std::string_view reply,
              std::string& reason) {
  double doubt = 1;
  const auto add = [&](double weight, std::string_view why) {
    doubt *= 1 - weight;
    reason.append(reason.empty() ? "" : "; ").append(why);
  };
  const bool states = !turn.ends_with('?') && std::ranges::count(turn, ' ') >= 2;
  if (context.interrupted && states) add(kInterruptedStatement, "the user had stopped the agent");
  if (matches(first_characters(reply, kReplyCharacters), admission())) {
    add(kAdmission, "the agent admits it");
  }
  return doubt;
}

}  // namespace

Judgement judge_turn(std::string_view words, const TurnContext& context, std::string_view reply) {
  const std::string_view turn = trimmed(words);
  if (!context.agent_before || count_word_bytes(turn) < kFewestWordBytes) return {};
  std::vector<Evidence> all = collect(turn, context);
  std::ranges::stable_sort(all, std::ranges::greater{}, &Evidence::weight);

  Judgement judgement;
  double doubt = 1;
  for (const Evidence& evidence : all) {
    doubt *= 1 - evidence.weight;
    judgement.reason.append(judgement.reason.empty() ? "" : "; ").append(evidence.reason);
  }
  doubt *= beside(turn, context, reply, judgement.reason);
  judgement.confidence = (1 - doubt) * scale(turn, context, all);
  const auto start = static_cast<std::size_t>(turn.data() - words.data());
  if (!all.empty()) judgement.place = all.front().place;
  judgement.place.begin += start;
  judgement.place.end += start;
  return judgement;
}

bool ends_with_question(std::string_view text) {
  static const RE2 invitation(
      R"((?i)let me know|which (?:way|one|do you)|shall i|should i|want me to)");
  const std::string_view end = trimmed(text);
  const std::string_view tail = end.substr(end.size() - std::min(end.size(), kQuestionCharacters));
  return tail.ends_with('?') || matches(tail.substr(tail.size() / 2), invitation);
}

}  // namespace daybook::review
