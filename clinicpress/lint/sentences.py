"""A document as a row of sentences, each with its place: what the rules about language read.

A list item and a table cell are texts of their own, so a sentence never runs from one into the next.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from clinicpress.documents import (
    Block,
    Callout,
    Definitions,
    Document,
    Figure,
    Inline,
    Listing,
    Paragraph,
    Section,
    Strong,
    Subheading,
    Table,
    plain_text,
    split_sentences,
)
from clinicpress.words import language

_WORD = re.compile(r"[^\W_](?:[^\W_]|['’.,-](?=[^\W_]))*")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A text that stands by itself: a paragraph, a list item, a table cell, a caption.

    `section` is the number of its section (-1 for the opening), `row` the number of the table row that it stands in and
    -1 outside tables. `alone` is true where neighbours are other topics: list items, cells, captions. `defined` is true
    of the head of a definition, which the next text explains; `about` is the head of a cell's row and of its column.
    `part` counts the subheadings of its section that stand above it.
    """

    sentences: tuple[str, ...]
    line: int
    section: int
    roles: tuple[str, ...]
    strong: tuple[str, ...] = ()
    alone: bool = False
    row: int = -1
    defined: bool = False
    about: str = ""
    part: int = 0


def knows(document: Document, words: str) -> bool:
    """Whether word lists of the rules (`words.Language.knows`) hold for the language of a document."""
    return words in language(document.language).knows


def words(text: str) -> list[str]:
    """The words of a text. A word with a hyphen or an apostrophe is one, a number as well."""
    return _WORD.findall(text)


def word_count(text: str, tag: str) -> float:
    """About how many words a text has, in a language that may part the syllables of one with blanks."""
    return len(words(text)) / language(tag).pieces


def spoken(text: str) -> tuple[str, ...]:
    """The sentences of a text that say something: a dash alone in a cell says nothing."""
    return tuple(one for one in split_sentences(text) if re.search(r"\w", one))


def passages(document: Document) -> tuple[TextBlock, ...]:
    """All texts of a document from top to bottom; headings are not among them."""
    return _every_passage(document.opening, document.sections, document.notes)


@lru_cache(maxsize=256)  # every rule asks for them
def _every_passage(
    opening: tuple[Block, ...], sections: tuple[Section, ...], notes: tuple[tuple[Block, ...], ...]
) -> tuple[TextBlock, ...]:
    found = list(_passages(opening, -1, ()))
    for number, section in enumerate(sections):
        part = 0
        for block in section.blocks:
            part += isinstance(block, Subheading)
            found += (replace(one, part=part) for one in _passages((block,), number, section.roles))
    for note in notes:
        found += _passages(note, -2, (), alone=True)
    return tuple(found)


def _passages(
    blocks: Sequence[Block], section: int, roles: tuple[str, ...], *, alone: bool = False
) -> Iterator[TextBlock]:
    for block in blocks:
        match block:
            case Paragraph(content, line):
                yield _passage(content, line, section, roles, alone=alone)
            case Listing(items):
                for item in items:
                    yield from _passages(item, section, roles, alone=True)
            case Definitions(entries, line):
                for term, explanation in entries:
                    yield from _definition(plain_text(term), explanation, line, section, roles)
            case Callout(_, content):
                yield from _passages(content, section, roles, alone=alone)
            case Table():
                yield from _cells(block, section, roles)
            case Figure(caption=caption, line=line):
                yield TextBlock(spoken(caption), line, section, roles, alone=True)


def _definition(
    term: str, explanation: Sequence[Block], line: int, section: int, roles: tuple[str, ...]
) -> Iterator[TextBlock]:
    """A term and its explanation, each by itself: nobody reads them as one sentence. The term is explained."""
    yield TextBlock(spoken(term), line, section, roles, (term,), alone=True, defined=bool(explanation))
    yield from _passages(explanation, section, roles, alone=True)


def _cells(table: Table, section: int, roles: tuple[str, ...]) -> Iterator[TextBlock]:
    """The cells of a table, row by row, without its head."""
    rows = (row for group in table.groups for row in group)
    heads = [plain_text(cell.content) for cell in table.head]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            about = " | ".join([plain_text(row[0].content), *heads[column : column + 1]])
            passage = _passage(cell.content, table.line, section, roles, alone=True, row=number)
            yield replace(passage, about=about)


def _passage(
    content: Sequence[Inline], line: int, section: int, roles: tuple[str, ...], *, alone: bool, row: int = -1
) -> TextBlock:
    strong = tuple(plain_text(part.content) for part in content if isinstance(part, Strong))
    return TextBlock(spoken(plain_text(content)), line, section, roles, strong, alone, row)
