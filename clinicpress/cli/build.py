"""`build`: writes the PDFs, also of two languages in one document (`--bilingual en+es`)."""

import json
import os
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from clinicpress.cache import Cache
from clinicpress.cli.choosing import Wish, choice_options, choose, orders_of, print_all
from clinicpress.cli.options import cache_options, shelf_options
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.destinations.folder import DocumentFolder
from clinicpress.errors import RenderError
from clinicpress.interrupts import stop_if_asked
from clinicpress.issued import Receipt
from clinicpress.leftovers import WORKING
from clinicpress.orders import Copy, Rendition, Request
from clinicpress.pdf import child
from clinicpress.pdf.render import ready
from clinicpress.press.kept import NOTHING, Ahead
from clinicpress.press.shelf import Shelf, Stock


@click.command()
@choice_options
@click.option(
    "--profile",
    "prints",
    type=click.Choice([str(one) for one in Print]),
    multiple=True,
    help="Size of print; repeatable.",
)
@click.option(
    "--paper", "papers", type=click.Choice([str(one) for one in Paper]), multiple=True, help="Paper; repeatable."
)
@click.option("--fillable", is_flag=True, help="Consent forms with fields for a keyboard only (default: both).")
@click.option("--paper-form", is_flag=True, help="Consent forms for a pen only (default: both).")
@click.option("--flatten", is_flag=True, help="With a patient: values become part of the page; no fields stay.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option("--explain-layout", is_flag=True, help="Say which layouts were tried, and what each cost.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.pass_context
@cache_options
@shelf_options
def build(
    context: click.Context,
    shelf: Shelf,
    cache: Cache,
    wish: Wish,
    prints: tuple[str, ...] = (),
    papers: tuple[str, ...] = (),
    fillable: bool = False,
    paper_form: bool = False,
    flatten: bool = False,
    out: Path = Path("out"),
    explain_layout: bool = False,
    as_json: bool = False,
) -> None:
    """Writes PDFs of all topics, or of those that are named.

    Nothing is written while what is to be printed, what it refers to, or the profile has errors.

    \b
    Example:
      python generate.py build neurotherapy --profile large-print --paper a4 --out out
      python generate.py build neurotherapy --kind consent --patient patient.json --flatten
      python generate.py build neurotherapy --bilingual en+es
      python generate.py build neurotherapy --explain-layout
    """  # noqa: D301  click reads \b as "do not wrap"
    # Where a process sets pages beside this one, the first document is set while all are checked.
    engine = Engine(alone=bool(context.obj))
    context.call_on_close(engine.end)
    begin = NOTHING.when_read if wish.bilingual else partial(_begin, prints[:1], papers[:1], wish.copy)
    ahead = NOTHING if wish.personal else Ahead(engine.begin, begin)
    choice = choose(shelf, wish, cache, ahead)
    clinic = choice.clinic
    pages = [
        PageProfile(Paper(paper), Print(size))
        for size in prints or (Print.STANDARD,)
        for paper in papers or (clinic.paper,)
    ]
    orders = orders_of(choice, wish, pages, _renditions(fillable, paper_form or flatten, wish.personal))
    finished = print_all(orders, cache, choice.content, ahead.before)
    serial = partial(secrets.token_hex, 10)
    folder = DocumentFolder(out, clinic.paper, serial, lambda said: click.echo(f"Note: {said}", err=True))
    stop_if_asked()
    receipts = folder.take(finished)
    if explain_layout:
        for receipt in receipts:
            click.echo(_explained(receipt), nl=False, err=True)
    click.echo(_told(receipts, folder.manifest, as_json), nl=False)


def _explained(receipt: Receipt) -> str:
    """Which layouts of a document were tried, what each cost and why; the one that was taken first."""
    one, name = receipt.issued, receipt.facts["file"]
    lines = [f"{'taken' if not number else 'left '}  {way}: {cost}" for number, (way, cost) in enumerate(one.tried)]
    return "\n  ".join([f"{name}: {one.pages} side{'' if one.pages == 1 else 's'}", *lines]) + "\n"


def _begin(prints: tuple[str, ...], papers: tuple[str, ...], copy: Copy | None, stock: Stock) -> None:
    """Begins to set the first document. It is not printed before it was checked."""
    from clinicpress.press.fitting import begin  # noqa: PLC0415  what was made before needs none of it

    document, clinic = next((one for one in stock.documents if one.fixed is None), None), stock.clinic
    if clinic is not None and document is not None:
        page = PageProfile(Paper(*papers) if papers else clinic.paper, Print(*prints) if prints else Print.STANDARD)
        with suppress(RenderError):  # it is told when the document is printed
            begin(Request(clinic, stock.fonts, page, copy=copy).order(document))


def _told(receipts: list[Receipt], manifest: Path, as_json: bool) -> str:
    """What was made: JSON, or one path a line."""
    if as_json:
        facts = {"files": [one.facts for one in receipts], "manifest": str(manifest)}
        return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    return "".join(f"{place}\n" for place in (*(one.place for one in receipts), manifest))


def _renditions(fillable: bool, paper: bool, personal: bool) -> tuple[Rendition, ...]:
    """Which renditions of a consent form are made: both, unless it is said; for one patient the one to be finished."""
    if fillable == paper and not personal:
        return (Rendition.PAPER, Rendition.FILLABLE)
    return (Rendition.PAPER,) if paper else (Rendition.FILLABLE,)


class Engine:
    """The process that sets pages beside this one, begun when something is to be set that nobody set before.

    There is one where this process does nothing else (`alone`), on a system that can have one.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._alone = alone

    def begin(self) -> None:
        """Begins it, once. Call it while this process has one thread and knows nothing about a patient."""
        if not self._alone or child.beside or not child.possible():
            return
        # The name is of chance: nobody else can have made a folder there before. As `tempfile` would choose the place.
        name = f"{WORKING}{os.getpid()}-{os.urandom(8).hex()}"
        place = os.path.join(os.environ.get("TMPDIR") or "/tmp", name)  # noqa: S108
        try:
            child.begin(ready, place=place)
        except OSError:
            pass  # no process or no pipe is to be had: pages are set in this one

    def end(self) -> None:
        """Ends that process, if it is there; nothing of it is left."""
        if child.beside:
            child.beside.pop().end()
