"""What lies on the shelf: read, and looked at by the careful editor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from clinicpress import library
from clinicpress.clinics import ClinicProfile, FontFace
from clinicpress.documents import ConsentForm, Document, Glossary, Kind
from clinicpress.errors import ContentError, Problem, Severity
from clinicpress.fingerprint import Content

ROOT = Path(__file__).resolve().parents[1]  # of the product: its fonts, and the glossary that it brings


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the content lies, whose clinic it is, and which day it is taken to be."""

    handouts: Path
    clinic: Path
    today: date


@dataclass(frozen=True, slots=True)
class Stock:
    """All that was read from a shelf, and everything that is wrong with it.

    `content` is what its files held when they were read, where that was looked at (`kept`).
    """

    documents: tuple[Document, ...]
    clinic: ClinicProfile | None
    fonts: tuple[FontFace, ...]
    problems: tuple[Problem, ...]
    glossary: Glossary
    content: Content | None = field(default=None, compare=False, repr=False)

    def sound_clinic(self) -> ClinicProfile:
        """The clinic, when nothing of all this stands in the way of a print. Raises `ContentError`."""
        errors = [problem for problem in self.problems if problem.severity is Severity.ERROR]
        if errors or self.clinic is None:
            raise ContentError(errors)
        return self.clinic


def take_stock(
    shelf: Shelf,
    topics: tuple[str, ...],
    kind: Kind | None = None,
    languages: tuple[str, ...] = (),
    when_read: Callable[[Stock], None] | None = None,
) -> Stock:
    """Reads the content, or what is asked for of it, the profile and the fonts, and checks them.

    What a document refers to is checked with it: its leaflet, and the original of a translation. `when_read` is told
    what was read, when there was nothing wrong with it; the rules come after that.
    Raises `InputError` for a missing folder or file, or an unknown topic.
    """
    fonts = library.read_fonts(ROOT / "fonts")
    documents, problems = library.read_library(shelf.handouts, topics, shelf.today, kind, languages)
    clinic, faults = library.examine_clinic(shelf.clinic, {face.family for face in fonts})
    problems += faults
    glossary, faults = library.read_glossary((ROOT / "handouts", shelf.handouts))
    problems += faults
    if when_read and clinic and documents and not any(problem.severity is Severity.ERROR for problem in problems):
        when_read(Stock(tuple(documents), clinic, fonts, tuple(problems), glossary))
    from clinicpress.lint import Context, check_clinic, check_document  # noqa: PLC0415  not while pages could be set

    characters = frozenset().union(*(face.coverage for face in fonts))
    context = Context(shelf.today, characters, clinic=clinic, glossary=glossary)
    if clinic is not None:
        problems += check_clinic(clinic, context)
    for document in _with_what_they_refer_to(documents):
        problems += check_document(document, context)
    return Stock(tuple(documents), clinic, fonts, tuple(problems), glossary)


def _with_what_they_refer_to(documents: Sequence[Document]) -> list[Document]:
    """Documents, then the leaflets and originals among which none of them is, each once."""
    found = {document.file: document for document in documents}
    for document in documents:
        leaflet = document.leaflet if isinstance(document, ConsentForm) else None
        for one in (leaflet, document.original):
            if one is not None:
                found.setdefault(one.file, one)
    return list(found.values())
