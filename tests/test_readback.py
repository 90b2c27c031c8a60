"""What `check --pages` measures on the finished pages is what is there, and each of its rules finds its fault.

The faults are made with a spoiled style sheet: content alone could not make them, since the style sheets are ours.
"""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from clinicpress import library as reading_room
from clinicpress import lint
from clinicpress.cache import Cache
from clinicpress.cli import main
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import KINDS
from clinicpress.errors import ContentError, Problem
from clinicpress.legibility import Colours, Line, ReadBack, TagPlace
from clinicpress.lint.legibility import contrast_between
from clinicpress.orders import Order
from clinicpress.pdf.readback import read_lines
from clinicpress.press import press
from clinicpress.visits import Encounter
from tests import prints
from tests.instruments import letters
from tests.lint.shelf import stock
from tests.prints import CONSENT, HANDOUT, ROOT

TODAY = date(2026, 12, 1)
CODES = {rule.rule.code for rule in lint.PRINT_RULES}


def lines_of(path: Path) -> tuple[Line, ...]:
    return read_lines(path.read_bytes())


def problems(order: Order, lines: tuple[Line, ...]) -> tuple[Problem, ...]:
    return lint.check_print(ReadBack(order.document, order.page, lines), lint.Context(TODAY, frozenset()))


def spoiled(folder: Path, css: str, wanted: prints.Wanted = HANDOUT) -> tuple[Problem, ...]:
    """What is found on a document that is printed with this style sheet behind all others."""
    order = prints.order(wanted)
    return problems(order, lines_of(prints.produce(order, folder, css=css)))


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_lines_are_those_that_another_program_reads(wanted: prints.Wanted, tmp_path: Path) -> None:
    """pdfium: the same words on the same base in the same size, so with as many characters."""
    path = prints.produce(prints.order(wanted), tmp_path)
    theirs = letters.lines(letters.characters(path))
    ours = lines_of(path)
    assert len(ours) > 90
    assert Counter((line.page, line.text) for line in ours) == Counter((line.page, line.text) for line in theirs)
    for kind in ("size", "baseline"):
        found = [sorted((line.page, line.text, getattr(line, kind)) for line in read) for read in (ours, theirs)]
        assert [one[2] for one in found[0]] == pytest.approx([one[2] for one in found[1]], abs=0.05)


def test_white_words_stand_on_black_and_furniture_is_told_from_text(tmp_path: Path) -> None:
    found = lines_of(prints.produce(prints.order(CONSENT), tmp_path))
    drafts = [line for line in found if line.text.startswith("DRAFT: not approved")]
    assert len(drafts) == 8
    for line in drafts:
        assert line.inks == (Colours("#ffffff", "#000000"),)
        assert (line.place, line.piece) == (TagPlace.FURNITURE, -1)
    (title,) = [line for line in found if line.text == "Consent form: neurotherapy"]
    assert (title.place, title.inks) == (TagPlace.HEADING, (Colours("#0b4a56", "#ffffff"),))
    (cell,) = [line for line in found if line.text == "Feeling faint"]
    assert cell.place is TagPlace.CELL


def test_values_in_boxes_are_read_as_well(tmp_path: Path) -> None:
    """They stand in drawings of their own (form XObjects), in another font."""
    order = prints.order(CONSENT, encounter=Encounter({"patient.name": "Ada Örtel", "patient.mrn": "00123"}, "test"))
    found = lines_of(prints.produce(order, tmp_path))
    assert [line.page for line in found if "Ada Örtel" in line.text] == [1, 2, 3, 4]
    named = [line for line in found if "00123" in line.text]
    assert {line.place for line in named} == {TagPlace.TEXT, TagPlace.FURNITURE}
    assert all(9 < line.size < 13 for line in named)


def test_a_file_without_tags_is_all_furniture(tmp_path: Path) -> None:
    path = prints.produce(prints.order(HANDOUT), tmp_path)
    with pikepdf.open(path) as pdf:
        del pdf.Root.StructTreeRoot
        pdf.save(tmp_path / "bare.pdf")
    assert {line.place for line in lines_of(tmp_path / "bare.pdf")} == {TagPlace.FURNITURE}


# What is found --------------------------------------------------------------------------------------------------------


def test_the_shipped_documents_are_legible(printed: prints.Printed) -> None:
    assert problems(prints.order(printed.wanted), lines_of(printed.path)) == ()


def test_the_spanish_form_is_legible(tmp_path: Path) -> None:
    documents, _ = reading_room.read_library(ROOT / "handouts", [prints.TOPIC])
    (form,) = [one for one in documents if one.language == "es" and one.kind == KINDS["consent"]]
    order = prints.order(CONSENT, document=form)
    assert problems(order, lines_of(prints.produce(order, tmp_path))) == ()


SPOILED = """
p, li { font-size: 11.5pt; line-height: 14pt; color: #999999 }
.hang > .text { margin-left: 80pt }
"""


def test_a_spoiled_style_sheet_breaks_each_rule(tmp_path: Path) -> None:
    found = spoiled(tmp_path, SPOILED)
    assert {problem.code for problem in found} == CODES
    source = prints.order(HANDOUT).document.file.read_text(encoding="utf-8").splitlines()
    for problem in found:
        assert problem.file == str(prints.order(HANDOUT).document.file)
        assert "standard print, page 1" in problem.message or "standard print, page 2" in problem.message
        assert problem.sentence
        if problem.code in ("B10", "B12"):  # the line of its paragraph
            assert problem.sentence.split()[0] in source[problem.line - 1] + source[problem.line]


@pytest.mark.parametrize(
    ("css", "said"),
    [
        ("p { font-size: 11.9pt }", "of text printed smaller than 12 points; the smallest has 11.9"),
        ("td { font-size: 11.5pt }", "of text printed smaller than 12 points; the smallest has 11.5"),
        ("figcaption { font-size: 9.9pt }", "1 line of labels and captions printed smaller than 10 points"),
        (".formline { font-size: 8.5pt }", "of head and foot of the page printed smaller than 9 points"),
    ],
)
def test_each_part_of_a_page_has_its_own_least_size(css: str, said: str, tmp_path: Path) -> None:
    found = [problem for problem in spoiled(tmp_path, css) if problem.code == "B09"]
    assert len(found) == 1
    assert said in found[0].message


def test_in_large_print_everything_has_18_points(tmp_path: Path) -> None:
    large = prints.Wanted("shipped", KINDS["handout"], Print.LARGE, Paper.LETTER)
    found = spoiled(tmp_path, ".formline { font-size: 17pt }", large)
    assert [problem.code for problem in found] == ["B09"]
    assert "smaller than 18 points; the smallest has 17.0 (large print, page 1)" in found[0].message


def test_contrast_counts_in_grey_as_well() -> None:
    assert contrast_between(Colours("#000000", "#ffffff")) == pytest.approx(21)
    assert contrast_between(Colours("#ffffff", "#000000")) == pytest.approx(21)
    assert contrast_between(Colours("#767676", "#ffffff")) == pytest.approx(4.54, abs=0.01)  # WCAG's well-known AA grey
    violet = Colours("#d400ff", "#ffffff")
    ratios = contrast_between(violet), contrast_between(violet, grey=True)
    assert ratios[0] != pytest.approx(ratios[1], abs=0.1)


def test_words_on_a_coloured_ground_are_measured_against_it(tmp_path: Path) -> None:
    found = [one for one in spoiled(tmp_path, "h2 { background: #1a5f6d }") if one.code == "B11"]
    assert [one.message.partition(" have ")[0] for one in found] == [
        "Letters in #0b4a56 on #1a5f6d",
        "Letters in #111111 on #1a5f6d",
    ]


# The command ----------------------------------------------------------------------------------------------------------


def small(order: Order, _cache: Cache) -> ReadBack:
    """A page with a small line, in place of a real one."""
    line = Line(1, "Read me", 8.0, 8.0, 50, 700, (Colours("#111111", "#ffffff"),), TagPlace.HEADING, 0)
    return ReadBack(order.document, order.page, (line,))


@pytest.mark.usefixtures("from_cache")
def test_the_pages_are_measured_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    monkeypatch.setattr(press, "read_back", small)
    assert main(["check", "--json", *shelf.options]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []
    assert main(["check", "--json", "--pages", *shelf.options]) == ContentError.exit_code
    found = json.loads(capsys.readouterr().out)["problems"]
    assert Counter((Path(one["file"]).name, one["code"], one["line"], one["sentence"]) for one in found) == {
        (name, "B09", 0, "Read me"): 2 for name in ("handout.en.md", "consent.en.md")
    }


@pytest.mark.usefixtures("from_cache")
def test_a_document_with_errors_is_not_measured_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    text = shelf.handout.read_text(encoding="utf-8")
    shelf.handout.write_text(text + "\nTBD\n", encoding="utf-8")
    monkeypatch.setattr(press, "read_back", small)
    assert main(["check", "--json", "--pages", *shelf.options]) == ContentError.exit_code
    said = capsys.readouterr()
    assert f"{shelf.handout}: its pages were not looked at, because it has errors." in said.err
    measured = {one["file"] for one in json.loads(said.out)["problems"] if one["code"] == "B09"}
    assert str(shelf.handout) not in measured


def test_what_is_read_back_is_the_order(tmp_path: Path) -> None:
    order = replace(prints.order(HANDOUT), page=PageProfile(Paper.A4, Print.STANDARD))
    printed = press.read_back(order)
    assert (printed.document, printed.page) == (order.document, order.page)
    assert printed.lines == lines_of(prints.produce(order, tmp_path))
