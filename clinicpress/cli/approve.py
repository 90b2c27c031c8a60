"""`approve`: a person stands behind the very words of a text."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from clinicpress import delivery, library
from clinicpress.cli.options import shelf_options
from clinicpress.documents import LANGUAGES, Document, Kind, ReviewRecord, Verdict
from clinicpress.errors import ContentError, InputError, Problem, Severity
from clinicpress.stock import Shelf, take_stock


@click.command()
@click.argument("topic")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), required=True, help="Which text of the topic.")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), default="en", show_default=True, help="Its language.")
@click.option("--by", required=True, metavar='"NAME, CREDENTIAL"', help="Who stands behind it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day it counts.")
@click.option("--revision", metavar="DIGITS", help="The revision that was read (see 'list'); any other is refused.")
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
    stock = take_stock(shelf, (topic,))
    document = next((one for one in stock.documents if (str(one.kind), one.language) == (kind, lang)), None)
    if document is None:
        raise InputError(
            f"The topic '{topic}' has no {kind} in '{lang}'. 'python generate.py list' shows what there is."
        )
    if revision and not document.revision.digest.startswith(revision.lower()):
        raise InputError(
            f"The text was changed since it was read: it is revision {document.revision} now, not {revision}. "
            "Read it again, then approve what you have read."
        )
    if not withdraw and not document.current_translation:
        raise InputError(
            "This translation cannot be approved as it is: a machine made it, or the English was changed since. Have a "
            "qualified human translator read it first (python generate.py translate export --help)."
        )
    verdict = Verdict.WITHDRAWN if withdraw else Verdict.SUPPLIED if supplied else Verdict.APPROVED
    record = ReviewRecord(
        document=document.file.name.removesuffix(".md"),
        verdict=verdict,
        by=_person(by, supplied),
        on=shelf.today,
        until=_last_day(until, shelf.today, document, withdraw),
        digest=document.revision.digest,
        despite=() if withdraw else _accepted(document, stock.problems, despite, reasons),
        reason=_why_withdrawn(reasons) if withdraw else "",
    )
    path = _record(document, record, shelf.today)
    click.echo(
        f"{record.verdict.capitalize()}: {document.title} ({document.form}, revision {document.revision})", err=True
    )
    click.echo(str(path))


def _record(document: Document, record: ReviewRecord, today: date) -> Path:
    """Adds a record to the review file. Two approvals at once wait for each other, so that none is lost."""
    path = document.file.parent / library.REVIEW
    with delivery.alone(path.parent):
        now = library.read_document(document.file, today)
        if now.revision != document.revision:
            raise InputError(
                f"{document.file} was changed while it was approved: it is revision {now.revision} now. "
                "Nothing was recorded. Read it again, then approve what you have read."
            )
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        delivery.write(path, library.with_record(before, record).encode())
    return path


def _person(by: str, supplied: bool) -> str:
    """A name with a credential; a clinic that supplies its own text needs none."""
    name, comma, credential = by.partition(",")
    if not name.strip() or not (supplied or (comma and credential.strip())) or not by.isprintable():
        raise InputError('--by: write name and credential, for example --by "Ada Example, ND".')
    return by.strip()


def _last_day(until: datetime | None, today: date, document: Document, withdraw: bool) -> date:
    """The last day of an approval: as it was said, else the day on which the text is to be read again."""
    if withdraw:
        return date.max
    day = until.date() if until else document.review_by
    if day <= today:
        raise InputError(f"--until {day}: the approval would have ended already. Name a day after today, {today}.")
    return day


def _why_withdrawn(reasons: Sequence[str]) -> str:
    if len(reasons) != 1 or not reasons[0].strip() or not reasons[0].isprintable():
        raise InputError('--withdraw needs one --reason "…": it stands in the history.')
    return reasons[0].strip()


def _accepted(
    document: Document, problems: Sequence[Problem], despite: Sequence[str], reasons: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """The errors that stand and are accepted, each with its reason.

    Raises `ContentError` with those that are not.
    """
    if len(despite) != len(reasons) or not all(reason.strip() and reason.isprintable() for reason in reasons):
        raise InputError('Each --despite CODE needs its --reason "…": it is kept and shown.')
    accepted = {code.upper(): reason.strip() for code, reason in zip(despite, reasons, strict=True)}
    standing = [one for one in problems if one.severity is Severity.ERROR and one.file == str(document.file)]
    if open_errors := [one for one in standing if one.code not in accepted]:
        raise ContentError(open_errors)
    unknown = [code for code in accepted if code not in {one.code for one in problems}]
    if unknown:
        raise InputError(f"--despite {unknown[0]}: no such finding stands. 'python generate.py check' shows what does.")
    return tuple(sorted(accepted.items()))
