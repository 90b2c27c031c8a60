"""Makes paper of a form: known values become part of the page, with their tags; empty places are left to the pen."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pikepdf
from pikepdf import Array, ContentStreamInlineImage, ContentStreamInstruction, Dictionary, Matrix, Name, Operator

from clinicpress.clinics import FontFace
from clinicpress.documents import FieldKind
from clinicpress.pdf.shaping import shape
from clinicpress.pdf.tags import Annotation, MarkedContent, Node, content_number
from clinicpress.pdf.typeset import appearance
from clinicpress.pdf.value_fonts import FontObjects, ValueFonts, is_simple
from clinicpress.pdf.zones import Opening, Zone, settings, spoken, tick


def write_values(
    pdf: pikepdf.Pdf, root: Node, zones: Sequence[Zone], values: Mapping[str, str], faces: tuple[FontFace, ...]
) -> list[Opening]:
    """Writes the values of a form onto its pages, and takes the places out.

    Returns where texts were set. Raises `NoRoomError` for values that do not fit their boxes.
    """
    set_values = settings(zones, values, faces)
    fonts = FontObjects(pdf, ValueFonts(faces))
    openings: list[Opening] = []
    free = {number: _free_mcid(page) for number, page in enumerate(pdf.pages)}
    anchors = _anchors(root)
    written: dict[int, list[_Drawn]] = {}
    for zone in zones:
        value, number = values.get(zone.field.name, ""), zone.page - 1
        if not value or (zone.option is not None and zone.field.options[zone.option] != value):
            continue
        ticked = zone.field.has_steps or zone.field.kind is FieldKind.TICK
        if ticked:
            drawing = tick(pdf, zone, True)
        else:
            drawing = appearance(pdf, set_values[zone.annotation.objgen], zone.width, zone.height, fonts)
            openings.append(Opening(zone, drawing))
        # A name of its own for each value: WeasyPrint's pages may share one dictionary of resources.
        serial = sum(map(len, written.values()))
        name = pdf.pages[number].add_resource(drawing, Name.XObject, Name(f"/Value{serial}"))
        drawn = _Drawn(name, zone.place.left, zone.place.bottom)
        if zone.node is not None:
            drawn = _Drawn(name, drawn.left, drawn.bottom, free[number], anchors.get(id(zone.node)))
            zone.node.kids.append(MarkedContent(number, free[number]))
            free[number] += 1
            zone.node.tag = "Span"
            if ticked:
                zone.node.alt = f"{spoken(zone)}, ticked"
            elif not is_simple(value) and shape(value.replace("\n", " "), faces).mixed:
                zone.node.actual = value  # on the page it stands as the eye meets it, here as the voice says it
        written.setdefault(number, []).append(drawn)
    fonts.embed()
    for number, all_drawn in written.items():
        _draw(pdf, pdf.pages[number], all_drawn)
    _remove_links(pdf, root, zones)
    return openings


_MCID = re.compile(rb"/MCID\s+(\d+)")
_Instruction: TypeAlias = ContentStreamInstruction | ContentStreamInlineImage


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A value to be drawn: its name in the resources and its place in points.

    `mcid` is its number in the tag tree, `after` that of the marked content it follows; both None in the furniture.
    """

    name: Name
    left: float
    bottom: float
    mcid: int | None = None
    after: int | None = None

    def instructions(self, ctm: Matrix) -> list[ContentStreamInstruction]:
        """Draws it where the page's coordinates are those of `ctm`."""
        where = Matrix(1, 0, 0, 1, self.left, self.bottom) @ ctm.inverse()
        if self.mcid is None:
            mark, said = Name.Artifact, Dictionary(Type=Name.Pagination)
        else:
            mark, said = Name.Span, Dictionary(MCID=self.mcid)
        steps: list[tuple[Sequence[pikepdf.Object | float], str]] = [
            ([mark, said], "BDC"),
            ([], "q"),
            (where.shorthand, "cm"),
            ([self.name], "Do"),
            ([], "Q"),
            ([], "EMC"),
        ]
        return [ContentStreamInstruction(list(operands), Operator(operator)) for operands, operator in steps]


def _anchors(root: Node) -> dict[int, int]:
    """The number of the marked content that stands before each element in reading order, if it is on the same page."""
    found: dict[int, int] = {}
    last: MarkedContent | None = None

    def read(node: Node) -> None:
        nonlocal last
        for kid in node.kids:
            match kid:
                case MarkedContent():
                    last = kid
                case Annotation() if last is not None and last.page == kid.page:
                    found[id(node)] = last.mcid
                case Node():
                    read(kid)

    read(root)
    return found


def _draw(pdf: pikepdf.Pdf, page: pikepdf.Page, all_drawn: Sequence[_Drawn]) -> None:
    """Draws values on a page: each behind the words that it follows, the others at the end.

    So the order on the page is the reading order, and a program that copies the text finds each value at its label.
    """
    waiting: dict[int, list[_Drawn]] = {}
    for one in all_drawn:
        if one.after is not None:
            waiting.setdefault(one.after, []).append(one)
    instructions: list[_Instruction] = []
    ctm = Matrix()
    for instruction, ended, ctm in _followed(pikepdf.parse_content_stream(page)):
        instructions.append(instruction)
        for one in waiting.pop(ended, []) if ended is not None else []:
            instructions += one.instructions(ctm)
    at_the_end = [one for one in all_drawn if one.after is None] + [one for late in waiting.values() for one in late]
    for one in at_the_end:
        instructions += one.instructions(ctm)  # the renderer turns the page upside down, and does not turn it back
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))


def _followed(content: Iterable[_Instruction]) -> Iterator[tuple[_Instruction, int | None, Matrix]]:
    """Each instruction of a page, the number of the marked content that it ends, and the coordinates that hold then."""
    ctm = Matrix()
    states: list[Matrix] = []
    marks: list[int | None] = []
    for instruction in content:
        ended = None
        match str(instruction.operator):
            case "q":
                states.append(ctm)
            case "Q":
                ctm = states.pop()
            case "cm":
                ctm = Matrix(*(float(str(value)) for value in instruction.operands)) @ ctm
            case "BMC" | "BDC":
                marks.append(content_number(list(instruction.operands)))
            case "EMC":
                ended = marks.pop()
        yield instruction, ended, ctm


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


def _free_mcid(page: pikepdf.Page) -> int:
    """The first number for marked content that is free on a page, also in its furniture.

    It is the next one, for the table that leads back to the tags has a row for every number below.
    """
    page.contents_coalesce()
    return max([-1, *map(int, _MCID.findall(page.obj.Contents.read_bytes()))]) + 1
