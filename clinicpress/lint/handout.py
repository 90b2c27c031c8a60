"""What a handout has to tell: what it is, how it works, what may help, what to weigh, what to expect.

Each is looked for as a careful reader would: in the section with the role, under a heading that promises it, or in
sentences elsewhere that plainly say it. Words are found; their truth is not judged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clinicpress.documents import Document
from clinicpress.lint.consent_meaning import DURATION, STRICT_MODAL, told_in, words_in
from clinicpress.lint.phrases import (
    FELT_HARM,
    GOOD,
    HEADINGS,
    HEDGE,
    MAY_HAPPEN,
    NO_HARM,
    SERIOUS_HARM,
    SPOKEN,
    Passage,
    passages,
    said,
)
from clinicpress.lint.review import left_open

FEWEST_WORDS = 3  # of a sentence that says something

# Headings -------------------------------------------------------------------------------------------------------------

_PROMISES = {
    "definition": r"\bwhat(’s|'s| is| are| exactly|.{0,40} (is|means|comprises|consists of)$)"
    r"(?!.*\b(good|bad|risks?|benefits?|gain|(dis)?advantages?|side effects?|happens?|expect|next|done|against|for me"
    r"|for you|downsides?|drawbacks?|like|known|used for|it for)\b)|^about\b|in plain words|explained$|overview"
    r"|introduc|descri|characteristic|nature of|meaning|defin|\bthe basics\b|\bwhat do (we|you) mean",
    "mechanism": r"\bhow\b.{0,40}\b(works?|working|acts?|functions?|heals?|does (its|the) (job|work|trick))\b"
    r"|\bwhat\b.{0,30}\b(does|do|will)\b.{0,20}\bdo(es)?\b(?! for)|goes on|\binside\b|mode of action|mechanism"
    r"|principle|science|\bwhy (it|this|they) (works?|helps?)|happens? (in|inside|to|within) (your|my|the) "
    r"(body|blood|brain|joint|skin|nerve|muscle|eye|ear|cell)",
    "benefits": r"benefit|(?<!dis)advantage|\bpros?\b|(?<!not )(?<!not so )(?<!n’t so )(?<!n't so )\bgood\b|\bgain"
    r"|\bworth\b|in it for|\bhelps?\b(?! us| line)|does? for (you|me|your|people)|reasons? (to|for)"
    r"|\bvalue\b|upside|\bhope|improve|useful|effective|result|success|chances|\bwhy\b(?!.*\bnot\b)"
    r"|what you (may|might|will|can|could) (notice|feel|see|gain|get|win)|speaks for|\bplus\b|get better|relief",
    "drawbacks": rf"{HEADINGS['risks']}|\bagainst\b|other side|falls? short|\bnot (like|so good|good|help)"
    r"|may (trouble|bother|annoy)|\bweigh\b|limit|disadvantage|\bdislike|careful|caution|concern|\bsafe(ty)?\b"
    r"|who should not|\bbad\b|know before|unpleasant|warning|negative|\bminus|less (good|pleasant)|not for (you|every)"
    r"|price to pay",
    "expect": rf"{HEADINGS['expect']}|\bsteps?\b|day by day|your (day|week|month|visit|appointment|stay|session|part)"
    r"|how (does|will|is|do|to|it goes)\b(?!.{0,30}\bwork)|how (often|many|soon|much)|instruction|prepar|before"
    r"|organi[sz]ation|what (to do|you (do|need|can do|should do|must do))|caring for|using|schedule|timetable|hurt"
    r"|\bat home\b|\bnext\b|\bpractical",
}
_TOPICS = {
    "questions": r"question|\bcall\b|contact|reach us|get in touch|emergenc|\bask\b|\b(see|seek|ring|phone)\b"
    r"|warning sign|red flag",
    "cost": HEADINGS["cost"],
    "comparison": rf"{HEADINGS['alternatives']}|differ|compar|\bvs\b|versus|\bis not\b",
    "summary": r"in short|at a glance|summar|key (points|facts|messages)|in brief|most important",
    "uses": r"\bused? (for|to)\b|\bfor whom\b|who (can|may|is it|needs|should have)|\bit for\b|indication|conditions",
}


@lru_cache(maxsize=500)
def _announced(heading: str) -> frozenset[str]:
    """What a heading announces in its own words."""
    return frozenset(role for role, pattern in {**_PROMISES, **_TOPICS}.items() if heading and said(pattern, heading))


# Sentences ------------------------------------------------------------------------------------------------------------

ARRANGES = (
    r"\b(appointments?|registration|reception\w*|desk|weekdays?|(mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|opening (hours|times)|office hours|o.clock|park(ing)?|(car|parking) lot|insur\w+|health plan|(the|your) plan"
    r"|coverage|cards?|fees?|bills?|websites?|our (team|staff|house|clinic)|years of (practice|experience)|book(ing)?"
    r"|referrals?|elevators?|need a date|room|building|paperwork)\b"
)
"""How a clinic is run, where it is and who pays: no answer to what a treatment is or does."""
_TELLS_TO = (
    r"^(please |then |now |do not |don.t |never |always |first,? )*(put|take|wash|use|keep|drink|rest|avoid|hold|wait"
    r"|sit|lie|come|bring|wear|move|press|shake|turn|choose|push|measure|write|breathe|eat|stop|change|clean|cover"
    r"|apply|remove|leave|start|try|roll|place|rinse|call|ring|phone|ask|tell|go|see|look|read|contact|return|check|stay|raise|dry"
    r"|plan|let|make sure|count|swallow|walk|sleep|lift|drive|dial|park|secure|store|open|close)\b"
)
"""A sentence that tells the reader to do something."""
_CALLS = (
    r"^(call|tell|phone|ring|dial|contact|see|go)\b.{0,60}\b(if|when|about|at once)\b"
    r"|^(if|when)\b.*\b(call|dial|ring)\b"
)
_GLOSS = (
    r"\b(it|this|these|they|that) (is|are) (an?|the|made|called|when|where|small|short)\b"
    r"|^(an? |the |this |your )?[\w’'-]+( [\w’'()-]+){0,6}? (is|are) (an?|the|when|made|called|short for)\b"
    r"|\b(holds|contains|consists? of|(is|are) made (of|up|from)|means|refers? to|stands for|short for|(also|is|are) "
    r"called|known as|an? (type|kind|form|sort) of|describes)\b"
    r"|\bwe (put|place|inject|insert|freeze|cut|drain|remove|pass|wash|rinse|give you|take out|look into|number)\b"
)
_NO_GLOSS = (
    r"\b(is|are) (an?|the) (\w+ )?(risks?|chances?|questions?|idea|pity|theory|problem|signs?|matter|choice|must|reason"
    r"|few|lot|bit|best|safest|most)\b"
)
_ACTS = (
    r"\b((?:warm|cool|dry|open|narrow|thin|slow|heat|numb)(?=s|ed|ing)|calm|block|bind|kill|destroy|stop|relax|loosen"
    r"|soften|widen|shrink|freeze|stimulate|activate|release|draw|pull|push|hold|support|stretch|teach|train|make|let|help|cause|carr(y|ie)|reach"
    r"|enter|goe?|travel|dissolve|break|protect|replace|boost|reduce|lower|raise|attach|stick|grow|fight|settle"
    r"|turn|tell|change|signal|wake|fill|close|seal|quieten|act|bring|prevent|trap|burn|flow|spread)(e?s|e?d|ing)?\b"
    r".{0,50}\b(body|blood\w*|cells?|nerves?|muscles?|skin|joints?|brain|heart|bones?|tissues?|veins?|arter(y|ies)"
    r"|lungs?|airways?|stomach|acid|bowel|gut|intestines?|kidneys?|liver|eyes?|ears?|immune|defen[cs]es?|germs?|virus\w*"
    r"|bacteria|signals?|swelling|inflammation|proteins?|hormones?|sugar|fluid|liquid|pressure|lining|clots?|receptors?"
    r"|wax|warts?|stones?|wound|water|salt|mucus|oxygen|fat|fib(er|re)s?|tendons?|glands?)\b"
)
_CAUSES = r"\bworks? (by|on|like|in)\b|\bso that\b|\bthis is (why|how)\b|\bin turn\b|\bas a result\b|\bthat is how\b"
_BETTER = (
    r"\b(feel|be|get|breathe|walk|sleep|move|see|hear|heal|live|eat|find|found|work|identified|seen|detected)\w* "
    r"(\w+ )?(more \w+|\w+er)\b|\b(less|fewer|no more) \w+"
)
_LACKS = (
    r"\b(not|no|never|cannot|hardly|only|few|fails?|worse|wrong|worry|need(ed)?|have to|costs?|again"
    r"|wears? off|unpleasant|odd|lump\w*|weight|hard|too \w+|side.effects?|risks?|harms?|rare\w*|shak\w+|beat|marks?"
    r"|limited|unknown|uncertain|but|however|awkward|loud|tight|strange|inconvenient|although|stress\w*|expos\w+|disturb\w*"
    r"|dehydrat\w+|hypotension|false|miss(es|ed)?)\b|n.t\b"
)
_GOES = (
    r"\b(you (will|can|may|might|lie|sit|come|go|get|need|stay|should|feel|wait|take|have to|are|put|do)"
    r"|your \w+ (will|may)|we (put|give|clean|inject|ask|check|then|will|numb|place|make|take|look|show|help|call)"
    r"|(visit|test|treatment|procedure|injection|it|examination|session|shot) (takes|lasts|requires))\b"
)


def _own(passage: Passage, fewest: int) -> list[str]:
    """The sentences that say something themselves: not where to ask, and not how the clinic is run."""
    return [one for one in told_in(passage) if len(words_in(one)) >= fewest and not said(ARRANGES, one)]


def _defines(passage: Passage, promised: bool) -> bool:
    told = [one for one in _own(passage, 5) if not said(NO_HARM, one) and not said(_TELLS_TO, one)]
    return any(promised or (said(_GLOSS, one) and not said(_NO_GLOSS, one)) for one in told)


def _explains(passage: Passage, promised: bool) -> bool:
    told = [one for one in _own(passage, 4) if not said(_TELLS_TO, one)]
    if promised:
        return any(not said(r"^you (do not|need|can|must|should|have)\b", one) for one in told)
    return any(said(_ACTS, one) or said(_CAUSES, one) for one in told if not said(r"^(you|if|most|some)\b", one))


def _helps(passage: Passage, promised: bool) -> bool:
    told = [one for one in _own(passage, 3) if not said(_CALLS, one)]
    if promised:
        return any(said(GOOD, one) or said(_BETTER, one) or said(HEDGE, one) for one in told)
    denied = r"\b(no|not|never|worse)\b|n.t\b"
    return any(
        (said(GOOD, one) or said(_BETTER, one)) and said(STRICT_MODAL, one) and not said(denied, one) for one in told
    )


def _warns(passage: Passage, promised: bool) -> bool:
    told = [one for one in told_in(passage) if not said(NO_HARM, one) and not said(_CALLS, one)]
    if promised:
        return any(said(f"{FELT_HARM}|{SERIOUS_HARM}|{_LACKS}", one) for one in told)
    gain = r"\b(lower|reduc|prevent|avoid|less|protect|reliev|relief|eas(e|es|ed)\b|help|heal|better)"
    told = [one for one in told if said(MAY_HAPPEN, one) and not said(gain, one) and not said(_TELLS_TO, one)]
    felt = sum(said(FELT_HARM, one) for one in told)
    return felt > 1 or any(said(SERIOUS_HARM, one) for one in told)


def _prepares(passage: Passage, promised: bool) -> bool:
    told = [one for one in told_in(passage) if len(words_in(one)) > 1 and not said(_CALLS, one)]
    courses = [one for one in told if any(said(pattern, one) for pattern in (_TELLS_TO, _GOES, DURATION))]
    if promised:
        return bool(courses) or (passage.items > 1 and bool(told))
    return len(courses) > 1 and (passage.items > 1 or any(said(DURATION, one) for one in courses))


# Parts ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandoutPart:
    """A part that no handout can be without. `hosts` are the subjects of passages that may tell it in passing."""

    role: str
    what: str
    tells: Callable[[Passage, bool], bool]
    hosts: frozenset[str]


_EARLY = frozenset({"definition", "mechanism", "uses", "summary"})
PARTS = {
    one.role: one
    for one in (
        HandoutPart("definition", "what it is", _defines, _EARLY | {"expect"}),
        HandoutPart("mechanism", "how it works", _explains, _EARLY),
        HandoutPart("benefits", "what may help", _helps, _EARLY),
        HandoutPart("drawbacks", "what to weigh", _warns, _EARLY | {"expect", "aftercare", "comparison"}),
        HandoutPart("expect", "what to expect", _prepares, _EARLY | {"aftercare"}),
    )
}


def told_by(document: Document, role: str) -> Passage | None:
    """The passage that tells a part without its role: first where a heading promises it, then in passing."""
    if role not in PARTS:
        return None
    part, every = PARTS[role], passages(document)
    others = [one for one in every if role not in one.roles]
    for one in others:
        if one.heading and said(_PROMISES[role], one.heading) and part.tells(one, True):
            return one
    for one in sorted(others, key=lambda one: not one.heading):  # the opening last: a role cannot stand there
        about = set(one.roles) or set(_announced(one.heading))
        if about <= {role, *part.hosts} and part.tells(one, False):
            return one
    return None


def lacking(document: Document) -> Iterator[tuple[str, str, Passage | None]]:
    """The roles whose part is not told, what that part is, and the section that has the role and does not say it.

    Of a role that no words are known for, only the section is looked for.
    """
    known = document.language in SPOKEN
    for role in document.kind.required:
        marked = [one for one in passages(document) if role in one.roles]
        if known and told_by(document, role):
            continue
        part = PARTS.get(role)
        what = part.what if part else document.kind.roles[role].write
        if not marked:
            yield role, what, None
        elif part and known and not any(_says(part, one) for one in marked):
            yield role, what, marked[0]


def _says(part: HandoutPart, passage: Passage) -> bool:
    """Whether a section with the role says what it is for. The author's word counts: a sentence of its own will do.

    Drawbacks have to be drawbacks: praise in their place misleads. Empty and open sections have rules of their own.
    """
    if not passage.spoken or any(left_open(one) for _, one in passage.spoken) or part.tells(passage, True):
        return True
    if part.role == "expect":
        return any(len(words_in(one)) >= FEWEST_WORDS for one in told_in(passage))
    own = (one for one in _own(passage, FEWEST_WORDS) if not said(_TELLS_TO, one))
    return part.role != "drawbacks" and any(own)


def unmarked(document: Document) -> Iterator[tuple[str, Passage]]:
    """The roles that nobody has set although a passage does what they stand for, each with that passage."""
    if document.language in SPOKEN:
        for role in document.kind.required:
            if document.section(role) is None and (passage := told_by(document, role)):
                yield role, passage
