"""What a form asks people to fill in, tick and sign: fields, in standard blocks.

The words are the template's own, the same in every form, so that staff find each box at its place. The rows of the
blocks (`form_blocks.toml`) hold them in English; `worded` gives a block in another language. An author chooses blocks
by their names in the front matter (`blocks: [identification, attestation]`).
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    TABLE = "table"
    SCALE = "scale"


MANY_PLACES = (FieldKind.TABLE, FieldKind.SCALE)
"""Kinds of fields that are several places to write, or choices with names of their own."""


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


CELL, STEP = "{column}, row {row}", "{number} of {most}"
"""What is said at a cell of a table and at a step of a scale: messages of the catalogue."""


@dataclass(frozen=True, slots=True)
class Field:
    """A named place that is filled by data, by keyboard or by pen; of a table, all its cells.

    `span` is its width in twelfths of the line, `large_span` the same in large print; `large_label` is a shorter label
    where large letters need one. `options` are the choices of a one-of-several field, the steps of a scale, the heads
    of a table. A table has `rows`; `columns` are the names of its columns where they do not follow from the heads.
    `around` are the other words that are printed at it: the ends of a scale; at a cell, the label of its table.
    `spoken_options` are the options as they are said, where that is not as they are printed.
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
    rows: int = 0
    columns: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    spoken_options: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """Whose field it is: patient, clinician, witness, interpreter … (the first part of its name)."""
        return self.name.partition(".")[0]

    @property
    def spoken(self) -> str:
        """What a screen reader says at the field: its label, and its help where the label is not enough."""
        return self.help or self.label.rstrip(":")

    @property
    def has_steps(self) -> bool:
        """Whether each of its options is a place of its own, to tick."""
        return self.kind in (FieldKind.CHOICE, FieldKind.SCALE)

    @property
    def alone(self) -> bool:
        """Whether it takes the whole line, and nothing stands beside it."""
        return self.kind in (FieldKind.TABLE, FieldKind.SCALE)

    def texts(self) -> Iterator[str]:
        """What is printed at it as words of a sentence are; choices are none."""
        yield self.label
        yield from self.options if self.kind is FieldKind.TABLE else ()
        yield from self.around

    def cells(self, said: str = CELL) -> tuple[tuple["Field", ...], ...]:
        """The cells of a table, row by row: fields for text, called after the table, the row (from 1) and the column.

        `said` is how a cell is called aloud, in the language of the form.
        """
        heads = tuple(zip(self.columns or column_names(self.options), self.options, strict=True))
        return tuple(
            tuple(
                Field(
                    f"{self.name}.{row}.{column}",
                    head,
                    help=said.format(column=head, row=row),
                    max_length=self.max_length,
                    around=(self.label,),
                )
                for column, head in heads
            )
            for row in range(1, self.rows + 1)
        )

    def places(self, words: Callable[[str], str] = str) -> Iterator["Field"]:
        """What there is to fill: the field itself, or the cells of a table. `words` gives an English message."""
        match self.kind:
            case FieldKind.TABLE:
                yield from (cell for row in self.cells(words(CELL)) for cell in row)
            case FieldKind.SCALE:
                said = words(STEP)
                yield replace(
                    self, spoken_options=tuple(said.format(number=one, most=self.options[-1]) for one in self.options)
                )
            case _:
                yield self


def column_names(heads: Sequence[str]) -> tuple[str, ...]:
    """The names of a table's columns by their heads: "How much?" is `how_much`; `column_3` where no letter fits."""
    plain = (unicodedata.normalize("NFKD", head.lower()).encode("ascii", "ignore").decode() for head in heads)
    names = ("_".join(re.findall(r"[a-z0-9]+", head)) for head in plain)
    return tuple(name or f"column_{number}" for number, name in enumerate(names, 1))


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
    return Field(**{**facts, "kind": kind, "options": options, "around": tuple(facts.get("around", ()))})


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
            options=one.options if one.kind is FieldKind.SCALE else tuple(map(words, one.options)),
            columns=one.columns or (column_names(one.options) if one.kind is FieldKind.TABLE else ()),
            around=tuple(map(words, one.around)),
        )
        for one in block.fields
    )
    beside = block if block.in_english_as_well else None
    return replace(block, title=words(block.title), lead=words(block.lead), fields=fields, beside=beside)


def messages_of(block: FormBlock) -> Iterator[str]:
    """Every message of a block that a catalogue has to hold, in the order of the block."""
    texts = [block.title, block.lead]
    for one in block.fields:
        options = () if one.kind is FieldKind.SCALE else one.options
        texts += [one.label, one.large_label, one.help, *options, *one.around]
    yield from (text for text in texts if text)
