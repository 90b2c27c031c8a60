"""`approve`: a person stands behind the very words of a text."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click

from clinicpress.cli.options import LanguageChoice, known_kinds, shelf_options
from clinicpress.documents import LANGUAGES, Question
from clinicpress.errors import InputError
from clinicpress.press import approvals, renewals
from clinicpress.press.approvals import CLINICIAN
from clinicpress.press.shelf import Shelf, take_stock
from clinicpress.words import SOURCE

ROLES = (CLINICIAN, "manager")


@click.command()
@click.argument("topic", required=False)
@click.option("--kind", metavar="KIND", help="Which text of the topic: handout, consent …")
@click.option("--lang", type=LanguageChoice(sorted(LANGUAGES)), default=SOURCE, show_default=True, help="Its language.")
@click.option("--by", required=True, metavar='"NAME, CREDENTIAL"', help="Who stands behind it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day it counts.")
@click.option(
    "--revision", default="", metavar="DIGITS", help="The revision that was read (see 'list'); any other is refused."
)
@click.option("--despite", multiple=True, metavar="CODE", help="A finding that may stand; repeatable, with --reason.")
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why: one for each --despite, or --withdraw.")
@click.option("--supplied", is_flag=True, help="The clinic's own text, handed in by the clinic.")
@click.option("--withdraw", is_flag=True, help="The text is not to be used any more; needs --reason.")
@click.option("--passage", metavar="NAME", help="Renews all texts that differ from an approved one by this passage.")
@click.option(
    "--role", type=click.Choice(ROLES), default=CLINICIAN, show_default=True, help="Who it is: the kind says who may."
)
@click.option(
    "--yes", multiple=True, metavar="TOPIC/KIND.LANG", help="A text that was read, for --passage; repeatable."
)
@click.option(
    "--confirm", multiple=True, metavar="ANSWER", help="To each question of the kind, in their order; else it is asked."
)
@shelf_options
def approve(
    shelf: Shelf,
    lang: str,
    by: str,
    topic: str | None = None,
    kind: str | None = None,
    until: datetime | None = None,
    revision: str | None = None,
    despite: tuple[str, ...] = (),
    reasons: tuple[str, ...] = (),
    supplied: bool = False,
    withdraw: bool = False,
    passage: str | None = None,
    role: str = CLINICIAN,
    yes: tuple[str, ...] = (),
    confirm: tuple[str, ...] = (),
) -> None:
    """Records that this very text was reviewed. Any later change of it ends the approval.

    The record goes into review.toml beside the text; earlier records stay. While errors stand, nothing is approved, nor
    while a translation seems to deny other things than its original (T07), or to turn them round (T08).

    With --passage the new words of a passage are shown beside those that were approved, and each text that differs by
    nothing else is renewed, until the day of its approval before. The others are listed, with the reason.

    \b
    Example:
      python generate.py approve neurotherapy --kind consent --by "Ada Example, ND" --until 2027-11-22
      python generate.py approve neurotherapy --kind consent --by "Ada Example, ND" --withdraw --reason "New evidence"
      python generate.py approve --passage emergency --by "Ada Example, ND"
    """  # noqa: D301  click reads \b as "do not wrap"
    if passage:
        if topic or kind or until or despite or supplied or withdraw:
            raise InputError("--passage goes with --lang, --by, --role, --revision and --yes only.")
        _tell(
            renewals.renew(
                take_stock(shelf, ()),
                passage,
                by=by,
                today=shelf.today,
                language=lang,
                role=role,
                yes=yes,
                revision=revision or "",
            )
        )
        return
    if not topic or not kind:
        raise click.UsageError(f"Missing {'option' if topic else 'argument'} '{'--kind' if topic else 'TOPIC'}'.")
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
            role=role,
            answers=confirm or (() if withdraw else _asked(document.kind.confirm)),
        )
    except approvals.EntryError as error:
        raise InputError(f"--{error.entry}: {error}") from error
    done = "Withdrawn" if withdraw else "Supplied" if supplied else "Approved"
    click.echo(f"{done}: {document.title} ({document.form}, revision {document.revision})", err=True)
    click.echo(str(path))


def _asked(questions: Sequence[Question]) -> list[str]:
    """The answers to what no program can know, asked one by one at a terminal. Elsewhere there are none."""
    if not sys.stdin.isatty():
        return []
    return [click.prompt(f"({one.who}) {one.ask}", err=True) for one in questions]


def _tell(done: renewals.Renewal) -> None:
    """Says what became of the texts in which a passage stands."""
    click.echo("\n".join(done.words), err=True)
    for document, path in done.renewed:
        click.echo(f"Renewed: {document.title} ({document.form}, revision {document.revision})", err=True)
        click.echo(str(path))
    for document, reason in done.waiting:
        click.echo(f"Waits: {renewals.called(document)}: {reason}.", err=True)
    count = len(done.renewed), len(done.waiting), len(done.current)
    click.echo(f"{count[0]} renewed, {count[1]} to approve one by one, {count[2]} current before.", err=True)
