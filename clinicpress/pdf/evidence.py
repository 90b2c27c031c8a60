"""What a finished document is proved with: what its page says, element by element, and what is drawn for each of them.

The page is the HTML that was set; what is drawn comes from pdfium (`ink`). Marked content leads from one to the other:
its number on its page tells whose it is (`structure.Tagged.owners`). What belongs to no element is furniture.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from clinicpress.documents import Document, spot_of
from clinicpress.errors import Fault
from clinicpress.orders import Order
from clinicpress.pdf.ink import TEXT, Box, Ink, InkedPage, letters
from clinicpress.pdf.pages import TAGS, Pages, body_of

SCHEME = "field:"
SHORT = 60  # letters of the words that a fault names


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of type that belongs to an element: its page (from 0), the box of its ink, and its words.

    It says the letters `start` to `end` of its element (-1: it is the number of an item); `order` is its rank among all
    that is drawn on its page.
    """

    page: int
    box: Box
    words: str
    start: int
    end: int
    order: int


@dataclass(slots=True)
class PageElement:
    """One element of the page. `carrier` is the nearest element that tells its line of the source.

    Only what becomes a tag holds words (`said`: its own, without those of the elements in it); `stops` are the ranges
    of letters in it that lie over a box by design. `printed` is what was drawn for it, `label` the number of a list
    item, `repeats` what a table repeats of it on later pages.
    """

    name: str
    tag: str
    classes: frozenset[str]
    parent: "PageElement | None"
    line: int
    language: str
    carrier: "PageElement | None"
    furniture: bool
    node: ET.Element = field(repr=False)
    said: str = ""
    stops: list[tuple[int, int]] = field(default_factory=list)
    printed: str = ""
    label: str = ""
    runs: list[Run] = field(default_factory=list)
    pictures: list[tuple[int, Box]] = field(default_factory=list)
    repeats: dict[int, list[Ink]] = field(default_factory=dict)

    def up(self) -> Iterator["PageElement"]:
        """This element and those that it stands in, from inside to outside."""
        one: PageElement | None = self
        while one is not None:
            yield one
            one = one.parent

    def within(self, *classes: str) -> "PageElement | None":
        """The nearest element that has one of these classes: this one, or one that it stands in."""
        return next((one for one in self.up() if not one.classes.isdisjoint(classes)), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to write as the page has it: its field, its option, its element, and after how many letters of that."""

    name: str
    option: int | None
    holder: PageElement
    after: int


@dataclass(slots=True)
class Evidence:
    """Everything that the rules look at. Boxes are in points from the bottom left corner, pages count from 0.

    By page: `boxes` of the elements, what is drawn for none of them (`loose`), their type (`typed`), and the numbers of
    the marked content of `drawings`.
    """

    order: Order
    sheets: tuple[InkedPage, ...]
    elements: list[PageElement]
    spots: list[Spot]
    boxes: list[dict[str, Box]]
    loose: list[list[Ink]]
    typed: list[list[tuple[PageElement, Run]]]
    drawings: list[set[int]]
    faults: list[Fault] = field(default_factory=list)

    def holders(self) -> Iterator[PageElement]:
        """The elements that hold words or are pictures, in the order of the page."""
        return (one for one in self.elements if one.tag in TAGS and not one.furniture)

    def document(self, element: PageElement) -> Document:
        """The document that an element belongs to: the second one where the page says its language."""
        second = self.order.second
        return second if second is not None and element.language == second.language else self.order.document

    def tell(self, kind: str, message: str, remedy: str, element: PageElement | None = None, page: int = -1) -> None:
        """Notes a fault at an element."""
        document = self.order.document if element is None else self.document(element)
        line = element.line if element is not None else 0
        fallback = document.lines.get("blocks", 1) if element and element.within(*FORMS) else 1
        line = line or (document.lines.get("title", 1) if fallback == 1 else fallback)
        self.tell_at(kind, message, remedy, *spot_of(document, line), page, element.name if element else "")

    def tell_at(  # noqa: PLR0917  what a fault is made of
        self, kind: str, message: str, remedy: str, file: Path, line: int, page: int = -1, element: str = ""
    ) -> None:
        """Notes a fault at a line of a file."""
        self.faults.append(Fault(kind, message, line, page + 1, element, str(file), remedy))


FORMS = ("signing", "fields", "teach-back", "to-fill", "alone")
"""Classes of what the form adds to a text."""


def gather(
    sheets: tuple[InkedPage, ...],
    html: str,
    pages: Pages,
    owners: Mapping[tuple[int, int], tuple[str, bool]],
    order: Order,
) -> Evidence:
    """Reads the page, and hands to each of its elements what is drawn for it."""
    elements, spots = read_page(html, order.document.language)
    heights = [one.height for one in sheets]
    boxes = [
        {name: (left, high - bottom, right, high - top) for name, (left, top, right, bottom) in places.items()}
        for high, places in zip(heights, pages.places, strict=False)
    ]
    known = {one.name: one for one in elements}
    evidence = Evidence(order, sheets, elements, spots, boxes, [], [], [])
    heads = (one for one in elements if one.tag in ("th", "td") and one.parent and one.parent.parent)
    cells = [one for one in heads if one.parent and one.parent.parent and one.parent.parent.tag == "thead"]
    for number, sheet in enumerate(sheets):
        evidence.loose.append([])
        evidence.typed.append([])
        evidence.drawings.append(set())
        for place, ink in enumerate(sheet.inks):
            name, label = owners.get((number, ink.mcid), ("", False)) if ink.mcid >= 0 else ("", False)
            element = known.get(name)
            if element is None:
                evidence.loose[-1].append(ink)
            elif element.tag == "img":
                element.pictures.append((number, ink.box))
                evidence.drawings[-1].add(ink.mcid)
            elif ink.kind == TEXT:
                evidence.typed[-1].append((element, _run(element, number, place, ink, label)))
        _hand_heads(evidence, number, cells)
    return evidence


def _hand_heads(evidence: Evidence, page: int, heads: Sequence[PageElement]) -> None:
    """Hands the head that a table repeats on a later page to its cells: there it is furniture by its mark."""
    boxes = evidence.boxes[page]
    here = [one for one in heads if one.name in boxes and one.runs and one.runs[0].page < page]
    cells = [(one, boxes[one.name]) for one in here]
    if not cells:
        return
    free: list[Ink] = []
    for ink in evidence.loose[page]:
        x, y = (ink.box[0] + ink.box[2]) / 2, (ink.box[1] + ink.box[3]) / 2
        cell = next((one for one, box in cells if box[0] <= x <= box[2] and box[1] <= y <= box[3]), None)
        if cell is None or ink.kind != TEXT:
            free.append(ink)
        else:
            cell.repeats.setdefault(page, []).append(ink)
    evidence.loose[page] = free


def _run(element: PageElement, page: int, place: int, ink: Ink, label: bool) -> Run:
    """Hands a piece of type to its element."""
    start = len(element.printed)
    if label:
        element.label += letters(ink.text)
        run = Run(page, ink.box, ink.text, -1, -1, place)
    else:
        element.printed += letters(ink.text)
        run = Run(page, ink.box, ink.text, start, len(element.printed), place)
    element.runs.append(run)
    return run


def read_page(html: str, language: str) -> tuple[list[PageElement], list[Spot]]:
    """What a page in a language says: its elements and its places to write, in their order."""
    reader = _PageWalker([], [])
    reader.read(_seen(body_of(html)), None, None, language)
    return reader.elements, reader.spots


def _seen(body: ET.Element) -> ET.Element:
    """A page without what is not seen: the marks of a draft keep their room in every document."""
    if "draft" in body.get("class", "").split():
        return body
    seen = deepcopy(body)
    for element in seen.iter():
        for child in list(element):
            if "state" in child.get("class", "").split():
                behind = child.tail
                child.clear()
                child.tail = behind
    return seen


@dataclass(slots=True)
class _PageWalker:
    """Walks the page once."""

    elements: list[PageElement]
    spots: list[Spot]

    def read(self, node: ET.Element, parent: PageElement | None, holder: PageElement | None, language: str) -> None:
        """Reads an element; `holder` is the one that the words in it belong to."""
        language = node.get("lang") or language
        here = self._element(node, parent, language)
        if here is not None:
            parent = here
            if here.furniture:
                holder = None
            elif here.tag in TAGS:
                holder = here
        start = len(holder.said) if holder else 0
        if node.tag == "a" and (owner := holder or parent) and node.get("href", "").startswith(SCHEME):
            name, _, option = unquote(node.get("href", "").removeprefix(SCHEME)).partition("?")
            self.spots.append(Spot(name, int(option) if option else None, owner, start))
        self._add(holder, node.text)
        for child in node:
            self.read(child, parent, holder, language)
            self._add(holder, child.tail)
        if holder and "stop" in node.get("class", "").split():
            holder.stops.append((start, len(holder.said)))

    def _element(self, node: ET.Element, parent: PageElement | None, language: str) -> PageElement | None:
        name = node.get("id")
        if name is None:
            return None
        classes = frozenset(node.get("class", "").split())
        furniture = "furniture" in classes or (parent is not None and parent.furniture)
        line = node.get("data-line")
        here = PageElement(
            name,
            node.tag,
            classes,
            parent,
            int(line) if line else parent.line if parent else 0,
            language,
            parent.carrier if parent else None,
            furniture,
            node,
        )
        if line:
            here.carrier = here
        self.elements.append(here)
        return here

    def _add(self, holder: PageElement | None, text: str | None) -> None:
        if holder is not None and text:
            holder.said += letters(text)


def shortened(words: str) -> str:
    """The first words of a text, as a message names them."""
    text = " ".join(words.split())
    return text if len(text) <= SHORT else text[: SHORT - 1].rsplit(" ", 1)[0] + " …"


def words_of_element(element: PageElement) -> str:
    """The first words of an element as they stand in the page."""
    return shortened("".join(element.node.itertext()))


def overlap(one: Box, other: Box) -> float:
    """By how much two boxes lie over each other, in points: the lesser of both directions; negative when apart."""
    return min(min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1]))


def around(boxes: Iterable[Box]) -> Box:
    """The box around boxes."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
