"""The tag tree of a document, rebuilt from the HTML that it was rendered from.

WeasyPrint's tree has an element for each page on which something stands: a paragraph, list or table that a page end
parts comes out as several, a repeated table head is read again, and neither the scope of a heading cell nor the words
of a link are in it. Every element of the HTML has an id, and the engine tells on which pages it stands (`pages`). So
the parts of an element are known page by page, and nothing has to be counted. Nothing private of WeasyPrint is touched,
and when HTML and tree do not tell the same story, rendering stops.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import unquote

import pikepdf
from pikepdf import Name

from clinicpress.errors import RenderError
from clinicpress.pdf.pages import TAGS, Places, body_of
from clinicpress.pdf.tags import INLINE, Annotation, MarkedContent, Node, read_tree

HEADINGS = ("H1", "H2", "H3")
MAY_HOLD_TEXT = {"H1", "H2", "H3", "P", "LI", "TH", "TD", "Caption", "Figure"}


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tag tree, and whose each piece of marked content is.

    `owners` leads from the page (from 0) and number of marked content to the id of its element, and says whether it is
    that element's label, the number or bullet of a list item. What is not in it is furniture.
    """

    root: Node
    owners: Mapping[tuple[int, int], tuple[str, bool]] = field(repr=False)


def rebuilt(pdf: pikepdf.Pdf, html: str, places: Sequence[Places]) -> Tagged:
    """The tag tree that a rendered PDF should have, by its HTML and by where its elements stand.

    Raises `RenderError` when the tree and the HTML differ.
    """
    tree = read_tree(pdf)
    body = body_of(html)
    if any(True for _ in _inline(tree)):
        raise _differ("words stand outside every paragraph", body)
    rebuilder = _Rebuilder(places)
    root = Node("Document", rebuilder.children(body, [tree]))
    if lost := set(tree.contents()) - set(root.contents()) - rebuilder.repeated:
        page = min(one.page for one in lost) + 1
        raise RenderError(f"Words on page {page} stand in no element of the text. Please report this.")
    return Tagged(root, rebuilder.owners)


class _Rebuilder:
    """Walks the HTML and the tree side by side."""

    def __init__(self, places: Sequence[Places]) -> None:
        self._places = places
        self.owners: dict[tuple[int, int], tuple[str, bool]] = {}
        self.repeated: set[MarkedContent] = set()
        self._level = 0  # of the heading before; a text begins with its title

    def children(self, element: ET.Element, parts: Sequence[Node]) -> list[Node | MarkedContent | Annotation]:
        """The children of an element, in the order of the HTML; `parts` are what became of it, page by page."""
        own = list(_sources(element))
        found: dict[str, list[Node]] = {one.get("id", ""): [] for one in own}
        pages: dict[int, list[Node]] = {}
        for part in parts:
            for kid in part.nodes():
                if kid.tag not in INLINE:
                    pages.setdefault(kid.page, []).append(kid)
        for page, nodes in pages.items():
            here = [one for one in own if one.get("id", "") in self._places[page]]
            for one, node in zip_longest(here, _in_order(here, nodes)):
                if one is None or node is None or TAGS[one.tag] != node.tag:
                    what = f"<{one.tag}>" if one is not None else "the end"
                    raise _differ(
                        f"on page {page + 1}, {node.tag if node else 'nothing'} stands where {what} should be",
                        element if one is None else one,
                    )
                found[one.get("id", "")].append(node)
        kids: list[Node | MarkedContent | Annotation] = []
        for one in own:
            node = self._node(one, found[one.get("id", "")])
            last = kids[-1] if kids else None
            if node is None:
                continue
            if isinstance(last, Node) and last.tag == node.tag == "Figure" and last.alt == node.alt:
                last.kids += node.kids  # the parts of one drawing
                last.box = None  # a figure on two pages has no one box
            else:
                kids.append(node)
        return kids

    def _node(self, element: ET.Element, parts: list[Node]) -> Node | None:
        """The element that the parts of one element of the HTML make; None when it holds nothing."""
        tag = TAGS[element.tag]
        if tag == "THead":  # repeated after a page end: it was read already, and there it becomes furniture
            self.repeated |= {kid for part in parts[1:] for kid in part.contents()}
            parts = parts[:1]
        own = [kid for part in parts for kid in _inline(part)]
        if own and tag not in MAY_HOLD_TEXT:
            raise _differ(f"words stand in <{element.tag}> outside a paragraph", element)
        _describe_links(own, element)
        self._owned(own, element.get("id", ""))
        kids = self.children(element, parts)
        if not own and not kids and not (tag in ("TD", "TH") and parts):
            if "".join(element.itertext()).strip() or tag == "Figure":
                raise _differ("it stands on no page", element)
            return None
        if tag in HEADINGS:  # a reader counts on it that no level is left out, also above the first section
            self._level = min(HEADINGS.index(tag), self._level + 1)
            tag = HEADINGS[self._level]
        node = Node(tag, [*own, *kids], language=element.get("lang", ""))
        _name_languages(own, element)
        _describe(node, element, parts)
        return node

    def _owned(self, own: Sequence[Node | MarkedContent | Annotation], name: str) -> None:
        """Notes whose the marked content is that an element holds itself."""
        for kid in own:
            label = isinstance(kid, Node) and kid.tag == "Lbl"
            for content in (
                kid.contents() if isinstance(kid, Node) else (kid,) if isinstance(kid, MarkedContent) else ()
            ):
                self.owners[content.page, content.mcid] = (name, label)


def _sources(element: ET.Element) -> Iterator[ET.Element]:
    """The nearest elements below that become elements of the tree; any other only wraps, and furniture is no text."""
    for child in element:
        if "furniture" not in child.get("class", "").split():
            if child.tag in TAGS:
                yield child
            else:
                yield from _sources(child)


def _describe(node: Node, element: ET.Element, parts: Sequence[Node]) -> None:
    """Gives an element what its kind says beside its words."""
    if node.tag == "Figure":
        node.alt = element.get("alt", "")
        node.box = parts[0].box
    elif node.tag == "LI":
        labels = [kid for kid in node.kids if isinstance(kid, Node) and kid.tag == "Lbl"]
        node.kids = [*labels, Node("LBody", [kid for kid in node.kids if kid not in labels])]
    elif node.tag == "L":
        numbering = Name.Decimal if element.tag == "ol" else Name("/None")
        node.attributes = {"List": {"ListNumbering": numbering}}
    elif node.tag in ("TH", "TD"):
        cell: dict[str, pikepdf.Object | int] = {}
        if node.tag == "TH":
            cell["Scope"] = Name.Column if element.get("scope") == "col" else Name.Row
        if int(element.get("rowspan", "1")) > 1:
            cell["RowSpan"] = int(element.get("rowspan", "1"))
        if cell:
            node.attributes = {"Table": cell}


def _in_order(sources: Sequence[ET.Element], nodes: Sequence[Node]) -> list[Node]:
    """What became of the parts of an element, in their order: the engine puts lists behind what follows them."""
    lists = [node for node in nodes if node.tag == "L"]
    others = [node for node in nodes if node.tag != "L"]
    if not lists or not others:
        return list(nodes)
    found = []
    for one in sources:
        queue = lists if TAGS[one.tag] == "L" else others
        if queue:
            found.append(queue.pop(0))
    return [*found, *others, *lists]


def _inline(node: Node) -> Iterator[Node | MarkedContent | Annotation]:
    """The words and links that an element holds itself."""
    return (kid for kid in node.kids if not isinstance(kid, Node) or kid.tag in INLINE)


def _describe_links(kids: Sequence[Node | MarkedContent | Annotation], element: ET.Element) -> None:
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


def _name_languages(kids: Sequence[Node | MarkedContent | Annotation], element: ET.Element) -> None:
    """Words in another language than those around them: an anchor that leads nowhere, which only says its language.

    WeasyPrint drops the tags of spans, and keeps those of anchors. No element holds words in three languages.
    """
    spoken = {anchor.get("lang", "") for anchor in element.iter("a") if anchor.get("href") is None}
    for kid in kids:
        if isinstance(kid, Node) and kid.tag == "Link" and not any(isinstance(one, Annotation) for one in kid.kids):
            if len(spoken) != 1:
                raise _differ("words are in no language", element)
            kid.tag, kid.language = "Span", next(iter(spoken))


def _differ(what: str, element: ET.Element) -> RenderError:
    words = " ".join("".join(element.itertext()).split())[:60]
    return RenderError(f"The tags do not match the text: {what} (at '{words}'). Please report this.")
