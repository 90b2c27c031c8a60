"""What headings and sentences are about: the patterns of all languages (`languages/imports/`), asked by name.

Patterns, not a model: each can be read, argued with and tested.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from clinicpress.documents import LANGUAGES, FieldKind, Kind
from clinicpress.words import LANGUAGE_FOLDER, words_in

_BY_LANGUAGE: Mapping[str, Mapping[str, Any]] = {
    tag: tomllib.loads((LANGUAGE_FOLDER / "imports" / f"{tag}.toml").read_text(encoding="utf-8"))
    for tag in LANGUAGES
    if (LANGUAGE_FOLDER / "imports" / f"{tag}.toml").is_file()
}
_ROWS: Sequence[Mapping[str, Any]] = list(_BY_LANGUAGE.values())


def _told(table: str, key: str) -> list[str]:
    """The patterns of all languages under a key."""
    return [pattern for row in _ROWS for pattern in row.get(table, {}).get(key, ())]


def _groups(role: str, strength: str) -> list[list[str]]:
    """The groups of patterns of a role; those of one place in several languages are one."""
    every = zip_longest(*(row.get("content", {}).get(role, {}).get(strength, ()) for row in _ROWS), fillvalue=())
    return [[pattern for group in groups for pattern in group] for groups in every]


_HEADING = [(role, re.compile("|".join(_told("headings", role)))) for role in _ROWS[0]["headings"]]
_ARTICLES, _ADJECTIVES = ("|".join(_told("words", key)) for key in ("articles", "adjectives"))
_EXACT = re.compile(f"(?:(?:{_ARTICLES}) )?(?:(?:{_ADJECTIVES}) )?(?:{'|'.join(_told('names', 'whole'))})")
_JOINED = re.compile(rf"\b(?:{'|'.join(_told('words', 'and'))})\b")
_CHOICES = re.compile("|".join(_told("words", "choices")))
TO_SIGN = re.compile(rf"_{{3,}}|\.{{6,}}|^\s*(?:{'|'.join(_told('words', 'signing'))})\s*:?\s*$", re.IGNORECASE)
_SIGNED = {FieldKind(sort): _told("signed", sort) for sort in _ROWS[0]["signed"]}
_SMALL = frozenset(_told("words", "before-a-blank"))
_SIGN_HERE = re.compile("|".join(rf"\b(?:{one})" for one in _told("words", "sign-here")))
_SIGNS_ENOUGH = 2
# Three points are enough for a section of its own (`placing.ENOUGH`).
_STRONG, _WEAK = 3, 1
_CONTENTS = {
    role: [
        (weight, re.compile(rf"\b(?:{'|'.join(words)})\b"))
        for weight, key in ((_STRONG, "strong"), (_WEAK, "weak"))
        for words in _groups(role, key)
    ]
    for role in dict.fromkeys(role for row in _ROWS for role in row.get("content", {}))
}


def folded(text: str) -> str:
    """A text in small letters, without accents and curly quotes, in one line."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())


def letters_that_are_words(language: str) -> frozenset[str]:
    """The letters that are words of a language; where it is unknown, all that may be one."""
    row = _BY_LANGUAGE.get(language)
    return frozenset("aeiouy" if row is None else row["words"].get("letters", "aeiouy"))


def heading_roles(words: str, *, exact: bool = False) -> tuple[str, ...]:
    """The roles that a heading names, the first of them the main one; none when its words tell nothing.

    With `exact`, only lines count that can be nothing but a heading.
    """
    text = folded(words).strip(" ¿?¡!:.0123456789)-–")
    if exact:
        return ("section",) if _EXACT.fullmatch(text) else ()
    roles = [role for role, pattern in _HEADING if pattern.search(text)]
    if "benefits" in roles and "drawbacks" in roles and _JOINED.search(text):
        return ("benefits", "drawbacks")
    if _CHOICES.search(text):
        return ("comparison", "alternatives", *(role for role in roles if role == "no-treatment"))
    return tuple(roles[:1]) if not roles or roles[0] != "drawbacks" else ("drawbacks", "risks")


def content_scores(text: str, roles: Sequence[str]) -> dict[str, int]:
    """How strongly a text speaks for each role, in points."""
    plain = folded(text)
    scores = {}
    for role in roles:
        rows = _CONTENTS.get("drawbacks" if role == "risks" else role, [])
        scores[role] = sum(
            weight if weight == _STRONG else min(3, len(set(pattern.findall(plain)))) * weight
            for weight, pattern in rows
            if pattern.search(plain)
        )
    return scores


def kind_by_signs(text: str, kinds: Mapping[str, Kind]) -> tuple[Kind, list[str]]:
    """The kind that the words of a text speak for, and those words, each once; without any, the first kind."""
    plain = folded(text)
    for kind in (one for one in kinds.values() if "signs" in one.imports):
        signs = {found[0] for found in re.finditer("|".join(kind.imports["signs"]), plain)}
        if len(signs) >= _SIGNS_ENOUGH:
            return kind, sorted(signs)
    return next(iter(kinds.values())), []


def asks_to_sign(text: str) -> str:
    """The words by which a text asks somebody to sign it; none when it does not."""
    found = _SIGN_HERE.search(folded(text))
    return found[0] if found else ""


def printed_words(kind: Kind) -> set[str]:
    """The words before the fields that the form's blocks print, in all languages."""
    labels = [one.label for name in kind.offered for one in kind.known_blocks[name].fields]
    said = [kind.said(label, words_in(language)) for label in labels for language in LANGUAGES]
    signed = {one.kind for name in kind.offered for one in kind.known_blocks[name].fields}
    own = [pattern for sort, patterns in _SIGNED.items() if sort in signed for pattern in patterns]
    return {word for text in (*labels, *said, *own) for word in content_words(text)}


def content_words(text: str) -> set[str]:
    """The words of a line to sign, without those that only lead to the blank."""
    return set(re.findall(r"[^\W\d_]+", folded(text))) - _SMALL
