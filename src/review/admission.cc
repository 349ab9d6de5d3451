// SPDX-License-Identifier: Apache-2.0
#include "review/admission.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/regex.h"
#include "review/prose.h"

namespace daybook::review {
namespace {

const RE2& offer() {
  static const RE2 pattern(
      R"((?i)\b(?:if (?:you|we|they|the|this|that|it)|want me to|would you|shall i|should (?:i)"
      R"(|we)|do you want|could|can (?:i|we|you)|you (?:may|might|need|should|would)|might)"
      R"(|option|alternatively|either|recommend\w*|suggest\w*|happy to|feel free|let me know)"
      R"(|instead of|rather than|unless|whether)\b)");
  return pattern;
}
const RE2& undoing() {
  static const RE2 pattern(
      R"((?i)\b(?:remov\w*|no longer|without|avoid\w*|replac(?:ed?|es|ing)|dropp?\w*|got rid)"
      R"(|get rid|clean\w* up|delet\w*|eliminat\w*|no need|not need\w*|isn'?t|wasn'?t|aren'?t)"
      R"(|not an?)\b)");
  return pattern;
}
const RE2& existing() {
  static const RE2 pattern(
      R"((?i)\b(?:existing|current(?:ly)?|previous(?:ly)?|original(?:ly)?|upstream|the (?:old)"
      R"(|code|function|file|test|docs?|comment|repo|user|author|issue|bug|finding)\w*)"
      R"(|it (?:was|has|is|uses|used)|there (?:is|are|was|were)|they|already (?:in|has|have)"
      R"(|had))\b)");
  return pattern;
}
const RE2& own_deed() {
  static const RE2 pattern(
      R"((?i)\b(?:i|i'?ll|i'?ve|i'?m|i'?d|we|we'?ll|we'?re|let me|let'?s|my)\b)"
      R"(|^\W*(?:for now,? )?(?:\w+ly )?(?:(?:hard-?cod|skipp|disabl|stubb|mock|leav|us|comment)"
      R"(|suppress|bypass|work|ignor|patch|add|fall|park|punt|deferr|postpon|pinn|forc|revert))"
      R"((?:ed|ing)|left|fell|kept)\b)");
  return pattern;
}

// A text with patterns made once.
struct CompiledPhrase {
  const Phrase* phrase;
  std::unique_ptr<RE2> pattern;
};

const std::vector<CompiledPhrase>& compiled_phrases() {
  static const std::vector<CompiledPhrase> compiled = [] {
    std::vector<CompiledPhrase> all;
    for (const Phrase& phrase : admission_phrases()) {
      all.push_back({&phrase, std::make_unique<RE2>(phrase.pattern)});
    }
    return all;
  }();
  return compiled;
}

// Most messages hold none of the words that any phrase needs.
bool may_admit(std::string_view words) {
  static const RE2 any(
      R"((?i)for now|later|work-?(?:ing |ed )?around|temporar|hard-?cod|todo|fixme|quick|dirty)"
      R"(|hack|band-?aid|stop-?gap|proper|back to|defer|postpon|punt|next|follow-?up|future)"
      R"(|separate|scope|phase|version|v\d|milestone|tomorrow|another|not working|trouble|broken)"
      R"(|unavailable|blocked|since|because|\bas\b|just|placeholder|dummy|stub|fake|leave)"
      R"(|manually|task|ticket|story|pull request|\bpr\b)");
  return matches(words, any);
}

std::optional<std::string> admitted(const Phrase& phrase, std::string_view sentence,
                                    std::size_t place, std::size_t size) {
  const std::string_view said = trimmed(sentence);
  if (said.ends_with('?')) return std::nullopt;
  if (phrase.subject == Subject::Sure) return "the agent says it of its work";
  if (matches(sentence, offer())) return std::nullopt;
  if (matches(sentence.substr(0, place + size), undoing())) return std::nullopt;
  if (phrase.subject == Subject::Any) return "the agent says it of its work";
  if (!matches(said, own_deed())) return std::nullopt;
  if (matches(sentence.substr(0, place), existing())) return std::nullopt;
  return "the agent says what it did";
}

}  // namespace

std::vector<Admission> find_admissions(std::string_view message) {
  const std::string words = own_words(message);
  std::vector<Admission> found;
  if (!may_admit(words)) return found;
  for (std::size_t at = 0; at < words.size();) {
    const Span span = sentence_at(words, at, at);
    const auto sentence = std::string_view(words).substr(span.begin, span.end - span.begin);
    bool deferred = false;
    for (const CompiledPhrase& compiled : compiled_phrases()) {
      re2::StringPiece match;
      const Phrase& phrase = *compiled.phrase;
      if (deferred && phrase.kind == SignalKind::Workaround) continue;
      if (!compiled.pattern->Match(piece(trimmed(sentence)), 0, trimmed(sentence).size(),
                                   RE2::UNANCHORED, &match, 1)) {
        continue;
      }
      const auto place = static_cast<std::size_t>(match.data() - words.data());
      const auto reason = admitted(phrase, sentence, place - span.begin, match.size());
      if (!reason) continue;
      deferred = deferred || phrase.kind == SignalKind::Deferral;
      const auto same = std::ranges::find(found, phrase.kind, &Admission::kind);
      if (same != found.end() && same->confidence >= phrase.confidence) continue;
      if (same != found.end()) found.erase(same);
      found.push_back({phrase.kind, phrase.label,
                       sentence_around(message, words, place, place + match.size()),
                       phrase.confidence, *reason});
    }
    at = std::max(span.end, at + 1);
  }
  return found;
}

}  // namespace daybook::review
