"""What is really drawn on the pages of a finished PDF, and what lies under the letters.

pdfium reads it, as a viewer would: nothing here knows our boxes or WeasyPrint's, so what is proved with it is proved.
Its library comes with pypdfium2 and is called without it: loading that package takes 95 ms, the few functions 2 ms.
Source of the functions: fpdfview.h, fpdf_edit.h, fpdf_text.h and fpdf_annot.h of pdfium.
"""

import ctypes
import sys
from collections.abc import Iterator, Sequence
from ctypes import POINTER, Array, byref, c_char_p, c_float, c_int, c_ulong, c_ushort, c_void_p
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from pikepdf import Matrix

from clinicpress.errors import InputError, RenderError

TEXT, PATH, PICTURE, SHADING, FORM = range(1, 6)
"""Kinds of what is drawn. Source: FPDF_PAGEOBJ_TEXT and so on, fpdf_edit.h."""
WIDGET = 20  # FPDF_ANNOT_WIDGET, fpdf_annot.h
_UNSEEN = "\x00\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# pdfium says U+0002 for a hyphen at a line end.
_SEEN = str.maketrans(dict.fromkeys(_UNSEEN) | {"\x02": "-", "\ufffe": "-", "\u2010": "-", "\u2011": "-"})

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points, from the bottom left corner of the page."""


@dataclass(frozen=True, slots=True)
class Ink:
    """One thing that is drawn on a page: its kind, the box of its ink, and the number of its marked content (-1: none).

    `text` holds the words of a piece of type, `filled` says of a shape whether it hides what lies under it. Things of a
    page are told in the order in which they are drawn.
    """

    kind: int
    box: Box
    mcid: int
    text: str = ""
    filled: bool = False


@dataclass(frozen=True, slots=True)
class InkedPage:
    """One page: its size in points, what is drawn there, and the boxes of its form fields."""

    width: float
    height: float
    inks: tuple[Ink, ...]
    widgets: tuple[Box, ...]


def letters(text: str) -> str:
    """A text as it can be compared whatever its line ends: without blanks and unseen signs, each hyphen the same."""
    return "".join(text.split()).translate(_SEEN)


class _Rectangle(ctypes.Structure):
    """FS_RECTF: left, top, right and bottom."""

    _fields_ = [("left", c_float), ("top", c_float), ("right", c_float), ("bottom", c_float)]


_FUNCTIONS = {
    "FPDF_InitLibrary": (None, ()),
    "FPDF_LoadMemDocument64": (c_void_p, (c_char_p, ctypes.c_size_t, c_char_p)),
    "FPDF_CloseDocument": (None, (c_void_p,)),
    "FPDF_GetPageCount": (c_int, (c_void_p,)),
    "FPDF_LoadPage": (c_void_p, (c_void_p, c_int)),
    "FPDF_ClosePage": (None, (c_void_p,)),
    "FPDF_GetPageWidthF": (c_float, (c_void_p,)),
    "FPDF_GetPageHeightF": (c_float, (c_void_p,)),
    "FPDFText_LoadPage": (c_void_p, (c_void_p,)),
    "FPDFText_ClosePage": (None, (c_void_p,)),
    "FPDFPage_CountObjects": (c_int, (c_void_p,)),
    "FPDFPage_GetObject": (c_void_p, (c_void_p, c_int)),
    "FPDFPageObj_GetType": (c_int, (c_void_p,)),
    "FPDFPageObj_GetBounds": (c_int, (c_void_p, *[POINTER(c_float)] * 4)),
    "FPDFPageObj_GetMarkedContentID": (c_int, (c_void_p,)),
    "FPDFTextObj_GetText": (c_ulong, (c_void_p, c_void_p, POINTER(c_ushort), c_ulong)),
    "FPDFPath_GetDrawMode": (c_int, (c_void_p, POINTER(c_int), POINTER(c_int))),
    "FPDFPage_GetAnnotCount": (c_int, (c_void_p,)),
    "FPDFPage_GetAnnot": (c_void_p, (c_void_p, c_int)),
    "FPDFPage_CloseAnnot": (None, (c_void_p,)),
    "FPDFAnnot_GetSubtype": (c_int, (c_void_p,)),
    "FPDFAnnot_GetRect": (c_int, (c_void_p, POINTER(_Rectangle))),
}


@lru_cache(maxsize=1)
def _pdfium() -> ctypes.PyDLL:
    """The library of pypdfium2, ready. Python waits while it is called, for pdfium is no work for two threads at once.

    Raises `InputError` when it is not there.
    """
    name = {"win32": "pdfium.dll", "darwin": "libpdfium.dylib"}.get(sys.platform, "libpdfium.so")
    found = find_spec("pypdfium2_raw")
    places = [Path(folder) / name for folder in found.submodule_search_locations or ()] if found else []
    place = next((one for one in places if one.is_file()), None)
    if place is None:
        raise InputError("pdfium is missing, which proves that all words are on the paper. Run 'make' again.")
    library = ctypes.PyDLL(str(place))
    for function, (result, arguments) in _FUNCTIONS.items():
        getattr(library, function).restype, getattr(library, function).argtypes = result, arguments
    library.FPDF_InitLibrary()
    return library


def read_ink(pdf: bytes) -> tuple[InkedPage, ...]:
    """Everything that is drawn on the pages of a PDF. Raises `RenderError` when it cannot be opened."""
    library = _pdfium()
    document = library.FPDF_LoadMemDocument64(pdf, len(pdf), None)
    if not document:
        raise RenderError("The finished PDF cannot be opened by another program. Please report this.")
    try:
        return tuple(_sheet(library, document, number) for number in range(library.FPDF_GetPageCount(document)))
    finally:
        library.FPDF_CloseDocument(document)


def _sheet(library: ctypes.PyDLL, document: int, number: int) -> InkedPage:
    page = library.FPDF_LoadPage(document, number)
    if not page:
        raise RenderError(f"Page {number + 1} of the finished PDF cannot be read. Please report this.")
    words = library.FPDFText_LoadPage(page)
    try:
        width, height = library.FPDF_GetPageWidthF(page), library.FPDF_GetPageHeightF(page)
        return InkedPage(width, height, tuple(_inks(library, page, words)), tuple(_widgets(library, page)))
    finally:
        library.FPDFText_ClosePage(words)
        library.FPDF_ClosePage(page)


def _inks(library: ctypes.PyDLL, page: int, words: int) -> Iterator[Ink]:
    """What is drawn on a page, in the order of drawing."""
    left, bottom, right, top = (c_float() for _ in range(4))
    ways = [byref(one) for one in (left, bottom, right, top)]
    fill, stroke = c_int(), c_int()
    room: Array[c_ushort] = (c_ushort * 1024)()
    get, kind_of, bounds = library.FPDFPage_GetObject, library.FPDFPageObj_GetType, library.FPDFPageObj_GetBounds
    marked, said = library.FPDFPageObj_GetMarkedContentID, library.FPDFTextObj_GetText
    for number in range(library.FPDFPage_CountObjects(page)):
        thing = get(page, number)
        kind = kind_of(thing)
        if not bounds(thing, *ways):
            continue
        box = (left.value, bottom.value, right.value, top.value)
        if kind == TEXT:
            length = said(thing, words, room, len(room))
            if length > 2 * len(room):
                room = (c_ushort * (length // 2))()
                said(thing, words, room, len(room))
            text = bytes(memoryview(room).cast("B")[: max(length - 2, 0)]).decode("utf-16-le", "replace")
            yield Ink(kind, box, marked(thing), text)
        elif kind == PATH:
            library.FPDFPath_GetDrawMode(thing, byref(fill), byref(stroke))
            yield Ink(kind, box, marked(thing), filled=bool(fill.value))
        else:
            yield Ink(kind, box, marked(thing))


def _widgets(library: ctypes.PyDLL, page: int) -> Iterator[Box]:
    """The boxes of the form fields of a page."""
    box = _Rectangle()
    for number in range(library.FPDFPage_GetAnnotCount(page)):
        note = library.FPDFPage_GetAnnot(page, number)
        if library.FPDFAnnot_GetSubtype(note) == WIDGET and library.FPDFAnnot_GetRect(note, byref(box)):
            low, high = sorted((box.bottom, box.top))
            yield (box.left, low, box.right, high)
        library.FPDFPage_CloseAnnot(note)


Point: TypeAlias = tuple[float, float]
PAPER = "#ffffff"
FILLING = {"f", "F", "f*", "B", "B*", "b", "b*"}
ENDING = FILLING | {"S", "s", "n"}


@dataclass(frozen=True, slots=True)
class _Shape:
    """A filled shape: its colour, its outlines, and the box around them (left, bottom, right, top)."""

    color: str
    outlines: tuple[tuple[Point, ...], ...]
    box: tuple[float, float, float, float]

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it. Outlines in outlines are holes, as in the frames that the pages have."""
        x, y = point
        left, bottom, right, top = self.box
        if not (left <= x <= right and bottom <= y <= top):
            return False
        inside = False
        for outline in self.outlines:
            for (ax, ay), (bx, by) in pairwise((*outline, outline[0])):
                inside ^= (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay)
        return inside


@dataclass(slots=True)
class Grounds:
    """The shapes that a page fills, in the order of drawing. What clips them is not looked at."""

    _shapes: list[_Shape] = field(default_factory=list)
    _outlines: list[list[Point]] = field(default_factory=list)

    def follow(self, operator: str, operands: Sequence[Any], ctm: Matrix, color: str) -> None:
        """Follows an instruction that draws a path. Curves count as straight lines between their ends."""
        if operator in ENDING:
            self._end(operator, color)
        elif operator in ("m", "l", "c", "v", "y", "re"):
            numbers = [float(value) for value in operands]
            self._path(operator, numbers, ctm)

    def at(self, point: Point) -> str:
        """The colour of the page at a point."""
        return next((shape.color for shape in reversed(self._shapes) if shape.holds(point)), PAPER)

    def _path(self, operator: str, numbers: Sequence[float], ctm: Matrix) -> None:
        if operator == "re":
            x, y, width, height = numbers
            corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
            self._outlines.append([ctm.transform(corner) for corner in corners])
            return
        end = ctm.transform((numbers[-2], numbers[-1]))
        if operator == "m" or not self._outlines:
            self._outlines.append([end])
        else:
            self._outlines[-1].append(end)

    def _end(self, operator: str, color: str) -> None:
        outlines = tuple(tuple(one) for one in self._outlines if len(one) > 1)
        self._outlines = []
        if operator in FILLING and outlines:
            xs, ys = zip(*(point for outline in outlines for point in outline), strict=True)
            self._shapes.append(_Shape(color, outlines, (min(xs), min(ys), max(xs), max(ys))))


def hex_color(channels: Sequence[float]) -> str:
    """A colour of one, three or four channels from 0 to 1 as `#rrggbb`; empty when it is none. Source: 10.3."""
    match len(channels):
        case 1:
            red = green = blue = channels[0]
        case 3:
            red, green, blue = channels
        case 4:
            red, green, blue = (1 - min(1.0, one + channels[3]) for one in channels[:3])
        case _:
            return ""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, one))):02x}" for one in (red, green, blue))
