"""Reads back every character of a PDF with its font, its size and its place, to measure type as it will be printed."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.instruments.tools import library

# Of the type size. Two characters further apart than this belong to two columns, or to a heading and its text: an
# ordinary blank is a quarter, a stretched one rarely a half, the gutters of our pages are more than one.
COLUMN_GAP = 1.0
# Of the type size: how far a character may stand off the line's base and still belong to it (raised and lowered signs).
BASE_SHIFT = 0.4
# Of the type size: a gap from here on is read as a blank when the file has none.
BLANK_GAP = 0.15


@dataclass(frozen=True)
class Char:
    """One printed character. Lengths in points, origin at the bottom left of the page."""

    text: str  # U+FFFD when the file does not say what the glyph means
    font: str  # without the six letters that mark a subset
    size: float  # as printed: the font's size times the scale of the page
    x: float  # where it starts on the base line
    y: float
    end: float  # where the next one would start
    left: float  # the box around its ink; without any extent for a blank
    bottom: float
    right: float
    top: float
    page: int  # from 1


@dataclass(frozen=True)
class Line:
    """The characters that a reader takes in as one line of one column."""

    chars: tuple[Char, ...]

    @property
    def text(self) -> str:
        """The line as read, with a blank where the gap says so."""
        said = ""
        for before, char in zip((None, *self.chars), self.chars, strict=False):
            # From end to start and not from ink to ink: around an "i" there is paper that is no blank.
            if before and char.x - before.end > BLANK_GAP * char.size and not _any_blank(before.text + char.text):
                said += " "
            said += char.text
        return said.strip()

    @property
    def count(self) -> int:
        """Characters in the line, blanks between words included: the typographer's measure."""
        return len(self.text)

    @property
    def page(self) -> int:
        """The page, from 1."""
        return self.chars[0].page

    @property
    def size(self) -> float:
        """The size of the largest type in the line."""
        return max(char.size for char in self.chars)

    @property
    def baseline(self) -> float:
        """The height of the line's base above the bottom edge."""
        return self.chars[0].y

    @property
    def left(self) -> float:
        """Where the ink begins."""
        return min(char.left for char in self.chars)

    @property
    def right(self) -> float:
        """Where the ink ends."""
        return max(char.right for char in self.chars)


def characters(pdf: Path) -> list[Char]:
    """Every character that the file draws, blanks too, in the order of the content stream. What pdfium adds for the
    convenience of whoever copies text (line ends, blanks in gaps) is left out."""
    pdfium, raw = library("pypdfium2", "pypdfium2"), library("pypdfium2.raw", "pypdfium2")
    found: list[Char] = []
    with pdfium.PdfDocument(pdf) as document:
        for number, page in enumerate(document, start=1):
            text = page.get_textpage()
            handle = text.raw
            drawn = (n for n in range(raw.FPDFText_CountChars(handle)) if not raw.FPDFText_IsGenerated(handle, n))
            found.extend(_char(raw, handle, index, number) for index in drawn)
    return found


def _char(raw: ModuleType, handle: Any, index: int, page: int) -> Char:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(handle, index, x, y)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top)
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(handle, index, matrix)
    # pdfium's size is the one in the content stream; WeasyPrint writes CSS pixels there and scales the page by 0.75.
    size = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
    loose = raw.FS_RECTF()  # as wide as the character advances, as high as the font
    raw.FPDFText_GetLooseCharBox(handle, index, loose)
    places = (x.value, y.value, loose.right, left.value, bottom.value, right.value, top.value)
    return Char(_text(raw, handle, index), _font(raw, handle, index), size, *places, page)


def _text(raw: ModuleType, handle: Any, index: int) -> str:
    if raw.FPDFText_IsHyphen(handle, index) == 1:
        return "-"  # at a line end pdfium gives U+0002 instead
    code = raw.FPDFText_GetUnicode(handle, index)
    unknown = code == 0 or raw.FPDFText_HasUnicodeMapError(handle, index) == 1
    return "\N{REPLACEMENT CHARACTER}" if unknown else chr(code)


def _font(raw: ModuleType, handle: Any, index: int) -> str:
    flags = ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(handle, index, None, 0, flags)
    name = ctypes.create_string_buffer(max(length, 1))
    raw.FPDFText_GetFontInfo(handle, index, name, length, flags)
    said = name.value.decode(errors="replace")
    prefix, plus, rest = said.partition("+")
    return rest if plus and len(prefix) == 6 and prefix.isupper() else said


def lines(chars: Sequence[Char]) -> list[Line]:
    """The lines of the pages, from the top down and from left to right. Columns are told apart by a gap of more than
    COLUMN_GAP, so a heading in the side column and the text beside it are two lines. Lines of blanks are left out."""
    pieces = sorted((piece for piece in _pieces(chars)), key=lambda piece: piece[0].x)
    joined: list[list[Char]] = []
    # A line can be drawn in several goes (a bold word, a field): put pieces together that touch on the same base.
    for piece in pieces:
        for line in joined:
            if _continues(line[-1], piece[0]):
                line.extend(piece)
                break
        else:
            joined.append(list(piece))
    found = [Line(tuple(line)) for line in joined]
    return sorted(found, key=lambda line: (line.page, -round(line.baseline), line.left))


def _pieces(chars: Sequence[Char]) -> Iterator[list[Char]]:
    """Runs of the stream that stand on one line, without the blanks at their ends."""
    run: list[Char] = []
    for char in chars:
        if run and not _continues(run[-1], char):
            yield from _trimmed(run)
            run = []
        run.append(char)
    yield from _trimmed(run)


def _any_blank(text: str) -> bool:
    return any(sign.isspace() for sign in text)


def _trimmed(run: list[Char]) -> Iterator[list[Char]]:
    inked = [place for place, char in enumerate(run) if not char.text.isspace()]
    if inked:
        yield run[inked[0] : inked[-1] + 1]


def _continues(before: Char, after: Char) -> bool:
    size = max(before.size, after.size)
    gap = after.x - before.end
    same_base = abs(before.y - after.y) <= BASE_SHIFT * size
    return before.page == after.page and same_base and -size < gap <= COLUMN_GAP * size
