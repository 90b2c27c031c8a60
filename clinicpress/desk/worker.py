"""What a worker of the front desk does: reads the library, makes packets, reads rosters, draws pages.

Each task is a method of `Work`. It is given plain values and gives plain values and bytes (`marshal`), for it may be
made of what a stranger wrote. When it is done, no fact about a patient stays here that tells who it was: plates at hand
know only that some were given, and which boxes were ticked ("left").
"""

import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from clinicpress import fingerprint, library
from clinicpress.cache import NO_CACHE, Cache
from clinicpress.clinics import Print
from clinicpress.desk.furniture import plain
from clinicpress.desk.log import where_it_broke
from clinicpress.desk.shelf import facts_of_stock, stock_in_time
from clinicpress.desk.today import MOST_ROWS
from clinicpress.destinations.print_job import add_to
from clinicpress.documents import Document
from clinicpress.errors import ContentError, InputError, PressError
from clinicpress.letters import unprintable_character
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.job import PrintJob
from clinicpress.pdf.pictures import draw_page
from clinicpress.press.approvals import EntryError, approve
from clinicpress.press.packets import Terms, terms_of
from clinicpress.press.plates import Plates
from clinicpress.press.shelf import Shelf, Stock
from clinicpress.processes import allow, die_with, framed, limit_memory, received
from clinicpress.visits import Refusal, Visit

NO_ROW = 0
MOST_UNPACKED = 200 << 20  # bytes of a workbook: a day's list of a thousand rows takes one
SHOWN_CELLS, SHOWN_LETTERS = 8, 60  # of a refused row, enough to know which one it is
Plain = dict[str, Any]


class Work:
    """One worker: what it has read, and the plates that it has at hand."""

    def __init__(self, handouts: str, clinic: str, cache: tuple[str, bytes] | None, patience: float = 20.0) -> None:
        """`cache` is the folder where finished pages are kept, and its key; nothing when there is none.

        `patience` is how many seconds of the processor reading the library may take, or one topic of it.
        """
        self._patience = patience
        self._handouts, self._clinic = Path(handouts), Path(clinic)
        self._cache = Cache(*cache) if cache else NO_CACHE
        self._read: tuple[str, Stock] | None = None
        self._plates = Plates(self._cache)

    # The library ------------------------------------------------------------------------------------------------------

    def shelf(self, today: str) -> Plain:
        """Everything that the pages say about the library."""
        return facts_of_stock(self._stock(today))

    def text(self, today: str, topic: str, kind: str, language: str) -> str:
        """A text as it stands in its file, for those who read no pictures, and where there are none."""
        return library.read_text(_found(self._stock(today), topic, kind, language).file)[0]

    def approve(
        self, today: str, topic: str, kind: str, language: str, *, revision: str, until: str = "", **said: Any
    ) -> Plain:
        """Records an approval or a withdrawal of a revision (its full digest); returns what stands in the journal."""
        stock = self._stock(today)
        document = _found(stock, topic, kind, language)
        if len(revision) != len(document.revision.digest):
            raise InputError("The page did not say which revision was read. Open it again, then approve what you read.")
        last = _day(until) if until else None
        approve(stock, document, today=date.fromisoformat(today), until=last, revision=revision, **said)
        named = {"topic": topic, "kind": kind, "language": language, "revision": str(document.revision)}
        return named if said.get("withdraw") else {**named, "until": (last or document.review_by).isoformat()}

    # Documents --------------------------------------------------------------------------------------------------------

    def packet(
        self,
        *,
        today: str,
        wanted: list[tuple[str, str]],
        procedure: str,
        facts: dict[str, str],
        language: str,
        profile: str,
        paper: str,
        copy: str = "",
    ) -> Plain:
        """The documents of one visit: each for the screen (`Issued`), and all of them in one file for the printer.

        The procedure names some, `wanted` are topics and kinds beside those; either may be empty. `facts` have the
        names of a patient file.
        """
        stock = self._stock(today)
        terms = terms_of(stock, size=profile, paper=paper, copy=copy)
        visit = Visit(NO_ROW, facts, procedure, language)
        named = terms.wanted(visit) if procedure else ()
        packet = terms.packet(visit, tuple(dict.fromkeys((*named, *wanted_of(wanted)))))
        day = date.fromisoformat(facts.get("encounter.date", "") or today)
        return {
            "documents": [self._plates.fill(order).to_bytes() for order in packet.orders],
            "notes": list(packet.notes),
            **in_one(packet.orders, self._plates, terms.request.clinic.name, day),
        }

    def picture(self, pdf: bytes, page: int, width: int) -> bytes:
        """One page of a document as PNG, so many pixels wide."""
        return draw_page(pdf, page, width)

    # The day's roster -------------------------------------------------------------------------------------------------

    def roster(self, today: str, name: str, data: bytes) -> Plain:
        """The rows of an appointment list, in its order, each with what would keep it from being printed."""
        stock = self._stock(today)
        terms = terms_of(stock, size=Print.STANDARD)
        refuse_swollen(name, data)
        listed = library.read_roster(Path(name), terms.request.clinic.roster, date.fromisoformat(today), data=data)
        rows = rows_of(name, listed, terms)
        return {"rows": rows, "notes": list(listed.notes)}

    # Inside -----------------------------------------------------------------------------------------------------------

    def _stock(self, today: str) -> Stock:
        """The library as it stands now. It is read again when a file of it has changed."""
        state = f"{today} {fingerprint.signature(self._handouts, self._clinic)}"
        if self._read is None or self._read[0] != state:
            shelf = Shelf(self._handouts, self._clinic, date.fromisoformat(today))
            self._read = (state, stock_in_time(shelf, self._patience, self._cache))
            self._plates = Plates(self._cache)  # those of another profile would stay
        return self._read[1]


def _found(stock: Stock, topic: str, kind: str, language: str) -> Document:
    for one in stock.documents:
        if (one.topic, one.kind, one.language) == (topic, kind, language):
            return one
    raise InputError("This text is not in the library any more.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise EntryError("until", "Write the day as in 2027-11-22.") from error


# The process ----------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Works until nobody asks any more, or the server is gone. What it is asked comes in at standard input."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library may say must not stand among the answers
    settings, parent, seconds, memory = received(asked)
    die_with(parent)
    limit_memory(memory)
    work = Work(**settings, patience=seconds / 3)
    while (question := received(asked)) is not None:
        task, given = question
        allow(seconds)
        answers.write(framed(_answered(getattr(work, task), given)))
        answers.flush()


def _answered(task: Callable[..., object], given: Mapping[str, Any]) -> tuple[str, object]:
    try:
        return "made", task(**given)
    except ContentError as error:
        return "refused", {"sentence": "", "problems": [plain(one) for one in error.problems]}
    except EntryError as error:
        return "refused", {"sentence": str(error), "problems": [], "field": error.entry}
    except PressError as error:
        return "refused", {"sentence": str(error), "problems": []}
    except MemoryError:
        return "too much", ""
    except Exception as error:  # noqa: BLE001  whoever asked must be told
        return "broken", where_it_broke(error)  # no message: it may hold a value


def wanted_of(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Topics and kinds in the order in which they are printed."""
    return tuple((topic, kind) for topic, kind in pairs)


def in_one(orders: Sequence[Order], plates: Plates, author: str, day: date) -> dict[str, Any]:
    """All documents in one file for the printer, and how many pages it has. Values are part of the pages there."""
    on_paper = [replace(order, rendition=Rendition.PAPER) for order in orders]
    if len(on_paper) == 1:
        issued = plates.fill(on_paper[0])
        return {"print": issued.pdf, "pages": issued.pages}
    written = BytesIO()
    with PrintJob(written.write, f"Print job, {day.isoformat()}", day, author) as job:
        for order in on_paper:
            add_to(job, plates, order)
    return {"print": written.getvalue(), "pages": job.pages}


# The rows of a roster -------------------------------------------------------------------------------------------------


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
