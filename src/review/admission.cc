// SPDX-License-Identifier: Apache-2.0
#include "review/admission.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "review/prose.h"

namespace daybook::review {
namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
bool matches(std::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(piece(text), pattern);
}

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
  const char* pattern;
};

constexpr SignalKind kWorkaround = SignalKind::Workaround;
constexpr SignalKind kDeferral = SignalKind::Deferral;

// Marks of unfinished work are written in two parts: this file has none itself.
const std::vector<Phrase>& phrases() {
  static const std::vector<Phrase> all = {
      {kDeferral, "come back later", 0.7, Subject::Own,
       R"((?i)\b(?:come|circle|get) back to (?:this|that|it|these|those|them|the)\b)"},
      {kDeferral, "deferring", 0.75, Subject::Own,
       R"((?i)\b(?:defer(?:ring|red)?|postpon(?:e|ing|ed)) (?:this|that|it|these|those|the \w+)"
       R"(|until)\b)"},
      {kDeferral, "leave for later", 0.7, Subject::Own,
       R"((?i)\b(?:leav(?:e|ing)|left|sav(?:e|ing)|tackl(?:e|ing)|handl(?:e|ing))"
       R"(|address(?:ing)?|revisit(?:ing)?) (?:this|that|it|them|these|those)"
       R"(|the \w+(?: \w+){0,3}) (?:for |until |in |to )?(?:later|a later|a follow-?up)"
       R"(|a separate|another|the next|next|future)\b)"},
      {kDeferral, "skipping for now", 0.75, Subject::Own,
       R"((?i)\b(?:skip(?:ping|ped)?|park(?:ing|ed)?|punt(?:ing|ed)?(?: on)?|leav(?:e|ing))"
       R"(|left)\b.{0,50}\bfor now\b)"},
      {kDeferral, "for now", 0.65, Subject::Own,
       R"((?i)^\W*for now,? .{0,40}\b(?:focus|limit|start with|only|just)\b)"
       R"(|\b(?:focus(?:ing)?|limit(?:ing)?|concentrat\w+|just|only)\b.{1,80}\bfor now\b)"},
      {kDeferral, "deferring", 0.75, Subject::Any,
       R"((?i)\b(?:deferred|postponed|pushed|moved|left) (?:to|until|for) (?:a |the )?(?:phase)"
       R"(|later|next|future|follow-?up|v\d|version|milestone|tomorrow|another)\b)"},
      {kDeferral, "separate task", 0.65, Subject::Sure,
       R"((?i)\b(?:is|be|as|in) a (?:new|separate|follow-?up|future)(?:,? [\w-]+){0,3})"
       R"( (?:task|subtask|ticket|story|pr|pull request)\b|\ba (?:new|separate|follow-?up))"
       R"( (?:task|ticket|issue|story|pr)\b.{0,30}\bshould be (?:created|opened|filed)\b)"},
      {kDeferral, "leave as is", 0.6, Subject::Sure,
       R"((?i)\b(?:we|i)(?: can|'ll| will| could|'d)? leave (?:this|that|it|those|these|them))"
       R"( as (?:it is|they are|is)\b)"},
      {kDeferral, "punt", 0.7, Subject::Own,
       R"((?i)\bpunt(?:ing|ed)? on (?:this|that|it|these|the)\b)"},
      {kDeferral, "next session", 0.6, Subject::Own,
       R"((?i)\b(?:in|for|until|to) (?:the |a |our |another )?(?:next|later|future|follow-?up)"
       R"(|separate) (?:session|pr|pull request|commit|pass|iteration|phase|change|ticket)"
       R"(|issue|release)\b)"},
      {kDeferral, "out of scope", 0.6, Subject::Own,
       R"((?i)\bnot (?:doing|tackling|addressing|implementing|fixing|handling) (?:this|that|it)"
       R"(|them) (?:now|yet|here|today)\b|\b(?:left|leaving|leave) (?:it |this |that )"
       R"(|them )?(?:as )?(?:out of scope|future work|a follow-?up)\b)"},
      {kWorkaround, "because it is blocked", 0.65, Subject::Sure,
       R"((?is)\b(?:since|because|as)\b.{3,80}\b(?:isn'?t|not|can'?t|cannot|won'?t|doesn'?t|no longer)"
       R"(|fail\w*|broken|unavailable|blocked|missing|issues?|bugs?|problems?|trouble)\b.{0,60},? (?:let me|i'?ll)"
       R"(|i will|let's)\b.{0,30}\b(?:manual\w*|copy|duplicat\w+|skip\w*|hard-?cod\w+|mock\w*)"
       R"(|stub\w*|fake|bypass\w*|disabl\w+|instead|directly|simpl\w+|(?:a )?different|fallback|reason)\b)"
       R"(|\b(?:broken|not working|unavailable|blocked)\b\W{1,5}(?:so )?(?:let me|i'?ll|i will) )"
       R"((?:use|write|copy|do|try)\b)"
       R"(|\b(?:let me|i'?ll|i will|let's)\b.{3,60}\bmanually\b.{0,40}\b(?:since|because|as))"
       R"( .{3,60}\b(?:isn'?t|not|can'?t|cannot|won'?t|doesn'?t|fail\w*|broken)\b)"},
      {kWorkaround, "just", 0.6, Subject::Own,
       R"((?i)\b(?:let me|i'?ll|i will|let's) just (?:duplicate|copy|insert|hard-?code|skip|mock|stub|fake)"
       R"(|ignore|disable|comment out|bypass|remove|delete|use a (?:slightly |simpler )"
       R"(|different )|create a (?:variation|simple|dummy|fake|copy))\b)"},
      {kWorkaround, "placeholder", 0.6, Subject::Own,
       R"((?i)\b(?:let me|let's|i'?ll|i'?ve|i|we'?ll|we)\b.{0,20}\b(?:creat|add|us|writ|put|insert|return)"
       R"(|generat)\w*\b.{0,20}\b(?:placeholder|dummy|stub|fake) (?:\w+ )?(?:implementations?|values?)"
       R"(|data|functions?|classes|class|methods?|versions?|modules?|responses?|results?)\b)"},
      {kWorkaround, "workaround", 0.7, Subject::Sure,
       R"((?i)\b(?:that|this|it)(?:'s| is) (?:only |just )?a (?:\w+ )?work-?around\b)"
       R"(|\bthis work-?around will\b)"},
      {kWorkaround, "workaround", 0.75, Subject::Own,
       R"((?i)\bas a (?:\w+ )?work-?around\b|\bwork(?:ing|ed)? around (?:it|this|that|the|a)"
       R"(|an)\b|\b(?:us(?:e|ed|ing)|appl(?:y|ied|ying)|add(?:ed|ing)?|with|need(?:ed)?|is)"
       R"(|which is) (?:a |an |the same |this |that |another )(?:\w+ ){0,2}work-?around\b)"},
      {kWorkaround, "temporary", 0.7, Subject::Own,
       R"((?i)\btemporarily (?:disabl|skip|remov|comment|bypass|revert|relax|turn|switch|hard)"
       R"(|patch|allow|pin|downgrad|ignor|stub|mock|rais|lower)\w*)"
       R"(|\b(?:us(?:e|ed|ing)|add(?:ed|ing)?) a temporary (?:\w+ )?(?:fix|workaround|hack)"
       R"(|solution|patch|shim|stub|bypass|fallback|override|replacement|substitute)\b)"},
      {kWorkaround, "temporary", 0.7, Subject::Any,
       R"((?i)\b(?:as a|this is a|it'?s a|a purely) temporary (?:fix|workaround|hack|solution)"
       R"(|measure|patch|shim|stub|bypass|fallback|override)\b)"},
      {kWorkaround, "hardcoded", 0.7, Subject::Own,
       R"((?i)\b(?:i|we|i'?ve|i'?ll|we'?ll|let me|let's|just)\W+(?:\w+\W+){0,2}hard-?cod(?:e)"
       R"(|ed|ing)\b|^\W*hard-?coding\b)"},
      {kWorkaround, "for now", 0.75, Subject::Own,
       R"((?i)\b(?:hard-?cod|skip|disabl|stub|mock|comment(?:ed|ing)? out|suppress)"
       R"(|bypass|fall(?:ing)? back|simplif|placeholder|dummy|fake|as[- ]is|manual|just us)"
       R"(|us(?:e|ing)|keep|stick|copy|duplicat|pin|force|cap|limit)"
       R"(|accept|set|fixed|rais|lower|bump)\w*\b.{0,100}\bfor now\b)"
       R"(|\bfor now\b.{0,40}\b(?:hard-?cod|skip|disabl|stub)"
       R"(|mock|ignor|suppress|bypass|fall back|simplif|us(?:e|ing)|keep|stick)\w*)"},
      {kWorkaround, "for now", 0.65, Subject::Any,
       R"((?i)^\W*for now,? (?:let me|i'?ll|i will|we'?ll) )"},
      {kWorkaround,
       "TO"
       "DO",
       0.7, Subject::Any,
       R"(\b(?:[Ll]eft|[Ll]eaving|[Aa]dded|[Aa]dding|[Pp]ut) (?:a |an |some )"
       R"(|the )?(?:\w+ )?TOD[O]s?\b|^\W*TOD[O]\b(?:\([^)]*\))?:)"},
      {kWorkaround,
       "FIX"
       "ME",
       0.7, Subject::Any,
       R"(\b(?:[Ll]eft|[Ll]eaving|[Aa]dded|[Aa]dding|[Pp]ut) (?:a |an |some )"
       R"(|the )?(?:\w+ )?FIXM[E]s?\b|^\W*FIXM[E]\b(?:\([^)]*\))?:)"},
      {kWorkaround, "quick fix", 0.65, Subject::Own,
       R"((?i)\b(?:quick|dirty|quick[- ]and[- ]dirty|band-?aid|stop-?gap) (?:fix|hack|solution)"
       R"(|patch|workaround)\b|\b(?:is|as) a (?:band-?aid|stop-?gap)\b|\bnot (?:a)"
       R"(|the) proper (?:fix|solution)\b)"},
      {kWorkaround, "hack", 0.65, Subject::Own,
       R"((?i)\b(?:is|as|used|using|with) (?:a |an )(?:bit of a |bit |little |ugly |dirty )"
       R"(|quick |slightly )*hack(?:y)?\b|\bhack(?:ed|ing)? around\b)"},
  };
  return all;
}

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
    for (const Phrase& phrase : phrases()) {
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
      R"(|separate|scope|broken|unavailable|blocked|since|because|just|placeholder|dummy|stub|fake|leave|manually|task|ticket)");
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
      if (deferred && phrase.kind == kWorkaround) continue;
      if (!compiled.pattern->Match(piece(trimmed(sentence)), 0, trimmed(sentence).size(),
                                   RE2::UNANCHORED, &match, 1)) {
        continue;
      }
      const auto place = static_cast<std::size_t>(match.data() - words.data());
      const auto reason = admitted(phrase, sentence, place - span.begin, match.size());
      if (!reason) continue;
      deferred = deferred || phrase.kind == kDeferral;
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
