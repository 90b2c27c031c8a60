"""The tag tree of a document, rebuilt from the HTML that it was rendered from.

WeasyPrint's tree has the right kinds of elements in the right order, but a list or table that a page end parts comes
out as two, a repeated table head is read twice, and neither the scope of a heading cell nor the words of a link are in
it. Here the HTML and that tree are walked side by side: the HTML says what there is, the tree where it stands on the
pages. Nothing private of WeasyPrint is touched, and when the two do not tell the same story, rendering stops.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import pikepdf
from pikepdf import Name

from clinicpress.errors import RenderError
from clinicpress.pdf.tags import Annotation, Content, Node, read_tree

TAGS = {
    "section": "Sect",
    "h1": "H1",
    "h2": "H2",
    "h3": "H3",
    "p": "P",
    "ul": "L",
    "ol": "L",
    "li": "LI",
    "table": "Table",
    "thead": "THead",
    "tbody": "TBody",
    "tr": "TR",
    "th": "TH",
    "td": "TD",
    "img": "Figure",
    "figcaption": "Caption",
}
"""HTML elements that become elements of the tree. Any other only wraps."""
INLINE = {"Link", "Lbl"}
MAY_HOLD_TEXT = {"H1", "H2", "H3", "P", "LI", "TH", "TD", "Caption", "Figure"}


@dataclass(slots=True)
class _Source:
    """An element of the HTML that becomes an element of the tree."""

    element: ET.Element
    kids: list["_Source"] = field(default_factory=list)
    has_text: bool = False

    @property
    def tag(self) -> str:
        return TAGS[self.element.tag]

    def bearers(self) -> int:
        """How many elements, from here down, hold words or a picture of their own. None of them is ever parted."""
        return self.has_text + sum(kid.bearers() for kid in self.kids)


def rebuilt(pdf: pikepdf.Pdf, html: str) -> Node:
    """The tag tree that a rendered PDF should have, by its HTML. What it does not hold is furniture.

    Raises `RenderError` when the tree and the HTML differ.
    """
    body = ET.fromstring(html).find("body")  # noqa: S314  our own templates wrote it
    if body is None:
        raise RenderError("The page has no body. This is a fault of the templates: please report it.")
    source = _Source(body)
    _read_source(body, source)
    tree = read_tree(pdf)
    if source.has_text or any(_inline(tree)):
        raise _differ("words stand outside every paragraph", source)
    _drop_repeated_heads(tree, [len(table.findall("tbody/tr")) for table in body.iter("table")])
    return Node("Document", _paired(source.kids, tree))


def _drop_repeated_heads(tree: Node, rows_of_tables: list[int]) -> None:
    """Takes out the heads that WeasyPrint repeats after a page end: they were read already. Tables never nest."""
    parts = [node for node in tree.walk() if node.tag == "Table"]
    for rows in rows_of_tables:
        seen = 0
        while parts and seen < rows:
            part = parts.pop(0)
            if seen:
                part.kids = [kid for kid in part.kids if not (isinstance(kid, Node) and kid.tag == "THead")]
            seen += sum(len(body.nodes()) for body in part.nodes() if body.tag == "TBody")


def _read_source(element: ET.Element, owner: _Source) -> None:
    """Collects below `owner` what becomes part of the tree.

    A list in a list item counts beside that item, as WeasyPrint has it.
    """
    if (element.text or "").strip():
        owner.has_text = True
    for child in element:
        if "furniture" in child.get("class", "").split():
            continue
        if child.tag in TAGS:
            source = _Source(child, has_text=child.tag == "img")
            _read_source(child, source)
            if source.bearers() or source.kids or child.tag in ("td", "th"):
                owner.kids.append(source)
        else:
            if child.tag == "a":
                owner.has_text = True  # a place to write holds no words, and is one of the element's own all the same
            _read_source(child, owner)
        if (child.tail or "").strip():
            owner.has_text = True
    hoisted: list[_Source] = []
    for kid in owner.kids:
        nested = [one for one in kid.kids if kid.tag == "LI" and one.tag == "L"]
        kid.kids = [one for one in kid.kids if one not in nested]
        hoisted += [kid, *nested]
    owner.kids = hoisted


def _paired(sources: list[_Source], *found: Node) -> list[Node | Content | Annotation]:
    """The children of a rebuilt element: `sources` says what they are, the elements `found` (parts of one) where."""
    waiting = [kid for node in found for kid in node.nodes() if kid.tag not in INLINE]
    rebuilt: list[Node | Content | Annotation] = []
    for source in sources:
        parts: list[Node] = []
        while waiting and (not parts or sum(map(_bearers, parts)) < source.bearers()):
            part = waiting.pop(0)
            if part.tag != source.tag:
                raise _differ(f"<{source.element.tag}> became {part.tag}", source)
            parts.append(part)
        if sum(map(_bearers, parts)) != source.bearers() or not parts:
            raise _differ(f"<{source.element.tag}> was parted by a page end", source)
        rebuilt.append(_node(source, parts))
    if waiting:
        raise RenderError(f"The tag tree holds a {waiting[0].tag} that is not in the HTML. Please report this.")
    return _nested(rebuilt)


def _node(source: _Source, parts: list[Node]) -> Node:
    """The rebuilt element of one HTML element, from the parts into which page ends cut it."""
    tag, element = source.tag, source.element
    own = [kid for part in parts for kid in _inline(part)]
    if own and tag not in MAY_HOLD_TEXT:
        raise _differ(f"words stand in <{element.tag}> outside a paragraph", source)
    _describe_links(own, element)
    node = Node(tag, [*own, *_paired(source.kids, *parts)], language=element.get("lang", ""))
    _name_languages(own, element)
    if tag == "Figure":
        node.alt = element.get("alt", "")
        node.box = parts[0].box
    elif tag == "LI":
        labels = [kid for kid in node.kids if isinstance(kid, Node) and kid.tag == "Lbl"]
        node.kids = [*labels, Node("LBody", [kid for kid in node.kids if kid not in labels])]
    elif tag == "L":
        numbering = Name.Decimal if element.tag == "ol" else Name("/None")
        node.attributes = {"List": {"ListNumbering": numbering}}
    elif tag in ("TH", "TD"):
        cell: dict[str, pikepdf.Object | int] = {}
        if tag == "TH":
            cell["Scope"] = Name.Column if element.get("scope") == "col" else Name.Row
        if int(element.get("rowspan", "1")) > 1:
            cell["RowSpan"] = int(element.get("rowspan", "1"))
        if cell:
            node.attributes = {"Table": cell}
    return node


def _nested(kids: list[Node | Content | Annotation]) -> list[Node | Content | Annotation]:
    """Puts a list that belongs to a list item into it, and the parts of one drawing into one figure."""
    done: list[Node | Content | Annotation] = []
    for kid in kids:
        last = done[-1] if done else None
        if isinstance(kid, Node) and isinstance(last, Node):
            if last.tag == "LI" and kid.tag == "L":
                last.nodes()[-1].kids.append(kid)
                continue
            if last.tag == kid.tag == "Figure" and last.alt == kid.alt:
                last.kids += kid.kids
                last.box = None  # a figure on two pages has no one box
                continue
        done.append(kid)
    return done


def _inline(node: Node) -> Iterator[Node | Content | Annotation]:
    """The words and links that an element holds itself."""
    return (kid for kid in node.kids if not isinstance(kid, Node) or kid.tag in INLINE)


def _bearers(node: Node) -> int:
    """How many elements of WeasyPrint's tree, from here down, hold words or a picture of their own."""
    own = any(isinstance(kid, Content) or (isinstance(kid, Node) and kid.tag == "Link") for kid in node.kids)
    return own + sum(_bearers(kid) for kid in node.nodes() if kid.tag not in INLINE)


def _describe_links(kids: list[Node | Content | Annotation], element: ET.Element) -> None:
    """Gives each link the words that it stands on, for those who hear it. Source: ISO 14289-1, 7.18.5.

    A link over a line end is two in the PDF; then each part is described by all that lead to its address.
    """
    words: dict[str, list[str]] = {}
    for anchor in element.iter("a"):
        words.setdefault(unquote(anchor.get("href", "")), []).append(" ".join("".join(anchor.itertext()).split()))
    found: dict[str, list[pikepdf.Object]] = {}
    for link in kids:
        for annotation in link.kids if isinstance(link, Node) else ():
            if isinstance(annotation, Annotation):
                found.setdefault(unquote(str(annotation.target.A.URI)), []).append(annotation.target)
    for address, targets in found.items():
        said = words.get(address, [address])
        if len(said) != len(targets):
            said = ["; ".join(dict.fromkeys(said))] * len(targets)
        for target, text in zip(targets, said, strict=True):
            target.Contents = pikepdf.String(text or address)
            target.F = 4  # printed
            left, bottom, right, top = (float(value) for value in target.Rect)
            target.Rect = pikepdf.Array([min(left, right), min(bottom, top), max(left, right), max(bottom, top)])


def _name_languages(kids: list[Node | Content | Annotation], element: ET.Element) -> None:
    """Words in another language than those around them: an anchor that leads nowhere, which only says its language.

    WeasyPrint drops the tags of spans, and keeps those of anchors. No element holds words in three languages.
    """
    spoken = {anchor.get("lang", "") for anchor in element.iter("a") if anchor.get("href") is None}
    for kid in kids:
        if isinstance(kid, Node) and kid.tag == "Link" and not any(isinstance(one, Annotation) for one in kid.kids):
            if len(spoken) != 1:
                raise _differ("words are in no language", _Source(element))
            kid.tag, kid.language = "Span", next(iter(spoken))


def _differ(what: str, source: _Source) -> RenderError:
    words = " ".join("".join(source.element.itertext()).split())[:60]
    return RenderError(f"The tags do not match the text: {what} (at '{words}'). Shorten the part that starts there.")
