// SPDX-License-Identifier: Apache-2.0
//
// The cues of a correction, as data. "^" is the start of a line. Weights come from
// the labelled sessions: docs/detectors.md.
#include <array>

#include "review/correction.h"

namespace daybook::review {

namespace {

constexpr auto kCues = std::to_array<Cue>({
    {CueKind::No, 0.65, R"re(^(?:no|nope|nah)\b[ ,.!:;-])re", "starts with no"},
    {CueKind::NotRight, 0.6,
     R"re(^not (?:quite|really|exactly|like|that|this|the|in|what|yet|so|correct|right)re"
     R"re(|good|working)\b|\b(?:the )?other way (?:a)?round\b|\bthe opposite\b)re"
     R"re(|\bbackwards\b)re",
     "says what was done is not right"},
    {CueKind::NotRight, 0.8,
     R"re(\b(?:that|this|it|these|those)\S{0,4}(?:s| is| are| was)? not (?:what|how|right)re"
     R"re(|correct|true|the|it\b|quite|good|acceptable|enough))re",
     "says what was done is not right"},
    {CueKind::NotRight, 0.8, R"re(\bth(?:at|is)\S{0,4}s not\b)re",
     "says what was done is not right"},
    {CueKind::NotRight, 0.8, R"re(\bnot what (?:i|we)\b|\bnot (?:how|the way) (?:i|we|it)\b)re",
     "not what was asked"},
    {CueKind::NotRight, 0.7,
     R"re(\b(?:that's|this is|it's|it is|you're|you are|is|are|was|were|got it|got this)re"
     R"re(|looks|seems|did it|all|completely|totally) (?:still |just |all |completely )re"
     R"re(|totally |the )?(?:wrong|incorrect|mistaken)\b|^wrong\b|\bwrong (?:file|path)re"
     R"re(|place|way|one|approach|branch|repo|dir\w*|tool|command|version|name|thing)re"
     R"re(|direction)\b)re",
     "says something is wrong"},
    {CueKind::Agent, 0.7,
     R"re(\byou(?:'ve| have|'re)? (?:just |also |again |really |completely )re"
     R"re(|totally )?(?:forgot|forget|missed|miss|broke|removed|deleted|ignored|skipped)re"
     R"re(|messed|overwrote|misunderst\w+|misread|fucked|screwed|didn'?t|did not|haven'?t)re"
     R"re(|keep|shouldn'?t|should not|should have|should've|were supposed|weren't supposed)re"
     R"re(|never|made a mistake|failed|got rid|lost|broken|dropped|hallucinat\w+)re"
     R"re(|made (?:that|this|it) up|assum\w+|don'?t need|do not need)\b)re",
     "says what the agent did or left out"},
    {CueKind::Agent, 0.55, R"re(\byou [a-z']+(?:ed|ade|ote|ut|an)\b.{0,120}\bbut\b)re",
     "objects to what the agent did"},
    {CueKind::Agent, 0.7,
     R"re(\bwhy (?:did|do|are|were|would|have|is it that|the hell|the fuck) (?:you|u)\b)re"
     R"re(|\bwhy (?:didn'?t|don'?t|aren'?t|haven'?t|wouldn'?t|can'?t) you\b)re"
     R"re(|\bare you (?:\w+ )?(?:stupid|kidding|serious|blind|sure you|crazy|joking))re",
     "asks why the agent did that"},
    {CueKind::TakeBack, 0.7,
     R"re(^(?:(?:please|ok|okay|yeah|yes|well|no|and|so|actually|just|can|could|would|you)re"
     R"re(|lets|let's|we|should)[ ,]+)*(?:revert|undo|roll ?back|restore)re"
     R"re(|put)\b(?: \w+)?(?: (?:that|this|it|those|these|your|the|all|everything)\b)re"
     R"re(|[.!?]?$))re",
     "takes it back"},
    {CueKind::TakeBack, 0.65,
     R"re(\b(?:revert|undo|roll ?back|restore) (?:that|this|it|your|those|these|all of)re"
     R"re(|everything|the last|the change)\b|\bi(?: just| had to|'ve| have)? (?:undid|undo)re"
     R"re(|revert(?:ed)?|rolled back|restored)\b|\b(?:make|put|change|set|bring) (?:it)re"
     R"re(|that|this|them) (?:back|like (?:that|it was|before)|as it was))re",
     "takes it back"},
    {CueKind::Still, 0.6,
     R"re(\bstill (?:(?:\w+ )?(?:not|n'?t)\b|fail\w*|broken|doesn'?t|does not|don'?t)re"
     R"re(|do not|didn'?t|isn'?t|is not|aren'?t|can'?t|cannot|won'?t|get(?:ting)?\b)re"
     R"re(|see(?:ing)?\b|shows?\b|showing|happen\w*|look(?:s|ing)? |the same|there\b|wrong)re"
     R"re(|missing|crash\w*|error\w*|hang\w*|stuck|throw\w*|complain\w*|too|incorrect\w*)re"
     R"re(|flak\w*|red\b|us(?:e|es|ing)\b|ha(?:s|ve)\b|a\b|an\b))re",
     "says it is still not right"},
    {CueKind::Broken, 0.6,
     R"re(^(?:the |it'?s the |exact(?:ly)? )?same (?:error|issue|problem|thing|result)re"
     R"re(|failure|output)\b|\bnothing (?:changed|happen(?:s|ed)|work(?:s|ed))\b)re"
     R"re(|\bno (?:change|difference|effect)\b[.!]?$)re",
     "says it does not work"},
    {CueKind::Broken, 0.5,
     R"re(\b(?:does ?n'?o?t|did ?n'?o?t|is ?n'?o?t|isnt|are ?n'?o?t|doesnt|didnt|not)re"
     R"re(|won'?t|can'?t|never|no longer|stopped) (?:even |really |actually |properly )re"
     R"re(|correctly |longer |yet )?(?:work|works|working|worked|fix|fixed|solve|solved)re"
     R"re(|help|helped|compile|build|render|show|appear|load|update|updated|match)re"
     R"re(|make sense|change|updating|recognized|respected)\b)re",
     "says it does not work"},
    {CueKind::Broken, 0.5,
     R"re(\b(?:broken|broke|breaks|busted|regress\w*|crash|crashed|crashes|exploded)re"
     R"re(|explodes|blew up|messed up|fucked (?:up|that|the)|fuck(?:ed|s)? (?:\w+ )?up)re"
     R"re(|screwed|worse)\b)re",
     "says it broke"},
    {CueKind::Exasperated, 0.45,
     R"re(^(?:hey,? )?(?:wtf|omfg|omg|ffs|jesus|dude|come on|seriously|ugh+|argh+|fuck)re"
     R"re(|fucking hell|my dude|bro)\b)re",
     "exasperated"},
    {CueKind::Exasperated, 0.35,
     R"re(\b(?:wtf|w\.t\.f|omfg|ffs|fucking hell|for fuck'?s sake|what the (?:fuck|hell))re"
     R"re(|god ?damn\w*|goddamn)\b|[?!]{3,}|\?\?|!\?)re",
     "exasperated"},
    {CueKind::Stop, 0.7,
     R"re(^(?:(?:please|ok|okay|no|just|hey|wait)[ ,!.]+)*stop\b|\bstop (?:doing|using)re"
     R"re(|adding|making|changing|calling|asking|running|trying|guessing|saying|writing)re"
     R"re(|creating|being|with|it|that|this)\b)re",
     "tells the agent to stop"},
    {CueKind::Forbids, 0.5,
     R"re(^(?:(?:please|ok|okay|no|and|but|also|well|just)[ ,]+)*(?:don'?t|do not|dont)re"
     R"re(|never)\b)re",
     "forbids something"},
    {CueKind::Forbids, 0.5,
     R"re(\b(?:should ?n[o']?t|should not|must not|must never|mustn'?t|should never)re"
     R"re(|must always|should always)\b)re",
     "says what must not be"},
    {CueKind::Forbids, 0.25,
     R"re((?:[,.;:!(-] +|\b(?:please|and|but|so|also|just) )(?:don'?t|do not|dont)re"
     R"re(|never) \w+)re",
     "forbids something"},
    {CueKind::Forbids, 0.5,
     R"re(^no [a-z]+(?: [a-z]+){0,2}!|\bno need (?:for|to)\b|\b(?:we|i|you) (?:don'?t)re"
     R"re(|do not) (?:need|want)\b|\bunnecessar\w+|\boverkill\b|\bover-?(?:complicat)re"
     R"re(|engineer)\w*)re",
     "does not want it"},
    {CueKind::Contrast, 0.5,
     R"re(, not (?:a |an |the |just |in |on |to |for |as |with )?[\w/.-]+)re"
     R"re(|\bnot [\w/.-]+(?: [\w/.-]+){0,3}[,;.] (?:but|use|it'?s|it should|should|put)\b)re"
     R"re(|\bspecific to \w+ not \w+)re",
     "sets one thing against another"},
    {CueKind::Contrast, 0.35, R"re(\binstead\b)re", "wants something else instead"},
    {CueKind::Contrast, 0.2, R"re(\brather than\b|\bin favou?r of\b)re",
     "wants something else instead"},
    {CueKind::Repeats, 0.6,
     R"re(\bi (?:said|asked|told you|meant|mean|specifically|explicitly|already (?:said)re"
     R"re(|told|asked|mentioned)|didn'?t (?:ask|want|mean|say)|did not (?:ask|want|mean)re"
     R"re(|say)|never (?:asked|said|wanted))\b|\b(?:like|as) i said\b|\bi wanted\b)re"
     R"re(|\bi want(?:ed)? (?:the|it|this|that|them|you)\b.{0,80}\bnot\b)re",
     "repeats what was asked"},
    {CueKind::Expected, 0.5, R"re(\bi (?:\w+ )?tho(?:ugh|ugth|ught|gh)t?\b|\bsupposed to\b)re",
     "expected something else"},
    {CueKind::Disagrees, 0.45,
     R"re(\bi (?:don'?t|do not) (?:think|thin|tink|like|want|believe|agree)\b)re"
     R"re(|\bnot (?:sold|convinced|happy|a fan|keen)\b|\bdisagree\b|\bmakes no sense\b)re"
     R"re(|\bdoesn'?t make (?:any )?sense\b)re",
     "disagrees"},
    {CueKind::Hesitates, 0.3,
     R"re(\bnot (?:really )?sure\b|\bdoubt\b|\bsuspicious\b|\bweird\b|\bodd\b|\bstrange\b)re",
     "doubts it"},
    {CueKind::Hesitates, 0.3, R"re(^(?:hmm* |well,? |ok,? )*(?:actually|wait|hold on|hm+|huh)\b)re",
     "hesitates"},
    {CueKind::Hesitates, 0.4, R"re(^(?:hmm* |hm,? |ok,? |yes,? |yeah,? )*(?:but|however)\b)re",
     "objects"},
    {CueKind::Hesitates, 0.4, R"re(\btoo (?:much|many|\w+)\b)re", "says it is too much"},
    {CueKind::Broken, 0.52,
     R"re(\b(?:remove|kill|delete|drop|get rid of|take out|strip) (?:that|this|it|those)re"
     R"re(|these|them|all (?:of )?(?:that|this|these|those))\b)re",
     "wants it gone"},
    {CueKind::Broken, 0.4,
     R"re(\b(?:is|are|was|were)(?: not|n'?t) (?:used|needed|necessary|there|included)re"
     R"re(|running|required|available|covered|implemented|tested|handled)\b)re"
     R"re(|\bthere (?:isn'?t|is not|aren'?t|are not|is no|are no|wasn'?t)\b)re",
     "says something is missing"},
    {CueKind::Broken, 0.35, R"re(\b(?:missing|missed|left out|lost|gone|disappeared)\b)re",
     "says something is missing"},
    {CueKind::Again, 0.4,
     R"re(\b(?:try|do|read|look|check|run|think) (?:it |that |this )?(?:again|once more)re"
     R"re(|harder|carefully|properly)\b|\bstart over\b|\bredo\b)re",
     "wants it done again"},
    {CueKind::Should, 0.3,
     R"re(\bshould(?:'ve| have)? (?:be|been|only|still|just|stay|live|use|have|go|look)re"
     R"re(|match|stop|remain)\b|\bneeds? to (?:be|stay|stop|only|go|match)\b|\bmust (?:be)re"
     R"re(|stop|only)\b)re",
     "says how it should be"},
    {CueKind::NewCourse, 0.55,
     R"re(\b(?:change (?:in|of) plan|let'?s (?:pause|stop|not)|on second thought)re"
     R"re(|scratch that|never ?mind|hold off|forget (?:that|it|about))\b)re",
     "changes course"},
    {CueKind::Should, 0.35,
     R"re(\bonly (?:the|when|if|for|use|add|change)\b|\bjust use\b|\bkeep (?:it|the|that)re"
     R"re(|this)\b|\bleave (?:it|the|that|this)\b|\bstick (?:to|with)\b)re",
     "narrows it"},
    {CueKind::Hesitates, 0.3,
     R"re(\bare you sure\b|\breally\?|\bbut this means\b|\bdid you (?:actually|even)re"
     R"re(|really)\b|\bhow come\b)re",
     "questions it"},
    {CueKind::Broken, 0.4,
     R"re(\bagain\b.*[!]|\bagain[.!?]*$|\bonce again\b|\bthe same (?:error|issue|problem)re"
     R"re(|thing|mistake)\b|\bkeeps? (?:\w+ing)\b)re",
     "complains again"},
    {CueKind::Hesitates, 0.35,
     R"re(\b(?:actually|in fact) (?:a|an|the|it|is|not|we|i|useful|needed)\b)re"
     R"re(|\bis actually\b)re",
     "contradicts"},
    {CueKind::Hesitates, 0.35, R"re(\bis not\b|\bisn'?t\b|\baren'?t\b)re", "negates"},
});

}  // namespace

std::span<const Cue> correction_cues() { return kCues; }

}  // namespace daybook::review
