"""Classes of wording by which an element of a kind is found, as data: a name, patterns, and sentences to try them on.

They are in `languages/wordings/<tag>.toml`, and in the row of a kind. So a lawyer or a clinician can add a turn of
phrase without a line of code. A class is never trusted to hold its own opposite: that has a class of its own.

What many patterns share is written once, under `[parts]` of the file, and named `<<so>>`. A long pattern goes over
several lines. An apostrophe is written `'`; a text may have either form of it. A pattern for "will not" finds "won't"
too: both spellings of a sentence are tried.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from clinicpress.words import LANGUAGE_FOLDER, SOURCE

FEWEST = 5
"""How many sentences a class has to match, and how many it must not: a class without them is refused."""

_SHORT = {
    r"\bcan't\b": "cannot",
    r"\bwon't\b": "will not",
    r"\bshan't\b": "shall not",
    r"n't\b": " not",
    r"'ll\b": " will",
    r"'re\b": " are",
    r"'ve\b": " have",
    r"\bi'm\b": "I am",
    r"\blet's\b": "let us",
    r"\b(it|that|this|what|there|here|who|where|he|she|nothing|nobody|everything)'s\b": r"\1 is",
}
"""Short forms of English and what they stand for."""


@lru_cache(maxsize=500)
def spellings(sentence: str) -> tuple[str, ...]:
    """A sentence with plain apostrophes, and with its short forms written out, where it has any."""
    plain = written = sentence.replace("’", "'")
    for short, whole in _SHORT.items() if "'" in plain else ():
        written = re.sub(short, whole, written, flags=re.IGNORECASE)
    return (plain,) if written == plain else (plain, written)


@dataclass(frozen=True, slots=True)
class Wording:
    """A class of wording: one pattern of all, small and capital letters alike, and what a sentence must not hold."""

    about: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None

    def said_in(self, sentence: str) -> bool:
        """Whether a sentence holds it."""
        forms = spellings(sentence)
        found = any(self.pattern.search(one) for one in forms)
        return found and not (self.unless and any(self.unless.search(one) for one in forms))


@lru_cache(maxsize=500)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_in_one_line(one)})" for one in patterns), re.IGNORECASE)


def _in_one_line(pattern: str) -> str:
    """A pattern that is written over several lines; the blanks at their beginning are none of its own."""
    first, *further = pattern.replace("’", "'").split("\n")
    return first + "".join(line.lstrip(" ") for line in further)


def wording_of(row: Mapping[str, Any]) -> Wording:
    """The class of a row."""
    unless = _compiled(tuple(row["unless"])) if row.get("unless") else None
    return Wording(str(row.get("about", "")), _compiled(tuple(row["patterns"])), unless)


def faults_of(row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a class: a pattern that is none, too few sentences, a sentence that says otherwise."""
    patterns: Sequence[str] = row.get("patterns", ())
    if not patterns:
        yield "has no patterns"
        return
    try:
        wording = wording_of(row)
    except re.error as error:
        yield f"has a pattern that cannot be read: {error}"
        return
    for key in ("yes", "no"):
        if len(set(row.get(key, ()))) < FEWEST:
            yield f"needs {FEWEST} sentences under '{key}'"
    for sentence in row.get("yes", ()):
        if not wording.said_in(sentence):
            yield f"does not match “{sentence}”, which stands under 'yes'"
    for sentence in row.get("no", ()):
        if wording.said_in(sentence):
            yield f"matches “{sentence}”, which stands under 'no'"


@lru_cache(maxsize=1)
def classes() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The classes that ship, by language and name. They are read when the first is asked for."""
    files = sorted((LANGUAGE_FOLDER / "wordings").glob("*.toml"))
    return MappingProxyType({path.stem: _rows(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files})


def _rows(file: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """The classes of a file, with the parts that their patterns name."""
    parts = file.get("parts", {})
    rows = ((name, row) for name, row in file.items() if name != "parts")
    read = ("patterns", "unless")
    return {
        name: {**row, **{key: [_whole(one, parts) for one in row[key]] for key in read if key in row}}
        for name, row in rows
    }


def _whole(pattern: str, parts: Mapping[str, str]) -> str:
    return re.sub(r"<<([\w-]+)>>", lambda named: f"(?:{_whole(parts[named[1]], parts)})", pattern)


def wording(name: str, language: str, own: Mapping[str, Mapping[str, Any]]) -> Wording | None:
    """A class in a language; those of a kind's `own` are English. None where the language has no such class."""
    tag = language.partition("-")[0]
    rows = own if name in own and tag == SOURCE else classes().get(tag, {})
    return wording_of(rows[name]) if name in rows else None
