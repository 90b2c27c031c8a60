"""`translate`: sections go out to a human translator, and come back."""

from pathlib import Path

import click

from clinicpress import files, library
from clinicpress.cli.options import known_kinds, shelf_options
from clinicpress.documents import LANGUAGES, Document
from clinicpress.errors import InputError
from clinicpress.library import exchange, xliff
from clinicpress.press.shelf import Shelf
from clinicpress.words import SOURCE

OTHERS = sorted(set(LANGUAGES) - {SOURCE})


@click.group()
def translate() -> None:
    """Sends a document to a human translator as an XLIFF file, and takes it back with its record.

    \b
    Example:
      python generate.py translate export neurotherapy --kind consent --to es --out consent.es.xlf
    """  # noqa: D301  click reads \b as "do not wrap"


@translate.command("export")
@click.argument("topic")
@click.option("--kind", metavar="KIND", required=True, help="Which document: handout, consent …")
@click.option("--to", "language", type=click.Choice(OTHERS), required=True, help="Into which language.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.xlf", help="Where to write.")
@shelf_options
def export(shelf: Shelf, topic: str, kind: str, language: str, out: Path) -> None:
    """Writes all segments of a document with what is translated already.

    What is out of date or has no words yet is marked needs-translation, what only a machine has translated is marked
    needs-review-translation.

    \b
    Example:
      python generate.py translate export neurotherapy --kind consent --to es --out consent.es.xlf
    """  # noqa: D301  click reads \b as "do not wrap"
    original, translation = _both(shelf, topic, kind, language)
    sheet = exchange.sheet_of(original, translation, language)
    files.write(out, xliff.written(sheet))
    open_ones = sum(unit.state == exchange.UNTRANSLATED for unit in sheet.units)
    unread = sum(unit.state == exchange.UNREAD for unit in sheet.units)
    click.echo(str(out))
    click.echo(f"{len(sheet.units)} segments: {open_ones} to translate, {unread} to read.", err=True)


@translate.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.xlf")
@click.option("--by", default="", metavar='"NAME, QUALIFICATION"', help="Who translated or read it.")
@shelf_options
def take_back(shelf: Shelf, file: Path, by: str) -> None:
    """Takes translated segments back, and writes down who stands behind them.

    A segment counts as done when its words are new, or its state says translated, final or signed-off. A part of the
    document is up to date again when all its segments are done.

    \b
    Example:
      python generate.py translate import consent.es.xlf --by "Ana Example, certified medical translator"
    """  # noqa: D301  click reads \b as "do not wrap"
    back = xliff.read(file)
    if back.language not in OTHERS:
        raise InputError(f"{file}: the language '{back.language}' is unknown. Known are: {', '.join(OTHERS)}.")
    original, translation = _both(shelf, back.topic, back.kind, back.language)
    if original.language != back.source_language:
        raise InputError(f"{file}: it was not made from the {LANGUAGES[SOURCE]} text. Export it again.")
    merged = exchange.merged(original, translation, back, by.strip(), shelf.today)
    place = original.file.with_name(f"{back.kind}.{back.language}.md")
    if merged.changed:
        files.write(place, merged.text.encode())
        click.echo(str(place))
        click.echo(f"Taken: {', '.join(merged.changed)}.", err=True)
    else:
        click.echo("Nothing was done in this file; the translation stays as it was.", err=True)
    if merged.incomplete:
        click.echo(f"Not complete yet: {', '.join(merged.incomplete)}.", err=True)


def _both(shelf: Shelf, topic: str, kind: str, language: str) -> tuple[Document, Document | None]:
    """The original of a document, and its translation if there is one."""
    documents, _ = library.read_library(shelf.handouts, [topic], shelf.today, kinds=known_kinds(shelf, kind))
    found = {one.language: one for one in documents if one.topic == topic and str(one.kind) == kind}
    if SOURCE not in found:
        raise InputError(f"{topic} has no {kind} in {LANGUAGES[SOURCE]}, which translations are made from.")
    return found[SOURCE], found.get(language)
