"""Reads keys and values that people typed (also of a heading), and says what is wrong with each."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from clinicpress.errors import Problem, Rule
from clinicpress.letters import unprintable_character
from clinicpress.library.rules import (
    BAD_DATE,
    MISSING_KEY,
    UNKNOWN_KEY,
    UNKNOWN_ROLE,
    UNKNOWN_VALUE,
    UNREADABLE_TEXT,
    UNSUPPORTED,
    WRONG_TYPE,
)

Choice = TypeVar("Choice", bound=StrEnum)


def nearest(word: str, known: Collection[str]) -> str:
    """'Did you mean …?', or the whole list when nothing is near."""
    match = get_close_matches(word, sorted(known), n=1)
    return f"Did you mean '{match[0]}'?" if match else f"Known are: {', '.join(sorted(known))}."


class _Unreadable:
    """Stands for a value that was reported already."""


UNREADABLE = _Unreadable()
UNKNOWN_DAY = date.min
"""Stands for a day that could not be read. Rules about dates pass over it."""


class Keys:
    """A table of keys and values, read one key at a time. Problems are collected, never raised.

    Each reader returns the value, or a stand-in of the right type after it has noted a problem: so one reading finds
    every fault. `lines` gives the line of each key, `prefix` the table's name in front of it, `written`
    the value as it stands in the file, where that is not what it means (`no` means false).
    """

    def __init__(
        self,
        file: Path,
        values: Mapping[str, object],
        lines: Mapping[str, int],
        prefix: str = "",
        written: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.path = file
        self.file = str(file)
        self.values = values
        self.lines = lines
        self.prefix = prefix
        self._written = written
        self.problems: list[Problem] = []
        self._asked: set[str] = set()

    def line(self, key: str) -> int:
        """The line on which a key stands; 0 when it does not."""
        return self.lines.get(self.prefix + key, 0)

    def text(self, key: str, *, required: bool = True) -> str:
        """A line of text, without blanks around it."""
        value = self._take(key, required)
        if isinstance(value, str):
            if required and not value.strip():
                self._missing(key)
            return self._clean(key, value)
        if value is not None:
            self._wrong(key, value, "text", 'Put the value in quotes: "…".')
        return ""

    def texts(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of lines of text."""
        value = self._take(key, required)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            texts = tuple(text for text in (self._clean(key, item) for item in value) if text)
            if required and not texts:
                self._missing(key)
            return texts
        if value is not None:
            self._wrong(key, value, "a list of texts", 'Write ["one", "two"], each in quotes.')
        return ()

    def date(self, key: str, *, required: bool = True) -> date:
        """A calendar day."""
        value = self._take(key, required)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.problems.append(
                BAD_DATE.found(
                    self.file,
                    self.line(key),
                    f"'{key}' is not a date: {value}.",
                    "Write it as year-month-day and without quotes, for example 2027-11-22.",
                    self._shown(key, value),
                )
            )
        return UNKNOWN_DAY

    def number(self, key: str, lowest: int, highest: int, default: int) -> int:
        """A whole number within bounds."""
        value = self._take(key, required=False)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        self._wrong(key, value, f"a whole number from {lowest} to {highest}", f"For example: {default}.")
        return default

    def flag(self, key: str) -> bool:
        """True or false; false when it is not said."""
        value = self._take(key, required=False)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._wrong(key, value, "true or false", "Write it without quotes.")
        return False

    def choice(self, key: str, kind: type[Choice], default: Choice | None = None) -> Choice:
        """One of a fixed set of words."""
        words = [str(choice) for choice in kind]
        return kind(self.word(key, words, None if default is None else str(default)))

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """One of some words; the first where a wrong one stands, or none that has to."""
        value = self._take(key, required=default is None)
        stand_in = words[0] if default is None else default
        if value is None:
            return stand_in
        if value in words:
            return str(value)
        self.unknown_value(key, str(value), words)
        return stand_in

    def table(self, key: str) -> Mapping[str, str]:
        """Names with a text each."""
        value = self._take(key, required=False)
        if value is None:
            return {}
        if isinstance(value, dict) and all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
            return value
        self._wrong(key, value, "a table of texts", 'Write {name: "text"}.')
        return {}

    def known(self, key: str) -> None:
        """Notes that a key is read elsewhere."""
        self._asked.add(key)

    def refuse_value(self, key: str, word: str, message: str, remedy: str) -> None:
        """Notes a word that cannot stand where it stands."""
        self.problems.append(UNKNOWN_VALUE.found(self.file, self.line(key), message, remedy, word))

    def refuse_key(self, table: str, key: str, message: str, remedy: str) -> None:
        """Notes a key of a table that nobody reads."""
        self.problems.append(UNKNOWN_KEY.found(self.file, self.line(table), message, remedy, key))

    def refuse_type(self, table: str, key: str, message: str, remedy: str) -> None:
        """Notes a value of a table that is not what it has to be."""
        self.problems.append(WRONG_TYPE.found(self.file, self.line(table), message, remedy, key))

    def unknown_value(self, key: str, word: str, known: Collection[str]) -> None:
        """Notes a word that is not in the set."""
        message = f"'{key}' does not know '{word}'."
        self.problems.append(UNKNOWN_VALUE.found(self.file, self.line(key), message, nearest(word, known), word))

    def refuse_unknown(self, known: Collection[str] = ()) -> None:
        """Notes every key that nobody asked for. Call it last. `known` are further keys to suggest."""
        for key in sorted(self.values.keys() - self._asked):
            message = f"The key '{key}' is unknown."
            remedy = nearest(key, self._asked | set(known))
            self.problems.append(UNKNOWN_KEY.found(self.file, self.line(key), message, remedy, key))

    def _clean(self, key: str, value: str) -> str:
        """A text without blanks around it; escapes can smuggle in characters that the file itself may not hold."""
        text = value.strip()
        if fault := unprintable_character(text):
            message, remedy = f"'{self.prefix}{key}' holds {fault}, which does not print.", "Type the value again."
            self.problems.append(UNREADABLE_TEXT.found(self.file, self.line(key), message, remedy))
            return ""
        return text

    def _take(self, key: str, required: bool) -> object:
        self._asked.add(key)
        value = self.values.get(key)
        if value is UNREADABLE:
            return None
        if value is None and required:
            self._missing(key)
        return value

    def _missing(self, key: str) -> None:
        # A near miss among the unknown keys is most likely this very key: refuse_unknown will say so as well.
        message = f"The key '{self.prefix}{key}' is missing."
        self.problems.append(MISSING_KEY.found(self.file, self.line(key) or 1, message, f"Add a line '{key}: …'."))

    def _wrong(self, key: str, value: object, wanted: str, remedy: str) -> None:
        message = f"'{self.prefix}{key}' has to be {wanted}, not {_kind_of(value)}."
        self.problems.append(WRONG_TYPE.found(self.file, self.line(key), message, remedy, self._shown(key, value)))

    def _shown(self, key: str, value: object) -> str:
        """A value as it stands in the file."""
        return self._written.get(key) or str(value)


def _kind_of(value: object) -> str:
    """What a value is, in words."""
    match value:
        case bool():
            return f"yes/no ({str(value).lower()})"
        case int() | float():
            return f"the number {value}"
        case date():
            return f"the date {value}"
        case str():
            return f"the text '{value}'"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "empty"


_ATTRIBUTES = re.compile(r"(?<!\s)\s*+\{((?:\s*[#.][^\s{}#.]+)+)\s*\}\s*$")
HeadingFault = tuple[Rule, str, str, str]
"""A rule, what is wrong, what to do, and the words that are meant."""


def read_heading(text: str, known: Sequence[str]) -> tuple[str, tuple[str, ...], list[HeadingFault]]:
    """The words of a heading, its roles among the `known` ones, and what is wrong with it."""
    found = _ATTRIBUTES.search(text)
    named = re.findall(r"[#.]([^\s#.]+)", found[1]) if found else []
    unknown = [role for role in named if role not in known]
    faults = [(UNKNOWN_ROLE, f"The role '{role}' is unknown.", nearest(role, known), text) for role in unknown]
    words = text[: found.start()] if found else text
    return words, tuple(role for role in named if role in known), [*faults, *marks_left(words)]


def marks_left(words: str) -> list[HeadingFault]:
    """What is wrong with a heading that has no words, or a mark that is not understood and would print."""
    if not words.strip():
        return [(UNSUPPORTED, "A heading has no words.", "Write what the section is about.", "")]
    if "{" in words or "}" in words:
        remedy = "A role stands at the end of a section's heading: '## What it is {#definition}'."
        return [(UNKNOWN_ROLE, "The mark in the heading is not understood.", remedy, words)]
    return []
