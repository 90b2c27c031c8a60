"""`approve`: a person stands behind the very words of a text."""

from datetime import datetime

import click

from clinicpress.cli.options import known_kinds, shelf_options
from clinicpress.documents import LANGUAGES
from clinicpress.errors import InputError
from clinicpress.press import approvals
from clinicpress.press.shelf import Shelf, take_stock
from clinicpress.words import SOURCE


@click.command()
@click.argument("topic")
@click.option("--kind", metavar="KIND", required=True, help="Which text of the topic: handout, consent …")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), default=SOURCE, show_default=True, help="Its language.")
@click.option("--by", required=True, metavar='"NAME, CREDENTIAL"', help="Who stands behind it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day it counts.")
@click.option(
    "--revision", default="", metavar="DIGITS", help="The revision that was read (see 'list'); any other is refused."
)
@click.option("--despite", multiple=True, metavar="CODE", help="An error that may stand; repeatable, with --reason.")
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why: one for each --despite, or --withdraw.")
@click.option("--supplied", is_flag=True, help="The clinic's own text, handed in by the clinic.")
@click.option("--withdraw", is_flag=True, help="The text is not to be used any more; needs --reason.")
@shelf_options
def approve(
    shelf: Shelf,
    topic: str,
    kind: str,
    lang: str,
    by: str,
    until: datetime | None = None,
    revision: str | None = None,
    despite: tuple[str, ...] = (),
    reasons: tuple[str, ...] = (),
    supplied: bool = False,
    withdraw: bool = False,
) -> None:
    """Records that this very text was reviewed. Any later change of it ends the approval.

    The record goes into review.toml beside the text; earlier records stay. While errors stand, nothing is approved.

    \b
    Example:
      python generate.py approve neurotherapy --kind consent --by "Ada Example, ND" --until 2027-11-22
      python generate.py approve neurotherapy --kind consent --by "Ada Example, ND" --withdraw --reason "New evidence"
    """  # noqa: D301  click reads \b as "do not wrap"
    known_kinds(shelf, kind)
    stock = take_stock(shelf, (topic,))
    document = next((one for one in stock.documents if (str(one.kind), one.language) == (kind, lang)), None)
    if document is None:
        raise InputError(
            f"The topic '{topic}' has no {kind} in '{lang}'. 'python generate.py list' shows what there is."
        )
    if withdraw and len(reasons) != 1:
        raise InputError('--withdraw needs one --reason "…": the history names it.')
    if not withdraw and len(despite) != len(reasons):
        raise InputError('Each --despite CODE needs its --reason "…": it is kept and shown.')
    try:
        path = approvals.approve(
            stock,
            document,
            by=by,
            today=shelf.today,
            until=until.date() if until else None,
            revision=revision or "",
            despite={} if withdraw else dict(zip(despite, reasons, strict=True)),
            supplied=supplied,
            withdraw=withdraw,
            reason=reasons[0] if withdraw else "",
        )
    except approvals.EntryError as error:
        raise InputError(f"--{error.entry}: {error}") from error
    done = "Withdrawn" if withdraw else "Supplied" if supplied else "Approved"
    click.echo(f"{done}: {document.title} ({document.form}, revision {document.revision})", err=True)
    click.echo(str(path))
