"""Claims balance: whether a text promises more than anybody can, and whether risks and doubts have their place.

A document is judged by the words of its own language, and not at all in one that has none.
Source: GMC, Decision making and consent (2020); PIF TICK ("be wary if the information is all positive").
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.phrases import (
    ABSOLUTE,
    BENEFITS,
    BREAK,
    CLAIMS,
    CONTRAST,
    DENIED,
    DENIED_INSIDE,
    DOUBTS,
    FELT_HARM,
    HEADINGS,
    LIMITS,
    MAY_HAPPEN,
    MAY_REFUSE,
    MAY_WITHDRAW,
    NEUTRAL_ROLES,
    PERMISSION,
    QUALIFIERS,
    RISKS,
    STARTS_DENIED,
    Phrase,
    phrase,
    said,
    understood,
)
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.sentences import TextBlock, passages, words

SOURCE = "GMC Decision making and consent (2020); PIF TICK (balance)"
SHORTEST_CLAIM = 5  # words: a shorter table cell ("No needle.") is a note
FEWEST_BENEFITS = 4  # benefit words; below this a short text would be judged by its few words


@cache
def _ready(words: str) -> re.Pattern[str]:
    """A pattern for small letters, ready for use. Made late: most commands need none, and making all takes a while."""
    return re.compile(words)


def _in(language: str, what: Phrase) -> re.Pattern[str]:
    """The pattern of a class of wording in a language, ready for use."""
    return _ready(what.of(language))


@lru_cache(maxsize=8192)  # two rules ask for each
def _wordings(sentence: str, language: str) -> tuple[re.Match[str], ...]:
    """Every wording of a claim in a sentence in small letters, whether it is meant as one or not."""
    wordings = CLAIMS.get(language.partition("-")[0], ())
    return tuple(match for one in wordings for match in _ready(one).finditer(sentence))


@dataclass(frozen=True, slots=True)
class Balance:
    """How many words of a text speak of benefits, of risks, and of what is not known."""

    benefit: int
    risk: int
    doubt: int

    @property
    def ratio(self) -> float:
        """Benefit words to words of risk and doubt; with none of these, the number of benefit words."""
        return self.benefit / max(1, self.risk + self.doubt)

    @property
    def tilted(self) -> bool:
        """Whether benefits outweigh."""
        return self.benefit >= FEWEST_BENEFITS and self.ratio > 1


def balance(document: Document) -> Balance | None:
    """The balance of a document; None in a language without a word list."""
    if not understood(document):
        return None
    weighed = (one for one in passages(document) if not NEUTRAL_ROLES.intersection(one.roles))
    said = [sentence.lower() for passage in weighed for sentence in passage.sentences]
    text, language = "\n".join(said), document.language
    without = "\n".join(_without(one, _wordings(one, language)) for one in said)  # "no risk" is no word of risk
    weighed_in = ((BENEFITS, text), (RISKS, without), (DOUBTS, without))
    return Balance(*(len(_in(language, what).findall(words)) for what, words in weighed_in))


def _without(text: str, spans: Iterable[re.Match[str]]) -> str:
    for span in spans:
        text = text[: span.start()] + " " * (span.end() - span.start()) + text[span.end() :]
    return text


def claims_in(sentence: str, language: str) -> list[re.Match[str]]:
    """The absolute claims of a sentence; what is denied, asked or made a condition is none."""
    sentence = sentence.lower()
    if sentence.rstrip('"”’»)').endswith("?"):
        return []
    found = []
    for match in _wordings(sentence, language):
        before = _in(language, BREAK).split(sentence[: match.start()])[-1]
        if not _in(language, DENIED).search(before) and not _denied_inside(match[0], language):
            found.append(match)
    return found


def _denied_inside(words: str, language: str) -> bool:
    """Whether a claim holds its own denial ("is not safe"); "no risk" and "never fails" begin with theirs."""
    starts = _in(language, STARTS_DENIED).match(words)
    return not starts and _in(language, DENIED_INSIDE).search(words) is not None


def qualified(sentence: str, language: str) -> bool:
    """Whether a sentence holds back: may, some people, we do not know, studies are small."""
    small = sentence.lower()
    bare = _in(language, PERMISSION).sub(" ", _without(small, _wordings(small, language)))
    return _in(language, QUALIFIERS).search(bare) is not None


@rule("L10", "claims", source=SOURCE, severity=Severity.WARNING)
def claims(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A claim such as "safe", "no side effects", "cure" or "dramatic" has its limit beside it.

    In the same sentence stands how sure it is, for whom it does not hold, or what may go wrong (may, some people, not
    everyone), or a sentence beside it says so (we do not know, studies are small, no shot is free of risk).
    That nothing serious happens may stand before what does happen ("no serious risks. You may get a rash.").
    Cells of a table about other choices are left alone, and so are promises that a no or a stop is heard.

    Wrong: "The shot is extremely safe." Right: "Most people have no problems. A few get an infection."
    """
    if not understood(document):
        return
    texts, language = passages(document), document.language
    for place, passage in enumerate(texts):
        if _of_another_choice(passage, document):
            continue
        for number, sentence in enumerate(passage.sentences):
            made = claims_in(sentence, language)
            found = [one for one in made if not _of_stopping(sentence, one, language)]
            if passage.row >= 0 and len(words(sentence)) < SHORTEST_CLAIM:
                continue
            if found and not _limited(found, texts, place, number, language):
                claimed = sentence[found[0].start() : found[0].end()].strip()
                message = f"'{claimed}' stands without a limit or a doubt near by."
                remedy = "Say how sure it is, for whom it does not hold, or what may go wrong; or leave it out."
                yield rule.found(str(document.file), passage.line, message, remedy, sentence)


def _of_another_choice(passage: TextBlock, document: Document) -> bool:
    """Whether a table cell under a heading of choices is about another one: its heads name nothing of the title."""
    if passage.row < 0 or passage.section < 0:
        return False
    section = document.sections[passage.section]
    if not _CHOICES.intersection(passage.roles) and not said(
        HEADINGS["alternatives"], section.heading, document.language
    ):
        return False
    named = {
        word.lower().removesuffix("s") for word in words(f"{document.title} {document.procedure}") if len(word) > 2
    }
    return named.isdisjoint(word.lower().removesuffix("s") for word in words(passage.about))


_CHOICES = frozenset({"alternatives", "no-treatment", "comparison"})


def _of_stopping(sentence: str, claim: re.Match[str], language: str) -> bool:
    """Whether a claim promises that a no, or a stop, is heard and does no harm: that is the reader's right.

    Either it is told in the same part of the sentence, or the claim is about the care that goes on.
    """
    small, breaks = sentence.lower(), _in(language, BREAK)
    start = max((one.end() for one in breaks.finditer(small, 0, claim.start())), default=0)
    part = breaks.split(small[start:])[0]
    care = said(_CARE, small[claim.end() :], language)
    told = _stops(part, language) and said(_READER, part, language)
    return said(_KEPT, claim[0], language) and (told or (care and _stops(small, language)))


def _stops(text: str, language: str) -> bool:
    return said(MAY_REFUSE, text, language) or said(MAY_WITHDRAW, text, language)


_READER, _KEPT, _CARE = phrase("stopping/reader"), phrase("stopping/kept"), phrase("stopping/care")


def _limited(found: list[re.Match[str]], texts: tuple[TextBlock, ...], place: int, number: int, language: str) -> bool:
    """Whether a claim has its limit: in its sentence, in the next one, or (if it is not absolute) in the one before."""
    sentence = texts[place].sentences[number]
    limit_behind = _in(language, CONTRAST).search(sentence.lower(), max(one.end() for one in found))
    if limit_behind or qualified(sentence, language):
        return True
    before, behind = _beside(texts, place, number)
    if all(said(_NOTHING_GRAVE, one[0], language) for one in found) and any(
        said(MAY_HAPPEN, one, language) and said(FELT_HARM, one, language) for one in _further(texts, place, number)
    ):
        return True
    absolute = any(_in(language, ABSOLUTE).search(one[0]) for one in found)
    near = (behind,) if absolute else (before, behind)
    return any(_in(language, LIMITS).search(_without(one.lower(), claims_in(one, language))) for one in near)


_NOTHING_GRAVE = phrase("nothing-grave")


def _further(texts: tuple[TextBlock, ...], place: int, number: int) -> tuple[str, ...]:
    """The sentences that follow a sentence in its own text, and those of the next text of its section."""
    passage, behind = texts[place], texts[place + 1 : place + 2]
    more = behind[0].sentences if behind and behind[0].section == passage.section else ()
    return (*passage.sentences[number + 1 :], *more)


def _beside(texts: tuple[TextBlock, ...], place: int, number: int) -> tuple[str, str]:
    """The sentences before and behind a sentence: of its own text, or of the next paragraph of its section."""
    passage = texts[place]
    before = behind = ""
    if number > 0:
        before = passage.sentences[number - 1]
    elif place > 0 and _joined(texts[place - 1], passage):
        before = (texts[place - 1].sentences or ("",))[-1]
    if number + 1 < len(passage.sentences):
        behind = passage.sentences[number + 1]
    elif place + 1 < len(texts) and _joined(passage, texts[place + 1]):
        behind = (texts[place + 1].sentences or ("",))[0]
    return before, behind


def _joined(one: TextBlock, other: TextBlock) -> bool:
    return one.section == other.section and not one.alone and not other.alone


@rule("L11", "balance", source=SOURCE, severity=Severity.WARNING)
def unbalanced(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A text says no more of benefits than of risks and of what is not known: the words of both are counted.

    Wrong: a leaflet with fifteen words of praise and three of risk. Right: as much room for what may go wrong.
    """
    weighed = balance(document)
    if weighed is not None and weighed.tilted:
        message = (
            f"Benefits outweigh: {weighed.benefit} words of benefit, "
            f"{weighed.risk} of risk and {weighed.doubt} of doubt."
        )
        remedy = "Say what may go wrong and what is not known, or praise less. (Words are counted: a screen.)"
        yield rule.found(str(document.file), 1, message, remedy)


RULES = (claims, unbalanced)
