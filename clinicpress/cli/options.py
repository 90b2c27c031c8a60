"""Options that commands share, and what they stand for."""

import fcntl
import functools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeVar

import click

from clinicpress import library
from clinicpress.cache import NO_CACHE, Cache
from clinicpress.cli import installation
from clinicpress.documents import LANGUAGES, Kind
from clinicpress.errors import ContentError, InputError, ProofError, RenderError
from clinicpress.interrupts import stop_if_asked
from clinicpress.leftovers import WORKING, sweep_working_folders
from clinicpress.library.keys import nearest
from clinicpress.orders import Order
from clinicpress.press.shelf import ROOT, Shelf
from clinicpress.words import nearest_language

Command = TypeVar("Command", bound=Callable[..., Any])


def _shipped(name: str) -> Path:
    """A file or folder of the product, named as short as it can be from where the person stands."""
    path = ROOT / name
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


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


class LanguageChoice(click.Choice[str]):
    """A language as a person names it: es, es-MX, Spanish. The nearest one that there is is taken, and told."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The tag of the language."""
        tag = nearest_language(str(value), self.choices)
        if not tag:
            self.fail(f"the language '{value}' is unknown. Known are: {', '.join(self.choices)}.", param, ctx)
        if tag != value:
            click.echo(f"{param.opts[0] if param else ''} {value}: {LANGUAGES[tag]} ({tag}) is taken.", err=True)
        return super().convert(tag, param, ctx)


def known_kinds(shelf: Shelf, wanted: str | None = None) -> Mapping[str, Kind]:
    """The kinds of paper that the clinic has. Raises `InputError` when it has not the `wanted` one, or a faulty one."""
    kinds, problems = library.read_kinds(shelf.kinds_folder)
    if wanted and wanted not in kinds:
        if problems:
            raise ContentError(problems)
        raise InputError(f"There is no kind '{wanted}'. {nearest(wanted, kinds)}")
    return kinds


def cache_options(command: Command) -> Command:
    """Adds --cache and --no-cache to a command, which gets what they stand for as `cache`."""

    @click.option(
        "--cache",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where finished things are kept, so that nothing is made twice (default: ~/.cache/clinicpress).",
    )
    @click.option("--no-cache", is_flag=True, help="Make everything again, and keep nothing.")
    @functools.wraps(command)
    def wrapper(*context: object, folder: Path | None, no_cache: bool, **others: Any) -> Any:
        place = None if no_cache else folder or installation.usual_cache()
        cache = Cache(place, installation.cache_key()) if place else NO_CACHE
        try:
            return command(*context, cache=cache, **others)
        finally:
            if cache.trouble:
                click.echo(f"Note: {cache.trouble}", err=True)

    return wrapper  # type: ignore[return-value]


@contextmanager
def passing_files() -> Iterator[None]:
    """Has libraries of this run, and of its workers, pass files in a folder of its own, which goes at the end.

    WeasyPrint writes fonts. What killed runs left of such folders is swept. Where none can be made, there is none.
    """
    base = tempfile.gettempdir()
    sweep_working_folders(base)
    usual = tempfile.tempdir, os.environ.get("TMPDIR")
    try:
        place = tempfile.mkdtemp(prefix=f"{WORKING}{os.getpid()}-", dir=base)
    except OSError:
        yield
        return
    held = os.open(place, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_SH)
        tempfile.tempdir = os.environ["TMPDIR"] = place
        yield
    finally:
        tempfile.tempdir = usual[0]
        os.environ.pop("TMPDIR")
        os.environ.update({"TMPDIR": usual[1]} if usual[1] is not None else {})
        rmtree(place, ignore_errors=True)
        os.close(held)


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
    except ProofError:
        raise  # it names file and line itself
    except RenderError as error:
        if str(error).startswith(f"{order.document.file}:"):
            raise  # it names the line as well
        raise RenderError(f"{order.document.file}: {error}") from error
