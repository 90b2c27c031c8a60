"""What a handout has to tell: what it is, how it works, what may help, what to weigh, what to expect.

Each is looked for as a careful reader would: in the section with the role, under a heading that promises it, or in
sentences elsewhere that plainly say it. Words are found; their truth is not judged.
"""

from collections.abc import Callable, Collection, Iterator
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
    phrase,
    phrases_by_role,
    said,
)
from clinicpress.lint.review import left_open

FEWEST_WORDS = 3  # of a sentence that says something

# Headings -------------------------------------------------------------------------------------------------------------

_PROMISES = phrases_by_role("promises")
_TOPICS = phrases_by_role("topics")


@lru_cache(maxsize=500)
def _announced(heading: str) -> frozenset[str]:
    """What a heading announces in its own words."""
    return frozenset(role for role, pattern in {**_PROMISES, **_TOPICS}.items() if heading and said(pattern, heading))


def announces(passage: Passage, role: str) -> bool:
    """Whether a heading says by itself that its section does what a role stands for. One left open says nothing."""
    patterns = [table[role] for table in (HEADINGS, _PROMISES) if role in table]
    return not left_open(passage.heading) and any(said(one, passage.heading) for one in patterns)


# Sentences ------------------------------------------------------------------------------------------------------------

ARRANGES = phrase("handout/arranges")
"""How a clinic is run, where it is and who pays: no answer to what a treatment is or does."""
_TELLS_TO = phrase("handout/tells-to")
"""A sentence that tells the reader to do something."""
_CALLS = phrase("handout/calls")
_GLOSS = phrase("handout/gloss")
_NO_GLOSS = phrase("handout/no-gloss")
_ACTS = phrase("handout/acts")
_CAUSES = phrase("handout/causes")
_BETTER = phrase("handout/better")
_LACKS = phrase("handout/lacks")
_GOES = phrase("handout/goes")


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


def lacking(document: Document, elsewhere: Collection[str] = ()) -> Iterator[tuple[str, str, Passage | None]]:
    """The roles whose part is not told, what that part is, and the section that has the role and does not say it.

    Of a role that no words are known for, only the section is looked for. Roles that rules look for `elsewhere` are
    passed over.
    """
    known = document.language in SPOKEN
    use = document.kind.uses.get(str(document.own.get("use", "")), {})
    for role in (*document.kind.required, *use.get("roles", ())):
        if role in elsewhere:
            continue
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
