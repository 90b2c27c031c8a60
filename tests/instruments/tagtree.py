"""Reads the structure tree of a PDF as viewers hand it to a screen reader, and writes it down for golden files.

pdf.js (Firefox) gives the tree page by page with its text; what it leaves out (list numbering, the role of a field) is
read from the same elements with pikepdf. Poppler's own reading of the tree is a second opinion.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from tests.instruments.extract import normalise, pdfjs_script
from tests.instruments.tools import program, run

TEXT = "#text"  # the role given to a piece of text that stands in the tree
ANNOTATION = "#annotation"  # the role given to a link or form field that stands in the tree

Facts = Mapping[str, str]


@dataclass(frozen=True)
class Node:
    """An element of the tree, or a piece of text or a field in its place among the elements."""

    role: str  # the standard role (H1, P, LI …), TEXT or ANNOTATION
    children: tuple["Node", ...] = ()
    alt: str = ""  # as pdf.js gives it: the alternative text, or else ActualText
    lang: str = ""
    attributes: Facts = field(default_factory=dict)  # Scope, Headers, ListNumbering, BBox …; Field, Kind … of a field
    piece: str = ""  # the words of a TEXT node, with their blanks

    @property
    def text(self) -> str:
        """All the words of the element, in reading order."""
        return normalise("".join(node.piece for node in self.walk()))

    def walk(self) -> Iterator["Node"]:
        """The node, then everything below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, role: str) -> list["Node"]:
        """The node and everything below it that has this role, in reading order."""
        return [node for node in self.walk() if node.role == role]


@dataclass(frozen=True)
class TaggedPage:
    """A page as a screen reader gets it."""

    tree: Node
    artifact: str  # the words that are marked as furniture, and so are not read
    untagged: str  # words with no mark at all: there should be none
    orphaned: str  # words that are marked as content of an element that is not in the tree: there should be none


def pdfjs_tree(pdf: Path) -> list[Node]:
    """The tree of each page as pdf.js gives it, under a node with the role Root. An element that runs over a page end
    is on both pages, each time with that page's words."""
    return [page.tree for page in tagged_pages(pdf)]


def tagged_pages(pdf: Path) -> list[TaggedPage]:
    """The same, with the words that stand outside of the tree."""
    pages = json.loads(pdfjs_script("tree.mjs", pdf))
    with pikepdf.open(pdf) as document:
        facts = _Facts(document)
        for page in pages:
            facts.fields |= {identifier: _field_facts(field) for identifier, field in page["fields"].items()}
        return [
            TaggedPage(
                tree=_node(page["tree"] or _NO_TREE, page["texts"], facts)[0],
                artifact=normalise(page["artifact"]),
                untagged=normalise(page["untagged"]),
                orphaned=normalise(" ".join(_orphans(page["tree"] or _NO_TREE, page["texts"]))),
            )
            for page in pages
        ]


_NO_TREE: Mapping[str, Any] = {"role": "Root", "children": []}


def _orphans(tree: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    """The texts that no element of pdf.js's tree holds."""
    held = set(_contents(tree))
    return (text for content, text in texts.items() if content not in held)


def _contents(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("type") == "content":
        yield given["id"]
    for child in given.get("children", []):
        yield from _contents(child)


class _Facts:
    """What pikepdf knows of an element, found by the marked content or annotation below it.

    pdf.js does not say which object a node is, but it names each content by page object and number; the element that
    owns this content is the node's, its parent the node's parent, and so on upwards.
    """

    def __init__(self, document: pikepdf.Pdf) -> None:
        self.annotations: dict[int, Facts] = {}
        self.fields: dict[str, Facts] = {}  # form fields are told by pdf.js: identifier → what it says of them
        self._owner: dict[str, int] = {}  # content → number of the element
        self._parent: dict[int, int] = {}
        self._attributes: dict[int, Facts] = {}
        for page in document.pages:
            for annotation in page.obj.get("/Annots", []):
                self.annotations[annotation.objgen[0]] = _annotation_facts(annotation)
        self._class_map: Any = {}
        root = document.Root.get("/StructTreeRoot")
        if root is not None:
            self._class_map = root.get("/ClassMap", {})
            self._walk(root, 0, None)

    def _walk(self, element: Any, parent: int, page: Any) -> None:
        number = len(self._attributes) + 1
        self._parent[number] = parent
        self._attributes[number] = self._of(element)
        page = element.get("/Pg", page)
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if not isinstance(kid, pikepdf.Dictionary):
                self._owner[_content(page, int(kid))] = number
            elif "/MCID" in kid:
                self._owner[_content(kid.get("/Pg", page), int(kid["/MCID"]))] = number
            elif "/Obj" in kid:
                self._owner[f"annotation {kid['/Obj'].objgen[0]}"] = number
            else:
                self._walk(kid, number, page)

    def _of(self, element: Any) -> Facts:
        given = [element.get("/A", [])]
        classes = element.get("/C", [])
        for name in classes if isinstance(classes, pikepdf.Array) else [classes]:
            given.insert(0, self._class_map.get(str(name), []))
        facts: dict[str, str] = {}
        for value in given:
            for entry in value if isinstance(value, pikepdf.Array) else [value]:
                if isinstance(entry, pikepdf.Dictionary):
                    facts |= {key[1:]: _plain(part) for key, part in entry.items() if key != "/O"}
        return facts | {key[1:]: _plain(element[key]) for key in ("/ActualText", "/E", "/ID") if key in element}

    def owner(self, content: str) -> int:
        return self._owner.get(content, 0)

    def parent(self, number: int) -> int:
        return self._parent.get(number, 0)

    def attributes(self, number: int) -> Facts:
        return self._attributes.get(number, {})


def _content(page: Any, number: int) -> str:
    return f"p{page.objgen[0]}R_mc{number}" if page is not None else ""


def _annotation_facts(annotation: Any) -> Facts:
    """What a screen reader may say of a link."""
    facts = {key[1:]: _plain(annotation[key]) for key in ("/Subtype", "/Contents") if key in annotation}
    target = annotation.get("/A", {})
    return facts | ({"URI": _plain(target["/URI"])} if "/URI" in target else {})


def _field_facts(given: Mapping[str, Any]) -> Facts:
    """What a browser says of a form field, beside the name that the tree has for it."""
    kinds = {"Tx": "text", "Btn": "button", "Ch": "list", "Sig": "signature"}
    facts = {"Field": given["fieldName"], "Kind": kinds[given["fieldType"]]}
    if given.get("multiLine"):
        facts["Kind"] = "lines"
    if given.get("checkBox"):
        facts["Kind"] = "tick"
    if given.get("radioButton"):
        facts |= {"Kind": "one of several", "Choice": given["buttonValue"]}
    if "options" in given:
        facts["Options"] = "; ".join(option["displayValue"] for option in given["options"])
    if given.get("maxLen"):
        facts["MaxLength"] = str(given["maxLen"])
    return facts | {name: "yes" for name, key in _STATES.items() if given.get(key)}


_STATES = {"Required": "required", "ReadOnly": "readOnly", "Hidden": "hidden"}


def _plain(value: Any) -> str:
    if isinstance(value, pikepdf.Array):
        return " ".join(_plain(part) for part in value)
    return str(value).removeprefix("/")


# pdf.js's own words for what it does pass on, for an element that has no content here and so no owner.
_PDFJS = {"scope": "Scope", "rowSpan": "RowSpan", "colSpan": "ColSpan", "summary": "Summary", "structId": "ID"}


def _node(given: Mapping[str, Any], texts: Mapping[str, str], facts: _Facts) -> tuple[Node, int]:
    """The node, and the number of its element (0 when it cannot be told)."""
    kind = given.get("type")
    if kind == "content":
        return Node(TEXT, piece=texts.get(given["id"], "")), facts.owner(given["id"])
    if kind is not None:  # an annotation, or another object, by its number: "12R" or "pdfjs_internal_id_12R"
        found = re.search(r"(\d+)R\d*$", str(given["id"]))
        number = int(found[1]) if found else 0
        said = facts.fields.get(found[0] if found else "") or facts.annotations.get(number, {})
        return Node(ANNOTATION, attributes=said), facts.owner(f"annotation {number}")
    below = [_node(child, texts, facts) for child in given.get("children", [])]
    element = 0
    for (_, number), child in zip(below, given.get("children", []), strict=True):
        element = element or (number if "type" in child else facts.parent(number))
    attributes = {name: str(given[key]) for key, name in _PDFJS.items() if key in given}
    if "headers" in given:
        attributes["Headers"] = " ".join(given["headers"])
    node = Node(
        role=given["role"],
        children=tuple(child for child, _ in below),
        alt=given.get("alt", ""),
        lang=given.get("lang", ""),
        attributes={**attributes, **facts.attributes(element)},
    )
    return node, element


def poppler_tree(pdf: Path) -> str:
    """The whole document's tree as poppler prints it (pdfinfo -struct-text): a second opinion on order and words."""
    return run(program("pdfinfo", "poppler-utils"), "-enc", "UTF-8", "-struct-text", pdf).decode()


# The attributes that a reader of a golden file wants. Places (BBox) and layout (Placement) are not among them: they
# change with every millimetre; ask the node for them.
SHOWN: tuple[str, ...] = (
    "Scope",
    "Headers",
    "ColSpan",
    "RowSpan",
    "Summary",
    "ListNumbering",
    "Role",
    "Checked",
    "checked",
    "Desc",
)
SHOWN += ("ActualText", "E", "Subtype", "Contents", "URI")
SHOWN += ("Field", "Kind", "Choice", "Options", "MaxLength", "Required", "ReadOnly", "Hidden")


def outline(tree: Node | Sequence[Node], fold: Collection[str] = ()) -> str:
    """The tree as indented text for a golden file: role, what is known of it, and its words.

    An element with nothing but words is one line. Header cells are named by their words, because their identifiers are
    object numbers. Elements whose role is in `fold` are left out and their words given to their parent, unless they
    say more (a language, an alternative text): fold ("Span", "NonStruct") and a golden file does not change when a
    line is broken elsewhere.
    """
    nodes = [tree] if isinstance(tree, Node) else tree
    names = {node.attributes["ID"]: node.text for root in nodes for node in root.walk() if "ID" in node.attributes}
    parts = []
    for number, root in enumerate(nodes, start=1):
        if not isinstance(tree, Node):
            parts.append(f"page {number}")
        parts.extend(_lines(root, 0 if isinstance(tree, Node) else 1, names, fold))
    return "\n".join(parts) + "\n"


def _lines(node: Node, depth: int, names: Facts, fold: Collection[str]) -> Iterator[str]:
    margin = "  " * depth
    words = [node.role]
    if node.lang:
        words.append(f"lang={node.lang}")
    if node.alt:
        words.append(f"alt={_quoted(node.alt)}")
    words += [f"{name}={_shown(name, node.attributes[name], names)}" for name in SHOWN if name in node.attributes]
    children = _merged(_folded(node.children, fold))
    if [child.role for child in children] == [TEXT]:
        yield margin + " ".join([*words, _quoted(children[0].piece)])
        return
    yield margin + " ".join(words)
    for child in children:
        if child.role == TEXT:
            yield f"{margin}  {_quoted(child.piece)}"
        else:
            yield from _lines(child, depth + 1, names, fold)


def _folded(children: Sequence[Node], fold: Collection[str]) -> Iterator[Node]:
    for child in children:
        silent = not (child.alt or child.lang or any(name in child.attributes for name in SHOWN))
        if child.role in fold and silent:
            yield from _folded(child.children, fold)
        else:
            yield child


def _merged(children: Iterator[Node]) -> list[Node]:
    """Neighbouring pieces of text as one; pieces with no words are dropped."""
    merged: list[Node] = []
    for child in children:
        if child.role == TEXT and merged and merged[-1].role == TEXT:
            merged[-1] = Node(TEXT, piece=merged[-1].piece + child.piece)
        else:
            merged.append(child)
    return [child for child in merged if child.role != TEXT or child.piece.strip()]


def _shown(name: str, value: str, names: Facts) -> str:
    if name == "Headers":
        return _quoted("; ".join(names.get(identifier, "(on no page)") for identifier in value.split()))
    return value if re.fullmatch(r"[\w.-]+", value) else _quoted(value)


def _quoted(text: str) -> str:
    return json.dumps(normalise(text), ensure_ascii=False)
