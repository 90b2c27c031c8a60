"""What a passage states is told from all its words: understood in other words, not believed for a word alone."""

import hashlib
import json
from pathlib import Path

import pytest

from clinicpress.cli import main
from clinicpress.documents import split_sentences
from clinicpress.lint import WEIGHED, meaning
from clinicpress.lint.consent_explanations import ELEMENTS
from clinicpress.lint.consent_signatures import FOR_OTHERS, FOR_THE_PATIENT, OTHER_DATE, Signatory, signatory_of
from clinicpress.lint.meaning import features, read
from clinicpress.lint.phrases import Passage, said
from tests.lint.shelf import ROOT, change, stock
from tests.lint_score.score import FRESH, READ, score

PASSAGES = ROOT / "tools" / "passages"
HELD = (ROOT / "tests/lint_score/held.jsonl").read_text(encoding="utf-8").splitlines()


def passage(text: str, heading: str = "", *roles: str) -> Passage:
    """A section with this text."""
    told = tuple((line, one) for line, part in enumerate(text.splitlines(), 1) for one in split_sentences(part))
    return Passage(heading, roles, 1, told, text.count("\n- "))


def states(code: str, text: str) -> bool:
    """Whether a passage without heading and role states an element."""
    element = next(one for one in ELEMENTS if one.code == code)
    names = [f"{code}.{part}" for part, _ in element.parts] or [code]
    found = read(passage(text), "en")
    return min(found[name].score for name in names) >= element.sure


# What is learned from -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(PASSAGES.glob("*.jsonl")), ids=lambda one: one.stem)
def test_the_weights_are_those_of_the_passages(path: Path) -> None:
    made = json.loads((meaning.FOLDER / f"{path.stem}.json").read_text(encoding="utf-8"))
    assert made["passages"] == hashlib.sha256(path.read_bytes()).hexdigest(), "passages were changed: make meaning"


def test_every_language_that_is_weighed_has_its_passages() -> None:
    assert {path.stem for path in PASSAGES.glob("*.jsonl")} == set(meaning.SPOKEN)
    assert {"en", "es"} <= meaning.SPOKEN


def test_what_judges_is_not_learned_from() -> None:
    files = [path.read_text(encoding="utf-8") for path in PASSAGES.glob("*.jsonl")]
    learned = {json.loads(row)["text"] for text in files for row in text.splitlines()}
    held = [json.loads(row)["text"] for row in HELD]
    assert len(held) > 50
    assert not learned & set(held)
    fresh = "\n".join(path.read_text(encoding="utf-8") for path in FRESH.glob("*/*/*.md"))
    assert not [one for one in learned if len(one) > 40 and one in fresh]


# How well -------------------------------------------------------------------------------------------------------------


def test_other_words_are_understood_and_near_misses_are_not_believed() -> None:
    count = {True: [0, 0], False: [0, 0]}
    for row in map(json.loads, HELD):
        code, text = row["element"], row["text"]
        if code in WEIGHED:
            told = states(code, text)
        elif code == "C23":
            told = said(FOR_THE_PATIENT, text) and not said(FOR_OTHERS, text)
        elif code == "C24":
            told = signatory_of(text) in (None, Signatory.PATIENT)
        else:
            told = not any(said(OTHER_DATE, one) for one in text.split("|"))
        count[row["states"]][0] += told
        count[row["states"]][1] += 1
    understood, believed = count[True][0] / count[True][1], count[False][0] / count[False][1]
    assert understood >= 0.9
    assert believed <= 0.16


def test_documents_that_nothing_was_tuned_on_are_read_as_well_as_they_were() -> None:
    """The aim is 0.90 and 0.85; here stands what was reached."""
    elements = score(FRESH).elements
    assert sum(elements.planted[code] for code in READ) == 50
    assert elements.recall(*READ) >= 0.7
    assert elements.precision(*READ) >= 0.85


@pytest.mark.parametrize(
    ("code", "told", "near"),
    [
        (
            "C19",
            "Nobody will mind if you turn this down. You can also call it off later, even with your name on the form.",
            "We may turn down a request. The clinic can call off a visit even when the fee was paid.",
        ),
        (
            "C12",
            "Left alone, the lump tends to grow, and the pain may well get worse.",
            "If you do not bring your card, the visit may have to be moved.",
        ),
        (
            "C13",
            "The nurse went through all of this with me, and I could follow her.",
            "I have paid the fee and agree to the rules of the house.",
        ),
    ],
)
def test_the_statement_counts_and_not_its_words(code: str, told: str, near: str) -> None:
    assert states(code, told)
    assert not states(code, near)


# How it reads ---------------------------------------------------------------------------------------------------------


def test_numbers_are_alike_and_phones_and_emergency_numbers_are_known() -> None:
    assert features("Call (503) 555-0100!") == features("Call (212) 555-0199!")
    assert features("1 in 1,000")[0] == features("2 in 50")[0] == "#"
    assert "emergency" not in features("About 1,000 people")
    assert "emergency" in features("Dial 911.")


def test_the_author_of_a_section_is_believed_sooner() -> None:
    text = "The doctor will speak of other ways, and what they cost."
    plain, marked, other = (
        meaning.best("C11", "alternatives", [passage(text, "", *roles)], "en").score
        for roles in ((), ("alternatives",), ("cost",))
    )
    assert other < plain < marked


def test_an_empty_section_states_nothing() -> None:
    assert read(passage("", "Risks"), "en") == {}


def test_a_long_text_takes_as_long_as_it_is() -> None:
    many = passage("The wax may stay. " * 2000, "If you do nothing")
    assert read(many, "en")["C12"].score > 0


# Why ------------------------------------------------------------------------------------------------------------------


def test_why_an_element_counts_as_told_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    assert main(["check", "--why", "c12", *shelf.options]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "consent.en.md:45: C12, what may follow from doing nothing, is told." in line
    assert "Best under 'If you do nothing'" in line
    assert "'stay'" in line


def test_why_an_element_does_not_count_is_said_with_what_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(shelf.consent, ("- In rare cases the ear drum is hurt.\n", ""))
    main(["check", "--why", "C09", *shelf.options])
    assert "it names no serious one" in capsys.readouterr().out


@pytest.mark.parametrize("code", ["C01", "S06", "nothing"])
def test_what_is_not_weighed_has_no_why(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why", code, *stock(tmp_path).options]) != 0
    assert "Weighed are: C02, C07" in capsys.readouterr().err


def test_a_language_that_is_not_weighed_is_believed() -> None:
    assert meaning.best("C12", "no-treatment", [passage("Das kann bleiben.")], "de").place is None
    assert not meaning.is_known("de")
    assert meaning.is_known("es-MX", "C12")
    assert not meaning.is_known("es", "no such element")
