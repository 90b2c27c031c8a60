"""What a clinic's own file turned out to hold, and what the tags of a page stand for."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from clinicpress.documents import (
    Block,
    Emphasis,
    Inline,
    LineBreak,
    NoteMark,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
    plain_text,
)
from clinicpress.library.imports.signs import like, tokens, with_fractions

_BESIDE = 60  # characters of a sentence on either side of words that are told
LONGEST_HEADING = 90  # characters


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the source. `level` is 1 for the largest; `sure` is false when only its looks make it one."""

    content: tuple[Inline, ...]
    level: int = 2
    sure: bool = True
    role: str = ""

    @property
    def words(self) -> str:
        """The heading as a reader sees it, in one line."""
        return " ".join(plain_text(self.content).split())


Piece = Heading | Block


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person has to look at after an import: what it is, the words that are meant, what to do."""

    what: str
    remedy: str
    words: str = ""

    def as_dict(self) -> dict[str, str]:
        """The remark as it stands in `import --json`."""
        return {"what": self.what, "words": self.words, "remedy": self.remedy}


@dataclass(slots=True)
class Found:
    """What was read from a file. `aside` is text that stands outside of the flow: headers, text boxes, menus.

    `heard` counts every word, number and sign of the source; each has to stand in the new document, or in a remark that
    says that it was left out (`told`).
    """

    pieces: list[Piece] = field(default_factory=list)
    aside: list[Block] = field(default_factory=list)
    notes: list[tuple[int, tuple[Block, ...]]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    _known: set[Remark] = field(default_factory=set)

    def remark(self, what: str, remedy: str, words: str = "") -> None:
        """Notes something for a person, once."""
        one = Remark(what, remedy, " ".join(words.split()))
        if one not in self._known:
            self._known.add(one)
            self.remarks.append(one)

    def left_out(self, what: str, remedy: str, words: str, around: str = "") -> None:
        """Notes words of the source that do not stand in the document, all of them, in the sentence `around` them."""
        if words.strip():
            self.told.update(tokens(words))
            self.remark(what, remedy, around or words)


_BLOCK_NAMES = """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr
    ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
SILENT = frozenset(["script", "style", "template", "head"])
EMPTY = frozenset(
    ("meta", "link", "br", "img", "input", "hr", "col", "area", "base", "embed", "source", "wbr", "param")
)


def in_its_place(before: str, words: str, behind: str) -> str:
    """Words that do not stand in the document, in the sentence that they stood in: Do [not] drive."""
    bare = words.strip()
    if not bare or not (before.strip() or behind.strip()):
        return words
    lead, tail = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    before = re.split(r"(?<=[.!?])\s", before)[-1] if not re.search(r"[.!?]\s+$", before) else ""
    behind = re.split(r"(?<=[.!?])\s", behind)[0] if not bare.endswith((".", "!", "?")) else ""
    return f"{before[-_BESIDE:]}{lead}[{bare}]{tail}{behind[:_BESIDE]}"


def by_its_looks(run: list[Inline]) -> bool:
    """A short line, all of it bold or in capitals, without a full stop: a heading by its looks."""
    words = plain_text(run).strip()
    if len(words) > LONGEST_HEADING or "\n" in words or re.search(r"[.;,!]$|_{3}|[☐☑]", words):
        return False
    parts = [one for one in run if not (isinstance(one, Text) and not one.text.strip())]
    return (bool(parts) and all(isinstance(one, Strong) for one in parts)) or in_capitals(words)


def in_capitals(words: str) -> bool:
    """Whether a line is written in capitals, as headings are: several letters, and no number to call."""
    return words.isupper() and sum(map(str.isalpha, words)) >= 5 and not re.search(r"\d{3}|_{3}", words)


def joined(run: list[Inline]) -> list[Inline]:
    """A run in which neighbours of one kind are one."""
    parts: list[Inline] = []
    for kind, same in groupby(run, type):
        if kind in (Text, Strong, Emphasis):
            words = Text(like(with_fractions(plain_text(list(same)))))
            parts.append(words if kind is Text else Strong((words,)) if kind is Strong else Emphasis((words,)))
        else:
            parts += same
    return parts


def parted(run: list[Inline]) -> list[tuple[Inline, ...]]:
    """A run parted where two line ends follow each other, without blanks at its ends."""
    parts: list[list[Inline]] = [[]]
    breaks = 0
    for one in run:
        if isinstance(one, LineBreak):
            breaks += 1
            continue
        if isinstance(one, Text) and not one.text.strip() and breaks:
            continue
        if breaks >= 2 or (breaks and not parts[-1]):
            parts.append([])
        elif breaks:
            parts[-1].append(LineBreak())
        breaks = 0
        parts[-1].append(one)
    return [tuple(part) for part in parts if plain_text(part).strip() or any(isinstance(p, NoteMark) for p in part)]


def without_notes(block: Block) -> Block:
    """A block whose words are not glued to the numbers of its notes."""
    match block:
        case Paragraph(content) | Subheading(content):
            return replace(block, content=_unmarked(content))
        case Table(head, groups):
            rows = [
                tuple(replace(cell, content=_unmarked(cell.content)) for cell in row) for row in (head, *chain(*groups))
            ]
            return replace(block, head=rows[0], groups=(tuple(rows[1:]),))
    return block


def _unmarked(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
    return tuple(Text(" ") if isinstance(one, NoteMark) else one for one in content)
