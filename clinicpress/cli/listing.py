"""`list`: what there is to print."""

import json
from collections.abc import Iterator

import click

from clinicpress import library
from clinicpress.cli.options import known_kinds, shelf_options
from clinicpress.documents import Document, ReviewRecord, ReviewState, Verdict
from clinicpress.documents.composition import told_parts
from clinicpress.documents.variables import variables_in
from clinicpress.errors import ContentError, Severity
from clinicpress.press.shelf import ROOT, Shelf
from clinicpress.press.values import with_values

HEADS = ("topic", "kind", "language", "form", "revision", "review", "review by", "title")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@shelf_options
def list_documents(shelf: Shelf, as_json: bool = False) -> None:
    """Lists topics, kinds, languages, revision, review state and date.

    \b
    Example:
      python generate.py list --json
    """  # noqa: D301  click reads \b as "do not wrap"
    documents, problems = library.read_library(shelf.handouts, today=shelf.today, kinds=known_kinds(shelf))
    if any(variables_in(one) for one in documents):  # whose values may be a part of what was approved
        clinic, _ = library.examine_clinic(shelf.clinic, {face.family for face in library.read_fonts(ROOT / "fonts")})
        documents, _ = with_values(documents, clinic, shelf.today)
    if as_json:
        entries = [
            {
                "topic": one.topic,
                "kind": str(one.kind),
                "language": one.language,
                "title": one.title,
                "form": one.form,
                "revision": one.revision.digest,
                "review_state": str(one.review.state),
                "effective": one.effective.isoformat(),
                "review_by": one.review_by.isoformat(),
                "history": [_entry(record) for record in one.review.history],
                "file": str(one.file),
                **({"fixed": one.fixed.facts()} if one.fixed else {}),
                **({"passages": {use.name: use.digest for use in one.passages}} if one.passages else {}),
            }
            for one in documents
        ]
        click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
    else:
        rows = [HEADS] + [
            (
                one.topic,
                str(one.kind),
                one.language,
                one.form,
                str(one.revision),
                str(one.review.state),
                one.review_by.isoformat(),
                one.title,
            )
            for one in documents
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for one in documents:
            for why in _why_stale(one):
                click.echo(f"{one.topic} {one.name}: draft: {why}")
            for record in one.review.history:
                click.echo(f"{one.topic} {record.document}: {_told(record)}")
    for problem in problems:
        if problem.severity is Severity.WARNING:
            click.echo(str(problem), err=True)
    if errors := [problem for problem in problems if problem.severity is Severity.ERROR]:
        raise ContentError(errors)


def _why_stale(document: Document) -> Iterator[str]:
    """What is another by now of a text that is not only its own."""
    record = document.review.record
    if document.review.state is ReviewState.STALE and record is not None and record.parts:
        yield from told_parts(dict(record.parts), document.composition)


def _entry(record: ReviewRecord) -> dict[str, object]:
    """A record of review as JSON."""
    return {
        "verdict": str(record.verdict),
        "by": record.by,
        "on": record.on.isoformat(),
        "until": record.until.isoformat(),
        "revision": record.digest,
        "despite": dict(record.despite),
        "reason": record.reason,
        **({"parts": dict(record.parts)} if record.parts else {}),
        **({"because": record.because} if record.because else {}),
    }


def _told(record: ReviewRecord) -> str:
    """A record of review as a person reads it."""
    until = "" if record.verdict is Verdict.WITHDRAWN else f" until {record.until}"
    despite = "".join(f"; despite {code}: {reason}" for code, reason in record.despite)
    reason = f": {record.reason}" if record.reason else f": {record.because}" if record.because else ""
    return f"{record.verdict} on {record.on}{until} by {record.by}, revision {record.digest[:8]}{despite}{reason}"
