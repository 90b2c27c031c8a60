"""The list of the day: its rows, and what has become of them. It is in memory only, for everybody at the desk."""

import secrets
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from clinicpress.desk.furniture import plain
from clinicpress.desk.packets import Held, Printed
from clinicpress.errors import ContentError, InputError
from clinicpress.visits import Refusal, Visit, unprintable_character

if TYPE_CHECKING:  # the server loads nothing that reads texts
    from clinicpress.press.packets import Terms

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


Plain = dict[str, Any]

MOST_UNPACKED = 200 << 20  # bytes of a workbook: a day's list of a thousand rows takes one
SHOWN_CELLS, SHOWN_LETTERS = 8, 60  # of a refused row, enough to know which one it is


def refuse_swollen(name: str, data: bytes) -> None:
    """Raises `InputError` for a workbook that says it is far larger than it looks. No part of it is unpacked here."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            size = sum(one.file_size for one in parts.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # no workbook, or a damaged one: whoever reads it says so
    if size > MOST_UNPACKED:
        raise InputError(f"{name} is larger inside than a list for one day can be. {_fewer()}")


def rows_of(name: str, listed: Iterable[Visit | Refusal], terms: "Terms") -> list[Plain]:
    """All rows, in their order. Raises `InputError` when there are more than a day has."""
    rows: list[Plain] = []
    for row in listed:
        if len(rows) == MOST_ROWS:
            raise InputError(f"{name} has more than {MOST_ROWS:,} rows. {_fewer()}")
        rows.append(_row(row, terms))
    return rows


def _fewer() -> str:
    return "A list for one day has a few hundred rows: save only those of the day, then choose it again."


def _row(row: Visit | Refusal, terms: "Terms") -> Plain:
    if isinstance(row, Refusal):
        cells = [_shown(cell) for cell in row.cells[:SHOWN_CELLS] if cell.strip()]
        return {"row": row.row, "facts": {}, "cells": cells, "problems": [plain(one) for one in row.problems]}
    facts = {"procedure": row.procedure, "language": row.language, "facts": dict(row.facts)}
    try:
        packet = terms.packet(row)
    except ContentError as error:
        return {"row": row.row, **facts, "problems": [plain(one) for one in error.problems]}
    titles = [(order.document.title, order.document.language) for order in packet.orders]
    drafts = any(order.document.review.draft for order in packet.orders)
    return {"row": row.row, **facts, "problems": [], "titles": titles, "draft": drafts, "notes": list(packet.notes)}


def _shown(cell: str) -> str:
    """A cell as a page may show it: short, and without letters that hide or turn others."""
    short = cell.strip()[:SHOWN_LETTERS]
    return "".join("\ufffd" if unprintable_character(letter) else letter for letter in short)
