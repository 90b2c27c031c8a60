"""The rows of a day's list as plain values: who comes when and for what, what is printed, what stands in the way."""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from clinicpress.batch.packets import Terms
from clinicpress.desk.findings import plain
from clinicpress.desk.today import MOST_ROWS
from clinicpress.errors import ContentError, InputError
from clinicpress.letters import unprintable_character
from clinicpress.visits import Refusal, Visit

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


def rows_of(name: str, listed: Iterable[Visit | Refusal], terms: Terms) -> list[Plain]:
    """All rows, in their order. Raises `InputError` when there are more than a day has."""
    rows: list[Plain] = []
    for row in listed:
        if len(rows) == MOST_ROWS:
            raise InputError(f"{name} has more than {MOST_ROWS:,} rows. {_fewer()}")
        rows.append(_row(row, terms))
    return rows


def _fewer() -> str:
    return "A list for one day has a few hundred rows: save only those of the day, then choose it again."


def _row(row: Visit | Refusal, terms: Terms) -> Plain:
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
