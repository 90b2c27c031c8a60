"""The form in ReportLab's flowables, untagged: the free ReportLab writes no tags."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer
from reportlab.platypus import Paragraph as Set
from reportlab.platypus import Table as Grid

from bench.pieces import Asked, Beside, Boxes, Bullets, Form, Heading, Line, NewPage, Paragraph, Piece, Table, Tick

WIDTH, EDGE = 527.0, 42.5  # points: the line, and the edge of the page beside it
FACES = {"body": "Regular", "body-semi": "SemiBold", "body-bold": "Bold"}
TEXT = ParagraphStyle("text", fontName="body", fontSize=12, leading=16, spaceAfter=4)
LABEL = ParagraphStyle("label", fontName="body-semi", fontSize=11, leading=13)
STYLES = {
    "h1": ParagraphStyle("h1", TEXT, fontName="body-bold", fontSize=26, leading=32, textColor=HexColor("#0b4a56")),
    "h2": ParagraphStyle(
        "h2", TEXT, fontName="body-bold", fontSize=12.5, textColor=HexColor("#0b4a56"), keepWithNext=1
    ),
    "deck": ParagraphStyle("deck", TEXT, fontName="body-semi", fontSize=15.5),
    "choice": ParagraphStyle(
        "choice", TEXT, fontSize=13, leading=18, borderWidth=1.5, borderPadding=4, borderColor=black
    ),
}
BULLET = ParagraphStyle("bullet", TEXT, leftIndent=13, bulletIndent=1, spaceAfter=2)


class Place(Flowable):
    """A place to write: its label, its frame, and the value inside."""

    def __init__(self, label: str, height: float, value: str, stop: str) -> None:
        super().__init__()
        self._label, self._height, self._value, self._stop = label, height, value, stop

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """The room that it takes."""
        self.width = width
        self._words = [Set(_safe(self._label), LABEL)] if self._label else []
        self._top = sum(one.wrap(width, 100)[1] for one in self._words)
        return width, self._top + self._height + 1

    def draw(self) -> None:
        """Draws the label, the frame and the value."""
        page = self.canv
        page.rect(0, 0, self.width, self._height)
        for one in self._words:
            one.drawOn(page, 0, self._height + 1)
        if self._value or self._stop:
            inside = Set(_safe(self._value or self._stop), TEXT if self._value else LABEL)
            inside.wrap(self.width - 6, self._height)
            inside.drawOn(page, 3, self._height - 2 - inside.height)


class Press:
    """ReportLab with our fonts; `pages` is how many pages the form has, which stands in the foot of each."""

    def __init__(self, form: Form, fonts: Path, pages: int) -> None:
        for name, face in FACES.items():
            pdfmetrics.registerFont(TTFont(name, str(fonts / "clinic-sans" / f"ClinicSans-{face}.ttf")))
        pdfmetrics.registerFontFamily("body", normal="body", bold="body-bold", italic="body", boldItalic="body-bold")
        self._form = form
        self._pages = pages

    def make(self, entries: Mapping[str, str]) -> bytes:
        """The form with these values."""
        made = BytesIO()
        document = BaseDocTemplate(made, pagesize=letter, title=self._form.title, author=self._form.author, lang="en")
        frames = [Frame(EDGE, 107, WIDTH, 792 - 107 - top, 0, 0, 0, 0) for top in (120, 105)]
        furniture = Furniture(self._form, entries, self._pages)
        document.addPageTemplates(
            [
                PageTemplate("first", [frames[0]], onPage=furniture.first),
                PageTemplate("later", [frames[1]], onPage=furniture.later),
            ]
        )
        document.build([NextPageTemplate("later"), *_story(self._form.pieces, entries, WIDTH)])
        return made.getvalue()


class Furniture:
    """What stands in the margins of every page."""

    def __init__(self, form: Form, entries: Mapping[str, str], pages: int) -> None:
        self._form, self._entries, self._pages = form, entries, pages

    def first(self, page: Any, _document: object) -> None:
        """The letterhead, and the zone for a label."""
        for number, line in enumerate(self._form.letterhead):
            _write(page, line, EDGE + 47, 740 - 16 * number, 10.5)
        self._state(page, 690)
        page.rect(612 - EDGE - 198, 792 - 36 - 85, 198, 85)
        _write(page, self._form.label, 612 - EDGE - 198, 660, 9.5)
        self._foot(page)

    def later(self, page: Any, _document: object) -> None:
        """Who the patient is."""
        self._state(page, 745)
        row = Grid(*_row(Boxes(self._form.identity, 12), self._entries, WIDTH), style=BARE)
        row.wrapOn(page, WIDTH, 60)
        row.drawOn(page, EDGE, 695)
        self._foot(page)

    def _state(self, page: Any, bottom: float) -> None:
        if self._form.draft:
            page.rect(EDGE, bottom, 200, 16, fill=1)
            page.setFillColor(white)
            _write(page, self._form.draft, EDGE + 4, bottom + 4, 11)
            page.setFillColor(black)

    def _foot(self, page: Any) -> None:
        for number, line in enumerate(self._form.footer):
            _write(page, line, EDGE + 69, 80 - 12 * number, 9.5)
        before = "DRAFT · " if self._form.draft else ""
        page.setFont("body-bold", 9.5)
        page.drawRightString(612 - EDGE, 80, f"{before}Page {page.getPageNumber()} of {self._pages}")


BARE = [
    *((side, (0, 0), (-1, -1), room) for side, room in (("LEFTPADDING", 0), ("RIGHTPADDING", 8), ("TOPPADDING", 2))),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def _write(page: Any, words: str, left: float, bottom: float, size: float) -> None:
    page.setFont("body", size)
    page.drawString(left, bottom, words)


def _story(pieces: tuple[Piece, ...], entries: Mapping[str, str], width: float) -> list[Flowable]:
    return [flowable for piece in pieces for flowable in _set(piece, entries, width)]


def _set(piece: Piece, entries: Mapping[str, str], width: float) -> list[Flowable]:
    """A piece as flowables."""
    match piece:
        case Heading():
            return [Set(_safe(piece.text), STYLES[f"h{piece.level}"])]
        case Paragraph():
            return [Set(_line(piece.line, entries), STYLES.get(piece.style, TEXT))]
        case Bullets():
            return [Set(_line(item, entries), BULLET, bulletText="•") for item in piece.items]
        case Boxes():
            return [Grid(*_row(piece, entries, width), style=BARE)]
        case Asked():
            asked = [
                [Set(_safe(words), TEXT), Place("", 24, entries.get(name, ""), "")] for words, name in piece.entries
            ]
            rows = [asked[at] + (asked[at + 1] if at + 1 < len(asked) else ["", ""]) for at in range(0, len(asked), 2)]
            return [Grid(rows, colWidths=[width / 2 - 74, 74] * 2, style=BARE)]
        case Table():
            return [_table(piece, entries, width)]
        case Beside():
            widths = [width * share / sum(piece.shares) for share in piece.shares]
            columns = [_story(column, entries, one - 8) for column, one in zip(piece.columns, widths, strict=True)]
            return [Grid([columns], colWidths=widths, style=BARE), Spacer(0, 4)]
        case NewPage():
            return [PageBreak()]


def _row(boxes: Boxes, entries: Mapping[str, str], width: float) -> tuple[list[list[object]], list[float]]:
    """A row of places to write, and the widths of its columns."""
    widths = [width * box.share / boxes.whole for box in boxes.row]
    cells: list[object] = [
        [Set(_safe(box.label), LABEL), Set(_line(box.choices, entries), TEXT)]
        if box.choices
        else Place(box.label, box.height, entries.get(box.name, ""), box.stop)
        for box in boxes.row
    ]
    return [cells], widths


def _table(table: Table, entries: Mapping[str, str], width: float) -> Grid:
    style: list[tuple[object, ...]] = [
        *BARE,
        ("LINEBELOW", (0, 0), (-1, -1), 0.75, black),
    ]
    rows = [[Set(_line(cell.line, entries), TEXT) for cell in table.head]]
    open_rows = 0
    for number, row in enumerate(table.rows, 1):
        cells: list[object] = [Set(_line(cell.line, entries), TEXT) for cell in row]
        if open_rows:
            cells = ["", *cells]
            open_rows -= 1
        elif row[0].rows > 1:
            open_rows = row[0].rows - 1
            style.append(("SPAN", (0, number), (0, number + open_rows)))
        rows.append(cells)
    widths = [width * share / sum(table.shares) for share in table.shares]
    return Grid(rows, colWidths=widths, repeatRows=1, style=style)


def _line(line: Line, entries: Mapping[str, str]) -> str:
    """A line in ReportLab's markup. A tick is brackets: it has no box in the line without a picture."""
    return "".join(
        (f"[{'X' if entries.get(part.name) == part.choice else ' '}] ")
        if isinstance(part, Tick)
        else (f"<b>{_safe(part.text)}</b>" if part.bold else _safe(part.text))
        for part in line
    )


def _safe(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")
