"""What a translation turns round or leaves out: limits, units, doses, opposites, sentences, each beside a near miss."""

from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from clinicpress import library
from clinicpress.documents.sentences import split_sentences
from clinicpress.documents.translated import untranslated
from clinicpress.documents.turned import differing_doses, turned_round
from clinicpress.lint.translation import Pair, pairs_of
from clinicpress.words import LANGUAGE_ROWS, SOURCE, catalogue_of
from tests.prints import ROOT

CASES = Path(__file__).parent / "cases" / "translate" / "turned.tsv"
ENGLISH_SPANISH = ("en", "es")


def cases() -> list[tuple[str, str, str]]:
    """Invented pairs: what is wrong (nothing in sound ones), the English, the Spanish."""
    rows = CASES.read_text(encoding="utf-8").splitlines()
    return [(fault, source, target) for fault, source, target in (row.split("\t") for row in rows)]


def seen(source: str, target: str, tags: tuple[str, str] = ENGLISH_SPANISH) -> set[str]:
    found = {"dose"} if list(differing_doses(source, target, tags)) else set()
    return found | ({"turned"} if list(turned_round(source, target, tags)) else set())


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case[0] or 'sound'}: {case[1]} {case[2]}")
def test_what_is_turned_round_is_found_and_its_near_miss_is_left_alone(case: tuple[str, str, str]) -> None:
    fault, *texts = case
    assert fault in seen(*texts) if fault else seen(*texts) == set()


def test_each_fault_has_a_near_miss() -> None:
    counted = Counter(bool(fault) for fault, *_ in cases())
    assert counted[True] == counted[False] >= 34


VIETNAMESE = {
    "turned": [
        ("Take 5 mg before you eat.", "Uống 5 mg sau khi ăn."),
        ("Hold your left arm still.", "Giữ yên tay phải."),
        ("Put a cold pack on it.", "Đặt túi nóng lên."),
    ],
    "dose": [("Call us if it is ≤ 50.", "Gọi chúng tôi nếu là ≥ 50."), ("Take 5 mg a day.", "Uống 5 mg/kg mỗi ngày.")],
    "": [
        ("Take 5 mg before you eat.", "Uống 5 mg trước khi ăn."),
        ("You have to hold your left arm still.", "Quý vị phải giữ yên tay trái."),
        ("Call us if it is ≤ 50.", "Gọi chúng tôi nếu từ 50 trở xuống."),
        ("Take 5 mg/kg a day.", "Uống 5 mg cho mỗi kg trong một ngày."),
    ],
}


@pytest.mark.parametrize("fault", VIETNAMESE)
def test_vietnamese_is_judged_by_its_data(fault: str) -> None:
    assert [seen(*pair, ("en", "vi")) for pair in VIETNAMESE[fault]] == [{fault} - {""}] * len(VIETNAMESE[fault])


def test_a_language_without_words_is_believed() -> None:
    assert seen("Take it with your left hand.", "Chukua kwa mkono wa kulia.", ("en", "sw")) == set()
    assert seen("Call if it is < 50.", "Piga simu ikiwa ni 50.", ("en", "sw")) == set()


def test_opposites_have_two_sides_in_every_language_and_a_name_that_english_has() -> None:
    for row in LANGUAGE_ROWS.values():
        assert row.opposites.keys() <= LANGUAGE_ROWS[SOURCE].opposites.keys()
        assert all(len(pair) == 2 and all(pair) for pair in row.opposites.values())


# Shipped texts --------------------------------------------------------------------------------------------------------


def shipped() -> list[tuple[Pair, tuple[str, str]]]:
    documents, _ = library.read_library(ROOT / "handouts")
    translations = [(one, one.original.language) for one in documents if one.original is not None]
    return [(pair, (tag, one.language)) for one, tag in translations for pair in pairs_of(one)]


def test_no_shipped_text_is_taken_for_turned_round() -> None:
    pairs = shipped()
    assert len(pairs) > 200
    assert {
        pair.words: seen(pair.source, pair.words, tags) for pair, tags in pairs if seen(pair.source, pair.words, tags)
    } == {}


@pytest.mark.parametrize("tag", ["es", "vi"])
def test_no_word_of_the_program_is_taken_for_turned_round(tag: str) -> None:
    with catalogue_of(tag).open("rb") as file:
        said = [(str(one.id), str(one.string)) for one in read_po(file) if one.id and one.string]
    assert len(said) > 500
    assert [pair for pair in said if seen(*pair, (SOURCE, tag))] == []


@pytest.mark.parametrize(("tag", "least"), [("es", 0.85), ("vi", 0.8)])
def test_most_sentences_that_were_taken_out_of_a_shipped_text_are_missed_and_none_that_was_joined(
    tag: str, least: float
) -> None:
    found = []
    for pair, tags in shipped():
        parts = split_sentences(pair.words)
        if tags[1] != tag or not len(parts) == len(split_sentences(pair.source)) > 1:
            continue
        for at, part in enumerate(parts):
            found.append("turned" in seen(pair.source, " ".join([*parts[:at], *parts[at + 1 :]]), tags))
            if at:
                joined = f"{parts[at - 1].rstrip('.')}, {part[0].lower()}{part[1:]}"
                assert not any(
                    "lack" in message
                    for message, _ in turned_round(
                        pair.source, " ".join([*parts[: at - 1], joined, *parts[at + 1 :]]), tags
                    )
                )
    assert len(found) > 80
    assert sum(found) / len(found) >= least


# What may stay as it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("2.5 mg", False),
        ("2.5 mg daily", True),
        ("5 mg/kg", False),
        ("10 mL", False),
        ("1 tsp", True),
        ("98.6 °F", False),
        ("5 minutes", True),
        ("0.5 ml – 1 ml", False),
        ("50 mcg", False),
        ("mg", False),
        ("none", True),
        ("Advil 200 mg", False),
        ("Week 1", True),
        ("Dose 5 mg", True),
    ],
)
@pytest.mark.parametrize("tag", ["es", "vi"])
def test_numbers_with_units_that_both_languages_share_may_stay(text: str, left: bool, tag: str) -> None:
    known = frozenset({"week", "dose", "none", "daily"})
    assert untranslated(text, text, ("en", tag), known) is left


def test_words_that_one_of_two_languages_writes_otherwise_are_translated() -> None:
    for text, left in (("5 min", {"es": False, "vi": True}), ("Total 5 mg", {"es": False, "vi": True})):
        assert {tag: untranslated(text, text, ("en", tag), frozenset({"total"})) for tag in left} == left
