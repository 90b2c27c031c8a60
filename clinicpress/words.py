"""Languages: which one is meant, the words of the templates in each, days as each writes them (the only door to Babel).

English is what the templates and the blocks of a form say themselves. Every other language has a gettext catalogue,
`templates/locales/<language>/LC_MESSAGES/clinicpress.po`, which is read as it is: there is no compiled copy to forget.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from clinicpress.errors import RenderError
from clinicpress.letters import folded

LOCALES = Path(__file__).parent.parent / "templates" / "locales"
SOURCE = "en"
"""The language that the templates are written in."""
LANGUAGE_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Language:
    """What the program knows of a language: a row of data, `languages/<tag>.toml`. What a row leaves out is not judged.

    `name` is its name in itself. `knows` says which word lists of the rules hold for it: "slips" (of typing, doses),
    "percentages", "times". Its turns of phrase, where they are known, are in `languages/phrases/`. `small_words` are
    passed over where words are compared, `articles` are those that ask for a certain word behind them. `thousands`
    parts the digits of large numbers, `to` stands between two numbers. `plurals` are pairs of a pattern and what takes
    its place; the first that fits counts. `sentences` are the words of `documents.sentences`,
    `formulas` those of reading, `headings` how a section with a role is usually headed, `to_do` what a skeleton says,
    `doses` plain words for the short forms of prescriptions, by the English ones, and `medical` patterns of how medical
    words look (`lint.terms`). With the rest a translation is
    set beside its original (`documents.translated`): `numbers` and `loose` are words by the number that they mean,
    `multipliers` multiply the number before them (where none are named, all that mean 10, 100, 1000 or a million),
    `joiners` stand within one ("treinta y dos"), `units` are words by a name that all languages share, with "_" for the
    blank of a unit of two words, `negation` words that deny, and those `apart` that only hold one; `limits` say what
    signs do ("≤"), `opposites` are pairs by a name that all languages share, `length` is how many letters a text has
    for each one of English; `same_words`, and those that end on `same_endings`, are written as in the language of the
    templates. `pieces` is how many syllables with blanks between them make a word, on average, where they are written.
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
    numbers: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, str] = field(default_factory=dict)
    multipliers: str = ""
    joiners: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    pieces: float = 1.0
    negation: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    opposites: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    length: float = 1.0
    same_words: str = ""
    same_endings: str = ""


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


# Which language is meant --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """A language that patients speak: how people name it, its codes of three letters, the small words that tell it."""

    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    common_words: frozenset[str] = field(default=frozenset(), repr=False)


SPOKEN_LANGUAGES: Mapping[str, SpokenLanguage] = MappingProxyType(
    {
        tag: SpokenLanguage(
            tuple(row.get("names", ())), tuple(row.get("codes", ())), frozenset(row.get("common_words", "").split())
        )
        for tag, row in tomllib.loads(
            (LANGUAGE_FOLDER / "spoken" / "languages.toml").read_text(encoding="utf-8")
        ).items()
    }
)
"""The languages that patients speak, by BCP 47 tag. Which of them the documents can be in is `LANGUAGE_ROWS`."""
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.ASCII)
_TAGS = {name: tag for tag, row in SPOKEN_LANGUAGES.items() for name in row.names}
_TAGS |= {folded(row.name): tag for tag, row in LANGUAGE_ROWS.items()}
_THREE = {code: tag for tag, row in SPOKEN_LANGUAGES.items() for code in row.codes}
_ROWS = {tag.lower(): tag for tag in (*SPOKEN_LANGUAGES, *LANGUAGE_ROWS)}
_PARTS = re.compile(r"[;,/()\[\]]| - ")


@lru_cache(maxsize=200)
def language_tag(said: str) -> str:
    """The tag of the nearest language that is known, however somebody names it; what is unknown stays.

    "es-MX", "es_419", "spa", "Spanish" and "Español (México)" are Spanish, while there is one text of it: a language
    that has a row for a country keeps that. Two languages in one name stay as they are, in small letters. What is not
    known as a language may still be one: whether there are texts in it, `LANGUAGE_ROWS` says.
    """
    word = folded(said)
    named = {tag for part in _PARTS.split(word) if (tag := _known(part.strip()))}
    tag = word.replace("_", "-")
    return named.pop() if len(named) == 1 else tag if _TAG.fullmatch(tag) else word


def languages_named(said: str) -> tuple[frozenset[str], bool]:
    """All languages that somebody names in a few words, and whether one of them is denied: "no English"."""
    found: set[str] = set()
    denied = False
    for part in _PARTS.split(folded(said)):
        words = re.findall(r"[^\W\d_]+", part)
        known = _known(part.strip())
        named = [(known, 0)] if known else [(tag, at) for at, word in enumerate(words) if (tag := _NAMES.get(word))]
        found |= {tag for tag, _ in named}
        denied |= any(_DENYING & {*words[max(0, at - DENIED_AHEAD) : at]} for _, at in named)
    return frozenset(found), denied


DENIED_AHEAD = 3  # words before the name of a language: "does not speak any English"
_NAMES = {**_TAGS, **_THREE}
_DENYING = frozenset(
    folded(word) for row in LANGUAGE_ROWS.values() for word in row.negation.get("plain", "").split()
) | {"non", "without", "sin"}


def nearest_language(said: str, there: Container[str]) -> str:
    """The nearest of the languages that are there, however somebody names it; nothing when there is none.

    Source: RFC 4647, 3.4 (lookup): the last part of a tag goes until one is found.
    """
    tag = language_tag(said)
    while tag and tag not in there:
        tag = tag.rpartition("-")[0]
    return tag


def _known(word: str) -> str:
    """The tag of a language that we know, by its name, or by its tag with a country or not; else nothing."""
    if tag := _TAGS.get(word):
        return tag
    first, *more = word.partition(".")[0].replace("_", "-").split("-")  # es_MX.UTF-8, as computers say it
    tag = "-".join((_THREE.get(first, first), *more))
    while tag and _TAG.fullmatch(tag) and tag not in _ROWS:
        tag = tag.rpartition("-")[0]
    return _ROWS.get(tag, "")


_RARE = Counter(word for row in SPOKEN_LANGUAGES.values() for word in row.common_words)
_WORD = re.compile(r"[^\W\d_]+")
LEAST_SHARE = 0.08  # of the words; running text has some 0.3
LEAST_LEAD = 1.5  # over the next language
LEAST_WORDS = 1.5  # words of one language alone; those that two have count half


def language_told(text: str) -> str:
    """The language that a text is in, as its small words tell; nothing when they do not tell clearly.

    Of 1,100 sentences and paragraphs in ten languages that this was measured with, none was taken for another
    (`tests/test_translated_words.py`); of short ones every third stays untold, which is no fault.
    """
    words = _WORD.findall(folded(text))
    told = {
        tag: sum(1 / _RARE[word] for word in words if word in row.common_words) for tag, row in SPOKEN_LANGUAGES.items()
    }
    (best, count), (_, second) = Counter(told).most_common(2)
    return best if count >= max(LEAST_WORDS, LEAST_SHARE * len(words), LEAST_LEAD * second) else ""


# What the program says in a language ------------------------------------------------------------------------------


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
        """So many of a unit of time, as people write it: 1 hour, 24 hours, 15 days.

        Where a language writes it in full only as it does in short, Babel has the short form alone, and would put the
        key of the unit in place of the long one. Raises `RenderError` when it has neither.
        """
        for form in ("long", "short"):
            with suppress(_babel()[1].UnknownUnitError):
                said: str = _babel()[1].format_unit(number, key := f"duration-{unit}", form, locale=self.language)
                if key not in said:
                    return said
        raise RenderError(f"The language '{self.language}' has no words for '{unit}'.")

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
