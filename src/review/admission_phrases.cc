// SPDX-License-Identifier: Apache-2.0
//
// The phrases by which an agent admits a workaround or puts work off, as data. Marks
// of unfinished work are written in two parts: this file has none itself. Deferrals
// stand first: a sentence that puts work off is no workaround.
#include <array>

#include "review/admission.h"

namespace daybook::review {
namespace {

constexpr SignalKind kWorkaround = SignalKind::Workaround;
constexpr SignalKind kDeferral = SignalKind::Deferral;

constexpr auto kPhrases = std::to_array<Phrase>({
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
     R"(|\b(?:focus(?:ing)?|limit(?:ing)?|concentrat\w+)\b.{1,80}\bfor now\b)"},
    {kDeferral, "deferring", 0.75, Subject::Any,
     R"((?i)\b(?:deferred|postponed|pushed|moved|left) (?:to|until|for) (?:a |the )?(?:phase)"
     R"(|later|next|future|follow-?up|v\d|version|milestone|tomorrow)\b)"},
    {kDeferral, "separate task", 0.65, Subject::Sure,
     R"((?i)\b(?:can|could|should|would|will|to) be (?:done in )?a (?:new|separate|follow-?up)"
     R"(|future)(?:,? [\w-]+){0,3})"
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
     R"((?is)\b(?:since|because|as)\b.{3,80}\b(?:isn'?t|not|can'?t|cannot|won'?t|doesn'?t)"
     R"(|no longer)"
     R"(|fail\w*|broken|unavailable|blocked|missing|issues?|bugs?|problems?)"
     R"(|trouble)\b.{0,60},? (?:let me|i'?ll)"
     R"(|i will|let's)\b.{0,30}\b(?:manual\w*|copy|duplicat\w+|skip\w*|hard-?cod\w+|mock\w*)"
     R"(|stub\w*|fake|bypass\w*|disabl\w+|instead|directly|simpl\w+|(?:a )?different|fallback)"
     R"(|reason)\b)"
     R"(|\b(?:broken|not working|unavailable|blocked)\b\W{1,5}(?:so )?(?:let me|i'?ll|i will) )"
     R"((?:use|write|copy|do|try)\b)"
     R"(|\b(?:let me|i'?ll|i will|let's)\b.{3,60}\bmanually\b.{0,40}\b(?:since|because|as))"
     R"( .{3,60}\b(?:isn'?t|not|can'?t|cannot|won'?t|doesn'?t|fail\w*|broken)\b)"},
    {kWorkaround, "just", 0.6, Subject::Own,
     R"((?i)\b(?:let me|i'?ll|i will|let's) just (?:duplicate|copy|insert|hard-?code|skip|mock)"
     R"(|stub|fake)"
     R"(|ignore|disable|comment out|bypass|remove|delete|use a (?:slightly |simpler )"
     R"(|different )|create a (?:variation|simple|dummy|fake|copy))\b)"},
    {kWorkaround, "placeholder", 0.6, Subject::Own,
     R"((?i)\b(?:let me|let's|i'?ll|i'?ve|i|we'?ll|we)\b.{0,20}\b(?:creat|add|us|writ|put)"
     R"(|insert|return)"
     R"(|generat)\w*\b.{0,20}\b(?:placeholder|dummy|stub|fake) (?:\w+ )?(?:implementations?)"
     R"(|values?)"
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
});

}  // namespace

std::span<const Phrase> admission_phrases() { return kPhrases; }

}  // namespace daybook::review
