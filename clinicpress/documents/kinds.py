"""The two kinds of documents, their sections, and the state that a text is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from clinicpress.documents.blocks import Block, FieldGroup, walk, words_of
from clinicpress.documents.forms import Field, FormBlock
from clinicpress.documents.reviews import Review, Translation


class Kind(StrEnum):
    """A handout has nothing to sign. A consent form has at least one attestation."""

    HANDOUT = "handout"
    CONSENT = "consent"

    @property
    def is_form(self) -> bool:
        """Whether it is filled in and signed."""
        return self is Kind.CONSENT

    @property
    def elements(self) -> frozenset[str]:
        """The codes of what it has to say or ask; none for a handout."""
        return CONSENT_ELEMENTS if self.is_form else frozenset()


CONSENT_ELEMENTS = frozenset(f"C{number:02}" for number in range(1, 38))
"""The codes of the consent elements."""


LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "es": "Español"})
"""The languages whose template words exist, by BCP 47 tag, each named in itself."""

HANDOUT_ROLES: tuple[str, ...] = (
    "summary",
    "definition",
    "mechanism",
    "comparison",
    "benefits",
    "drawbacks",
    "uses",
    "expect",
    "aftercare",
    "when-to-call",
    "questions",
)
CONSENT_ROLES: tuple[str, ...] = (
    "reason",
    "definition",
    "expect",
    "benefits",
    "uncertainty",
    "risks",
    "alternatives",
    "no-treatment",
    "status",
    "cost",
    "others",
    "further-procedures",
    "voluntary",
    "questions",
    "statement",
)
REQUIRED_ROLES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.HANDOUT: ("definition", "mechanism", "benefits", "drawbacks", "expect"),
        Kind.CONSENT: (
            "definition",
            "expect",
            "benefits",
            "risks",
            "alternatives",
            "no-treatment",
            "voluntary",
            "questions",
            "statement",
        ),
    }
)
"""What a document of each kind cannot be printed without."""


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
        since. A record that names an original which the library does not hold proves nothing.
        """
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
        if not self.kind.is_form:
            return ()
        standard = (one for block in self.form_blocks for one in block.fields if self.lateral or not one.lateral)
        own = (one for block in walk(tuple(self.blocks())) if isinstance(block, FieldGroup) for one in block.fields)
        return (*standard, *own)

    def section(self, role: str) -> Section | None:
        """The section that has this role, if there is one."""
        return next((section for section in self.sections if role in section.roles), None)
