"""Reads the tag tree that WeasyPrint wrote, and writes the tree that stays (pikepdf).

Between the two the tree is made of plain `Node`s, so that `structure` can think about documents and not about PDF.
Source of all terms: ISO 32000-1:2008, 14.7 and 14.8.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, String

TRANSPARENT = {"Document", "Div", "NonStruct", "Span", "Art", "Part", "LBody"}
"""Elements of WeasyPrint that only wrap others: their children count as their parent's own."""


@dataclass(frozen=True, slots=True)
class MarkedContent:
    """A piece of marked content: the page (from 0) and its number there."""

    page: int
    mcid: int


@dataclass(slots=True)
class Annotation:
    """A link on a page: the page (from 0) and the PDF object."""

    page: int
    target: pikepdf.Object


@dataclass(slots=True)
class Node:
    """An element of the tag tree: its type, and in reading order what it holds.

    `box` is (left, bottom, right, top) in points, known for figures only. `text` is the description of a link.
    `actual` is what is read where the letters on the page stand in another order. `language` is named where it is not
    that of the document. `page` (from 0) is where an element that WeasyPrint wrote stands: it never has one over a page
    end.
    """

    tag: str
    kids: list["Node | MarkedContent | Annotation"] = field(default_factory=list)
    alt: str = ""
    actual: str = ""
    text: str = ""
    language: str = ""
    box: tuple[float, float, float, float] | None = None
    attributes: Mapping[str, Mapping[str, pikepdf.Object | int]] = field(default_factory=dict)
    page: int = 0

    def nodes(self) -> list["Node"]:
        """The elements among the children."""
        return [kid for kid in self.kids if isinstance(kid, Node)]

    def walk(self) -> Iterator["Node"]:
        """This element and all below it, in reading order."""
        yield self
        for kid in self.nodes():
            yield from kid.walk()

    def contents(self) -> Iterator[MarkedContent]:
        """All marked content in and below this element."""
        for node in self.walk():
            yield from (kid for kid in node.kids if isinstance(kid, MarkedContent))


INLINE = {"Link", "Lbl"}
"""Elements that stand in a line of words."""


def _nested(kids: list[Node | MarkedContent | Annotation]) -> list[Node | MarkedContent | Annotation]:
    """The items of a list, each with the lists that WeasyPrint left behind it."""
    items: list[Node | MarkedContent | Annotation] = []
    for kid in kids:
        last = items[-1] if items else None
        if isinstance(kid, Node) and kid.tag == "L" and isinstance(last, Node):
            last.kids.append(kid)
        else:
            items.append(kid)
    return items


def read_tree(pdf: pikepdf.Pdf) -> Node:
    """The tree of a rendered PDF, without its wrappers: an element for each page on which it has a part.

    A list that WeasyPrint put beside the item that it belongs to goes back into it.
    """
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    heights = [float(page.mediabox[3]) for page in pdf.pages]

    def children(element: pikepdf.Object, page: int) -> list[Node | MarkedContent | Annotation]:
        kids: list[Node | MarkedContent | Annotation] = []
        listed = element.get("/K", Array())
        for kid in listed if isinstance(listed, Array) else [listed]:
            if not isinstance(kid, Dictionary):
                kids.append(MarkedContent(page, int(kid)))
            elif kid.get("/Type") == Name.OBJR:
                kids.append(Annotation(pages[kid.Pg.objgen], kid.Obj))
            else:
                kids += read(kid, page)
        return kids

    def read(element: pikepdf.Object, page: int) -> list[Node | MarkedContent | Annotation]:
        page = pages[element.Pg.objgen] if "/Pg" in element else page
        kids = children(element, page)
        tag = str(element.S)[1:]
        if tag in TRANSPARENT:
            return kids
        if not kids and tag in INLINE:
            return []
        node = Node(tag, _nested(kids) if tag == "L" else kids, page=page)
        if tag == "Figure":
            # WeasyPrint gives CSS pixels from the top left corner; PDF wants points from the bottom left.
            left, top, right, bottom = (float(value) * 0.75 for value in element.A.BBox)
            node.box = (left, heights[page] - bottom, right, heights[page] - top)
        return [node]

    root = Node("Document")
    for element in pdf.Root.StructTreeRoot.K:
        root.kids += read(element, 0)
    return root


def write_tree(pdf: pikepdf.Pdf, root: Node) -> set[tuple[int, int]]:
    """Writes a tree into a PDF in place of the one it has, with its way back from the pages (ParentTree).

    Returns which marked content (page, number) the tree holds: all other content is furniture.
    """
    top = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    owners: list[dict[int, pikepdf.Object]] = [{} for _ in pdf.pages]
    annotations: list[tuple[Annotation, pikepdf.Object]] = []

    def write(node: Node, parent: pikepdf.Object) -> pikepdf.Object:
        element = _element(pdf, node, parent)
        kids = Array()
        for kid in node.kids:
            match kid:
                case Node():
                    kids.append(write(kid, element))
                case MarkedContent(number, mcid):
                    owners[number][mcid] = element
                    kids.append(Dictionary(Type=Name.MCR, Pg=pdf.pages[number].obj, MCID=mcid))
                case Annotation(number, target):
                    annotations.append((kid, element))
                    kids.append(Dictionary(Type=Name.OBJR, Obj=target, Pg=pdf.pages[number].obj))
        element.K = kids
        return element

    top.K = Array([write(root, top)])
    numbers = Array()
    for number, (page, owned) in enumerate(zip(pdf.pages, owners, strict=True)):
        row = [owned.get(mcid) for mcid in range(max(owned) + 1)] if owned else []
        numbers.append(number)
        numbers.append(pdf.make_indirect(Array(row)))
        page.obj.StructParents = number
    for key, (annotation, element) in enumerate(annotations, len(owners)):
        numbers.append(key)
        numbers.append(element)
        annotation.target.StructParent = key
    top.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
    top.ParentTreeNextKey = len(owners) + len(annotations)
    pdf.Root.StructTreeRoot = top
    _order_annotations(pdf, [annotation.target for annotation, _ in annotations])
    return {(number, mcid) for number, owned in enumerate(owners) for mcid in owned}


def _element(pdf: pikepdf.Pdf, node: Node, parent: pikepdf.Object) -> pikepdf.Object:
    """An element without what it holds."""
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + node.tag), P=parent))
    for key, said in (("/Alt", node.alt), ("/ActualText", node.actual), ("/Lang", node.language)):
        if said:
            element[key] = String(said)
    if owned := _attributes(node):
        element.A = owned[0] if len(owned) == 1 else Array(owned)
    return element


def _attributes(node: Node) -> list[pikepdf.Object]:
    """What an element says of itself beside its words, a dictionary for each owner (List, Table, Layout)."""
    attributes = dict(node.attributes)
    if node.box:
        box = Array([round(value, 3) for value in node.box])
        attributes["Layout"] = {"BBox": box, "Placement": Name.Block}
    return [
        Dictionary({"/O": Name("/" + owner), **{"/" + key: value for key, value in said.items()}})
        for owner, said in attributes.items()
    ]


def _order_annotations(pdf: pikepdf.Pdf, in_reading_order: Sequence[pikepdf.Object]) -> None:
    """Puts the annotations of each page into reading order: this is the order of the tab key."""
    rank = {target.objgen: place for place, target in enumerate(in_reading_order)}
    for page in pdf.pages:
        page.obj.Tabs = Name.S
        if "/Annots" in page.obj:
            page.obj.Annots = Array(sorted(page.obj.Annots, key=lambda one: rank[one.objgen]))


def content_number(operands: Sequence[object]) -> int | None:
    """The number that marked content begins with; None for an artifact and for a mark without one."""
    properties = operands[1] if len(operands) > 1 else None
    return int(properties.MCID) if isinstance(properties, Dictionary) and "/MCID" in properties else None


def mark_furniture(pdf: pikepdf.Pdf, kept: set[tuple[int, int]]) -> None:
    """Marks all content that the tag tree does not hold (running heads, form line) as a pagination artifact.

    Source: ISO 14289-1, 7.1 and 7.8.
    """
    furniture = [Name.Artifact, Dictionary(Type=Name.Pagination)]
    begin = pikepdf.Operator("BDC")
    for number, page in enumerate(pdf.pages):
        instructions = pikepdf.parse_content_stream(page)
        for place, instruction in enumerate(instructions):
            mcid = content_number(list(instruction.operands)) if instruction.operator == begin else None
            if mcid is not None and (number, mcid) not in kept:
                instructions[place] = pikepdf.ContentStreamInstruction(furniture, begin)
        page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
