"""Says whether a form was really filled: a way that is faster because it writes less must not win."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf

from tests.instruments.paint import Picture, paint
from tests.instruments.tools import program, run

DPI = 144
LEAST_INK = 8  # pixels: a cross has some 100
BORDER = 3  # points from the edge of a place that are not looked at, for its frame may be there

Place = Mapping[str, Any]  # as the manifest lists it: name, page, rectangle, option


def faults(made: bytes, values: Mapping[str, str], places: Sequence[Place], *, paper: bool) -> list[str]:
    """What a filled form lacks; nothing when all is well.

    Read back: every value with its picture, or with `paper` no field at all. Poppler: every word of every value lies in
    its place. Pdfium: ink in each place, and none in the boxes of choices that were not made. (Poppler would do there
    as well, but shows no Helvetica on a machine without fonts.)
    """
    told = {place["name"]: values[place["name"]] for place in places if place["name"] in values}
    found = [f"{name} has no place" for name in values.keys() - told.keys()]
    found += _fields_left(made) if paper else _not_read_back(made, told, places)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filled.pdf"
        path.write_bytes(made)
        words, pictures = _words(path), paint(path, "pdfium", dpi=DPI)
    for place in (one for one in places if one["name"] in told):
        name, value, option, page = place["name"], told[place["name"]], place.get("option"), place["page"] - 1
        left, bottom, right, top = place["rectangle"]
        inked = _ink(pictures[page], left + BORDER, bottom + BORDER, right - BORDER, top - BORDER) >= LEAST_INK
        if option is not None:
            if inked != (option == value):
                found.append(f"{name} is {'ticked' if inked else 'not ticked'} at '{option}'")
            continue
        height = len(pictures[page]) * 72 / DPI
        there = {
            word.text
            for word in words[page]
            if left - 1 <= word.left and word.right <= right + 1 and bottom <= height - word.middle <= top
        }
        lost = " ".join(word for word in value.split() if word not in there)
        if lost or not inked:
            found.append(f"{name} does not show '{lost or value}' on page {page + 1}")
    return found


class _Word(NamedTuple):
    """A word on a page; points from the left, and of its middle from the top."""

    text: str
    left: float
    right: float
    middle: float


def _words(path: Path) -> list[list[_Word]]:
    """The words of each page, as Poppler finds them."""
    pages = run(program("pdftotext", "poppler-utils"), "-bbox", path, "-").decode().split("<page ")[1:]
    pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    return [
        [
            _Word(unescape(text), float(left), float(right), (float(top) + float(bottom)) / 2)
            for left, top, right, bottom, text in re.findall(pattern, page)
        ]
        for page in pages
    ]


def _ink(picture: Picture, left: float, bottom: float, right: float, top: float) -> int:
    """How many pixels are dark inside a rectangle, in points from the bottom left of the page."""
    scale, height = DPI / 72, len(picture)
    inside = picture[round(height - top * scale) : round(height - bottom * scale)]
    return int((inside[:, round(left * scale) : round(right * scale)] < 128).sum())


def _fields_left(made: bytes) -> list[str]:
    with pikepdf.open(BytesIO(made)) as pdf:
        return [f"{name}: still a field" for name, _ in _widgets(pdf)]


def _not_read_back(made: bytes, told: Mapping[str, str], places: Sequence[Place]) -> list[str]:
    """Fields whose value is another one, or whose picture is left to the viewer."""
    wanted = {}
    for name, value in told.items():
        options = [one["option"] for one in places if one["name"] == name and "option" in one]
        wanted[name.replace(".", "_")] = f"/{options.index(value)}" if options else value
    found, read = [], set()
    with pikepdf.open(BytesIO(made)) as pdf:
        if pdf.Root.AcroForm.get("/NeedAppearances"):
            found.append("pictures are left to the viewer")
        for name, widget in _widgets(pdf):
            if name not in wanted:
                continue
            read.add(name)
            holder = widget if "/T" in widget else widget.Parent
            if str(holder.get("/V", "")) != wanted[name]:
                found.append(f"{name}: another value")
            if "/N" not in widget.get("/AP", {}):
                found.append(f"{name}: no picture")
    return found + [f"{name}: no such field" for name in wanted.keys() - read]


def _widgets(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """All widgets, with the whole names of their fields; a dot is written as in the ordinary form."""
    for page in pdf.pages:
        for widget in page.obj.get("/Annots", []):
            if widget.Subtype != pikepdf.Name.Widget:
                continue
            node, parts = widget, [str(widget.get("/T", ""))]
            while "/Parent" in node:
                node = node.Parent
                parts.append(str(node.get("/T", "")))
            yield "_".join(part for part in reversed(parts) if part).replace(".", "_"), widget
