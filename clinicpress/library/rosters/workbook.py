"""Reads a roster from an Excel workbook (.xlsx), row by row and in little memory.

A workbook is a zip file of XML. It is read with Python's own zip and XML readers: so each cell is known with the form
in which the sheet shows it, a document type (the way to XML bombs) is refused at its first letter, and nothing is kept
but the shared texts, closely packed.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

from clinicpress.errors import InputError
from clinicpress.library.rosters.cells import LOOSE_DAY, PLAIN, Format, format_of
from clinicpress.library.rosters.layout import RosterLine
from clinicpress.library.rosters.sheets import Attributes, SheetReader, TextReader, Texts, local_name

PIECE = 1 << 18  # bytes
MOST_XML = 4_000_000_000  # bytes of a sheet: a million rows of 40 cells take half of it
MOST_TEXT = 200_000_000  # bytes of shared texts: a million rows of 200 letters
MOST_TOKEN = 1_000_000  # bytes of one tag
MOST_OPEN = 50_000  # tags that begin and do not end, about; a sheet has five
XML_ENCODINGS = ("utf-8", "utf-16", "us-ascii", "iso-8859-1")  # what expat reads by itself; OPC allows the first two
MOST_FORMATS = 65_000  # Excel has that many. Source: Excel specifications and limits
_EMPTY_ROWS = re.compile(
    rb'(?:<(?:\w+:)?row r="\d+"[^<>]*(?:(?<=/)>|(?<!/)>(?:\s*<(?:\w+:)?c(?: [^<>]*)?(?:(?<=/)>|></(?:\w+:)?c>))*'
    rb"\s*</(?:\w+:)?row>)\s*)+"
)
_NO_EMPTY_ROW = re.compile(rb'<(?!c[ />]|/c>|row r="|/row>)')
"""Rows that hold nothing but formats. They are cut out before the XML is read: a sheet may have a million of them."""


class Book:
    """An open workbook: its sheets, its shared texts, the formats of its cells. `notes` are sentences about it."""

    def __init__(self, file: str, stream: BinaryIO, wanted: str) -> None:
        """Opens the sheet that is wanted, or the first one that shows. Raises `InputError`."""
        self.file = file
        self.notes: list[str] = []
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise self._broken() from None
        self._names = set(self._zip.namelist())
        root = self._related("_rels/.rels", "")
        workbook = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
        if workbook not in self._names or workbook.startswith("word/"):
            what = "a Word document" if any(name.startswith("word/") for name in self._names) else "another zip file"
            raise InputError(f"{file} is no Excel workbook but {what}. Save the list as .xlsx or as CSV UTF-8.")
        folder = PurePosixPath(workbook)
        related = self._related(f"{folder.parent}/_rels/{folder.name}.rels", str(folder.parent))
        self.from_1904 = self.loose_days = False
        self._sheet = self._chosen(workbook, related, wanted)
        by_kind = dict(related.values())
        self._texts = Texts()
        if (place := by_kind.get("sharedStrings")) in self._names:
            self._read_texts(str(place))
        self._formats = [PLAIN]
        if (place := by_kind.get("styles")) in self._names:
            self._formats = self._read_formats(str(place)) or [PLAIN]

    def _broken(self) -> InputError:
        return InputError(f"{self.file} is damaged, or protected by a password. Open it, and save it again as .xlsx.")

    def pieces(self, name: str, limit: int = MOST_XML) -> Iterator[bytes]:
        """The bytes of a part of the file, piece by piece."""
        try:
            with self._zip.open(name) as part:
                read = 0
                while piece := part.read(PIECE):
                    read += len(piece)
                    if read > limit:
                        raise InputError(
                            f"{self.file} is larger than a roster can be. Take out what does not belong in."
                        )
                    yield piece
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
            raise self._broken() from None

    def parse(self, parser: expat.XMLParserType, pieces: Iterator[bytes]) -> Iterator[None]:
        """Reads a part as XML, and stops after each piece. Raises `InputError` when it is none."""

        def refuse(*_: object) -> None:
            raise InputError(f"{self.file} holds a document type, which no spreadsheet writes. It is not opened.")

        def declared(_: str, encoding: str | None, __: int) -> None:
            if (encoding or "utf-8").lower() not in XML_ENCODINGS:
                raise InputError(
                    f"{self.file} says that its letters are stored in a way that no spreadsheet uses. "
                    "Open it, and save it again as .xlsx."
                )

        parser.StartDoctypeDeclHandler, parser.XmlDeclHandler = refuse, declared
        parser.buffer_text = True
        fed = depth = 0
        try:
            for piece in pieces:
                fed += len(piece)
                depth += piece.count(b"<") - 2 * piece.count(b"</") - piece.count(b"/>")
                parser.Parse(piece, False)
                if fed - max(parser.CurrentByteIndex, 0) > MOST_TOKEN + PIECE or depth > MOST_OPEN:
                    raise self._broken()
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, OverflowError):
            raise self._broken() from None
        yield

    def _read(self, name: str, start: Callable[[str, Attributes], None], limit: int = 20_000_000) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, attributes: start(local_name(tag), attributes)
        for _ in self.parse(parser, self.pieces(name, limit)):
            pass

    def _related(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names, by id: kind and place."""
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: Attributes) -> None:
            if tag == "Relationship":
                target = attributes.get("Target", "")
                place = target.lstrip("/") if target.startswith("/") or not folder else f"{folder}/{target}"
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], place)

        if name in self._names:
            self._read(name, start)
        return found

    def _chosen(self, workbook: str, related: Mapping[str, tuple[str, str]], wanted: str) -> str:
        """The place of the sheet that is wanted, or of the first one that shows."""
        sheets: list[tuple[str, str, bool]] = []

        def start(tag: str, attributes: Attributes) -> None:
            if tag == "workbookPr":
                self.from_1904 = attributes.get("date1904") in ("1", "true")
            elif tag == "sheet":
                number = next((value for key, value in attributes.items() if local_name(key) == "id"), "")
                place = related.get(number, ("", ""))[1]
                sheets.append((attributes.get("name", ""), place, attributes.get("state", "visible") == "visible"))

        self._read(workbook, start)
        chosen = [one for one in sheets if (one[0] == wanted if wanted else one[2])][:1]
        if not chosen or chosen[0][1] not in self._names:
            named = f"no sheet '{wanted}'" if wanted else "no sheet"
            names = ", ".join(f"'{name}'" for name, _, _ in sheets[:10])
            raise InputError(f"{self.file} has {named}. It has: {names or 'none'}.")
        if len(sheets) > 1:
            self.notes.append(f"The sheet '{chosen[0][0]}' is read, and no other one of {self.file}.")
        return chosen[0][1]

    def _read_texts(self, name: str) -> None:
        parser = expat.ParserCreate()
        TextReader(self._texts).listen(parser)
        for _ in self.parse(parser, self.pieces(name)):
            if self._texts.size > MOST_TEXT:
                raise InputError(f"{self.file} holds more text than a roster can. Take out what does not belong in.")

    def _read_formats(self, name: str) -> list[Format]:
        codes: dict[int, str] = {}
        numbers: list[int] = []
        inside = False

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal inside
            if tag == "numFmt":
                codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[:200]
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside and len(numbers) < MOST_FORMATS:
                numbers.append(int(attributes.get("numFmtId", "0")))

        self._read(name, start)
        return [format_of(number, codes.get(number, "")) for number in numbers]

    def check(self) -> int:
        """Reads the sheet to its end: damage shows before the first row is used. Returns about how many rows it has.

        `loose_days` says then whether some text may be a date whose order has to be found.
        """
        rows, self.loose_days = 0, self._texts.match(LOOSE_DAY)

        def counted() -> Iterator[bytes]:
            nonlocal rows
            for piece in _without_empty_rows(self.pieces(self._sheet)):
                rows += piece.count(b"row ")
                inside = b"inlineStr" in piece or b'"str"' in piece
                self.loose_days = self.loose_days or (inside and LOOSE_DAY.search(piece) is not None)
                yield piece

        for _ in self.parse(expat.ParserCreate(), counted()):
            pass
        return rows

    def rows(self) -> Iterator[RosterLine]:
        """The rows that hold something, the header first. Raises `InputError`."""
        parser = expat.ParserCreate()
        reader = SheetReader(self._texts, self._formats, from_1904=self.from_1904)
        reader.listen(parser)
        for _ in self.parse(parser, _without_empty_rows(self.pieces(self._sheet))):
            yield from reader.done
            reader.done.clear()
        if reader.hidden:
            self.notes.append(
                f"{reader.hidden} rows are hidden in the sheet (a filter?). They are read like the others."
            )


def _without_empty_rows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a sheet without rows that hold nothing. A row that is split between two pieces stays."""
    for piece in pieces:
        first, last = piece.find(b"<row "), piece.rfind(b"</row>")
        if 0 <= first < last and not _NO_EMPTY_ROW.search(piece, first, last):
            yield piece[:first] + piece[last + len(b"</row>") :]  # nothing but empty rows in between: the usual case
        else:
            yield piece if b"<![CDATA[" in piece else _EMPTY_ROWS.sub(b"", piece)
