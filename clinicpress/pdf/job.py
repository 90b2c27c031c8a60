"""One print job for a whole morning: the documents of many patients in one file, page beside page.

What is the same on every copy stands in the file once. What each patient has of their own (pages, values, tags) is
written in groups, the same element of many patients side by side, so that neighbours differ in a few digits and the
compression sees it. Only one group is held in memory.

Object m of patient k among n has the number m * n + k, counted from the first. So neighbours in the file differ in the
last digits only, and the compression makes a few bytes of each.
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from types import TracebackType
from typing import Self, TypeVar

from clinicpress.clinics import FontFace
from clinicpress.errors import RenderError
from clinicpress.pdf import syntax
from clinicpress.pdf.job_template import Mould, SharedStore, take_apart, take_whole
from clinicpress.pdf.metadata import PRODUCER, packet, pdf_day
from clinicpress.pdf.plate import Picture, Plate, ValuePlace, font_objects
from clinicpress.pdf.shaping import LetterCluster
from clinicpress.pdf.syntax import LongFile
from clinicpress.pdf.value_fonts import ValueFonts

_Key = TypeVar("_Key")
_Thing = TypeVar("_Thing")
MOST_OBJECTS = 8_388_607
"""Objects in one file. Source: ISO 19005-3, 6.1.13."""
GROUP = 100
"""Documents that are written together: more would save little, and cost memory."""
_REMEMBERED = 4_096  # drawings of values; the last patients' names seldom come again, but the day and the clinician do
_FONTS_REMEMBERED = 256
_MOULDS_REMEMBERED = 64  # a document that needed a full rendering is a plate of its own, and never comes again
_LEAF = 50  # rows in a leaf of the table from pages to tags, of about half a kilobyte each
_CATALOG, _PAGES, _DOCUMENT, _TREE, _PARENTS, _INFO = range(1, 7)  # written last
_SHORTEST = 20  # bytes of an object of somebody else's file, or more
_CLOSING = 100  # objects at the end of the file, with room to spare


@dataclass(frozen=True, slots=True)
class _Copy:
    """One patient's document that waits for its group: which mould, and the numbers of its drawings by place."""

    mould: Mould
    drawings: tuple[int, ...]


class PrintJob:
    """A print file that is being written. Documents come in the order of the day; leaving the `with` block ends it.

        with PrintJob(file.write, "Print job, 2026-11-24", day, "The clinic") as job:
            job.add(plate, values, faces)

    Between a document of an odd number of pages and the next one stands an empty page: printed on both sides, none
    begins on the back of another. A document that cannot be added leaves the job as it was. When an error ends the
    block, the file stays without its end: write to a temporary file. `most_objects` is the limit of the format.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        title: str,
        day: date,
        author: str,
        *,
        most_objects: int = MOST_OBJECTS,
        group: int = GROUP,
    ) -> None:
        self._file = LongFile(write, reserved=_INFO)
        self._said = {"title": title, "author": author, "keywords": "print job", "producer": PRODUCER}
        self._day = day
        self._most, self._group = most_objects, group
        self._moulds: OrderedDict[tuple[str, tuple[ValuePlace, ...]], Mould] = OrderedDict()
        self._languages, self._intents = dict[str, None](), set[bytes]()
        self._files: dict[str, int] = {}
        self._stored: dict[bytes, int] = {}
        self._attached: dict[int, str] = {}
        self._drawings: OrderedDict[bytes, int] = OrderedDict()
        self._fonts: OrderedDict[tuple[FontFace, tuple[LetterCluster, ...]], int] = OrderedDict()
        self._waiting: list[_Copy] = []
        self._waiting_objects = 0
        self._documents, self._page_leaves, self._tag_leaves = array("I"), array("I"), array("I")
        self._pages = self._keys = 0
        self.claims = True  # both standards; a job that holds somebody else's file has neither
        self._back = b""  # of the document that was written last
        self._shelf = SharedStore(self._store, self._store_stream, self._name_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    @property
    def pages(self) -> int:
        """How many pages the file has once it is closed, with the empty ones between documents."""
        return self._pages

    def has_room(self, *plates: Plate, bytes_of_others: int = 0) -> bool:
        """Whether documents of these plates fit into the file; if not, begin another file with them."""
        more = bytes_of_others // _SHORTEST  # at most, as below: shared parts count too
        more += sum(one.first + 2 * len(one.places) + _CLOSING for one in plates)
        written = self._file.next + self._waiting_objects + more
        return written + written // _LEAF + _CLOSING <= self._most

    def add(self, plate: Plate, values: Mapping[str, str], faces: tuple[FontFace, ...]) -> None:
        """Adds a document. `values` are printed texts, one for each opening of the plate.

        Raises what `Plate.tail` raises, and `RenderError` for a plate that cannot go into a print job or when the file
        is full (ask `has_room`).
        """
        if not self.has_room(plate):
            raise RenderError("The print file is full. Begin another one with this document.")
        fonts = ValueFonts(faces)
        pictures = plate.pictures(values, fonts)
        mould = self._mould(plate, faces)
        composite = {number: self._font(face, clusters) for number, face, clusters in fonts.composite()}
        drawn = (
            self._drawing(place, picture, mould.fonts[place.simple_font], composite)
            for place, picture in zip(plate.places, pictures, strict=True)
        )
        self._wait(_Copy(mould, tuple(drawn)))

    def take(self, data: bytes, language: str, title: str) -> None:
        """Adds somebody else's document as it is. Raises `RenderError`."""
        key = hashlib.sha256(data).hexdigest(), ()
        self._languages[language], self.claims = None, False
        if (mould := _recalled(self._moulds, key)) is None:
            mould = take_whole(data, language, title, self._shelf, _DOCUMENT)
        self._wait(_Copy(_remembered(self._moulds, key, mould, _MOULDS_REMEMBERED), ()))

    def _wait(self, copy: _Copy) -> None:
        mould = copy.mould
        self._waiting.append(copy)
        self._waiting_objects += mould.own + bool(mould.back)
        if len(self._waiting) >= self._group:
            self._write_group()

    # What is stored once ----------------------------------------------------------------------------------------------

    def _mould(self, plate: Plate, faces: tuple[FontFace, ...]) -> Mould:
        key = plate.digest(b""), plate.places
        if (known := _recalled(self._moulds, key)) is not None:
            return known
        mould = take_apart(plate, faces, self._shelf, _DOCUMENT)
        if self._intents | {mould.intents} != {mould.intents}:
            raise RenderError("Documents of one print job have two kinds of colours. Please report this.")
        self._intents.add(mould.intents)
        self._languages[mould.language] = None
        self._files |= mould.files
        return _remembered(self._moulds, key, mould, _MOULDS_REMEMBERED)

    def _store(self, written: bytes) -> int:
        key = hashlib.sha256(written).digest()
        if key not in self._stored:
            self._stored[key] = self._file.packed([written])
        return self._stored[key]

    def _store_stream(self, said: bytes, data: bytes) -> int:
        key = hashlib.sha256(said + b"stream" + data).digest()
        if key not in self._stored:
            self._stored[key] = self._file.stream(said, data)
        return self._stored[key]

    def _name_file(self, number: int) -> str:
        return self._attached.setdefault(number, f"document-{len(self._attached) + 1:04d}.json")

    # What each patient has --------------------------------------------------------------------------------------------

    def _font(self, face: FontFace, clusters: tuple[LetterCluster, ...]) -> int:
        """The number of a composite font of values."""
        key = face, clusters
        if (known := _recalled(self._fonts, key)) is not None:
            return known
        number = self._file.next
        for written in font_objects(face, clusters, number):
            self._file.whole(written)
        return _remembered(self._fonts, key, number, _FONTS_REMEMBERED)

    def _drawing(self, place: ValuePlace, picture: Picture, simple: int, composite: Mapping[int, int]) -> int:
        """The number of a value's drawing. A page that repeats the name in the same place has the same drawing."""
        others = b"".join(b"/F%d %d 0 R" % (one, composite[one]) for one in sorted(picture.fonts) if one)
        resources = b"<</Font<</F0 %d 0 R%b>>>>" % (simple, others)
        said = b"<</Subtype/Form/BBox[0 0 %g %g]/Resources %b/Length %d>>" % (
            round(place.width, 3),
            round(place.height, 3),
            resources if others else b"%d 0 R" % self._store(resources),
            len(picture.content),
        )
        key = hashlib.sha256(said + picture.content).digest()
        if (known := _recalled(self._drawings, key)) is not None:
            return known
        return _remembered(self._drawings, key, self._file.stream(said, picture.content), _REMEMBERED)

    def _write_group(self) -> None:
        """Writes the documents that wait: a leaf of the tree of pages, what is their own, and the way back to tags."""
        copies, self._waiting, self._waiting_objects = self._waiting, [], 0
        by_mould: dict[int, list[int]] = {}  # places in the order of the day
        for at, copy in enumerate(copies):
            by_mould.setdefault(id(copy.mould), []).append(at)
        leaf = self._file.next
        objects, rows = list[bytes](), list[bytes]()
        numbers: dict[int, tuple[int, int]] = {}  # of a copy's first object, and the step from one to the next
        for places in by_mould.values():
            drawings = [copies[at].drawings for at in places]
            start, key = leaf + 1 + len(objects), self._keys + len(rows)
            abreast = Abreast(copies[places[0]].mould, drawings, start, key, leaf)
            numbers |= {at: (start + nth, len(places)) for nth, at in enumerate(places)}
            objects += abreast.objects()
            rows += abreast.rows()
        pages: list[int] = []
        for at, copy in enumerate(copies):
            if self._back:
                pages.append(leaf + 1 + len(objects))
                objects.append(self._back % leaf)
            self._back = copy.mould.back
            first, step = numbers[at]
            pages += range(first, first + len(copy.mould.pages) * step, step)
            self._documents.append(first + copy.mould.keys * step)
        said = b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%b]>>" % (_PAGES, len(pages), _references(pages))
        self._page_leaves.append(self._file.packed([said, *objects]))
        self._pages += len(pages)
        self._write_rows(rows)

    def _write_rows(self, rows: Sequence[bytes]) -> None:
        """The table from the keys of pages and links to the tags: leaves, and a branch that holds them."""
        spans = [(at, min(at + _LEAF, len(rows))) for at in range(0, len(rows), _LEAF)]
        leaves = [
            b"<</Limits[%d %d]/Nums[%b]>>" % (self._keys + start, self._keys + end - 1, b" ".join(rows[start:end]))
            for start, end in spans
        ]
        first = self._file.next
        limits = self._keys, self._keys + len(rows) - 1
        branch = b"<</Limits[%d %d]/Kids[%b]>>" % (*limits, _references(range(first, first + len(leaves))))
        self._file.packed([*leaves, branch])
        self._tag_leaves.append(first + len(leaves))
        self._keys += len(rows)

    # The end ----------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Ends the file. A job without a document is refused."""
        if self._waiting:
            self._write_group()
        if not self._documents:
            raise RenderError("A print job needs at least one document.")
        languages = list(self._languages)
        said = {**self._said, "subject": f"{len(self._documents)} documents, {self._pages} pages"}
        metadata = packet(said, languages, self._day, claims=self.claims)
        number = self._file.stream(b"<</Type/Metadata/Subtype/XML/Length %d>>" % len(metadata), metadata)
        self._file.close(list(self._reserved(said, languages, number)), _CATALOG, _INFO)

    def _reserved(self, said: Mapping[str, str], languages: Sequence[str], metadata: int) -> Iterator[bytes]:
        """What is written last, in the order of the numbers reserved for it."""
        files, intents = sorted(self._files.items()), min(self._intents, default=b"[]")
        marked = b"<</Marked true>>" if self.claims else b"<</Marked true/Suspects true>>"  # some pages have no tags
        yield (
            b"<</Type/Catalog/Pages %d 0 R/StructTreeRoot %d 0 R/Metadata %d 0 R/Lang %b/MarkInfo%b"
            b"/ViewerPreferences<</DisplayDocTitle true/Duplex/DuplexFlipLongEdge/PrintScaling/None>>"
            b"/OutputIntents %b/AF[%b]/Names<</EmbeddedFiles<</Names[%b]>>>>>>"
        ) % (
            *(_PAGES, _TREE, metadata, syntax.text_string(languages[0]), marked, intents),
            _references(number for _, number in files),
            b" ".join(b"%b %d 0 R" % (syntax.text_string(name), number) for name, number in files),
        )
        yield b"<</Type/Pages/Count %d/Kids[%b]>>" % (self._pages, _references(self._page_leaves))
        yield b"<</S/Document/P %d 0 R/K[%b]>>" % (_TREE, _references(self._documents))
        yield b"<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>" % (
            *(_DOCUMENT, _PARENTS, self._keys),
        )
        yield b"<</Kids[%b]>>" % _references(self._tag_leaves)
        day = pdf_day(self._day)
        info = {**said, "creator": PRODUCER, "creationDate": day, "modDate": day}
        pairs = (f"/{key[0].upper()}{key[1:]}".encode() + syntax.text_string(value) for key, value in info.items())
        yield b"<<%b>>" % b"".join(pairs)


def _references(numbers: Iterable[int]) -> bytes:
    return b" ".join([b"%d 0 R" % number for number in numbers])


def _recalled(known: "OrderedDict[_Key, _Thing]", key: _Key) -> _Thing | None:
    """What was remembered, if it was not forgotten since."""
    if key in known:
        known.move_to_end(key)
    return known.get(key)


def _remembered(known: "OrderedDict[_Key, _Thing]", key: _Key, thing: _Thing, most: int) -> _Thing:
    """Remembers a thing, and forgets the one that was not asked for the longest."""
    known[key] = thing
    if len(known) > most:
        known.popitem(last=False)
    return thing


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
