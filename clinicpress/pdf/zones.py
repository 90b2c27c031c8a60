"""Where people write: the places of a form on its pages, and how a value or a tick looks in one.

In the page each place is a link to "field:NAME". The renderer gives it a rectangle, a page, and its place in reading
order; `fields` makes widgets of them, `flatten` makes paper.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pikepdf
from pikepdf import Array

from clinicpress.clinics import FontFace, Rectangle
from clinicpress.documents import Field, FieldKind
from clinicpress.errors import NoRoomError, RenderError
from clinicpress.pdf.tags import Annotation, Node
from clinicpress.pdf.typeset import Setting, depth, fit, form_xobject

SCHEME = "field:"
MARKED = (FieldKind.CHOICE, FieldKind.SCALE, FieldKind.TICK, FieldKind.SIGNATURE)
"""Fields that hold a mark, or nothing that we write; all others hold text."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a field stands: page (from 1) and rectangle; `option` is the number of one of several choices."""

    field: Field
    page: int
    place: Rectangle
    option: int | None
    annotation: pikepdf.Object
    node: Node | None  # None in the furniture

    @property
    def width(self) -> float:
        """In points."""
        return self.place.right - self.place.left

    @property
    def height(self) -> float:
        """In points."""
        return self.place.top - self.place.bottom


@dataclass(frozen=True, slots=True)
class Opening:
    """A place whose text changes from patient to patient: its picture, and in a fillable form its field."""

    zone: Zone
    drawing: pikepdf.Object
    holder: pikepdf.Object | None = None


def find_zones(pdf: pikepdf.Pdf, root: Node, fields: Sequence[Field]) -> list[Zone]:
    """All places to write: first those of the text in reading order, then those of the furniture, page by page.

    Raises `RenderError` when a page has a place that is no field of the document.
    """
    known = {one.name: one for one in fields}
    in_text = {
        kid.target.objgen: node
        for node in root.walk()
        for kid in node.kids
        if isinstance(kid, Annotation) and _address(kid.target).startswith(SCHEME)
    }
    order = {key: place for place, key in enumerate(in_text)}
    zones: list[Zone] = []
    for number, page in enumerate(pdf.pages, 1):
        for annotation in page.obj.get("/Annots", Array()):
            address = _address(annotation)
            if not address.startswith(SCHEME):
                continue
            name, _, option = unquote(address.removeprefix(SCHEME)).partition("?")
            if name not in known:
                raise RenderError(
                    f"The page has a place for '{name}', which is no field of this form. Please report this."
                )
            left, bottom, right, top = _sorted_box(annotation)
            box = Rectangle(left, bottom, right, top)
            node = in_text.get(annotation.objgen)
            zones.append(Zone(known[name], number, box, int(option) if option else None, annotation, node))
    return sorted(zones, key=lambda zone: (zone.node is None, order.get(zone.annotation.objgen, 0), zone.page))


def zone_entries(zones: Sequence[Zone]) -> Iterator[dict[str, object]]:
    """The places as they stand in the manifest: points, origin at the bottom left."""
    for zone in zones:
        entry: dict[str, object] = {
            "name": zone.field.name,
            "kind": str(zone.field.kind),
            "role": zone.field.role,
            "required": zone.field.required,
            "page": zone.page,
            "rectangle": zone.place.edges(2),
        }
        if zone.option is not None:
            entry["option"] = zone.field.options[zone.option]
        yield entry


def _address(annotation: pikepdf.Object) -> str:
    action = annotation.get("/A")
    return str(action.get("/URI", "")) if action is not None else ""


def _sorted_box(annotation: pikepdf.Object) -> tuple[float, float, float, float]:
    left, bottom, right, top = (float(value) for value in annotation.Rect)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def spoken(zone: Zone) -> str:
    """What is said at a place: label, and for one of several its choice."""
    one = zone.field
    if zone.option is None:
        return one.spoken
    options = one.spoken_options or one.options
    return f"{one.spoken}{'' if one.spoken.endswith('?') else ':'} {options[zone.option]}"


def settings(
    zones: Sequence[Zone], values: Mapping[str, str], faces: tuple[FontFace, ...]
) -> dict[tuple[int, int], Setting]:
    """Every value set into each of its boxes, by the object number of the box.

    Raises `NoRoomError` with all the values that do not fit.
    """
    made: dict[tuple[int, int], Setting] = {}
    needed: dict[str, float] = {}
    for zone in zones:
        value = values.get(zone.field.name, "")
        if not value or zone.field.kind in MARKED:
            continue
        setting = fit(value, zone.width, zone.height, faces)
        if setting is None:
            # The furniture at the head of a page cannot grow.
            high = depth(value, zone.width, faces) if zone.node is not None else float("inf")
            needed[zone.field.name] = max(high, needed.get(zone.field.name, 0))
        else:
            made[zone.annotation.objgen] = setting
    if needed:
        raise NoRoomError(needed)
    return made


def tick(pdf: pikepdf.Pdf, zone: Zone, on: bool) -> pikepdf.Object:
    """A cross as a path, from corner to corner: no symbol font, and readable after a fax."""
    width, height = zone.width, zone.height
    inset = width * 0.2
    path = (
        f"q 1.8 w 1 J 0 G {inset:.2f} {inset:.2f} m {width - inset:.2f} {height - inset:.2f} l "
        f"{inset:.2f} {height - inset:.2f} m {width - inset:.2f} {inset:.2f} l S Q\n"
    )
    return form_xobject(pdf, path.encode() if on else b"q Q\n", width, height)
