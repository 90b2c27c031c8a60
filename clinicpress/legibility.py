"""What can be read on the finished pages: lines of type as the paper shows them, not as a style sheet wants them."""

from dataclasses import dataclass, field
from enum import StrEnum

from clinicpress.clinics import PageProfile
from clinicpress.documents import Document


class TagPlace(StrEnum):
    """Where a line stands, as the tag tree of the PDF says."""

    TEXT = "text"  # a paragraph or a list item; a label above a box is a paragraph, too
    HEADING = "heading"
    CELL = "cell"
    FIGURE = "figure"  # words in a drawing, and its caption
    FURNITURE = "furniture"  # letterhead, form line, page number: what no voice reads


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour of letters and the colour that lies under them, both `#rrggbb`."""

    letters: str
    ground: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type. Lengths in points, origin at the bottom left of the page; `page` counts from 1.

    `size` is that of its largest letters, `smallest` that of its smallest. Lines of one paragraph, list item, heading
    or cell have the same number `piece`, in the order of reading; furniture has none (-1).
    """

    page: int
    text: str
    size: float
    smallest: float
    left: float
    baseline: float
    inks: tuple[Colours, ...]
    place: TagPlace
    piece: int

    @property
    def characters(self) -> int:
        """How many characters it has, blanks between words included: the typographer's measure."""
        return len(self.text)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A document as it was printed on one kind of page, read back from its PDF."""

    document: Document
    page: PageProfile
    lines: tuple[Line, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document set in pages: what of its source does not stand on them, and the tables in which words break.

    A fault is file, line, what is wrong and what to do; a table is named by file and line. `sides` is how many sides
    the `document` takes, where it could be set.
    """

    page: PageProfile
    faults: tuple[tuple[str, int, str, str], ...] = ()
    broken: tuple[tuple[str, int], ...] = ()
    sides: int = 0
    document: Document | None = None
