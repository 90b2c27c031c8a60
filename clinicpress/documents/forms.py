"""What a form asks people to fill in, tick and sign: fields, in standard blocks.

The words are the template's own, the same in every form, so that staff find each box at its place. The rows of the
blocks (`form_blocks.toml`) hold them in English; `worded` gives a block in another language. An author chooses blocks
by their names in the front matter (`blocks: [identification, attestation]`).
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any


class FieldKind(StrEnum):
    """What is written into a field."""

    TEXT = "text"
    LINES = "lines"
    TICK = "tick"
    DATE = "date"
    TIME = "time"
    INITIALS = "initials"
    CHOICE = "choice"
    LIST = "list"
    SIGNATURE = "signature"


class BlockPlace(StrEnum):
    """Where a block stands in the form."""

    OPENING = "opening"
    AFTER_RISKS = "after-risks"
    SECTION = "section"  # within the section whose role the block names
    BEFORE_SIGNING = "before-signing"
    STATEMENT = "statement"
    SIGNING = "signing"
    LATER = "later"  # side by side at the end of the signing page

    @property
    def role(self) -> str:
        """The role of the section that it belongs to; without that section nothing is printed there."""
        return _ROLES.get(self, "")

    @property
    def headed(self) -> bool:
        """Whether its fields are a part of their own, with a heading."""
        return self in (BlockPlace.OPENING, BlockPlace.AFTER_RISKS, BlockPlace.BEFORE_SIGNING)


_ROLES: Mapping[BlockPlace, str] = MappingProxyType(
    {
        BlockPlace.AFTER_RISKS: "risks",
        BlockPlace.STATEMENT: "statement",
        BlockPlace.SIGNING: "statement",
        BlockPlace.LATER: "statement",
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """A named place that is filled by data, by keyboard or by pen.

    `span` is its width in twelfths of the line, `large_span` the same in large print; `large_label` is a shorter label
    where large letters need one. `options` are the choices of a one-of-several field.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    span: int = 12
    large_span: int = 12
    options: tuple[str, ...] = ()
    large_label: str = ""
    help: str = ""
    required: bool = False
    max_length: int = 0
    lateral: bool = False  # asked for only where the side of the body matters

    @property
    def role(self) -> str:
        """Whose field it is: patient, clinician, witness, interpreter … (the first part of its name)."""
        return self.name.partition(".")[0]

    @property
    def spoken(self) -> str:
        """What a screen reader says at the field: its label, and its help where the label is not enough."""
        return self.help or self.label.rstrip(":")


@dataclass(frozen=True, slots=True)
class FormBlock:
    """Fields that belong together. `title` names the person who signs, `lead` is what that person states.

    `elements` are the codes of what it asks or says. A block that is `in_english_as_well` is filled in by somebody who
    may read English only; in another language it has the same block in English in `beside`. `within` names the roles of
    sections in which it may stand; it stands in the first that there is.
    """

    name: str
    place: BlockPlace
    fields: tuple[Field, ...]
    title: str = ""
    lead: str = ""
    elements: tuple[str, ...] = ()
    in_english_as_well: bool = False
    beside: "FormBlock | None" = None
    within: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """The role of the section that it belongs to; without that section nothing of it is printed."""
        return self.within[-1] if self.within else self.place.role


_ROWS = tomllib.loads(Path(__file__).with_name("form_blocks.toml").read_text(encoding="utf-8"))


def _field(facts: dict[str, Any]) -> Field:
    """A field of a row."""
    kind, options = FieldKind(facts.get("kind", FieldKind.TEXT)), tuple(facts.get("options", ()))
    return Field(**{**facts, "kind": kind, "options": options})


def block_of(name: str, facts: dict[str, Any]) -> FormBlock:
    """A block of a row."""
    given = {"place": BlockPlace(facts["place"]), "fields": tuple(map(_field, facts["fields"]))}
    return FormBlock(
        name,
        **{**facts, **given, "elements": tuple(facts.get("elements", ())), "within": tuple(facts.get("within", ()))},
    )


BLOCKS: Mapping[str, FormBlock] = MappingProxyType({name: block_of(name, facts) for name, facts in _ROWS.items()})
"""The standard blocks by the names that authors use, in the order of a form; their rows are in `form_blocks.toml`."""


def worded(block: FormBlock, words: Callable[[str], str]) -> FormBlock:
    """A standard block in another language. `words` gives an English message in that language."""
    fields = tuple(
        replace(
            one,
            label=words(one.label),
            large_label=words(one.large_label),
            help=words(one.help),
            options=tuple(map(words, one.options)),
        )
        for one in block.fields
    )
    beside = block if block.in_english_as_well else None
    return replace(block, title=words(block.title), lead=words(block.lead), fields=fields, beside=beside)


def messages_of(block: FormBlock) -> Iterator[str]:
    """Every message of a block that a catalogue has to hold, in the order of the block."""
    texts = [block.title, block.lead]
    for one in block.fields:
        texts += [one.label, one.large_label, one.help, *one.options]
    yield from (text for text in texts if text)
