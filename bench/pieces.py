"""A form as pieces that any typesetter can set, without a word of how clinicpress sets it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A small box to tick: the field that it belongs to, and which of its choices it is, from 0."""

    name: str
    choice: str


Line = tuple[Words | Tick, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first or second level."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its style is that of our style sheets."""

    line: Line
    style: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list with bullets."""

    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A place to write: the label above it, its field, its height in points, and its choices, where it has some.

    `share` is its width beside its neighbours; `stop` what is printed into it while the text is a draft.
    """

    label: str
    name: str
    height: float
    share: float
    choices: Line = ()
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Boxes:
    """A row of places to write; `whole` is the share that fills the line."""

    row: tuple[Box, ...]
    whole: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions with a box each, for initials."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: how many rows it reaches over, and whether it heads them."""

    line: Line
    rows: int = 1
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its head, its rows, and how wide its columns are beside each other."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Pieces side by side, with their shares of the line."""

    columns: tuple[tuple["Piece", ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows starts on a new page."""


Piece = Heading | Paragraph | Bullets | Boxes | Asked | Table | Beside | NewPage


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form, and what stands in the margins of its pages: the letterhead first, then who the patient is."""

    title: str
    author: str
    language: str
    pieces: tuple[Piece, ...]
    letterhead: tuple[str, ...]
    label: str
    draft: str
    identity: tuple[Box, ...]
    footer: tuple[str, ...]
