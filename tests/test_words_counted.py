"""Limits of length count words, also in a language that parts the syllables of a word with blanks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from clinicpress.documents.blocks import Paragraph, Text
from clinicpress.lint import Context, language
from clinicpress.lint.sentences import word_count
from tests import prints

SYLLABLE = {"en": "care", "es": "casa", "vi": "thuốc", "so": "daawo"}
CONTEXT = Context(date(2026, 12, 1), frozenset())


def found(tag: str, sentences: Sequence[int]) -> list[str]:
    """What the rules of length find in a section with sentences of so many syllables."""
    text = " ".join(f"{' '.join([SYLLABLE[tag]] * many).capitalize()}." for many in sentences)
    document = prints.consent()
    section = replace(document.sections[0], blocks=(Paragraph((Text(text),), 5),))
    document = replace(document, language=tag, opening=(), sections=(section,), notes=())
    rules = (language.sentence_length, language.mean_sentence, language.long_section)
    return [one.code for rule in rules for one in rule(document, CONTEXT)]


@pytest.mark.parametrize(
    ("tag", "written", "words"), [("en", 28, 28), ("es", 28, 28), ("so", 28, 28), ("vi", 28, 20), ("vi", 0, 0)]
)
def test_a_word_of_several_syllables_counts_once(tag: str, written: int, words: int) -> None:
    assert round(word_count("từ " * written, tag)) == words


@pytest.mark.parametrize(
    ("tag", "sentences", "codes"),
    [
        ("en", [25], []),
        ("en", [26], ["L03"]),
        ("so", [26], ["L03"]),
        ("vi", [34], []),
        ("vi", [38], ["L03"]),
        ("en", [22] * 6, ["L04"]),
        ("vi", [22] * 6, []),
        ("vi", [32] * 6, ["L04"]),
        ("en", [16] * 10, ["L09"]),
        ("vi", [16] * 10, []),
        ("vi", [16] * 14, ["L09"]),
    ],
)
def test_what_is_long_is_long_in_words(tag: str, sentences: list[int], codes: list[str]) -> None:
    assert found(tag, sentences) == codes
