"""The list of the day: its rows, and what has become of them. It is in memory only, for everybody at the desk."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinicpress.desk.packets import Held, Printed

MOST_ROWS = 1_000  # of one day; all of them stand on one page


@dataclass(frozen=True, slots=True)
class Prepared:
    """A packet that was made of a row, by whom, when, and from which state of the library.

    `prints` goes on telling of it when the packet is gone.
    """

    packet: str
    library: str
    by: str
    at: str
    prints: list[Printed] = field(repr=False)


@dataclass(slots=True)
class Today:
    """One list. Its `id` stands in the forms of its page, so that no row is ever taken for one of another list.

    `rows` are those of `rows.rows_of`; `made` are the packets that were made of rows, oldest first.
    """

    day: date
    by: str
    at: str
    rows: list[dict[str, Any]] = field(repr=False)
    notes: list[str] = field(repr=False)
    made: dict[int, list[Prepared]] = field(default_factory=dict, repr=False)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    @property
    def refused(self) -> int:
        """How many rows cannot be printed as they are."""
        return sum(bool(row["problems"]) for row in self.rows)

    def row(self, number: int) -> dict[str, Any] | None:
        """The row of a number, as a person counts it."""
        return next((row for row in self.rows if row["row"] == number), None)

    def note(self, number: int, held: Held, library: str, by: str, at: str) -> None:
        """Remembers that a packet was made of a row."""
        self.made.setdefault(number, []).append(Prepared(held.id, library, by, at, held.prints))
