"""Numbers and short forms that cannot be meant: the editor finds those of real leaflets, and leaves their likes alone.

The sentences of the first table were written before the rules, in the words of real leaflets.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from time import process_time

import pytest

from clinicpress import library, lint
from clinicpress.clinics import ClinicProfile, Phone
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
def found(tmp_path: Path) -> Callable[..., list[Problem]]:
    """What the rules of this family find in words of a handout that is sound without them."""

    def find(words: str, language: str = "en", profile: ClinicProfile | None = None) -> list[Problem]:
        shelf = stock(tmp_path)
        change(shelf.handout, ("Please call our office.", words), ("language: en", f"language: {language}"))
        document = library.read_document(shelf.handout.rename(shelf.handout.with_name(f"handout.{language}.md")))
        context = Context(date(2026, 12, 1), frozenset(), clinic=profile or clinic())
        rules = (check for check in lint.DOCUMENT_RULES if check.rule.name in SLIPS)
        return [problem for check in rules for problem in check(document, context)]

    return find


@pytest.mark.parametrize(("rule", "words"), FOUND)
def test_a_slip_is_found_once_at_its_line_with_its_sentence(
    rule: str, words: str, found: Callable[..., list[Problem]]
) -> None:
    (problem,) = found(words)
    assert (problem.rule, problem.severity) == (rule, "warning")
    assert problem.sentence
    assert problem.sentence in words
    assert problem.line >= 39


@pytest.mark.parametrize("words", LIKES)
def test_what_only_looks_like_a_slip_is_left_alone(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words) == []


# More of their kinds, written when the rules were there ---------------------------------------------------------------

MORE = (
    ("other-phone", "Call 555-0134 to book a time."),
    ("other-phone", "Reach our office toll-free: 1-888-555-0123."),
    ("other-phone", "Call us at 402-395-2191, or the hospital at 402-395-2200."),
    ("other-phone", "| Dr. Lee | (971) 555-0134 |\n|---|---|\n| Front desk | (971) 555-0135 |"),
    ("emergency-number", "Emergency: 991"),
    ("emergency-number", "Call 911 or 119 if you faint."),
    ("emergency-number", "Dial 9111 in an emergency."),
    ("emergency-number", "Call 921."),
    ("dose-limit", "You may take up to 30,000 mg of ibuprofen a day."),
    ("dose-limit", "Take 2000 mg of naproxen twice a day."),
    ("dose-limit", "Take Tylenol for pain. The most is 40 grams in 24 hours."),
    ("dose-limit", "Take aspirin 3250 mg every 4 hours. It may hurt your stomach."),
    ("body-temperature", "Fever over 1004°F"),
    ("body-temperature", "Call if you have a temperature above 101.5°C (38.6°F)."),
    ("body-temperature", "A fever of 38.5 Fahrenheit or more"),
    ("body-temperature", "Temperature 100.4C or more"),
    ("dose-limit", "Acetaminophen: max 40000 mg/day"),
    ("latin-dosing", "Nothing after midnight: NPO."),
    ("latin-dosing", "Nothing PO after midnight."),
    ("latin-dosing", "Take 1 cap qAM and qPM."),
    ("latin-dosing", "Melatonin 3 mg HS"),
    ("latin-dosing", "- Advil 400 mg q 4-6 hrs"),
    ("latin-dosing", "One tablet bid with food"),
    ("latin-dosing", "1 tab QD, then 1 tab QOD"),
    ("latin-dosing", "Amoxicillin 500 mg p.o. t.i.d. for 10 days"),
    ("latin-dosing", "| Drug | How |\n|---|---|\n| Cetirizine 10 mg | QHS |"),
)
MORE_LIKES = (
    "Fax: 971-555-0134",
    "In an emergency call (503) 555-0171 at once.",
    "For chest pain call 503-555-0171.",
    "J Clin Res 2018;12:RC01. doi:10.7860/JCDR/2018/34137.11250",
    "Your member number has the form 2345678790.",
    "Boil it, at a temperature of 100°C.",
    "High school (HS) nurses use 3 mg.",
    "Your pharmacy is at (971) 555-0134.",
    "| Whom | Number |\n|---|---|\n| Poison Control | 1-800-222-1222 |\n| County health | (971) 555-0134 |",
    "Your ferritin is 850-4000, and the code 971-555 was used.",
    "Take pictures 100-2000 of the set.",
    "Call us 100 days after the visit.",
    "Call 2 weeks before, and ask for extension 404.",
    "Read page 991 of the emergency plan.",
    "Dial 711 for the relay.",
    "Call 9-8-8 in a crisis.",
    "Walk 911 steps.",
    "The pack holds 10 g of paracetamol.",
    "Children get 5000 mg/kg of aspirin in no case.",
    "Tylenol 500 mg tablets: take 2 every 6 hours, at most 3,000 mg a day.",
    "Stop aspirin. Take 5000 mg vitamin C a day.",
    "If you have a fever, keep the room at 68°F.",
    "Set the water heater below 49°C, so that a child with a fever is not burned.",
    "Store the tablets at room temperature, 20 to 25°C.",
    "The laser heats the tissue to 60°C. Fever is rare.",
    "Cold kills the wart at -196°C. Tell us about a fever.",
    "A fever of 39 °C (102 °F) is high.",
    "We made a bid for the house at 12 Main Street.",
    "The AC is on, and the PC is off. Ask in the ED or the OR.",
    "Send 2 tablets to P.O. Box 12.",
    "Take 2 tablets twice a day (BID).",
    "PRN stands for 'as needed'.",
    "We answer FAQs 6 hours a day, in Q4 too.",
    "Po River, Tid Bits and Quid Pro Quo are names.",
)
SPANISH = (
    ("latin-dosing", "Tome 1 tableta VO c/8h PRN."),
    ("latin-dosing", "Ibuprofeno 400 mg c/ 6 hrs"),
    ("dose-limit", "Tome 10.000 mg de paracetamol al día."),
    ("emergency-number", "En una emergencia, llame al 991."),
    ("body-temperature", "Llame si la fiebre es de más de 38.3°F."),
    ("other-phone", "Llámenos al (971) 555-0134."),
)
SPANISH_LIKES = (
    "Tome 1 tableta por la boca cada 8 horas, si la necesita.",
    "En una emergencia, llame al 911.",
    "Llame al (503) 555-0171, o al hospital al (971) 555-0134.",
    "Avise si la fiebre es de más de 38 °C (100.4 °F).",
    "Tome 1.000 mg de paracetamol cada 8 horas, y no más de 4.000 mg al día.",
    "Guarde las gotas en la nevera, a una temperatura de 4 °C.",
)


@pytest.mark.parametrize(("rule", "words"), MORE)
def test_a_slip_of_the_same_kind_is_found(rule: str, words: str, found: Callable[..., list[Problem]]) -> None:
    assert [problem.rule for problem in found(words)] == [rule]


@pytest.mark.parametrize("words", MORE_LIKES)
def test_more_that_only_looks_like_a_slip_is_left_alone(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words) == []


@pytest.mark.parametrize(("rule", "words"), SPANISH)
def test_a_slip_is_found_in_spanish(rule: str, words: str, found: Callable[..., list[Problem]]) -> None:
    assert [problem.rule for problem in found(words, "es")] == [rule]


@pytest.mark.parametrize("words", SPANISH_LIKES)
def test_what_only_looks_like_a_slip_is_left_alone_in_spanish(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words, "es") == []


def test_the_handout_of_the_case_has_a_finding_for_each_slip() -> None:
    file = Path(__file__).parent / "cases" / "pages" / "claims-and-slips" / "handout.en.md"
    context = Context(date(2026, 12, 1), frozenset(), clinic=clinic())
    problems = lint.check_document(library.read_document(file), context)
    assert [(one.code, one.line, one.sentence) for one in problems if one.rule in SLIPS] == [
        ("L13", 12, "Call us at 402-395-2191."),
        ("L16", 39, "Take 10000 mg of Tylenol a day."),
        ("L17", 39, "Take 2 tabs PO BID."),
        ("L17", 39, "Take it Q6H PRN."),
        ("L14", 43, "Call 991 in an emergency."),
        ("L15", 43, "Call us if the fever is over 38.3°F."),
    ]


def test_every_number_of_the_profile_may_stand_in_a_text(found: Callable[..., list[Problem]]) -> None:
    words = "Call us at (971) 555-0134."
    profile = clinic()
    named = (
        replace(profile, hours="8 to 5, then 971 555 0134"),
        replace(profile, footer="971-555-0134"),
        replace(profile, address=("4 Hill Street", "+1 971 555 0134")),
        replace(profile, other_phones=("971.555.0134",)),
    )
    assert len(found(words)) == 1
    assert [found(words, profile=one) for one in named] == [[]] * 4


def test_an_emergency_number_is_that_of_the_clinics_country(found: Callable[..., list[Problem]]) -> None:
    british = replace(clinic(), phone=Phone("020 7946 0018", "tel:+44-20-7946-0018"))
    assert [one.remedy for one in found("In an emergency, call 911.", profile=british)] == ["Write 999."]
    assert [one.remedy for one in found("In an emergency, call 999.")] == ["Write 911."]
    assert found("In an emergency, call 999. For advice, call 111.", profile=british) == []


def test_a_language_that_is_not_known_is_not_judged() -> None:
    file = Path(__file__).parent / "cases" / "pages" / "claims-and-slips" / "handout.en.md"
    context = Context(date(2026, 12, 1), frozenset(), clinic=clinic())
    french = replace(library.read_document(file), language="fr")
    assert [one for one in lint.check_document(french, context) if one.rule in SLIPS] == []


def test_a_remedy_is_in_plain_words_of_the_texts_language(found: Callable[..., list[Problem]]) -> None:
    (english,) = found("Take 2 tabs PO q4-6h.")
    (spanish,) = found("Tome 1 tableta c/8h.", "es")
    assert "PO: 'by mouth'; q4-6h: 'every 4 to 6 hours'" in english.remedy
    assert "c/8h: 'cada 8 horas'" in spanish.remedy


@pytest.mark.parametrize(
    "words", ["1 " * 20_000, "call " * 10_000 + "9", "fever of " * 5_000 + "38.3", "q6h " * 12_000]
)
def test_a_sentence_without_end_is_read_in_little_time(words: str, found: Callable[..., list[Problem]]) -> None:
    """Read as one, the last of them takes a minute: each short form is looked at with all that stands before it."""
    start = process_time()
    found(words)
    assert process_time() - start < 25
