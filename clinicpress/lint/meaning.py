"""What a passage states, told from all its words: which of the elements of consent that are told in so many words.

Each word, and each pair of words, speaks for an element or against it, by how often it stood in passages that state the
element and in such as only sound like it. Those weights are data, a file a language (`languages/meaning/`), made from
passages that people wrote (`tools/meaning.py`). So a sentence is understood by what it says, not by a turn of phrase
that somebody thought of; and what was decisive can be told. In a language without a file nothing is known.

Source: multinomial text models, as in Manning, Raghavan, Schütze, Introduction to Information Retrieval, 13 to 15.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise, product

from clinicpress.lint.phrases import Passage
from clinicpress.words import LANGUAGE_FOLDER

FOLDER = LANGUAGE_FOLDER / "meaning"
SPOKEN = frozenset(path.stem for path in FOLDER.glob("*.json"))
"""The languages in which passages are understood."""
MOST_SENTENCES = 3  # that are read as one: an element is seldom told in more
FEWEST_WORDS = 5  # that a text is taken to have: few words decide less
ENOUGH = 5_000  # passages learned from: of a language with fewer, a person is asked to read
UNIT = 100  # of the numbers in the file, for one of the model

_PHONE = re.compile(r"\{[\w.]+\}|(?<!\w)\(?\d{3}\)?[ .-]\d{3}[ .-]?\d{4}(?!\d)|(?<!\d)\d{3}-\d{4}(?!\d)")
_EMERGENCY = re.compile(r"(?<![\d.,-])(?:911|999|112|000|111)(?![\d-]|[.,]\d)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[#@!?|:]")

MARKED, APART = 2.0, 12.0
"""What the author's own role adds to how well a passage states an element, and what another role takes away."""


@dataclass(frozen=True, slots=True)
class PassageScore:
    """How well a passage states an element at best: log-odds (0: as likely as not), and its sentences that do.

    These are `place.spoken[first:last]`. Where no passage is known, nothing comes near the element.
    """

    score: float
    element: str = ""
    place: Passage | None = None
    first: int = 0
    last: int = 0

    @property
    def line(self) -> int:
        """The line of the first of these sentences."""
        return self.place.spoken[self.first][0] if self.place and self.place.spoken else 1


NO_SCORE = PassageScore(-20.0)
"""Of a passage without words."""


@dataclass(frozen=True, slots=True)
class _Weights:
    count: int
    elements: tuple[str, ...]
    offsets: tuple[float, ...]
    words: Mapping[str, tuple[int, ...]]


def is_known(language: str, element: str = "") -> bool:
    """Whether passages are understood in a language, of whatever country (es-MX): of an element, or of any."""
    base = _base(language)
    return base in SPOKEN and (not element or element in _weights_of(base).elements)


def _base(language: str) -> str:
    return language.partition("-")[0]


def is_sure(language: str) -> bool:
    """Whether so much was learned of a language that what is not told there may be called an error."""
    return is_known(language) and _weights_of(_base(language)).count >= ENOUGH


def best(element: str, role: str, among: Iterable[Passage], language: str) -> PassageScore:
    """The passage that states an element best, with what its author says of it: the role of the element, or another."""
    found = NO_SCORE
    for passage in among:
        if one := read(passage, _base(language)).get(element):
            score = one.score + (MARKED if role in passage.roles else -APART if passage.roles else 0.0)
            if score > found.score:
                found = replace(one, score=score)
    return found


def features(sentence: str) -> list[str]:
    """The words of a sentence and the pairs of neighbours, as they are counted.

    Small letters; any number is `#`, a phone number or a value of the profile `@ phone`, an emergency number
    `@ emergency`.
    """
    text = _EMERGENCY.sub(" @ emergency ", _PHONE.sub(" @ phone ", sentence.lower()))
    words = [one.replace("’", "'") for one in _WORD.findall(_NUMBER.sub(" # ", text))]
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def of_heading(heading: str) -> list[str]:
    """The words and pairs of a heading: they announce, where those of a sentence say."""
    return [f"^{one}" for one in features(heading)]


@lru_cache
def _weights_of(language: str) -> _Weights:
    row = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return _Weights(row["count"], tuple(row["elements"]), tuple(one / UNIT for one in row["offsets"]), row["words"])


@lru_cache(maxsize=500)
def read(passage: Passage, language: str) -> Mapping[str, PassageScore]:
    """How well a passage states each element, by the code of the element; nothing in a language that is not known.

    `language` is one by itself (es). Up to three sentences that follow each other are read as one, and the whole, each
    with the heading; the best counts.
    """
    if language not in SPOKEN:
        return {}
    weights = _weights_of(language)
    headed = _sum(of_heading(passage.heading), weights)
    # Where a section has several roles, its heading speaks for one of them, and against the others.
    heads = [headed, _sum((), weights)] if len(passage.roles) > 1 else [headed]
    rows = [_sum(features(words), weights) for _, words in passage.spoken]
    sums = list(accumulate(rows, _added, initial=_sum((), weights)))
    most = dict.fromkeys(weights.elements, NO_SCORE)
    for (first, last), head in product(_windows(len(rows)), heads):
        told = [there - before + above for there, before, above in zip(sums[last], sums[first], head, strict=True)]
        size = (told[-1] + FEWEST_WORDS) ** 0.5 * UNIT
        for element, total, offset in zip(weights.elements, told, weights.offsets, strict=False):
            if (score := total / size + offset) > most[element].score:
                most[element] = PassageScore(score, element, passage, first, last)
    return most if rows else {}


def _windows(count: int) -> Iterator[tuple[int, int]]:
    """Where a run of sentences begins and ends, for each that is read as one."""
    for size in range(1, min(MOST_SENTENCES, count) + 1):
        yield from ((first, first + size) for first in range(count - size + 1))
    if count > MOST_SENTENCES:
        yield 0, count


def _sum(words: Sequence[str], weights: _Weights) -> list[int]:
    """What words say for each element together, and last how many of them are known."""
    known = [row for one in words if (row := weights.words.get(one))]
    return [*map(sum, zip(*known, strict=True)), len(known)] if known else [0] * (len(weights.elements) + 1)


def _added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [first + second for first, second in zip(one, other, strict=True)]


def decisive(best: PassageScore, language: str) -> tuple[str, ...]:
    """The words of a passage that spoke most for an element, the strongest first; no word twice."""
    if best.place is None:
        return ()
    weights = _weights_of(_base(language))
    place = weights.elements.index(best.element)
    every = {one for _, words in best.place.spoken[best.first : best.last] for one in features(words)}
    spoke = {one: row[place] for one in every if (row := weights.words.get(one)) and row[place] > 0}
    found: list[str] = []
    for one in sorted(spoke, key=lambda one: (-spoke[one], one)):
        if re.search(r"\w", one) and not any(one in other or other in one for other in found):
            found.append(one)
    return tuple(found[:4])
