"""What a translation says beside its original: whether it is one, and where numbers, doses and denials differ.

The words that tell are data of each language (`languages/<tag>.toml`). What a language has no words for is believed.
A count is no reading: whether two texts mean the same, only a person can say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from unicodedata import numeric

from clinicpress.words import SPOKEN_LANGUAGES, language, language_told

_MARKS = re.compile(r"[*_`\\]+")
_UNCHANGED = re.compile(r"\{[^{}]*\}|(?:https?://|www\.)\S+|\S+@\S+|\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ENOUGH_WORDS = 3  # where nobody has listed the words that two languages share


def bare(text: str) -> str:
    """A text as it is compared with another: without marks, in small letters and single blanks."""
    return " ".join(_MARKS.sub("", text).casefold().split())


def untranslated(source: str, target: str, languages: tuple[str, str], known: frozenset[str]) -> bool:
    """Whether a text was left as it is in its original, though it has words to translate.

    Names, numbers, addresses and what both languages write alike are no such words. `languages` are those of original
    and translation, `known` the words that the original has in small letters somewhere: these are no names.
    """
    if bare(source) != bare(target) or language_told(source) == languages[1]:
        return False
    ours, theirs = (_spoken(tag) for tag in languages)
    listed = {*language(languages[1]).same_words.split()}
    alike = listed | _shared_units(languages)
    left = [
        word.casefold()
        for word in _WORD.findall(_UNCHANGED.sub(" ", _MARKS.sub("", source)))
        if len(word) > 1 and (word.islower() or (word.istitle() and word.casefold() in known | ours | theirs))
    ]
    if any(word in ours and word not in theirs | alike for word in left):
        return True
    if any(word in theirs - ours for word in left):
        return False
    endings = tuple(language(languages[1]).same_endings.split())
    left = [word for word in left if word not in alike and not word.endswith(endings or ("\n",))]
    return len(left) >= (1 if listed else ENOUGH_WORDS)


def _spoken(tag: str) -> frozenset[str]:
    row = SPOKEN_LANGUAGES.get(tag.partition("-")[0])
    return row.common_words if row else frozenset()


def _shared_units(languages: tuple[str, str]) -> set[str]:
    """How two languages write the same unit alike: a dose such as "2.5 mg" is translated as it is."""
    rows = [language(tag).units for tag in languages]
    return {
        word.casefold()
        for unit in rows[0].keys() & rows[1].keys()
        for word in {*rows[0][unit].split()} & {*rows[1][unit].split()}
    }


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that stand in texts in small letters: these are nobody's names."""
    return frozenset(word for text in texts for word in _WORD.findall(text) if word.islower())


def in_another_language(text: str, tag: str) -> str:
    """The language of a text that clearly is not in the one that it says; else nothing."""
    told = language_told(_MARKS.sub("", text))
    return told if told and told != tag.partition("-")[0] else ""


def not_compared(tag: str) -> tuple[str, ...]:
    """What of a translation is believed, since the program has no words of its language for it."""
    row = language(tag)
    known = {
        "number words": row.numbers,
        "units": row.units,
        "words that deny": row.negation,
        "small words": _spoken(tag),
    }
    return tuple(what for what, words in known.items() if not words)


# Numbers and doses ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text: how it is written, what it may be read as, and the unit behind it, if there is one.

    A `firm` one has to be found again in the other language. "once" answers a 1, and asks for none.
    """

    written: str
    values: tuple[Fraction, ...]
    firm: bool = True
    unit: str = ""

    @property
    def told(self) -> str:
        """The number and what stands behind it, as a finding says it."""
        return f"{self.written} {self.unit}".strip()


_BLANKS = "\u00a0\u202f\u2009"
_TOKEN = re.compile(
    r"(?P<part>[½⅓⅔¼¾⅛]|(?<![\d/.,])[1-9]/[1-9](?![\d/]))"
    rf"|(?P<figures>(?:\d{{1,18}}|(?<![\w.,])[.,]\d{{1,18}})(?:[.,{_BLANKS}]\d{{1,18}})*)"
    r"|°\s?[CF]|%|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_GROUPS = re.compile(rf"[1-9]\d{{0,2}}(?:[.,{_BLANKS}]\d{{3}})+")
_BESIDE = re.compile(r"[\s-]*")
_BEHIND = re.compile(r"\s*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What words of a language mean: numbers ("third" has two), which of these are firm, and units.

    Units are kept by their first word, each with what has to stand behind it.
    `multipliers` multiply the number before them. A word that is both, a number and a unit ("năm" is five and a year),
    is a number before one of them. Of the units that begin alike the longest stands first.
    """

    numbers: Mapping[str, tuple[Fraction, ...]]
    firm: frozenset[str]
    multipliers: frozenset[str]
    joiners: frozenset[str]
    small: frozenset[str]
    articles: frozenset[str]
    units: Mapping[str, Sequence[tuple[re.Pattern[str], str]]]


@lru_cache(maxsize=50)
def _meanings(tag: str) -> NumberWords:
    row = language(tag)
    numbers: dict[str, tuple[Fraction, ...]] = {}
    for value, words in (*row.numbers.items(), *row.loose.items()):
        for word in words.split():
            numbers[word] = (*numbers.get(word, ()), Fraction(value))
    units: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    every = ((word, unit) for unit, words in row.units.items() for word in words.split())
    for word, unit in sorted(every, key=lambda one: -one[0].count("_")):
        first, *more = word.split("_")
        rest = "".join(rf"\s+{re.escape(one)}\b" for one in more)
        units.setdefault(first, []).append((re.compile(rest, re.IGNORECASE), unit))
    return NumberWords(
        numbers,
        frozenset(word for words in row.numbers.values() for word in words.split()),
        frozenset(row.multipliers.split() or (word for word, values in numbers.items() if values[0] in _PLACES)),
        frozenset(row.joiners.split()),
        frozenset(row.small_words.split()),
        frozenset(row.articles.split()),
        units,
    )


_PLACES = (10, 100, 1000, 1_000_000)


def quantities(text: str, tag: str, *, certain: bool) -> tuple[Quantity, ...]:
    """The numbers of a text, in figures and in words, each with its unit.

    When it is `certain`, points and commas are read as the language writes them. Else 1.500 may be 1500 or 1.5, for
    Spanish has the one in Spain and the other in Mexico.
    """
    reading = _Quantities(text, _meanings(tag), language(tag).thousands if certain else "")
    for token in _TOKEN.finditer(text):
        if token.start() >= reading.last:
            reading.take(token)
    return tuple(reading.found)


class _Quantities:
    """The numbers of a text, while it is read a word at a time."""

    def __init__(self, text: str, known: NumberWords, thousands: str) -> None:
        self.text, self.known, self.thousands = text, known, thousands
        self.found: list[Quantity] = []
        self.first, self.last = 0, -1  # where the last number stands, if anything may still belong to it
        self.pieces: list[Fraction] = []  # of a number in words, by place: 2000, 500
        self.joined = False  # whether a joiner was the last word: no unit stands behind it

    def take(self, token: re.Match[str]) -> None:
        """Takes one word, or one number in figures."""
        word = token[0].replace("’", "'")
        small = word.casefold()
        beside = self.last >= 0 and _BESIDE.fullmatch(self.text, self.last, token.start()) is not None
        unit = self._unit(token, word) if beside and not self.joined else None
        end, joined = token.end(), False
        if token["part"]:
            part = Fraction(word) if "/" in word else Fraction(numeric(word)).limit_denominator(9)
            self._begin(token, [Quantity(word, (part,))])
        elif token["figures"]:
            self._begin(token, [Quantity(*one) for one in _figures(word, self.thousands)])
        elif unit is not None:
            self.found[-1] = replace(self.found[-1], unit=unit[0])
            end, self.pieces = unit[1], []
        elif small in self.known.numbers and not (beside and "/" in self.found[-1].written):
            self._number(token, small, beside=beside)
        elif beside and small in self.known.small and "/" in self.found[-1].written:
            self.pieces = []  # 1/4 of a teaspoon
        elif self.pieces and beside and small in self.known.joiners:
            joined = True
        else:
            end, self.pieces = -1, []
        self.last, self.joined = end, joined

    def _unit(self, token: re.Match[str], word: str) -> tuple[str, int] | None:
        """The unit that begins with a word, and where it ends; nothing where the word is a number, or none begins."""
        known, small = self.known, word.casefold()
        behind = _BEHIND.match(self.text, token.end())
        if self.pieces and small in known.numbers and behind and behind[1].casefold() in known.multipliers:
            return None
        for rest, unit in (*known.units.get(word.replace(" ", ""), ()), *known.units.get(small, ())):
            if found := rest.match(self.text, token.end()):
                return unit, found.end()
        return None

    def _begin(self, token: re.Match[str], numbers: Sequence[Quantity]) -> None:
        self.found += numbers
        self.first, self.pieces = token.start(), []

    def _number(self, token: re.Match[str], small: str, *, beside: bool) -> None:
        """Takes a number word: it goes on with the number before it, or begins one."""
        values = self.known.numbers[small]
        times = small in self.known.multipliers and beside
        before = self.found[-1] if beside else None
        if before and times and not self.pieces and values[0] >= 100 and before.told[-1].isdigit():
            whole = tuple(one * values[0] for one in before.values)  # 5 thousand
            self.pieces = [whole[0]] if len(whole) == 1 else []
        else:
            pieces = _together(self.pieces, values[0], times=times) if beside else None
            if pieces is None or (small in self.known.articles and not (self.joined or times)):  # twenty a day
                self._begin(token, [Quantity(token[0].replace("’", "'"), values, small in self.known.firm)])
                self.pieces = [values[0]]
                return
            self.pieces, whole = pieces, (sum(pieces, Fraction()),)
        self.found[-1] = Quantity(self.text[self.first : token.end()], whole)


def _figures(written: str, thousands: str) -> list[tuple[str, tuple[Fraction, ...]]]:
    """The numbers that are written in figures, each with all that it may be read as. `thousands` parts large ones."""
    parts = re.split(rf"[.,{_BLANKS}]", written if written[0].isdigit() else f"0{written}")  # .5 is 0.5
    marks = [one for one in written if not one.isdigit()]
    grouped = Fraction("".join(parts)) if _GROUPS.fullmatch(written) and len(set(marks)) == 1 else None
    if len(parts) == 1 or (grouped is not None and (len(parts) > 2 or marks[0] in _BLANKS)):
        return [(written, (Fraction("".join(parts)),))]
    if len(parts) == 2 or (marks.count(marks[-1]) == 1 and len(set(marks)) == 2):
        decimal = Fraction(f"{''.join(parts[:-1])}.{parts[-1]}")
        if grouped is None:
            return [(written, (decimal,))]
        return [(written, (grouped, decimal) if not thousands else (grouped if marks[0] == thousands else decimal,))]
    return [(part, (Fraction(part),)) for part in parts]  # 555.010.0199


def _together(pieces: Sequence[Fraction], value: Fraction, *, times: bool) -> list[Fraction] | None:
    """The places of a number in words with one word more: two thousand five hundred; nothing when it is two.

    A word that multiplies does so with all places that are smaller: one hundred twenty-five thousand.
    """
    if not pieces:
        return None
    if times and pieces[-1] < value:
        rest = [one for one in pieces if one >= value]
        many = sum(pieces[len(rest) :], Fraction()) * value
        return None if rest and not many < _place(rest[-1]) else [*rest, *([many] if many else [])]
    return [*pieces, value] if 1 < _place(pieces[-1]) > value else None


def _place(value: Fraction) -> int:
    """The place that a number ends on, of those that words have: 10 of 20, 100 of 500, 1000 of 125,000."""
    return max((one for one in (1, *_PLACES) if value and value % one == 0), default=1)


def number_faults(source: str, target: str, languages: tuple[str, str]) -> Iterator[str]:
    """What of the numbers of an original is not in its translation, and the other way round; and other units."""
    ours = quantities(source, languages[0], certain=True)
    theirs = quantities(target, languages[1], certain=False)
    known = [bool(language(tag).numbers) for tag in languages]
    lost, new = _without_answer(ours, theirs, words=known[1]), _without_answer(theirs, ours, words=known[0])
    if lost or new:
        told = [f"it lacks {', '.join(lost)}"] if lost else []
        told += [f"it has {', '.join(new)}"] if new else []
        yield f"its numbers are not those of the original: {' and '.join(told)}."
    for one in ours:
        units = {two.unit for two in theirs if set(one.values) & set(two.values)}
        if one.firm and one.unit and units and "" not in units and one.unit not in units:
            yield f"'{one.told}' of the original became '{one.written} {min(units)}'."


def _without_answer(ones: Sequence[Quantity], others: Sequence[Quantity], *, words: bool) -> list[str]:
    """The firm numbers that the other text has in no way. A nought says little: 9 is 9:00.

    `words`: the number words of the other language are known. Else only figures can be looked for.
    """
    known = {value for one in others for value in one.values}
    asked = [one for one in ones if one.firm and any(one.values) and (words or one.written[0].isdigit())]
    return list(dict.fromkeys(one.written for one in asked if not known & {*one.values}))
