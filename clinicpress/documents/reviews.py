"""Who stands behind a text: the records of its review and of its translation, and the state that they put it in.

A document is translated in parts: its title, the text under the title, and each section. The record holds the hash of
each part of the text that it was made from. So a change of that text tells which parts are out of date, and no other.
Source: 45 CFR 92.201(c)(3) (a machine translation of a text that matters is reviewed by a qualified human translator).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol


class ReviewState(StrEnum):
    """Whether the clinic stands behind this very text. Only supplied and approved texts print without DRAFT."""

    SUPPLIED = "supplied"
    APPROVED = "approved"
    DRAFT = "draft"
    STALE = "stale"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a record says: the clinic handed the text in, a clinician approved it, or it was withdrawn."""

    SUPPLIED = "supplied"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """One entry of `review.toml`.

    `document` is its name there (`handout.en`), `digest` the SHA-256 of the exact text and figures. `on` and `until`
    are the first and the last day on which it counts. `despite` holds the codes of errors that stood, each with the
    reason for approving all the same; `reason` says why a text was withdrawn, or what was added to one that was
    supplied. `parts` are those of a text that is not only its own (`documents.composition`), `because` says which
    passage it was renewed for. `confirmed` holds the questions of the kind, each with its answer. `line` is its line in
    the file.
    """

    document: str
    verdict: Verdict
    by: str
    on: date
    until: date
    digest: str
    despite: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    because: str = ""
    confirmed: tuple[tuple[str, str], ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """Who stands behind this very text, since when and until when.

    `record` is the entry that decides, `history` holds all entries of this document, the oldest first.
    """

    state: ReviewState
    record: ReviewRecord | None = None
    history: tuple[ReviewRecord, ...] = ()

    @property
    def draft(self) -> bool:
        """Whether the document prints as a draft."""
        return self.state not in (ReviewState.SUPPLIED, ReviewState.APPROVED)

    @property
    def despite(self) -> dict[str, str]:
        """The reasons for which errors were accepted, by code; none for a draft."""
        return dict(self.record.despite) if self.record is not None and not self.draft else {}


def judged(digest: str, history: Sequence[ReviewRecord], today: date | None) -> Review:
    """The review of a text, from the records of its document.

    A record counts for the very text that it names. So a text that is changed and put back is current again. Without a
    day no record is too early or too late.
    """
    records = tuple(history)
    if not records:
        return Review(ReviewState.DRAFT)
    last = records[-1]
    if last.verdict is Verdict.WITHDRAWN:
        return Review(ReviewState.WITHDRAWN, last, records)
    fitting = [one for one in records if one.digest == digest and one.verdict is not Verdict.WITHDRAWN]
    if not fitting:
        return Review(ReviewState.STALE, last, records)
    record = fitting[-1]
    if today is not None and today > record.until:
        return Review(ReviewState.EXPIRED, record, records)
    if today is not None and today < record.on:
        return Review(ReviewState.DRAFT, record, records)
    return Review(ReviewState(record.verdict), record, records)


TITLE, OPENING, PROCEDURE = "title", "opening", "procedure"
"""The parts of a document that are no sections: its title, the text under it, the name of the procedure."""


class Headed(Protocol):
    """Anything that has roles, as a section has."""

    @property
    def roles(self) -> tuple[str, ...]:
        """What it does."""
        ...


@dataclass(frozen=True, slots=True)
class Translation:
    """How a translation came about.

    `source` is the language that it was made from. `tool` made it, or a `translator` (name and qualification). When a
    qualified human has read what a tool made, `reviewer` says who. `sections` holds, by the names of the parts, the
    hash of the text that each part was made from.
    """

    source: str
    tool: str
    translator: str
    day: date
    reviewer: str
    sections: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def by_a_human(self) -> bool:
        """Whether a qualified human has made it, or has read what a machine made."""
        return bool(self.translator or self.reviewer)

    def stale(self, parts: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the parts that are out of date: changed or new in the text as it is now (`parts`), or gone."""
        changed = [name for name, digest in parts.items() if self.sections.get(name) != digest]
        return (*changed, *(name for name in self.sections if name not in parts))


def stale_parts(translation: Translation | None, parts: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of a translated text that are out of date; all of the original's (`parts`) when there is no record."""
    return tuple(parts) if translation is None else translation.stale(parts)


def part_names(sections: Sequence[Headed]) -> tuple[str, ...]:
    """The name of each section: its first role that no section before it has, else its number (`s3`)."""
    names: list[str] = []
    for number, section in enumerate(sections, 1):
        free = (role for role in section.roles if role not in names)
        names.append(next(free, f"s{number}"))
    return tuple(names)
