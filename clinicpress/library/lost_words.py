"""Looks for words of a text that would not print.

Markdown drops what it does not understand: words behind a container's name, a cell too many, a note that nobody refers
to, a list nested too deeply. An author would find out from the patient.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

from clinicpress.documents import Block, figures, words_of

_WORD = re.compile(r"[^\W_]{2,}")
# What is no word of the text: the numbers of items, addresses, attributes, tags, the names of notes and of links, the
# names of containers.
_NO_WORDS = re.compile(
    r"^[\s>]*(?:(?:[-*+:]|\d{1,9}[.)])\s+)+|"
    r"\]\([^()]*+(?:\([^()]*+\)[^()]*+)?\)|\{[^{}]*\}|<[^<>]*>|^\s*\[[^\]]+\]:\s*\S+$|\[\^[^\]\[]+\]:?|^:::\s*\w+"
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
