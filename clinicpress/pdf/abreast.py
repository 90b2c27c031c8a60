"""Writes what many patients have of their own side by side: the same page of each, then the next; so with the tags.

Object m of patient k among n has the number m * n + k, counted from the first. So neighbours in the file differ in the
last digits only, and the compression makes a few bytes of each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from clinicpress.pdf.mould import Mould


@dataclass(frozen=True, slots=True)
class Abreast:
    """Patients whose documents come from the same mould.

    `drawings` are for each patient the numbers of the drawn values by place, `start` is the number of the first object,
    `key` the first key of the table from pages to tags, and `parent` the node of the tree of pages.
    """

    mould: Mould
    drawings: Sequence[tuple[int, ...]]
    start: int
    key: int
    parent: int

    def numbers(self, own: int) -> range:
        """The numbers of an own object, patient by patient."""
        return self._span(self.start, own)

    def _span(self, first: int, own: int) -> range:
        count = len(self.drawings)
        return range(first + own * count, first + (own + 1) * count)

    def objects(self) -> Iterator[bytes]:
        """All own objects, in the order of their numbers: pages, links, elements."""
        for own, page in enumerate(self.mould.pages):
            drawn = ([one[place] for one in self.drawings] for place in page.places)
            links = (self.numbers(link) for link in page.links)
            yield from _filled(page.text, repeat(self.parent), *drawn, *links, self._span(self.key, own))
        for own, link in enumerate(self.mould.links, len(self.mould.pages)):
            yield from _filled(link, self._span(self.key, own))
        for element in self.mould.elements:
            yield from _filled(element.text, *map(self.numbers, element.gaps))

    def rows(self) -> Iterator[bytes]:
        """The rows of the table from pages and links to tags, by their keys."""
        for own, row in enumerate(self.mould.rows):
            yield from _filled(b"%d" + row.text, self._span(self.key, own), *map(self.numbers, row.gaps))
        for own, element in enumerate(self.mould.linked, len(self.mould.rows)):
            yield from _filled(b"%d %d 0 R", self._span(self.key, own), self.numbers(element))


def _filled(text: bytes, *columns: Iterable[int]) -> Iterator[bytes]:
    """A text for each patient; each column holds what goes into one of its gaps."""
    return (text % numbers for numbers in zip(*columns, strict=False))
