"""The printed library that tests look at, what its sources say, and how a test prints a document of its own.

All documents are printed once a session, by the command line that people use. What outside programs say of them is read
once, by as many programs at a time as the machine has processors, and only when a test asks for it.
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Generic, TypeVar

import pikepdf
import pytest

from clinicpress import files, library, markup
from clinicpress.cache import NO_CACHE
from clinicpress.clinics import ClinicProfile, FontFace, PageProfile, Paper, Print
from clinicpress.documents import (
    KINDS,
    Block,
    Callout,
    Definitions,
    Document,
    Figure,
    Kind,
    Listing,
    Paragraph,
    Review,
    ReviewState,
    Subheading,
    Table,
    figures,
    plain_text,
)
from clinicpress.documents.blocks import Asset
from clinicpress.orders import Order
from clinicpress.pdf import finish
from clinicpress.press import press
from tests import forms
from tests.instruments import extract, letters, paint, tagtree

ROOT = Path(__file__).resolve().parents[1]
TOPIC = "neurotherapy"
CLINICS = {"shipped": ROOT / "clinic.toml", "riverside": ROOT / "samples" / "riverside" / "clinic.toml"}
TODAY = "2026-12-01"  # a day on which the shipped texts are in force and not yet due for review
AT_ONCE = os.cpu_count() or 1

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Wanted:
    """One document as one clinic prints it on one kind of page."""

    clinic: str
    kind: Kind
    print: Print
    paper: Paper

    def __str__(self) -> str:
        return f"{self.clinic}-{self.kind}-{self.print}-{self.paper}"

    @property
    def page(self) -> PageProfile:
        return PageProfile(self.paper, self.print)

    @property
    def name(self) -> str:
        """What it is called in golden files, where the clinic and the paper are always the same."""
        return f"{self.kind}-{self.print}"


BOTH = (KINDS["handout"], KINDS["consent"])
"""The kinds of the shipped texts."""
EVERYTHING = [Wanted(*one) for one in product(CLINICS, BOTH, Print, Paper)]
CONSENTS = [one for one in EVERYTHING if one.kind == KINDS["consent"]]
HANDOUTS = [one for one in EVERYTHING if one.kind == KINDS["handout"]]
STANDARD = [one for one in EVERYTHING if one.print is Print.STANDARD]
LARGE = [one for one in EVERYTHING if one.print is Print.LARGE]
OURS = [one for one in EVERYTHING if one.clinic == "shipped" and one.paper is Paper.LETTER]
HANDOUT, CONSENT = (Wanted("shipped", kind, Print.STANDARD, Paper.LETTER) for kind in BOTH)


USUAL = [
    HANDOUT,
    CONSENT,
    Wanted("shipped", KINDS["consent"], Print.LARGE, Paper.LETTER),
    Wanted("shipped", KINDS["handout"], Print.LARGE, Paper.A4),
    Wanted("riverside", KINDS["handout"], Print.LARGE, Paper.LETTER),
    Wanted("riverside", KINDS["consent"], Print.STANDARD, Paper.A4),
]
"""What `make test` looks at where every document would do: any two of clinic, kind, size and paper meet in every way.

All are printed and proved; the others are looked at by `make soak`.
"""


def each(documents: Sequence[Wanted]) -> list[pytest.ParameterSet]:
    """These documents as parameters of a test, those that can wait marked so."""
    return [pytest.param(one, id=str(one), marks=() if one in USUAL else pytest.mark.soak) for one in documents]


# What the sources say -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sources() -> Mapping[Kind, Document]:
    """The documents as the reading room gives them."""
    documents, problems = library.read_library(ROOT / "handouts", [TOPIC])
    assert not problems
    found = {document.kind: document for document in documents if document.language == "en"}
    assert set(found) == set(BOTH)
    return found


@lru_cache(maxsize=1)
def fonts() -> tuple[FontFace, ...]:
    return library.read_fonts(ROOT / "fonts")


@lru_cache(maxsize=4)
def clinic(name: str) -> ClinicProfile:
    return library.read_clinic(CLINICS[name], {face.family for face in fonts()})


def order(wanted: Wanted, **changes: Any) -> Order:
    """The order that prints it; `clinic` and `document` may be changed."""
    ordered = Order(sources()[wanted.kind], clinic(wanted.clinic), wanted.page, fonts())
    return replace(ordered, **changes)


def in_state(document: Document, state: ReviewState) -> Document:
    """The same text, as if the clinic had decided on it."""
    return replace(document, review=Review(state))


@dataclass(frozen=True)
class Piece:
    """A piece of text that the source holds in one: title, heading, paragraph, list item, cell or caption.

    `where` is the kind of place that it stands in, which decides how wide its lines may run.
    """

    text: str
    where: str

    @property
    def letters(self) -> str:
        """Its text without blanks, which is how it can be found whatever the line ends are."""
        return "".join(extract.normalise(self.text).split())

    @property
    def running(self) -> bool:
        """Whether it is text to be read in lines, as paragraphs and list items are."""
        return self.where in ("opening", "wide", "text")


def pieces(document: Document) -> list[Piece]:
    """All pieces of a document, in reading order. Headings of a consent form without their numbers."""
    found = [Piece(document.title, "title")]
    opening = list(_pieces(document.opening, "opening"))
    found += [replace(piece, where="deck") if place == 0 else piece for place, piece in enumerate(opening)]
    for section in document.sections:
        wide = any(isinstance(block, Table) for block in section.blocks)
        found += [Piece(section.heading, "heading"), *_pieces(section.blocks, "wide" if wide else "text")]
    for note in document.notes:
        found += _pieces(note, "text")
    return [piece for piece in found if piece.letters]


def _pieces(blocks: Sequence[Block], where: str) -> Iterator[Piece]:
    for block in blocks:
        match block:
            case Paragraph(content) | Subheading(content):
                yield Piece(plain_text(content), where)
            case Listing(items):
                for item in items:
                    yield from _pieces(item, where)
            case Definitions(entries):  # a term and its explanation are one list item
                for term, explanation in entries:
                    first, *others = _pieces(explanation, where)
                    yield from (Piece(f"{plain_text(term)}: {first.text}", where), *others)
            case Callout(_, content):
                yield from _pieces(content, where)
            case Table(head, groups):
                rows = [head, *(row for group in groups for row in group)]
                yield from (Piece(plain_text(cell.content), "cell") for row in rows for cell in row)
            case Figure(caption=caption):
                yield Piece(caption, "caption")


def headings(document: Document) -> list[str]:
    return [piece.text for piece in pieces(document) if piece.where in ("title", "heading")]


def table_heads(document: Document) -> list[str]:
    """The words of the head cells of all tables."""
    return [
        plain_text(cell.content)
        for block in document.blocks()
        if isinstance(block, Table)
        for cell in block.head
        if cell.heading
    ]


def alternatives(document: Document) -> list[str]:
    return [figure.alternative for figure in figures(tuple(document.blocks()))]


# What was printed ---------------------------------------------------------------------------------------------------


class _Ahead(Generic[T]):
    """Asks an outside program about all usual documents as soon as a test asks about one: several work at a time."""

    def __init__(self, read: Callable[[Path], T], paths: Sequence[Path], pool: ThreadPoolExecutor) -> None:
        self._read, self._paths, self._pool = read, paths, pool
        self._answers: dict[Path, Future[T]] = {}

    def __call__(self, path: Path) -> T:
        ahead = () if self._answers else self._paths
        for one in (path, *ahead):
            if one not in self._answers:
                self._answers[one] = self._pool.submit(self._read, one)
        return self._answers[path].result()


class Readings:
    """What outside programs say of the printed documents."""

    def __init__(self, paths: Sequence[Path], pool: ThreadPoolExecutor) -> None:
        self.poppler = _Ahead(extract.poppler_pages, paths, pool)
        self.pdfjs = _Ahead(extract.pdfjs_pages, paths, pool)
        self.tags = _Ahead(tagtree.tagged_pages, paths, pool)
        self.coarse = _Ahead(lambda path: paint.paint(path, "poppler", dpi=100), paths, pool)


@dataclass(frozen=True)
class Element:
    """An element of the tag tree of the whole document: an element that a page end parts is one."""

    role: str
    parents: tuple[str, ...]
    text: str
    marks: tuple[tuple[int, int], ...]  # page (from 1) and number of each marked content, in the order of reading
    alternative: str
    attributes: Mapping[str, Any]  # Scope, ListNumbering … as words, BBox as four numbers

    @property
    def letters(self) -> str:
        return "".join(self.text.split())

    @property
    def pages(self) -> list[int]:
        """The pages (from 1) that hold its words or its drawing."""
        return sorted({page for page, _ in self.marks})


def elements(pdf: Path, pages: Sequence[tagtree.TaggedPage]) -> list[Element]:
    """The elements of the tag tree from top to bottom, with the words that pdf.js reads in them, page by page.

    pdf.js does not say which marked content a piece of text is, but it keeps the order of the tree on each page.
    """
    words = [iter([node.piece for node in page.tree.find(tagtree.TEXT)]) for page in pages]
    found: list[Element] = []
    with pikepdf.open(pdf) as document:
        numbers = {page.objgen: number for number, page in enumerate(document.pages, start=1)}

        def read(element: Any, parents: tuple[str, ...], page: Any) -> tuple[str, tuple[tuple[int, int], ...]]:
            page = element.get("/Pg", page)
            role = str(element.get("/S", "/Root"))[1:]
            place = len(found)
            found.append(Element(role, parents, "", (), "", {}))  # its place: before what it holds
            said, on = "", tuple[tuple[int, int], ...]()
            for kid in _several(element.get("/K")):
                marked = not isinstance(kid, pikepdf.Dictionary)
                if marked or "/MCID" in kid:
                    inside, mark = (page, kid) if marked else (kid.get("/Pg", page), kid.MCID)
                    number = numbers[inside.objgen]
                    said += next(words[number - 1])
                    on += ((number, int(mark)),)
                elif "/Obj" not in kid:
                    text, where = read(kid, (*parents, role), page)
                    said += text
                    on += where
            facts = {
                key[1:]: [float(side) for side in value] if key == "/BBox" else str(value).removeprefix("/")
                for given in _several(element.get("/A"))
                for key, value in given.items()
                if key != "/O"
            }
            alternative = str(element.get("/Alt", ""))
            found[place] = Element(role, parents, extract.normalise(said), on, alternative, facts)
            return said, on

        read(document.Root.StructTreeRoot, (), None)
    assert [list(rest) for rest in words] == [[]] * len(pages)
    return found


def _several(value: Any) -> list[Any]:
    """What may be there, once or several times, as a list."""
    return [] if value is None else list(value) if isinstance(value, pikepdf.Array) else [value]


class Printed:
    """A printed document: the file, the facts in the manifest, what it was made from, and what others read in it."""

    def __init__(self, wanted: Wanted, path: Path, facts: Mapping[str, Any], readings: Readings) -> None:
        self.wanted, self.path, self.facts, self._readings = wanted, path, facts, readings
        self.document = sources()[wanted.kind]
        self.clinic = clinic(wanted.clinic)
        self.page = wanted.page

    @property
    def pages(self) -> int:
        return int(self.facts["pages"])

    @property
    def pieces(self) -> list[Piece]:
        return pieces(self.document)

    @property
    def texts(self) -> dict[str, list[str]]:
        """The text of each page, by the program that extracted it."""
        return {"poppler": self.text, "pdfium": self._pdfium, "pdf.js": self._readings.pdfjs(self.path)}

    @property
    def text(self) -> list[str]:
        return self._readings.poppler(self.path)

    @cached_property
    def _pdfium(self) -> list[str]:
        return extract.pdfium_pages(self.path)

    @property
    def tags(self) -> list[tagtree.TaggedPage]:
        return self._readings.tags(self.path)

    @cached_property
    def elements(self) -> list[Element]:
        return elements(self.path, self.tags)

    @cached_property
    def characters(self) -> list[letters.Char]:
        return letters.characters(self.path)

    @cached_property
    def lines(self) -> list[letters.Line]:
        return letters.lines(self.characters)

    @property
    def coarse(self) -> list[paint.Picture]:
        """A grey picture of each page at 100 dots an inch."""
        return self._readings.coarse(self.path)


Library = Mapping[Wanted, Printed]


def command(name: str, out: Path, *options: str) -> list[str]:
    """The command line that prints everything of one clinic."""
    words = [
        sys.executable,
        str(ROOT / "generate.py"),
        "build",
        "--paper-form",
        TOPIC,
        "--clinic",
        str(CLINICS[name]),
        "--out",
        str(out),
    ]
    words += ["--handouts", str(ROOT / "handouts"), "--today", TODAY, "--json", *options]
    return words


ALL_PAGES = [word for size in Print for word in ("--profile", str(size))]
ALL_PAGES += [word for paper in Paper for word in ("--paper", str(paper))]


@contextmanager
def print_library(folder: Path, cache: Path) -> Iterator[Library]:
    """Prints everything, if no other process of this test run did, and stops whatever still reads it in the end."""
    said = folder / "said.json"
    with files.alone(folder, 300):
        if not said.exists():
            said.write_text(json.dumps(_said(folder, cache)))
    made: dict[Wanted, tuple[Path, Mapping[str, Any]]] = {}
    for name, entries in json.loads(said.read_text()).items():
        for entry in entries:
            wanted = Wanted(name, KINDS[entry["kind"]], Print(entry["profile"]), Paper(entry["paper"]))
            made[wanted] = (folder / name / entry["file"], entry)
    assert set(made) == set(EVERYTHING)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        readings = Readings([made[wanted][0] for wanted in USUAL], pool)
        yield {wanted: Printed(wanted, path, facts, readings) for wanted, (path, facts) in made.items()}
    finally:
        pool.shutdown(cancel_futures=True)


def _said(folder: Path, cache: Path) -> dict[str, list[dict[str, Any]]]:
    """Prints one clinic beside the other, and tells what the command line said of the files."""
    runs = {
        name: subprocess.Popen(
            command(name, folder / name, *ALL_PAGES, "--lang", "en"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "1", "CLINICPRESS_CACHE": str(cache)},
        )
        for name in CLINICS
    }
    said = {}
    for name, run in runs.items():
        told, complaint = run.communicate(timeout=300)
        assert run.returncode == 0, complaint
        said[name] = json.loads(told)["files"]
    return said


# Documents of a test's own ------------------------------------------------------------------------------------------


def produce(ordered: Order, folder: Path, name: str = "made", css: str = "") -> Path:
    """Prints an order into a file, with a style sheet of the test's own behind all others: to see a guard fail.

    Without one, pages that this run has set before are finished and proved again, but not set again.
    """
    with pytest.MonkeyPatch.context() as patch:
        if css:
            styles = markup._styles

            def spoiled(one: Order, *words: object) -> dict[str, Asset]:
                return styles(one, *words) | {"asset:zz-spoiled.css": Asset("zz-spoiled.css", css.encode(), "text/css")}

            patch.setattr(markup, "_styles", spoiled)
            patch.setattr(finish, "refuse", lambda faults: None)  # the proof would see what other guards are to see
        path = folder / f"{name}.pdf"
        with warnings.catch_warnings():  # WeasyPrint leaves its colour profile open; the command line never shows that
            warnings.filterwarnings("ignore", message="unclosed file.*sRGB", category=ResourceWarning)
            path.write_bytes(press.produce(ordered, NO_CACHE if css else forms.kept).pdf)
        return path


def consent() -> Document:
    document = sources()[KINDS["consent"]]
    assert document.kind.is_form
    return document
