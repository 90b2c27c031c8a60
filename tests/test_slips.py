"""Numbers and short forms that cannot be meant: the editor finds those of real leaflets, and leaves their likes alone.

The sentences of the first table were written before the rules, in the words of real leaflets.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from clinicpress import library, lint
from clinicpress.clinics import ClinicProfile
from clinicpress.errors import Problem
from clinicpress.lint.rules import Context
from tests.lint.shelf import EXAMPLES, ROOT, change, stock

SLIPS = frozenset({"other-phone", "emergency-number", "dose-limit", "body-temperature", "latin-dosing"})
FOUND = (
    ("other-phone", "Sunny Hills Clinic gives you this sheet. Call us at 402-395-2191."),
    ("other-phone", "Our nurse line is 971.555.0134, day and night."),
    ("other-phone", "Phone the clinic at +1 (402) 395 2191 before you come in."),
    ("other-phone", "To change your visit, call (503) 555-0117."),
    ("emergency-number", "Call 991 in an emergency."),
    ("emergency-number", "If you cannot breathe, dial 9-1-9 at once."),
    ("emergency-number", "For chest pain, phone 999 right away."),
    ("emergency-number", "| If | Then |\n|---|---|\n| Chest pain | Call 912 |"),
    ("dose-limit", "Take 10000 mg of Tylenol a day."),
    ("dose-limit", "Do not take more than 40,000 mg of acetaminophen in 24 hours."),
    ("dose-limit", "- Ibuprofen 6000 mg every 6 hours with food"),
    ("dose-limit", "| Medicine | How much | How often |\n|---|---|---|\n| Aleve | 2200 mg | twice a day |"),
    ("body-temperature", "Call us if the fever is over 38.3°F."),
    ("body-temperature", "A fever is a temperature of 100.4 °C or higher."),
    ("body-temperature", "Come in if your temperature reaches 38-39 degrees F."),
    ("body-temperature", "Take your temperature. Tell us if it is above 101 C."),
    ("latin-dosing", "Take it Q6H PRN."),
    ("latin-dosing", "Take 2 tabs PO BID."),
    ("latin-dosing", "Use the cream q.i.d. until the rash is gone."),
    ("latin-dosing", "Rest, ice, and ibuprofen 400 mg prn for pain."),
)
LIKES = (
    "Call us at 503.555.0171.",
    "Call us at +1 503 555 0171, or at night at (503) 555-0172.",
    "If somebody took too much, call Poison Control at 1-800-222-1222.",
    "Do you feel hopeless? Call or text 988, or call 1-800-273-8255.",
    "The front desk of the hospital is at (503) 555-0188.",
    "Our form is number 12345-67890, made on 2026-11-29, for ZIP 97062-1234.",
    "For rides and food, call 2-1-1.",
    "In an emergency call 9-1-1, or go to the ER.",
    "In an emergency, call 24 hours a day, and ask for room 204.",
    "Do not take more than 4,000 mg of acetaminophen in 24 hours.",
    "To take 10,000 mg of Tylenol at once can destroy your liver.",
    "Take 800 mg of ibuprofen every 8 hours, and no more than 2400 mg a day.",
    "Do not take aspirin with 5000 mg of fish oil.",
    "Tell us about a fever over 100.4°F (38°C).",
    "Keep the drops in the fridge, at a temperature of 36 to 46°F.",
    "Your temperature may rise by 1 to 2°F after the shot.",
    "Bid your guests farewell, and rest.",
    "Write to us: PO Box 120, Portland.",
    "Take 1 tablet by mouth twice a day, as needed for pain.",
    "Your bottle may say PRN, which means as needed.",
)


@cache
def clinic() -> ClinicProfile:
    """A clinic with two numbers."""
    fonts = library.read_fonts(ROOT / "fonts")
    profile = library.read_clinic(EXAMPLES / "B01" / "good" / "clinic.toml", {face.family for face in fonts})
    return replace(profile, after_hours="At night: (503) 555-0172")


@pytest.fixture
def found(tmp_path: Path) -> Callable[[str], list[Problem]]:
    """What the rules of this family find in words of a handout that is sound without them."""

    def find(words: str) -> list[Problem]:
        shelf = stock(tmp_path)
        change(shelf.handout, ("Please call our office.", words))
        document = library.read_document(shelf.handout)
        problems = lint.check_document(document, Context(date(2026, 12, 1), frozenset(), clinic=clinic()))
        return [one for one in problems if one.rule in SLIPS]

    return find


@pytest.mark.parametrize(("rule", "words"), FOUND)
def test_a_slip_is_found_once_at_its_line_with_its_sentence(
    rule: str, words: str, found: Callable[[str], list[Problem]]
) -> None:
    (problem,) = found(words)
    assert (problem.rule, problem.severity) == (rule, "warning")
    assert problem.sentence
    assert problem.sentence in words
    assert problem.line >= 39


@pytest.mark.parametrize("words", LIKES)
def test_what_only_looks_like_a_slip_is_left_alone(words: str, found: Callable[[str], list[Problem]]) -> None:
    assert found(words) == []
