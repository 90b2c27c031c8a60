"""Jargon is a term of the glossary, or a rare word that looks medical, which nothing explains; measured on leaflets.

`findings/jargon.md` was written before the rule knew other words than the glossary's, and the rule was made with it in
view. `findings/jargon-unseen.md` was written afterwards, and no ending or beginning was added for it.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from clinicpress import library
from clinicpress.documents import Glossary
from clinicpress.lint.language import jargon
from clinicpress.lint.rules import Context
from clinicpress.lint.terms import medical_words
from clinicpress.words import LANGUAGE_FOLDER, common_words
from tests.lint.shelf import ROOT

GLOSSARY, _ = library.read_glossary((ROOT / "handouts",))
SETS = Path(__file__).parent / "findings"
HEADER = """---
title: A leaflet
kind: handout
language: en
form: T-1
effective: 2026-11-29
review_by: 2027-11-29
author: A
sources: [B]
---

## Part

"""


def flagged(folder: Path, words: str, glossary: Glossary = GLOSSARY, header: str = HEADER) -> list[str]:
    """The words that the rule names in a text, in small letters."""
    file = folder / "leaflet" / "handout.en.md"
    file.parent.mkdir(exist_ok=True)
    file.write_text(header + words, encoding="utf-8")
    document = library.read_document(file)
    return [
        one.message.split("'")[1].lower() for one in jargon(document, Context(date(2026, 12, 1), frozenset(), glossary))
    ]


# Measured -------------------------------------------------------------------------------------------------------------


def leaflets(name: str) -> Iterator[tuple[str, list[str]]]:
    """The leaflets of a set, each with its terms that nothing explains."""
    for leaflet in re.split(r"^# .+\n", (SETS / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        yield re.sub(r"[\[\]]", "", leaflet), [term.lower() for term in re.findall(r"\[([^\]]+)\]", leaflet)]


def score(folder: Path, name: str, glossary: Glossary = GLOSSARY) -> tuple[float, float, int, int]:
    """Precision, recall, flags on plain leaflets (which have no term), and how many leaflets there are."""
    right = wrong = found = there = plain = count = 0
    for text, terms in leaflets(name):
        told = flagged(folder, text, glossary)
        good = [one for one in told if any(one in term or term in one for term in terms)]
        right, wrong, count = right + len(good), wrong + len(told) - len(good), count + 1
        found += sum(any(one in term or term in one for one in told) for term in terms)
        there += len(terms)
        plain += 0 if terms else len(told)
    return right / (right + wrong), found / there, plain, count


def test_most_jargon_is_found_and_most_that_is_found_is_jargon(tmp_path: Path) -> None:
    """Before, with the glossary alone: 0.92 and 0.37."""
    precision, recall, plain, count = score(tmp_path, "jargon.md")
    assert count >= 40
    assert precision >= 0.95
    assert recall >= 0.72
    assert plain == 0


def test_it_is_nearly_so_on_leaflets_that_nobody_looked_at(tmp_path: Path) -> None:
    precision, recall, plain, _ = score(tmp_path, "jargon-unseen.md")
    assert precision >= 0.82
    assert recall >= 0.60
    assert plain <= 3


def test_the_form_of_words_finds_what_no_glossary_holds(tmp_path: Path) -> None:
    precision, recall, *_ = score(tmp_path, "jargon.md", Glossary())
    assert precision >= 0.95
    assert 0.4 < recall < score(tmp_path, "jargon.md")[1]


# Explained ------------------------------------------------------------------------------------------------------------

EXPLAINED = (
    "Hematuria (blood in the urine) is common.",
    "You may see blood in your urine (hematuria).",
    "Hematuria means blood in the urine.",
    "There may be hematuria, that is, blood in the urine.",
    "There may be hematuria, which means blood in the urine.",
    "Hematuria is also called red urine.",
    "Hematuria, also called red urine, is common.",
    "Some blood in the urine, called benign hematuria, is common.",
    "Hematuria: blood in the urine",
    "Hematuria, a trace of blood in the urine, is common.",
    "You may see hematuria, a trace of blood in the urine.",
    "You may get an antiemetic, a pill for an upset stomach and bowel, before we start.",
    "Antiemetics, drugs that settle the stomach, help.",
    "Take pills such as antiemetics before the trip.",
    "Take medicines like antiemetics or bronchodilators.",
    "Arthralgia is pain in the joints.",
    "Salpingectomy is the removal of a tube.",
    "Hematuria\n:   Blood in the urine.",
)
NOT_EXPLAINED = (
    "Hematuria: 20 of 100 people",
    "Hematuria, 20 of 100.",
    "Hematuria (20%) may happen.",
    "You may have hematuria, a rash, or a cough.",
    "You may have hematuria, a bad rash and a cough.",
    "You may have a cough, hematuria, and fever.",
    "Hematuria is a risk.",
    "Hematuria is common, and the pain goes away.",
    "Hematuria, as always, is a reason to call.",
    "Call us for problems such as hematuria.",
    "We know a lot about hematuria, the doctor and I.",
)


@pytest.mark.parametrize("words", EXPLAINED)
def test_a_term_that_its_sentence_explains_is_no_jargon(words: str, tmp_path: Path) -> None:
    assert flagged(tmp_path, words, Glossary()) == []


@pytest.mark.parametrize("words", NOT_EXPLAINED)
def test_what_only_stands_beside_a_term_explains_nothing(words: str, tmp_path: Path) -> None:
    assert flagged(tmp_path, words, Glossary()) == ["hematuria"]


def test_a_term_is_told_once_and_not_again_in_its_plural(tmp_path: Path) -> None:
    assert flagged(tmp_path, "Hematomas may come. A hematoma fades.", Glossary()) == ["hematomas"]


def test_what_the_title_names_is_explained_in_its_section(tmp_path: Path) -> None:
    header = HEADER.replace("title: A leaflet", "title: Your vasectomy")
    words = "A vasectomy keeps you from fathering a child."
    assert flagged(tmp_path, words, header=header.replace("## Part", "## What it is {#definition}")) == []
    assert flagged(tmp_path, words, header=header) == ["vasectomy"]


# The words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        *("wheeze", "splint", "bruise", "ointment", "humidifier"),  # rare, and not of this form
        *("diagnosis", "symptoms", "photography", "analysis", "telescope", "hypothesis", "arthritis"),  # common
        *("cardiologist", "dermatology"),  # who treats it
        *("Sonoma", "Angiolini", "Cardiff"),  # names
    ],
)
def test_a_word_that_is_common_or_plain_or_a_name_is_no_jargon(word: str) -> None:
    assert list(medical_words(f"We saw {word} there.", "en")) == []


@pytest.mark.parametrize(
    "word", ["arthrodesis", "hyperkalemia", "polypectomy", "Nephritis", "dysphagia", "thrombocytopenia"]
)
def test_a_rare_word_of_medical_form_is_one(word: str) -> None:
    assert list(medical_words(f"{word} may follow.", "en-US")) == [word]


def test_a_language_without_a_list_of_words_has_its_glossary_alone() -> None:
    assert list(medical_words("Puede haber hematuria e hiperkalemia.", "es")) == []
    assert common_words("es") == frozenset()


def test_the_list_says_whose_it_is_and_is_in_order() -> None:
    rows = (LANGUAGE_FOLDER / "words" / "en.txt").read_text(encoding="utf-8").splitlines()
    head, words = [one for one in rows if one.startswith("#")], [one for one in rows if not one.startswith("#")]
    assert "Creative Commons Attribution-ShareAlike 4.0" in "\n".join(head)
    assert "wordfreq" in "\n".join(head)
    assert words == sorted(set(words))
    assert 15_000 < len(words) < 20_000
    assert all(re.fullmatch("[a-z]{5,}", one) for one in words)
    assert common_words("en-US") == frozenset(words)


def test_the_list_is_read_late_and_quickly() -> None:
    ask = "import sys, clinicpress.lint, clinicpress.words as w; sys.exit(w.common_words.cache_info().currsize)"
    subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=True, timeout=60)
    took = []
    for _ in range(5):
        common_words.cache_clear()
        start = process_time()
        common_words("en")
        took.append(process_time() - start)
    assert min(took) < 0.02
