"""How a document is set: what may part at a page end, how tight its lines are, and what gave way to fit.

The press chooses it by looking at pages (`press.fitting`), and the templates follow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

PLACES = ("first", "head", "foot")
"""Furniture that may need more height: at the head of the first page, of the others, and at the foot."""
Key = tuple[int, bool]
"""A table or figure: the line on which it starts, and whether it belongs to the second language of the print."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to set a document. The empty one: all sections in one piece, usual space, pairs side by side.

    `split`: sections, lists, tables and paragraphs may part. `tight`: less space, never under the floors. `signing`
    says how the signing page gives way: 1, its parts stand closer; 2, staff sign on the next side. `tall_rows`: rows of
    tables may part. `apart` holds the pairs of sections (by their number in the document) that stand one below the
    other. `tables` says by how much a table gives way: 1, columns as wide as their words; 2, words break. `figures` is
    how high a picture may be, in points. `more` is the height in points that the furniture needs beyond its usual one
    (`PLACES`).
    """

    split: bool = False
    tight: bool = False
    signing: int = 0
    tall_rows: bool = False
    apart: frozenset[int] = frozenset()
    tables: Mapping[Key, int] = field(default_factory=lambda: MappingProxyType({}))
    figures: Mapping[Key, float] = field(default_factory=lambda: MappingProxyType({}))
    more: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        """What it is called where layouts are explained."""
        parts = ["split" if self.split else "whole"]
        parts += ["tight"] if self.tight else []
        parts += ["signed on two sides"] if self.signing > 1 else []
        parts += ["smaller pictures"] if self.figures else []
        return " + ".join(parts)

    def facts(self) -> dict[str, Any]:
        """This as plain values, as it is kept; `of` reads it."""
        return {
            "split": self.split,
            "tight": self.tight,
            "signing": self.signing,
            "tall_rows": self.tall_rows,
            "apart": sorted(self.apart),
            "tables": [[*key, step] for key, step in sorted(self.tables.items())],
            "figures": [[*key, factor] for key, factor in sorted(self.figures.items())],
            "more": dict(self.more),
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Fit":
        """What `facts` gave."""
        return cls(
            **{
                **facts,
                "apart": frozenset(facts["apart"]),
                "tables": {(line, second): step for line, second, step in facts["tables"]},
                "figures": {(line, second): factor for line, second, factor in facts["figures"]},
            }
        )


USUAL = Fit()
