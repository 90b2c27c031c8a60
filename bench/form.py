"""The shipped form as pieces that any typesetter can set: the same words, lists, tables and places to write as ours.

It is read from the page that our templates make of the document, so that a peer's form changes with the text. What
stays out is the logo and the codes of the pages: that others need not draw them is their advantage.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree as ET

from bench.pieces import (
    Asked,
    Beside,
    Box,
    Boxes,
    Bullets,
    Cell,
    Form,
    Heading,
    Line,
    NewPage,
    Paragraph,
    Piece,
    Table,
    Tick,
    Words,
)
from clinicpress.documents import Document
from clinicpress.markup import to_html
from clinicpress.orders import Order

SIGNING_WIDTHS: Mapping[int, tuple[float, ...]] = {2: (1, 1), 3: (225, 92, 59), 4: (190, 150, 95, 59)}
"""Widths of the boxes of a signing row, in points, by their number: as in templates/consent.css."""


def form_of(order: Order) -> Form:
    """The pieces of a consent form."""
    root = ET.fromstring(to_html(order).html)  # noqa: S314  our own page
    body = root.find("body")
    furniture = {one.get("class", "").split()[1]: one for one in body if "furniture" in one.get("class", "")}
    return Form(
        title=order.document.title,
        author=order.clinic.name,
        language=order.language,
        pieces=tuple(_pieces(one for one in body if "furniture" not in one.get("class", ""))),
        letterhead=tuple(_plain(one) for one in furniture["letterhead"].iter("p") if one.get("class") != "state"),
        label=_plain(furniture["label-zone"]),
        draft=next((_plain(one) for one in furniture["identity"].iter("p") if one.get("class") == "state"), ""),
        identity=tuple(_box(one, 24) for one in furniture["identity"].iter("p") if "field" in one.get("class", "")),
        footer=tuple(_footer(furniture["formline"].find("div"))),
    )


def entered(values: Mapping[str, str], document: Document) -> dict[str, str]:
    """Values as they go into a form: of a choice, its number, from 0."""
    options = {field.name: field.options for field in document.fields() if field.options}
    return {name: str(options[name].index(text)) if name in options else text for name, text in values.items()}


def filled_html(html: str, entries: Mapping[str, str]) -> str:
    """The page of an empty form with values in its places: what whoever has only an HTML tool would render."""

    def fill(place: re.Match[str]) -> str:
        name, _, choice = place[1].partition("?")
        if name not in entries or (choice and entries[name] != choice):
            return place[0]
        shown = "X" if choice else entries[name].replace("&", "&amp;").replace("<", "&lt;")
        return f"{place[0]}{shown}"

    return re.sub(r'href="field:([^"]+)"[^>]*>', fill, html)


def _pieces(elements: Iterable[ET.Element]) -> Iterator[Piece]:
    """What the elements of a page are, from top to bottom."""
    for one in elements:
        style = one.get("class", "").split()
        if one.tag in {"h1", "h2"}:
            yield Heading(_plain(one), int(one.tag[1]))
        elif one.tag == "p":
            yield Paragraph(_line(one), " ".join(style))
        elif one.tag == "ul":
            yield Bullets(tuple(_line(item) for item in one))
        elif one.tag == "table":
            yield _table(one)
        elif {"fields", "signing-row", "teach-back"} & set(style):
            yield from _places(one, style)
        else:
            yield from _set_together(one, style)


def _places(one: ET.Element, style: list[str]) -> Iterator[Piece]:
    """Places to write."""
    if "signing-row" in style:
        widths = SIGNING_WIDTHS[len(one)]
        yield Boxes(tuple(_box(field, 36, share) for field, share in zip(one, widths, strict=True)), sum(widths))
    elif "teach-back" in style:
        yield Asked(tuple((_plain(asked[0]), _name(asked[1])) for asked in one))
    else:
        yield from _grid(one)


def _set_together(one: ET.Element, style: list[str]) -> Iterator[Piece]:
    """A part of the page: its pieces side by side, or one below the other."""
    if "hang" in style:
        heading, text = one
        yield Beside((tuple(_pieces([heading])), tuple(_pieces(text))), (152, 375))
    elif style == ["pair"]:
        yield Beside(tuple(tuple(_flat(_pieces(half))) for half in one), (1, 1))
    elif style == ["later"]:
        yield Beside(tuple(tuple(_pieces(half)) for half in one), (142, 371))
    else:
        if "signing" in style:
            yield NewPage()
        yield from _pieces(one)


def _flat(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """In a narrow column the heading stands above its text."""
    for piece in pieces:
        yield from (one for column in piece.columns for one in column) if isinstance(piece, Beside) else (piece,)


def _grid(grid: ET.Element) -> Iterator[Boxes]:
    """Places to write in lines of twelve twelfths."""
    row: list[Box] = []
    for field in grid:
        share = float(re.search(r"span-(\d+)", field.get("class", ""))[1])
        if sum(box.share for box in row) + share > 12:
            yield Boxes(tuple(row), 12)
            row = []
        row.append(_box(field, 24, share))
    yield Boxes(tuple(row), 12)


def _box(field: ET.Element, height: float, share: float = 0) -> Box:
    parts = {part.get("class", "").split()[0]: part for part in field}
    if not share:
        share = float(re.search(r"span-(\d+)", field.get("class", ""))[1])
    place = parts.get("box")
    if place is not None and "lines" in place.get("class", ""):
        height = 46
    return Box(
        _plain(parts["label"]),
        _name(place) if place is not None else "",
        height,
        share,
        _line(parts["options"]) if "options" in parts else (),
        _plain(parts["stop"]) if "stop" in parts else "",
    )


def _table(table: ET.Element) -> Table:
    head, *rows = (tuple(_cell(cell) for cell in row) for row in table.iter("tr"))
    grouped = "grouped" in table.get("class", "")
    return Table(head, tuple(rows), (94, 289, 144) if grouped else (126, 202, 199))


def _cell(cell: ET.Element) -> Cell:
    heading = cell.tag == "th"
    line = tuple(Words(part.text, part.bold or heading) if isinstance(part, Words) else part for part in _line(cell))
    return Cell(line, int(cell.get("rowspan", "1")), heading)


def _footer(what: ET.Element) -> Iterator[str]:
    """The lines in the foot of a page."""
    lines = [""]
    for part in _parts(what, bold=False):
        if part == "break":
            lines.append("")
        elif isinstance(part, Words):
            lines[-1] += part.text
    draft = what.find("p")
    if draft is not None:
        lines[-1] = lines[-1].removesuffix(_plain(draft))
        lines.append(_plain(draft))
    return (re.sub(r"\s+", " ", line).strip() for line in lines)


def _line(element: ET.Element) -> Line:
    """The words and ticks of an element, with single spaces."""
    found: list[Words | Tick] = []
    for part in _parts(element, bold=False):
        if isinstance(part, Tick):
            found.append(part)
            continue
        words = Words(" ", bold=False) if part == "break" else part
        text = re.sub(r"\s+", " ", words.text)
        if not found:
            text = text.lstrip()
        if found and isinstance(found[-1], Words) and found[-1].bold == words.bold:
            text = found.pop().text + text
        if text:
            found.append(Words(text, words.bold))
    return tuple(found)


def _parts(element: ET.Element, *, bold: bool) -> Iterator[Words | Tick | str]:
    yield Words(element.text or "", bold)
    for part in element:
        if part.get("class") == "tick":
            name, _, choice = part.get("href", "").removeprefix("field:").partition("?")
            yield Tick(name, choice)
        elif part.tag == "br":
            yield "break"
        else:
            yield from _parts(part, bold=bold or part.tag == "b")
        yield Words(part.tail or "", bold)


def _name(place: ET.Element) -> str:
    return place.get("href", "").removeprefix("field:")


def _plain(element: ET.Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()
