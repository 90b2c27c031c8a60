"""Who hands the document out, and what its pages look like.

A `ClinicProfile` is the clinic: name, phone, branding. A `PageProfile` is the sheet: paper size, standard or large
print, and the places on it that other stages of the work must agree on (where the codes and the label stand).
"""

import copyreg
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents.blocks import Asset
from clinicpress.documents.kinds import KINDS, Kind
from clinicpress.errors import Severity
from clinicpress.letters import folded


def read_only(table: Mapping[Any, Any]) -> MappingProxyType[Any, Any]:
    """A table that nobody changes any more, as profiles and documents hold them."""
    return MappingProxyType(dict(table))


# What it is made of when it is kept, or sent to another process: its own type has no name.
copyreg.pickle(MappingProxyType, lambda table: (read_only, (dict(table),)))

MM = 72 / 25.4
"""Points in a millimetre. All measures in this module are points (1/72 inch)."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number that was checked: as it is printed, and as a phone dials it (`tel:+15036912000`)."""

    printed: str
    uri: str


@dataclass(frozen=True, slots=True)
class FontFace:
    """One font file: its family, its weight (as in CSS, "700").

    `coverage` holds the code points that the file has a drawing for.
    """

    family: str
    weight: str
    file: Asset
    coverage: frozenset[int] = field(repr=False)

    def __hash__(self) -> int:
        """By name: faces are looked up for every value of a morning, and their bytes need not be gone through."""
        return hash(self.file.name)

    def writes(self, character: str) -> bool:
        """Whether the file can draw a character: as it is, or as a letter and its marks."""
        if ord(character) in self.coverage:
            return True
        parts = unicodedata.normalize("NFD", character)
        return len(parts) > 1 and all(ord(part) in self.coverage for part in parts)


@dataclass(frozen=True, slots=True)
class Branding:
    """How the clinic looks: one colour (`#rrggbb`), a logo, a typeface. All else is the same for every clinic."""

    color: str
    typeface: str
    logo: Asset | None = None

    def logo_room(self) -> tuple[float, float]:
        """Width and height of the place at the head of a page where the logo stands, in points.

        A logo about as wide as high, or higher, has a square of 37 points. A wider one is as high as that, until it
        would be wider than 148 points.
        """
        width, height = self.logo.size if self.logo else (0.0, 0.0)
        if width <= LOGO_SQUARE * height:
            return LOGO_SIDE, LOGO_SIDE
        room = min(LOGO_SIDE * width / height, LOGO_WIDTH)
        return round(room, 2), round(room * height / width, 2)


LOGO_SIDE, LOGO_WIDTH = 37.0, 148.0  # points
LOGO_SQUARE = 1.25  # so much wider than high still counts as square


class Paper(StrEnum):
    """The sheet in the printer."""

    LETTER = "letter"
    A4 = "a4"


class Print(StrEnum):
    """The size of the print: standard (12 points and more), or large print (18 points and more, everywhere)."""

    STANDARD = "standard"
    LARGE = "large-print"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place on the page in points, origin at the bottom left corner: left, bottom, right, top."""

    left: float
    bottom: float
    right: float
    top: float

    def edges(self, digits: int) -> list[float]:
        """Left, bottom, right and top, as PDF and the manifest list them."""
        return [round(value, digits) for value in (self.left, self.bottom, self.right, self.top)]


SHEETS: Mapping[Paper, tuple[float, float]] = MappingProxyType(
    {Paper.LETTER: (612.0, 792.0), Paper.A4: (595.28, 841.89)}
)
"""Width and height of the sheets in points. Source: ANSI/ASME Y14.1 (Letter), ISO 216 (A4)."""

SIDE_MARGIN = 42.5  # 15 mm: text edge
INK_LIMIT = 36.0  # 12.7 mm: no ink nearer to an edge, so that every office printer reaches it
CODE_SIZE = 57.0  # 20 mm with the quiet zone of 4 modules inside
CODE_OVERHANG = 6.0  # the quiet zone hangs into the margin, so that the ink of the code aligns with the text edge
LABEL_WIDTH, LABEL_HEIGHT = 70 * MM, 30 * MM  # the usual patient label
LABEL_CLEARANCE = 7 * MM  # so far may a crooked label reach without touching the code


@dataclass(frozen=True, slots=True)
class PageProfile:
    """One way to print: a paper size and a print size."""

    paper: Paper
    print: Print

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the sheet in points."""
        return SHEETS[self.paper]

    @property
    def large(self) -> bool:
        """Whether this is large print."""
        return self.print is Print.LARGE

    def label_zone(self) -> Rectangle:
        """Where the patient label goes on page 1 of a consent form: top right, 70 x 30 mm, nothing printed in it."""
        width, height = self.size
        right, top = width - SIDE_MARGIN, height - INK_LIMIT
        return Rectangle(right - LABEL_WIDTH, top - LABEL_HEIGHT, right, top)

    def code_zones(self, page: int) -> tuple[Rectangle, Rectangle]:
        """Where the two codes of a page (counted from 1) of a consent form stand: one at the top, one bottom left.

        On page 1 the upper code stands left of the label zone, clear of crooked labels and of the staple in the corner.
        """
        width, height = self.size
        top = height - INK_LIMIT
        right = (
            self.label_zone().left - LABEL_CLEARANCE + CODE_OVERHANG
            if page == 1
            else width - SIDE_MARGIN + CODE_OVERHANG
        )
        left = SIDE_MARGIN - CODE_OVERHANG
        return (
            Rectangle(right - CODE_SIZE, top - CODE_SIZE, right, top),
            Rectangle(left, INK_LIMIT, left + CODE_SIZE, INK_LIMIT + CODE_SIZE),
        )


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a rule weighs somewhere, and why. `severity` None: it is switched off. `line` is its line in the file."""

    severity: Severity | None
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where the clinic is: which rules weigh more, less or nothing there, by their codes."""

    name: str = "us-clinic"
    about: str = ""
    rules: Mapping[str, Weighing] = field(default_factory=lambda: MappingProxyType({}))
    file: Path = Path("us-clinic.toml")


@dataclass(frozen=True, slots=True)
class Notice:
    """A clinic's own notice of language assistance, word for word as its file has it.

    A paragraph is its language (empty: not told), its words, and its line in the file.
    """

    file: Path
    paragraphs: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class RosterLayout:
    """How the clinic's appointment list is written. Empty text means: not told.

    `columns` name our column for each of theirs; those in `asked` (named on the command line) have to be there.
    `date_format` is a form as people write it, MM/DD/YYYY. `leave_out` names for a column of theirs the values whose
    rows are passed over: cancelled visits.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    date_format: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    asked: frozenset[str] = frozenset()


ClinicFact = str | Phone | date | int
"""A value of the profile that only texts name: `privacy.officer`, `policy.no_show_hours`."""


@dataclass(frozen=True, slots=True)
class ClinicProfile:
    """The clinic that hands a document out, as its `clinic.toml` says. Empty text means: not told."""

    name: str
    phone: Phone
    branding: Branding
    after_hours: str = ""
    address: tuple[str, ...] = ()
    website: str = ""
    hours: str = ""
    footer: str = ""
    other_phones: tuple[str, ...] = ()
    """Further numbers that texts may name; they are printed nowhere by themselves."""
    legal_name: str = ""
    emergency: str = "911"
    """The number for emergencies where the clinic is."""
    facts: Mapping[str, ClinicFact] = field(default_factory=lambda: MappingProxyType({}))
    """What only texts name, by the names of their variables; those that are not said are not there."""
    paper: Paper = Paper.LETTER
    jurisdiction: Jurisdiction = field(default_factory=Jurisdiction, repr=False)
    document_types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    language_notice: Notice | None = None
    roster: RosterLayout = field(default_factory=RosterLayout, repr=False)
    procedures: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What is handed out for each procedure, as rosters call it: `topic`, or `topic/kind`."""
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS, repr=False)
    """The kinds of paper that it has: those that ship, and its own, in the order of a packet."""
    file: Path = Path("clinic.toml")
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """On which line of `file` each key stands, for findings."""


def packet_for(clinic: ClinicProfile, procedure: str, topics: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What a procedure of a roster stands for: (topic, kind) in print order; an empty kind means all kinds of it.

    What `clinic.toml` says comes first; else a procedure that is called like one of the `topics` means that topic.
    Nothing when nobody knows it.
    """
    wanted = folded(procedure)
    for name, entries in clinic.procedures.items():
        if folded(name) == wanted:
            parted = (entry.partition("/") for entry in entries)
            return tuple((topic.strip(), kind.strip()) for topic, _, kind in parted)
    return tuple((topic, "") for topic in topics if folded(topic) == wanted)
