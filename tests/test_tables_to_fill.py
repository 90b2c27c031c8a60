"""Tables to fill and scales: each cell and step has its place, its name and its widget, on paper and by keyboard."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import pytest

from clinicpress import library
from clinicpress.cache import NO_CACHE
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import BLOCKS, Document, Field, FieldKind, FormBlock, messages_of, worded
from clinicpress.documents.bilingual import bilingual
from clinicpress.errors import ContentError, ProofError
from clinicpress.issued import Issued
from clinicpress.library.field_lines import read_fields
from clinicpress.library.segments import segments_of
from clinicpress.markup import to_html
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.finish import finish
from clinicpress.pdf.render import render
from clinicpress.press.press import Layout, complete, cut, lay_out
from clinicpress.visits import Encounter
from tests import forms
from tests.instruments import extract, tagtree, verapdf
from tests.instruments.fields import fill_with_pdfjs
from tests.lint.shelf import forked

TODAY = date(2026, 12, 1)
HEADS = ("Name", "What for", "How much", "How often", "When")
NAMES = ("name", "what_for", "how_much", "how_often", "when")
OWN = """
## Your medicines

::: fields
- Doctor who knows them: text {work.doctor} half
- Since when: date {work.since} half
- Your medicines: table(Name, What for, How much, How often, When) {medicines} rows=8
- Your allergies: table(What, What happened) {allergies} rows=4 max=40
- How bad is your pain today?: scale(0-10, "no pain", "worst pain") {pain.now} required
- How well do you sleep: scale(1-5, "badly", "very well") {sleep.now}
:::
"""
SPANISH = """
## Sus medicinas

::: fields
- Médico que las conoce: text {work.doctor} half
- Desde cuándo: date {work.since} half
- Sus medicinas: table(Nombre, Para qué, Cuánto, Cada cuánto, Cuándo) {medicines} rows=8
- Sus alergias: table(Qué, Qué pasó) {allergies} rows=4 max=40
- ¿Cuánto dolor tiene hoy?: scale(0-10, "ningún dolor", "el peor dolor") {pain.now} required
- Cómo duerme: scale(1-5, "mal", "muy bien") {sleep.now}
:::
"""
CELLS = [f"medicines.{row}.{column}" for row in range(1, 9) for column in NAMES]
CELLS += [f"allergies.{row}.{column}" for row in range(1, 5) for column in ("what", "what_happened")]
VALUES = {
    "medicines.1.name": "Metformin",
    "medicines.1.how_much": "500 mg",
    "medicines.8.when": "at night",
    "allergies.4.what": "Latex",
    "pain.now": "7",
}
PAGES = [PageProfile(paper, size) for size, paper in product(Print, Paper)]
PAIN = "How bad is your pain today?"
EIGHT_MM = 8 * 72 / 25.4


@cache
def texts() -> Mapping[str, Document]:
    """The shipped consent forms by language, each with tables to fill and scales in a section of their own."""
    with TemporaryDirectory() as folder:
        handouts = shutil.copytree(forms.ROOT / "handouts", Path(folder) / "handouts")
        for language, own in (("en", OWN), ("es", SPANISH)):
            file = handouts / forms.TOPIC / f"consent.{language}.md"
            text = file.read_text(encoding="utf-8").replace(forms.DROPPED, "")
            above, heading = text[: text.index("{#voluntary")].rsplit("## ", 1)
            file.write_text(f"{above}{own.lstrip()}\n## {heading}{text[text.index('{#voluntary') :]}", encoding="utf-8")
        documents, problems = library.read_library(handouts, [forms.TOPIC])
    assert not problems
    return {one.language: one for one in documents if one.kind.is_form}


def order(page: PageProfile = PAGES[0], *, two: bool = False) -> Order:
    document, second = bilingual(texts()["es"], texts()["en"]) if two else (texts()["en"], None)
    return replace(forms.order(), document=document, second=second, page=page)


@cache
def layout(page: PageProfile = PAGES[0], *, two: bool = False) -> Layout:
    """The form in pages. That it has any says that nothing is lost of it."""
    return lay_out(order(page, two=two), cache=forms.kept)


@cache
def made(page: PageProfile = PAGES[0], *, rendition: Rendition = Rendition.FILLABLE, filled: bool = False) -> Issued:
    wanted = replace(order(page), rendition=rendition)
    return complete(layout(page), replace(wanted, encounter=Encounter(VALUES if filled else {}, "test")))


def field(text: str) -> Field:
    (one,), faults = read_fields([text])
    assert not faults
    return one


# What an author writes ------------------------------------------------------------------------------------------------


def test_the_cells_of_a_table_are_called_after_table_row_and_column() -> None:
    names = [one.name for one in texts()["en"].fields() if one.name.startswith(("medicines", "allergies"))]
    assert names == CELLS


def test_a_scale_has_a_step_for_each_number() -> None:
    assert field('Pain: scale(0-10, "no pain", "worst pain") {pain.now}').options == tuple(map(str, range(11)))
    assert field("Sleep: scale(1\u20135, \u201cbadly\u201d, \u201cwell\u201d) {sleep}").around == ("badly", "well")


WRONG = {
    "Medicines: table() {medicines} rows=8": ("1 to 6 columns, and this one has none", "table(Name"),
    "Medicines: table {medicines} rows=8": ("1 to 6 columns, and this one has none", "table(Name"),
    "Medicines: table(A, B, C, D, E, F, G) {medicines} rows=8": ("this one has 7", "table(Name"),
    "Medicines: table(What?, What) {medicines} rows=8": ("two of its columns", "another head"),
    "Medicines: table(Name) {medicines}": ("how many rows it has, 1 to 30", "rows=8"),
    "Medicines: table(Name) {medicines} rows=0": ("how many rows it has, 1 to 30", "rows=8"),
    "Medicines: table(Name) {medicines} rows=31": ("how many rows it has, 1 to 30", "rows=8"),
    "Medicines: table(Name) {medicines} rows=8 half": ("'half' is not understood at a table", "table(Name"),
    "Medicines: table(Name) {medicines} rows=8 required": ("'required' is not understood at a table", "table(Name"),
    'Pain: scale(10-0, "a", "b") {pain}': ("runs from 10 to 0", "lower number first"),
    'Pain: scale(5-5, "a", "b") {pain}': ("runs from 5 to 5", "lower number first"),
    'Pain: scale(0-11, "a", "b") {pain}': ("12 steps, and 11 is the most", "scale(0-10"),
    "Pain: scale(0-10) {pain}": ("what its two ends mean", '"no pain"'),
    'Pain: scale(0-10, "a") {pain}': ("what its two ends mean", '"no pain"'),
    "Pain: scale(a, b) {pain}": ("a scale has not this form", '"no pain"'),
    'Pain: scale(0-10, "a", "b") {pain} max=3': ("'max=3' is not understood at a scale", '"no pain"'),
    'Pain: scale(0-10, "a", "b") {pain} half': ("'half' is not understood at a scale", '"no pain"'),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_line_that_is_no_table_or_scale_is_named_with_what_to_write(line: str, tmp_path: Path) -> None:
    message, remedy = WRONG[line]
    handouts = shutil.copytree(forms.ROOT / "handouts", tmp_path / "handouts")
    file = handouts / forms.TOPIC / "consent.en.md"
    text = file.read_text(encoding="utf-8").replace("## Your choice", f"::: fields\n- {line}\n:::\n\n## Your choice")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        library.read_document(file)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.line == text[: text.index(line)].count("\n") + 1


def test_translators_get_heads_and_ends_and_not_the_numbers(tmp_path: Path) -> None:
    file = tmp_path / "consent.en.md"
    found = segments_of(OWN, replace(texts()["en"], file=file, sections=(), opening=(), lines={}), 1)
    words = [(one.kind, one.words) for one in next(iter(found.values()))]
    assert ("heads", "What, What happened") in words
    assert [said for kind, said in words if kind == "end"] == ["no pain", "worst pain", "badly", "very well"]


def test_a_translation_has_the_names_of_its_original() -> None:
    ours, theirs = ([one.name for one in texts()[language].fields()] for language in ("es", "en"))
    assert ours == theirs
    spoken = {one.name: one for one in texts()["es"].fields()}
    assert spoken["medicines.2.how_much"].spoken == "Cuánto, fila 2"
    assert spoken["pain.now"].spoken_options[3] == "3 de 10"


# On the pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_cell_is_high_enough_to_write_in(page: PageProfile) -> None:
    cells = {one["name"]: one for one in made(page).about["fields"] if one["name"] in CELLS}
    assert list(cells) == CELLS
    for one in cells.values():
        left, bottom, right, top = one["rectangle"]
        assert top - bottom >= EIGHT_MM
        assert right - left >= 3 * EIGHT_MM


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_step_of_a_scale_has_its_box(page: PageProfile) -> None:
    steps = [one["option"] for one in made(page).about["fields"] if one["name"] == "pain.now"]
    assert steps == [str(step) for step in range(11)]


def test_a_table_parts_between_rows_with_its_head_on_each_page() -> None:
    large = PageProfile(Paper.LETTER, Print.LARGE)
    where = {one["name"]: one["page"] for one in made(large).about["fields"]}
    pages = {where[name] for name in CELLS if name.startswith("medicines")}
    assert len(pages) == 2, "the table stands on one page: nothing is shown"
    for row in range(1, 9):
        assert len({where[f"medicines.{row}.{column}"] for column in NAMES}) == 1
    text = extract.pdfium_pages(made(large).pdf)
    assert all(all(head in text[page - 1] for head in HEADS) for page in pages)


def test_a_screen_reader_gets_one_table_with_heads_and_a_field_in_each_cell(tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(made(PageProfile(Paper.LETTER, Print.LARGE)).pdf)
    with pikepdf.open(file) as pdf:
        trees = [one for one in _elements(pdf.Root.StructTreeRoot.K[0]) if str(one.S) == "/Table"]
        tables = [one for one in trees if any(str(cell.S) == "/Form" for cell in _elements(one))]
        rows = [[[str(cell.S) for cell in row.K] for row in _elements(one) if str(row.S) == "/TR"] for one in tables]
        assert rows == [[["/TH"] * 5, *[["/TD"] * 5] * 8], [["/TH"] * 2, *[["/TD"] * 2] * 4]]
        scopes = [str(one.A.Scope) for table in tables for one in _elements(table) if str(one.S) == "/TH"]
        assert scopes == ["/Column"] * 7
        said = [str(one.Alt) for one in _elements(tables[0]) if str(one.S) == "/Form"]
        assert said == [f"{head}, row {row}" for row in range(1, 9) for head in HEADS]


def _elements(element: pikepdf.Object) -> list[pikepdf.Object]:
    below = [kid for kid in element.get("/K", ()) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
    return [element, *(one for kid in below for one in _elements(kid))]


def test_each_widget_says_what_it_is_for() -> None:
    with pikepdf.open(BytesIO(made().pdf)) as pdf:
        said: dict[str, list[str]] = {}
        for name, widget in forms.widgets(pdf):
            said.setdefault(name, []).append(str(widget.Contents))
    assert said["medicines.2.how_much"] == ["How much, row 2"]
    assert said["pain.now"] == [f"How bad is your pain today? {step} of 10" for step in range(11)]
    assert said["sleep.now"][0] == "How well do you sleep: 1 of 5"


def test_both_languages_have_their_heads_and_ends_once() -> None:
    printed = " ".join(" ".join(extract.pdfium_pages(complete(layout(two=True), order(two=True)).pdf)).split())
    for words in ("Para qué", "What for", "Qué pasó", "What happened", "el peor dolor", "worst pain", "Sus alergias"):
        assert printed.count(words) == 1, words


def test_every_print_is_both_standards_at_once(tmp_path: Path) -> None:
    files = []
    for rendition, filled in product(Rendition, (False, True)):
        files.append(tmp_path / f"{rendition}-{filled}.pdf")
        files[-1].write_bytes(made(rendition=rendition, filled=filled).pdf)
    files.append(tmp_path / "large.pdf")
    files[-1].write_bytes(made(PageProfile(Paper.A4, Print.LARGE)).pdf)
    files.append(tmp_path / "two.pdf")
    files[-1].write_bytes(complete(layout(two=True), order(two=True)).pdf)
    assert {path.name: faults for path, faults in verapdf.validate(files).items() if faults} == {}
    assert not any(page.orphaned or page.untagged for file in files for page in tagtree.tagged_pages(file))


# What is filled in ----------------------------------------------------------------------------------------------------


def encounter(tmp_path: Path, facts: object, *settings: str) -> Encounter:
    file = tmp_path / "patient.json"
    file.write_text(json.dumps(facts))
    return library.read_encounter(file, settings, texts()["en"], forms.order().fonts[0], TODAY)


def test_a_patient_file_and_set_fill_cells_and_steps(tmp_path: Path) -> None:
    facts = {"medicines": {"1": {"name": "Metformin"}}, "pain": {"now": 7}, "sleep.now": "5"}
    read = encounter(tmp_path, facts, "medicines.2.when=at night")
    wanted = {"medicines.1.name": "Metformin", "medicines.2.when": "at night", "pain.now": "7", "sleep.now": "5"}
    assert dict(read.values) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [("medicines.9.name", "x"), ("medicines.1.names", "x"), ("medicines", "x"), ("pain.now", 11), ("pain.now", True)],
)
def test_what_has_no_cell_or_step_is_refused(name: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        encounter(tmp_path, {name: value})
    assert name in caught.value.problems[0].message


def test_a_value_that_is_too_long_for_a_cell_is_refused_or_gets_a_higher_row(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        encounter(tmp_path, {"allergies.1.what": "x" * 41})
    long = Encounter({"medicines.7.name": "many words that need more than the two lines of a cell " * 4}, "test")
    cells = {
        one["name"]: one["rectangle"] for one in complete(layout(), replace(order(), encounter=long)).about["fields"]
    }
    high = {cells[f"medicines.7.{column}"][3] - cells[f"medicines.7.{column}"][1] for column in NAMES}
    assert len({round(one) for one in high}) == 1
    assert min(high) > 2 * EIGHT_MM


def test_values_are_printed_and_steps_ticked_on_paper(tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(made(rendition=Rendition.PAPER, filled=True).pdf)
    text = " ".join(extract.poppler_pages(file))
    assert all(text.count(words) == 1 for words in ("Metformin", "500 mg", "at night", "Latex"))
    assert ticked(file.read_bytes()) == [f"{PAIN} 7 of 10, ticked"]


def ticked(data: bytes) -> list[str]:
    """What the paper says aloud of its ticks, or which step the field holds."""
    with pikepdf.open(BytesIO(data)) as pdf:
        tags = _elements(pdf.Root.StructTreeRoot.K[0])
        held = {str(widget.Parent.V) for name, widget in forms.widgets(pdf) if name == "pain.now"}
        return [*(str(one.Alt) for one in tags if "/Alt" in one and str(one.S) == "/Span"), *held]


def test_the_fields_hold_the_values_and_can_be_typed_into(tmp_path: Path) -> None:
    file, typed = tmp_path / "form.pdf", tmp_path / "typed.pdf"
    file.write_bytes(made(filled=True).pdf)
    fill_with_pdfjs(file, typed, {"medicines.3.when": "noon", "sleep.now": "4"})
    with pikepdf.open(typed) as pdf:
        held = dict(forms.widgets(pdf))
        assert str(held["medicines.3.when"].V) == "noon"
        assert str(held["medicines.8.when"].V) == "at night"
        assert str(held["pain.now"].Parent.V) == "/7"
        assert str(held["sleep.now"].Parent.V) == "/3"


@pytest.mark.parametrize("rendition", Rendition)
def test_a_plate_fills_cells_as_a_whole_rendering_does(rendition: Rendition) -> None:
    wanted = replace(order(), rendition=rendition, encounter=Encounter(VALUES, "test"))
    plate = cut(layout(), wanted)
    filled = plate.prefix + plate.tail(VALUES, wanted.fonts[:1])
    assert extract.pdfium_pages(filled) == extract.pdfium_pages(made(rendition=rendition, filled=True).pdf)
    assert ticked(filled) == (["/7"] if rendition is Rendition.FILLABLE else [f"{PAIN} 7 of 10, ticked"])
    assert [one["name"] for one in plate.entries] == [one["name"] for one in made().about["fields"]]


# What is proved -------------------------------------------------------------------------------------------------------

CELL = '<td><a class="box text" href="field:medicines.3.when"></a></td>'
FAULTS = {
    "a cell is lost": (CELL, "<td></td>", "has no place"),
    "a cell is there twice": (CELL, CELL.replace("</td>", CELL[4:]), "has 2 places"),
    "the head of a column is lost": ('<th scope="col">How often</th>', '<th scope="col"></th>', "The label of a field"),
    "the label of a table is lost": (">Your allergies<", "><", "Words of a field"),
    "a step is lost": ('<a class="tick" href="field:pain.now?4"></a>', "", "has no place"),
    "a step has another number": ('?4"></a>4<', '?4"></a>5<', "other words than its choice"),
    "an end of a scale is lost": ("10: worst pain", "10:", "Words of a field"),
    "two heads have changed places": (
        '<th scope="col">What for</th><th scope="col">How much</th>',
        '<th scope="col">How much</th><th scope="col">What for</th>',
        "under another head",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_table_or_a_scale_is_found(fault: str) -> None:
    before, after, message = FAULTS[fault]
    page = to_html(order(), layout().fit)
    assert page.html.count(before) == 1
    html = page.html.replace(before, after)
    with pytest.raises(ProofError) as caught:
        finish(render(html, page.assets), html, order(), ())
    assert any(message in one.message for one in caught.value.faults)


# In standard blocks ---------------------------------------------------------------------------------------------------


def with_one_more(block: FormBlock, kind: FieldKind) -> FormBlock:
    words = f"Added to {block.name.replace('-', ' ')}"
    one = Field(f"added.{block.name.replace('-', '_')}", words, kind, options=("First", "Second"), rows=2)
    if kind is FieldKind.SCALE:
        one = replace(one, options=("1", "2"), around=("little", "much"), rows=0)
    return replace(block, fields=(*block.fields, one))


def test_a_standard_block_has_its_names_in_every_language() -> None:
    table = with_one_more(BLOCKS["reason"], FieldKind.TABLE)
    scale = with_one_more(table, FieldKind.SCALE).fields[-1]
    spanish = worded(replace(table, fields=(*table.fields, scale)), lambda text: f"x {text}" if text else "")
    (first, *_), *_ = spanish.fields[-2].cells()
    assert (first.name, first.label) == ("added.reason.1.first", "x First")
    assert spanish.fields[-1].options == ("1", "2")
    assert spanish.fields[-1].around == ("x little", "x much")
    assert {"First", "little", "much"} <= {*messages_of(table), *messages_of(replace(table, fields=(scale,)))}
    assert "1" not in messages_of(replace(table, fields=(scale,)))


@pytest.mark.parametrize("kind", [FieldKind.TABLE, FieldKind.SCALE])
def test_each_standard_block_can_hold_a_table_and_a_scale(kind: FieldKind) -> None:
    blank = forms.order()
    blocks = tuple(with_one_more(block, kind) for block in blank.document.form_blocks)
    wanted = replace(blank, document=replace(blank.document, form_blocks=blocks))
    names = {one["name"] for one in complete(lay_out(wanted, cache=NO_CACHE), wanted).about["fields"]}
    for block in (one.name for one in blocks):
        added = f"added.{block.replace('-', '_')}"
        wanted_names = (
            {added}
            if kind is FieldKind.SCALE
            else {f"{added}.{row}.{one}" for row in (1, 2) for one in ("first", "second")}
        )
        assert wanted_names <= names


def test_the_command_prints_and_lists_them(tmp_path: Path) -> None:
    handouts = shutil.copytree(forms.ROOT / "handouts", tmp_path / "handouts")
    file = handouts / forms.TOPIC / "consent.en.md"
    text = file.read_text(encoding="utf-8").replace(forms.DROPPED, "")
    file.write_text(text.replace("## Your choice", f"{OWN.lstrip()}\n## Your choice"), encoding="utf-8")
    out = tmp_path / "out"
    ran = forked(
        *("build", forms.TOPIC, "--kind", "consent", "--lang", "en", "--handouts", str(handouts), "--out", str(out)),
        *("--today", str(TODAY), "--set", "medicines.2.when=at night", "--set", "pain.now=3"),
    )
    assert ran.returncode == 0, ran.stderr
    (entry,) = json.loads((out / "manifest.json").read_text())["files"]
    assert {"medicines.2.when", "pain.now"} <= {one["name"] for one in entry["fields"]}
