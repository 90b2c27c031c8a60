"""Reads a PDF into a `Paper`: signs, pictures and paths by pdfium, the tag tree and places to type by pikepdf."""

import ctypes
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pikepdf

from tests.instruments.paper import Box, Element, Ink, Paper, Sign
from tests.instruments.tools import library


def read_paper(pdf: Path) -> Paper:
    """Reads a PDF. A sign's element comes from the number of its marked content, and from the tag tree."""
    elements, owners, figures = _tag_tree(pdf)
    pdfium, raw = library("pypdfium2", "pypdfium2"), library("pypdfium2.raw", "pypdfium2")
    sizes: list[tuple[float, float]] = []
    ink: list[Ink] = []
    all_signs: list[Sign] = []
    with pdfium.PdfDocument(pdf) as document:
        for number, page in enumerate(document, start=1):
            sizes.append(page.get_size())
            objects: dict[int, tuple[int, int, Box | None]] = {}
            for z, (item, matrix, marked) in enumerate(_objects(raw, page.raw)):
                owner = owners.get((number, marked), -1)
                kind = raw.FPDFPageObj_GetType(item)
                clip = _clip(raw, item, matrix)
                if kind == raw.FPDF_PAGEOBJ_TEXT:
                    unseen = raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
                    objects[_address(item)] = (owner, z, (0, 0, 0, 0) if unseen else clip)
                elif thing := _ink(raw, item, kind, matrix, number, z, owner, clip):
                    ink.append(thing)
            text = page.get_textpage()
            all_signs += _signs(raw, text.raw, number, objects)
    streams: dict[int, list[Sign]] = {}
    for sign in all_signs:
        if sign.owner not in figures and sign.owner >= 0:
            streams.setdefault(sign.owner, []).append(sign)
    signs = [sign for owner in sorted(streams) for sign in streams[owner] if sign.text.strip()]
    furniture = [sign for sign in all_signs if sign.owner < 0]
    drawn = [sign for sign in all_signs if sign.owner in figures and sign.text.strip()]
    marks = {owner: mark for mark, owner in owners.items()}
    return Paper(sizes, elements, signs, furniture, drawn, ink, _places(pdf), _without_glyph(pdf), marks, streams)


def _tag_tree(pdf: Path) -> tuple[dict[int, Element], dict[tuple[int, int], int], set[int]]:
    """The elements in the order of reading, whose each marked content is, and those that are drawings.

    A stretch of marked content gets a number of its own, so that the order inside an element is kept.
    """
    elements: dict[int, Element] = {}
    owners: dict[tuple[int, int], int] = {}
    figures: set[int] = set()
    with pikepdf.open(pdf) as document:
        pages = {page.objgen: number for number, page in enumerate(document.pages, start=1)}

        def walk(node: Any, parents: tuple[int, ...], page: Any) -> None:
            page = node.get("/Pg", page)
            number = len(elements)
            elements[number] = Element(number, str(node.get("/S", "/Root"))[1:], parents)
            kids = node.get("/K")
            for kid in [] if kids is None else kids if isinstance(kids, pikepdf.Array) else [kids]:
                if isinstance(kid, pikepdf.Dictionary) and "/MCID" not in kid:
                    if "/Obj" not in kid:
                        walk(kid, (*parents, number), page)
                    continue
                inside, mark = (kid.get("/Pg", page), kid.MCID) if isinstance(kid, pikepdf.Dictionary) else (page, kid)
                place = len(elements)
                elements[place] = Element(place, "NonStruct", (*parents, number))
                owners[pages[inside.objgen], int(mark)] = place
                if elements[number].role == "Figure":
                    figures.add(place)

        if "/StructTreeRoot" in document.Root:
            walk(document.Root.StructTreeRoot, (), None)
    return elements, owners, figures


def _objects(raw: ModuleType, page: Any) -> Iterator[tuple[Any, Any, int]]:
    """What the page draws, from below to above, with the matrix of the form that holds it and its mark (-1: none)."""

    def several(
        holder: Any, count: Any, get: Any, outer: tuple[float, ...], mark: int
    ) -> Iterator[tuple[Any, Any, int]]:
        for place in range(count(holder)):
            item = get(holder, place)
            own = raw.FPDFPageObj_GetMarkedContentID(item)
            yield item, outer, own if own >= 0 else mark
            if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM:
                given = raw.FS_MATRIX()
                raw.FPDFPageObj_GetMatrix(item, given)
                inner = _times((given.a, given.b, given.c, given.d, given.e, given.f), outer)
                marked = own if own >= 0 else mark
                yield from several(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, marked)

    yield from several(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, (1, 0, 0, 1, 0, 0), -1)


def _times(first: Sequence[float], then: Sequence[float]) -> tuple[float, ...]:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _moved(points: Sequence[tuple[float, float]], matrix: Sequence[float]) -> tuple[tuple[float, float], ...]:
    a, b, c, d, e, f = matrix
    return tuple((a * x + c * y + e, b * x + d * y + f) for x, y in points)


def _around(points: Sequence[tuple[float, float]]) -> Box:
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


def _address(item: Any) -> int:
    return int(ctypes.cast(item, ctypes.c_void_p).value or 0)


def _bounds(raw: ModuleType, item: Any, matrix: Sequence[float]) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    corners = [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    return _around(_moved(corners, matrix))


def _ink(  # noqa: PLR0917  what is painted, or nothing
    raw: ModuleType, item: Any, kind: int, matrix: Sequence[float], page: int, z: int, owner: int, clip: Box | None
) -> Ink | None:
    box = _bounds(raw, item, matrix)
    seen = _common(box, clip) if clip else box
    if seen is None:
        return None
    if kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}:
        return Ink(page, seen, z, owner, picture=True)
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return None
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, fill, stroke)
    colour = [ctypes.c_uint() for _ in range(4)]
    raw.FPDFPageObj_GetFillColor(item, *colour)
    if not fill.value or not colour[3].value:
        return None
    given = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, given)
    own = _times((given.a, given.b, given.c, given.d, given.e, given.f), matrix)
    segments = [raw.FPDFPath_GetPathSegment(item, place) for place in range(raw.FPDFPath_CountSegments(item))]
    return Ink(page, seen, z, owner, picture=False, outline=tuple(_lines(raw, segments, own)))


def _lines(
    raw: ModuleType, segments: Sequence[Any], matrix: Sequence[float]
) -> Iterator[tuple[tuple[float, float], ...]]:
    """The closed lines of a path; a curve as the lines between its points, which is near enough."""
    line: list[tuple[float, float]] = []
    for segment in segments:
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO and line:
            yield _moved(line, matrix)
            line = []
        line.append((x.value, y.value))
    if line:
        yield _moved(line, matrix)


def _clip(raw: ModuleType, item: Any, matrix: Sequence[float]) -> Box | None:
    """What the clips of a thing leave of the page."""
    path = raw.FPDFPageObj_GetClipPath(item)
    left: Box | None = None
    for place in range(max(raw.FPDFClipPath_CountPaths(path), 0)):
        count = raw.FPDFClipPath_CountPathSegments(path, place)
        segments = [raw.FPDFClipPath_GetPathSegment(path, place, one) for one in range(max(count, 0))]
        points = [point for line in _lines(raw, segments, matrix) for point in line]
        if points:
            box = _around(points)
            left = (_common(left, box) or (0, 0, 0, 0)) if left else box
    return left


def _common(one: Box, other: Box) -> Box | None:
    """What two boxes share."""
    left, bottom, right, top = *map(max, one[:2], other[:2]), *map(min, one[2:], other[2:])
    return (left, bottom, right, top) if left < right and bottom < top else None


def _signs(raw: ModuleType, text: Any, page: int, objects: Mapping[int, tuple[int, int, Box | None]]) -> Iterator[Sign]:
    """Signs and blanks in the order in which they are drawn, without what pdfium adds for whoever copies text."""
    matrix, loose = raw.FS_MATRIX(), raw.FS_RECTF()
    sides = [ctypes.c_double() for _ in range(4)]
    for place in range(raw.FPDFText_CountChars(text)):
        if raw.FPDFText_IsGenerated(text, place):
            continue
        raw.FPDFText_GetCharBox(text, place, *sides)
        left, right, bottom, top = (side.value for side in sides)
        raw.FPDFText_GetLooseCharBox(text, place, loose)
        raw.FPDFText_GetMatrix(text, place, matrix)
        size = raw.FPDFText_GetFontSize(text, place) * math.hypot(matrix.c, matrix.d)
        code = raw.FPDFText_GetUnicode(text, place)
        unknown = code in {0, 0xFFFD} or raw.FPDFText_HasUnicodeMapError(text, place) == 1
        hyphen = raw.FPDFText_IsHyphen(text, place) == 1  # at a line end pdfium gives U+0002 instead
        said = "-" if hyphen else "\N{REPLACEMENT CHARACTER}" if unknown else chr(code)
        item = raw.FPDFText_GetTextObject(text, place)
        owner, z, clip = objects.get(_address(item), (-1, -1, None))
        yield Sign(said, page, (left, bottom, right, top), loose.right, size, owner, z, clip)


def _places(pdf: Path) -> list[tuple[str, int, Box]]:
    """The fields that a form can be filled in by keyboard."""
    found: list[tuple[str, int, Box]] = []
    with pikepdf.open(pdf) as document:
        for number, page in enumerate(document.pages, start=1):
            for widget in page.obj.get("/Annots", []):
                if widget.get("/Subtype") != "/Widget":
                    continue
                names, above = [], widget
                while above is not None:
                    names += [str(above.T)] if "/T" in above else []
                    above = above.get("/Parent")
                left, bottom, right, top = (float(side) for side in widget.Rect)
                found.append((".".join(reversed(names)), number, (left, bottom, right, top)))
    return found


def _without_glyph(pdf: Path) -> list[tuple[int, int]]:
    """Pages with signs that their font does not have: the glyph number 0, an empty or crossed box on the paper."""
    found: list[tuple[int, int]] = []
    with pikepdf.open(pdf) as document:
        for number, page in enumerate(document.pages, start=1):
            holders = [page.obj, *_forms(page.obj, set())]
            if count := sum(_zeros(holder) for holder in holders):
                found.append((number, count))
    return found


def _forms(holder: Any, seen: set[tuple[int, int]]) -> Iterator[Any]:
    for item in holder.get("/Resources", {}).get("/XObject", {}).values():
        if item.get("/Subtype") == "/Form" and item.objgen not in seen:
            seen.add(item.objgen)
            yield item
            yield from _forms(item, seen)


def _zeros(holder: Any) -> int:
    fonts = holder.get("/Resources", {}).get("/Font", {})
    wide = {name for name, font in fonts.items() if font.get("/Subtype") == "/Type0"}
    count, wide_now = 0, False
    for operands, operator in pikepdf.parse_content_stream(holder, "Tf Tj TJ"):
        if str(operator) == "Tf":
            wide_now = str(operands[0]) in wide
        elif wide_now:
            shown = operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]
            for one in shown:
                data = bytes(one) if isinstance(one, pikepdf.String) else b""
                count += sum(not any(data[place : place + 2]) for place in range(0, len(data) - 1, 2))
    return count
