"""What the pages of a layout look like, as the places of its elements tell: how full they are, and what parted."""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from clinicpress.fit import PLACES, Key
from clinicpress.pdf.pages import Pages, Place, body_of

TOLERANCE = 1.0  # points that are nothing: edges are rounded
INK = {"p", "li", "tr", "img", "figcaption", "h1", "h2", "h3"}  # what holds words or a picture
WHOLE = {"person", "choice", "ask", "field", "asked"}  # classes of what must not part: signatures, fields, the phone
HALF = 0.5  # of a page
TALL = 0.66  # of a page: a row that is higher may part
HEADS = {"letterhead": 4.0, "label-zone": 2.0, "identity": 4.0, "runner": 8.0}  # points between a head and the text
CLEAR = 36.0  # points at each edge that no ink enters


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the text, and on which pages (from 0) it stands where. `owner` is the one that holds it."""

    name: str
    tag: str
    classes: frozenset[str]
    source: ET.Element = field(repr=False)
    key: Key
    parts: dict[int, Place] = field(repr=False)

    @property
    def parted(self) -> bool:
        """Whether a page end parts it."""
        return len(self.parts) > 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: where its text may stand from the top (points), how far down it does, and how much of it that fills."""

    top: float
    bottom: float
    used: float

    @property
    def filled(self) -> float:
        """From 0 to 1; a page without room for text is full."""
        if self.bottom <= self.top:
            return 1.0
        return max(0.0, min(1.0, (self.used - self.top) / (self.bottom - self.top)))


class Measures:
    """What is known of a layout. `height` is that of the paper in points."""

    def __init__(self, html: str, pages: Pages, height: float) -> None:
        self._pages, self._height = pages, height
        self._body = body_of(html)
        self._standard = "standard" in self._body.get("class", "").split()
        self._furniture: list[ET.Element] = []
        self.elements = list(self._read(self._body, (0, False)))

    def _read(self, element: ET.Element, key: Key) -> Iterator[Element]:
        """The elements below one, in their order; furniture apart."""
        for child in element:
            classes = frozenset(child.get("class", "").split())
            if "furniture" in classes:
                self._furniture.append(child)
                continue
            own = int(child.get("data-line", key[0])), key[1] or child.get("lang") is not None
            name = child.get("id")
            if name is not None:
                parts = {number: places[name] for number, places in enumerate(self._pages.places) if name in places}
                yield Element(name, child.tag, classes, child, own, parts)
            yield from self._read(child, own)

    def of(self, tag: str) -> list[Element]:
        """The elements of this kind, in their order."""
        return [one for one in self.elements if one.tag == tag]

    @cached_property
    def _areas(self) -> list[Place | None]:
        """Where the text of each page stands."""
        return [places.get(self._body.get("id", "")) for places in self._pages.places]

    @cached_property
    def _ends(self) -> list[float]:
        """Where the text of full pages ends. What runs out of a page (a box that does not part) tells nothing."""
        return [area[3] for area in self._areas[:-1] if area is not None and area[3] < self._height - CLEAR]

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The pages."""
        feet = [box[1] for _, box in self._boxes("formline")]
        bottom = max(self._ends, default=min(feet, default=self._height - 76) - 8)
        sheets = []
        for number, area in enumerate(self._areas):
            top = area[1] if area is not None else 70.0
            end = min(area[3], bottom) if area is not None and number + 1 < len(self._areas) else bottom
            boxes = (one.parts[number] for one in self.elements if one.tag in INK and number in one.parts)
            used = max((min(box[3], end) for box in boxes if box[3] > box[1]), default=top)
            sheets.append(Sheet(top, end, used))
        return sheets

    def _boxes(self, kind: str) -> Iterator[tuple[int, Place]]:
        """Where furniture of a kind stands: page and place, of the whole and of what it holds."""
        wanted = [one for one in self._furniture if kind in one.get("class", "").split()]
        names = [child.get("id", "") for one in wanted for child in one.iter()]
        for number, places in enumerate(self._pages.places):
            yield from ((number, places[name]) for name in names if name in places)

    def more(self) -> dict[str, float]:
        """How much more height in points the furniture needs (`Fit.more`); nothing where all fits."""
        short = dict.fromkeys(PLACES, 0.0)
        for head, clear in HEADS.items():
            for number, box in self._boxes(head):
                own = self._areas[number]
                if own is not None:
                    place = "head" if number else "first"
                    short[place] = max(short[place], box[3] + clear - own[1])
        for _, box in self._boxes("formline"):
            short["foot"] = max(short["foot"], box[3] - (self._height - CLEAR), max(self._ends, default=0.0) - box[1])
        return {place: points for place, points in short.items() if points > TOLERANCE}

    def parted_pairs(self) -> set[int]:
        """The numbers of pairs that should stand side by side, and do not fit on one page."""
        if not self._standard:  # large print has one column
            return set()
        pairs = (one for one in self.elements if "pair" in one.classes and one.parted)
        return {int(one.source.get("data-pair", "0")) for one in pairs}

    def lonely_pairs(self) -> set[int]:
        """The numbers of pairs that begin a page while most of the page before is empty."""
        found = set()
        for one in self.elements:
            if "pair" in one.classes and self._standard and len(one.parts) == 1:
                ((number, box),) = one.parts.items()
                begins = box[1] - self.sheets[number].top < 2 * 17
                if number and begins and self.sheets[number - 1].filled < HALF:
                    found.add(int(one.source.get("data-pair", "0")))
        return found

    def wide_tables(self) -> set[Key]:
        """Tables that are wider than the text."""
        right = max((area[2] for area in self._areas if area is not None), default=0.0)
        return {one.key for one in self.of("table") if any(box[2] > right + TOLERANCE for box in one.parts.values())}

    def tables_of(self, cells: Collection[str]) -> set[Key]:
        """The tables of cells, which are named by their ids."""
        return {one.key for one in self.elements if one.name in cells and one.tag in ("td", "th")}

    def has_tall_rows(self) -> bool:
        """Whether a row of a table is higher than most of a page."""
        return any(
            box[3] - box[1] > TALL * (self.sheets[number].bottom - self.sheets[number].top)
            for row in self.of("tr")
            for number, box in row.parts.items()
        )

    def rows_of_parted_tables(self) -> list[int]:
        """How many rows the tables have that a page end parts."""
        return [sum(1 for _ in one.source.iter("tr")) for one in self.of("table") if one.parted]

    def parted(self, *tags: str) -> int:
        """How many elements of these kinds a page end parts."""
        return sum(one.parted for one in self.elements if one.tag in tags)

    def parted_wholes(self) -> int:
        """How many signatures, fields and boxes with the phone a page end parts."""
        return sum(one.parted for one in self.elements if one.classes & WHOLE)

    def signing_parted(self) -> bool:
        """Whether the signing page takes more than a side; in large print it always does."""
        return self._standard and any("signing" in one.classes and one.parted for one in self.elements)

    def signing_sides(self) -> int:
        """On how many sides people sign."""
        people = (one for one in self.elements if one.classes & {"person", "choice"})
        return len({number for one in people for number in one.parts})

    def smaller_pictures(self, least: float) -> dict[Key, float]:
        """The first picture that begins a page although a smaller one would fit above: how high it may be, in points.

        `least` is the least share of its height. Drawings keep theirs: their labels are type.
        """
        for place, one in enumerate(self.elements):
            if one.tag != "img" or "drawing" in one.classes or len(one.parts) != 1:
                continue
            ((number, box),) = one.parts.items()
            if number == 0 or box[1] - self.sheets[number].top > 2 * 17:
                continue  # it does not begin its page
            above, height = self.sheets[number - 1], box[3] - box[1]
            caption = self._caption(self.elements[place + 1 :], number)
            free = above.bottom - above.used - caption - 12
            if least * height <= free < height:
                return {one.key: free}
        return {}

    @staticmethod
    def _caption(following: Sequence[Element], number: int) -> float:
        """The height in points of the caption that follows a picture, with its distance."""
        for one in following:
            if one.tag == "figcaption":
                box = one.parts.get(number)
                return box[3] - box[1] + 4 if box else 0.0
        return 0.0
