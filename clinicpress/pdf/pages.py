"""A document set in pages: the PDF as the engine wrote it, and where each element of the HTML stands, page by page.

Every element that becomes a tag gets an id, from the first to the last. The engine tells the place of each id page by
page (`Page.anchors`, public in WeasyPrint), and so tags, measures and proof can ask for an element by its name.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count

from clinicpress.errors import RenderError

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
"""HTML elements that become elements of the tag tree. Any other only wraps."""
PIXEL = 0.75  # points: what the engine measures in
_NAMED = re.compile(rf"<(body|div|figure|{'|'.join(TAGS)})(?=[\s>/])")

Place = tuple[float, float, float, float]
"""Left, top, right and bottom in points, from the top left corner of the page."""
Places = Mapping[str, Place]
"""Where the elements of a page stand that have a part there, by their ids."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A document in pages: its PDF, tagged but not yet conforming, and for each page what stands where."""

    pdf: bytes = field(repr=False)
    places: tuple[Places, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """How many pages."""
        return len(self.places)

    def to_bytes(self) -> bytes:
        """These pages as they are kept. The same pages give the same bytes."""
        places = json.dumps(self.places, separators=(",", ":")).encode()
        return len(places).to_bytes(4, "big") + places + self.pdf

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Pages":
        """What `to_bytes` gave."""
        end = 4 + int.from_bytes(kept[:4], "big")
        places = ({name: tuple(place) for name, place in one.items()} for one in json.loads(kept[4:end]))
        return cls(kept[end:], tuple(places))


def numbered(html: str) -> str:
    """The same page, with an id on each element that is asked for later: e0, e1 and so on, in their order."""
    start, numbers = max(html.find("<body"), 0), count()
    return html[:start] + _NAMED.sub(lambda found: f'<{found[1]} id="e{next(numbers)}"', html[start:])


@lru_cache(maxsize=8)
def body_of(html: str) -> ET.Element:
    """What stands in a page, its elements with their ids. Raises `RenderError` when there is nothing."""
    body = ET.fromstring(numbered(html)).find("body")  # noqa: S314  our own templates wrote it
    if body is None:
        raise RenderError("The page has no body. This is a fault of the templates: please report it.")
    return body
