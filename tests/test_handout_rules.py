"""What a handout has to tell: found by role and by words, and measured on a set of invented documents."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import KINDS
from clinicpress.errors import Problem
from clinicpress.lint import Context, check_document
from clinicpress.lint.handout import lacking, unmarked
from tests.lint.shelf import ROOT, Shelf, change, forked, stock
from tests.lint_score.score import Score, score

ROLES = KINDS["handout"].required
DRAWBACKS = "- You may feel dizzy for a short time.\n- Some people need to come back.\n"
_fonts = cache(library.read_fonts)


@pytest.fixture(autouse=True)
def fonts_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "read_fonts", _fonts)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


@pytest.fixture
def found(shelf: Shelf) -> Callable[..., dict[str, Problem]]:
    """What is found of S06 and S31 in the handout of the shelf after changes to it, by code and role."""

    def check(*changes: tuple[str, str]) -> dict[str, Problem]:
        change(shelf.handout, *changes)
        documents, _ = library.read_library(shelf.folder)
        (handout,) = (one for one in documents if one.kind == KINDS["handout"])
        problems = check_document(handout, Context(date(2026, 12, 1), frozenset()))
        return {f"{one.code} {one.message.split(chr(39))[1]}": one for one in problems if one.code in {"S06", "S31"}}

    return check


# The set --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured() -> Score:
    return score()


def test_of_the_sections_that_are_missing_nearly_all_are_found(measured: Score) -> None:
    assert measured.sections.planted.total() > 8
    assert measured.sections.recall() >= 0.8


def test_a_section_that_is_called_missing_is_missing(measured: Score) -> None:
    assert measured.sections.found.total() >= 8
    assert measured.sections.precision() >= 0.9


def test_the_shipped_handout_tells_every_part() -> None:
    documents, _ = library.read_library(ROOT / "handouts")
    handouts = [one for one in documents if one.kind == KINDS["handout"]]
    assert handouts
    assert [(part.role, one.file) for one in handouts for part, _ in lacking(one)] == []


# By role and by words -------------------------------------------------------------------------------------------------


def test_a_handout_without_a_role_lacks_nothing_is_asked_for_its_roles_and_prints(
    found: Callable[..., dict[str, Problem]], shelf: Shelf, tmp_path: Path
) -> None:
    seen = found(*((f" {{#{role}}}", "") for role in (*ROLES, "questions")))
    assert set(seen) == {f"S31 {role}" for role in ROLES}
    assert {one.severity for one in seen.values()} == {"warning"}
    assert seen["S31 drawbacks"].remedy == "Set the role: '## What to weigh {#drawbacks}'."
    ran = forked("build", "--kind", "handout", *shelf.options, "--out", str(tmp_path / "out"))
    assert ran.returncode == 0, ran.stderr
    assert list((tmp_path / "out").rglob("*.pdf"))


HANDOUTS = {
    "questions of a patient": """A tube of gel for aching fingers.

## So what is it?
It is a gel with a pain medicine in it.
## And how does that work?
The medicine soaks through the skin and calms the sore joint.
## Why should I bother?
Many people have less pain within two weeks.
## What is the catch?
The skin may itch or get red. A few people get a rash.
## What do I do with it?
Rub it in four times a day. Wash your hands after it.
""",
    "what may go wrong is told with the visit": """We look at the back of your eye.

## Photos of your eye
A camera takes a picture of the back of your eye. It is a test for early damage.
## How the drops act
The drops relax a small muscle, so the pupil stays wide.
## Why have it done
We can often find damage before you notice it.
## During your visit and after it
We put drops in your eyes and wait for 20 minutes. Your eyes may sting and be sore, and your sight is blurred for some
hours. In rare cases the drops bring on a bad headache and harm the eye.
""",
    "several parts under one heading": """For sore feet

## Shoe inserts: what they are and how they work
An insert is a shaped sole that you lay into your shoe. It spreads your weight, so that no spot has to carry too much.
## Pros and cons
They may ease your pain within weeks. They do not help everyone. Some people get blisters, and their feet are sore.
## Getting used to them
Wear them for one hour on the first day. Then add an hour a day. After two weeks you can wear them all day.
""",
}


@pytest.mark.parametrize("words", HANDOUTS.values(), ids=HANDOUTS)
def test_a_handout_in_other_words_tells_every_part(words: str, shelf: Shelf) -> None:
    front = shelf.handout.read_text(encoding="utf-8").split("---\n")[1]
    shelf.handout.write_text(f"---\n{front}---\n\n{words}", encoding="utf-8")
    documents, problems = library.read_library(shelf.folder)
    (handout,) = (one for one in documents if one.kind == KINDS["handout"])
    assert problems == []
    assert list(lacking(handout)) == []
    assert {role for role, _ in unmarked(handout)} == set(ROLES)


@pytest.mark.parametrize(
    "words",
    [
        "We love what we do.\n",
        "There are no side effects.\n",
        "Your doctor will explain this to you.\n",
        "Call us if you feel sick.\n",
    ],
)
def test_what_tells_no_drawback_does_not_stand_for_one(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    problem = found((DRAWBACKS, words))["S06 drawbacks"]
    assert problem.severity == "error"
    assert problem.sentence == "What to weigh"


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (
            "benefits",
            "- You may hear better at once.\n- Your ear may feel less full.\n",
            "Bring the card of your plan.\n",
        ),
        ("mechanism", "Drops make the wax soft. The water then carries it out.", "Come to the desk on Mondays."),
        ("drawbacks", DRAWBACKS, "Park in the lot behind the house.\n"),
        ("expect", "It takes about ten minutes. You can go home right after it.", "We are proud of our work."),
        ("definition", "We rinse your ear with warm water to wash the wax out.", "Ask us."),
    ],
)
def test_a_heading_that_promises_and_text_that_does_not_keep_it_is_no_answer(
    role: str, before: str, after: str, found: Callable[..., dict[str, Problem]]
) -> None:
    opening = ("How we wash ear wax out with warm water", "For your ears")
    assert f"S06 {role}" in found(opening, (f" {{#{role}}}", ""), (before, after))


def test_in_a_language_that_is_not_understood_the_role_counts(found: Callable[..., dict[str, Problem]]) -> None:
    seen = found(("language: en", "language: es"), (" {#drawbacks}", ""), ("We rinse your ear with", "Con"))
    assert set(seen) == {"S06 drawbacks"}
