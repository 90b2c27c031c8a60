"""Reads the type of a finished PDF back: what size, which colour, where, and as part of what (pikepdf).

It follows the content of each page as a viewer does: matrices, fonts, colours, marked content, and the drawings that
stand in other drawings (form XObjects). What it knows of PDF is what our own files use.
Source of all operators: ISO 32000-1:2008, annex A; of the tag tree: 14.7 and 14.8.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name

from clinicpress.legibility import Colours, Line, TagPlace
from clinicpress.pdf.glyphs import Fonts
from clinicpress.pdf.ink import Grounds, hex_color
from clinicpress.pdf.tags import content_number

PLACES = {
    **dict.fromkeys(("P", "LI", "LBody", "Lbl"), TagPlace.TEXT),
    **dict.fromkeys(("H1", "H2", "H3"), TagPlace.HEADING),
    **dict.fromkeys(("TH", "TD"), TagPlace.CELL),
    **dict.fromkeys(("Figure", "Caption"), TagPlace.FIGURE),
}
WHOLE = {"TH", "TD", "Figure"}  # what stands in them is part of them
INVISIBLE = 3  # the text rendering mode that draws nothing
DEEPEST = 9  # drawings in drawings: ours have two
RAISED = 0.15  # of the size of the text: from here on a number stands above the line, as that of a note does
SAME_LINE = 0.4  # of the size: so far raised and lowered letters may stand off the base of their line
COLUMN_GAP = 1.0  # of the size: an ordinary blank is a quarter, the gutters of our pages are more than one
BLANK_GAP = 0.15  # of the size: a gap that is read as a blank


@dataclass(frozen=True, slots=True)
class _ReadPiece:
    """A paragraph, list item, heading or cell: its number in reading order, and where it stands."""

    number: int
    place: TagPlace


_FURNITURE = _ReadPiece(-1, TagPlace.FURNITURE)


@dataclass(frozen=True, slots=True)
class _State:
    """What q keeps and Q brings back. Source: ISO 32000-1, tables 52 and 104."""

    ctm: Matrix = field(default_factory=Matrix)
    fill: str = "#000000"
    font: pikepdf.Object | None = None
    size: float = 0.0
    mode: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """Letters that one instruction draws."""

    page: int
    text: str
    size: float
    left: float
    right: float
    baseline: float
    ink: Colours
    piece: _ReadPiece


def read_lines(pdf: bytes) -> tuple[Line, ...]:
    """Every line of type in a finished PDF: what is read, in the order of reading, then the furniture by pages."""
    with pikepdf.open(BytesIO(pdf)) as document:
        pieces, fonts = _pieces(document), Fonts()
        lines: list[Line] = []
        for number, page in enumerate(document.pages):
            reader = _ContentReader(number, pieces, fonts)
            reader.read(page.obj, page.obj.get("/Resources", Dictionary()), _State())
            lines += _lines(reader.runs)
    return tuple(sorted(lines, key=lambda line: (line.piece < 0, line.piece)))


def _pieces(pdf: pikepdf.Pdf) -> dict[tuple[int, int], _ReadPiece]:
    """To which piece each marked content (page from 0, number) belongs."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    found: dict[tuple[int, int], _ReadPiece] = {}
    count = 0

    def read(element: pikepdf.Object, within: _ReadPiece | None, whole: bool) -> None:
        nonlocal count
        tag = str(element.S)[1:]
        # A list item and its body are one piece; so are a cell and the paragraphs in it.
        if tag in PLACES and tag != "LBody" and not whole:
            within, count = _ReadPiece(count, PLACES[tag]), count + 1
        kids = element.get("/K", Array())
        for kid in kids if isinstance(kids, Array) else [kids]:
            if kid.get("/Type") == Name.MCR:
                if within is not None:
                    found[pages[kid.Pg.objgen], int(kid.MCID)] = within
            elif "/S" in kid:
                read(kid, within, whole or tag in WHOLE)

    if "/StructTreeRoot" in pdf.Root:
        for element in pdf.Root.StructTreeRoot.K:
            read(element, None, False)
    return found


@dataclass(slots=True)
class _ContentReader:
    """Follows the content of one page and notes what it draws. Marked content goes on into drawings."""

    number: int
    pieces: dict[tuple[int, int], _ReadPiece]
    fonts: Fonts
    runs: list[_Run] = field(default_factory=list)
    grounds: Grounds = field(default_factory=Grounds)
    marks: list[_ReadPiece] = field(default_factory=list)

    def read(self, stream: pikepdf.Object, resources: pikepdf.Object, state: _State, depth: int = 0) -> None:
        """Reads a page or a drawing on it, whose coordinates are those of `state`."""
        kept: list[_State] = []
        text = Matrix()
        for instruction in pikepdf.parse_content_stream(stream):
            operator, operands = str(instruction.operator), list(instruction.operands)
            match operator:
                case "q":
                    kept.append(state)
                case "Q":
                    state = kept.pop()
                case "BMC" | "BDC" | "EMC":
                    self._mark(operands)
                case "BT" | "Tm":
                    text = _matrix(operands)
                case "Td" | "TD":
                    text = _matrix([1, 0, 0, 1, *operands]) @ text
                case "Tj" | "TJ":
                    self._show(operands[0], text @ state.ctm, state)
                case "Do":
                    self._draw(resources.XObject[str(operands[0])], resources, state, depth)
                case _:
                    state = _changed(state, operator, operands, resources)
                    self.grounds.follow(operator, operands, state.ctm, state.fill)

    def _mark(self, operands: Sequence[Any]) -> None:
        """Begins marked content, or ends it when nothing is named.

        An artifact is furniture, in whatever it stands; a mark without a number changes nothing.
        """
        if not operands:
            self.marks.pop()
            return
        piece = self.marks[-1] if self.marks else _FURNITURE
        if (mcid := content_number(operands)) is not None:
            piece = self.pieces.get((self.number, mcid), _FURNITURE)
        elif operands[0] == Name.Artifact:
            piece = _FURNITURE
        self.marks.append(piece)

    def _show(self, shown: pikepdf.Object, matrix: Matrix, state: _State) -> None:
        if state.mode == INVISIBLE or state.font is None:
            return
        words, width = "", 0.0
        for one in shown if isinstance(shown, Array) else [shown]:
            if isinstance(one, pikepdf.String):
                said, advance = self.fonts.glyphs(state.font).read(bytes(one))
                words, width = words + said, width + advance
            else:
                width -= float(one)  # a gap is written with a minus. Source: 9.4.3
        size = state.size * math.hypot(matrix.c, matrix.d)
        end = matrix.e + width / 1000 * state.size * math.hypot(matrix.a, matrix.b)
        # The paper is asked for beneath the body of the first letter.
        ink = Colours(state.fill, self.grounds.at((matrix.e + 0.2 * size, matrix.f + 0.25 * size)))
        piece = self.marks[-1] if self.marks else _FURNITURE
        self.runs.append(_Run(self.number + 1, words, size, matrix.e, end, matrix.f, ink, piece))

    def _draw(self, drawn: pikepdf.Object, resources: pikepdf.Object, state: _State, depth: int) -> None:
        if drawn.get("/Subtype") == Name.Form and depth < DEEPEST:
            inner = replace(state, ctm=_matrix(drawn.get("/Matrix", Array([1, 0, 0, 1, 0, 0]))) @ state.ctm)
            self.read(drawn, drawn.get("/Resources", resources), inner, depth + 1)


def _matrix(numbers: Iterable[Any]) -> Matrix:
    """The matrix of six numbers, or the one that changes nothing."""
    return Matrix(*(float(value) for value in numbers))


def _changed(state: _State, operator: str, operands: Sequence[Any], resources: pikepdf.Object) -> _State:
    """The state after an instruction that changes coordinates, type or colour; else the same."""
    match operator:
        case "cm":
            return replace(state, ctm=_matrix(operands) @ state.ctm)
        case "Tf":
            return replace(state, font=resources.Font[str(operands[0])], size=float(operands[1]))
        case "Tr":
            return replace(state, mode=int(operands[0]))
        case "g" | "rg" | "k" | "sc" | "scn":
            channels = [float(value) for value in operands if not isinstance(value, Name)]
            return replace(state, fill=hex_color(channels) or state.fill)
    return state


def _lines(runs: Sequence[_Run]) -> list[Line]:
    """Runs put together to lines: those of one piece on one base, without a gap as between two columns."""
    rows: dict[_ReadPiece, list[list[_Run]]] = {}
    for run in sorted((run for run in runs if run.text.strip()), key=lambda run: run.left):
        own = rows.setdefault(run.piece, [])
        row = next((row for row in own if _continues(row[-1], run)), None)
        if row is None:
            own.append([run])
        else:
            row.append(run)
    found = [_line(row) for own in rows.values() for row in own]
    return sorted(found, key=lambda line: (-round(line.baseline), line.left))


def _continues(before: _Run, after: _Run) -> bool:
    size = max(before.size, after.size)
    same_base = abs(before.baseline - after.baseline) <= SAME_LINE * size
    return same_base and after.left - before.right <= COLUMN_GAP * size


def _is_mark(run: _Run, base: _Run) -> bool:
    """Whether it is the raised number of a note. It is smaller than the text by its nature, as in every book."""
    return run.baseline - base.baseline > RAISED * base.size and run.text.strip().isdigit()


def _line(row: Sequence[_Run]) -> Line:
    """The line of these runs."""
    first, text = row[0], row[0].text
    for before, run in pairwise(row):
        blank = run.left - before.right > BLANK_GAP * run.size and not (text.endswith(" ") or run.text.startswith(" "))
        text += " " * blank + run.text
    base = max(row, key=lambda run: run.size)
    sizes = [run.size for run in row if not _is_mark(run, base)]
    inks = tuple(dict.fromkeys(run.ink for run in row))
    place, number = first.piece.place, first.piece.number
    return Line(first.page, text.strip(), max(sizes), min(sizes), first.left, first.baseline, inks, place, number)
