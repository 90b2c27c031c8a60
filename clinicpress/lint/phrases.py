"""How a thing can be said: classes of words by which a rule recognises what a passage is about.

A class holds turns of phrase, never whole sentences of a particular form, so that forms in other words are understood
too. The classes are data, a file a language (`languages/phrases/`); in a language without one a rule believes the roles
that the author has set. A text is judged by the words of its own language: "once" is a number in Spanish.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import Any

from clinicpress.documents import (
    Block,
    Document,
    FieldGroup,
    Listing,
    Section,
    Table,
    split_sentences,
    walk,
    words_of,
)
from clinicpress.words import LANGUAGE_FOLDER

_ROWS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((LANGUAGE_FOLDER / "phrases").glob("*.toml"))
    }
)
SPOKEN = frozenset(_ROWS)
"""The languages whose turns of phrase are known: those that have a file of them."""


def understood(document: Document) -> bool:
    """Whether the turns of phrase are known of a document's language, of whatever country."""
    return document.language.partition("-")[0] in SPOKEN


def _whole(row: Mapping[str, Any], written: str) -> str:
    """A pattern in one line, with the phrases that it names (`<<harm>>`, `<<headings/risks>>`)."""
    return re.sub(r"<<([\w/-]+)>>", lambda named: _whole(row, _found(row, named[1])), written.replace("\n", ""))


def _found(row: Mapping[str, Any], name: str) -> Any:
    """What a file holds under a name; nothing where it has no such class."""
    return reduce(lambda table, key: table.get(key, {}), name.split("/"), row) or ""


NEVER = r"(?!)"
"""A pattern that nothing fits."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A class of wording: a pattern for each language that has it, and under "" one for all of them together."""

    patterns: Mapping[str, str]

    def of(self, language: str) -> str:
        """The pattern for a language, of whatever country; one that nothing fits where the language has none."""
        return self.patterns.get(language.partition("-")[0], NEVER)


def phrase(name: str) -> Phrase:
    """A class of wording in every language that has it. `handout/gloss` is in a table."""
    known = {tag: _whole(row, written) for tag, row in _ROWS.items() if (written := _found(row, name))}
    return Phrase(MappingProxyType({"": "|".join(known.values()) or NEVER, **known}))


def phrases_by_role(table: str) -> Mapping[str, Phrase]:
    """A class of wording for each role, or code, of a table that some language has."""
    names = dict.fromkeys(name for row in _ROWS.values() for name in _found(row, table) or ())
    return MappingProxyType({name: phrase(f"{table}/{name}") for name in names})


def said(what: Phrase | str, text: str, language: str = "") -> bool:
    """Whether a text holds a turn of phrase, of its language if that is named, else of any. Capitals are no matter."""
    return _holds(what if isinstance(what, str) else what.of(language), text)


@lru_cache(maxsize=500)
def _holds(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Passage:
    """A section as a reader takes it in: its heading, what its author says it does, and its sentences with their lines.

    `items` counts what stands in lists and table rows. The text before the first heading is a passage without heading.
    `language` is that of its document, by whose words it is judged.
    """

    heading: str
    roles: tuple[str, ...]
    line: int
    spoken: tuple[tuple[int, str], ...]
    items: int
    language: str = ""

    @property
    def text(self) -> str:
        """All sentences in one text, without the heading."""
        return "\n".join(sentence for _, sentence in self.spoken)

    def says(self, what: Phrase | str) -> bool:
        """Whether one sentence holds a turn of phrase."""
        return any(said(what, sentence, self.language) for _, sentence in self.spoken)

    def those_that_say(self, what: Phrase | str) -> tuple[str, ...]:
        """The sentences that hold a turn of phrase."""
        return tuple(sentence for _, sentence in self.spoken if said(what, sentence, self.language))


@lru_cache(maxsize=200)
def _passage(heading: str, roles: tuple[str, ...], blocks: tuple[Block, ...], line: int, language: str) -> Passage:
    text = tuple(block for block in blocks if not isinstance(block, FieldGroup))
    spoken = [(at, sentence) for at, words in words_of(text) for sentence in split_sentences(words)]
    items = 0
    for block in walk(text):
        if isinstance(block, Listing):
            items += len(block.items)
        if isinstance(block, Table):
            items += sum(len(group) for group in block.groups)
            # A row is read as one: what stands at its head holds for all its cells.
            spoken += [(block.line, row) for row in _rows(block)]
    return Passage(heading, roles, line, tuple(spoken), items, language)


def _rows(table: Table) -> Iterator[str]:
    """The rows of a table, each with the head of its group, as one sentence."""
    for group in filter(None, table.groups):
        head = next(iter(words_of((Table(group[0][:1], (), table.line),))), (0, ""))[1]
        for row in group:
            cells = [text for _, text in words_of((Table(row, (), table.line),)) if text and text != head]
            yield " | ".join([head, *cells])


def passages(document: Document) -> tuple[Passage, ...]:
    """The passages of a document, from top to bottom."""
    line = document.opening[0].line if document.opening else 1
    opening = _passage("", (), document.opening, line, document.language)
    return (opening, *(_of(section, document.language) for section in document.sections))


def _of(section: Section, language: str) -> Passage:
    return _passage(section.heading, section.roles, section.blocks, section.line, language)


# The classes; the files say what each holds ---------------------------------------------------------------------------

HEADINGS = phrases_by_role("headings")
"""Headings by which an author announces a section, by role."""
NEUTRAL_ROLES = frozenset({"definition", "mechanism", "reason", "uses", "comparison"})  # they speak of the illness
CLAIMS = MappingProxyType({tag: tuple(_whole(row, one) for one in row.get("claims", ())) for tag, row in _ROWS.items()})
"""Wordings of a claim, by language."""
BREAK = phrase("break")
DENIED = phrase("denied")
STARTS_DENIED = phrase("starts-denied")
DENIED_INSIDE = phrase("denied-inside")
PERMISSION = phrase("permission")
QUALIFIERS = phrase("qualifiers")
CONTRAST = phrase("contrast")
LIMITS = phrase("limits")
ABSOLUTE = phrase("absolute")
BENEFITS = phrase("benefits")
RISKS = phrase("risks")
FELT_HARM = phrase("felt-harm")
MAY_HAPPEN = phrase("may-happen")
DOUBTS = phrase("doubts")
POINTS_ELSEWHERE = phrase("points-elsewhere")
MAY_REFUSE = phrase("may-refuse")
MAY_WITHDRAW = phrase("may-withdraw")
