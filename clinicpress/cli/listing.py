"""`list`: what there is to print."""

import json

import click

from clinicpress import library
from clinicpress.cli.options import Shelf, shelf_options
from clinicpress.errors import ContentError

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
    documents, problems = library.read_library(shelf.handouts)
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
                "file": str(one.file),
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
    if problems:
        raise ContentError(problems)
