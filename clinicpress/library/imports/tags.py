"""What a clinic's own file turned out to hold, and what the tags of a page stand for."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from clinicpress.documents import Block, Emphasis, Inline, LineBreak, NoteMark, Strong, Text, plain_text


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

    `visits` counts every letter of the source that has to stand in the new document.
    """

    pieces: list[Piece] = field(default_factory=list)
    aside: list[Block] = field(default_factory=list)
    notes: list[tuple[int, tuple[Block, ...]]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    letters: Counter[str] = field(default_factory=Counter)
    _known: set[Remark] = field(default_factory=set)

    def remark(self, what: str, remedy: str, words: str = "") -> None:
        """Notes something for a person, once."""
        one = Remark(what, remedy, " ".join(words.split()))
        if one not in self._known:
            self._known.add(one)
            self.remarks.append(one)


def counted(text: str) -> Counter[str]:
    """How often each letter stands in a text; digits and signs may become marks of lists and notes."""
    return Counter(filter(str.isalpha, unicodedata.normalize("NFC", text)))


BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "option",
        "select",
        "textarea",
        "button",
        "label",
    ]
)
SILENT = frozenset(
    ["script", "style", "template", "noscript", "head", "svg", "math", "object", "iframe", "canvas", "audio", "video"]
)
ASIDE = frozenset(["nav", "footer", "aside"])
STRUCK = frozenset(["del", "s", "strike"])
EMPTY = frozenset(
    ("meta", "link", "br", "img", "input", "hr", "col", "area", "base", "embed", "source", "wbr", "param")
)


def all_bold(run: list[Inline]) -> bool:
    """A short line, all of it bold, without a full stop: a heading by its looks."""
    words = plain_text(run).strip()
    parts = [one for one in run if not (isinstance(one, Text) and not one.text.strip())]
    short = len(words) <= 90 and "\n" not in words and not re.search(r"[.;,:!]$|_{3}", words)
    return short and bool(parts) and all(isinstance(one, Strong) for one in parts)


def joined(run: list[Inline]) -> list[Inline]:
    """A run in which neighbours of one kind are one."""
    parts: list[Inline] = []
    for kind, same in groupby(run, type):
        if kind in (Text, Strong, Emphasis):
            words = Text(plain_text(list(same)))
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
