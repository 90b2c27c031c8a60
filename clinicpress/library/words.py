"""The words of a text: medical ones for its box, and those that would not print or would print as others.

Markdown drops what it does not understand: words behind a container's name, a cell too many, a note that nobody refers
to, a list nested too deeply; and it counts the items of a list itself. An author would find out from the patient.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

from clinicpress.documents import Block, Definitions, Document, Paragraph, Revision, Section, Text, figures, words_of
from clinicpress.documents.glossary import glossary_reader
from clinicpress.library.glossary import read_glossary
from clinicpress.words import words_in

SHIPPED = Path(__file__).parents[2] / "handouts"
BEFORE = ("questions", "statement")  # the box stands before the section that asks for a call or a decision


def with_words_used(document: Document) -> Document:
    """The document with a section that explains the glossary's words in it, in the order of the alphabet.

    What is printed is what is approved: the words of the box count for the revision.
    """
    glossary, _ = read_glossary((SHIPPED, document.file.parents[1]))  # its faults are told where the shelf is read
    terms_in = glossary_reader(glossary, document.language)
    texts = [text for _, text in words_of(tuple(document.blocks()))]
    found = {term.forms[0]: term.plain for text in texts for term, _ in terms_in(text)}
    if not found:
        return document
    line = document.lines.get("glossary", 1)
    entries = tuple(
        ((Text(term),), (Paragraph((Text(plain),), line),))
        for term, plain in sorted(found.items(), key=lambda one: one[0].lower())
    )
    words = words_in(document.language)
    section = Section(words("Words used here"), (), (Definitions(entries, line),), line)
    place = next((n for n, one in enumerate(document.sections) if set(one.roles) & set(BEFORE)), len(document.sections))
    sections = (*document.sections[:place], section, *document.sections[place:])
    digest = hashlib.sha256(f"{document.revision.digest}{sorted(found.items())}".encode()).hexdigest()
    return replace(document, sections=sections, revision=Revision(digest))


_WORD = re.compile(r"[^\W_]+")
_CELL_ENDS, _OUTER = re.compile(r"(?<!\\)\|"), re.compile(r"^[\s>]*\||(?<!\\)\|\s*$")
# What is no word of the text: the numbers of items, addresses, attributes, tags, the names of notes and of links, the
# names of containers.
_NO_WORDS = re.compile(
    r"^[\s>]*(?:(?:[-*+:]|\d{1,9}[.)])\s+)+|"
    r"\]\([^()]*+(?:\([^()]*+\)[^()]*+)?\)|\{[^{}]*\}|<[^<>]*>|^\s*\[(?!\^)[^\]]+\]:\s*\S+$|\[\^[^\]\[]+\]:?|^:::\s*(?:passage\s+\S+|\w+)"
)


def lost_words(text: str, blocks: Sequence[Block], headings: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """The first lost word of each line of a Markdown text: line (from 0), word, and the line itself.

    `blocks` and `headings` are what was read from it. A word counts as printed when it prints anywhere.
    """
    printed = [*headings, *(text for _, text in words_of(blocks)), *(one.alternative for one in figures(blocks))]
    known = set(_WORD.findall(" ".join(printed)))
    known |= {word.rstrip("0123456789") for word in known}  # the number of a note stands at the end of its word
    in_fields = False  # the words there say what a field is; its label is looked at by the reader
    for number, row in enumerate(text.split("\n")):
        in_fields = row.strip() == "::: fields" or (in_fields and row.strip() != ":::")
        if in_fields:
            continue
        for word in _WORD.findall(_NO_WORDS.sub(" ", unescape(row))):
            if word not in known:
                yield number, word, row.strip()
                break


def table_faults(rows: Sequence[str], head: Sequence[object]) -> Iterator[tuple[str, str, str]]:
    """What would not print of a table: what is wrong, what to do, and the row. `rows` are its lines, save the marks."""
    heads = len(head)
    if not any(head):
        yield "A table has no head.", "Write in its first row what each column holds.", ""
    if len(rows) == 1:
        yield "A table has a head and no rows.", "Write its rows, or delete it.", ""
    for row in rows:
        cells = len(_CELL_ENDS.split(_OUTER.sub("", row)))
        if cells > heads:
            message = f"A row has {cells} cells, under {heads} heads; the last would not print."
            yield message, "Give it a head, or write \\| for a stroke in a text.", row.strip()


def number_fault(numbers: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong when the numbers of a list are not those that print: one after the other, or all alike."""
    first = int(numbers[0])
    if len(set(numbers)) == 1 or [int(one) for one in numbers] == list(range(first, first + len(numbers))):
        return None
    message = f"The numbers {', '.join(numbers[:9])} would print as others, for a list counts on by one."
    return message, "Number it in order; after a line of text another list may begin."
