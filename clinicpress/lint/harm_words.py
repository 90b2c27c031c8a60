"""The words by which harm is known, in English, common or serious: to the body, to care and to privacy.

Patterns as text. What denies harm ("no risks") is one of them.
"""

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
