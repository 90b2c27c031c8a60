"""What a text says against itself, or about somebody else: found where two facts cannot both be meant, and else not.

The sentences were written before the rules: half are planted, half only look so. All is invented.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library, lint
from clinicpress.clinics import ClinicProfile
from clinicpress.errors import Problem
from clinicpress.lint.rules import Context
from tests.lint.shelf import EXAMPLES, ROOT, change, stock

NAMES = frozenset({"other-clinic", "missing-reference", "times", "dose-limit"})
STEPS = "1. Wash your hands.\n2. Shake the bottle.\n3. Lie on your side.\n4. Put in the drops.\n5. Wait.\n\n"
TABLE = "| Day | Drops |\n|---|---|\n| One | Two drops |\n\n"

PLANTED = (
    # Another clinic's name
    ("other-clinic", "Sunny Hills Clinic gives you this sheet."),
    ("other-clinic", "Welcome to Valley View Family Practice!"),
    ("other-clinic", "At Lakeside Medical Center we want you to feel at home."),
    ("other-clinic", "Thank you for choosing Oak Street Dental."),
    ("other-clinic", "Call Riverbend Health Center if you have a fever."),
    ("other-clinic", "Please arrive at Harbor Point Surgery Center by 7 am."),
    ("other-clinic", "Your team at North Shore Orthopedics will call you."),
    ("other-clinic", "Bring this sheet to Green Valley Pediatrics."),
    ("other-clinic", "The staff of Cedar Creek Medical Group will help you."),
    ("other-clinic", "Maple Grove Clinic is not responsible for lost things."),
    # What is referred to is not there
    ("missing-reference", STEPS + "Then go back to step 7."),
    ("missing-reference", "Repeat steps 2 to 6 with the other ear.\n\n" + STEPS),
    ("missing-reference", STEPS + "If it hurts, skip step 9 and call us."),
    ("missing-reference", "See the table below for how many drops to take."),
    ("missing-reference", "Take the drops as shown in the table."),
    ("missing-reference", "The following table tells how often."),
    ("missing-reference", "The picture below shows how to lie."),
    ("missing-reference", "See figure 2 for the right place."),
    ("missing-reference", "Hold the bottle as in the drawing above."),
    ("missing-reference", "Table 1 lists the drops."),
    # Times that contradict each other
    ("times", "Arrive at 8:00 am for your 7:30 am appointment."),
    ("times", "Please come at 10:15. Your appointment is at 10:00."),
    ("times", "Be here by 9 a.m.; your surgery starts at 8:30 a.m."),
    ("times", "Your visit is at 2:00 pm, so check in at 2:30 pm."),
    ("times", "Check in at 1 pm. The procedure begins at 11:30 am."),
    ("times", "Do not eat after midnight, but you may eat breakfast."),
    ("times", "Nothing to eat or drink after midnight. Have a light breakfast on the morning of your test."),
    ("times", "No food after midnight the night before. Eat your usual breakfast and come in."),
    # Doses by the day
    ("dose-limit", "Take 1000 mg of Tylenol every 4 hours."),
    ("dose-limit", "Take two 500 mg acetaminophen tablets every 3 hours."),
    ("dose-limit", "Ibuprofen: 800 mg every 4 hours"),
    ("dose-limit", "Take 1,000 mg of paracetamol six times a day."),
    ("dose-limit", "Use 2 tablets of 650 mg Tylenol every 6 hours."),
    ("dose-limit", "Take 4 pills of 500 mg of acetaminophen at a time, every 8 hours."),
)
NEAR = (
    # Names that are ours, nobody's, or somebody's who is meant
    "We send your blood to Valley View Medical Laboratory.",
    "Dr. Lee may refer you to Lakeside Medical Center.",
    "For a stroke you would be taken to Harbor Point Medical Center.",
    "This leaflet was written with words from the Mayo Clinic.",
    "Our Ear Clinic is on the second floor.",
    "Ask for the Pain Clinic or the Sleep Clinic.",
    "Call {ours} if you have a fever.",
    "Welcome to The {ours}.",
    "Your records may come from Oak Street Dental.",
    "If you cannot reach us, go to Riverbend Urgent Care.",
    "The clinic gives you this sheet. Call Your Doctor.",
    "Medicare and Blue Cross Health pay for it.",
    # References that lead somewhere
    STEPS + "Then repeat steps 2 to 5.",
    STEPS + "See step 4 for the drops.",
    "Take one step. The second step is to rest. This is a big step 3 years on.",
    "### Step 1\n\nWash.\n\n### Step 2\n\nDry. Then go back to step 1.",
    TABLE + "The table above tells how many drops to take.",
    "See the table below.\n\n" + TABLE,
    "Put the bottle on the table below the window.",
    "You lie on a table. The exam table is cold.",
    "The picture above your bed was painted by a child.",
    "Ask us for the 12-step program, and read step 4 of your insurer's letter.",
    "We take pictures. You may ask for the picture.",
    "See the figure on your bill.",
    "Below the belt, nothing hurts. See above all a doctor.",
    # Times that fit
    "Arrive at 7:30 am for your 8:00 am appointment.",
    "Please come at 11:30. Your appointment is at 1:00.",
    "Be here by 9 a.m.; your surgery starts at 10:30 a.m. and you go home at 2 p.m.",
    "Check in 15 minutes before your visit at 2:00 pm.",
    "We are open from 8 am to 5 pm. Arrive at 8 am for blood tests. Afternoon visits start at 1 pm.",
    "Do not eat after midnight. After the test you may eat breakfast.",
    "Nothing to eat after midnight. Do not eat breakfast.",
    "Nothing to eat after midnight if your test is in the morning. For an afternoon test, eat a light breakfast.",
    "The day before, eat breakfast and lunch. Do not eat after midnight.",
    "Skip breakfast: nothing to eat after midnight. When you get home, have breakfast.",
    "Come at 9 am on Monday. Your next visit is at 8 am on Friday.",
    # Doses that a label allows
    "Take 1000 mg of Tylenol every 6 hours.",
    "Take 1000 mg of Tylenol every 4 hours, and no more than 3000 mg a day.",
    "Take 1000 mg of acetaminophen every 4 to 6 hours, at most 4 doses in 24 hours.",
    "Take 650 mg of Tylenol every 4 hours.",
    "Take two 325 mg acetaminophen tablets every 4 hours.",
    "Take ibuprofen 600 mg every 6 hours with food.",
    "Take 400 mg of ibuprofen, and check your fever every 2 hours.",
    "Take 500 mg of amoxicillin every 3 hours. You may also take Tylenol.",
)


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[Problem]]:
    """What the rules of this family find in words of a handout that is sound without them."""
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(EXAMPLES / "B01" / "good" / "clinic.toml", {face.family for face in fonts})

    def find(words: str, language: str = "en", profile: ClinicProfile = clinic) -> list[Problem]:
        shelf = stock(tmp_path)
        change(shelf.handout, ("Please call our office.", words.replace("{ours}", clinic.name)))
        change(shelf.handout, ("language: en", f"language: {language}"))
        document = library.read_document(shelf.handout.rename(shelf.handout.with_name(f"handout.{language}.md")))
        rules = (check for check in lint.DOCUMENT_RULES if check.rule.name in NAMES)
        context = Context(date(2026, 12, 1), frozenset(), clinic=profile)
        return [problem for check in rules for problem in check(document, context)]

    return find


@pytest.mark.parametrize(("rule", "words"), PLANTED)
def test_what_cannot_be_meant_is_found_once(rule: str, words: str, found: Callable[..., list[Problem]]) -> None:
    (problem,) = found(words)
    assert (problem.rule, problem.severity) == (rule, "warning")
    assert problem.sentence
    assert problem.sentence in words


@pytest.mark.parametrize("words", NEAR)
def test_what_may_be_meant_is_left_alone(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words) == []


def test_a_clinic_without_a_name_has_no_other_beside_it(found: Callable[..., list[Problem]]) -> None:
    words = "Welcome to Valley View Family Practice!"
    fonts = library.read_fonts(ROOT / "fonts")
    unset = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    assert len(found(words)) == 1
    assert found(words, profile=unset) == []
    assert found(words, profile=replace(unset, name="Valley View")) == []


# More of their kinds, written when the rules were there ---------------------------------------------------------------

MORE = (
    ("other-clinic", "Thank you for coming to Prairie Wind Family Medicine."),
    ("other-clinic", "Contact Blue Ridge Physical Therapy to change your visit."),
    ("other-clinic", "The Elm Street Clinic will call you with the result."),
    ("other-clinic", "Our nurses at Summit Dermatology see you first."),
    ("other-clinic", "Silver Lake Medical Group's staff will ask for your card."),
    ("missing-reference", STEPS + "Do this until step 6."),
    ("missing-reference", "### Step 1\n\nWash.\n\n### Step 2\n\nDry. Then follow step 3."),
    ("missing-reference", "Look at the diagram below."),
    ("missing-reference", "Step 1: Wash.\n\nStep 2: Dry.\n\nStep 4: Rest."),
    ("missing-reference", "### Step 1\n\nWash.\n\n### Step 3\n\nDry."),
    ("missing-reference", "How many drops: see Table 1."),
    ("missing-reference", "The times are given in the following table."),
    ("missing-reference", "Compare your ear with the picture above."),
    ("times", "Your scan is scheduled for 9:45 AM. Please arrive by 10:00 AM."),
    ("times", "Get here at 7:45 for your 7:15 procedure."),
    ("times", "Don't eat anything after midnight. Take your pills with your breakfast, and eat a small breakfast."),
    ("times", "The operation is set for 12:30 pm; be here at 1:15 pm."),
    ("dose-limit", "Take Advil 800 mg six times a day."),
    ("dose-limit", "Tylenol 1000 mg q3h"),
    ("dose-limit", "Take 10000 mg of a painkiller a day."),
    ("dose-limit", "Your pain medicine: 1000 mg every 4 hours"),
    ("dose-limit", "Take three 500 mg paracetamol tablets every 8 hours."),
    ("dose-limit", "Take 1000 mg of acetaminophen every three hours for pain."),
)
MORE_NEAR = (
    "Step 1: Wash.\n\nStep 2: Dry.\n\nStep 1: Wash again.\n\nStep 2: Dry again.",
    "Step 5 of the plan is the last one. Step 2 was shorter.",
    "Steps 1 to 3 are for the ear. Step up when you can.",
    "Your heart doctor at Summit Medical Center will call you.",
    "We work with the doctors of Prairie Wind Pediatrics.",
    "If you were born at Stone Bridge Medical Center, tell us.",
    "Bring a letter from your doctor to the Eye Clinic.",
    "The Vaccine Clinic is open on Monday.",
    "Medicaid Health Center cards are taken.",
    "Please call Customer Service at Blue Ridge Insurance.",
    "A study at the Cleveland Clinic is going on.",
    "The Skin Clinic will call you.",
    STEPS + "Step back from the bed after 10 steps.",
    STEPS + "Walk up 12 steps, and rest after step 8 of the stairs.",
    "Sit at the table. The table is high.",
    "Set the bottle on the table above the drawer.",
    "Look at the picture on the wall.",
    "We take photos above and below the knee.",
    "See the nurse below. See figures of the study on our site.",
    "Come at 8 am. The visit is at the hospital.",
    "Come in at 12:30. Your visit is at 1:00.",
    "Arrive at 8 am; tests start at 7 am for people from other houses.",
    "The surgery starts at 7 am for some. Others arrive at 9 am.",
    "Do not eat after midnight. Have breakfast when you wake up from the surgery.",
    "Eat breakfast as usual. You need not fast.",
    "Take 1000 mg of Tylenol with each meal, and drink every 2 hours.",
    "Take 600 mg of ibuprofen every 4 to 8 hours.",
    "Take your pain pills with food, and 5000 mg of vitamin C.",
    "Take 1000 mg of your pain medicine every 6 hours.",
    "Take one 500 mg acetaminophen tablet every 3 hours.",
    "Take 2 tablets of 200 mg ibuprofen every 4 hours.",
    "Tylenol 650 mg q4h was told to you in words.",
    "Take 1000 mg of Tylenol every 4 hours only if your doctor says so, and up to 4 doses a day.",
)


@pytest.mark.parametrize(("rule", "words"), MORE)
def test_more_that_cannot_be_meant_is_found(rule: str, words: str, found: Callable[..., list[Problem]]) -> None:
    assert [problem.rule for problem in found(words)] == [rule]


@pytest.mark.parametrize("words", MORE_NEAR)
def test_more_that_may_be_meant_is_left_alone(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words) == []


SPANISH = (
    ("missing-reference", "Vea la tabla de abajo."),
    ("missing-reference", STEPS + "Vuelva al paso 8."),
)
SPANISH_NEAR = ("Ponga el frasco en la mesa de abajo.", STEPS + "Vuelva al paso 3.")


@pytest.mark.parametrize(("rule", "words"), SPANISH)
def test_it_is_found_in_spanish(rule: str, words: str, found: Callable[..., list[Problem]]) -> None:
    assert [one.rule for one in found(words, "es")] == [rule]


@pytest.mark.parametrize("words", SPANISH_NEAR)
def test_it_is_left_alone_in_spanish(words: str, found: Callable[..., list[Problem]]) -> None:
    assert found(words, "es") == []


def test_the_handout_of_the_case_speaks_for_another_clinic_and_against_itself() -> None:
    file = Path(__file__).parent / "cases" / "pages" / "claims-and-slips" / "handout.en.md"
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(EXAMPLES / "B01" / "good" / "clinic.toml", {face.family for face in fonts})
    context = Context(date(2026, 12, 1), frozenset(), clinic=clinic)
    found = [
        one for one in lint.check_document(library.read_document(file), context) if one.code in ("L18", "L19", "S41")
    ]
    assert [(one.code, one.line, one.sentence) for one in found] == [
        ("L18", 12, "Sunny Hills Clinic gives you this sheet."),
        ("L19", 39, "Do not eat after midnight, but you may eat breakfast."),
    ]
