"""The words by which claims, limits, benefits, risks, doubts and harm are known, in English: patterns as text.

Each is a class of wording. What is no claim ("a safe place", "100% cotton") is left out here or by the rule.
What denies harm ("no risks") is a class too.
"""

NEUTRAL_ROLES = frozenset({"definition", "mechanism", "reason", "uses", "comparison"})  # they speak of the illness

_HARM = (
    r"(?:side[- ]?effects?|risks?|complications?|downsides?|drawbacks?|dangers?|harm|hazards?"
    r"|adverse (?:effects|events|reactions)|bad effects)(?!-)"
)
_SURE = (
    r"(?:completely|totally|entirely|perfectly|absolutely|extremely|fully|highly|incredibly|remarkably"
    r"|exceptionally|very|so|quite|really|truly|always|proven|considered|known to be|inherently|exceedingly)"
)
_TREATMENT = (
    r"(?:treatments?|therap(?:y|ies)|procedures?|injections?|shots?|options?|choices?|methods?|medicines?"
    r"|drugs?|products?|devices?|vaccines?|techniques?|alternatives?|solutions?|remed(?:y|ies)"
    r"|approach(?:es)?)"
)
_GAIN = (
    r"(?:cures?|fix(?:es)?|eliminates?|erases?|restores?|reverses?|rebuilds?|regenerates?|relieves?|heals?"
    r"|ends?|wipes? out|gets? rid of|solves?|melts? away|repairs?|banish(?:es)?)"
)
_ALL = (
    r"(?:everyone|everybody|anyone|anybody|every(?: single)? (?:patient|person|one)|all (?:of )?(?:our "
    r"|the )?(?:patients|people|users)|each patient)"
)

CLAIMS = (
    # Safe: said of a treatment, not of a place, a way home, or a time.
    (
        rf"\b(?:is|are|was|be|been|as|being|{_SURE}|a|an|both|also|just|its?|simple,|gentle,|quick,|and|natural,"
        rf"|the)\s+(?:{_SURE}\s+)*safe\b"
        r"(?!-|,? \w+ place|\s+(?:doses?|amounts?|limits?|range|person|people|adults?)\b)"
        r"(?!\s+(?:places?|spots?|distance|box|containers?|temperature|storage|place|home|to (?:drive|walk|stand"
        r"|eat|drink|go|return|leave|throw|store|move|get|do|take it|use it again|bathe|swim|stop|put)|side|level"
        r"|area|space|room|hands|way (?:home|to (?:store|get|keep))|for you to (?:drive|go|walk)|sex))"
    ),
    (
        r"\bsafe(?:,| and) (?:effective|painless|simple|gentle|easy|natural|reliable|proven|quick)\b"
        rf"|\bsafe {_TREATMENT}\b"
    ),
    (
        r"\b(?:excellent|proven|perfect|outstanding|unmatched|complete|spotless|flawless|impressive"
        r"|unblemished)\s+(?:track record|safety)\b|\bsafest\b"
    ),
    r"\bsafely (?:treats?|relieves?|removes?|cures?|heals?|works?|melts?|restores?)\b",
    (
        r"(?<!\bdo )(?<!\bdoes )(?<!\bdid )\b(?:no|zero|without(?: any)?|free (?:of|from)(?: any| all)?"
        r"|any(?!where))\s+(?:(?:known|serious|real|lasting|major|significant|possible|harmful|dangerous"
        rf"|unpleasant|long-term|bad|recognized|reported)\s+)*{_HARM}\b"
    ),
    (
        r"\b(?:side[- ]?effects?|complications?)\s+(?:never|do not|don't|cannot|can't|simply do not)\s+(?:happen"
        r"|occur|arise|exist)|\bside[- ]effect[- ]free\b|\brisk[- ]?free\b"
    ),
    (
        r"\bpainless(?:ly)?\b|\b(?:is|are|be|completely|totally|entirely|perfectly|quite) harmless\b"
        r"|\bno pain(?: at all)?\b|\bfeel nothing\b|\b(?:does|will|do) not hurt\b(?! to )"
        r"|\b(?:doesn|won|don)['’]t hurt\b(?! to )"
        r"|\b(?:not|never) feel (?:any|a)\s*(?:pain|thing)\b"
    ),
    (
        r"\b(?:nothing|no reason|no need) to (?:worry about|worry|fear|be afraid|lose)\b|\bnothing (?:can|could|will"
        r"|ever) go(?:es)? wrong\b|\bno downtime\b"
    ),
    r"\b(?:cannot|can['’]t|can not|could not|will not|won['’]t|never)\s+(?:ever\s+)?(?:fails?|go(?:es)? wrong)\b",
    # Waiting, or a harmless spot, may well do no harm: here the treatment has to be the one that does none.
    (
        rf"\b(?:{_TREATMENT}|it|this)\s+(?:(?:does|do|can do|will do) no harm|(?:does not|doesn['’]t|cannot"
        r"|can['’]t|will not|won['’]t|never)\s+(?:harms?|injures?|damages?))\b(?!.* to \w+)"
    ),
    # Cures, wonders, proof, promises.
    r"\bcure[sd]?\b|\bcuring\b|\bcurative\b|\bcure-all\b",
    (
        r"\bmirac(?:le|ulous)\w*\b|\bmagic(?:al|ally)?\b(?! marker)|\bwork(?:s|ed)? wonders\b|\bwonder (?:drug"
        r"|cure|treatment)\b"
    ),
    (
        r"\b(?:amazing|incredible|astonishing|astounding|outstanding|fantastic|wonderful|spectacular|stunning"
        r"|phenomenal|extraordinary|unbeatable|life[- ]changing|game[- ]chang\w+|revolutionary|groundbreaking"
        r"|breakthrough|unrivall?ed|world[- ]class|cutting[- ]edge)\b"
    ),
    r"\bdramatic(?:ally)?\b(?!\s+(?:changes?|increase|swelling|drop|rise|loss|worse\w*|weakness|fall))",
    r"\b(?:clinically |scientifically |fully |medically |well )?proven\b|\bproof that\b|\bproves?\b",
    (
        r"\bguarant(?:ee|ees|eed|eeing)\b|\b(?:we|i) (?:can )?promise\b|\b(?:is|are) (?:certain|sure|assured"
        r"|bound) to\b|\bsuccess is (?:certain|assured|sure)\b"
    ),
    # Always, all, for ever.
    (
        r"\b(?:always|invariably|without fail|unfailingly|every time|never fails? to)\b"
        r"(?! (?:best|call|ask|tell|bring|use|keep|wear|take|get|need|be|here|there"
        r"|glad|happy|wash|helps? you (?:up|to|with))\b)"
        r"[^.;]{0,30}\b(?:works?"
        r"|helps?|relie\w+|heals?|succe\w+|effective|goes away|improves?|better|results?)\b"
    ),
    (
        rf"\b(?:works?|helps?|effective|success\w*|suitable|heals?)\s+(?:well\s+)?(?:every time|always|for {_ALL}"
        rf"|in (?:all|every) (?:cases?|patients?|people)|{_ALL}|without fail)\b"
    ),
    (
        rf"\b{_ALL}\b(?! (?:needs?|should|must|has to|is different|heals? (?:at|in)))[^.;]{{0,40}}\b(?:better"
        r"|improve\w*|relief|reliev\w+|recovers?|benefits?|heals?|pain[- ]free|results?|succe\w+|helped|cured"
        r"|delighted|happy|satisfied)\b"
    ),
    (
        r"\b100\s?(?:%|percent|per cent)[ -](?:safe|effective|success\w*|certain|sure|relief|recover\w*|natural"
        r"|painless|guaranteed|reliable|of (?:our |the |all )?(?:patients|people|cases))"
    ),
    (
        r"\b(?:success|cure|recovery|effective\w*|response|works?)\b[^.;]{0,25}\b100\s?(?:%|percent"
        r"|per cent)(?!\s+cotton)"
    ),
    (
        r"\bpermanent(?:ly)?\b[^.;]{0,25}\b(?:relie\w+|cure\w*|solution|results?|fix\w*|end\w*|gone|remov\w+|free"
        r"|solve\w*|eliminat\w+)\b|\b(?:gone|relie\w+|cured?|free|away|solved?|pain|fixed"
        r"|ends?)\b[^.;]{0,20}\b(?:forever|for good|once and for all)\b"
    ),
    (
        r"\b(?:never|not ever) (?:come|comes|coming) back\b|\bwill (?:never|not) (?:return|come back|recur)\b"
        r"|\bonce and for all\b"
    ),
    (
        r"\b(?:results?|relief|effects?|improvements?) (?:is|are|will be|lasts?|will last) "
        r"(?:permanent|forever|for ever|for life|for good|lifelong)\b"
    ),
    (
        r"\b(?:eliminates|erases|restores|reverses|rebuilds|regenerates|repairs|gets rid of|melts away"
        r"|dissolves|wipes out)"
        r"\s+(?:\w+\s+){0,3}?(?:pain|symptoms?|disease|arthritis|cartilage|inflammation|damage|wrinkles|scars|disks?|discs?"
        r"|nerves?|joints?|function|mobility|fat|cellulite|migraines?|headaches?|anxiety|depression|allerg\w+)\b"
    ),
    # What will happen, as if it were known.
    (
        r"(?<!\bwe )(?<!\bnurse )(?<!\bdoctor )(?<!\bteam )(?<!\bstaff )(?<!\bsurgeon )\b(?:will|is going to"
        rf"|are going to)\s+(?:(?:completely|quickly|soon|fully|totally|also|\w+ly)\s+)?(?:{_GAIN}|take away|stop"
        r"|remove|end|clear up)\s+(?:of\s+)?(?:your|the|all|any|this|that)?\s*(?:\w+\s+)?(?:pain|symptoms?"
        r"|problems?|disease|condition|illness|wart|tremor|inflammation|swelling|ache|suffering|arthritis"
        r"|function|mobility|movement|damage|cartilage|health|headaches?)\b"
    ),
    (
        r"\byou(?:r \w+)? will\s+(?:\w+ly |soon |be able to |also )*(?:feel (?:much |a lot |so much "
        r"|completely )?better|be (?:pain[- ]free|free of pain|cured|healed|back to normal)|have no more|enjoy"
        r"|notice (?:a )?(?:big|clear|great|huge|real)|get better(?! at)|recover (?:fully|completely)|walk out"
        r"|walk without pain|thank us|see (?:great|real|fast))\b"
    ),
    (
        rf"\b(?:completely|totally|entirely|perfectly|absolutely|fully|instantly|immediately)\s+(?:{_GAIN}"
        r"|effective|natural|gone|recover\w*|reliable|pain[- ]free|cured|better|healed|back to normal)\b"
    ),
    (
        r"\b(?:highly|extremely|incredibly|remarkably|exceptionally|amazingly|supremely) (?:effective|successful"
        r"|reliable|powerful)\b"
    ),
    (
        r"\binstant(?:ly|aneous(?:ly)?)?\b[^.;]{0,15}\b(?:relie\w+|results?|cure|better|improve\w*)\b"
        r"|\bimmediate(?:ly)? (?:relief|results)\b"
    ),
    (
        r"\b(?:the|our|by far) (?:very )?(?:best|most effective|most advanced|number one|only (?:real |true "
        rf"|effective |proven )?)\s*(?:{_TREATMENT}|cure|way to (?:treat|cure|heal|fix)|thing (?:for|that works)"
        r"|results?|relief|answer)\b"
    ),
    (
        r"\bbetter than (?:any|all|every) other\b|\bsuperior to\b|\bsecond to none\b|\b(?:no"
        r"|nothing) (?:other \w+ )?(?:works? (?:better|as well)|compares?|comes close)\b"
    ),
)

BREAK = r"[,;:—–]|\b(?:and|but|so|yet)\b"
DENIED = (
    r"\b(?:no|not|never|cannot|nobody|none|nothing|neither|nor|few|hardly|isn['’]t|aren['’]t|can['’]t"
    r"|don['’]t|doesn['’]t|didn['’]t|won['’]t"
    r"|wasn['’]t|hasn['’]t|haven['’]t|rarely|seldom|without|unlikely|unproven|lacks?|if|whether|until|unless"
    r"|when|once|as long as|make sure|ask|how"
    r"|which|what|keep|stay|wish|hope|myth|beware|be wary|aims?|meant|tries|trying|goal|help(?:s)? to keep)\b"
)
STARTS_DENIED = r"^(?:no|zero|without|free|any|not|never|will not|won|does|doesn|do not|don|cannot|can)\b"
PERMISSION = (
    r"\byou (?:may|might|could|can) (?:also |now |then |still )?(?:shower|bathe|drive|eat|drink|go|return"
    r"|call|ask|take|resume|stop|say|leave|have"
    r" (?:a |your )?(?:bath|shower|meal)|bring|choose|refuse|use|wear|keep|start|sign|decide|contact|sit|walk"
    r"|remove|change|wash|request)\b"
)
QUALIFIERS = (
    r"\b(?:may|might|could|perhaps|possibl[ey]|probably|likely|unlikely|usually|often|sometimes|occasionally"
    r"|rarely|seldom|tends? to|seems?|appears? to"
    r"|suggests?|thought to|believed? to|we (?:think|believe|hope|teach)|in theory|a theory|hypothes\w+"
    r"|some (?:people|patients|\w+ (?:feel|get|have|find|do|need))|some|most|many|few|about \d+|\d+ (?:in"
    r"|out of|of) (?:every )?\d+"
    r"|not (?:everyone|everybody|all|for everyone|every|always|free|proven|known|clear|certain|sure|a cure"
    r"|work|help|last|yet|well|been)"
    r"|(?:do|does|did|is|are|can|could|will|has|have)(?: not|n['’]t) (?:yet )?(?:know\w*|promise|say"
    r"|guarantee|be sure|sure|certain|clear|proven|been|work|help|last|suit|everyone|all)"
    r"|cannot|can['’]t|unknown|unclear|uncertain\w*|unsure|unproven|no (?:one|body) (?:knows|can)"
    r"|no (?:promise|guarantee|good|strong|study|studies|proof|evidence)"
    r"|(?:studies|evidence|research|trials?) (?:is|are|was|were)|(?:small|few|weak|limited|little|mixed|poor"
    r"|low|more|early) (?:studies|study|evidence|research|proof|data|quality)"
    r"|depends?|vary|varies|differs?|rare|uncommon|risks?|however|no shot is|no treatment is|no procedure is"
    r"|side effects?|harms?)\b"
)

CONTRAST = r"\b(?:but|although|though|except|unless|however|yet|as long as)\b"
# What limits a claim from the sentence beside it. "You may feel a prick" speaks of something else, and limits nothing.
LIMITS = (
    r"\b(?:(?:cannot|can['’]t|can not|could not)(?: yet)? (?:say|promise|know|tell|be sure|guarantee|predict)"
    r"|(?:do|does|did)(?: not|n['’]t)(?: yet)? know"
    r"|no (?:one|body) (?:knows|can (?:say|promise|tell))|no (?:promise|guarantee)|not (?:for )?(?:everyone"
    r"|everybody|every (?:person|patient)|all (?:people|patients))"
    r"|(?:not|never)(?: been)? (?:proven|known|well studied|studied|tested|shown|certain|clear|sure|free of)"
    r"|unknown|unclear|uncertain\w*|unproven|in theory|a theory"
    r"|(?:studies|evidence|research|trials?|proof|data) (?:is|are|was|were) (?:\w+ )?(?:small|few|weak"
    r"|limited|lacking|poor|mixed|low|missing|thin|scarce)"
    r"|(?:small|few|weak|limited|little|mixed|poor|no|no good|no large) (?:studies|study|evidence|research"
    r"|proof|data|trials?)"
    r"|no (?:shot|treatment|procedure|medicine|drug|operation|surgery|injection|vaccine|test|device) is"
    r"|(?:does|do|will|may|might)(?: not|n['’]t) (?:work|help|last|suit)"
    r"|there (?:is|are) (?:always |still )?(?:an? )?(?:some |small |low |few |slight )*(?:risks?|chance)"
    r"|too (?:early|soon) to (?:say|tell|know|judge)|still (?:being )?(?:studied|tested|looked into)"
    r"|depends on|varies|differs?|only (?:some|a few|for some))\b"
    r"|^(?:but|still|however|yet|even so|that said)\b[^.]*\b(?:risks?|harm|not|may|might|can|some|few|rare)\b"
)
# Such a claim leaves no room for doubt; a doubt in the sentence before it is taken back by it.
ABSOLUTE = (
    r"\b(?:cure|guarant|100|always|every|all |no |zero|without|free|completely|totally|entirely|perfectly"
    r"|absolutely|never|painless|nothing|forever|for good|once and for all)"
)

BENEFITS = (
    r"\b(?:benefits?|help(?:s|ed|ful)?|relie(?:f|ves?|ved|ving)|better|improv\w+|eas(?:e|es|ed)|heal(?:s|ed"
    r"|ing)?|cure\w*|effective\w*|success\w*"
    r"|restor\w+|safe(?:ly|r|st)?|painless\w*|comfort(?:able|ably)?|recover\w*|gentle|natural(?:ly)?|proven"
    r"|dramatic\w*|long-lasting|pain-free|risk-free"
    r"|works? well|advantages?|stronger|faster|amazing|excellent|best|guarantee\w*|enjoy\w*|feel good"
    r"|protects?|prevents?|quick(?:ly)?|lasting|miracle|easy|simple)\b"
)
RISKS = (
    r"\b(?:risks?|harm\w*|side[- ]?effects?|complications?|bleed\w*|infect\w+|bruis\w+|sore(?:ness)?|painful"
    r"|more pain|hurts?|swell\w*|swollen|faint\w*|dizz\w+"
    r"|allerg\w+|reactions?|damage\w*|injur\w+|numb(?:ness)?|weak(?:ness)?|scars?|scarring|fever|redness"
    r"|rash\w*|nausea|vomit\w*|headaches?|clots?|death|die|emergency"
    r"|danger\w*|worse\w*|discomfort|sting\w*|burn\w*|drawbacks?|downsides?|serious|fail\w*|come back"
    r"|wear off|tired\w*|itch\w*|tender|irritat\w+|tear|torn|puncture|blister\w*|stroke)\b"
)
DOUBTS = (
    r"\b(?:may|might|could|not (?:everyone|everybody|all|proven|known|sure|certain|work|help|clear|yet)"
    r"|do(?:es)? not (?:know|help|work|last)|don['’]t know|doesn['’]t (?:help|work|last)"
    r"|cannot (?:say|promise|guarantee|be sure|know)|can['’]t (?:say|promise|guarantee)|unknown|unclear"
    r"|uncertain\w*|unproven|not sure|theory|few studies|small studies|studies are"
    r"|evidence|research|some people|some patients|sometimes|usually|often|rarely|rare|no study|no promise"
    r"|varies|depends|mixed|limited)\b"
)


_FELT = (
    r"sor(e|eness)|bruis\w+|sting\w*|pain\w*|ach(e|es|ing|y)|swell\w*|swollen|red(ness|dened)?|itch\w*|dizz\w+"
    r"|light.?headed|nause\w+|sick|vomit\w*|tired\w*|headaches?|stiff\w*|tender\w*|discomfort|uncomfortable|scabs?"
    r"|blister\w*|irritat\w+|cramp\w*|rash\w*|dry(ness)?|burning|hurts?|bleed\w*|bloat\w*|gas|wind|spotting"
    r"|oozing|ooze|weak\w*|numb\w*|constipat\w+|diarrh\w+|fever|drows\w+|sleepy|faint\w*|lighter|darker|peel\w*"
    r"|crust\w*|watery|tingl\w+|throb\w*|no relief|sensitiv\w+|heav(y|ier)|cough\w*|hoarse\w*|sore throat"
    r"|unpleasant|flushing|feel (hot|cold|unwell|worse|shaky)"
)
FELT_HARM = rf"\b({_FELT})\b"
"""What a patient feels or sees that is no gain."""
_TROUBLE = (
    r"\b(lines?|calls?|links?|connections?|videos?|pictures?|sound|screens?|internet|cameras?|signals?|networks?|devices?"
    r"|wi.?fi)\b.{0,25}\b(break(s|ing)?|broken?|drop(s|ped|ping)?|fail(s|ed)?|freezes?|frozen|cuts?( out| off|$)"
    r"|poor|weak|slow|bad|blurred|lost|go(es)? (off|down|dead|dark)|not work\w*|crash\w*)\b"
    r"|\btechnical (problems?|troubles?|difficult\w+|failures?|faults?)\b"
    r"|\b(cannot|can.t|can not|unable to|not able to) (touch|feel|examine|listen to|see all of) (you|your)\b"
)
"""What goes wrong when care is given from afar; it happens all the time."""
_CARE = (
    r"\b(we|i|doctors?|nurses?|providers?|clinicians?|exam\w*|visits?|tests?|cameras?|pictures?) (may|might|can|could)"
    r"( \w+)? (miss|overlook)\b|\bmay be (missed|overlooked)\b|\bmisdiagnos\w+|\b(wrong|late|missed|delayed) "
    r"(diagnosis|treatment|care)\b|\b(delay(s|ed)?|late) (in|of) (your |the )?(diagnosis|treatment|care)\b"
    r"|\b(diagnosis|treatment|care) (may|might|can|could) (be|come|start) (delayed|late|too late)\b"
)
_PRIVACY = (
    r"\b(listen in|overh(ear|eard|ears)|eavesdrop\w*|hack\w*|stolen|data breach\w*|breach of (privacy|data))\b"
    r"|\b(some(one|body)|strangers?|others?|other people|people|third part(y|ies)) (else )?(may|might|can|could)"
    r" (see|hear|read|get at|steal|look at|find|open|access)\b"
    r"|\b(no|not|never)\b[^,;.]{0,30}\b(fully|completely|entirely|totally|always|quite|perfectly|100%) "
    r"(safe|secure|private)\b"
)
COMMON_HARM = (
    rf"\b({_FELT}|common\w*|often|usual\w*|most (people|patients)|many (people|patients)|mild|minor)\b|{_TROUBLE}"
)
SERIOUS_HARM = (
    rf"{_CARE}|{_PRIVACY}|"
    r"\b(infect\w+|nerves?|damag\w+|injur\w+|allerg\w+|anaphyla\w+|clots?|thrombo\w+|embol\w+|strokes?|die[ds]?"
    r"|deaths?"
    r"|fatal\w*|heart|lungs?|perforat\w+|holes?|tear\w*|torn|scar\w*|serious\w*|severe\w*|grave|dangerous|emergency"
    r"|hospital\w*|paraly\w+|blind\w*|los[st]\w* of|lose|losing|permanent\w*|lasting|sepsis|blood poisoning|burns?"
    r"|threaten\w+|transfusion|cancer|seizures?|fits?|punctur\w+|kidney\w*|liver|organs?|h(a)?emorrhag\w+"
    r"|collapse[sd]?"
    r"|reaction|breath\w*|harm\w*|hurt|reopen\w*|repair|surgery|operation|rupture\w*|fracture\w*|broken|miscarr\w+"
    r"|radiation|hernia|leak\w*|abscess\w*|pneumothorax|coma|disab\w+|necro\w+|vision|hearing|infertil\w+"
    r"|heavy bleeding|bleed\w* (inside|badly|heavily|that)|incontinen\w+|pancreatitis|meningitis|dependen\w+"
    r"|addict\w*|sight|lost|brain"
    r"|for (good|life)|second (operation|visit|surgery)|wrong place|collapses|overdose"
    r"|arrest)\b"
)
NO_HARM = (
    r"\b(no|not any|without|never( any)?|free of) (known |real |serious |major |significant |lasting |other |any )*"
    r"(risks?|side effects?|complications?|problems?|dangers?|harms?|harmful)\b"
    r"|(?<!fully )(?<!completely )(?<!always )(?<!not )\b(safe|harmless|risk.free)\b(?!.*\bbut\b)"
    r"|nothing (can|will|could) go wrong|n.t (any )?(risks|harm)"
)
