"""What a clinic's own file turned out to hold: headings, blocks of text, and what could not be carried over."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from clinicpress.documents import Block, Inline, plain_text


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

    `letters` counts every letter of the source that has to stand in the new document.
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
