"""Texts that other tools print wrong: each is on the paper whole and in order, or its line is named."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import pytest

from clinicpress.clinics import Paper, Print
from tests.attempts import FULL_CLINIC, Attempt, attempt, left_behind
from tests.instruments.paper import Box, Word
from tests.instruments.paper import Paper as Sheets
from tests.instruments.paper_reading import read_paper
from tests.instruments.source import read_source
from tests.prints import CLINICS, ROOT, TOPIC

pytestmark = pytest.mark.usefixtures("from_cache")  # one case is asked about several times

CASES = ROOT / "tests" / "cases" / "pages"
LINE = 17  # points: a heading that hangs in the side column begins on the first line of what it stands above
SPACE = 5  # points: more than a blank of the text
SECONDS = 240  # for a document of two thousand items, on a machine that does much else


@dataclass(frozen=True)
class Right:
    """The right answer to a case: it prints, or may be refused by its line, on so many sides at most."""

    refusable: bool = False
    sides: int = 0  # 0: as many as it takes
    whole_words: bool = False  # no word of a cell is broken: the table fits
    named: str = ""  # what a refusal has to name
    lines: tuple[int, int] = (0, 0)  # a refusal names one of these lines
    slow: bool = False


RIGHT: Mapping[str, Right] = {
    "heading-then-picture": Right(sides=2),
    "pair-18-and-18": Right(sides=2),
    "pair-25-and-3": Right(sides=2),
    "list-in-list": Right(sides=2),
    "nested-a": Right(sides=1),
    "nested-b": Right(sides=1),
    "nested-c": Right(sides=1),
    "numbers-go-on": Right(sides=1),
    "list-on-top": Right(refusable=True, lines=(12, 15)),
    "nine-columns": Right(refusable=True, lines=(33, 35)),
    "drug-table": Right(sides=1, whole_words=True),
    "long-words-in-large-print": Right(refusable=True, lines=(33, 35)),
    "tall-row": Right(refusable=True, lines=(21, 23)),
    "cell-higher-than-a-page": Right(refusable=True, lines=(33, 35)),
    "table-of-25-rows": Right(sides=2, whole_words=True),
    "lists-and-paragraphs": Right(),
    "note-marks": Right(),
    "groups-of-rows": Right(sides=2, whole_words=True),
    "portrait-picture": Right(sides=2),
    "two-thousand-items": Right(refusable=True, slow=True),
}
WAYS = [
    pytest.param(
        case,
        size,
        paper,
        id=f"{case}-{size}-{paper}",
        marks=() if (size, paper) == (Print.STANDARD, Paper.LETTER) and not RIGHT[case].slow else pytest.mark.soak,
    )
    for case, size, paper in product(RIGHT, Print, Paper)
]


def printed(case: str, size: Print, paper: Paper, out: Path) -> Attempt:
    seconds = SECONDS if RIGHT[case].slow else 0
    return attempt(CASES / case / "handout.en.md", out, size=size, paper=paper, seconds=seconds)


def text_of(attempted: Attempt) -> tuple[Sheets, list[Word]]:
    sheets = read_paper(attempted.pdf)
    return sheets, sheets.words(read_source(attempted.source).words)


def test_each_case_has_its_right_answer() -> None:
    assert {path.name for path in CASES.iterdir()} >= set(RIGHT)


@pytest.mark.parametrize(("case", "size", "paper"), WAYS)
def test_every_word_is_on_the_paper_or_its_line_is_named(case: str, size: Print, paper: Paper, tmp_path: Path) -> None:
    right = RIGHT[case]
    done = printed(case, size, paper, tmp_path)
    assert done.faults(may_be_refused=right.refusable) == []
    if done.code != 0:
        first, last = right.lines
        lines = [int(line) for line in re.findall(r"handout\.en\.md:(\d+)", done.errors)]
        assert not last or all(first <= line <= last for line in lines), f"another line is blamed: {done.errors}"
        assert left_behind(tmp_path) == []
        return
    sides = int(done.facts["pages"])
    assert size is not Print.STANDARD or not right.sides or sides <= right.sides, f"{done.what} takes {sides} sides"
    if right.whole_words and size is Print.STANDARD:
        sheets, words = text_of(done)
        cells = [word for word in words if sheets.inside(word.block, "Table")]
        broken = [word.text for word in cells if len(word.parts) > 1]
        assert broken == [], f"{done.what}: these are broken, and the table fits"


def test_a_heading_is_above_the_picture_that_begins_its_section_or_hangs_at_its_top(tmp_path: Path) -> None:
    done = printed("heading-then-picture", Print.STANDARD, Paper.LETTER, tmp_path)
    assert done.faults(may_be_refused=False) == []
    sheets, words = text_of(done)
    heading = next(word for word in words if word.text == "once" and sheets.role(word.block) == "H2")
    picture = next(ink for ink in sheets.ink if ink.picture and sheets.inside(ink.owner, "Figure"))
    (page, (_, bottom, right, top)), *_ = heading.boxes()
    assert page == picture.page
    hangs_beside = right <= picture.box[0] and top >= picture.box[3] - LINE
    assert bottom >= picture.box[3] - 1 or hangs_beside


def test_the_head_of_a_table_is_on_each_of_its_pages(tmp_path: Path) -> None:
    """In large print, where the table of 25 rows takes several pages. The repeated head is no part of the text."""
    done = printed("table-of-25-rows", Print.LARGE, Paper.LETTER, tmp_path)
    assert done.faults(may_be_refused=False) == []
    sheets, words = text_of(done)
    pages = {word.page for word in words if sheets.inside(word.block, "Table")}
    heads = {word.page for word in words if sheets.role(word.block) == "TH" and word.text == "Potassium"}
    again = {word.page for word in sheets.around if word.text == "Potassium"}
    assert len(pages) > 1
    assert heads == {min(pages)}
    assert again == pages - heads


def test_each_page_of_a_grouped_table_begins_with_the_name_of_a_group(tmp_path: Path) -> None:
    done = printed("groups-of-rows", Print.LARGE, Paper.LETTER, tmp_path)
    assert done.faults(may_be_refused=False) == []
    sheets, words = text_of(done)
    cells = [
        word
        for word in words
        if sheets.inside(word.block, "Table") and word.text in {"Drinks", "Smooth", "Soft", "Small", "Evening"}
    ]
    names = [word.page for word in cells if word.text != "Evening"]
    lasts = [word.page for word in cells if word.text == "Evening"]
    assert names == lasts
    assert len(set(names)) > 1


CHOICES = """
::: fields
- How shall we send you the result: choice(By letter to my home, On paper at the desk, \
Through the patient portal) {contact.result}
- Language at home: list(English, Español, Tiếng Việt, Another one that I name below) {patient.home_language} half
:::

"""


@pytest.mark.parametrize("size", Print)
def test_long_choices_of_own_fields_take_as_many_lines_as_they_need(size: Print, tmp_path: Path) -> None:
    text = shipped("consent.en").read_text(encoding="utf-8")
    second = text.index("\n## ", text.index("\n## ") + 1)
    source = tmp_path / "handouts" / TOPIC / "consent.en.md"
    shutil.copytree(ROOT / "handouts", tmp_path / "handouts")
    source.write_text(text[:second] + CHOICES + text[second:], encoding="utf-8")
    done = attempt(source, tmp_path / "out", size=size, also=LEAFLET)
    assert done.faults(may_be_refused=False) == []
    _, words = text_of(done)
    portal, letter = (next(word for word in words if word.text == one) for one in ("portal", "letter"))
    assert next(portal.boxes())[1][3] < next(letter.boxes())[1][1], "all choices are on one line"


# The shipped texts, where their pages were wrong --------------------------------------------------------------------

LEAFLET = ["What is neurotherapy? ¿Qué es la neuroterapia? NT-H1"]
LONG_TITLES = {"handout.en": "What is neurotherapy, and how may it help your knee?"}
LONG_TITLES |= {"consent.es": "Formulario de consentimiento: neuroterapia de la rodilla"}
LONG_TITLES |= {"consent.en": "Consent form: neurotherapy of the knee and the hip"}
ON_ONE_SIDE = ("patient.signature", "clinician.signature", "interpreter.signature", "witness.signature")


def shipped(name: str) -> Path:
    return ROOT / "handouts" / TOPIC / f"{name}.md"


@pytest.fixture(scope="module")
def full_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    (folder / "clinic.toml").write_text(FULL_CLINIC, encoding="utf-8")
    return folder / "clinic.toml"


def test_the_form_line_of_a_large_spanish_form_is_on_the_paper(tmp_path: Path) -> None:
    done = attempt(
        shipped("consent.es"), tmp_path, clinic=CLINICS["riverside"], size=Print.LARGE, paper=Paper.A4, also=LEAFLET
    )
    assert done.faults(may_be_refused=False) == []
    sheets = read_paper(done.pdf)
    for page in range(1, len(sheets.sizes) + 1):
        assert "2027" in {word.text.strip(".") for word in sheets.around if word.page == page}, (
            f"no date on page {page}"
        )


@pytest.mark.parametrize("name", LONG_TITLES)
@pytest.mark.parametrize("paper", [Paper.LETTER, pytest.param(Paper.A4, marks=pytest.mark.soak)])
def test_a_long_title_of_a_draft_is_over_no_other_words(name: str, paper: Paper, tmp_path: Path) -> None:
    handouts = shutil.copytree(ROOT / "handouts", tmp_path / "handouts")
    (handouts / TOPIC / "review.toml").unlink(missing_ok=True)  # nobody approved it
    source = handouts / TOPIC / f"{name}.md"
    text, changes = re.subn(
        r"^title: .*$", f'title: "{LONG_TITLES[name]}"', source.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert changes == 1
    source.write_text(text, encoding="utf-8")
    done = attempt(source, tmp_path / "out", clinic=CLINICS["riverside"], size=Print.LARGE, paper=paper, also=LEAFLET)
    assert done.facts["review_state"] == "draft"
    assert done.faults(may_be_refused=False) == []


@pytest.mark.parametrize("paper", Paper)
def test_the_handout_is_two_sides_with_every_line_of_the_profile_filled(
    paper: Paper, full_clinic: Path, tmp_path: Path
) -> None:
    done = attempt(shipped("handout.en"), tmp_path, clinic=full_clinic, paper=paper)
    assert done.faults(may_be_refused=False) == []
    assert done.facts["pages"] == 2


@pytest.mark.parametrize(
    ("name", "sides"),
    [("consent.en", 4), ("consent.es", 5), ("handout.es", 2)],
)
def test_the_shipped_text_has_its_sides_and_its_signatures_on_one(name: str, sides: int, tmp_path: Path) -> None:
    done = attempt(shipped(name), tmp_path, also=LEAFLET)
    assert done.faults(may_be_refused=False) == []
    pages = {one["page"] for one in done.facts["fields"] if one["name"] in ON_ONE_SIDE}
    assert len(pages) <= 1, f"the signatures are on the pages {sorted(pages)}"
    assert done.facts["pages"] == sides


@pytest.mark.parametrize("name", ["consent.en", "consent.es", "handout.en", "handout.es"])
@pytest.mark.parametrize(
    ("size", "paper"), [pytest.param(*one, marks=pytest.mark.soak) for one in product(Print, Paper)]
)
def test_a_full_profile_covers_no_word_of_any_shipped_text(
    name: str, size: Print, paper: Paper, full_clinic: Path, tmp_path: Path
) -> None:
    done = attempt(shipped(name), tmp_path, clinic=full_clinic, size=size, paper=paper, also=LEAFLET)
    assert done.faults(may_be_refused=False) == []


def test_no_line_ends_while_it_has_room_for_the_next_word(tmp_path: Path) -> None:
    """Where bold words and marks of notes come at each place of a line, the lines are as full as elsewhere."""
    done = printed("note-marks", Print.STANDARD, Paper.LETTER, tmp_path)
    assert done.faults(may_be_refused=False) == []
    sheets, words = text_of(done)
    words = [
        word for word in words if sheets.role(word.block) in {"P", "LBody"} and not sheets.inside(word.block, "Table")
    ]
    longest = {word.block: max(box_of(other)[2] for other in words if other.block == word.block) for word in words}
    early = [
        f"page {ends.page}: {ends.text!r} ends a line, and {begins.text!r} has room on it"
        for ends, begins in pairwise(words)
        if ends.block == begins.block
        and is_on_the_next_line(ends, begins)
        and longest[ends.block] - box_of(ends)[2] > width(begins) + SPACE
    ]
    assert len(words) > 500
    assert early == []


def is_on_the_next_line(word: Word, after: Word) -> bool:
    return word.page == after.page and box_of(after)[3] < box_of(word)[1]


def width(word: Word) -> float:
    left, _, right, _ = box_of(word)
    return right - left


def box_of(word: Word) -> Box:
    """Of a word that no line end broke."""
    ((_, box),) = word.boxes()
    return box
