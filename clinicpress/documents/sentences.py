"""Where a sentence ends: the only place that decides it, for the careful editor, the reading grades and the import.

A full stop is no end in "Dr. Lee", "J. Smith" or "p. ej. agua". The words that tell are data, a row a language, and
hold in every text: a Spanish form may name "Dr. Lee", and an English one "Sra. Gil".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from clinicpress.words import LANGUAGE_ROWS


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The words of one language that tell whether a full stop ends a sentence, each without its last stop.

    After `always` the sentence goes on; after `before_number` it does before a number; after `before_day` before one of
    `days`. Behind `labels` a single letter is no initial: "vitamin C.". Any other word ends a sentence at its stop,
    unless a small letter follows.
    """

    always: str = ""
    before_number: str = ""
    before_day: str = ""
    days: str = ""
    labels: str = ""


ABBREVIATIONS: Mapping[str, Abbreviations] = MappingProxyType(
    {tag: Abbreviations(**row.sentences) for tag, row in LANGUAGE_ROWS.items()}
)
_ALWAYS, _BEFORE_NUMBER, _BEFORE_DAY, _DAYS, _LABELS = (
    frozenset(word for one in ABBREVIATIONS.values() for word in getattr(one, kind.name).split())
    for kind in fields(Abbreviations)
)

# Quotes and brackets close behind a stop, and the number of a note may follow.
_END = re.compile(r"(?P<mark>[.!?…])[\"”’»')\]*_]*(?P<note>\d{0,2})\s+|\n")
_NEXT = re.compile(r"[^\w\n]{0,9}([^\W_]\w*)")
_BEFORE = re.compile(r"(?:(?P<before>[^\s“”\"'()\[\]]+)\s+)?[“\"'(\[*_]*(?P<word>[^\s“\"'(\[*_/–—-]*)$")
_LETTERS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_NUMBERING = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z])")
_LONGEST = 40  # characters that are looked at before a stop: more tell nothing, and texts can be long


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, as they stand there. A line end ends one as well, and nothing but blanks is lost."""
    parts: list[str] = []
    start = 0
    for found in _END.finditer(text):
        if "\n" in found[0] or _ends(text, start, found):
            parts.append(text[start : found.end()])
            start = found.end()
    return tuple(part.strip() for part in (*parts, text[start:]) if part.strip())


def _ends(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether a mark, with blanks behind it, ends the sentence that begins at `start`."""
    following = _NEXT.match(text, found.end())
    if following is None or following[1][0].islower():
        return False
    if found["mark"] != ".":
        return True
    near = _BEFORE.search(text, max(start, found.start() - _LONGEST), found.start())
    word, before = (near["word"], near["before"] or "") if near else ("", "")
    if found["note"] and (word[-1:].isdigit() or word in _BEFORE_NUMBER):  # 1.5 and "No.5" are no notes
        return False
    if _LETTERS.fullmatch(word) and word.isupper() and word not in _BEFORE_DAY:
        # "J. Smith" and "the U.S." go on; "Lee, N.D." and "vitamin C." may end.
        return (len(word) > 1 and before.endswith(",")) or before.lower() in _LABELS
    begins_line = text[start - 1 : start] in ("", "\n")
    return not (
        word.lower() in _ALWAYS
        or (word in _BEFORE_NUMBER and following[1][0].isdigit())
        or (word in _BEFORE_DAY and following[1] in _DAYS)
        or (begins_line and _NUMBERING.fullmatch(text[start : found.start()].strip()))
    )
