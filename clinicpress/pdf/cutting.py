"""Cuts a plate from a finished form: what no patient changes, and the openings for what one does."""

from collections.abc import Mapping, Sequence

import pikepdf

from clinicpress.errors import RenderError
from clinicpress.pdf import syntax
from clinicpress.pdf.plate import Holder, Plate, ValuePlace
from clinicpress.pdf.zones import Opening

SAMPLE = "0"
"""What stands in the openings while a plate is cut; no patient's fact ever does."""


def cut(pdf: pikepdf.Pdf, openings: Sequence[Opening], entries: Sequence[dict[str, object]]) -> Plate:
    """Cuts a plate from a finished form that is still in memory, with `SAMPLE` in its openings."""
    drawings = {one.drawing.objgen: one for one in openings}
    holders = {one.holder.objgen: one for one in openings if one.holder is not None}
    roots = [pdf.Root, pdf.trailer.Info]
    met = syntax.reachable(roots)
    moving = [one for one in met if one.objgen in holders] + [one for one in met if one.objgen in drawings]
    still = [one for one in met if one.objgen not in holders and one.objgen not in drawings]
    packed = len(still) + 1  # the number of the object stream, behind all that it holds
    numbers = syntax.numbered(still, 1) | syntax.numbered(moving, packed + 1)
    prefix, rows = bytearray(syntax.HEADER), {0: syntax.FREE}
    small: list[tuple[int, bytes]] = []
    for one in still:
        number = numbers[one.objgen]
        if isinstance(one, pikepdf.Stream):
            rows[number] = syntax.ROW.pack(syntax.IN_FILE, len(prefix), 0)
            prefix += syntax.whole_object(one, numbers)
        else:
            rows[number] = syntax.ROW.pack(syntax.IN_STREAM, packed, len(small))
            small.append((number, syntax.written(one, numbers)))
    rows[packed] = syntax.ROW.pack(syntax.IN_FILE, len(prefix), 0)
    prefix += syntax.object_stream(packed, small)
    segment, checksum = syntax.opening_segment(b"".join(rows[number] for number in range(packed + 1)))
    return Plate(
        bytes(prefix),
        segment,
        checksum,
        packed + 1,
        numbers[pdf.Root.objgen],
        numbers[pdf.trailer.Info.objgen],
        tuple(_place(drawings[one.objgen], numbers) for one in moving if one.objgen in drawings),
        tuple(_holder(holders[one.objgen], numbers) for one in moving if one.objgen in holders),
        len(pdf.pages),
        tuple(entries),
    )


def _place(opening: Opening, numbers: Mapping[tuple[int, int], int]) -> ValuePlace:
    zone, drawing = opening.zone, opening.drawing
    font = numbers[drawing.Resources.Font.F0.objgen]
    # Equal boxes shall be equal: the renderer gives twelve digits, of which the last differ from page to page.
    width, height = round(zone.width, 3), round(zone.height, 3)
    return ValuePlace(zone.field.name, numbers[drawing.objgen], width, height, font, zone.node is not None)


def _holder(opening: Opening, numbers: Mapping[tuple[int, int], int]) -> Holder:
    held = opening.holder
    if held is None:
        raise RenderError("A place of the form has no field. This is a fault of the program: please report it.")
    flags, has_default = int(held.get("/Ff", 0)), "/DV" in held
    rest = b"".join(
        pikepdf.Name(key).unparse() + b" " + syntax.written(value, numbers, top=False)
        for key, value in sorted(held.items())
        if key not in ("/V", "/DV", "/Ff")
    )
    return Holder(opening.zone.field.name, numbers[held.objgen], rest.decode("latin-1"), flags, has_default)
