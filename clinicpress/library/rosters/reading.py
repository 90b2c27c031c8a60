"""A roster: the clinic's appointment list, whatever its format, as visits and refusals in the order of the rows."""

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from io import BufferedReader, BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from clinicpress.clinics import RosterLayout, folded
from clinicpress.encounters import Refusal, Visit
from clinicpress.errors import InputError, Problem, Rule
from clinicpress.library.encounters import unseen_character
from clinicpress.library.files import unprintable_character
from clinicpress.library.rosters import cells
from clinicpress.library.rosters.delimited import DELIMITER_NAMES, Dialect, encoding_of, text_header, text_rows
from clinicpress.library.rosters.json_lines import json_header, json_rows
from clinicpress.library.rosters.layout import FIELDS, Columns, checked, columns_of
from clinicpress.library.rosters.lines import MAX_CELL, MAX_COLUMNS, Held, Line
from clinicpress.library.rosters.twins import Twins
from clinicpress.library.rosters.workbook import Book
from clinicpress.library.rules import BAD_CELL, BAD_ROW, LISTED_TWICE

TEXT, SHEET, JSON = "text", "sheet", "json"
FORMATS = {".csv": TEXT, ".tsv": TEXT, ".txt": TEXT, ".xlsx": SHEET, ".xlsm": SHEET, ".jsonl": JSON, ".ndjson": JSON}
ZIP, OLE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
PLAIN_COLUMNS = ("mrn", "name", "procedure", "site", "side", "credential")
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
        with self._opened() as stream:
            self._stamp = self._state(stream)
            self._format = self._format_of(stream)
            self.digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            self._columns = self._examined(stream)
        self.columns = self._columns.header
        if self._columns.ignored:
            self.notes.append(f"Columns that are not used: {', '.join(self._columns.ignored)}.")

    def __repr__(self) -> str:
        return f"Roster({self._file!r})"

    def __iter__(self) -> Iterator[Visit | Refusal]:
        """The rows in their order; rows without any text are passed over."""
        reader = _Rows(self._file, self._columns, self.layout.date_format, self.today, bytes.fromhex(self.digest))
        reader.format = self._format
        with self._opened() as stream:
            if self._state(stream) != self._stamp:
                raise InputError(f"{self.path} was changed while it was read. Start again.")
            for line in self._lines(stream):
                if line.fault is not None or any(map(str.strip, line.cells)):
                    yield reader.read(line)
        if reader.numbers:
            self._note(LEADING_ZEROS.format(file=self._file))
        if reader.strange_days:
            self._note(
                f"{reader.strange_days} dates of {self._file} are not written as {self.layout.date_format}. "
                "Look whether the others are, before you hand anything out."
            )

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader | BytesIO]:
        if self._data is not None:
            yield BytesIO(self._data)
            return
        try:
            stream = self.path.open("rb")
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
            header = next(book.rows(), Line(1, []))
            if len(header.cells) > MAX_COLUMNS or header.fault:
                raise InputError(f"{self._file} has more than {MAX_COLUMNS} columns. Keep those that a roster needs.")
            columns = columns_of(self._file, header.cells, self.layout)
            return checked(self._file, columns, self.layout, where=f"Row {header.row}")
        if self._format == JSON:
            keys, self.rows = json_header(self._file, stream)
            return checked(self._file, columns_of(self._file, keys, self.layout), self.layout, where="The first line")
        encoding, said = encoding_of(self._file, stream, self.layout.encoding)
        self._dialect, columns = text_header(self._file, stream, encoding, self.layout)
        checked(self._file, columns, self.layout)
        self.notes.append(said[:-1] + f", with the {DELIMITER_NAMES[self._dialect.delimiter]} between cells.")
        self.rows = sum(1 for _ in text_rows(self._file, stream, self._dialect, len(columns.header)))
        return columns

    def _lines(self, stream: BinaryIO) -> Iterator[Line]:
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


class _Rows:
    """Makes visits of rows, and remembers what rows before have said."""

    def __init__(self, file: str, columns: Columns, date_format: str, today: date, key: bytes) -> None:
        self.file, self.columns, self.date_format, self.today = file, columns, date_format, today
        self.format = TEXT
        self.numbers = self.strange_days = 0
        self._twins = Twins(key)
        self._places = tuple(columns.places.items())
        self._headers = {ours: columns.header[place].strip() or ours for ours, place in self._places}

    def read(self, line: Line) -> Visit | Refusal:
        """The visit that a row tells of, or why it is none."""
        if line.fault is not None:
            return self._refusal(line, [(BAD_ROW, "", line.fault)])
        given: dict[str, str] = {}
        faults: list[tuple[Rule, str, cells.Fault]] = []
        for ours, place in self._places:
            text = line.cells[place].strip()
            fault = None
            if not (text.isascii() and text.isprintable() and len(text) <= MAX_CELL):
                text = unicodedata.normalize("NFC", text)
                fault = _letters_fault(text)
            if held := line.held.get(place):
                fault = cells.held_fault(ours, held, json=self.format == JSON)
                self.numbers += ours == "mrn" and held is Held.NUMBER
            elif text[:1] == "=" and self.format == TEXT:
                fault = cells.held_fault(ours, Held.FORMULA, json=False)
            if fault is not None:
                faults.append((BAD_CELL, ours, fault))
            given[ours] = text if fault is None else ""
        wrong = {ours for _, ours, _ in faults}
        facts = self._facts(given, faults, wrong)
        empty = (ours for ours in ("mrn", "birth_date", "procedure") if not given[ours] and ours not in wrong)
        faults += [(BAD_CELL, ours, ("the cell is empty.", "Fill it in.")) for ours in empty]
        if faults:
            return self._refusal(line, faults)
        return self._checked(line, facts)

    def _facts(
        self, given: Mapping[str, str], faults: list[tuple[Rule, str, cells.Fault]], wrong: set[str]
    ) -> dict[str, str]:
        """What a row says by the names of a patient file; what is wrong with it goes to the faults."""

        def bad(ours: str, fault: cells.Fault | None) -> None:
            if fault is not None and ours not in wrong:
                faults.append((BAD_CELL, ours, fault))
                self.strange_days += self.date_format in fault[0] if self.date_format else 0

        facts = {FIELDS[ours]: given[ours] for ours in PLAIN_COLUMNS if given.get(ours)}
        if name := " ".join(part for part in (given.get("given", ""), given.get("family", "")) if part):
            facts["patient.name"] = name
        if "patient.name" not in facts and not wrong & {"name", "given", "family"}:
            bad(next(one for one in ("name", "given", "family") if one in given), ("no name is given.", "Fill it in."))
        if mrn := given["mrn"]:
            bad("mrn", cells.mrn_fault(mrn))
        if text := given["birth_date"]:
            iso, fault = cells.day_of(text, self.date_format)
            bad("birth_date", fault or cells.birth_fault(iso, self.today))
            facts["patient.birth_date"] = iso
        self._appointment(given, facts, bad)
        if text := given.get("language", ""):
            facts["patient.language"] = cells.language_of(text)
        if text := given.get("clinician", ""):
            facts["clinician.name"], credential = cells.parted_name(text)
            if credential and "clinician.credential" not in facts:
                facts["clinician.credential"] = credential
        return facts

    def _appointment(self, given: Mapping[str, str], facts: dict[str, str], bad: cells.Report) -> None:
        """The day and the time of the visit."""
        ours = "appointment" if "appointment" in given else "date"
        text, clock = given[ours], given.get("time", "")
        if not text:
            bad(ours, ("the cell is empty.", "Fill it in."))
            return
        day, time, fault = cells.appointment_of(text, self.date_format)
        bad(ours, fault)
        if fault is None:
            facts["encounter.date"] = day
        if clock:
            told, fault = cells.time_of(clock)
            if fault is None and time not in ("", told):
                fault = ("the appointment names another time.", "Write the time once.")
            bad("time", fault)
            time = told
        if time:
            facts["encounter.time"] = time

    def _checked(self, line: Line, facts: dict[str, str]) -> Visit | Refusal:
        """The visit, if no row before has told of it, or of another person under its number."""
        mrn, procedure = facts["patient.mrn"], facts["encounter.procedure"]
        person = f"{folded(facts['patient.name'])}\n{facts['patient.birth_date']}"
        found = self._twins.earlier(line.row, mrn, person, f"{facts['encounter.date']}\n{folded(procedure)}")
        if found is None:
            cells_then = tuple(line.cells)
            return Visit(line.row, MappingProxyType(facts), procedure, facts.get("patient.language", ""), cells_then)
        what, earlier = found
        if what == "person":
            message = f"row {earlier} has the same number with another name or date of birth."
            fault = (message, "Find out whose number it is.")
        else:
            fault = (f"row {earlier} is the same visit: number, day and procedure.", "Delete one of the two.")
        return self._refusal(line, [(LISTED_TWICE, "mrn", fault)])

    def _refusal(self, line: Line, faults: list[tuple[Rule, str, cells.Fault]]) -> Refusal:
        problems: list[Problem] = []
        for rule, ours, (message, remedy) in faults:
            where = f"{self._headers[ours]}: {message}" if ours else message[0].upper() + message[1:]
            problems.append(rule.found(self.file, line.row, where, remedy))
        return Refusal(line.row, tuple(problems), tuple(line.cells))


def _letters_fault(text: str) -> cells.Fault | None:
    """Why the letters of a cell cannot be printed."""
    if len(text) > MAX_CELL:
        return f"the cell has more than {MAX_CELL:,} characters.", "Shorten it."
    if any(one in text for one in "\n\r\v\f\u2028\u2029"):
        return "the cell has more than one line.", "Write it in one line."
    if fault := unprintable_character(text) or unseen_character(text):
        return f"the cell holds {fault}, which does not print.", "Type it again."
    if "\ufffd" in text:
        return "the cell holds the mark of a letter that was lost (U+FFFD).", "Type it again."
    return None
