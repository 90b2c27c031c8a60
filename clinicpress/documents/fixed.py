"""A fixed form: somebody else's file among the clinic's papers. It is printed as it is, and nothing is drawn on it.

Its facts are those that the clinic wrote down about it (`library.fixed`), and what was seen in the file itself when it
was opened (`pdf.foreign`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from clinicpress.documents.forms import BLOCKS, BlockPlace, Field, FieldKind, FormBlock


class PlaceKind(StrEnum):
    """What can be written at a place of somebody else's form."""

    TEXT = "text"
    TICK = "tick"
    CHOICE = "choice"
    BUTTON = "button"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class FixedPlace:
    """A place to write in somebody else's form, by its own name there. `options` are the words of a choice."""

    name: str
    kind: PlaceKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What was seen in a file: its pages, its places to write, whether a screen reader can follow it.

    `dangers` says, a sentence each, why it must not be handed on. A file that is `signed` breaks its seal when somebody
    writes in it.
    """

    pages: int = 0
    tagged: bool = False
    signed: bool = False
    places: tuple[FixedPlace, ...] = ()
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedForm:
    """Somebody else's form: whose it is, which edition, until when it may be used, and the file itself.

    `pinned` is the SHA-256 that the clinic wrote down, `digest` that of the file as it is now. `fill` says what is
    written where: names of places in the file, each with the name of a fact of ours. `cover` asks for a page of ours
    before it.
    """

    owner: str
    edition: str
    expires: date | None
    file: Path
    data: bytes = field(repr=False)
    digest: str
    pinned: str
    fill: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cover: bool = False
    seen: SeenFile | None = None

    def facts(self) -> dict[str, object]:
        """What lists say of it beside what they say of every document."""
        return {
            "owner": self.owner,
            "edition": self.edition,
            "expires": self.expires.isoformat() if self.expires else "",
            "sha256": self.digest,
        }


@cache
def _standard() -> Mapping[str, Field]:
    every = (one for block in BLOCKS.values() for one in block.fields)
    return MappingProxyType({place.name: place for one in every for place in one.places()})


PENNED = (FieldKind.SIGNATURE, FieldKind.INITIALS)
"""What only a person writes, with a pen."""


def fact_field(name: str) -> Field:
    """The field that holds a fact of ours, whatever form it goes into."""
    if (standard := _standard().get(name)) is not None:
        return replace(standard, span=12, large_span=12, lateral=False, required=False)
    return Field(name, name, FieldKind.DATE if name == "encounter.date" else FieldKind.TEXT)


def standard_names() -> frozenset[str]:
    """The names of all fields of the standard blocks that are filled from data."""
    return frozenset(name for name, one in _standard().items() if one.kind not in PENNED)


def block_of_facts(fill: Mapping[str, str]) -> FormBlock:
    """The facts that a fixed form takes, as a block of fields: so whoever knows a patient can fill it."""
    return FormBlock("fixed", BlockPlace.OPENING, tuple(map(fact_field, dict.fromkeys(fill.values()))))
