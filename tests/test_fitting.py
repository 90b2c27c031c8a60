"""A document is set in the best of at most four layouts, and whatever does not fit gives way in a way that can be told.

The texts are those of `tests/cases/pages`, which other tools print wrong, and some made here.
"""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from clinicpress import library, lint
from clinicpress.cache import Cache
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import ReviewState
from clinicpress.errors import Fault, ProofError, RenderError
from clinicpress.fit import Fit
from clinicpress.legibility import ReadBack
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.pdf import render
from clinicpress.pdf.measure import Measures
from clinicpress.pdf.readback import read_lines
from clinicpress.press import press
from clinicpress.press.fitting import MOST, Try, cost_of, in_short
from clinicpress.press.press import Layout, lay_out
from tests import prints
from tests.instruments import extract
from tests.lint.shelf import Shelf, forked, stock
from tests.prints import CONSENT, HANDOUT, ROOT

CASES = Path(__file__).parent / "cases" / "pages"
KEY = bytes(32)  # of the cache of a test
FULL = {
    "website": "www.oakstreet.example",
    "after_hours": "After hours: (503) 555-0199",
    "hours": "Monday to Friday, 8 am to 5 pm",
    "address": ("Oak Street Clinic", "12 Oak Street, Suite 300", "Portland, OR 97201"),
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def order_of(topic: str, size: Print = Print.STANDARD, paper: Paper = Paper.LETTER) -> Order:
    (document,), _ = library.read_library(CASES, [topic])
    return Order(document, prints.clinic("shipped"), PageProfile(paper, size), prints.fonts())


@cache
def layout_of(topic: str) -> Layout:
    """How a case is set, for several tests."""
    return lay_out(order_of(topic))


@cache
def spanish_form() -> Order:
    documents, _ = library.read_library(ROOT / "handouts", [prints.TOPIC])
    (form,) = (one for one in documents if one.language == "es" and one.kind is CONSENT.kind)
    return prints.order(CONSENT, document=form)


@cache
def spanish_layout() -> Layout:
    return lay_out(spanish_form())


def seen(layout: Layout, order: Order) -> Measures:
    return Measures(layout.html, layout.pages, order.page.size[1])


# Which layout is taken ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_what_fits_as_it_is_takes_one_layout(wanted: prints.Wanted) -> None:
    layout = lay_out(prints.order(wanted))
    assert layout.fit == Fit()
    assert len(layout.tried) == 1
    assert layout.pages.count == (2 if wanted == HANDOUT else 4)


def test_the_handout_of_a_clinic_that_fills_in_every_line_is_one_sheet() -> None:
    ordered = prints.order(HANDOUT)
    ordered = replace(ordered, clinic=replace(ordered.clinic, **FULL))
    layout = lay_out(ordered)
    assert layout.pages.count == 2
    text = " ".join(extract.normalise("".join(extract.pdfium_pages(press.complete(layout, ordered).pdf))).split())
    for said in ("www.oakstreet.example", "After hours:", "Monday to Friday", "Suite 300"):
        assert said in text


def test_the_spanish_form_takes_five_sides_and_is_signed_on_one() -> None:
    layout = spanish_layout()
    assert layout.pages.count == 5
    assert seen(layout, spanish_form()).signing_sides() == 1
    assert len(layout.tried) <= MOST


@pytest.mark.parametrize(
    ("topic", "sides", "given_way"),
    [
        ("pair-18-and-18", 2, {"apart": [0]}),
        ("pair-25-and-3", 2, {"apart": [0]}),
        ("table-of-25-rows", 2, {"split": True}),
        ("tall-row", 6, {"tall_rows": True}),
        ("drug-table", 1, {"tables": 1}),
        ("nine-columns", 1, {"tables": 2}),
        ("portrait-picture", 1, {}),
    ],
)
def test_what_does_not_fit_gives_way(topic: str, sides: int, given_way: dict[str, object]) -> None:
    layout = layout_of(topic)
    facts = layout.fit.facts()
    facts["tables"] = max((step for _, _, step in facts["tables"]), default=0)
    assert layout.pages.count == sides
    assert {key: facts[key] for key in given_way} == given_way
    assert len(layout.tried) <= MOST


def test_the_layout_that_is_taken_costs_least_and_its_cost_adds_up() -> None:
    tried = spanish_layout().tried
    costs = [int(cost.partition(" ")[0]) for _, cost in tried]
    assert costs[0] == min(costs)
    assert len(costs) > 1
    for _, cost in tried:
        points, _, parts = cost.partition(" = ")
        assert int(points) == sum(int(part.split()[0]) for part in parts.split(" + "))


def test_a_side_that_is_nearly_empty_and_a_parted_signature_cost_more_than_a_full_one() -> None:
    ordered = order_of("table-of-25-rows")
    costs = {}
    for fit in (Fit(), Fit(split=True)):
        page = to_html(ordered, fit)
        costs[fit.split] = cost_of(fit, Measures(page.html, render.render(page.html, page.assets), 792))
    assert any("full" in why and points >= 300 for why, points in costs[False].reasons)
    assert costs[True].points < costs[False].points


def test_type_and_lines_are_never_smaller_than_the_floors() -> None:
    """The tightest setting is the one that a full profile needs; what is printed in it is measured."""
    ordered = prints.order(CONSENT)
    page = to_html(ordered, Fit(split=True, tight=True, signing=1))
    pages = render.render(page.html, page.assets)
    made = press.complete(Layout(page.html, pages, Fit(), ()), ordered)
    lines = read_lines(made.pdf)
    printed = ReadBack(ordered.document, ordered.page, lines)
    context = lint.Context(ordered.document.effective, frozenset(), clinic=ordered.clinic)
    assert [one for one in lint.check_print(printed, context) if one.code in ("B09", "B12")] == []
    assert pages.count <= 4


# What must not change -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_approval_moves_no_line_where_the_furniture_has_grown(wanted: prints.Wanted) -> None:
    """The marks of a draft keep their room: a long name wraps alike with them and without."""
    name = "Willamette Valley Center for Pain, Movement and Musculoskeletal Rehabilitation"
    ordered = prints.order(wanted)
    ordered = replace(ordered, clinic=replace(ordered.clinic, name=name, **FULL))
    places = []
    for state in (ReviewState.APPROVED, ReviewState.DRAFT):
        one = replace(ordered, document=prints.in_state(ordered.document, state))
        layout = lay_out(one)
        assert layout.fit.more
        places.append((layout.fit, [{key: page[key] for key in page} for page in layout.pages.places]))
    assert places[0] == places[1]


def test_a_layout_from_the_cache_is_the_one_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, ordered = Cache(tmp_path / "cache", KEY), order_of("pair-18-and-18")
    fresh = lay_out(ordered, cache=cache)

    def not_again(*_: object) -> None:
        pytest.fail("it was set again")

    monkeypatch.setattr(press, "render", not_again)
    assert lay_out(ordered, cache=cache) == fresh
    assert press.complete(fresh, ordered).pdf == press.complete(lay_out(ordered, cache=cache), ordered).pdf


@pytest.mark.parametrize("topic", ["pair-18-and-18", "nine-columns", "table-of-25-rows"])
def test_the_same_text_is_set_in_the_same_way_again(topic: str) -> None:
    first, second = layout_of(topic), lay_out(order_of(topic))
    assert (first.fit, first.tried, first.pages) == (second.fit, second.tried, second.pages)


# When nothing helps ---------------------------------------------------------------------------------------------------


def test_an_engine_that_fails_at_one_setting_is_asked_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    real, urls = render._weasyprint()

    class Fails(real):  # type: ignore[misc, valid-type]
        """WeasyPrint, which meets the fault of its own that some tables bring about at a page end."""

        def render(self, *args: object, **options: object) -> object:
            if "split.css" not in str(self.etree_element[0][-1].get("href")):
                raise AssertionError
            return super().render(*args, **options)

    monkeypatch.setattr(render, "_weasyprint", lambda: (Fails, urls))
    layout = lay_out(order_of("table-of-25-rows"))
    assert layout.fit.split
    assert not layout.fit.tight


def test_an_engine_that_fails_at_every_setting_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(render._weasyprint()[0], "render", fails)
    with pytest.raises(RenderError, match="cannot set this page \\(AssertionError\\)"):
        lay_out(order_of("nested-a"))


def crowded(shelf: Shelf, columns: int = 60) -> int:
    """A table of so many columns at the end of the handout, alone on its shelf; the line on which it starts."""
    shelf.consent.unlink()
    text = shelf.handout.read_text(encoding="utf-8").rstrip()
    rows = [" | ".join(f"Day{number}" for number in range(columns)), "|".join(["---"] * columns)]
    rows.append(" | ".join(["considerable"] * columns))
    text += "\n\n## Your week\n\n" + "\n".join(f"| {row} |" for row in rows) + "\n"
    shelf.handout.write_text(text, encoding="utf-8")
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("| Day0"))


@pytest.mark.usefixtures("from_cache")
def test_a_table_that_cannot_fit_is_named_by_line_and_nothing_is_written(shelf: Shelf, tmp_path: Path) -> None:
    line = crowded(shelf)
    checked = forked("check", "--json", *shelf.options)
    assert checked.returncode == 2
    found = [one for one in json.loads(checked.stdout)["problems"] if one["code"] == "B13"]
    assert {(one["line"], Path(one["file"]).name) for one in found} == {(line, "handout.en.md")}
    assert all("60 columns" in one["message"] and "turn the table" in one["remedy"] for one in found)
    built = forked("build", *shelf.options, "--out", str(tmp_path / "out"))
    assert built.returncode == 4
    assert re.search(rf"handout\.en\.md:{line}: This table has 60 columns", built.stderr)
    assert not (tmp_path / "out").exists()
    assert forked("check", "--words", *shelf.options).returncode == 0


@pytest.mark.usefixtures("from_cache")
def test_a_table_whose_words_break_is_a_warning_with_its_line(shelf: Shelf) -> None:
    line = crowded(shelf, 12)
    found = json.loads(forked("check", "--json", *shelf.options).stdout)["problems"]
    broken = [one for one in found if one["code"] == "B14"]
    assert {(one["line"], one["severity"]) for one in broken} == {(line, "warning")}
    assert not [one for one in found if one["code"] == "B13"]


def test_words_and_pages_are_not_asked_for_at_once(shelf: Shelf) -> None:
    assert forked("check", "--words", "--pages", *shelf.options).returncode == 3


def test_a_layout_is_explained_also_when_its_answer_was_kept(shelf: Shelf, tmp_path: Path) -> None:
    options = ("ear-rinse", "--kind", "handout", "--explain-layout", *shelf.options, "--cache", str(tmp_path / "kept"))
    told = [forked("build", *options, "--out", str(tmp_path / "out")).stderr for _ in range(2)]
    assert told[0] == told[1]
    assert re.search(r"^ear-rinse/handout\.en\.pdf: \d sides?\n  taken  whole: \d+ = ", told[0], re.MULTILINE)


def test_no_fault_of_a_crowded_table_hides_another_one() -> None:
    """What is told in short is what has no room; a lost word in a table stays one."""
    ordered = order_of("nine-columns")
    page = to_html(ordered)
    pages = render.render(page.html, page.assets)
    measures = Measures(page.html, pages, 792)
    cell = measures.of("td")[-1]
    one = Try(Fit(), page.html, pages, measures, cost_of(Fit(), measures))
    faults = [Fault(kind, "m", cell.key[0], element=cell.name) for kind in ("outside", "overprint", "lost-words")]
    assert [fault.kind for fault in in_short(faults, one)] == ["wide-table", "lost-words"]
    with pytest.raises(ProofError, match="columns"):
        raise ProofError(in_short(faults, one))
