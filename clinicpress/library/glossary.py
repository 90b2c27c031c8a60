"""A `glossary.toml` becomes the list of medical terms and their plain words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from clinicpress.documents import Glossary, Term
from clinicpress.errors import Problem
from clinicpress.library.files import read_text, toml_values
from clinicpress.library.keys import Keys
from clinicpress.library.rules import BAD_FRONT_MATTER, WRONG_TYPE
from clinicpress.words import LANGUAGE_ROWS, SOURCE, language

FILE = "glossary.toml"
_KEY = re.compile(r"""^\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")


def read_glossary(folders: Sequence[Path]) -> tuple[Glossary, list[Problem]]:
    """The terms of the glossaries in some folders, and what is wrong with them. A later folder's word counts.

    A folder without a glossary adds none. Raises `InputError` for a file that cannot be read.
    """
    terms: dict[tuple[str, str], Term] = {}
    problems: list[Problem] = []
    for path in dict.fromkeys((folder / FILE).resolve() for folder in folders):
        if path.is_file():
            named = next(folder / FILE for folder in folders if (folder / FILE).resolve() == path)
            found, faults = _read(named)
            terms.update({(term.language, term.forms[0].lower()): term for term in found})
            problems += faults
    return Glossary(tuple(terms.values())), problems


def _read(path: Path) -> tuple[tuple[Term, ...], list[Problem]]:
    """The terms of one file as far as it can be read, and every problem."""
    text, problems = read_text(path)
    terms, faults = _parsed(path, text)
    return terms, [*problems, *faults]


@lru_cache(maxsize=8)
def _parsed(path: Path, text: str) -> tuple[tuple[Term, ...], tuple[Problem, ...]]:
    """The same for a text that was read; a text that was parsed once is not parsed again."""
    try:
        values = toml_values(text)
    except ValueError as error:
        found = re.search(r"line (\d+)", str(error))
        remedy = 'Write each term as: edema = {plain = "swelling"}.'
        message = f"The glossary cannot be read: {error}."
        return (), (BAD_FRONT_MATTER.found(str(path), int(found[1]) if found else 1, message, remedy),)
    lines: dict[str, int] = {}
    for number, row in enumerate(text.split("\n"), 1):
        if key := _KEY.match(row):
            lines.setdefault(key[1] or key[2] or key[3], number)
    terms: list[Term] = []
    problems: list[Problem] = []
    for name, value in values.items():
        line = lines.get(name, 1)
        if not isinstance(value, dict):
            message, remedy = f"'{name}' has no table of words.", f'Write {name} = {{plain = "…"}}.'
            problems.append(WRONG_TYPE.found(str(path), line, message, remedy, name))
            continue
        found_terms, faults = _terms(path, name, value, line)
        terms += found_terms
        problems += faults
    return tuple(terms), tuple(problems)


def _terms(path: Path, name: str, value: Mapping[str, object], line: int) -> tuple[list[Term], list[Problem]]:
    """One entry: the term in English, and in each other language in which it is given."""
    prefix = f"{name}."
    others = [tag for tag in LANGUAGE_ROWS if tag != SOURCE]
    known = ("plain", "forms", *(f"{tag}{more}" for tag in others for more in ("", "_plain", "_forms")))
    keys = Keys(path, value, {prefix + key: line for key in known}, prefix)
    own = Term(SOURCE, (name, *_plural(name, SOURCE), *keys.texts("forms", required=False)), keys.text("plain"))
    terms = [own] if own.plain else []
    for tag in others:
        term, plain = keys.text(tag, required=False), keys.text(f"{tag}_plain", required=False)
        more = keys.texts(f"{tag}_forms", required=False)
        if term and plain:
            terms.append(Term(tag, (term, *_plural(term, tag), *more), plain))
        elif term or plain or more:
            message = f"'{name}' has only one of '{tag}' (the term) and '{tag}_plain' (its plain words)."
            keys.problems.append(WRONG_TYPE.found(str(path), line, message, "Write both, or none.", name))
    keys.refuse_unknown()
    return terms, [p if p.line else Problem(**{**p.as_dict(), "line": line}) for p in keys.problems]  # type: ignore[arg-type]


def _plural(term: str, tag: str) -> Iterator[str]:
    """The regular plural of a term, where its language has rules for it; others stand under `forms`."""
    for pattern, ending in language(tag).plurals:
        if re.search(pattern, term):
            yield re.sub(pattern, ending, term, count=1)
            return
