"""The words of the templates in each language, and days as each language writes them (the only door to Babel).

English is what the templates and the blocks of a form say themselves. Every other language has a gettext catalogue,
`templates/locales/<language>/LC_MESSAGES/clinicpress.po`, which is read as it is: there is no compiled copy to forget.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from clinicpress.errors import RenderError

LOCALES = Path(__file__).parent.parent / "templates" / "locales"
SOURCE = "en"
"""The language that the templates are written in."""
LANGUAGE_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Language:
    """What the program knows of a language: a row of data, `languages/<tag>.toml`. What a row leaves out is not judged.

    `name` is its name in itself. `knows` says which word lists of the rules hold for it: "slips" (of typing, doses).
    Its turns of phrase, where they are known, are in `languages/phrases/`. `small_words` are passed over where words
    are compared, `articles` are those that ask for a certain word behind them. `thousands` parts the digits of large
    numbers, `to` stands between two numbers. `plurals` are pairs of a pattern and what takes its place; the first that
    fits counts. `sentences` are the words of `documents.sentences`,
    `formulas` those of reading, `headings` how a section with a role is usually headed, `to_do` what a skeleton says,
    `doses` plain words for the short forms of prescriptions, by the English ones, and `medical` patterns of how medical
    words look (`lint.terms`).
    """

    name: str
    knows: tuple[str, ...] = ()
    small_words: str = ""
    articles: str = ""
    thousands: str = ""
    to: str = "–"
    plurals: tuple[tuple[str, str], ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, Any] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    to_do: Mapping[str, str] = field(default_factory=dict)
    doses: Mapping[str, str] = field(default_factory=dict)
    medical: Mapping[str, str] = field(default_factory=dict)


LANGUAGE_ROWS: Mapping[str, Language] = MappingProxyType(
    {
        path.stem: Language(**tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(LANGUAGE_FOLDER.glob("*.toml"), key=lambda path: (path.stem != SOURCE, path.stem))
    }
)
"""The languages that documents can be in, by BCP 47 tag, that of the templates first. A language is what has a row."""


def language(tag: str) -> Language:
    """The row of a language, of whatever country; an empty one for a language that has none."""
    return LANGUAGE_ROWS.get(tag.partition("-")[0], Language(tag))


@lru_cache(maxsize=10)
def common_words(tag: str) -> frozenset[str]:
    """The commonest words of a language, those of five letters and more; none for a language without a list of them."""
    path = LANGUAGE_FOLDER / "words" / f"{tag.partition('-')[0]}.txt"
    rows = path.read_text(encoding="utf-8").splitlines() if path.is_file() else ()
    return frozenset(row for row in rows if not row.startswith("#"))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. Called with an English message, it gives that message in its language."""

    language: str
    messages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def __call__(self, message: str) -> str:
        """A message in this language. English never stands in for words that are missing.

        Raises `RenderError` for them: a form that is half English would be signed by people who cannot read it.
        """
        if not message or self.language == SOURCE:
            return message
        if found := self.messages.get(message):
            return found
        raise RenderError(
            f"The catalogue of '{self.language}' has no words for '{message}'. "
            f"Add them to {catalogue_of(self.language)}."
        )

    def day(self, day: date) -> str:
        """A day as people read it: November 22, 2027."""
        return self._written(day, "long")

    def short_day(self, day: date) -> str:
        """A day in few letters: Nov 22, 2027."""
        return self._written(day, "medium")

    def amount(self, number: int, unit: str) -> str:
        """So many of a unit of time, as people write it: 1 hour, 24 hours, 15 days."""
        said: str = _babel()[1].format_unit(number, f"duration-{unit}", "long", locale=self.language)
        return said

    def _written(self, day: date, form: Literal["long", "medium"]) -> str:
        if form_of_month := _month(self.language, day.month, form):
            return form_of_month.format(year=day.year, day=day.day)
        return _by_babel(self.language, day, form)


def _by_babel(language: str, day: date, form: Literal["long", "medium"]) -> str:
    # Taken apart, for Babel would write today's date in place of none.
    said: str = _babel()[0].format_date(date(day.year, day.month, day.day), form, locale=language)
    return said


def _babel() -> tuple[ModuleType, ModuleType]:
    from babel import dates, units  # noqa: PLC0415  checking a library needs no dates in words

    return dates, units


@lru_cache(maxsize=500)
def _month(language: str, month: int, form: Literal["long", "medium"]) -> str:
    """How a language writes the days of a month, with places for day and year; nothing where that is not so simple.

    A morning has thousands of birth dates, and Babel takes longer for one than the rest of a row does.
    """
    pattern = _by_babel(language, date(2003, month, 28), form)
    if any(mark in pattern for mark in "{}") or pattern.count("2003") != 1 or pattern.count("28") != 1:
        return ""
    pattern = pattern.replace("2003", "{year}").replace("28", "{day}")
    tried = (date(1961, month, 9), date(2028, month, 12))
    return pattern if all(pattern.format(year=d.year, day=d.day) == _by_babel(language, d, form) for d in tried) else ""


def catalogue_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return LOCALES / language / "LC_MESSAGES" / "clinicpress.po"


@lru_cache(maxsize=20)
def words_in(language: str) -> Words:
    """The words of a language. One without a catalogue has none: asking it for a message raises `RenderError`."""
    path = catalogue_of(language)
    if language == SOURCE or not path.is_file():
        return Words(language)
    from babel.messages.pofile import read_po  # noqa: PLC0415  most libraries are in English only

    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return Words(
        language,
        MappingProxyType(
            {str(one.id): str(one.string) for one in catalogue if one.id and one.string and not one.fuzzy}
        ),
    )
