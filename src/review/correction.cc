// SPDX-License-Identifier: Apache-2.0
#include "review/correction.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/regex.h"

namespace daybook::review {
namespace {

constexpr std::size_t kFewestWordBytes = 3;  // less says nothing
constexpr std::size_t kOpeningBytes = 450;   // cues behind it are of specifications
constexpr std::size_t kFewestInStatement = 8;
constexpr std::size_t kReplyCharacters = 300;  // of the agent's answer are looked at
constexpr std::size_t kClaimBytes = 700;       // at the end of its message

// Turns of middling length are mostly new requests.
constexpr std::size_t kMiddlingFrom = 200;
constexpr std::size_t kMiddlingTo = 600;

// Weights of evidence, in log-odds: fitted to the labelled turns, see docs/detectors.md.
constexpr double kPrior = -1.25;  // of a turn with no evidence at all
constexpr std::array<std::pair<CueKind, double>, 10> kWeights = {{
    {CueKind::Blames, 1.5},
    {CueKind::No, 1.75},
    {CueKind::Objects, 0.2},
    {CueKind::Persists, 1.6},
    {CueKind::Malfunction, 0.75},
    {CueKind::Swears, 1.05},
    {CueKind::Negates, 0.9},
    {CueKind::Needs, 0.7},
    {CueKind::Agrees, -0.7},
    {CueKind::Wishes, -0.85},
}};
constexpr double kTroubleStated = 0.9;  // tells of trouble, in a statement
constexpr double kStatedAfterClaim = 0.85;
constexpr double kInterrupted = 1.25;
constexpr double kAgentAdmits = 2.15;
constexpr double kAgentMends = 0.7;
constexpr double kAsks = -0.55;
constexpr double kCommands = -1.2;  // who stops the agent commands: no new request
constexpr double kAsked = -0.5;
constexpr double kMiddling = -0.55;

// The agent admits a mistake.
const RE2& admission() {
  static const RE2 pattern(
      R"((?im)you(?:'|’)?re (?:absolutely |completely |totally |quite |100% )?(?:right|correct))"
      R"(|you are (?:absolutely |completely )?(?:right|correct)|(?:good|great|nice) )"
      R"((?:catch|point|call|eye)|my (?:mistake|bad|apologies|fault)|\bsorry\b|apologi[sz]e)"
      R"(|\bi (?:misunderstood|misread|missed|overlooked|forgot|should have|shouldn't have)"
      R"(|made a mistake|was wrong)|\boops|fair (?:point|enough)|thanks for )"
      R"((?:catching|pointing|the correction)|that was (?:wrong|my)|^(?:ah|oh|hmm|wait)\b)");
  return pattern;
}
// It praises a question, which is none.
const RE2& flattery() {
  static const RE2 pattern(R"((?i)right to (?:question|consider|be|ask|think|want|wonder)\b)");
  return pattern;
}
const RE2& mending() {
  static const RE2 pattern(
      R"((?i)(?:let me|i'll|i will|i need to|we need to|let's|going to) (?:\w+ )?(?:fix|correct)"
      R"(|address|resolve|revert|undo|remove|restore|adjust|debug|clean|simplify|change it)"
      R"(|rename|redo|check what))");
  return pattern;
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

// The sum of the evidence, and what of it speaks for a correction.
class Evidence {
 public:
  // A no that answers a question of the agent is no evidence.
  Evidence(std::string_view turn, bool answers) {
    look_for_cues(turn.substr(0, kOpeningBytes));
    for (const auto& [kind, weight] : kWeights) {
      const bool refuses = kind == CueKind::Objects || kind == CueKind::No;
      const bool polite = refuses && has(CueKind::PoliteNo);
      add_cues(kind, has(kind) && !polite && !(answers && kind == CueKind::No), weight);
    }
  }

  [[nodiscard]] bool has(CueKind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }

  void add(bool there, double weight, std::string_view reason = {}) {
    if (!there) return;
    sum_ += weight;
    if (weight > 0) tell(reason);
  }

  // As add(), with the reasons and the place of the cues of this kind.
  void add_cues(CueKind kind, bool there, double weight) {
    if (!there) return;
    sum_ += weight;
    for (const Found& found : found_) {
      if (found.cue->kind == kind) tell(found.cue->reason);
    }
    note_place(kind, weight);
  }

  [[nodiscard]] Judgement judge() const {
    return {.confidence = 1 / (1 + std::exp(-sum_)), .reason = reason_, .place = place_};
  }

 private:
  struct Found {
    const Cue* cue;
    Span place;
  };

  void look_for_cues(std::string_view opening) {
    for (const CompiledCue& compiled : compiled_cues()) {
      re2::StringPiece match;
      if (!compiled.pattern->Match(piece(opening), 0, opening.size(), RE2::UNANCHORED, &match, 1)) {
        continue;
      }
      const auto begin = static_cast<std::size_t>(match.data() - opening.data());
      found_.push_back({compiled.cue, {.begin = begin, .end = begin + match.size()}});
      kinds_.set(static_cast<std::size_t>(compiled.cue->kind));
    }
  }

  void tell(std::string_view reason) {
    if (reason.empty() || reason_.find(reason) != std::string::npos) return;
    reason_.append(reason_.empty() ? "" : "; ").append(reason);
  }

  void note_place(CueKind kind, double weight) {
    if (weight <= strongest_) return;
    strongest_ = weight;
    place_ = std::ranges::find(found_, kind, [](const Found& f) { return f.cue->kind; })->place;
  }

  std::vector<Found> found_;
  std::bitset<32> kinds_;
  double sum_ = kPrior;
  double strongest_ = 0;
  std::string reason_;
  Span place_;
};

}  // namespace

Judgement judge_turn(std::string_view turn, const TurnContext& context, std::string_view reply) {
  const std::string_view words = trimmed(turn);
  const std::size_t length = count_word_bytes(words);
  if (!context.agent_before || length < kFewestWordBytes) return {};
  Evidence evidence(words, context.asked);
  const bool asks =
      !evidence.has(CueKind::Blames) && (words.ends_with('?') || evidence.has(CueKind::Asks));
  const bool states = evidence.has(CueKind::Subject) && !asks && !evidence.has(CueKind::Commands) &&
                      length >= kFewestInStatement;
  evidence.add_cues(CueKind::Trouble, states && evidence.has(CueKind::Trouble), kTroubleStated);
  evidence.add(states && context.claimed, kStatedAfterClaim, "after the agent said it was done");
  evidence.add(context.interrupted && !asks && !evidence.has(CueKind::Agrees), kInterrupted,
               "the user had stopped the agent");
  const std::string_view answer = first_characters(reply, kReplyCharacters);
  evidence.add(matches(answer, admission()) && !matches(answer, flattery()), kAgentAdmits,
               "the agent admits it");
  evidence.add(matches(answer, mending()), kAgentMends, "the agent sets out to mend it");
  evidence.add(asks && evidence.has(CueKind::Asks), kAsks);
  evidence.add(evidence.has(CueKind::Commands) && !context.interrupted, kCommands);
  evidence.add(context.asked, kAsked);
  evidence.add(length > kMiddlingFrom && length <= kMiddlingTo, kMiddling);

  Judgement judgement = evidence.judge();
  const auto start = static_cast<std::size_t>(words.data() - turn.data());
  judgement.place.begin += start;
  judgement.place.end += start;
  return judgement;
}

bool ends_with_question(std::string_view text) {
  std::string_view end = trimmed(text);
  while (!end.empty() && (end.back() == '*' || end.back() == '_' || end.back() == ')')) {
    end.remove_suffix(1);
  }
  return end.ends_with('?');
}

bool claims_success(std::string_view text) {
  static const RE2 pattern(
      R"((?i)should (?:now )?(?:be|work|resolve|fix|properly|display|see|show|correctly|have))"
      R"(|now (?:be|work|display|use|have|correctly|properly|include|support|match))"
      R"(|\b(?:fixed|resolved|successfully|completed?|is ready|are ready|all set|done)"
      R"(|try (?:it|again|this|running|clicking)|refresh|perfectly|implemented|updated)\b|✅|🎉)");
  return matches(last_bytes(text, kClaimBytes), pattern);
}

}  // namespace daybook::review
