"""The record of a translation: from which text it was made, by whom or by what, and who has read it.

A document is translated in parts: its title, the text under the title, and each section. The record holds the hash of
each part of the text that it was made from. So a change of that text tells which parts are out of date, and no other.
Source: 45 CFR 92.201(c)(3) (a machine translation of a text that matters is reviewed by a qualified human translator).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol

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


def part_names(sections: Sequence[Headed]) -> tuple[str, ...]:
    """The name of each section: its first role that no section before it has, else its number (`s3`)."""
    names: list[str] = []
    for number, section in enumerate(sections, 1):
        free = (role for role in section.roles if role not in names)
        names.append(next(free, f"s{number}"))
    return tuple(names)
