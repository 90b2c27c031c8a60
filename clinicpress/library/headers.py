"""What the file of every document says first, whatever it holds: where it is, its name, its number, its language."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from clinicpress.documents import KINDS, LANGUAGES, Document, Kind, text_name
from clinicpress.documents.passages import PASSAGES
from clinicpress.errors import InputError, Problem
from clinicpress.library.keys import Keys
from clinicpress.library.kinds import KINDS_FOLDER
from clinicpress.library.rules import BAD_FORM_NUMBER, BAD_LANGUAGE, NAME_MISMATCH
from clinicpress.words import SOURCE

_FORM_NUMBER = re.compile(r"[A-Za-z0-9./-]{1,20}")


def find_documents(handouts: Path, kinds: Mapping[str, Kind] = KINDS) -> list[Path]:
    """The document files of a library, sorted: `<topic>/<kind>.<lang>.md`, or .toml for somebody else's form.

    Raises `InputError` when there is no such folder.
    """
    if not os.path.isdir(handouts):  # noqa: PTH112  Path.is_dir() fails for a name that is too long
        raise InputError(f"There is no folder {handouts}. Name the folder of your handouts with --handouts DIR.")
    found = (path for kind in kinds.values() for path in handouts.glob(f"*/{kind}.*{kind.suffix}"))
    return sorted(path for path in found if path.parent.name != PASSAGES)


def nearly_documents(handouts: Path, paths: Sequence[Path], kinds: Collection[Kind]) -> list[Problem]:
    """Files that look like documents and are not found as such: somebody would miss them in the print."""
    problems = []
    said = (path for path in handouts.glob("*/*.toml") if path.parent.name != KINDS_FOLDER)
    for path in sorted((*handouts.glob("*/*.md"), *said)):
        looks = path.name.lower().startswith(tuple(one for one in kinds if path.suffix == ".md" or one.is_fixed))
        if looks and path not in paths and path.parent.name != PASSAGES:
            meant = [one for one in kinds if one.is_fixed and path.name.lower().startswith(one)]
            message = f"{path.name} is no document by its name, and is not printed."
            names = " or ".join(f"{one}.{SOURCE}{one.suffix}" for one in meant or kinds if meant or not one.is_fixed)
            remedy = f"Name it {names} (kind, language, {'toml' if meant else 'md'})."
            problems.append(NAME_MISMATCH.found(str(path), 0, message, remedy))
    return problems


def form_number(keys: Keys) -> str:
    """The clinic's number for a text: short and plain, for it stands in the code that a scanner reads."""
    number = keys.text("form")
    if number and not _FORM_NUMBER.fullmatch(number):
        message = f"'{number}' does not fit into the code on the page."
        remedy = "Take at most 20 letters A to Z, digits and the signs - . / for example NT-C1."
        keys.problems.append(BAD_FORM_NUMBER.found(keys.file, keys.line("form"), message, remedy, number))
    return number


def language_of(keys: Keys) -> str:
    """The language of a text, which has to be one that we know."""
    language = keys.text("language")
    if language and language not in LANGUAGES:
        remedy = f"Known are: {', '.join(f'{tag} ({name})' for tag, name in LANGUAGES.items())}."
        message = f"The language '{language}' is unknown."
        keys.problems.append(BAD_LANGUAGE.found(keys.file, keys.line("language"), message, remedy, language))
    return language


def name_faults(path: Path, document: Document) -> list[Problem]:
    """What the file name says against what the front matter says."""
    kind, _, language = text_name(path).partition(".")
    inside = "the file itself" if document.fixed else "the front matter"
    faults = []
    for key, named, said in (("kind", kind, str(document.kind)), ("language", language, document.language)):
        if said and named != said:
            message = f"The file name says {key} '{named}', {inside} says '{said}'."
            remedy = (
                f"Rename the file to {document.kind}.{document.language}{document.kind.suffix}, or correct the {key}."
            )
            faults.append(NAME_MISMATCH.found(str(path), document.lines.get(key, 1), message, remedy))
    return faults
