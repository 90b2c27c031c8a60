"""A roster, whatever its format, as visits and refusals in the order of the rows; and who was on it before."""

import csv
import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from clinicpress.clinics import RosterLayout
from clinicpress.errors import InputError
from clinicpress.files import open_file
from clinicpress.letters import folded
from clinicpress.library.rosters import cells
from clinicpress.library.rosters.delimited import (
    DELIMITER_NAMES,
    Dialect,
    encoding_of,
    json_header,
    json_rows,
    text_header,
    text_rows,
)
from clinicpress.library.rosters.layout import MAX_COLUMNS, Columns, RosterLine, checked, columns_of
from clinicpress.library.rosters.rows import Rows
from clinicpress.library.rosters.workbook import Book
from clinicpress.visits import Refusal, Visit
from clinicpress.words import LANGUAGE_ROWS

TEXT, SHEET, JSON = "text", "sheet", "json"
FORMATS = {".csv": TEXT, ".tsv": TEXT, ".txt": TEXT, ".xlsx": SHEET, ".xlsm": SHEET, ".jsonl": JSON, ".ndjson": JSON}
ZIP, OLE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
DAYS = ("birth_date", "appointment", "date")
LEADING_ZEROS = (
    "The record numbers of {file} stand in cells of numbers: zeros in front of them may be lost. "
    "Format the column as text."
)


class Roster:
    """A roster that was read to its end once; going through it reads it again, row by row.

    `columns` are its headers, `digest` is the SHA-256 of the file, `notes` are sentences for the manager (more may come
    while its rows are read), `rows` is about how many rows there are.
    """

    def __init__(self, path: Path, layout: RosterLayout, today: date, data: bytes | None) -> None:
        """Looks at the whole file. Raises `InputError` for what is wrong with it as a whole."""
        self.path, self.layout, self.today, self._data = path, layout, today, data
        self.notes: list[str] = []
        self.rows = 0
        self._file = path.name
        self._dialect = Dialect("utf-8", ",")
        self._orders = cells.Orders(layout.date_format)
        self._loose_days = False
        with self._opened() as stream:
            self._stamp = self._state(stream)
            self._format = self._format_of(stream)
            self.digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            self._columns = self._examined(stream)
            if self._loose_days and not layout.date_format and self._format != TEXT:
                stream.seek(0)
                for line in self._lines(stream):
                    self._look_at_days(line, self._columns)
        self.columns = self._columns.header
        self.notes += [
            f"The dates of {column} are read as {form}: no other order fits all of them, and clinic.toml declares none."
            for column, form in self._orders.settled()
        ]
        if self._columns.ignored:
            self.notes.append(f"Columns that are not used: {', '.join(self._columns.ignored)}.")

    def __repr__(self) -> str:
        return f"Roster({self._file!r})"

    def __iter__(self) -> Iterator[Visit | Refusal]:
        """The rows in their order; rows without any text are passed over."""
        kind = self._format
        key = bytes.fromhex(self.digest)
        reader = Rows(self._file, self._columns, self._orders, self.today, key, text=kind == TEXT, json=kind == JSON)
        gone: Counter[str] = Counter()
        with self._opened() as stream:
            if self._state(stream) != self._stamp:
                raise InputError(f"{self.path} was changed while it was read. Start again.")
            for line in self._lines(stream):
                if line.fault is not None or (any(map(str.strip, line.cells)) and not self._left_out(line, gone)):
                    yield reader.read(line)
        if gone:
            told = ", ".join(f"{number} with '{word}'" for word, number in gone.items())
            self._note(f"{gone.total()} rows of {self._file} are left out, as [roster] in clinic.toml says: {told}.")
        if reader.nearest:
            names = {tag: row.name for tag, row in LANGUAGE_ROWS.items()}
            told = ", ".join(f"{names.get(tag, tag)} in {number}" for tag, number in reader.nearest.items())
            self._note(f"Rows of {self._file} name a language with its country; the nearest one is taken: {told}.")
        if reader.numbers:
            self._note(LEADING_ZEROS.format(file=self._file))
        if reader.strange_days:
            self._note(
                f"{reader.strange_days} dates of {self._file} are not written as {self.layout.date_format}. "
                "Look whether the others are, before you hand anything out."
            )

    def _left_out(self, line: RosterLine, gone: Counter[str]) -> bool:
        """Whether the profile says that rows with such a value are passed over; then it is counted."""
        for place, words in self._columns.deciding:
            if folded(line.cells[place]) in words:
                gone[line.cells[place].strip()] += 1
                return True
        return False

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader | BytesIO]:
        if self._data is not None:
            yield BytesIO(self._data)
            return
        try:
            stream = open_file(self.path)
        except OSError as error:
            message = f"{self.path} cannot be read: {error.strerror}. Check the name and who may read it."
            raise InputError(message) from error
        with stream:
            yield stream

    def _state(self, stream: BinaryIO) -> tuple[int, int]:
        """By which a file is known not to have changed: its size and the time of its last change."""
        if self._data is not None:
            return len(self._data), 0
        state = os.fstat(stream.fileno())
        return state.st_size, state.st_mtime_ns

    def _format_of(self, stream: BinaryIO) -> str:
        """The format by the ending of the name, if the first bytes agree. Raises `InputError`."""
        start = stream.read(8)
        stream.seek(0)
        ending = self.path.suffix.lower()
        wanted = FORMATS.get(ending)
        say = "Save the list as Excel workbook (.xlsx), as CSV UTF-8 (.csv), or as JSON lines (.jsonl)."
        if not start:
            raise InputError(f"{self.path} is empty. {say}")
        if ending == ".xls" or start.startswith(OLE):
            what = (
                "protected by a password, or of the old format .xls" if ending != ".xls" else "of the old format .xls"
            )
            raise InputError(f"{self.path} is {what}. {say}")
        if wanted is None or start.startswith(PDF):
            what = "a PDF" if start.startswith(PDF) else f"not a roster by its name ('{ending or 'no ending'}')"
            raise InputError(f"{self.path} is {what}. {say}")
        if (wanted == SHEET) != start.startswith(ZIP):
            what = "an Excel workbook, a Word document or another zip file" if wanted != SHEET else "no Excel workbook"
            raise InputError(f"{self.path} is {what}, whatever its name says. {say}")
        return wanted

    def _examined(self, stream: BinaryIO) -> Columns:
        """The columns of the file, after a look at all of it."""
        if self._format == SHEET:
            book = Book(self._file, stream, self.layout.sheet)
            self.notes += book.notes
            self.rows = max(book.check() - 1, 0)
            self._loose_days = book.loose_days
            header = next(book.rows(), RosterLine(1, []))
            if len(header.cells) > MAX_COLUMNS or header.fault:
                raise InputError(f"{self._file} has more than {MAX_COLUMNS} columns. Keep those that a roster needs.")
            columns = columns_of(self._file, header.cells, self.layout)
            return checked(self._file, columns, self.layout, where=f"Row {header.row}")
        if self._format == JSON:
            keys, self.rows = json_header(self._file, stream)
            self._loose_days = True
            return checked(self._file, columns_of(self._file, keys, self.layout), self.layout, where="The first line")
        encoding, said = encoding_of(self._file, stream, self.layout.encoding)
        self._dialect, columns = text_header(self._file, stream, encoding, self.layout)
        checked(self._file, columns, self.layout)
        self.notes.append(said[:-1] + f", with the {DELIMITER_NAMES[self._dialect.delimiter]} between cells.")
        for line in text_rows(self._file, stream, self._dialect, len(columns.header)):
            self.rows += 1
            self._look_at_days(line, columns)
        return columns

    def _look_at_days(self, line: RosterLine, columns: Columns) -> None:
        """Lets the dates of a row say in which order their columns are written."""
        if line.fault is None and not self.layout.date_format:
            for ours in DAYS:
                if (place := columns.places.get(ours)) is not None:
                    self._orders.look_at(columns.header[place].strip(), line.cells[place].strip())

    def _lines(self, stream: BinaryIO) -> Iterator[RosterLine]:
        header = list(self._columns.header)
        if self._format == TEXT:
            yield from text_rows(self._file, stream, self._dialect, len(header))
        elif self._format == JSON:
            yield from json_rows(self._file, stream, header)
        else:
            book = Book(self._file, stream, self.layout.sheet)
            lines = book.rows()
            next(lines, None)
            for line in lines:
                missing = len(header) - len(line.cells)
                if missing > 0:
                    line.cells.extend([""] * missing)
                if missing < 0 and any(map(str.strip, line.cells[missing:])):
                    fault = ("the row has cells beyond the last header.", "Name their column, or delete them.")
                    yield line._replace(fault=line.fault or fault)
                else:
                    yield line
            for note in book.notes:
                self._note(note)


def read_roster(path: Path, layout: RosterLayout, today: date, *, data: bytes | None = None) -> Roster:
    """The roster in a file, after a look at all of it.

    With `data`, the file is these bytes: the path is only its name then, and nothing is read from a disk. Raises
    `InputError` for what is wrong with it as a whole.
    """
    return Roster(path, layout, today, data)


RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell as a formula, also in the wide letters of Chinese and Japanese keyboards.

Source: OWASP, CSV Injection.
"""
_HALF = re.compile("[\ud800-\udfff]")
FIRST_COLUMNS = ("row", "reason")
BOM = "\ufeff"
"""With it Excel reads the file as UTF-8; without it names are garbled there. All else that reads CSV passes over it."""


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: where it could be one, an apostrophe stands before it.

    For half of a character, which no file can hold, stands the mark of a lost one.
    """
    if text[:1].isalnum() and text.isprintable():  # nearly all: a morning has thousands of rows
        return text
    text = _HALF.sub("\ufffd", text.replace("\0", ""))
    return f"'{text}" if text.startswith(RISKY) or text.lstrip().startswith(RISKY) else text


def table_row(cells: Sequence[str]) -> str:
    """A line of a CSV file, its cells safe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def table_header(columns: Sequence[str]) -> str:
    """The first line of a CSV file, with the mark of UTF-8 before it."""
    return BOM + table_row(columns)


def refused_header(columns: Sequence[str]) -> str:
    """The first line of `refused.csv`."""
    return table_header((*FIRST_COLUMNS, *columns))


def refused_row(refusal: Refusal) -> str:
    """The line of `refused.csv` for a row: its number, why it was refused, and its cells as they were."""
    reason = " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
    return table_row((str(refusal.row), reason, *refusal.cells))
