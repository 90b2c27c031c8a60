"""What real texts taught the rules about words to leave alone, each beside what they still have to find."""

from datetime import date
from pathlib import Path

import pytest

from clinicpress.lint.phones import other_phone
from clinicpress.lint.rules import Context
from tests.test_language import found, handout, problems
from tests.test_slips import clinic

# L05: each sentence has 21 to 25 words.
NOBODY_ASKS = (
    "Ask us about any other tests that you would like to have and that are not connected to the care of your ear.",
    "What we write down about you in the book at the desk will be limited to your name, your age and your home town.",
    "The same soft wax that is found in the ears of small children can also harden in yours when you sleep too little.",
    "Your name and your notes will be stored and used by the study team only, in a room with a lock and a key.",
    "Your sample will be shared with and used by other researchers of this house who want to know more of wax.",
    "After the two soft pads are placed on your neck, lie still on the table until you hear the bell ring twice.",
    "When the warm water is turned off, you can sit up, dry your ear and tell us if you feel dizzy or sick.",
    "The drops may be used for a week or two at home, and most people then need no other care for the ear.",
    "A few of these drops have been shown to help some people, and a warm towel on the ear may ease the pain.",
    "To be seen at our clinic on the same day, please call us in the morning and tell us what is wrong today.",
    "I have read the whole text about the rinse and have been given time to ask all that I wanted to know today.",
)
SOMEBODY_ASKS = (
    "A very thin tube will be inserted into your ear, deep below the wax, and warm water will run through it.",
    "You are being asked to take part in this test because you have had wax in one ear or in both for weeks.",
    "After you sign, your name and your number will be removed from the sheet, and a code of six letters stands there.",
    "The tube is then connected to a pump with warm water, and you hold a small dish below your ear for some time.",
    "The form has to be filled in and signed before the day of your visit, or the desk cannot find a time for you.",
    "The area will be cleaned and a small needle is then placed under the skin by a member of our trained staff today.",
    "All notes will be kept by the end of this year in a room with a lock, in the cellar of the old house.",
    "We want you to know that your blood will be sent to a lab in another town, where it stays for two years.",
)


@pytest.mark.parametrize("text", NOBODY_ASKS)
def test_nobody_would_ask_who_does_it(text: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {text}"), "passive-voice") == []


@pytest.mark.parametrize("text", SOMEBODY_ASKS)
def test_somebody_could_ask_who_does_it(text: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {text}"), "passive-voice") == [text]


# L06 ------------------------------------------------------------------------------------------------------------------

EXPLAINS = (
    "We use a cannula, which consists of two soft tubes.",
    "Otosclerosis, or bone disease of the inner ear, makes it hard to hear.",
    "It may hide some skin cancers (both flat and round carcinomas).",
    "It does not suit bone defects of the back (including severe scoliosis).",
    "We put in an anesthetic to numb the ear.",
    "We numb the ear with lidocaine.",
    "The ear is numbed with lidocaine.",
    "Please read the fact sheet Edema in Early Pregnancy.",
    "Please read the leaflet “Living with edema”.",
)
EXPLAINS_NOTHING = (
    ("We use a cannula, which comes from a new box.", "cannula"),
    ("Otosclerosis, or what we think of as such, makes it hard to hear.", "otosclerosis"),
    ("Ask about your medicines (tell us of anticoagulants).", "anticoagulant"),
    ("We put in an anesthetic to see more of the ear.", "anesthetic"),
    ("We come with lidocaine.", "lidocaine"),
    ("Read the leaflet. Edema is rare.", "edema"),
    ("Please read the leaflet about edema.", "edema"),
)


@pytest.mark.parametrize("text", EXPLAINS)
def test_a_term_is_explained_in_many_forms(text: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {text}"), "jargon") == []


@pytest.mark.parametrize(("text", "term"), EXPLAINS_NOTHING)
def test_what_only_looks_like_an_explanation_is_none(text: str, term: str, tmp_path: Path) -> None:
    (sentence,) = found(handout(tmp_path, f"- {text}"), "jargon")
    assert term in sentence.lower()


# L08, L10, L13 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("We use one of two formulas. It helps 90 percent of patients.", "out of 100 people"),
        ("Take one of three leaflets. It helps 90 percent of patients.", "out of 100 people"),
        ("One of two people feels dizzy. It helps 90 percent of patients.", "out of 100 people"),
        ("2 of 1,000 people feel dizzy. It helps 90 percent of patients.", "out of 1000 people"),
        ("Of 2 in 20, one comes back. It helps 90 percent of patients.", "out of 20 people"),
    ],
)
def test_the_remedy_of_a_percentage_can_be_followed(text: str, remedy: str, tmp_path: Path) -> None:
    remedies = [one.remedy for one in problems(handout(tmp_path, f"- {text}")) if one.rule == "numbers"]
    assert [one for one in remedies if f"'{remedy}, …'" in one]


@pytest.mark.parametrize(
    "text",
    [
        "Tell us, so that we can plan a safe withdrawal from the study.",
        "The cream numbs the ear, so the needle won't hurt as much.",
        "With the cream it does not hurt for long.",
        "The rinse has no serious risks. It takes ten minutes. You may get a mild rash on the ear.",
    ],
)
def test_a_claim_is_none_where_it_claims_less(text: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {text}"), "claims") == []


@pytest.mark.parametrize(
    "text",
    [
        "This is a safe treatment.",
        "The cream numbs the ear, so the needle won't hurt.",
        "With the cream it does not hurt at all.",
        "The rinse has no serious risks. It takes ten minutes.",
        "The rinse has no risks. It takes ten minutes. You may get a mild rash on the ear.",
    ],
)
def test_a_claim_stays_one(text: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {text}"), "claims") == [f"{text.partition('.')[0]}."]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("You may call the Patient Representative at 402-395-2191.", 0),
        ("Call the Office of IRB Operations at 402-395-2191.", 0),
        ("You may call the office of Dr. Bell at 402-395-2191.", 1),
        ("Call the Office of Dr. Bell at 402-395-2191.", 1),
        ("You may call our nurse at 402-395-2191.", 1),
        ("A representative of the press may call 402-395-2191.", 1),
    ],
)
def test_a_number_whose_owner_is_named_is_told(text: str, count: int, tmp_path: Path) -> None:
    context = Context(date(2026, 12, 1), frozenset(), clinic=clinic())
    told = other_phone(handout(tmp_path, f"- {text}"), context)
    assert len([*told]) == count
