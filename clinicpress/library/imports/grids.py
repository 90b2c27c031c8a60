"""Tables by their grid: each cell stands in its own column and row, also beside cells that reach over several."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from clinicpress.documents import Block, Inline, NoteMark, Paragraph, Text, plain_text, table_of
from clinicpress.library.imports.lists import mark_before
from clinicpress.library.imports.tags import Found, parted

MOST_COLUMNS = 60  # of a table; a page shows ten
_MOST_REACH = 2_000  # rows that a cell may say to reach over; a page declares any number

Content = tuple[Inline, ...]


@dataclass(slots=True)
class Grid:
    """A table that is being read. A place that a cell of another row or column covers is an empty cell."""

    rows: list[list[Content]] = field(default_factory=list)
    spans: bool = False
    headed: bool = False  # the file says that its first row is its head
    loose: bool = False  # for the looks only: what it holds stands as if it were not there
    _down: dict[int, int] = field(default_factory=dict)  # column: how many more rows the cell above covers
    _of_the_row_above: set[int] = field(default_factory=set)  # rows whose first place a cell above covers

    def row(self) -> None:
        """A row begins."""
        self._close_row()
        self.rows.append([])
        if self._down.get(0):
            self._of_the_row_above.add(len(self.rows) - 1)

    def cell(self, content: Content, across: int = 1, down: int = 1) -> None:
        """The next cell of the row; `across` and `down` say over how many columns and rows it reaches."""
        if not self.rows:
            self.rows.append([])
        row = self.rows[-1]
        while self._covered(len(row)):
            row.append(())
        across, down = max(1, min(across, MOST_COLUMNS + 1)), max(1, min(down, _MOST_REACH))
        self.spans = self.spans or across > 1 or down > 1
        for column in range(len(row), len(row) + across):
            self._down[column] = down - 1
        row += [content, *(() for _ in range(across - 1))]

    def group(self) -> None:
        """A group of rows ends: no cell reaches beyond it. Source: HTML, 4.9.12 (end of a row group)."""
        self._close_row()
        self._down.clear()

    def blocks(self, found: Found) -> list[Block]:
        """What the table becomes: a table, or paragraphs where it is one for the looks only."""
        self._close_row()
        below = [number in self._of_the_row_above for number in range(len(self.rows))]
        rows = [(row, under) for row, under in zip(self.rows, below, strict=True) if any(map(_words, row))]
        if not rows:
            return []
        if self.spans:
            found.remark("A table had merged cells; they stand as empty ones.", "Read the table, and fill them.")
        width = max(len(row) for row, _ in rows)
        filled = {at for row, _ in rows for at, cell in enumerate(row) if _words(cell)}
        used = sorted(filled) if self.spans else list(range(width))
        if width > MOST_COLUMNS:
            what = f"A table has more than {MOST_COLUMNS} columns; its cells stand as paragraphs."
            found.remark(what, "Read them, and make tables of a few columns.")
        if len(used) == 1 or width > MOST_COLUMNS or len(rows) == 1:
            return [Paragraph(part, 0) for row, _ in rows for cell in row for part in parted([*cell])]
        rows = [([_in_one_line(cell, found) for cell in row], under) for row, under in rows]
        if not self.headed:
            remedy = "Read it; write a head above it where it is none."
            found.remark("The first row of a table was taken as its head.", remedy, " | ".join(map(_words, rows[0][0])))
        padded = [[(row + [()] * width)[at] for at in used] for row, _ in rows]
        if not _words(padded[0][0]):
            for row, (_, under) in zip(padded[1:], rows[1:], strict=True):
                if not _words(row[0]) and not under:
                    row[0] = (Text("–"),)
                    what = "A row without a name got a dash, or it would print as part of the row above."
                    found.remark(what, "Name the row.", " ".join(map(plain_text, row)))
        return [table_of([tuple(row) for row in padded], 0)]

    def _covered(self, column: int) -> bool:
        left = self._down.get(column, 0)
        if left:
            self._down[column] = left - 1
        return left > 0

    def _close_row(self) -> None:
        """Covered places at the end of a row."""
        if self.rows:
            row = self.rows[-1]
            last = max((column for column, left in self._down.items() if left and column >= len(row)), default=-1)
            while len(row) <= last:
                self._covered(len(row))
                row.append(())


@dataclass(slots=True)
class _Frame:
    """A table that may be a frame: which place of its rows has words, and how far it is read."""

    number: int
    nests: bool = False  # another table stands in it
    several: bool = False  # cells with words stand beside each other
    places: set[int] = field(default_factory=set)
    place: int = -1  # of the cell at hand in its row
    in_row: int = 0  # cells with words, in the row at hand
    words: bool = False  # in the cell at hand


class Frames:
    """Hears the tags of a page before it is read, and finds the tables that are frames for the looks.

    No row of theirs has words in more than one cell, always the same, or other tables stand in them. What they hold is
    read as if they were not there.
    """

    def __init__(self) -> None:
        self.found: list[bool] = []  # for each table, in the order in which they begin
        self._open: list[_Frame] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag opens."""
        if tag == "table":
            if self._open:
                self._open[-1].nests = True
            self._open.append(_Frame(len(self.found)))
            self.found.append(attributes.get("role") in ("presentation", "none"))
        elif tag in ("tr", "td", "th") and self._open:
            self._end_cell(row=tag == "tr")
            self._open[-1].place += tag != "tr"

    def data(self, text: str) -> None:
        """Words."""
        if self._open and text.strip():
            self._open[-1].words = True

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag == "table" and self._open:
            self._end_cell(row=True)
            done = self._open.pop()
            frame = not done.several and (len(done.places) < 2 or done.nests)
            self.found[done.number] = self.found[done.number] or frame
            if done.places and self._open:
                self._open[-1].words = True

    def close(self) -> list[bool]:
        """The page ends."""
        while self._open:
            self.end("table")
        return self.found

    def _end_cell(self, *, row: bool) -> None:
        table = self._open[-1]
        if table.words:
            table.in_row += 1
            table.places.add(table.place)
            table.several = table.several or table.in_row > 1
        table.words = False
        if row:
            table.in_row, table.place = 0, -1


def _in_one_line(cell: Content, found: Found) -> Content:
    """The paragraphs of a cell in one line, with a stroke where no full stop and no mark of an item parts them."""
    parts = parted([*cell])
    line: list[Inline] = [*(parts[0] if parts else ())]
    for before, part in pairwise(parts):
        bare = not re.search(r"\w", plain_text([one for one in part if not isinstance(one, NoteMark)]))
        apart = not bare and not re.search(r"[.!?:;,]$", _words(before)) and mark_before(_words(part)) is None
        if apart:
            what = "Paragraphs of a cell stand in one line, with a stroke (/) between them."
            found.remark(what, "Read it; make rows of them where one stroke may mislead.", plain_text(cell))
        line += [Text(" / " if apart else " "), *part]
    return tuple(line)


def _words(cell: Content) -> str:
    return plain_text(cell).strip()
