"""Reads a roster of delimited text (CSV) or of JSON lines, strictly: what is not certain is refused, never guessed.

The encoding is UTF-8, what the first bytes mark, or what somebody declared. The delimiter is the one that makes
our columns of the header.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from clinicpress.clinics import RosterLayout
from clinicpress.errors import InputError
from clinicpress.json_text import JsonError, read_json
from clinicpress.library.rosters.layout import (
    DELIMITERS,
    MAX_COLUMNS,
    CellContent,
    Columns,
    RosterLine,
    columns_of,
)

MAX_RECORD = 400_000  # characters of one row: as many as that many cells may hold
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
PIECE = 1 << 20  # bytes
HOW_TO_DECLARE = (
    'Save it as "CSV UTF-8", or say how it is stored: --encoding windows-1252, or encoding = "windows-1252" under '
    "[roster] in clinic.toml."
)
CUT_SHORT = ("the row has more cells or less than the header.", "Put a text that holds the delimiter in quotes.")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "stroke"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written: its encoding as Python calls it, its delimiter, how many lines stand above the header."""

    encoding: str
    delimiter: str
    skipped: int = 0


def encoding_of(file: str, stream: BinaryIO, declared: str) -> tuple[str, str]:
    """The encoding of a file, by Python's name, and a sentence about it. The whole file is read.

    Raises `InputError` when it is not UTF-8 and nobody declared what it is, or when it is not what was declared.
    """
    start = stream.read(4)
    stream.seek(0)
    if start in UTF32:
        raise InputError(f"{file} is UTF-32 text. {HOW_TO_DECLARE}")
    marked = next((name for mark, name in MARKS if start.startswith(mark)), "")
    if marked:
        _decode_all(file, stream, marked)
        said = f"{file} begins with the mark of {'UTF-8' if marked == 'utf-8-sig' else 'UTF-16'} and is read so"
        return marked, f"{said}, not as {declared}." if declared and declared not in marked else f"{said}."
    if declared in ("", "utf-8"):
        _decode_all(file, stream, "utf-8")
        return "utf-8", f"{file} is read as UTF-8."
    if not declared.startswith("utf-16") and _is_utf8(stream):
        raise InputError(f"{file} is declared as {declared}, but its letters are UTF-8. Declare utf-8, or nothing.")
    if declared == "utf-16":
        raise InputError(f"{file} has no mark of UTF-16. Declare utf-16-le (as Windows writes it) or utf-16-be.")
    codec = "mac-roman" if declared == "macintosh" else declared.replace("windows-", "cp")
    _decode_all(file, stream, codec)
    return codec, f"{file} is read as {declared}, as declared."


def _is_utf8(stream: BinaryIO) -> bool:
    """Whether a file has letters beyond ASCII, and they make UTF-8: by chance no other text does."""
    decoder, beyond = codecs.getincrementaldecoder("utf-8")(), False
    stream.seek(0)
    try:
        while piece := stream.read(PIECE):
            decoder.decode(piece)
            beyond = beyond or not piece.isascii()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return beyond


def _decode_all(file: str, stream: BinaryIO, encoding: str) -> None:
    """Raises `InputError` when a file is not text of an encoding, with the line where it ceases to be."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    line, whole = 1, False
    while not whole:
        piece = stream.read(PIECE)
        whole = not piece
        try:
            text = decoder.decode(piece, final=whole)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            name = "UTF-8" if encoding.startswith("utf-8") else encoding
            raise InputError(f"{file} is not {name} text from line {line} on. {HOW_TO_DECLARE}") from None
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            raise InputError(
                f"Line {line} of {file} holds the character NUL: it is no text, or UTF-16 without its mark. "
                "Declare utf-16-le then, or save it as CSV UTF-8."
            )
        line += text.count("\n")


def text_header(file: str, stream: BinaryIO, encoding: str, layout: RosterLayout) -> tuple[Dialect, Columns]:
    """The delimiter and the columns of a file, from its first line with words.

    Raises `InputError` when no delimiter, or more than one, makes our columns of it.
    """
    layout, skipped = _above_header(file, stream, encoding, layout)
    tried = []
    for delimiter in [layout.delimiter] if layout.delimiter else list(DELIMITER_NAMES):
        try:
            _, header = next(_records(file, stream, Dialect(encoding, delimiter, skipped)))
        except InputError:
            if layout.delimiter:
                raise
            continue
        if len(header) > MAX_COLUMNS:
            raise InputError(f"{file} has more than {MAX_COLUMNS} columns. Keep those that a roster needs.")
        tried.append((delimiter, header))
    if not tried:
        raise InputError(f"The first row of {file} has a quote that does not end. Close it with a second one.")
    found = [(Dialect(encoding, one, skipped), columns_of(file, header, layout)) for one, header in tried]
    whole = [one for one in found if not one[1].missing()]
    if len(whole) > 1:
        raise InputError(f'The delimiter of {file} is not certain. Declare it: delimiter = ";" under [roster].')
    return whole[0] if whole else max(found, key=lambda one: len(one[1].places))


def _above_header(file: str, stream: BinaryIO, encoding: str, layout: RosterLayout) -> tuple[RosterLayout, int]:
    """How many lines stand above the header: empty ones, and Excel's own `sep=;`, which is part of the layout."""
    text, skipped = _opened(stream, encoding), 0
    try:
        while head := text.readline(MAX_RECORD):
            words = head.strip("\r\n")
            if words.lower().startswith("sep=") and len(words) == 5:
                if words[4] not in DELIMITERS:
                    raise InputError(f"{file} declares a delimiter that is not read. Take , or ; or | or a tab.")
                layout = replace(layout, delimiter=words[4])
            elif words.strip():
                return layout, skipped
            skipped += 1
    finally:
        text.detach()
    raise InputError(f"{file} is empty. It needs a row with the names of its columns, and a row for each visit.")


def text_rows(file: str, stream: BinaryIO, dialect: Dialect, width: int) -> Iterator[RosterLine]:
    """The rows below the header. Raises `InputError` where a quote does not end: from there on nothing is certain."""
    records = _records(file, stream, dialect)
    next(records)
    for row, cells in records:
        if len(cells) != width and any(map(str.strip, cells)):
            yield RosterLine(row, cells, fault=CUT_SHORT)
        elif len(cells) == width:
            yield RosterLine(row, cells)


def _opened(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


class _TextRows:
    """The lines of a text, one after another, as long as a row may be. `started` is where the present row starts."""

    def __init__(self, file: str, text: io.TextIOWrapper, skipped: int) -> None:
        self.file, self.text = file, text
        self.number = 0
        self.started = 1
        self.taken = 0
        for _ in range(skipped):
            next(self)
        self.begin()

    def begin(self) -> None:
        """A row has ended; the next line starts another."""
        self.started, self.taken = self.number + 1, 0

    def __iter__(self) -> "_TextRows":
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken += len(line)
        if self.taken > MAX_RECORD:
            raise InputError(
                f"The row at line {self.started} of {self.file} does not end within {MAX_RECORD:,} characters. "
                "Look for a quote there that is not closed."
            )
        return line


def _records(file: str, stream: BinaryIO, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file with the line on which each starts, the header first."""
    text = _opened(stream, dialect.encoding)
    try:
        lines = _TextRows(file, text, dialect.skipped)
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise InputError(
                    f"The row at line {lines.started} of {file} has a quote that is not closed, or letters behind a "
                    'closing one. Close it, or write "" for a quote inside a text.'
                ) from None
            yield lines.started, cells
            lines.begin()
    finally:
        text.detach()


MAX_NESTED = 3  # tables within tables that become columns: patient.name
NOT_AN_OBJECT = ("the line is not an object of JSON.", 'Write {"mrn": "0012345", …} in one line.')
TOO_LONG = (f"the line has more than {MAX_RECORD:,} characters.", "Take out what does not belong into a roster.")
TWICE = ("a key stands twice in the line.", "Delete one of the two.")


def json_header(file: str, stream: BinaryIO) -> tuple[list[str], int]:
    """The keys of all lines in the order of their first use, and how many lines there are.

    Raises `InputError` when the file is not UTF-8, or has more keys than a roster can have columns.
    """
    keys: dict[str, None] = {}
    rows = 0
    for _, found, _ in _objects(file, stream):
        rows += 1
        if found:
            keys.update(dict.fromkeys(found))
        if len(keys) > MAX_COLUMNS:
            raise InputError(f"{file} has more than {MAX_COLUMNS} different keys. Keep the same keys in every line.")
    return list(keys), rows


def json_rows(file: str, stream: BinaryIO, header: list[str]) -> Iterator[RosterLine]:
    """The rows of the file, their cells in the order of the header."""
    places = {key: place for place, key in enumerate(header)}
    for row, found, fault in _objects(file, stream):
        if found is None:
            yield RosterLine(row, [], fault=fault)
            continue
        cells, held = [""] * len(header), {}
        for key, value in found.items():
            place = places.get(key)
            if place is None:
                continue
            cells[place], kind = _cell(value)
            if kind is not None:
                held[place] = kind
        yield RosterLine(row, cells, held)


def _cell(value: object) -> tuple[str, CellContent | None]:
    match value:
        case str():
            return value, None
        case None:
            return "", None
        case bool():
            return str(value).lower(), CellContent.TRUTH
        case int() | float():
            return str(value), CellContent.NUMBER
    return json.dumps(value, ensure_ascii=False), CellContent.NESTED


def _objects(file: str, stream: BinaryIO) -> Iterator[tuple[int, dict[str, object] | None, tuple[str, str] | None]]:
    """Each line with its number: its object by flat keys, or what is wrong with it. Empty lines are passed over."""
    number = 0
    while line := stream.readline(MAX_RECORD * 4):
        number += 1
        whole = line.endswith(b"\n") or len(line) < MAX_RECORD * 4
        while not line.endswith(b"\n") and (rest := stream.readline(MAX_RECORD)):
            if rest.endswith(b"\n"):
                break
        if not whole:
            yield number, None, TOO_LONG
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise InputError(f"Line {number} of {file} is not UTF-8 text. Save the file as UTF-8.") from None
        if not text:
            continue
        try:
            tree = read_json(text, halves=True)  # a cell that holds one is refused by its column
        except JsonError as error:
            unread = (f"{NOT_AN_OBJECT[0][:-1]}: {error.sentence}.", NOT_AN_OBJECT[1])
            yield number, None, TWICE if error.twice else unread
            continue
        if not isinstance(tree, dict):
            yield number, None, NOT_AN_OBJECT
            continue
        pairs = list(_flat(tree))
        found = dict(pairs)
        yield number, *((found, None) if len(found) == len(pairs) else (None, TWICE))


def _flat(tree: Mapping[str, object], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict) and depth < MAX_NESTED:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, value
