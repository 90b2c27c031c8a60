"""`new`: a skeleton handout and consent form."""

import json

import click

from clinicpress import delivery
from clinicpress.cli.importing import checked_topic, refuse_existing
from clinicpress.cli.options import shelf_options
from clinicpress.documents import LANGUAGES, Kind
from clinicpress.stock import Shelf


@click.command("new")
@click.argument("topic")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), default="en", show_default=True, help="Its language.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@shelf_options
def new_topic(shelf: Shelf, topic: str, lang: str = "en", as_json: bool = False) -> None:
    """Makes a skeleton handout and consent form with every section, ready to fill.

    Each section holds a TODO, which `check` finds: it cannot be printed by mistake. Nothing is overwritten.

    \b
    Example:
      python generate.py new knee-brace
    """  # noqa: D301  click reads \b as "do not wrap"
    from clinicpress.library.imports.frame import skeleton  # noqa: PLC0415  only this command needs it

    folder = shelf.handouts / checked_topic(topic)
    texts = {folder / f"{kind}.{lang}.md": skeleton(kind, topic, lang, shelf.today) for kind in Kind}
    for path in texts:
        refuse_existing(path)
    for path, text in texts.items():
        delivery.write(path, text.encode())
    if as_json:
        click.echo(json.dumps({"files": [str(path) for path in texts]}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(map(str, texts)))
