"""Options that commands share, and what they stand for."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from clinicpress import library
from clinicpress.cache import NO_CACHE, Cache
from clinicpress.cli import places
from clinicpress.clinics import ClinicProfile, FontFace
from clinicpress.documents import ConsentForm, Document, Glossary, Kind
from clinicpress.errors import Problem, RenderError, Severity
from clinicpress.interrupts import stop_if_asked
from clinicpress.orders import Order

ROOT = Path(places.ROOT)
Command = TypeVar("Command", bound=Callable[..., Any])


def _shipped(name: str) -> Path:
    """A file or folder of the product, named as short as it can be from where the person stands."""
    path = ROOT / name
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the content lies, whose clinic it is, and which day it is taken to be."""

    handouts: Path
    clinic: Path
    today: date


def shelf_options(command: Command) -> Command:
    """Adds --handouts, --clinic and --today to a command, which gets them as one `shelf`."""

    @click.option("--handouts", type=click.Path(path_type=Path), metavar="DIR", help="The folder of content.")
    @click.option("--clinic", type=click.Path(path_type=Path), metavar="FILE.toml", help="The clinic's profile.")
    @click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day it is taken to be.")
    @functools.wraps(command)
    def wrapper(
        *context: object, handouts: Path | None, clinic: Path | None, today: datetime | None, **others: Any
    ) -> Any:
        day = today.date() if today else datetime.now().astimezone().date()
        shelf = Shelf(handouts or _shipped("handouts"), clinic or _shipped("clinic.toml"), day)
        return command(*context, shelf=shelf, **others)

    return wrapper  # type: ignore[return-value]


def cache_options(command: Command) -> Command:
    """Adds --cache and --no-cache to a command, which gets what they stand for as `cache`."""

    @click.option(
        "--cache",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where finished things are kept, so that nothing is made twice (default: ~/.cache/clinicpress).",
    )
    @click.option("--no-cache", is_flag=True, help="Make everything anew, and keep nothing.")
    @functools.wraps(command)
    def wrapper(*context: object, folder: Path | None, no_cache: bool, **others: Any) -> Any:
        place = None if no_cache else folder or places.usual_cache()
        cache = Cache(place) if place else NO_CACHE
        try:
            return command(*context, cache=cache, **others)
        finally:
            if cache.trouble:
                click.echo(f"Note: {cache.trouble}", err=True)

    return wrapper  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Stock:
    """All that was read from a shelf, and everything that is wrong with it."""

    documents: tuple[Document, ...]
    clinic: ClinicProfile | None
    fonts: tuple[FontFace, ...]
    problems: tuple[Problem, ...]
    glossary: Glossary


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


def one_by_one(orders: Sequence[Order], label: str) -> Iterator[Order]:
    """Hands out orders, shows how far it is when a person watches, and ends between two of them on Ctrl-C."""
    # Without a person who watches, click would print the label alone.
    bar = click.progressbar(orders, label=label, file=sys.stderr) if os.isatty(2) else nullcontext(orders)
    with bar as queue:
        for order in queue:
            stop_if_asked()
            yield order


@contextmanager
def naming(order: Order) -> Iterator[None]:
    """Says of which document it is when one cannot be rendered."""
    try:
        yield
    except RenderError as error:
        raise RenderError(f"{order.document.file}: {error}") from error
