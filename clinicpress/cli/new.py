"""`new` starts from a skeleton, or from a draft of the starter library."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from clinicpress import files, library
from clinicpress.cli.importing import checked_topic, refuse_existing
from clinicpress.cli.options import LanguageChoice, known_kinds, shelf_options
from clinicpress.documents import LANGUAGES
from clinicpress.errors import InputError
from clinicpress.library.imports.skeleton import skeleton, year_later
from clinicpress.library.keys import nearest
from clinicpress.press.shelf import ROOT, Shelf
from clinicpress.words import SOURCE

STARTER = ROOT / "starter"
PASSAGES = "passages"


@click.command("new")
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.option("--kind", metavar="KIND", help="This kind only ('kinds' lists them).")
@click.option("--lang", type=LanguageChoice(sorted(LANGUAGES)), default=SOURCE, show_default=True, help="Its language.")
@click.option("--starter", is_flag=True, help="Drafts of the starter library, to be read and approved: all, or these.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@shelf_options
def new_topic(
    shelf: Shelf,
    topics: tuple[str, ...],
    kind: str | None = None,
    lang: str = SOURCE,
    starter: bool = False,
    as_json: bool = False,
) -> None:
    """Makes a skeleton handout and consent form with every section, or takes drafts to begin with.

    Each section of a skeleton holds a TODO, which `check` finds: it cannot be printed by mistake. A draft of the
    starter library is yours from then on, and prints DRAFT until somebody approves it. Nothing is overwritten.

    \b
    Example:
      python generate.py new knee-brace
      python generate.py new --starter
    """  # noqa: D301  click reads \b as "do not wrap"
    if starter and kind:
        raise InputError("A draft of the starter library has its kind already. Leave --kind out.")
    if not starter and len(topics) != 1:
        raise InputError("Name one topic, for example: new knee-brace.")
    texts = dict(_drafts(shelf, topics)) if starter else _skeletons(shelf, topics[0], kind, lang)
    for path in texts:
        if not (starter and path.parent.name == PASSAGES):
            refuse_existing(path)
    made = [path for path in texts if not path.exists()]
    for path in made:
        files.write(path, texts[path])
    for path in sorted(texts.keys() - set(made)):
        click.echo(f"{path} is there already, and was left as it is.", err=True)
    if as_json:
        click.echo(json.dumps({"files": [str(path) for path in made]}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(map(str, made)))


def _skeletons(shelf: Shelf, topic: str, kind: str | None, language: str) -> Mapping[Path, bytes]:
    """The files of a new topic, and what is in them."""
    folder = shelf.handouts / checked_topic(topic)
    known = known_kinds(shelf, kind)
    if kind and known[kind].is_fixed:
        raise InputError(f"Put its owner's PDF into {folder}, and beside it {kind}.{language}.toml: see docs/fixed.md.")
    kinds = [known[kind]] if kind else [one for one in known.values() if one.in_new_topic]
    return {folder / f"{one}.{language}.md": skeleton(one, topic, language, shelf.today).encode() for one in kinds}


def _drafts(shelf: Shelf, topics: tuple[str, ...]) -> Iterator[tuple[Path, bytes]]:
    """The files of drafts, and of the passages that they ask for, as they come into the clinic's folder.

    They are of today, and to be read again in a year.
    """
    known = sorted(path.name for path in STARTER.iterdir() if path.is_dir() and path.name != PASSAGES)
    for topic in topics:
        if topic not in known:
            raise InputError(f"The starter library has no '{topic}'. {nearest(topic, known)}")
    days = {"effective": shelf.today, "review_by": year_later(shelf.today)}
    drafts = [path for topic in topics or known for path in sorted((STARTER / topic).glob("*.*"))]
    asked = {use.file for path in drafts if path.suffix == ".md" for use in library.read_document(path).passages}
    for path in (*drafts, *sorted(asked)):
        data = path.read_bytes()
        for key, day in days.items():
            data = re.sub(rf"^{key}: .*$".encode(), f"{key}: {day}".encode(), data, count=1, flags=re.MULTILINE)
        yield shelf.handouts / path.parent.name / path.name, data
