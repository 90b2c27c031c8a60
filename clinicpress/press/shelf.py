"""What lies on the shelf: read, looked at by the careful editor, and which of it may be printed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from clinicpress import library
from clinicpress.clinics import ClinicProfile, FontFace
from clinicpress.documents import KINDS, Document, Glossary, Kind, text_name
from clinicpress.documents.passages import PASSAGES, told_places
from clinicpress.errors import ContentError, InputError, Problem, Severity
from clinicpress.fingerprint import Content
from clinicpress.press.fixed import with_seen
from clinicpress.press.values import with_values
from clinicpress.words import SOURCE

ROOT = Path(__file__).resolve().parents[2]  # of the product: its fonts, and the glossary that it brings


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the content lies, whose clinic it is, and which day it is taken to be."""

    handouts: Path
    clinic: Path
    today: date

    @property
    def kinds_folder(self) -> Path:
        """Where the clinic's own kinds of paper are, beside its profile."""
        return self.clinic.parent / library.KINDS_FOLDER


@dataclass(frozen=True, slots=True)
class Stock:
    """All that was read from a shelf, and everything that is wrong with it.

    `content` is what its files held when they were read, where that was looked at (`press.kept`).
    """

    shelf: Shelf
    documents: tuple[Document, ...]
    clinic: ClinicProfile | None
    fonts: tuple[FontFace, ...]
    problems: tuple[Problem, ...]
    glossary: Glossary
    content: Content | None = field(default=None, compare=False, repr=False)

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of paper that the clinic has; those that ship while its profile cannot be read."""
        return self.clinic.kinds if self.clinic else KINDS


@dataclass(frozen=True, slots=True)
class Printable:
    """What may be printed: the clinic, its texts, and the errors that stand in the way of each other text.

    `faults` are named by topic, kind and language, as the name of a file says them; so they also name texts that could
    not be read at all.
    """

    clinic: ClinicProfile
    documents: tuple[Document, ...]
    faults: Mapping[tuple[str, str, str], tuple[Problem, ...]] = field(repr=False)


def printable(stock: Stock, *, all_of_it: bool = False) -> Printable:
    """Which texts may be printed: those that have no errors, and whose leaflet and original have none.

    A text with errors stops only those who ask for it. Raises `ContentError` for errors of the clinic's profile, which
    stop everything; and for any error when `all_of_it`, whatever was read, is asked for.
    """
    errors = [one for one in stock.problems if one.severity is Severity.ERROR]
    of_texts: dict[Path, list[Problem]] = {}
    for one in errors:
        if _is_of_a_topic(Path(one.file), stock.shelf):
            of_texts.setdefault(Path(one.file), []).append(one)
    of_clinic = [one for one in errors if Path(one.file) not in of_texts]
    if stock.clinic is None or of_clinic or (all_of_it and errors):
        raise ContentError(errors if all_of_it else of_clinic)
    folder = stock.shelf.handouts / PASSAGES
    faults = {_named(file): tuple(found) for file, found in of_texts.items() if file.parent != folder}
    for document in stock.documents:
        if found := [one for file in _files_behind(document, stock.shelf) for one in of_texts.get(file, ())]:
            faults[_named(document.file)] = tuple(found)
    good = tuple(one for one in stock.documents if _named(one.file) not in faults)
    return Printable(stock.clinic, good, faults)


def held_back(stock: Stock) -> frozenset[str]:
    """The files whose text cannot be printed as it is: errors in it, or in what it refers to, stand in the way."""
    errors = frozenset(one.file for one in stock.problems if one.severity is Severity.ERROR)
    try:
        good = {one.file for one in printable(stock).documents}
    except ContentError:  # of the clinic's profile, which stop every text
        good = set[Path]()
    return errors | {str(one.file) for one in stock.documents if one.file not in good}


def _is_of_a_topic(file: Path, shelf: Shelf) -> bool:
    """Whether a file lies in the folder of a topic, so that its errors are those of some texts only."""
    return file.parent.parent == shelf.handouts != file.parent and file != shelf.clinic


def _named(file: Path) -> tuple[str, str, str]:
    """The topic, kind and language that the name of a file says."""
    kind, _, language = text_name(file).partition(".")
    return file.parent.name, kind, language


def _files_behind(document: Document, shelf: Shelf) -> Iterator[Path]:
    """The files without which a document may not be printed, also those that could not be read.

    They are its own, its original's and its leaflet's, those of their passages, and the records of who stands behind
    them.
    """
    source = document.translation.source if document.translation else SOURCE
    files = [document.file, document.file.with_name(f"{document.kind}.{source}.md")]
    known = [one for one in (document, document.original, document.leaflet) if one is not None]
    files += (use.file for one in known for use in one.passages)
    for one in (document, document.original):
        if one is not None and one.leaflet is not None:
            files.append(one.leaflet.file)
        elif one is not None and one.handout:
            files += (shelf.handouts / one.handout / f"{one.kind.leaflet}.{tag}.md" for tag in (one.language, SOURCE))
    yield from dict.fromkeys((*files, *(file.with_name(library.REVIEW) for file in files)))


def take_stock(
    shelf: Shelf,
    topics: tuple[str, ...],
    kind: str | None = None,
    languages: tuple[str, ...] = (),
    when_read: Callable[[Stock], None] | None = None,
) -> Stock:
    """Reads the content, or what is asked for of it, the profile and the fonts, and checks them.

    What a document refers to is checked with it: its leaflet, and the original of a translation. `when_read` is told
    what was read, when there was nothing wrong with it; the rules come after that.
    Raises `InputError` for a missing folder or file, or an unknown topic.
    """
    fonts = library.read_fonts(ROOT / "fonts")
    kinds, problems = library.read_kinds(shelf.kinds_folder)
    try:
        documents, faults = library.read_library(shelf.handouts, topics, shelf.today, kind, languages, kinds)
    except InputError:
        if problems:  # the topic may be there, and its kind could not be read
            raise ContentError(problems) from None
        raise
    documents = with_seen(documents)
    problems += faults
    clinic, faults = library.examine_clinic(shelf.clinic, {face.family for face in fonts}, kinds)
    problems += faults
    documents, faults = with_values(documents, clinic, shelf.today)
    problems += faults
    glossary, faults = library.read_glossary((ROOT / "handouts", shelf.handouts))
    problems += faults
    if when_read and clinic and documents and not any(problem.severity is Severity.ERROR for problem in problems):
        when_read(Stock(shelf, tuple(documents), clinic, fonts, tuple(problems), glossary))
    from clinicpress.lint import Context, check_clinic, check_document  # noqa: PLC0415  not while pages could be set

    characters = frozenset().union(*(face.coverage for face in fonts))
    context = Context(shelf.today, characters, clinic=clinic, glossary=glossary)
    if clinic is not None:
        problems += check_clinic(clinic, context)
    every = with_what_they_refer_to(documents)
    for document in every:
        problems += check_document(document, context)
    problems = told_once(problems, every)
    return Stock(shelf, tuple(documents), clinic, fonts, tuple(problems), glossary)


def told_once(problems: Sequence[Problem], documents: Sequence[Document]) -> list[Problem]:
    """Findings as a person reads them: one about a passage once, with the documents in which it stands."""
    places: dict[str, list[tuple[Path, int]]] = {}
    for document in documents:
        for use in document.passages:
            places.setdefault(str(use.file), []).append((document.file, use.line))
    if not places:
        return list(problems)
    told = (
        replace(one, remedy=f"{one.remedy} {told_places(places[one.file])}") if one.file in places else one
        for one in problems
    )
    return list(dict.fromkeys(told))


def with_what_they_refer_to(documents: Sequence[Document]) -> list[Document]:
    """Documents, then the leaflets and originals among which none of them is, each once."""
    found = {document.file: document for document in documents}
    for document in documents:
        texts = [one for one in (document, document.original) if one is not None]
        for one in (*texts, *(text.leaflet for text in texts)):
            if one is not None:
                found.setdefault(one.file, one)
    return list(found.values())
