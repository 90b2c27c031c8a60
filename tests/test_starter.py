"""The starter library: its drafts come into a clinic's folder with their passages, are sound, and print as drafts."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.errors import Severity
from clinicpress.lint.readability import reading
from clinicpress.orders import Order, Rendition
from clinicpress.press.press import complete, lay_out
from clinicpress.press.shelf import Shelf as Content
from clinicpress.press.shelf import Stock, take_stock
from tests import forms
from tests.instruments import extract, verapdf
from tests.lint.shelf import TODAY, Shelf, forked, stock
from tests.starters import PASSAGES, STARTER

ROOT = Path(__file__).parents[1]
TOPICS = {path.name for path in STARTER.iterdir()} - {PASSAGES}
SHARED = {
    "contact", "copy", "emergency", "interpreter", "privacy-short", "right-to-estimate", "teach-back-invite",
}  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path) -> Shelf:
    """A clinic that has no text yet."""
    shelf = stock(tmp_path / "shelf")
    shutil.rmtree(shelf.folder / "ear-rinse")
    return shelf


def files_in(shelf: Shelf) -> dict[str, str]:
    """All texts of a folder, by their path in it."""
    return {str(one.relative_to(shelf.folder)): one.read_text(encoding="utf-8") for one in shelf.folder.glob("*/*.md")}


def passages_in(shelf: Shelf) -> set[str]:
    return {one.name.partition(".")[0] for one in (shelf.folder / PASSAGES).glob("*")}


def taken(folder: Path, clinic: Path) -> Stock:
    return take_stock(Content(folder, clinic, date.fromisoformat(TODAY)), ())


# What comes into the clinic's folder ------------------------------------------------------------------------------


def test_all_drafts_come_with_their_passages_and_are_sound(empty: Shelf) -> None:
    ran = forked("new", "--starter", "--json", *empty.options)
    assert (ran.returncode, ran.stderr) == (0, "")
    there = files_in(empty)
    assert {str(empty.folder / one) for one in there} == set(json.loads(ran.stdout)["files"])
    assert len(TOPICS) == 15
    assert {one.partition("/")[0] for one in there} == TOPICS | {PASSAGES}
    assert passages_in(empty) == SHARED
    found = taken(empty.folder, empty.clinic)
    assert len(found.documents) == 15
    assert [str(one) for one in found.problems if one.severity is Severity.ERROR] == []


def test_drafts_that_are_there_are_left_as_they_are(empty: Shelf) -> None:
    assert forked("new", "--starter", *empty.options).returncode == 0
    before = files_in(empty)
    for again in ([], ["small-wound"]):
        ran = forked("new", "--starter", *again, *empty.options)
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "is there already, and was left as it is" in ran.stderr
    assert files_in(empty) == before


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        ("someone-else-brings-my-child", {"interpreter", "copy"}),
        ("small-wound", {"emergency"}),
        ("my-records", set()),
    ],
)
def test_one_draft_brings_its_passages_and_no_others(topic: str, names: set[str], empty: Shelf) -> None:
    assert forked("new", "--starter", topic, *empty.options).returncode == 0
    assert {one.partition("/")[0] for one in files_in(empty)} == {topic} | ({PASSAGES} if names else set())
    assert passages_in(empty) == names
    assert [one for one in taken(empty.folder, empty.clinic).problems if one.severity is Severity.ERROR] == []


def test_a_passage_of_the_clinic_is_kept_and_the_command_says_so(empty: Shelf) -> None:
    assert forked("new", "--starter", "small-wound", *empty.options).returncode == 0
    own = empty.folder / PASSAGES / "emergency.en.md"
    own.write_text(own.read_text(encoding="utf-8") + "\nOur own words.\n", encoding="utf-8")
    ran = forked("new", "--starter", "after-visit", *empty.options)
    assert (ran.returncode, ran.stderr) == (0, f"{own} is there already, and was left as it is.\n")
    assert own.read_text(encoding="utf-8").endswith("Our own words.\n")
    assert passages_in(empty) == {"contact", "emergency", "teach-back-invite"}


# What the passages say --------------------------------------------------------------------------------------------


def test_each_passage_is_short_easy_and_asked_for() -> None:
    """SMOG is made for thirty sentences, so it is asked of all passages together."""
    documents, problems = library.read_library(STARTER)
    assert problems == []
    assert {use.name for one in documents for use in one.passages} == SHARED
    shelf = library.PassageShelf(STARTER)
    passages = [shelf.read(name, "en")[0] for name in sorted(SHARED)]
    for passage in passages:
        assert passage is not None
        assert passage.sources, passage.name
        assert len(passage.text.split("\n---\n")[1].split()) <= 60, passage.name
        alone = replace(documents[0], opening=passage.blocks, sections=(), notes=())
        assert reading(alone).grades["flesch_kincaid"] <= 6, passage.name
    blocks = tuple(block for passage in passages if passage is not None for block in passage.blocks)
    assert max(reading(replace(documents[0], opening=blocks, sections=(), notes=())).grades.values()) <= 6


# On paper ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, int | None]:
    """Every draft in both sizes of print, forms on paper and to be filled in; and how many sides it may have."""
    out, made = tmp_path_factory.mktemp("printed"), dict[Path, int | None]()
    found = taken(STARTER, ROOT / "clinic.toml")
    assert found.clinic is not None
    for document in found.documents:
        for size in Print:
            order = Order(document, found.clinic, PageProfile(Paper.LETTER, size), found.fonts)
            layout = lay_out(order, cache=forms.kept)
            for rendition in Rendition if document.kind.is_form else [Rendition.PAPER]:
                path = out / f"{document.topic}.{size}.{rendition}.pdf"
                path.write_bytes(complete(layout, replace(order, rendition=rendition)).pdf)
                made[path] = document.kind.sides if size is Print.STANDARD else None
    return made


def test_every_draft_is_printed_as_a_draft_on_so_many_sides(printed: dict[Path, int | None]) -> None:
    assert {path.name.partition(".")[0] for path in printed} == TOPICS
    for path, sides in printed.items():
        pages = extract.poppler_pages(path)
        assert all("DRAFT" in page for page in pages), path.name
        assert sides is None or len(pages) <= sides, path.name


def test_every_draft_keeps_both_standards(printed: dict[Path, int | None]) -> None:
    assert {path.name: faults for path, faults in verapdf.validate(list(printed)).items() if faults} == {}
