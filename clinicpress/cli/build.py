"""`build`: writes the PDFs."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click

from clinicpress import delivery
from clinicpress.cli.options import Shelf, shelf_options, take_stock, terminal
from clinicpress.clinics import ClinicProfile, PageProfile, Paper, Print
from clinicpress.documents import LANGUAGES, Kind
from clinicpress.errors import ContentError, InputError, RenderError, Severity
from clinicpress.orders import Order


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Handouts or consent forms only.")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), help="One language only.")
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
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@shelf_options
def build(
    shelf: Shelf,
    topics: tuple[str, ...] = (),
    kind: str | None = None,
    lang: str | None = None,
    prints: tuple[str, ...] = (),
    papers: tuple[str, ...] = (),
    out: Path = Path("out"),
    as_json: bool = False,
) -> None:
    """Writes PDFs of all topics, or of those that are named.

    Nothing is written while the content or the profile has errors.

    \b
    Example:
      python generate.py build neurotherapy --profile large-print --paper a4 --out out
    """  # noqa: D301  click reads \b as "do not wrap"
    stock = take_stock(shelf, topics)
    errors = [problem for problem in stock.problems if problem.severity is Severity.ERROR]
    if errors or stock.clinic is None:
        raise ContentError(errors)
    for problem in stock.problems:
        click.echo(str(problem), err=True)
    wanted = [
        document
        for document in stock.documents
        if kind in (None, str(document.kind)) and lang in (None, document.language)
    ]
    if not wanted:
        raise InputError("No document is of that kind and language. 'python generate.py list' shows what there is.")
    clinic = stock.clinic
    pages = [
        PageProfile(Paper(paper), Print(size))
        for size in prints or (Print.STANDARD,)
        for paper in papers or (clinic.paper,)
    ]
    orders = [Order(document, clinic, page, stock.fonts) for document in wanted for page in pages]
    entries: list[dict[str, object]] = []
    try:
        for entry in _print_all(orders, clinic, out):
            entries.append(entry)  # noqa: PERF402  what was written before a failure has to be listed as well
    finally:
        if entries:
            delivery.write_manifest(out, entries)
    manifest = out / delivery.MANIFEST
    if as_json:
        click.echo(json.dumps({"files": entries, "manifest": str(manifest)}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join([*(str(out / str(entry["file"])) for entry in entries), str(manifest)]))


def _print_all(orders: list[Order], clinic: ClinicProfile, out: Path) -> Iterator[dict[str, object]]:
    """Prints one document after the other, and says how far it is when a person watches."""
    from clinicpress.press import produce  # noqa: PLC0415  loading it takes longer than all other commands run

    delivery.sweep(out)
    # Without a person who watches, click would print the label alone.
    bar = click.progressbar(orders, label="Printing", file=sys.stderr)
    with bar if terminal() else nullcontext(orders) as queue:
        for order in queue:
            try:
                finished = produce(order)
            except RenderError as error:
                raise RenderError(f"{order.document.file}: {error}") from error
            name = delivery.file_name(order, clinic.paper)
            delivery.write(out / name, finished.pdf)
            yield {"file": name, **finished.facts()}
