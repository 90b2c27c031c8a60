"""`build`: writes the PDFs."""

import json
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinicpress import delivery, library
from clinicpress.cache import Cache
from clinicpress.cli.bilingual import in_both, pair_of
from clinicpress.cli.memo import Memo
from clinicpress.cli.options import cache_options, naming, one_by_one, shelf_options
from clinicpress.clinics import ClinicProfile, PageProfile, Paper, Print
from clinicpress.documents import LANGUAGES, ConsentForm, Document, Kind
from clinicpress.encounters import NOTHING_KNOWN
from clinicpress.errors import ContentError, InputError, RenderError, Severity
from clinicpress.interrupts import stop_if_asked
from clinicpress.orders import Copy, Order, Rendition, file_name
from clinicpress.pdf import child
from clinicpress.pdf.render import libraries
from clinicpress.stock import Shelf, Stock, take_stock

if TYPE_CHECKING:
    from clinicpress.press import Finished


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Handouts or consent forms only.")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), help="One language only.")
@click.option(
    "--bilingual", metavar="en+LANGUAGE", help="Both languages in one document; that of the patient is named last."
)
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
    "--patient", type=click.Path(path_type=Path), metavar="FILE.json", help="Facts of one patient, for consent forms."
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="One value of a field; repeatable.")
@click.option("--release", is_flag=True, help="Refuse drafts: only texts that somebody stands behind.")
@click.option("--copy", type=click.Choice([str(one) for one in Copy]), help="Marks every page as this copy.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.make_pass_decorator(Memo, ensure=True)
@cache_options
@shelf_options
def build(
    memo: Memo,
    shelf: Shelf,
    cache: Cache,
    topics: tuple[str, ...] = (),
    kind: str | None = None,
    lang: str | None = None,
    bilingual: str | None = None,
    prints: tuple[str, ...] = (),
    papers: tuple[str, ...] = (),
    fillable: bool = False,
    paper_form: bool = False,
    flatten: bool = False,
    patient: Path | None = None,
    settings: tuple[str, ...] = (),
    release: bool = False,
    copy: str | None = None,
    out: Path = Path("out"),
    as_json: bool = False,
) -> None:
    """Writes PDFs of all topics, or of those that are named.

    Nothing is written while what is to be printed, what it refers to, or the profile has errors.

    \b
    Example:
      python generate.py build neurotherapy --profile large-print --paper a4 --out out
      python generate.py build neurotherapy --kind consent --patient patient.json --flatten
      python generate.py build neurotherapy --bilingual en+es
    """  # noqa: D301  click reads \b as "do not wrap"
    if settings and set(topics) - {path.parent.name for path in library.find_documents(shelf.handouts)}:
        # Perhaps a value without quotes, that is, a fact about a person: so it is not repeated.
        raise InputError('There is no such topic. A value with a blank needs quotes: --set patient.name="Zoë Example".')
    languages = pair_of(bilingual, lang)
    memo.begin(shelf.handouts, shelf.clinic)
    only = languages or ((lang,) if lang else ())
    first = partial(_begin, prints[:1], papers[:1], Copy(copy) if copy else None)
    # Where a process sets pages beside this one, the first document is set while all are checked.
    ahead = first if child.beside and not languages else None
    stock = take_stock(shelf, topics, Kind(kind) if kind else None, only, ahead)
    clinic = stock.sound_clinic()
    noted = "".join(f"{problem}\n" for problem in stock.problems)
    click.echo(noted, nl=False, err=True)
    if not stock.documents:
        raise InputError("No document is of that kind and language. 'python generate.py list' shows what there is.")
    texts = in_both(stock.documents, languages) if languages else [(document, None) for document in stock.documents]
    if release:
        _refuse_drafts([one for pair in texts for one in pair if one is not None], shelf.today)
    pages = [
        PageProfile(Paper(paper), Print(size))
        for size in prints or (Print.STANDARD,)
        for paper in papers or (clinic.paper,)
    ]
    personal = patient is not None or bool(settings)
    renditions = _renditions(fillable, paper_form or flatten, personal)
    orders = []
    for document, second in texts:
        encounter = NOTHING_KNOWN
        made: tuple[Rendition, ...] = (Rendition.PAPER,)
        if isinstance(document, ConsentForm):
            made = renditions
            if personal:
                encounter = library.read_encounter(patient, settings, document, stock.fonts[0])
        marked = Copy(copy) if copy else None
        blank = Order(document, clinic, pages[0], stock.fonts, encounter=encounter, copy=marked, second=second)
        orders += [replace(blank, page=page, rendition=rendition) for page in pages for rendition in made]
    finished = _print_all(orders, cache)
    entries, manifest = _write_all(finished, clinic, out)
    said = _told(entries, manifest, as_json)
    if not personal:  # no fact about a patient is ever kept
        answer = {"out": str(out), "entries": entries, "said": said, "noted": noted}
        files = {str(entry["file"]): one.pdf for entry, one in zip(entries, finished, strict=True)}
        memo.keep(cache, libraries(), files, answer)
    click.echo(said, nl=False)


def _begin(prints: tuple[str, ...], papers: tuple[str, ...], copy: Copy | None, stock: Stock) -> None:
    """Begins to set the first document. It is not printed before it was checked."""
    from clinicpress.press import begin  # noqa: PLC0415  loading it takes longer than other commands

    document, clinic = stock.documents[0], stock.clinic
    if clinic is not None:
        page = PageProfile(Paper(*papers) if papers else clinic.paper, Print(*prints) if prints else Print.STANDARD)
        with suppress(RenderError):  # it is told when the document is printed
            begin(Order(document, clinic, page, stock.fonts, copy=copy))


def _told(entries: list[dict[str, object]], manifest: Path, as_json: bool) -> str:
    """What was made: JSON, or one path a line."""
    if as_json:
        return json.dumps({"files": entries, "manifest": str(manifest)}, ensure_ascii=False, indent=1) + "\n"
    paths = [*(str(manifest.parent / str(entry["file"])) for entry in entries), str(manifest)]
    return "".join(f"{path}\n" for path in paths)


def _refuse_drafts(documents: list[Document], today: date) -> None:
    """Raises `ContentError` when a text, or the leaflet that a form names, is a draft; it says why."""
    from clinicpress import lint  # noqa: PLC0415  its rules are loaded while the first page is set

    leaflets = [one.leaflet for one in documents if isinstance(one, ConsentForm) and one.leaflet is not None]
    drafts = [one for one in (*documents, *leaflets) if one.review.draft]
    remedy = (
        "Have it approved first (python generate.py approve --help), or build without --release: it says DRAFT then."
    )
    rule = replace(lint.NOT_APPROVED, severity=Severity.ERROR)
    if drafts:
        raise ContentError(
            rule.found(str(one.file), 1, lint.why_draft(one, today), remedy, one.title) for one in drafts
        )


def _write_all(finished: "list[Finished]", clinic: ClinicProfile, out: Path) -> tuple[list[dict[str, object]], Path]:
    """Writes finished documents and their manifest; returns its entries and its place."""
    entries: list[dict[str, object]] = []
    delivery.sweep(out)
    try:
        for one in finished:
            stop_if_asked()
            # A patient's document has a name of chance: no fact about a person is in it, and no two are the same.
            serial = secrets.token_hex(10) if one.order.encounter.values else ""
            name = file_name(one.order, clinic.paper, serial)
            delivery.write(out / name, one.pdf)
            entries.append({"file": name, **one.facts()})
    finally:
        if entries:  # what was written before a failure is listed as well
            delivery.write_manifest(out, entries)
    return entries, out / delivery.MANIFEST


def _renditions(fillable: bool, paper: bool, personal: bool) -> tuple[Rendition, ...]:
    """Which renditions of a consent form are made: both, unless it is said; for one patient the one to be finished."""
    if fillable == paper and not personal:
        return (Rendition.PAPER, Rendition.FILLABLE)
    return (Rendition.PAPER,) if paper else (Rendition.FILLABLE,)


def _print_all(orders: list[Order], cache: Cache) -> "list[Finished]":
    """Prints one document after the other into memory, and says how far it is when a person watches.

    Nothing is on disk before all of it is printed. Renditions of one text on one page share their layout.
    """
    from clinicpress.press import Layout, complete, lay_out  # noqa: PLC0415  loading it takes longer than other commands

    layouts: dict[tuple[str, PageProfile, Copy | None], Layout] = {}
    finished = []
    for order in one_by_one(orders, "Printing"):
        key = (order.document.revision.digest, order.page, order.copy)
        with naming(order):
            if key not in layouts:
                layouts = {key: lay_out(order, cache=cache)}
            finished.append(complete(layouts[key], order))
    return finished
