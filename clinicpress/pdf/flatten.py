"""Makes paper of a form: known values become part of the page, with their tags; empty places are left to the pen."""

from collections.abc import Mapping, Sequence

import pikepdf
from pikepdf import Array, Name

from clinicpress.clinics import FontFace
from clinicpress.documents import FieldKind
from clinicpress.pdf.tags import Annotation, Content, Node
from clinicpress.pdf.typeset import ValueFonts, appearance
from clinicpress.pdf.zones import Zone, fitted, spoken, tick


def write_values(
    pdf: pikepdf.Pdf, root: Node, zones: Sequence[Zone], values: Mapping[str, str], face: FontFace
) -> None:
    """Writes the values of a form onto its pages, and takes the places out.

    Raises `RenderError` for a value that does not fit its box.
    """
    written = [zone for zone in zones if values.get(zone.field.name)]
    if not written:
        _remove_links(pdf, root, zones)
        return
    fonts = ValueFonts(pdf, face, [values[zone.field.name] for zone in written])
    for serial, zone in enumerate(written):
        value, number = values[zone.field.name], zone.page - 1
        page = pdf.pages[number]
        width, height = zone.place.right - zone.place.left, zone.place.top - zone.place.bottom
        if zone.option is not None and zone.field.options[zone.option] != value:
            continue
        if zone.field.kind in (FieldKind.CHOICE, FieldKind.TICK):
            drawing = tick(pdf, zone, True)
        else:
            drawing = appearance(pdf, fitted(zone, value, width, height, face), width, height, fonts)
        # A name of its own for each value: WeasyPrint's pages may share one dictionary of resources.
        name = page.add_resource(drawing, Name.XObject, Name(f"/Value{serial}"))
        if zone.node is None:
            mark = "/Artifact <</Type /Pagination>>"
        else:
            mcid = _next_mcid(root, number)
            mark = f"/Span <</MCID {mcid}>>"
            zone.node.kids.append(Content(number, mcid))
            zone.node.tag = "Span"
            if zone.field.kind in (FieldKind.CHOICE, FieldKind.TICK):
                zone.node.alt = f"{spoken(zone)}, ticked"
        place = f"1 0 0 1 {zone.place.left:.3f} {zone.place.bottom:.3f} cm {name} Do"
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(f"\nQ\n{mark} BDC q {place} Q EMC\n".encode())
        page.contents_coalesce()
    _remove_links(pdf, root, zones)


def _remove_links(pdf: pikepdf.Pdf, root: Node, zones: Sequence[Zone]) -> None:
    """Takes the links of the places out of the tree and off the pages."""
    gone = {zone.annotation.objgen for zone in zones}
    for node in list(root.walk()):
        node.kids = [kid for kid in node.kids if not (isinstance(kid, Annotation) and kid.target.objgen in gone)]
    for node in list(root.walk()):
        node.kids = [kid for kid in node.kids if not (isinstance(kid, Node) and kid.tag == "Link" and not kid.kids)]
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj.Annots = Array([one for one in page.obj.Annots if one.objgen not in gone])


def _next_mcid(root: Node, page: int) -> int:
    """A number for marked content that is free on a page, far beyond those of the furniture."""
    return max([999, *(content.mcid for content in root.contents() if content.page == page)]) + 1
