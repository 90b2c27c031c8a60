"""Fields for a keyboard, in a finished PDF.

In the page each place is a link to "field:NAME". The renderer gives it a rectangle, a page, and its place in reading
order; here the very same objects become widgets and form elements. So nothing is searched for by coordinates, and the
tab key follows the reading order. Fields that repeat in the furniture (name, birth date, record number at the head of
later pages) are further widgets of the same field: typing once fills them all, without a script.
Source: ISO 32000-1, 12.7; ISO 14289-1, 7.18; ISO 19005-3, 6.4.
"""

from collections.abc import Mapping, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from clinicpress.clinics import FontFace
from clinicpress.documents import Field, FieldKind
from clinicpress.pdf.tags import Annotation, Node
from clinicpress.pdf.typeset import SIZE, appearance, form_xobject
from clinicpress.pdf.value_fonts import FontObjects, ValueFonts
from clinicpress.pdf.zones import Opening, Zone, settings, spoken, tick

PRINT = 4  # annotation flag. Source: ISO 32000-1, table 165
# Field flags. Source: ISO 32000-1, tables 221, 226, 228 and 230
REQUIRED, MULTILINE, NO_TOGGLE_OFF, RADIO, COMBO = 1 << 1, 1 << 12, 1 << 14, 1 << 15, 1 << 17


def make_fields(
    pdf: pikepdf.Pdf, root: Node, zones: Sequence[Zone], values: Mapping[str, str], faces: tuple[FontFace, ...]
) -> list[Opening]:
    """Makes a field of every place, with its value. `values` holds printed texts by field name; a tick has any text.

    Returns where texts were set. Raises `NoRoomError` for values that do not fit their boxes; the caller has checked
    that the faces can write them.
    """
    set_values = settings(zones, values, faces)
    fonts = FontObjects(pdf, ValueFonts(faces))
    made: dict[str, pikepdf.Object] = {}
    for zone in zones:
        if zone.node is None:
            _enter_tree(root, zone)
    for zone in zones:
        widget = _widget(pdf, zone)
        one = zone.field
        value = values.get(one.name, "")
        if one.has_steps:
            group = made.get(one.name) or _group(pdf, one, value)
            made[one.name] = group
            _add_option(pdf, group, widget, zone, value)
            continue
        field = made.get(one.name)
        if field is None:
            field = made[one.name] = _field(pdf, one, value)
        field.Kids.append(widget)
        widget.Parent = field
        match one.kind:
            case FieldKind.SIGNATURE:
                widget.AP = Dictionary(N=form_xobject(pdf, b"q Q\n", zone.width, zone.height))
            case FieldKind.TICK:
                widget.AS = Name.Yes if value else Name.Off
                widget.AP = Dictionary(N=Dictionary(Yes=tick(pdf, zone, True), Off=tick(pdf, zone, False)))
            case _:
                setting = set_values.get(widget.objgen)
                widget.AP = Dictionary(N=appearance(pdf, setting, zone.width, zone.height, fonts))
                if setting is not None and len(setting.lines) > 1:
                    # A program that draws the value again shall wrap it too.
                    field.Ff = int(field.get("/Ff", 0)) | MULTILINE
    fonts.embed()
    _flatten_single_kids(made)
    form = Dictionary(
        Fields=_hierarchy(pdf, made),
        DR=Dictionary(Font=Dictionary(F0=fonts.simple)),
        DA=String(f"/F0 {SIZE:g} Tf 0 g"),
    )
    if any(zone.field.kind is FieldKind.SIGNATURE for zone in zones):
        form.SigFlags = 1  # the file has signature fields. Source: ISO 32000-1, table 219
    pdf.Root.AcroForm = pdf.make_indirect(form)
    filled = (zone for zone in zones if zone.annotation.objgen in set_values)
    return [Opening(zone, zone.annotation.AP.N, made[zone.field.name]) for zone in filled]


def _widget(pdf: pikepdf.Pdf, zone: Zone) -> pikepdf.Object:
    """The link of a place, made a widget in place: its number in the parent tree stays."""
    widget = zone.annotation
    for key in list(widget.keys()):
        if key != "/StructParent":
            del widget[key]
    widget.Type, widget.Subtype, widget.F = Name.Annot, Name.Widget, PRINT
    widget.Rect = Array(zone.place.edges(3))
    widget.P = pdf.pages[zone.page - 1].obj
    widget.Contents = String(spoken(zone))
    if zone.node is not None:
        zone.node.tag = "Form"
        zone.node.alt = spoken(zone)
    return widget


def _enter_tree(root: Node, zone: Zone) -> None:
    """Gives a place of the furniture its place in the reading order: before the first text of its page."""
    node = Node("Form", [Annotation(zone.page - 1, zone.annotation)], alt=spoken(zone))
    paragraph = Node("P", [node])
    parent, place = _head_of_page(root, zone.page - 1)
    parent.kids.insert(place, paragraph)


def _head_of_page(node: Node, page: int) -> tuple[Node, int]:
    """Where, among the children of the document or of a section, the text of a page (from 0) begins."""
    for place, kid in enumerate(node.kids):
        if not isinstance(kid, Node):
            continue
        pages = [content.page for content in kid.contents()]
        if pages and pages[0] >= page:
            # places of the same page that were entered before come first
            return node, place
        if pages and pages[-1] >= page and kid.tag == "Sect":
            return _head_of_page(kid, page)
    return node, len(node.kids)


def _field(pdf: pikepdf.Pdf, one: Field, value: str) -> pikepdf.Object:
    """A field that is not one of several."""
    flags = REQUIRED if one.required else 0
    field = Dictionary(T=String(one.name), TU=String(one.spoken), Kids=Array())
    match one.kind:
        case FieldKind.SIGNATURE:
            field.FT = Name.Sig
        case FieldKind.TICK:
            field.FT, field.V = Name.Btn, Name.Yes if value else Name.Off
        case FieldKind.LIST:
            field.FT, field.DA, field.V = Name.Ch, String(f"/F0 {SIZE:g} Tf 0 g"), String(value)
            field.Opt = Array([String(option) for option in one.options])
            flags |= COMBO
        case _:
            field.FT, field.DA = Name.Tx, String(f"/F0 {SIZE:g} Tf 0 g")
            flags |= MULTILINE if one.kind is FieldKind.LINES else 0
            field.V = field.DV = String(value)
            if one.max_length:
                field.MaxLen = one.max_length
    if flags:
        field.Ff = flags
    return pdf.make_indirect(field)


def _group(pdf: pikepdf.Pdf, one: Field, value: str) -> pikepdf.Object:
    """A one-of-several field. The states are named 0, 1, 2 …, their words stand in Opt."""
    state = Name(f"/{one.options.index(value)}") if value in one.options else Name.Off
    flags = RADIO | NO_TOGGLE_OFF | (REQUIRED if one.required else 0)
    words = Array([String(option) for option in one.options])
    group = Dictionary(
        FT=Name.Btn, Ff=flags, T=String(one.name), TU=String(one.spoken), V=state, DV=Name.Off, Opt=words, Kids=Array()
    )
    return pdf.make_indirect(group)


def _add_option(pdf: pikepdf.Pdf, group: pikepdf.Object, widget: pikepdf.Object, zone: Zone, value: str) -> None:
    option = zone.option or 0
    widget.Parent = group
    group.Kids.append(widget)
    on = value == zone.field.options[option]
    widget.AS = Name(f"/{option}") if on else Name.Off
    widget.AP = Dictionary(N=Dictionary({f"/{option}": tick(pdf, zone, True), "/Off": tick(pdf, zone, False)}))
    widget.MK = Dictionary()


def _hierarchy(pdf: pikepdf.Pdf, made: Mapping[str, pikepdf.Object]) -> pikepdf.Object:
    """The fields as a tree by the parts of their names: `patient.name` is the field `name` of the node `patient`.

    A part may hold no dot. Source: ISO 32000-1, 12.7.3.2.
    """
    roots = Array()
    nodes: dict[str, pikepdf.Object] = {}
    for name, field in made.items():
        siblings: pikepdf.Object = roots
        parent: pikepdf.Object | None = None
        path = ""
        *branches, leaf = name.split(".")
        for part in branches:
            path += part + "."
            if path not in nodes:
                nodes[path] = pdf.make_indirect(Dictionary(T=String(part), Kids=Array()))
                if parent is not None:
                    nodes[path].Parent = parent
                siblings.append(nodes[path])
            parent = nodes[path]
            siblings = parent.Kids
        field.T = String(leaf)
        if parent is not None:
            field.Parent = parent
        siblings.append(field)
    return roots


def _flatten_single_kids(made: dict[str, pikepdf.Object]) -> None:
    """Makes a field with one widget one object, as most programs write it and as signing programs expect it."""
    for name, field in made.items():
        if len(field.Kids) == 1 and int(field.get("/Ff", 0)) & RADIO == 0:
            widget = field.Kids[0]
            for key in list(field.keys()):
                if key != "/Kids":
                    widget[key] = field[key]
            del widget.Parent
            made[name] = widget
