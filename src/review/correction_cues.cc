// SPDX-License-Identifier: Apache-2.0
//
// The cues of a correction, as data. "^" is the start of a line, "\A" that of the
// turn. What a kind weighs is said in correction.cc.
#include <array>

#include "review/correction.h"

namespace daybook::review {

namespace {

constexpr auto kCues = std::to_array<Cue>({
    {CueKind::No, R"re(^(?:no|nope|nah)\b[ ,.!:;-])re", "starts with no"},
    {CueKind::PoliteNo,
     R"re(\Ano\W+(?:problem|worries|need[,. ]|rush|thanks|thank|idea|issues?\b|more\b)re"
     R"re(|that'?s (?:all|it|fine)|i think we)|\Ano to\b)re",
     ""},

    {CueKind::Blames,
     R"re(^not (?:quite|really|exactly|like|that|this|what|yet|correct|good|working)\b)re"
     R"re(|^not right(?:[,.!]|$))re"
     R"re(|\b(?:the )?other way (?:a)?round\b|\bthe opposite\b)re"
     R"re(|\bbackwards\b|\bnot what (?:i|we)\b|\bnot (?:how|the way) (?:i|we|it)\b)re",
     "says what was done is not right"},
    {CueKind::Blames,
     R"re(\b(?:that|this|it|these|those)\S{0,4}(?:s| is| are| was)? not (?:what|how|right)re"
     R"re(|correct|true|the|it\b|quite|good|acceptable|enough)|\bth(?:at|is)\S{0,4}s not\b)re",
     "says what was done is not right"},
    {CueKind::Blames,
     R"re(\b(?:that's|this is|it's|it is|you're|you are|got it|got this|looks|seems|did it)re"
     R"re(|all|completely|totally) (?:still |just |all |completely |totally |the )?wrong\b)re"
     R"re(|^wrong\b|\bwrong (?:file|path|place|way|one|approach|branch|repo|dir\w*|tool)re"
     R"re(|command|version|name|thing|direction)\b|\Aactually\b)re",
     "says something is wrong"},
    {CueKind::Objects,
     R"re(\b(?:incorrect|incorrectly|mistaken|inaccurate|not accurate|mistakes?|wrong)\b)re",
     "says something is wrong"},
    {CueKind::Blames,
     R"re(\b(?:broken|broke|breaks|busted|regress\w*|crashed|crashes|exploded)re"
     R"re(|explodes|blew up|messed up|fucked|screwed|worse|ruined|destroyed|garbage)re"
     R"re(|terrible|horrible|awful)\b)re",
     "says it broke"},
    {CueKind::Blames,
     R"re(\byou(?:'ve| have|'re)? (?:just |also |again |really |completely |totally )re"
     R"re(|still )?(?:forgot|missed|miss|broke|removed|deleted|ignored|skipped|messed)re"
     R"re(|overwrote|misunderst\w+|misread|fucked|screwed|didn'?t|did not|haven'?t|keep)re"
     R"re(|shouldn'?t|should not|should have|should've|were supposed|weren't supposed)re"
     R"re(|never|made a mistake|failed|got rid|lost|broken|dropped|hallucinat\w+)re"
     R"re(|made (?:that|this|it) up|assum\w+|don'?t need|do not need|changed|added)re"
     R"re(|duplicated)\b|\byou(?:'re| are) (?:over\w+|confus\w+|mixing|guessing|going in)\b)re"
     R"re(|\Ayou (?:\w+ed|did|put|made|have|just|still|keep|again|were|got|are|need)\b)re"
     R"re(|\byou [a-z']+(?:ed|ade|ote|ut|an)\b.{0,120}\bbut\b)re",
     "says what the agent did or left out"},
    {CueKind::Blames,
     R"re(\bwhy (?:did|do|are|were|would|have|is it that|the hell|the fuck) (?:you|u)\b)re"
     R"re(|\bwhy (?:didn'?t|don'?t|aren'?t|haven'?t|wouldn'?t|can'?t) you\b)re"
     R"re(|\bare you (?:\w+ )?(?:stupid|kidding|serious|blind|sure you|crazy|joking))re",
     "asks why the agent did that"},
    {CueKind::Blames,
     R"re(^(?:(?:please|ok|okay|yeah|yes|well|no|and|so|actually|just|can|could|would|you)re"
     R"re(|lets|let's|we|should)[ ,]+)*(?:revert|undo|roll ?back|restore)\b(?: \w+)?)re"
     R"re((?: (?:that|this|it|those|these|your|the|all|everything)\b|[.!?]?$))re"
     R"re(|\b(?:revert|undo|roll ?back|restore) (?:that|this|it|your|those|these|all of)re"
     R"re(|everything|the last|the change)\b|\bi(?: just| had to|'ve| have)? (?:undid|undo)re"
     R"re(|revert(?:ed)?|rolled back|restored)\b|\b(?:make|put|change|set|bring) (?:it)re"
     R"re(|that|this|them) (?:back|like (?:that|it was|before)|as it was))re",
     "takes it back"},
    {CueKind::Blames,
     R"re(\bi (?:said|asked|told you|meant|mean|specifically|explicitly|already (?:said)re"
     R"re(|told|asked|mentioned)|didn'?t (?:ask|want|mean|say)|did not (?:ask|want|mean)re"
     R"re(|say)|never (?:asked|said|wanted))\b|\b(?:like|as) i said\b|\bi wanted\b)re"
     R"re(|\bas (?:i )?(?:requested|mentioned|asked|said)\b)re",
     "repeats what was asked"},
    {CueKind::Blames,
     R"re(\bi (?:\w+ )?tho(?:ugh|ugth|ught|gh)t?\b|\bsupposed to\b|\bi expect(?:ed)?\b)re"
     R"re(|\bexpected (?:it|that|this|the|to)\b)re",
     "expected something else"},
    {CueKind::Objects,
     R"re(\bi (?:don'?t|do not|dont) (?:thin\w*|tink|like|want|believe|agree)\b)re"
     R"re(|\bnot (?:sold|convinced|happy|a fan|keen|satisfied)\b|\bdisagree\b)re"
     R"re(|\bmakes no sense\b|\bdoesn'?t make (?:any )?sense\b)re",
     "disagrees"},
    {CueKind::Objects,
     R"re(, not (?:a |an |the |just |in |on |to |for |as |with )?[\w/.-]+)re"
     R"re(|\bnot [\w/.-]+(?: [\w/.-]+){0,3}[,;.] (?:but|use|it'?s|it should|should|put)\b)re",
     "sets one thing against another"},
    {CueKind::Blames,
     R"re(\bthe (?:correct|right|real|actual|proper) (?:\w+ ){1,3}\W*(?:is|are|should|would)re"
     R"re(|must))re",
     "says what would be right"},
    {CueKind::Blames,
     R"re(\b(?:change (?:in|of) plan|let'?s (?:pause|stop|not)|on second thought)re"
     R"re(|scratch that|never ?mind|hold off|forget (?:that|it|about))\b)re",
     "changes course"},

    {CueKind::Blames,
     R"re(^(?:(?:please|ok|okay|no|just|hey|wait)[ ,!.]+)*(?:stop|halt)\b|\bstop (?:doing|using)re"
     R"re(|adding|making|changing|calling|asking|running|trying|guessing|saying|writing)re"
     R"re(|creating|being|with|it|that|this)\b)re",
     "tells the agent to stop"},
    {CueKind::No,
     R"re(\A(?:(?:please|ok|okay|no|and|but|also|well|just)[ ,]+)*(?:don'?t|do not|dont)re"
     R"re(|never)\b)re",
     "forbids something"},
    {CueKind::Objects,
     R"re((?:[,.;:!(-] +|\b(?:please|and|but|so|also|just|i) )(?:don'?t|do not|dont|never) \w+)re",
     "forbids something"},
    {CueKind::Blames,
     R"re(\b(?:should ?n[o']?t|should not|shouldnt'?|must not|must never|mustn'?t)re"
     R"re(|should never)\b)re",
     "says what must not be"},
    {CueKind::Objects,
     R"re(\bno need (?:for|to)\b|\b(?:we|i|you) (?:don'?t|do not|dont) (?:need|want)\b)re"
     R"re(|\bunnecessar\w+|\boverkill\b|\bover-?(?:complicat|engineer)\w*)re"
     R"re(|\bnot (?:needed|necessary|required)\b)re",
     "does not want it"},
    {CueKind::Persists, R"re(\bstill\b)re", "says it is still so"},
    {CueKind::Malfunction,
     R"re(\b(?:off|empty|blank|inverted|reversed|flipped|swapped|wrong(?:ly)?|bad|badly)re"
     R"re(|weird(?:ly)?|slow|ugly|un(?:clos|us|read|reach|click|st|scroll)able|unresponsive)re"
     R"re(|regenerat\w+|repopulat\w+|reappear\w*)re"
     R"re(|reset\w*|revert(?:s|ed|ing)|freez\w+|frozen|hang(?:s|ing)?|lag\w*|flicker\w*)re"
     R"re(|jump(?:s|ing|y)|mess(?:y|ed)?|redundan\w+|duplicat\w+|repeat(?:s|ed|ing)|stale)re"
     R"re(|outdated|old|cut off|hidden|invisible|disabled|denied|refus\w+|reject\w+)re"
     R"re(|timed? ?out|hard ?-?coded|fake|mock\w*|dummy|placeholder|useless|meaningless)re"
     R"re(|pointless)\b)re",
     "names a bad state"},

    {CueKind::Trouble,
     R"re(\b(?:do(?:es)? ?n'?o?t|dont|do not|dosen'?t|doens'?t|did ?n'?o?t|is ?n'?o?t|isnt)re"
     R"re(|are ?n'?o?t|arent|was ?n'?o?t|wasnt|doesnt|didnt|not|won'?t|wont|can'?t|cant)re"
     R"re(|cannot|never|no longer|stopped|none of (?:\w+ ){0,3}) ?(?:even |really )re"
     R"re(|actually |properly |correctly |longer |yet |seem to |be |get )*(?:work|works)re"
     R"re(|working|worked|fix|fixed|solve|solved|help|helped|compile|build|render)re"
     R"re(|rendering|show|showing|shown|appear|appearing|load|loading|update|updated|match)re"
     R"re(|make sense|change|changed|updating|recognized|respected|display|displayed)re"
     R"re(|displaying|visible|open|start|run|running|find|see|resolve|resolved|respond)re"
     R"re(|connect|save|saved)\b)re",
     "says it does not work"},
    {CueKind::Persists,
     R"re(\b(?:same|similar|another|different|new) (?:\w+ )?(?:error|issue|problem|thing)re"
     R"re(|result|failure|output|mistake|bug)s?\b|\bnothing (?:changed|happen(?:s|ed))re"
     R"re(|work(?:s|ed)|shows?|appears?)\b|\bno (?:change|changes|difference|effect|luck)\b)re"
     R"re(|\bchanged nothing\b|\b(?:didn'?t|did not|doesn'?t|does not) (?:change|help|fix)re"
     R"re(|solve))re",
     "says nothing got better"},
    {CueKind::Trouble,
     R"re(\b(?:threw|throws|throwing|gives?|gave|giving|returns?|got|get|getting|produces?)re"
     R"re(|shows?|showing|has|have|had|see|seeing) (?:me )?(?:\w+ )?(?:an?|the|this|that)re"
     R"re(|these|some|only|nothing|no|same|lots? of|multiple)?\s?(?:\w+ )?(?:error|errors)re"
     R"re(|exception|warnings?|issue|issues|problem|problems|failure|failures|nothing|blank)re"
     R"re(|empty|duplicate|duplicates|only)\b)re",
     "tells of an error"},
    {CueKind::Trouble,
     R"re(\b(?:now )?(?:duplicat(?:ed?|es|ing)|disappear(?:s|ed)|vanish(?:es|ed)|stuck|gone)re"
     R"re(|blank|empty|cut off|overlapp?\w*|misalign\w*|too (?:slow|small|big|large|long)re"
     R"re(|wide|short|far|close|much|many|fast|high|low|dark|bright|complicated|verbose)re"
     R"re(|generic|complex))\b|\b(?:all|what) i (?:see|get)\b|\bi (?:only|just) (?:see)re"
     R"re(|get|got)\b|\bi (?:don'?t|do not|dont|can'?t|cannot|cant|couldn'?t) (?:even )?)re"
     R"re((?:see|find|get|access|use|click|open|understand)\b)re",
     "tells what is the matter"},
    {CueKind::Trouble,
     R"re(\b(?:errors?|fails?|failed|failing|failure|bugs?|buggy|issues?|problems?)\b)re",
     "tells of an error"},
    {CueKind::Trouble,
     R"re(\b(?:missing|missed|left out|lost|gone|disappeared|incomplete)\b|\bthere (?:isn'?t)re"
     R"re(|is not|aren'?t|are not|is no|are no|wasn'?t)\b|\b(?:is|are|was|were)(?: not)re"
     R"re(|n'?t) (?:used|needed|necessary|there|included|running|required|available)re"
     R"re(|covered|implemented|tested|handled)\b)re",
     "says something is missing"},
    {CueKind::Trouble, R"re(\b(?:is|are) now\b)re", "tells what it does now"},
    {CueKind::Trouble, R"re(\bagain\b|\bonce more\b|\bkeeps? (?:\w+ing)\b)re",
     "says it is so again"},

    {CueKind::Swears,
     R"re(\b(?:wtf|w\.t\.f|omfg|omg|ffs|jesus|fuck\w*|shit\w*|damn\w*|hell|stupid|retarded)re"
     R"re(|seriously|ugh+|argh+|ridiculous|pathetic|moron\w*|frustrat\w+|bitch\w*)\b|[?!]{3,})re"
     R"re(|\?\?|!\?)re",
     "exasperated"},
    {CueKind::Negates,
     R"re(\b(?:is|are|was|were|does|do|did|has|have|can|could|would|will) ?n'?[o']?t\b)re"
     R"re(|\b(?:isnt|arent|wasnt|werent|doesnt|dont|didnt|hasnt|havent|cant|couldnt)re"
     R"re(|wouldnt|wont|cannot)\b|\b(?:not|never|none|nobody|nothing|without)\b)re",
     "negates"},
    {CueKind::Needs,
     R"re(\b(?:it|that|this|they|you|the \w+) (?:needs? to|has to|have to|should|must)\b)re",
     "says how it should be"},
    {CueKind::Subject,
     R"re(\A(?:(?:ok(?:ay)?|yeah?|yes|no|well|hmm+|now|so|but|and|also|great|good|nice))re"
     R"re([ ,.!:;-]+)*(?:the|this|that|it|its|it's|there|there's|theres|these|those|they)re"
     R"re(|all|both|some|none|every|your|my|im|i'm|i am|i get|i got|i still|i see|i can)re"
     R"re(|nothing|same|still|when i|when|after|\w+ing|we|(?:does|did|is|was|has|can|wo)n'?t)re"
     R"re(|doesnt|didnt|isnt|not|no (?:change|difference|effect|luck))\b)re",
     ""},

    {CueKind::Agrees,
     R"re(\A(?:yes|yeah|yep|yup|ok|okay|sure|great|perfect|thanks|thank you|thx|cool|nice)re"
     R"re(|good|awesome|lgtm|sounds good|alright|all good|go ahead|go for it|agreed|correct)re"
     R"re(|right|exactly|i like|excellent|love|continue|proceed|resume|keep going|go on)re"
     R"re(|try again)\b)re",
     ""},
    {CueKind::Wishes,
     R"re(\b(?:i'?d like|i would like|like to|help me|how (?:do|can|should) (?:i|we))re"
     R"re(|is there a way)re"
     R"re(|what(?:'s| is) the (?:best|difference)|for the next|as well)\b)re",
     ""},
    {CueKind::Asks,
     R"re(\A(?:(?:ok|okay|hm+|so|and|but|well)[ ,]+)*(?:is|are|was|were|do|does|did|can)re"
     R"re(|could|should|would|will|what|what's|whats|how|which|where|when|who|any|have|has)re"
     R"re(|why)\b)re",
     ""},
    {CueKind::Commands,
     R"re(\A(?:(?:ok|okay|alright|now|next|also|and|so|great|thanks|perfect|hey|yes|yeah)re"
     R"re(|good|then|first|lets|let's|let us|please|pls|just|can you|could you|we should)re"
     R"re(|we need to|you should|i want you to|i'd like you to|i need you to)[ ,.!:-]+)*)re"
     R"re((?:add|adjust|align|allow|analy[sz]e|apply|ask|assume|build|bump|call|change|check)re"
     R"re(|clean|clone|combine|commit|compare|complete|configure|confirm|consider|continue)re"
     R"re(|convert|copy|create|debug|deploy|describe|design|develop|document|draft|do|edit)re"
     R"re(|enable|ensure|examine|execute|expand|explain|explore|export|extend|extract)re"
     R"re(|figure|finish|follow|format|generate|get|give|go|handle|help|implement|import)re"
     R"re(|improve|include|inspect|install|integrate|investigate|keep|launch|list|load|look)re"
     R"re(|make|merge|modify|move|now|open|optimi[sz]e|organi[sz]e|plan|prepare|proceed)re"
     R"re(|provide|publish|pull|push|put|read|recommend|refactor|rename|replace|report)re"
     R"re(|research|retry|return|review|rewrite|run|save|scan|search|see|send|separate|set)re"
     R"re(|show|simplify|skip|split|start|store|study|suggest|summari[sz]e|switch|take|tell)re"
     R"re(|test|think|translate|try|turn|understand|update|upgrade|upload|use|validate)re"
     R"re(|verify|walk|wrap|write)\b)re",
     ""},
});

}  // namespace

std::span<const Cue> correction_cues() { return kCues; }

}  // namespace daybook::review
