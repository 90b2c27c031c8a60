"""`import` starts from what a clinic has."""

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinicpress import files, library
from clinicpress.cli.commands import problem_lines
from clinicpress.cli.options import LanguageChoice, known_kinds, shelf_options
from clinicpress.documents import LANGUAGES
from clinicpress.documents.passages import PASSAGES
from clinicpress.errors import ContentError, InputError, PressError, Problem, Severity, sorted_problems
from clinicpress.library.files import ENCODINGS
from clinicpress.library.imports import read_foreign
from clinicpress.library.pictures import MEDIA_TYPES
from clinicpress.press.passages import exploded, said_by_passages
from clinicpress.press.shelf import Shelf, take_stock

if TYPE_CHECKING:
    from clinicpress.library.imports import Imported


_OF_A_PERSON = re.compile(r"(?<!\d)\d{1,4}[-._ ]\d{1,2}[-._ ]\d{2,4}(?!\d)|\d{6}")  # a date, or a number of a record
_TOPIC = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--topic", metavar="T", help="The folder of content that it goes to (default: after the file's name).")
@click.option("--kind", metavar="KIND", help="What it is (default: by its content; 'kinds' lists them).")
@click.option("--lang", type=LanguageChoice(sorted(LANGUAGES)), help="Its language (default: by its words).")
@click.option("--encoding", type=click.Choice(ENCODINGS), help="How its letters are stored (.txt, .md, .html).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@shelf_options
def import_file(
    shelf: Shelf,
    file: Path,
    topic: str | None = None,
    kind: str | None = None,
    lang: str | None = None,
    encoding: str | None = None,
    as_json: bool = False,
) -> None:
    """Makes a document of a handout or form that you have: .docx, .odt, .txt, .md or .html.

    Every word, number and sign is kept, or told as left out. Headings get their roles by meaning (English, Spanish);
    what cannot be placed is put into a marked section at the end. It ends with a check of the new document and the
    three things to do first, and never overwrites a document.

    \b
    Example:
      python generate.py import samples/cool-wrap.txt --topic cool-wrap
    """  # noqa: D301  click reads \b as "do not wrap"
    topic = checked_topic(topic or topic_of(file))
    folder = shelf.handouts / topic
    kinds = known_kinds(shelf, kind)
    if kind and kinds[kind].is_fixed:
        raise InputError("Somebody else's form is printed as it is, so there is nothing to import: see docs/fixed.md.")
    leaflets = {one.leaflet for one in kinds.values() if one.leaflet}
    leaflet = topic if any(path for one in leaflets for path in folder.glob(f"{one}.*.md")) else ""
    made = read_foreign(
        file,
        shelf.today,
        kind=kind,
        kinds=kinds,
        language=lang or "",
        encoding=encoding,
        leaflet=leaflet,
    )
    path = folder / f"{made.kind}.{made.language}.md"
    refuse_existing(path)
    files.write(path, made.text.encode())
    problems, unchecked = _check(shelf, topic, path)
    if as_json:
        click.echo(json.dumps(_answer(path, made, problems, unchecked), ensure_ascii=False, indent=1))
        return
    click.echo(str(path))
    click.echo("\n".join([*_told(made, topic), *_offers(shelf, path), *unchecked]), err=True)
    stopped = {one.file for one in problems if one.severity is Severity.ERROR}
    first = [f"{number}. {said}" for number, said in enumerate(made.first, 1)]
    count = f"{len(problems)} finding(s) in {path}."
    click.echo("\n".join([*problem_lines(problems, stopped), count, "Do first:", *first]), err=True)


def checked_topic(topic: str) -> str:
    """The name of a topic: a plain folder name. Raises `InputError` with one that would do."""
    if not _TOPIC.fullmatch(topic) or len(topic) > 60:
        advice = f" For example: {_plain_name(topic)}." if _plain_name(topic) else ""
        raise InputError(f"'{topic}' cannot name a topic: take small letters a to z, digits and hyphens.{advice}")
    if topic == PASSAGES:
        raise InputError(f"'{topic}' cannot name a topic: that folder holds passages. Take another name.")
    return topic


def refuse_existing(path: Path) -> None:
    """Raises `InputError` when a document stands there already."""
    if path.exists() or path.is_symlink():
        remedy = "Take another topic, or move that document away first."
        raise InputError(f"{path} is there already, and was left as it is. {remedy}")


def topic_of(file: Path) -> str:
    """The topic that the name of a file gives. Raises `InputError` where it gives none, or may name a person."""
    name = _plain_name(file.stem)
    if dated := _OF_A_PERSON.search(file.stem):
        what = f"The name of {file} holds '{dated[0]}', a date or a number that may be of one person."
        raise InputError(f"{what} Name the topic with --topic, and without the person, for example --topic knee-care.")
    if not name:
        raise InputError(f"The name of {file} gives no topic. Name one with --topic, for example --topic neurotherapy.")
    return name


def _plain_name(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def _check(shelf: Shelf, topic: str, path: Path) -> tuple[tuple[Problem, ...], list[str]]:
    """What the editor finds in the new document; a shelf that cannot be read does not undo the import."""
    try:
        found = take_stock(shelf, (topic,)).problems
    except PressError as error:
        return (), [f"The document was written, but not checked: {error}"]
    return sorted_problems(one for one in found if one.file == str(path)), []


def _offers(shelf: Shelf, path: Path) -> list[str]:
    """Words of the new document that a passage says already."""
    try:
        return list(said_by_passages(shelf.handouts, path, known_kinds(shelf)))
    except PressError:  # the check has said what is wrong
        return []


def _told(made: "Imported", topic: str) -> list[str]:
    """The result in words."""
    lines = [f"{made.title or 'A text without a title'}: a {made.kind}, {made.why}. Topic: {topic}."]
    lines.append(f"{made.words} words were carried over; language: {made.language}.")
    for heading, roles, added in made.sections:
        lines.append(f"  {'+' if added else ' '} {heading}" + (f"  [{', '.join(roles)}]" if roles else ""))
    for remark in made.remarks:
        lines.append(f"- {remark.what} {remark.remedy}")
        if remark.words:
            lines.append(f"    | {remark.words}")
    return lines


def _answer(path: Path, made: "Imported", problems: tuple[Problem, ...], unchecked: list[str]) -> dict[str, object]:
    """The result as JSON."""
    return {
        "file": str(path),
        "kind": str(made.kind),
        "why": made.why,
        "language": made.language,
        "title": made.title,
        "words": made.words,
        "sections": [
            {"heading": heading, "roles": list(roles), "added": added} for heading, roles, added in made.sections
        ],
        "remarks": [remark.as_dict() for remark in made.remarks]
        + [{"what": one, "words": "", "remedy": ""} for one in unchecked],
        "problems": [problem.as_dict() for problem in problems],
        "first": list(made.first),
    }


@click.command()
@click.argument("topic")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where to write.")
@shelf_options
def explode(shelf: Shelf, topic: str, out: Path) -> None:
    """Writes the texts of a topic with their passages written out in them.

    It is for whoever takes them elsewhere. Values of the clinic stay named. The pictures lie beside the texts. Nothing
    is overwritten.

    \b
    Example:
      python generate.py explode neurotherapy --out elsewhere
    """  # noqa: D301  click reads \b as "do not wrap"
    documents, problems = library.read_library(shelf.handouts, [topic], shelf.today, kinds=known_kinds(shelf))
    if errors := [one for one in problems if one.severity is Severity.ERROR]:
        raise ContentError(errors)
    beside = {one.name: one for one in (shelf.handouts / topic).iterdir() if one.suffix in MEDIA_TYPES}
    texts: dict[Path, bytes] = {out / topic / name: path.read_bytes() for name, path in beside.items()}
    for document in documents:
        text, pictures = exploded(document)
        texts[out / topic / document.file.name] = text.encode()
        texts |= {out / topic / name: path.read_bytes() for name, path in pictures.items()}
    for path in texts:
        refuse_existing(path)
    for path, data in texts.items():
        files.write(path, data)
    click.echo("\n".join(map(str, texts)))
