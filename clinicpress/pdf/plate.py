"""A form that is rendered once and filled thousands of times, and how it is cut from a finished one.

A plate is a finished form cut in two. What no patient changes is bytes that are written as they are; behind it come the
few objects that a patient changes, and the table that says where every object stands. The file is whole, with one
revision: nobody can see that it was put together from parts.
Source: ISO 32000-1, 7.5 (how a file is built), 12.7.3 (fields and their values).
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import pikepdf

from clinicpress.clinics import FontFace
from clinicpress.documents import Field
from clinicpress.errors import NoRoomError, RenderError
from clinicpress.orders import Order, Rendition
from clinicpress.pdf import syntax
from clinicpress.pdf.fields import MULTILINE, make_fields
from clinicpress.pdf.flatten import write_values
from clinicpress.pdf.shaping import LetterCluster, shape
from clinicpress.pdf.tags import Node
from clinicpress.pdf.typeset import depth, drawn, fit
from clinicpress.pdf.value_fonts import ValueFonts, composite_font, is_simple
from clinicpress.pdf.zones import MARKED, Opening, find_zones, zone_entries

_LENGTHS = struct.Struct(">III")


class OffPlateError(RenderError):
    """A plate cannot set values that a full rendering can. `fields` names them."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        super().__init__(f"A full rendering is needed for {', '.join(fields)}.")


@dataclass(frozen=True, slots=True)
class ValuePlace:
    """A place whose text a patient changes: the number of its picture, and its measures in points.

    `grows`: a full rendering can give it more room.
    """

    name: str
    number: int
    width: float
    height: float
    simple_font: int
    grows: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """A field of a fillable form whose value a patient changes: its number, and the rest of its dictionary."""

    name: str
    number: int
    rest: str
    flags: int
    has_default: bool


@dataclass(frozen=True)
class Plate:
    """A finished form with openings where a patient's facts go, ready to be filled any number of times.

    `prefix` is the file up to where the patients differ, `rows` the part of the table of objects that belongs to it
    (compressed) and `checksum` that of the rows. Objects from `first` on are the patient's. `pages` counts pages, and
    `entries` are the fields as they stand in the manifest.
    """

    prefix: bytes = field(repr=False)
    rows: bytes = field(repr=False)
    checksum: int
    first: int
    root: int
    info: int
    places: tuple[ValuePlace, ...]
    holders: tuple[Holder, ...]
    pages: int
    entries: tuple[dict[str, object], ...] = field(repr=False)

    @cached_property
    def _hashed(self) -> "hashlib._Hash":
        return hashlib.sha256(self.prefix)

    @cached_property
    def _openings(self) -> tuple[tuple[bytes, bytes], ...]:
        """Of each picture the bytes before and behind the further fonts of the value."""
        return tuple(
            (
                b"%d 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 %g %g]/Resources<</Font<</F0 %d 0 R"
                % (place.number, round(place.width, 3), round(place.height, 3), place.simple_font),
                b">>>>/Length %d>>\nstream\n%b\nendstream\nendobj\n",
            )
            for place in self.places
        )

    def digest(self, tail: bytes) -> str:
        """The SHA-256 of the file with this tail, without reading the prefix again."""
        hashed = self._hashed.copy()
        hashed.update(tail)
        return hashed.hexdigest()

    def tail(self, values: Mapping[str, str], faces: tuple[FontFace, ...]) -> bytes:
        """What follows the prefix in a patient's file. `values` are printed texts, one for each opening.

        The caller has checked that the faces can write them. Raises `NoRoomError` when values do not fit their boxes,
        and `OffPlateError` when a value needs what only a full rendering has.
        """
        fonts = ValueFonts(faces)
        pictures = self.pictures(values, fonts)
        composite, further = self._composite(fonts)
        wrapped = {place.name for place, one in zip(self.places, pictures, strict=True) if one.lines > 1}
        objects = [_held(one, values[one.name], wrapped=one.name in wrapped) for one in self.holders]
        for (head, behind), one in zip(self._openings, pictures, strict=True):
            others = b"".join(b"/F%d %d 0 R" % (number, composite[number]) for number in sorted(one.fonts) if number)
            objects.append(head + others + behind % (len(one.content), one.content))
        return self._assembled([*objects, *further])

    def pictures(self, values: Mapping[str, str], fonts: ValueFonts) -> "list[Picture]":
        """Every value set into each of its places, in their order. Raises what `tail` raises."""
        made: dict[tuple[str, float, float], Picture] = {}
        needed: dict[str, float] = {}
        for name, sizes in self._sizes.items():
            value = values[name]
            simple = is_simple(value)
            if not simple and not self.holders and shape(value.replace("\n", " "), fonts.faces).mixed:
                raise OffPlateError(name)  # on paper the voice is told the order of the letters, by the tag
            for width, height, grows in sizes:
                if simple:
                    picture = _simple_picture(value, width, height, fonts.faces[0])
                else:
                    picture = _picture(value, width, height, fonts)
                if picture is None:
                    high = depth(value, width, fonts.faces) if grows else float("inf")
                    needed[name] = max(high, needed.get(name, 0))
                else:
                    made[name, width, height] = picture
        if needed:
            raise NoRoomError(needed)
        return [made[key] for key in self._keys]

    @cached_property
    def _keys(self) -> tuple[tuple[str, float, float], ...]:
        return tuple((place.name, place.width, place.height) for place in self.places)

    @cached_property
    def _sizes(self) -> Mapping[str, tuple[tuple[float, float, bool], ...]]:
        """The sizes of the places of each value: the heads of the pages repeat some."""
        found: dict[str, dict[tuple[float, float, bool], None]] = {}
        for place in self.places:
            found.setdefault(place.name, {})[place.width, place.height, place.grows] = None
        return {name: tuple(sizes) for name, sizes in found.items()}

    def _composite(self, fonts: ValueFonts) -> tuple[dict[int, int], list[bytes]]:
        """The object numbers of the composite fonts that values need, and their objects."""
        numbers: dict[int, int] = {}
        objects: list[bytes] = []
        for font, face, clusters in fonts.composite():
            start = self.first + len(self.holders) + len(self.places) + len(objects)
            numbers[font] = start
            objects += font_objects(face, clusters, start)
        return numbers, objects

    def _assembled(self, objects: Sequence[bytes]) -> bytes:
        """The patient's objects, the table of all objects, and the end of the file."""
        rows = bytearray()
        place = len(self.prefix)
        for one in objects:
            rows += syntax.ROW.pack(syntax.IN_FILE, place, 0)
            place += len(one)
        table = self.first + len(objects)
        rows += syntax.ROW.pack(syntax.IN_FILE, place, 0)
        body = b"".join(objects)
        mark = hashlib.blake2b(self._hashed.digest() + body, digest_size=16).hexdigest().encode()
        packed = syntax.closed(self.rows, self.checksum, bytes(rows))
        said = b"<</Type/XRef%b/Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]/Filter/FlateDecode/Length %d>>" % (
            syntax.WIDTHS,
            table + 1,
            self.root,
            self.info,
            mark,
            mark,
            len(packed),
        )
        return body + syntax.whole_stream(table, said, packed) + b"startxref\n%d\n%%%%EOF\n" % place

    def to_bytes(self) -> bytes:
        """The plate as it is kept on disk."""
        facts = {name: getattr(self, name) for name in ("checksum", "first", "root", "info", "pages", "entries")}
        facts |= {"places": [asdict(one) for one in self.places], "holders": [asdict(one) for one in self.holders]}
        head = json.dumps(facts).encode()
        return _LENGTHS.pack(len(head), len(self.rows), len(self.prefix)) + head + self.rows + self.prefix

    @classmethod
    def from_bytes(cls, data: bytes) -> "Plate":
        """The plate of these bytes, which `to_bytes` wrote."""
        head, rows, prefix = _LENGTHS.unpack_from(data)
        start = _LENGTHS.size
        facts: dict[str, Any] = json.loads(data[start : start + head])
        start += head
        facts["places"] = tuple(ValuePlace(**one) for one in facts["places"])
        facts["holders"] = tuple(Holder(**one) for one in facts["holders"])
        facts["entries"] = tuple(facts["entries"])
        return cls(rows=data[start : start + rows], prefix=data[start + rows : start + rows + prefix], **facts)


@dataclass(frozen=True, slots=True)
class Picture:
    """A value as it is drawn: the content of its picture, the numbers of its fonts, how many lines it has."""

    content: bytes = field(repr=False)
    fonts: frozenset[int]
    lines: int


def _picture(text: str, width: float, height: float, fonts: ValueFonts) -> Picture | None:
    setting = fit(text, width, height, fonts.faces)
    if setting is None:
        return None
    content, named = drawn(setting, width, height, fonts)
    return Picture(content, frozenset(named), len(setting.lines))


@lru_cache(maxsize=4096)  # the head of each page repeats the name, and many patients have the same day and clinician
def _simple_picture(text: str, width: float, height: float, face: FontFace) -> Picture | None:
    """A value in the simple font, the same in every document."""
    return _picture(text, width, height, ValueFonts((face,)))


def _held(holder: Holder, value: str, *, wrapped: bool) -> bytes:
    """A field with its value."""
    text = syntax.text_string(value)
    flags = holder.flags | MULTILINE if wrapped else holder.flags
    return b"%d 0 obj\n<<%b/V %b%b%b>>\nendobj\n" % (
        holder.number,
        holder.rest.encode("latin-1"),
        text,
        b"/DV " + text if holder.has_default else b"",
        b"/Ff %d" % flags if flags else b"",
    )


@lru_cache(maxsize=256)
def font_objects(face: FontFace, clusters: tuple[LetterCluster, ...], first: int) -> tuple[bytes, ...]:
    """The objects of a composite font, numbered from `first` on: the font itself is the first of them."""
    with pikepdf.new() as pdf:
        met = syntax.reachable([pdf.make_indirect(composite_font(pdf, face, clusters))])
        numbers = syntax.numbered(met, first)
        return tuple(syntax.whole_object(one, numbers) for one in met)


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


def written_form(pdf: pikepdf.Pdf, root: Node, order: Order) -> tuple[tuple[dict[str, object], ...], list[Opening]]:
    """The places to write of a consent form, made fields or left to the pen; and where texts were set."""
    zones = find_zones(pdf, root, _fields(order))
    values, faces = order.encounter.values, (order.fonts[0], *order.encounter.faces)
    make = make_fields if order.rendition is Rendition.FILLABLE else write_values
    openings = make(pdf, root, zones, values, faces)
    return tuple(zone_entries(zones)), openings


def sample_of(order: Order) -> dict[str, str]:
    """The values with which a plate of an order is cut: ticks and choices as they are, "0" for each text."""
    marked = {one.name for one in _fields(order) if one.kind in MARKED}
    return {name: value if name in marked else SAMPLE for name, value in order.encounter.values.items()}


def _fields(order: Order) -> tuple[Field, ...]:
    return order.document.fields()
