"""The kinds of documents as rows of data: a kind is a file, `kinds/<name>.toml`, and no code names one."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents.forms import BLOCKS, BlockPlace, FormBlock, block_of
from clinicpress.words import Words

FOLDER = Path(__file__).parents[1] / "kinds"


class Shape(StrEnum):
    """What is done with a document: a sheet is read, a form is filled in, a fixed one is somebody else's file."""

    SHEET = "sheet"
    FORM = "form"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class SectionRole:
    """What a section does: whether a document can do without it, its usual heading, and what is to be written there."""

    heading: str
    write: str
    required: bool = False


class Weight(StrEnum):
    """How much it matters that an element is missing: an error, a warning, or nothing unless a jurisdiction says so."""

    REQUIRED = "R"
    WELL_DESIGNED = "W"
    RECOMMENDED = "S"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class KindElement:
    """What a document has to say or ask, or must never say. A core element cannot be called "not applicable".

    `tests` says how a program finds it (`lint.elements`); those of the consent form are rules of their own. `when` is
    the key of the front matter without which nobody asks for it. `read` says whether the source's own words were read.
    """

    what: str
    core: bool = False
    weight: Weight = Weight.REQUIRED
    source: str = ""
    when: str = ""
    remedy: str = ""
    read: bool = True
    tests: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Question:
    """What no program can know: it is asked of somebody with a role (`who`) before a text of the kind is approved."""

    who: str
    ask: str


_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("on_page", "leaflet", "signed_in", "chart", "loinc", "kept"), ""),
        **dict.fromkeys(("grades", "keys", "blocks", "confirm", "allowed"), ()),
        **dict.fromkeys(
            ("words", "roles", "elements", "places", "imports", "own_keys", "uses", "off"), MappingProxyType({})
        ),
        **dict.fromkeys(("own_blocks", "phrases", "agrees"), MappingProxyType({})),
        "order": 50,
        "characters": 0,
        "summary_from": 0,
        "sides": 0,
        "approve_by": ("clinician",),
        **dict.fromkeys(("in_new_topic", "own_fields"), False),
    }
)
ROW_KEYS = frozenset(("extends", "without", "shape", "called", *_NOTHING))
"""All that a row may say."""
TESTS = ("any", "all", "never")
"""How an element is found: one of some tests holds, each of them does, or none does."""


def _frozen(value: Any) -> Any:
    """A value of a row that nobody can change."""
    match value:
        case dict():
            return MappingProxyType({key: _frozen(one) for key, one in value.items()})
        case list():
            return tuple(map(_frozen, value))
    return value


def merged(row: Mapping[str, Any], wider: Mapping[str, Any]) -> dict[str, Any]:
    """A row that extends another one: what it says itself comes first, tables are joined, `without` names what goes."""
    gone = set(row.get("without", ()))
    whole: dict[str, Any] = {}
    for key in {**wider, **row}:
        value = row.get(key, wider.get(key))
        if isinstance(value, Mapping):
            value = {**{name: one for name, one in wider.get(key, {}).items() if name not in gone}, **row.get(key, {})}
            if key == "words":  # a table for each language
                value = {tag: {**wider.get(key, {}).get(tag, {}), **own} for tag, own in value.items()}
        elif isinstance(value, list | tuple) and key not in row:
            value = [one for one in value if not isinstance(one, str) or one not in gone]
        whole[key] = value
    return {
        key: value for key, value in whole.items() if key not in ("extends", "without", "in_new_topic") or key in row
    }


def _element(facts: Mapping[str, Any]) -> KindElement:
    """An element of a row."""
    tests = {name: facts[name] for name in TESTS if name in facts}
    rest = {name: value for name, value in facts.items() if name not in TESTS}
    return KindElement(**{**rest, "weight": Weight(facts.get("weight", Weight.REQUIRED)), "tests": _frozen(tests)})


class Kind(str):
    """What sort of paper a document is. Each kind is a row of data, `kinds/<name>.toml`, and no code names one.

    A kind is its name, as files and front matter have it. What a row leaves out is empty. A clinic has the kinds that
    ship (`KINDS`) and its own (`library.kinds`).
    """

    row: Mapping[str, Any]
    """All of it, as it was read."""
    shape: Shape
    order: int
    """Its place in a packet; the lowest comes first."""
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
    sides: int
    """On how many sides it usually fits, in standard print; more is a warning. 0: as many as it takes."""
    roles: Mapping[str, SectionRole]
    """What its sections can do, in the order of the page."""
    elements: Mapping[str, KindElement]
    """What it has to say or ask, and what it must never say, by code."""
    keys: tuple[str, ...]
    """What its front matter has beside what every document has, of what the press knows itself."""
    own_keys: Mapping[str, Mapping[str, Any]]
    """Further keys of its front matter: the `type` of each, what it is one `of`, whether it is `required`."""
    uses: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Narrower uses, by the value of the key `use`: further `roles` that are required, and `elements` that hold."""
    blocks: tuple[str, ...]
    """The blocks of fields that it has when its author names none."""
    allowed: tuple[str, ...]
    """The blocks that an author may name; empty: all that have a place."""
    own_blocks: Mapping[str, FormBlock]
    """Blocks of its own, by name."""
    signed_in: str
    """The block that it cannot do without."""
    agrees: Mapping[str, str]
    """What stands beside "Yes," and "No,", where somebody decides."""
    places: Mapping[str, str]
    """The headings of what is filled in, by the place in the form."""
    in_new_topic: bool
    """Whether every new topic begins with one."""
    approve_by: tuple[str, ...]
    """The roles of those who may approve it."""
    confirm: tuple[Question, ...]
    """What is asked of whoever approves it."""
    off: Mapping[str, str]
    """Rules that do not hold for it, by code, each with the reason."""
    chart: str
    """What a record system calls it, where the clinic's profile says nothing else."""
    loinc: str
    """Its code in LOINC, where one was confirmed."""
    kept: str
    """How long it is kept, and by which source."""
    phrases: Mapping[str, Mapping[str, Any]]
    """Turns of phrase of its own, in English: `patterns`, and sentences that match (`yes`) or do not (`no`)."""
    own_fields: bool
    """Whether a sheet of this kind may have an author's own fields; every form may."""
    imports: Mapping[str, Any]
    """How a clinic's own text is taken in: see `library.imports.placing`."""

    def __new__(cls, name: str, row: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> "Kind":
        """The kind of a row that says all about itself. A row that is given as a function is read when it is needed."""
        kind = str.__new__(cls, name)
        vars(kind)["_source"] = row if callable(row) else lambda: row
        return kind

    def __getattr__(self, key: str) -> Any:
        """Reads the row of a kind of which nothing was asked before."""
        if key in ROW_KEYS | {"row"} and (source := vars(self).pop("_source", None)) is not None:
            self._fill(source())
            return getattr(self, key)
        raise AttributeError(f"a kind has no '{key}'")

    def _fill(self, row: Mapping[str, Any]) -> None:
        facts = {**_NOTHING, **row}
        self.row = _frozen(row)
        facts["shape"] = Shape(facts["shape"])
        facts["roles"] = {one: SectionRole(**told) for one, told in facts["roles"].items()}
        facts["elements"] = {code: _element(told) for code, told in facts["elements"].items()}
        facts["confirm"] = tuple(Question(**told) for told in facts["confirm"])
        facts["own_blocks"] = {one: block_of(one, told) for one, told in facts["own_blocks"].items()}
        for key, value in facts.items():
            setattr(self, key, _frozen(value))

    def __reduce__(self) -> tuple[Any, ...]:
        """A kind is kept as its row."""
        return Kind, (str(self), _thawed(self.row))

    @property
    def is_form(self) -> bool:
        """Whether it is filled in."""
        return self.shape is Shape.FORM

    @property
    def is_fixed(self) -> bool:
        """Whether it is somebody else's file, which is printed as it is (`documents.fixed`)."""
        return self.shape is Shape.FIXED

    @property
    def suffix(self) -> str:
        """How the names of its texts end."""
        return ".toml" if self.is_fixed else ".md"

    @property
    def template(self) -> str:
        """Its look: `templates/<template>.html.j2`, with `<template>.css` where there is one."""
        return str(self.shape)

    @property
    def takes_fields(self) -> bool:
        """Whether its texts may have places to write."""
        return self.is_form or self.own_fields

    @property
    def required(self) -> tuple[str, ...]:
        """The roles that it cannot be printed without."""
        return tuple(name for name, role in self.roles.items() if role.required)

    @cached_property
    def known_blocks(self) -> Mapping[str, FormBlock]:
        """The standard blocks, and those of its own."""
        return MappingProxyType({**BLOCKS, **self.own_blocks})

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The blocks that it has a place for: with the section, and the heading, that the place needs."""
        if not self.is_form:
            return ()
        headed = {one for one in BlockPlace if not one.headed or one in self.places}
        fitting = (
            name for name, one in self.known_blocks.items() if one.place in headed and one.role in ("", *self.roles)
        )
        return tuple(name for name in fitting if not self.allowed or name in self.allowed)

    def said(self, message: str, words: Words) -> str:
        """An English text of the row in another language: the row's own words, else those of the catalogue."""
        own = self.words.get(words.language, {})
        return own[message] if message in own else words(message)


def _thawed(value: Any) -> Any:
    """A value of a row as it was read."""
    match value:
        case Mapping():
            return {key: _thawed(one) for key, one in value.items()}
        case tuple():
            return [_thawed(one) for one in value]
    return value


def in_order(kinds: Iterable[Kind]) -> Mapping[str, Kind]:
    """Kinds by their names, in the order of a packet."""
    return MappingProxyType({str(one): one for one in sorted(kinds, key=lambda one: (one.order, one))})


def shipped() -> Mapping[str, Kind]:
    """The kinds that ship. Only their order is read: twenty rows take longer than the first page of a print may."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml")}

    def whole(name: str) -> Mapping[str, Any]:
        row = tomllib.loads(texts[name])
        return merged(row, whole(row["extends"])) if "extends" in row else row

    def order(name: str) -> tuple[int, str]:
        found = re.search(r"^order = (\d+)$", texts[name], re.MULTILINE)
        return int(found[1]) if found else _NOTHING["order"], name

    return MappingProxyType({name: Kind(name, partial(whole, name)) for name in sorted(texts, key=order)})


KINDS: Mapping[str, Kind] = shipped()
"""The kinds that ship, by name, in the order of a packet."""
