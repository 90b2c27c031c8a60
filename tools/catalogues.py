"""Brings the catalogues of template words up to date: run it after a change of words in templates or blocks.

Every catalogue gets every message, in the order in which the program says them. Messages that nobody says any more are
dropped; new ones have no words yet, and a test names them until somebody has translated them. A table of words
(`English<TAB>translation`, a line each) can be read in: `python tools/catalogues.py es words.es.tsv`.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from clinicpress.desk.prints import SENTENCES  # noqa: E402
from clinicpress.documents import BLOCKS, KINDS, LANGUAGES, messages_of  # noqa: E402
from clinicpress.documents.cover import COVER  # noqa: E402
from clinicpress.documents.cover import SENTENCES as ON_THE_SLIP  # noqa: E402
from clinicpress.documents.forms import CELL, STEP  # noqa: E402
from clinicpress.printers import REFUSALS, STATES  # noqa: E402
from clinicpress.words import SOURCE, catalogue_of  # noqa: E402

HEADER = """\
The words of the templates and of the blocks of a form, in {language}.
A machine drafted these words; no qualified translator has read them yet.
English is the message; braces stand for values. The word DRAFT stays, with its translation beside it.
`python tools/catalogues.py` adds new messages."""


@cache
def messages() -> dict[str, str]:
    """Every message that the program says in a document, with the place where it is said."""
    found: dict[str, str] = {}
    forms = (*_of_blocks(), *_of_fields())
    for place, message in (*_of_templates(), *_of_markup(), *_of_kinds(), *forms, *_of_printing()):
        found.setdefault(message, place)
    return found


def _of_templates() -> Iterator[tuple[str, str]]:
    environment = Environment(autoescape=True)
    for path in sorted((ROOT / "templates").rglob("*.j2")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for _, _, message in extract_from_ast(tree, gettext_functions=("_",), babel_style=False):
            texts = message if isinstance(message, tuple) else (message,)
            yield from ((path.name, text) for text in texts if text)


def _of_markup() -> Iterator[tuple[str, str]]:
    for name in ("markup.py", "parts.py", "library/words.py"):
        tree = ast.parse((ROOT / "clinicpress" / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="words"), args=[ast.Constant(value=str(message))]):
                    yield name, message


def _of_kinds() -> Iterator[tuple[str, str]]:
    """What kinds say, save what their own rows have in every language."""
    others = [language for language in LANGUAGES if language != SOURCE]
    for kind in (*KINDS.values(), COVER):
        own = ON_THE_SLIP if kind is COVER else ()
        for text in filter(None, (kind.called, kind.on_page, *kind.places.values(), *kind.agrees.values(), *own)):
            if not all(text in kind.words.get(language, {}) for language in others):
                yield f"kind {kind}", text


def _of_blocks() -> Iterator[tuple[str, str]]:
    for block in BLOCKS.values():
        yield from ((f"block {block.name}", message) for message in messages_of(block))


def _of_fields() -> Iterator[tuple[str, str]]:
    yield from (("fields, as they are said", message) for message in (CELL, STEP))


def _of_printing() -> Iterator[tuple[str, str]]:
    for place, table in (("desk/printing", SENTENCES), ("printers: states", STATES), ("printers: refusals", REFUSALS)):
        yield from ((place, message) for message in table)


def written(language: str, words: dict[str, str]) -> Catalog:
    """The catalogue of a language with all messages, and the words that are known for them."""
    catalogue = Catalog(
        locale=language,
        project="clinicpress",
        header_comment="\n".join(f"# {line}" for line in HEADER.format(language=LANGUAGES[language]).splitlines()),
        fuzzy=False,
        creation_date=datetime(2026, 11, 22, tzinfo=UTC),  # not the clock's: the same words give the same file
        revision_date=datetime(2026, 11, 22, tzinfo=UTC),
        last_translator="",
        language_team="",
    )
    for message, place in messages().items():
        catalogue.add(message, words.get(message, ""), auto_comments=[place])
    return catalogue


def main(arguments: list[str]) -> None:
    """Writes every catalogue again, with a table of words for one of them."""
    table: dict[str, dict[str, str]] = {}
    if arguments:
        language, path = arguments
        rows = (line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines() if "\t" in line)
        table[language] = {row[0]: row[1] for row in rows}
    for language in (one for one in LANGUAGES if one != SOURCE):
        path = catalogue_of(language)
        known: dict[str, str] = {}
        if path.is_file():
            with path.open("rb") as file:
                known = {str(one.id): str(one.string) for one in read_po(file, locale=language) if one.id}
        catalogue = written(language, known | table.get(language, {}))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=0, sort_output=False, no_location=True)
        for one in catalogue:
            if one.id and not one.string:
                print(f"{language}: {one.id}")


if __name__ == "__main__":
    main(sys.argv[1:])
