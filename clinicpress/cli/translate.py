"""`translate`: sections go out to a human translator, and come back."""

from collections.abc import Iterator
from pathlib import Path

import click

from clinicpress import files, library
from clinicpress.cli.options import known_kinds, shelf_options
from clinicpress.documents import LANGUAGES, Document
from clinicpress.documents.passages import PASSAGES
from clinicpress.documents.translated import not_compared
from clinicpress.errors import InputError
from clinicpress.library import exchange, xliff
from clinicpress.library.passages import PassageShelf, PassageText
from clinicpress.press.shelf import Shelf
from clinicpress.words import SOURCE, nearest_language

OTHERS = sorted(set(LANGUAGES) - {SOURCE})


@click.group()
def translate() -> None:
    """Sends a document to a human translator as an XLIFF file, and takes it back with its record.

    \b
    Example:
      python generate.py translate export neurotherapy --kind consent --to es --out consent.es.xlf
    """  # noqa: D301  click reads \b as "do not wrap"


@translate.command("export")
@click.argument("topic", required=False)
@click.option("--kind", metavar="KIND", help="Which document: handout, consent …")
@click.option("--to", "language", required=True, metavar="LANGUAGE", help="Into which language: es, es-MX.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.xlf", help="Where to write.")
@click.option("--passages", is_flag=True, help="All passages, in place of a document.")
@shelf_options
def export(
    shelf: Shelf, language: str, out: Path, topic: str | None = None, kind: str | None = None, passages: bool = False
) -> None:
    """Writes all segments of a document with what is translated already.

    Passages are translated by themselves, once for all documents: --passages. A document goes out when those that it
    asks for are translated.

    What is out of date or has no words yet is marked needs-translation, what only a machine has translated is marked
    needs-review-translation.

    \b
    Example:
      python generate.py translate export neurotherapy --kind consent --to es --out consent.es.xlf
    """  # noqa: D301  click reads \b as "do not wrap"
    asked, language = language, nearest_language(language, OTHERS)
    if not language:
        raise InputError(f"--to: the language '{asked}' is unknown. Known are: {', '.join(OTHERS)}.")
    if passages == bool(topic) or bool(kind) != bool(topic):
        raise click.UsageError("Name a TOPIC and its --kind, or give --passages alone.")
    if topic and kind:
        original, translation = _both(shelf, topic, kind, language)
        _refuse_untranslated(shelf, original, language)
        sheets = [exchange.sheet_of(original, translation, language)]
        if names := dict.fromkeys(one.name for one in original.passages):
            click.echo(f"Passages, which are translated by themselves: {', '.join(names)}.", err=True)
    else:
        sheets = [exchange.sheet_of(*pair, language) for pair in _all_passages(shelf, language)]
    files.write(out, xliff.written(*sheets, target=_for_country(asked, language)))
    units = [unit for sheet in sheets for unit in sheet.units]
    open_ones = sum(unit.state == exchange.UNTRANSLATED for unit in units)
    unread = sum(unit.state == exchange.UNREAD for unit in units)
    click.echo(str(out))
    click.echo(f"{len(units)} segments: {open_ones} to translate, {unread} to read.", err=True)


@translate.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.xlf")
@click.option("--by", default="", metavar='"NAME, QUALIFICATION"', help="Who translated or read it.")
@shelf_options
def take_back(shelf: Shelf, file: Path, by: str) -> None:
    """Takes translated segments back, and writes down who stands behind them.

    A segment counts as done when its words are new, or its state says translated, final or signed-off. A part of the
    document is up to date again when all its segments are done. Words that are still those of the original are not.

    \b
    Example:
      python generate.py translate import consent.es.xlf --by "Ana Example, certified medical translator"
    """  # noqa: D301  click reads \b as "do not wrap"
    for back in xliff.read(file):
        _take(shelf, file, back, by.strip())


def _take(shelf: Shelf, file: Path, back: exchange.SegmentSheet, by: str) -> None:
    """Takes one document or passage back."""
    if back.language not in OTHERS:
        raise InputError(f"{file}: the language '{back.language}' is unknown. Known are: {', '.join(OTHERS)}.")
    original, translation = (
        _passage(shelf, back.kind, back.language)
        if back.topic == PASSAGES
        else _both(shelf, back.topic, back.kind, back.language)
    )
    if original.language != back.source_language:
        raise InputError(f"{file}: it was not made from the {LANGUAGES[SOURCE]} text. Export it again.")
    merged = exchange.merged(original, translation, back, by, shelf.today)
    place = original.file.with_name(f"{back.kind}.{back.language}.md")
    if merged.changed:
        files.write(place, merged.text.encode())
        click.echo(str(place))
        click.echo(f"Taken: {', '.join(merged.changed)}.", err=True)
    else:
        click.echo("Nothing was done in this file; the translation stays as it was.", err=True)
    for doubt in merged.doubts:
        click.echo(f"Compare it with the original: {doubt}", err=True)
    if believed := not_compared(back.language):
        what = f"The program knows no {' and no '.join(believed)} of {LANGUAGES[back.language]}"
        click.echo(f"Note: {what}. Have the translator compare numbers, doses and each 'not'.", err=True)
    if merged.left:
        click.echo(f"Not translated, for they are the same as in the original: {', '.join(merged.left)}.", err=True)
    if merged.incomplete:
        click.echo(f"Not complete yet: {', '.join(merged.incomplete)}.", err=True)


def _for_country(asked: str, language: str) -> str:
    """The tag of a language as programs of translators want it, with the country that somebody named (es-MX)."""
    tag, _, country = asked.replace("_", "-").partition("-")
    return f"{language}-{country.upper()}" if tag.lower() == language and country.isalnum() else language


def _all_passages(shelf: Shelf, language: str) -> Iterator[tuple[PassageText, PassageText | None]]:
    """The passages that there are to translate. Raises `InputError` when there is none."""
    names = [name for name, languages in PassageShelf(shelf.handouts).names.items() if SOURCE in languages]
    if not names:
        raise InputError(f"{shelf.handouts} has no passage in {LANGUAGES[SOURCE]}, which translations are made from.")
    return (_passage(shelf, name, language) for name in names)


def _passage(shelf: Shelf, name: str, language: str) -> tuple[PassageText, PassageText | None]:
    """The original of a passage, and its translation if there is one."""
    there = PassageShelf(shelf.handouts, known_kinds(shelf))
    original = there.read(name, SOURCE)[0] if SOURCE in there.names.get(name, ()) else None
    if original is None:
        raise InputError(f"There is no passage '{name}' in {LANGUAGES[SOURCE]} that can be read.")
    return original, there.read(name, language)[0] if language in there.names[name] else None


def _refuse_untranslated(shelf: Shelf, original: Document, language: str) -> None:
    """Raises `InputError` while a passage of a document is not there in a language, or is out of date in it."""
    faults = []
    for name in dict.fromkeys(one.name for one in original.passages):
        _, translation = _passage(shelf, name, language)
        if translation is None:
            faults.append(f"'{name}' is not there in {LANGUAGES[language]}")
        elif translation.behind:
            faults.append(f"'{name}': {translation.behind[1]}")
    if faults:
        remedy = f"Translate these first: python generate.py translate export --passages --to {language} --out FILE.xlf"
        raise InputError(f"The document asks for passages: {'; '.join(faults)}. {remedy}")


def _both(shelf: Shelf, topic: str, kind: str, language: str) -> tuple[Document, Document | None]:
    """The original of a document, and its translation if there is one."""
    documents, _ = library.read_library(shelf.handouts, [topic], shelf.today, kinds=known_kinds(shelf, kind))
    found = {one.language: one for one in documents if one.topic == topic and str(one.kind) == kind}
    if any(one.fixed for one in found.values()):
        raise InputError(f"The {kind} of {topic} is somebody else's form. Ask its owner for one in the other language.")
    if SOURCE not in found:
        raise InputError(f"{topic} has no {kind} in {LANGUAGES[SOURCE]}, which translations are made from.")
    return found[SOURCE], found.get(language)
