"""Hears the XML of a sheet and of the shared texts of a workbook, and makes rows of cells of it."""

import re
from array import array
from collections.abc import Mapping
from xml.parsers import expat

from clinicpress.library.rosters.cells import PLAIN, Format, Shown, number_cell
from clinicpress.library.rosters.layout import MAX_CELL, MAX_COLUMNS, CellContent, RosterLine

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Attributes = Mapping[str, str]


def local_name(tag: str) -> str:
    """The name of a tag without the prefix of its namespace."""
    return tag.rpartition(":")[2]


class Texts:
    """The shared texts of a workbook, packed into one run of bytes: a roster has a name or two a row."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    @property
    def size(self) -> int:
        """Bytes that the texts take."""
        return len(self._bytes)

    def add(self, text: str) -> None:
        """Appends a text."""
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def match(self, pattern: re.Pattern[bytes]) -> bool:
        """Whether a pattern stands somewhere in them."""
        return pattern.search(self._bytes) is not None

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        start = self._ends[place - 1] if place else 0
        return self._bytes[start : self._ends[place]].decode("utf-8", "surrogatepass")


def _unescaped(text: str) -> str:
    """A text with its characters that XML cannot hold: _x000D_. Source: ECMA-376 Part 1, 22.9.2.19."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class TextReader:
    """Hears the shared texts. Readings beside Japanese words (rPh) are no part of them."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.parts: list[str] = []
        self.length = 0
        self.reading = self.beside = False

    def listen(self, parser: expat.XMLParserType) -> None:
        """Hears a parser."""
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.data

    def start(self, tag: str, _: Attributes) -> None:
        """A tag begins."""
        name = local_name(tag)
        if name == "si":
            self.parts, self.length = [], 0
        elif name == "rPh":
            self.beside = True
        elif name == "t":
            self.reading = not self.beside

    def data(self, text: str) -> None:
        """Letters between tags. More than a cell may hold are not kept."""
        if self.reading and self.length <= MAX_CELL:
            self.parts.append(text)
            self.length += len(text)

    def end(self, tag: str) -> None:
        """A tag ends."""
        name = local_name(tag)
        if name == "t":
            self.reading = False
        elif name == "rPh":
            self.beside = False
        elif name == "si":
            self.texts.add(_unescaped("".join(self.parts))[: MAX_CELL + 1])


class SheetReader:
    """Hears the rows of a sheet; those that hold something lie in `done` until somebody takes them."""

    def __init__(self, texts: Texts, formats: list[Format], *, from_1904: bool) -> None:
        self.texts, self.formats, self.from_1904 = texts, formats, from_1904
        self.done: list[RosterLine] = []
        self.hidden = 0
        self.row = self.place = 0
        self.kind = ""
        self.format = PLAIN
        self.cells: list[str] = []
        self.held: dict[int, CellContent] = {}
        self.parts: list[str] = []
        self.length = 0
        self.reading = self.beside = self.formula = self.wide = self.unseen = False

    def listen(self, parser: expat.XMLParserType) -> None:
        """Hears a parser."""
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.data

    def start(self, tag: str, attributes: Attributes) -> None:
        """A tag begins."""
        name = tag if ":" not in tag else local_name(tag)
        if name == "c":
            place = attributes.get("r")
            self.place = _column(place) if place else self.place + 1
            self.kind = attributes.get("t", "n")
            style = int(attributes.get("s", "0"))
            self.format = self.formats[style] if 0 <= style < len(self.formats) else PLAIN
            self.parts, self.length, self.formula = [], 0, False
        elif name in ("v", "t"):
            self.reading = not self.beside
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.beside = True
        elif name == "row":
            number = attributes.get("r")
            self.row = int(number) if number else self.row + 1
            self.unseen = attributes.get("hidden") in ("1", "true")
            self.place, self.cells, self.held, self.wide = -1, [], {}, False

    def data(self, text: str) -> None:
        """Letters between tags. More than a cell may hold are not kept."""
        if self.reading and self.length <= MAX_CELL:
            self.parts.append(text)
            self.length += len(text)

    def end(self, tag: str) -> None:
        """A tag ends."""
        name = tag if ":" not in tag else local_name(tag)
        if name in ("v", "t"):
            self.reading = False
        elif name == "rPh":
            self.beside = False
        elif name == "c":
            if self.parts or self.formula:
                self._cell_ends()
        elif name == "row":
            self._row_ends()

    def _cell_ends(self) -> None:
        if not 0 <= self.place < MAX_COLUMNS:
            self.wide = True
            return
        text, held = self._value("".join(self.parts))
        if self.formula:
            text, held = f"={text}", CellContent.FORMULA
        if len(self.cells) <= self.place:
            self.cells += [""] * (self.place + 1 - len(self.cells))
        self.cells[self.place] = text
        if held is not None:
            self.held[self.place] = held

    def _value(self, written: str) -> tuple[str, CellContent | None]:
        """What a cell shows, and what it is."""
        match self.kind:
            case "n":
                return number_cell(written, self.format, from_1904=self.from_1904)
            case "s" if 0 <= int(written) < len(self.texts):
                return self.texts[int(written)], None
            case "s":
                return written, CellContent.ERROR
            case "b":
                return ("TRUE" if written == "1" else "FALSE"), CellContent.TRUTH
            case "e":
                return written, CellContent.ERROR
            case "d":
                day, _, clock = written.partition("T")
                shown = clock if self.format.shown is Shown.TIME else f"{day} {clock}"
                return shown.removesuffix("00:00:00").strip(), CellContent.DAY
        return _unescaped(written), None

    def _row_ends(self) -> None:
        if not any(map(str.strip, self.cells)) and not self.wide:
            return
        self.hidden += self.unseen
        fault = None
        if self.wide:
            fault = (f"the row has cells beyond column {MAX_COLUMNS}.", "Take out what does not belong into a roster.")
        self.done.append(RosterLine(self.row, self.cells, self.held, fault))
        self.cells, self.held = [], {}


def _column(place: str) -> int:
    """The column of a cell, counted from 0: B7 is 1."""
    number = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number - 1
