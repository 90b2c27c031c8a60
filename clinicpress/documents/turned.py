"""What of an original a translation may have turned round: limits, units, the order of doses, opposites; what it lacks.

`differing_doses` are sure enough for an error. `turned_round` may be another order of words: a person looks at it.
The words are data of each language (`limits`, `opposites`); a language without them is believed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import inf, log

from clinicpress.documents.sentences import split_sentences
from clinicpress.documents.translated import Quantity, bare, quantities
from clinicpress.words import language

Tags = tuple[str, str]
"""The languages of original and translation."""


def differing_doses(source: str, target: str, tags: Tags) -> Iterator[str]:
    """Limits, units and doses that are surely not those of the original, a sentence each."""
    yield from _other_signs(source, target, tags)
    ours = quantities(source, tags[0], certain=True)
    theirs = quantities(target, tags[1], certain=False)
    yield from _grown(ours, theirs)
    yield from _other_units(source, target, tags, (ours, theirs))
    for lost, new in _exchanged(source, target, tags):
        yield f"'{lost}' and '{new}' stand in each other's sentence."


def turned_round(source: str, target: str, tags: Tags) -> Iterator[tuple[str, str]]:
    """What a person has to look at: what is wrong, and in which sentence of the translation."""
    if lacking := _lacking(source, target, tags):
        yield f"it seems to lack a sentence of the original: '{lacking}'", target
    for one, other in _sentences(source, target):
        moved = _reordered(one, other, tags)
        turned = list(_turned_opposites(one, other, tags))
        if moved and not any(both for _, both in turned):
            yield f"its doses stand in another order than in the original ({', '.join(moved)}).", other
        for name, both in turned:
            if not (both and moved):  # both at once is another order of words
                yield f"it may say the opposite of the original ({name}).", other


def _sentences(source: str, target: str) -> list[tuple[str, str]]:
    """Sentences one by one where both texts have as many, else the texts as a whole."""
    parts = split_sentences(source), split_sentences(target)
    return list(zip(*parts, strict=True)) if len(parts[0]) == len(parts[1]) else [(source, target)]


# Sentences ------------------------------------------------------------------------------------------------------------

DROPPED, UNLIKE = 0.3, 0.5
"""How much a sentence that is missing counts, and one that has figures or a denial where the other has none."""
Fit = tuple[float, tuple[int, ...]]
Shape = tuple[float, frozenset[str]]


def _lacking(source: str, target: str, tags: Tags) -> str:
    """A sentence that a translation with fewer sentences seems to lack; nothing when two of them became one.

    Their lengths tell: whoever makes one sentence of two keeps the length of both. So do numbers and denials.
    """
    parts = split_sentences(source), split_sentences(target)
    if len(parts[1]) >= len(parts[0]) or len(parts[0]) > MOST:
        return ""
    longer = language(tags[1]).length / language(tags[0]).length
    ours = [(one * longer, signs) for one, signs in (_shape(part, tags[0]) for part in parts[0])]
    theirs = [_shape(part, tags[1]) for part in parts[1]]
    fits = [_fit(ours, theirs, drop=drop) for drop in (False, True)]
    return parts[0][fits[1][1][0]] if fits[1][1] and fits[1][0] < fits[0][0] else ""


MOST = 40  # sentences of one text


def _shape(text: str, tag: str) -> Shape:
    """How long a sentence is, and whether it denies and has figures."""
    negation = language(tag).negation
    denies = {*_said(text)} & {*f"{negation.get('plain', '')} {negation.get('turned', '')}".split()}
    figures = any(one.isdigit() for one in text)
    signs = frozenset(name for name, there in (("denies", denies), ("figures", figures)) if there)
    return max(1, sum(one.isalnum() for one in text)), signs


def _misfit(ours: Sequence[Shape], theirs: Sequence[Shape]) -> float:
    lengths = [sum(length for length, _ in row) for row in (ours, theirs)]
    signs = [frozenset[str]().union(*(one for _, one in row)) for row in (ours, theirs)]
    return abs(log(lengths[1] / lengths[0])) + UNLIKE * len(signs[0] ^ signs[1])


def _fit(ours: Sequence[Shape], theirs: Sequence[Shape], *, drop: bool) -> Fit:
    """How well lengths fit one another in their order, each of theirs to one of ours or more; and which are missing."""
    best: dict[tuple[int, int], Fit] = {(0, 0): (0.0, ())}
    for at in range(len(ours) + 1):
        for there in range(len(theirs) + 1):
            ways = [best[at, there]] if (at, there) in best else []
            if drop and (before := best.get((at - 1, there))):
                ways.append((before[0] + DROPPED, (*before[1], at - 1)))
            for run, their_run in ((1, 1), (2, 1), (3, 1), (1, 2)):
                if before := best.get((at - run, there - their_run)):
                    misfit = _misfit(ours[at - run : at], theirs[there - their_run : there])
                    ways.append((before[0] + misfit, before[1]))
            if ways:
                best[at, there] = min(ways)
    return best.get((len(ours), len(theirs)), (inf, ()))


# Limits ---------------------------------------------------------------------------------------------------------------

_LIMIT = re.compile(r"(?<![-=<>])(<=|>=|[≤≥⩽⩾≦≧<>±])\s*(?=[\d.,])")
_MINUS = re.compile(r"(?:^|(?<=[\s(]))[−-](?=\d)")
_SAME = {"<=": "≤", "⩽": "≤", "≦": "≤", ">=": "≥", "⩾": "≥", "≧": "≥"}
_SIDES = {"<": "under", "≤": "under", "−": "under", ">": "over", "≥": "over", "±": "about"}


def _signs(text: str) -> Counter[str]:
    """The signs that stand before a number: limits, and minus where nothing is counted from another number."""
    text = text.replace("\\", "")
    found = Counter(_SAME.get(one, one) for one in _LIMIT.findall(text))
    minus = sum(not text[: one.start()].rstrip()[-1:].isdigit() for one in _MINUS.finditer(text))
    return found + Counter({"−": minus})


def _other_signs(source: str, target: str, tags: Tags) -> Iterator[str]:
    """Signs that the other text has neither as a sign nor in words."""
    ours, theirs = _signs(source), _signs(target)
    lost, new = list(ours - theirs), list(theirs - ours)
    if not (lost and new):
        lost = [one for one in lost if not _in_words(one, target, tags[1])]
        new = [one for one in new if not _in_words(one, source, tags[0])]
    if lost or new:
        told = [f"it lacks '{' '.join(lost)}'"] if lost else []
        told += [f"it has '{' '.join(new)}'"] if new else []
        yield f"its limits are not those of the original: {' and '.join(told)}."


def _in_words(sign: str, text: str, tag: str) -> bool:
    """Whether words of a text can stand for a sign: "less than", "no more than". Without such words it is believed."""
    row = language(tag)
    if not row.limits:
        return True
    said = {*_said(text)}
    near = {side: bool({*words.split()} & said) for side, words in row.limits.items()}
    if near.get(_SIDES[sign]):
        return True
    return sign in "≤≥" and any(near.values()) and bool({*row.negation.get("plain", "").split()} & said)


def _said(text: str) -> list[str]:
    """The words of a text in small letters, and each two that stand together: "a b" as "a_b"."""
    words: list[str] = _WORD.findall(bare(text.replace("_", " ")))
    return [*words, *("_".join(two) for two in pairwise(words))]


_WORD = re.compile(r"[^\W\d_]+")


# Numbers and units ----------------------------------------------------------------------------------------------------

WEIGHED = ("milligram", "microgram", "gram", "kilogram", "milliliter")
"""Units that no language leaves out behind a dose. Others may go into words: "5%", "two times"."""
_FOR_EACH = ("kilogram", "pound", "milliliter")
_RATE = r"\d\s?([^\W\d_]+)(?:\s?/\s?|\s+(?:[^\W\d_]{{1,4}}\s+){{1,2}})({})\b"


def _grown(ours: Sequence[Quantity], theirs: Sequence[Quantity]) -> Iterator[str]:
    """Numbers that answer one of the original only when their point is one of decimals: nobody writes 2.500 for 2.5."""
    for one in dict.fromkeys(theirs):
        if len(one.values) < 2 or not one.written[0].isdigit():
            continue
        large, small = one.values
        known = {value for two in ours for value in two.values}
        alike = any(_digits(two.written) == _digits(one.written) for two in ours)
        if large not in known and small in known and not alike:
            yield f"'{one.written}' can be read as {large}, and the original has no such number."


def _digits(written: str) -> str:
    return "".join(one for one in written if one.isdigit())


def _other_units(source: str, target: str, tags: Tags, both: tuple[tuple[Quantity, ...], ...]) -> Iterator[str]:
    """Doses without their unit, and such that are for each kilogram in one of the two texts only."""
    known = [language(tag).units for tag in tags]
    for one in dict.fromkeys(both[0]):
        if one.unit in WEIGHED and all(one.unit in units for units in known):
            same = [two for two in both[1] if {*one.values} & {*two.values}]
            if same and not any(two.unit or _shares_unit(two, target) for two in same):
                yield f"'{one.told}' of the original has no unit here, or one that is not known."
    ours, theirs = (_rates(text, units) for text, units in zip((source, target), known, strict=True))
    if ours != theirs and all(unit in units for unit in ours ^ theirs for units in known):
        has = [f"it lacks 'per {one}'" for one in sorted(ours - theirs)]
        has += [f"it has 'per {one}'" for one in sorted(theirs - ours)]
        yield f"its doses are not those of the original: {' and '.join(has)}."


def _shares_unit(one: Quantity, text: str) -> bool:
    """Whether the unit of a number stands behind the next one: 2.5 to 5 mg."""
    return re.search(rf"(?<![\d.,]){re.escape(one.written)}\s*(?:[-–/]|[^\W\d_]{{1,3}})\s*\d", text) is not None


def _rates(text: str, units: Mapping[str, str]) -> set[str]:
    """For each of which unit a dose is told: mg/kg, mg per kg."""
    names = {word: name for name, words in units.items() for word in words.split()}
    asked = "|".join(re.escape(word) for word, name in names.items() if name in _FOR_EACH)
    rates = re.findall(_RATE.format(asked), text) if asked else []
    return {names[other] for one, other in rates if names.get(one) in WEIGHED}


# Order ----------------------------------------------------------------------------------------------------------------

Doses = dict[str, list[Fraction]]


def _doses(text: str, tag: str, known: Doses | None = None) -> Doses:
    """The numbers of a text by their units. What may be read in two ways is read as one that is `known`."""
    found: Doses = {}
    for one in quantities(text, tag, certain=known is None):
        if one.firm and one.unit:
            near = [value for value in one.values if value in (known or {}).get(one.unit, ())]
            found.setdefault(one.unit, []).append((near or one.values)[0])
    return found


def _reordered(source: str, target: str, tags: Tags) -> list[str]:
    """The units whose numbers are the same ones in another order."""
    ours = _doses(source, tags[0])
    theirs = _doses(target, tags[1], ours)
    return [
        unit for unit, row in ours.items() if unit in theirs and row != theirs[unit] and _as_many(row, theirs[unit])
    ]


def _as_many(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    return Counter(one) == Counter(other)


def _exchanged(source: str, target: str, tags: Tags) -> Iterator[tuple[str, str]]:
    """Doses of two sentences that stand each in the place of the other."""
    lacks: list[tuple[set[tuple[Fraction, str]], set[tuple[Fraction, str]]]] = []
    everything = _doses(source, tags[0])
    for one, other in _sentences(source, target):
        ours = {(value, unit) for unit, row in _doses(one, tags[0]).items() for value in row}
        theirs = {(value, unit) for unit, row in _doses(other, tags[1], everything).items() for value in row}
        lacks.append((ours - theirs, theirs - ours))
    for at, (lost, new) in enumerate(lacks):
        for later_lost, later_new in lacks[at + 1 :]:
            for value, unit in lost & later_new:
                for other_value, same in new & later_lost:
                    if unit == same:
                        yield f"{_told(value)} {unit}", f"{_told(other_value)} {unit}"


def _told(value: Fraction) -> str:
    return f"{float(value):g}"


# Opposites ------------------------------------------------------------------------------------------------------------


def _turned_opposites(source: str, target: str, tags: Tags) -> Iterator[tuple[str, bool]]:
    """Pairs of opposites of which the translation has the other one; or `both`, in the other order.

    Where one of the two texts denies and the other does not, "no more" may be "less": that is the matter of denials.
    """
    rows = [language(tag) for tag in tags]
    said = _said(source), _said(target)
    denied = [
        any(word in row.negation.get("plain", "").split() for word in words)
        for row, words in zip(rows, said, strict=True)
    ]
    if denied[0] != denied[1]:
        return
    for name, ours in rows[0].opposites.items():
        theirs = rows[1].opposites.get(name)
        if theirs is None:
            continue
        sides, others = _sides(said[0], ours), _sides(said[1], theirs)
        if len({*sides}) == len({*others}) == 1 and sides[0] != others[0]:
            yield name, False
        elif len(sides) == len(others) == 2 and len({*sides}) == 2 and sides == others[::-1]:
            yield name, True


def _sides(said: Sequence[str], pair: Sequence[str]) -> list[int]:
    """Which of two opposites stand in a text, in its order."""
    return [side for word in said for side, words in enumerate(pair) if word in words.split()]


# What is denied -------------------------------------------------------------------------------------------------------


def denial_faults(source: str, target: str, languages: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Sentences of a translation that deny what the original says, or say what it denies: what is wrong, and which.

    Sentences are compared one by one where both texts have as many, else the texts as a whole. Languages rarely deny in
    the same way: so words that can stand for a denial are an answer to it ("avoid", "only"), and Spanish says it twice
    ("no lo tome nunca"): beside one that is there, no other is looked for.
    """
    rows = [language(tag).negation for tag in languages]
    if not all(rows):
        return
    parts = split_sentences(source), split_sentences(target)
    pairs = list(zip(*parts, strict=True)) if len(parts[0]) == len(parts[1]) else [(source, target)]
    for one, other in pairs:
        plain, turned, alike = _denials(one, rows[0])
        their_plain, their_turned, their_alike = _denials(other, rows[1])
        if plain and not their_plain and their_turned + their_alike < plain + turned:
            yield "the original denies something here, and the translation does not.", other
        elif their_plain and not (plain or turned or alike):
            yield "the translation denies something here, and the original does not.", other


_SHORTENED = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # don't
_ABBREVIATED = re.compile(r"\bno\.?(?=\s*\d)", re.IGNORECASE)  # No. 5 of a list


def _denials(text: str, words: Mapping[str, str]) -> tuple[int, ...]:
    """How many words of a text deny, how many do by what they mean, and how many can stand for one that does.

    What only holds such a word ("không khí" is the air, and "… không?" asks) is left out first.
    """
    counted = _apart(words.get("apart", "")).sub(" ", _ABBREVIATED.sub(" ", bare(text)))
    said = [one.replace("’", "'") for one in _SHORTENED.findall(counted)]
    kinds = (set(words[kind].split()) for kind in ("plain", "turned", "alike"))
    return tuple(sum(one in kind for one in said) for kind in kinds)


@lru_cache(maxsize=50)
def _apart(phrases: str) -> re.Pattern[str]:
    """A pattern for phrases of a language row: "_" is a blank, "?" asks, and "." is the end of a clause or a line."""
    ends = {"?": r"\s*\?", ".": r"\s*(?:[.,;:!?)]|$)"}
    shapes = (
        re.escape(one.rstrip("?.")).replace("_", r"\s+") + ends.get(one[-1], r"(?!\w)") for one in phrases.split()
    )
    return re.compile("|".join(rf"(?<!\w){one}" for one in shapes) or r"(?!)")
