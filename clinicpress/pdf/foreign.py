"""Somebody else's PDF: what is in it, and its own places to write filled. Nothing else about it is changed.

Source: ISO 32000-1, 7.6 (encryption), 12.6 (actions), 12.7 (forms), 12.7.3.3 (how a filled field looks).
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from warnings import catch_warnings, simplefilter

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Stream, String

from clinicpress.clinics import FontFace
from clinicpress.documents import FixedPlace, PlaceKind, SeenFile
from clinicpress.errors import NoRoomError
from clinicpress.pdf.typeset import Setting, ValueLine, drawn, fit, form_xobject
from clinicpress.pdf.value_fonts import FontObjects, ValueFonts

# Field flags. Source: ISO 32000-1, tables 226 and 228
RADIO, PUSH, COMB = 1 << 15, 1 << 16, 1 << 24
_MOST_DRAWN = 50_000_000  # bytes of one page's content; a dense map has a tenth
_DEEPEST = 20  # fields within each other; ours have four
_ACTIONS = {
    "/JavaScript": "It runs a script when somebody opens it.",
    "/Launch": "It starts another program.",
    "/SubmitForm": "It sends what is typed to somebody.",
    "/ImportData": "It reads another file.",
}
_BROKEN = "It is damaged, or no PDF."
_AT_ONCE = "It does something by itself when it is opened."
_LOCKED = "It is locked (encrypted)."
_ALIVE = "Its pages are made by a program within it (XFA), which printers and most readers do not run."


def look_at(data: bytes) -> SeenFile:
    """What is in a file. It is not shown or run; what cannot be read is said among its dangers."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            dangers = dict.fromkeys(_dangers(pdf))
            places = tuple(FixedPlace(one.name, one.kind, one.options) for one in _places(pdf))
            tagged = bool(pdf.Root.get("/MarkInfo", Dictionary()).get("/Marked")) and "/StructTreeRoot" in pdf.Root
            signed = any("/V" in one.field for one in _places(pdf) if one.kind is PlaceKind.SIGNATURE)
            return SeenFile(len(pdf.pages), tagged, signed, places, tuple(dangers))
    except pikepdf.PasswordError:
        return SeenFile(dangers=(_LOCKED,))
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return SeenFile(dangers=(_BROKEN,))


def _dangers(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Why a file must not be handed on."""
    if pdf.is_encrypted:
        yield _LOCKED
    contents = [page.obj.get("/Contents", Array()) for page in pdf.pages]
    streams = [one for some in contents for one in ([some] if isinstance(some, Stream) else list(some))]
    if not contents or pdf.get_warnings() or not all(map(_is_whole, streams)):
        yield _BROKEN
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, Dictionary) and opening.get("/S") not in (Name.GoTo, *map(Name, _ACTIONS)):
        yield _AT_ONCE
    if "/JavaScript" in pdf.Root.get("/Names", Dictionary()):
        yield _ACTIONS["/JavaScript"]
    if pdf.Root.get("/NeedsRendering"):
        yield _ALIVE
    for one in pdf.objects:
        yield from _actions(one, 0)


def _is_whole(content: pikepdf.Object) -> bool:
    """Whether what a page draws can be unpacked, and is no trap that would fill the memory."""
    if content.get("/Filter") not in (Name.FlateDecode, Array([Name.FlateDecode])):
        return True
    unpacked = zlib.decompressobj()
    try:
        unpacked.decompress(content.read_raw_bytes(), _MOST_DRAWN)
    except zlib.error:
        return False
    return not unpacked.unconsumed_tail


def _actions(one: object, depth: int) -> Iterator[str]:
    """The actions within an object that reach beyond the page."""
    if depth > _DEEPEST:
        return
    within: list[Any] = []
    if isinstance(one, (Dictionary, Stream)):
        if str(one.get("/S", "")) in _ACTIONS:
            yield _ACTIONS[str(one.S)]
        within = [value for _, value in one.items()]
    elif isinstance(one, Array):
        within = list(one)
    for value in within:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _actions(value, depth + 1)


@dataclass(frozen=True, slots=True)
class _TheirPlace:
    """A place to write: its whole name, its field, and where it stands on the pages."""

    name: str
    kind: PlaceKind
    options: tuple[str, ...]
    facts: Mapping[str, Any]  # its own, and those that it has from above
    field: pikepdf.Object
    widgets: tuple[pikepdf.Object, ...]


def _places(pdf: pikepdf.Pdf) -> list[_TheirPlace]:
    """All places to write of a file, in its own order."""
    form = pdf.Root.get("/AcroForm", Dictionary())
    found: list[_TheirPlace] = []
    waiting: list[tuple[Any, str, dict[str, Any], int]] = [
        (one, "", {}, 0) for one in reversed(list(form.get("/Fields", Array())))
    ]
    while waiting:
        field, prefix, above, depth = waiting.pop()
        known = {**above, **{key: field[key] for key in ("/FT", "/Ff", "/Opt", "/MaxLen") if key in field}}
        name = f"{prefix}.{field.T}" if prefix and "/T" in field else str(field.get("/T", prefix))
        kids = list(field.get("/Kids", Array()))
        if kids and any("/T" in kid for kid in kids) and depth < _DEEPEST:
            waiting += [(kid, name, known, depth + 1) for kid in reversed(kids)]
        elif "/FT" in known:
            kind = _kind(known)
            widgets = tuple(kids or [field])
            found.append(_TheirPlace(name, kind, _options(kind, known, widgets), known, field, widgets))
    return found


def _kind(known: Mapping[str, Any]) -> PlaceKind:
    flags = int(known.get("/Ff", 0))
    match str(known["/FT"]):
        case "/Tx":
            return PlaceKind.TEXT
        case "/Ch":
            return PlaceKind.CHOICE
        case "/Sig":
            return PlaceKind.SIGNATURE
    return PlaceKind.BUTTON if flags & PUSH else PlaceKind.CHOICE if flags & RADIO else PlaceKind.TICK


def _options(kind: PlaceKind, known: Mapping[str, Any], widgets: tuple[pikepdf.Object, ...]) -> tuple[str, ...]:
    """The words of a choice: those that its file names, else the names of its boxes."""
    if kind is not PlaceKind.CHOICE:
        return ()
    named = [one[-1] if isinstance(one, Array) else one for one in known.get("/Opt", Array())]
    return tuple(map(str, named)) or tuple(_state(one).removeprefix("/") for one in widgets)


def _state(widget: pikepdf.Object) -> str:
    """What a box is called when it is ticked."""
    looks = widget.get("/AP", Dictionary()).get("/N", Dictionary())
    return next((key for key in looks.keys() if key != "/Off"), "/Yes")  # noqa: SIM118  no mapping of Python's


def filled(data: bytes, values: Mapping[str, str], faces: tuple[FontFace, ...], *, flat: bool = False) -> bytes:
    """The file with values in its own places, by its own names for them. `flat`: they become part of the pages.

    Raises `NoRoomError` for values that do not fit, by the names of the places.
    """
    with pikepdf.open(BytesIO(data)) as pdf:
        fonts = FontObjects(pdf, ValueFonts(faces))
        needed: dict[str, float] = {}
        for place in _places(pdf):
            if value := values.get(place.name, ""):
                try:
                    _write(pdf, place, value, fonts)
                except NoRoomError as error:
                    needed |= error.needed
        if needed:
            raise NoRoomError(needed)
        fonts.embed()
        form = pdf.Root.AcroForm
        for key in ("/XFA", "/NeedAppearances"):  # else a reader shows what it makes of the values itself
            if key in form:
                del form[key]
        if "/Perms" in pdf.Root:  # what a reader may do more with the file as it was; it is another file now
            del pdf.Root.Perms
        if flat:
            flatten(pdf)
        return saved(pdf)


def flatten(pdf: pikepdf.Pdf) -> None:
    """Makes what a file shows in its places a part of its pages; no place to write stays."""
    pdf.flatten_annotations("print")
    for page in pdf.pages:  # a place without a look of its own stays behind
        kept = [one for one in page.obj.get("/Annots", Array()) if one.get("/Subtype") != Name.Widget]
        if "/Annots" in page.obj:
            page.obj.Annots = Array(kept)
    if "/AcroForm" in pdf.Root:
        del pdf.Root.AcroForm


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The bytes of a file; the same file gives the same bytes."""
    written = BytesIO()
    with catch_warnings():
        simplefilter("ignore", pikepdf.PageCopyWarning)  # its owner left places that no form names: they stay so
        pdf.save(written, deterministic_id=True, fix_metadata_version=False)
    return written.getvalue()


def _write(pdf: pikepdf.Pdf, place: _TheirPlace, value: str, fonts: FontObjects) -> None:
    """Writes a value into its place, and draws it there."""
    match place.kind:
        case PlaceKind.TICK:
            for widget in place.widgets:
                place.field.V = widget.AS = Name(_state(widget))
        case PlaceKind.CHOICE if place.facts["/FT"] != Name.Ch:
            chosen = place.options.index(_option(place, value))
            for number, widget in enumerate(place.widgets):
                widget.AS = Name(_state(widget)) if number == chosen else Name.Off
            place.field.V = Name(_state(place.widgets[chosen]))
        case _:
            place.field.V = String(_option(place, value) if place.options else value)
            for widget in place.widgets:
                _draw(pdf, place, widget, value, fonts)


def _option(place: _TheirPlace, value: str) -> str:
    """The option that a value means. Raises `NoRoomError` when there is none."""
    for option in place.options:
        if option.lower() == value.lower():
            return option
    raise NoRoomError({place.name: float("inf")})


def _draw(pdf: pikepdf.Pdf, place: _TheirPlace, widget: pikepdf.Object, value: str, fonts: FontObjects) -> None:
    """Draws a value in its box, upright as its owner meant it. Raises `NoRoomError`."""
    left, bottom, right, top = (float(one) for one in widget.Rect)
    width, height = abs(right - left), abs(top - bottom)
    looks = widget.get("/MK", Dictionary())
    turned = int(looks.get("/R", 0)) % 360
    if turned in (90, 270):
        width, height = height, width
    most = int(place.facts.get("/MaxLen", 0))
    combed = most > 0 and int(place.facts.get("/Ff", 0)) & COMB
    setting = _combed(value, most, width, height, fonts) if combed else fit(value, width, height, fonts.fonts.faces)
    if setting is None or (0 < most < len(value)):
        raise NoRoomError({place.name: float("inf")})
    content, named = drawn(setting, width, height, fonts.fonts)
    stream = form_xobject(pdf, content, width, height, fonts.resources(named) if named else None)
    if turned:
        stream.Matrix = Array(Matrix().rotated(turned).shorthand)
    widget.AP = Dictionary(N=stream)


def _combed(value: str, most: int, width: float, height: float, fonts: FontObjects) -> Setting | None:
    """A value whose letters stand in boxes of their own."""
    if len(value) > most:
        return None
    cell = width / most
    lines: list[ValueLine] = []
    one = fit("0", width, height, fonts.fonts.faces)
    if one is None:
        return None
    size = min(one.size, cell * 1.4)
    for number, letter in enumerate(value):
        lines.append(ValueLine(letter, number * cell + (cell - size * 0.55) / 2, one.lines[0].baseline))
    return Setting(size, tuple(lines))
