"""What a handout has to tell: what it is, how it works, what may help, what to weigh, what to expect.

All words of a passage are weighed (`meaning`), with its heading. Their truth is not judged.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from clinicpress.documents import Document
from clinicpress.lint import meaning
from clinicpress.lint.consent_meaning import told_in, words_in
from clinicpress.lint.phrases import HEADINGS, Passage, passages, phrase, phrases_by_role, said
from clinicpress.lint.review import left_open

FEWEST_WORDS = 3  # of a sentence that says something
_PROMISES = phrases_by_role("promises")
ARRANGES = phrase("handout/arranges")
"""How a clinic is run, where it is and who pays: no answer to what a treatment is or does."""
_TELLS_TO = phrase("handout/tells-to")
"""A sentence that tells the reader to do something."""


@dataclass(frozen=True, slots=True)
class HandoutPart:
    """A part that no handout can be without: how it is weighed, what it is, from where on (log-odds) words tell it."""

    weighed: tuple[str, ...]
    what: str
    sure: float


PARTS: Mapping[str, HandoutPart] = MappingProxyType(
    {
        "definition": HandoutPart(("C02",), "what it is", 0.0),
        "mechanism": HandoutPart(("mechanism",), "how it works", -1.0),
        "benefits": HandoutPart(("benefits", "C08"), "what may help", -1.75),
        "drawbacks": HandoutPart(("drawbacks", "C09.common", "C09.serious"), "what to weigh", 0.75),
        "expect": HandoutPart(("expect",), "what to expect", -2.5),
    }
)
"""The parts of a handout by role."""


def announces(passage: Passage, role: str) -> bool:
    """Whether a heading says by itself that its section does what a role stands for. One left open says nothing."""
    patterns = [table[role] for table in (HEADINGS, _PROMISES) if role in table]
    return not left_open(passage.heading) and any(said(one, passage.heading, passage.language) for one in patterns)


def _best(role: str, among: Sequence[Passage], language: str) -> meaning.PassageScore:
    """The passage that tells a part best, by whatever name it is weighed under."""
    names = PARTS[role].weighed
    return max((meaning.best(name, role, among, language) for name in names), key=lambda one: one.score)


def _is_weighed(role: str, language: str) -> bool:
    """Whether a role is that of a part, and whether its words are known in a language."""
    return role in PARTS and meaning.is_known(language, PARTS[role].weighed[0])


def told_by(document: Document, role: str) -> meaning.PassageScore | None:
    """The passage that tells a part without its role best, and how well; none where its words are not known."""
    if not _is_weighed(role, document.language):
        return None
    others = [one for one in passages(document) if role not in one.roles]
    best = _best(role, others, document.language)
    return best if best.score >= PARTS[role].sure else None


def lacking(document: Document, elsewhere: Collection[str] = ()) -> Iterator[tuple[str, str, Passage | None]]:
    """The roles whose part is not told, what that part is, and the section that has the role and does not say it.

    Of a role that no words are known for, only the section is looked for. Roles that rules look for `elsewhere` are
    passed over.
    """
    use = document.kind.uses.get(str(document.own.get("use", "")), {})
    for role in (*document.kind.required, *use.get("roles", ())):
        if role in elsewhere:
            continue
        marked = [one for one in passages(document) if role in one.roles]
        if told_by(document, role):
            continue
        what = PARTS[role].what if role in PARTS else document.kind.roles[role].write
        if not marked:
            yield role, what, None
        elif _is_weighed(role, document.language) and not any(_says(role, one, document.language) for one in marked):
            yield role, what, marked[0]


def _says(role: str, passage: Passage, language: str) -> bool:
    """Whether a section with the role says what it is for. The author's word counts: a sentence of its own will do.

    Drawbacks have to be drawbacks: praise in their place misleads. Empty and open sections have rules of their own.
    """
    if not passage.spoken or any(left_open(one) for _, one in passage.spoken):
        return True
    if _best(role, [passage], language).score >= PARTS[role].sure:
        return True
    own = [
        one
        for one in told_in(passage)
        if len(words_in(one)) >= FEWEST_WORDS and not said(ARRANGES, one, passage.language)
    ]
    return role != "drawbacks" and any(role == "expect" or not said(_TELLS_TO, one, passage.language) for one in own)


def unmarked(document: Document) -> Iterator[tuple[str, meaning.PassageScore]]:
    """The roles that nobody has set although a passage does what they stand for, each with how well that does it."""
    for role in document.kind.required:
        if document.section(role) is None and (best := told_by(document, role)):
            yield role, best
