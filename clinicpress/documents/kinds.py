"""The kinds of documents as rows of data, what a document is made of, and the state that a text is in."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents.blocks import Block, FieldGroup, walk, words_of
from clinicpress.documents.forms import BLOCKS, BlockPlace, Field, FormBlock
from clinicpress.documents.passages import PassageUse
from clinicpress.documents.reviews import Review, Translation
from clinicpress.words import LANGUAGE_ROWS, Words

_FOLDER = Path(__file__).parents[1] / "kinds"


class Shape(StrEnum):
    """What is done with a document: a sheet is read, a form is filled in and signed."""

    SHEET = "sheet"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class SectionRole:
    """What a section does: whether a document can do without it, its usual heading, and what is to be written there."""

    heading: str
    write: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class KindElement:
    """What a document has to say or ask. A core element cannot be called "not applicable"."""

    what: str
    core: bool = False


_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("on_page", "leaflet", "signed_in"), ""),
        **dict.fromkeys(("grades", "keys", "blocks"), ()),
        **dict.fromkeys(("words", "roles", "elements", "places", "imports"), MappingProxyType({})),
        "summary_from": 0,
        "in_new_topic": False,
    }
)
_ROWS: dict[str, dict[str, Any]] = dict(
    sorted(
        ((path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) for path in _FOLDER.glob("*.toml")),
        key=lambda row: (row[1]["order"], row[0]),
    )
)


def _frozen(value: Any) -> Any:
    """A value of a row that nobody can change."""
    match value:
        case dict():
            return MappingProxyType({key: _frozen(one) for key, one in value.items()})
        case list():
            return tuple(map(_frozen, value))
    return value


class Kind(StrEnum):
    """What sort of paper a document is. Each kind is a row of data, `kinds/<name>.toml`, and no code names one.

    `tuple(Kind)` is all kinds in the order of a packet. A kind is its name, as files and front matter have it. What a
    row leaves out is empty.
    """

    shape: Shape
    order: int
    """Its place in a packet; the lowest comes first."""
    template: str
    """Its look: `templates/<template>.html.j2`, with `<template>.css` where there is one."""
    called: str
    """Its name for people, in English, as those of a catalogue are."""
    on_page: str
    """How the page itself calls it."""
    words: Mapping[str, Mapping[str, str]]
    """Its own words in other languages, by language and English words. Those that are missing are in the catalogue."""
    leaflet: str
    """The kind of text that goes along with it."""
    grades: tuple[float, ...]
    """Reading grades: a warning above the first, an error above the second; none where no grade is asked for."""
    characters: int
    """How many characters nine of ten full lines have at most. Source: docs/decisions/page.md."""
    summary_from: int
    """Above how many words a summary comes first; 0: never."""
    roles: Mapping[str, SectionRole]
    """What its sections can do, in the order of the page."""
    elements: Mapping[str, KindElement]
    """What it has to say or ask, by code."""
    keys: tuple[str, ...]
    """What its front matter has beside what every document has."""
    blocks: tuple[str, ...]
    """The blocks of fields that it has when its author names none."""
    signed_in: str
    """The block that it cannot do without."""
    places: Mapping[str, str]
    """The headings of what is filled in, by the place in the form."""
    in_new_topic: bool
    """Whether every new topic begins with one."""
    imports: Mapping[str, Any]
    """How a clinic's own text is taken in: see `library.imports.placing`."""

    _ignore_ = ["one"]  # noqa: RUF012
    for one in _ROWS:
        vars()[one.upper().replace("-", "_")] = one

    def __new__(cls, name: str) -> "Kind":
        """The kind of a row."""
        kind = str.__new__(cls, name)
        kind._value_ = name
        row = {**_NOTHING, **_ROWS[name]}
        row["shape"] = Shape(row["shape"])
        row["roles"] = {one: SectionRole(**facts) for one, facts in row["roles"].items()}
        row["elements"] = {code: KindElement(**facts) for code, facts in row["elements"].items()}
        for key, value in row.items():
            setattr(kind, key, _frozen(value))
        return kind

    @property
    def is_form(self) -> bool:
        """Whether it is filled in and signed."""
        return self.shape is Shape.FORM

    @property
    def required(self) -> tuple[str, ...]:
        """The roles that it cannot be printed without."""
        return tuple(name for name, role in self.roles.items() if role.required)

    @property
    def offered(self) -> tuple[str, ...]:
        """The standard blocks that it has a place for: with the section, and the heading, that the place needs."""
        headed = {one for one in BlockPlace if not one.headed or one in self.places}
        fitting = {one for one in headed if one.role in ("", *self.roles)}
        return tuple(name for name, block in BLOCKS.items() if self.is_form and block.place in fitting)

    def said(self, message: str, words: Words) -> str:
        """An English text of the row in another language: the row's own words, else those of the catalogue."""
        own = self.words.get(words.language, {})
        return own[message] if message in own else words(message)


LANGUAGES: Mapping[str, str] = MappingProxyType({tag: row.name for tag, row in LANGUAGE_ROWS.items()})
"""The languages that documents can be in, by BCP 47 tag, each named in itself."""


class RegulatoryStatus(StrEnum):
    """What the regulator has said about this use of the product (consent element C14)."""

    APPROVED = "approved"
    OFF_LABEL = "off-label"
    RESEARCH = "research"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Revision:
    """The version of a text: the SHA-256 of its words and figures, 64 hexadecimal digits."""

    digest: str

    def __str__(self) -> str:
        """The first 8 digits: what people see."""
        return self.digest[:8]


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a document. `roles` says what it does; `line` is the line of its heading."""

    heading: str
    roles: tuple[str, ...]
    blocks: tuple[Block, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that is handed out: a handout, or a form that is filled in. What its kind does not have is empty.

    `opening` is the text before the first heading: it stands under the title. `notes` are the footnotes, in order.
    `passages` are what it asks for of words that stand in many documents (`documents.passages`); `composition` holds
    the parts of which its revision is made (`documents.composition`).
    `file` is the Markdown file as it was named to us; `lines` says on which line each key of the front matter stands.
    `parts` holds the hash of each part of the text by its name (`documents.reviews`). A translation has its record
    in `translation`, and in `original` the text that it is a translation of, as that stands in the library now.

    Of a form, `procedure` is what the patient agrees to or refuses. `handout` names the topic of the leaflet that goes
    with it, `leaflet` that leaflet as it stands in the library, and `handout_revision` the version of it that the form
    was written for (its first digits; empty: any). `form_blocks` are the fields to fill and sign, in the order in which
    the author named them. `lateral` says whether the side of the body matters, `valid_days` how long a signed form
    stays valid (0: nothing is signed). `not_applicable` gives the reason for each element that does not apply.
    """

    kind: Kind

    topic: str
    title: str
    language: str
    form: str
    effective: date
    review_by: date
    author: str
    sources: tuple[str, ...]
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    notes: tuple[tuple[Block, ...], ...] = ()
    passages: tuple[PassageUse, ...] = ()
    composition: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    revision: Revision
    review: Review
    file: Path
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    translation: Translation | None = None
    original: "Document | None" = field(default=None, repr=False)
    procedure: str = ""
    handout: str = ""
    handout_revision: str = ""
    leaflet: "Document | None" = None
    regulatory_status: RegulatoryStatus = RegulatoryStatus.UNKNOWN
    lateral: bool = False
    valid_days: int = 0
    form_blocks: tuple[FormBlock, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    _fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Gathers the fields: they are asked for with each row of a batch, and a form has hundreds of blocks."""
        object.__setattr__(self, "_fields", tuple(self._gathered()))

    @property
    def stale_parts(self) -> tuple[str, ...]:
        """The parts of a translation whose original was changed since; all of them when there is no record."""
        if self.original is None:
            return ()
        if self.translation is None:
            return tuple(self.original.parts)
        return self.translation.stale(self.original.parts)

    @property
    def current_translation(self) -> bool:
        """Whether nothing about the translation keeps it a draft; true for a text that is no translation.

        A translation is current when a qualified human stands behind its words, and no part of its original has changed
        since; those of its passages are too. A record that names an original which the library does not hold proves
        nothing.
        """
        if any(one.behind for one in self.passages):
            return False
        if self.original is None:
            return self.translation is None
        return self.translation is not None and self.translation.by_a_human and not self.stale_parts

    def blocks(self) -> Iterator[Block]:
        """All blocks of the text, from top to bottom."""
        yield from self.opening
        for section in self.sections:
            yield from section.blocks
        for note in self.notes:
            yield from note

    def texts(self) -> Iterator[tuple[int, str]]:
        """Every text that its author wrote to be printed, with its line: title, headings, paragraphs, cells, notes.

        The name of the procedure is the last.
        """
        yield self.lines.get("title", 1), self.title
        yield from words_of(self.opening)
        for section in self.sections:
            yield section.line, section.heading
            yield from words_of(section.blocks)
        for note in self.notes:
            yield from words_of(note)
        if self.procedure:
            yield self.lines.get("procedure", 1), self.procedure

    def fields(self) -> tuple[Field, ...]:
        """All places to write: those of the standard blocks, then the author's own. A handout has none."""
        return self._fields

    def _gathered(self) -> Iterator[Field]:
        if self.kind.is_form:
            yield from (one for block in self.form_blocks for one in block.fields if self.lateral or not one.lateral)
            groups = (block for block in walk(tuple(self.blocks())) if isinstance(block, FieldGroup))
            yield from (one for group in groups for one in group.fields)

    def section(self, role: str) -> Section | None:
        """The section that has this role, if there is one."""
        return next((section for section in self.sections if role in section.roles), None)
