"""Benefits and risks in other words, also of care from afar: what is told is understood, and what lacks is found."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.errors import Problem
from clinicpress.lint import Context, check_document
from clinicpress.lint.checklists import elements
from clinicpress.reports import Outcome
from tests.lint.shelf import ROOT, change, stock

BENEFIT = "You may hear better. We cannot promise it."
RISKS = "- You may feel dizzy.\n- In rare cases the ear drum is hurt."
CASES = Path(__file__).parent / "cases" / "pages"


@cache
def context() -> Context:
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "tests/lint/B01/good/clinic.toml", {face.family for face in fonts})
    return Context(date(2026, 12, 1), frozenset().union(*(face.coverage for face in fonts)), clinic=clinic)


@pytest.fixture
def weights(tmp_path: Path) -> Callable[[str, str, str], list[str]]:
    """How the findings of one element weigh in a form whose words were changed."""

    def find(code: str, before: str, after: str) -> list[str]:
        shelf = stock(tmp_path)
        change(shelf.consent, (before, after))
        return [str(one.severity) for one in found(shelf.consent) if one.code == code]

    return find


def found(file: Path) -> tuple[Problem, ...]:
    return check_document(library.read_document(file), context())


def test_a_form_for_video_visits_has_no_wrong_errors() -> None:
    codes = {one.code: one.severity for one in found(CASES / "telehealth" / "consent.en.md")}
    assert not {"C08", "C09"} & set(codes)
    assert "error" not in codes.values()


@pytest.mark.parametrize(
    "words",
    [
        "You save the drive. We do not know if it works as well as a visit in the clinic.",
        "You need not travel. It is too early to say how well this works.",
        "You can stay at home. No study has compared it with a visit in the room.",
        "Your pain goes away sooner. Nobody can say for how long.",
        "You see us sooner. It is still being studied.",
        "Your doctor gets a picture of the spot. This has not been tested on dark skin.",
    ],
)
def test_a_benefit_that_is_in_doubt_is_told_with_its_doubt(
    words: str, weights: Callable[[str, str, str], list[str]]
) -> None:
    assert weights("C08", BENEFIT, words) == []


@pytest.mark.parametrize(
    "words", ["Ask us what it does for you.", "The visit heals you. You get better.", "We are good at it."]
)
def test_a_benefit_without_its_doubt_is_found(words: str, weights: Callable[[str, str, str], list[str]]) -> None:
    assert weights("C08", BENEFIT, words)


@pytest.mark.parametrize(
    "words",
    [
        "- We cannot touch you. We may miss something.\n- The line may break. Then we call you on the phone.",
        "- The picture may freeze.\n- Somebody may overhear us.",
        "- The connection can drop.\n- A sign of illness may be overlooked.",
        "- Technical problems can happen.\n- Strangers may get at your records.",
        "- The sound may be poor.\n- Your care may be delayed.",
        "- The call may cut out.\n- No network is fully secure.",
        "- The screen may go dark.\n- There may be a wrong diagnosis.",
        "- We cannot examine you.\n- Your data could be stolen.",
    ],
)
def test_risks_of_care_from_afar_are_risks(words: str, weights: Callable[[str, str, str], list[str]]) -> None:
    assert weights("C09", RISKS, words) == []


@pytest.mark.parametrize(
    "words",
    [
        "- You may feel dizzy.",
        "There are no risks.",
        "We use a safe line.",
        "The doctor will tell you about the risks.",
        "- You may feel dizzy.\n- Do not miss your next visit.",
        "- You may feel dizzy.\n- We listen to you.",
    ],
)
def test_risks_that_lack_a_kind_are_found(words: str, weights: Callable[[str, str, str], list[str]]) -> None:
    assert weights("C09", RISKS, words)


def test_what_the_editor_cannot_place_is_left_to_a_person_in_the_report(tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    change(shelf.consent, (RISKS, "- You may feel dizzy.\n- Your ear may ring for long."))
    document = library.read_document(shelf.consent)
    verdicts = {one.code: one.verdict for one in elements(document, check_document(document, context()))}
    assert verdicts["C09"] is Outcome.PERSON
