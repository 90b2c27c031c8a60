"""What a document is made of, and the state that its text is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents.blocks import Block, FieldGroup, walk, words_of
from clinicpress.documents.fixed import FixedForm
from clinicpress.documents.forms import MANY_PLACES, Field, FormBlock
from clinicpress.documents.kinds import Kind
from clinicpress.documents.passages import PassageUse
from clinicpress.documents.reviews import Review, Translation, stale_parts
from clinicpress.words import LANGUAGE_ROWS, SOURCE, words_in

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


def text_name(file: Path) -> str:
    """What a text is called in its topic: `handout.en` for handout.en.md."""
    return file.name.rpartition(".")[0]


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
    `own` holds what else the kind asks for in the front matter, by key. `fixed` is somebody else's file, which is
    printed as it is: then there is no text of ours.
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
    own: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    fixed: FixedForm | None = None
    _fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Gathers the fields: they are asked for with each row of a batch, and a form has hundreds of blocks."""
        object.__setattr__(self, "_fields", tuple(self._gathered()))

    @property
    def stale_parts(self) -> tuple[str, ...]:
        """The parts of a translation whose original was changed since; all of them when there is no record."""
        return () if self.original is None else stale_parts(self.translation, self.original.parts)

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
        """All places to write: those of the standard blocks, then the author's own. Most sheets have none."""
        return self._fields

    @property
    def coded(self) -> bool:
        """Whether each of its pages has a code: a form's do, a sheet keeps no place for one."""
        return self.kind.is_form and bool(self._fields)

    def _gathered(self) -> Iterator[Field]:
        if self.kind.takes_fields:
            asked = [one for block in self.form_blocks for one in block.fields if self.lateral or not one.lateral]
            groups = (block for block in walk(tuple(self.blocks())) if isinstance(block, FieldGroup))
            asked += (one for group in groups for one in group.fields)
            for one in asked:
                if one.kind in MANY_PLACES:  # whose names are said in the language of the text
                    yield from one.places(words_in(self.language if self.language in LANGUAGES else SOURCE))
                else:
                    yield one

    @property
    def name(self) -> str:
        """What it is called in its topic, as the name of its file says: `handout.en`."""
        return text_name(self.file)

    def section(self, role: str) -> Section | None:
        """The section that has this role, if there is one."""
        return next((section for section in self.sections if role in section.roles), None)
