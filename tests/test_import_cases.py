"""What other tools get wrong in a clinic's file comes over as its reader saw it, or it is told."""

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from clinicpress.documents import KINDS
from clinicpress.library.imports import Imported, read_foreign

TODAY = date(2026, 12, 1)
CASES = Path(__file__).parent / "imports" / "cases"


def imported(path: Path, **options: object) -> Imported:
    return read_foreign(path, TODAY, **options)


def told(made: Imported) -> str:
    return "\n".join(f"{remark.what} {remark.words}" for remark in made.remarks)


def body(made: Imported) -> str:
    return made.text.split("---\n", 2)[2]


# file: what stands in the document, what does not, what is told
Right = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
RIGHT: Mapping[str, Right] = {
    "raised-digits.docx": (
        ("10⁶ cells in 2 cm² of skin, and vitamin B₁₂.", "5 x 10⁻³ g.", "the 1st day."),
        ("106", "cm2", "B12"),
        (),
    ),
    "ear-drops.html": (
        (
            "10⁶ units in 5 cm³, and H₂O. Use ½ drop; never use 2½ drops.",
            "1. Wash.\n2. Dry.\n\nWait ten minutes.\n\n3. Drop.",
            "a. Fever",
            "2. three",
            "1) two",
            "7. Seventh\n8. Eighth",
            "| Week 1 | every 4 hours | once |\n|  | every 6 hours | never |\n| Week 2 | when dry | once |",
            "“Do not stop”, said",
            "Hidden behind a click.",
            "☐ I am pregnant.",
            "Side \\_\\_\\_\\_\\_",
        ),
        ("code 99", "Hidden words"),
        ("Staff: code 99.", "Hidden words.", "left / right", "a. Fever / b. Pus"),
    ),
    "merged-cells.docx": (
        ("| Week 1 | every 4 hours | once |\n|  | every 6 hours | never |\n| Week 2 | only when it is wet |  |",),
        (),
        ("A table had merged cells",),
    ),
    "lists.docx": (
        (
            "1. Wash the knee.\n2. Dry the knee.\n\nWait for ten minutes before you go on.\n\n3. Put the wrap on.\n4. ",
            "5. Take the wrap off.",
            "- a) Fever.\n- b) Pus.",
        ),
        (),
        ("a) Fever. / b) Pus.",),
    ),
    "equations.docx": (
        ("Take the dose ½ tablet twice a day with food.", "Your dose is 5 mg × weight in kilograms."),
        ("to be placed",),
        (),
    ),
    "controls.docx": (
        (
            "☐ I take a blood thinner.",
            "☑ I have an allergy.",
            "☐ I am pregnant.",
            "Your knee: \\_\\_\\_\\_\\_",
            "Name of the drug: \\_\\_\\_\\_\\_",
        ),
        ("Choose an item", "to be placed"),
        ("left / right", "Choose an item.", "A box is ticked in the file"),
    ),
    "hidden-words.docx": (
        ("Wear it at night. Rest by day. Take one tablet.",),
        ("STAFF", "99070", "two tablets"),
        ("STAFF ONLY: bill code 99070.", "Take two tablets."),
    ),
    "symbols.docx": (
        ("heat is ≥ 38 °C, or the dose is 5 μg or more. Take 2‑3 drops. ≤ 4 a day. ☐ yes □ no",),
        ("to be placed",),
        (),
    ),
    "nested-bullets.docx": (("- Wash the wrist\n\n  - with soap\n  - with warm water\n- Dry the wrist",), (), ()),
    "word-saved.htm": (
        (
            "- It may ease a stiff knee.\n\n  - It costs little.\n- It is warm.",
            "1. A sore skin is common.\n2. A rash is rare.",
        ),
        ("·", "§", "o It"),
        (),
    ),
    "style-map.docx": (("VANISHWORD call us at once if your leg turns blue.",), (), ()),
    "spanish-o.txt": (
        ("Sirve para tratar un proceso inflamatorio o una lesión quística en el hueso.", "prevenir o recuperar la"),
        ("- ",),
        (),
    ),
    "when-to-call.md": (
        (
            "## Wound Care\n\n- Keep the bandage dry for 48 hours.\n\n### Watch for Signs of Infection\n\n- Red",
            "- Fever\n\n### Changing the bandage\n\n- Change it daily.\n\n## When to Call Your Doctor {#when-to-call}",
            "{#when-to-call}\n\n### Call During Office Hours For:\n\n- Questions about wound care\n\n### Call Im",
            "Emergency Room For:\n\n- Severe chest pain\n",
        ),
        ("TODO", "to be placed"),
        (),
    ),
    "parts-of-a-study.md": (
        (
            "## WHAT WE FIND\n\n### News about the lamp\n\nWe tell you",
            "\n\n### What the results may mean for you\n\n",
            "\n\n## What are the benefits of the lamp? {#benefits}\n\nYou may",
            "\n\n## What are the risks of the lamp? {#drawbacks}\n\nYour",
            "## MONEY\n\n### Are you paid?\n\n",
        ),
        ("THE LAMP AND YOU",),
        ("and has no text, was left out. THE LAMP AND YOU",),
    ),
    "numbered-parts.txt": (
        (
            "## 1. Why use warm wax? {#uses}\n\nWarm wax",
            "## 2. The wax bath\n\nYour hand",
            "1. Wash your hands\n\n",
            "3. Wait\n\n## 3. Risks of warm wax {#drawbacks}\n\nThe wax",
            "## 4. What if there is a problem?\n\nCall us",
        ),
        ("## 1. Wash", "# 3. Wait"),
        (),
    ),
    "numbered-steps.txt": (
        ("1. Wash your hands\n", "3. Wait for the wax to dry\n\nThen peel"),
        ("# 1", "# 2", "# 3"),
        (),
    ),
    "form.txt": (
        (
            "{#statement}\n\n\\_\\_\\_\\_ Release information to \\_\\_\\_\\_ Obtain records from",
            "(initial each)\n\n\\_\\_\\_\\_ Substance abuse",
            "## TODO: to be placed\n\nSignature: \\_",
        ),
        (),
        ("Places to fill in stand in the text as blanks. ____ Release information to",),
    ),
    "acupuncture-consent.txt": (
        ("the results are not guaranteed",),
        (),
        ("Places to fill in stand in the text as blanks.",),
    ),
    "no-show.txt": (
        ("## 1. Appointment Confirmation\n\nThe clinic will", "Does not arrive to the appointment\\\nCancels with"),
        (),
        ("Is it to be signed? sign below",),
    ),
}


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_file_comes_over_as_its_reader_saw_it(name: str) -> None:
    there, gone, said = RIGHT[name]
    made = imported(CASES / name)
    assert made.lost == 0
    for words in there:
        assert words in body(made), words
    for words in gone:
        assert words not in body(made), words
    for words in said:
        assert words in told(made), words


@pytest.mark.parametrize("name", ["form.txt", "acupuncture-consent.txt"])
def test_only_what_a_block_prints_is_called_so(name: str) -> None:
    made = imported(CASES / name)
    called = [remark.words for remark in made.remarks if "blocks print" in remark.remedy]
    assert bool(called) is (name == "form.txt")
    for words in called:
        assert not {"release", "consent", "abuse", "authorize", "permitted"} & set(words.lower().split())


def test_a_text_that_asks_for_a_signature_is_asked_about() -> None:
    made = imported(CASES / "no-show.txt")
    assert made.kind == KINDS["handout"]
    assert "not sure" in made.why
    assert "nothing in it is to be signed" not in made.why
    assert any("signed" in one for one in made.first)


DEEP = "<html><body>" + "<div>" * 100_000 + "DEEPWORD text of the knee."
PRIVATE = (
    "Knee brace\n\nWhat it is\n\nA brace holds.\n\n" + "plain word " * 8_000 + "".join(map(chr, range(0xE000, 0xF000)))
)
MARKS = "Knee brace\n\n" + "\n".join(f"{number % 90}. step" for number in range(20_000))


@pytest.mark.parametrize(("name", "text"), [("deep.html", DEEP), ("private.txt", PRIVATE), ("marks.txt", MARKS)])
def test_whatever_a_file_holds_it_ends_in_time(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    start = time.perf_counter()
    made = imported(path)
    assert time.perf_counter() - start < 15
    assert made.words
