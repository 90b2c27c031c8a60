"""Consent forms that are filled: by data, by keyboard, by other programs. They stay PDF/UA-1 and PDF/A-3a."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Name
from pikepdf.form import Form

from clinicpress import library
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import ConsentForm
from clinicpress.encounters import NOTHING_KNOWN, Encounter
from clinicpress.errors import ContentError, RenderError
from clinicpress.orders import Copy, Order, Rendition
from clinicpress.press import Finished, complete, lay_out
from tests.instruments import extract, tagtree, verapdf
from tests.instruments.paint import TOLERANCE, paint, worst

ROOT = Path(__file__).resolve().parents[1]
VALUES = {
    "patient.name": "Đặng Thị Ngọc Ánh Łukasiewicz-Żółkiewska",
    "patient.birth_date": "Apr 9, 1961",
    "patient.mrn": "0012345",
    "encounter.reason": "My knee hurts on the stairs, and pills upset my stomach. I want to garden again.",
    "encounter.side": "Left",
    "attestation.decision": "agree",
}
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="module")
def blank() -> Order:
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    documents, _ = library.read_library(ROOT / "handouts", ["neurotherapy"])
    form = next(one for one in documents if isinstance(one, ConsentForm))
    return Order(form, clinic, PageProfile(Paper.LETTER, Print.STANDARD), fonts, Rendition.FILLABLE)


@pytest.fixture(scope="module")
def finished(blank: Order) -> dict[str, Finished]:
    layout = lay_out(blank)
    filled = Encounter(VALUES, "test")
    return {
        f"{rendition}-{state}": complete(layout, dataclasses.replace(blank, rendition=rendition, encounter=encounter))
        for rendition in Rendition
        for state, encounter in (("empty", NOTHING_KNOWN), ("filled", filled))
    }


@pytest.fixture(scope="module")
def files(finished: Mapping[str, Finished], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("forms")
    paths = {}
    for name, one in finished.items():
        paths[name] = folder / f"{name}.pdf"
        paths[name].write_bytes(one.pdf)
    with pikepdf.open(paths["fillable-empty"]) as pdf:  # as another program fills it: values first, drawn at the end
        form = Form(pdf, None)
        for field in ("patient.name", "patient.mrn"):
            form[field].value = "Zoë 0012345"
        form["encounter.side"].value = Name("/1")
        pdf.generate_appearance_streams()
        paths["filled by pikepdf"] = folder / "pikepdf.pdf"
        pdf.save(paths["filled by pikepdf"])
    return paths


def test_every_rendition_is_both_standards_at_once(files: Mapping[str, Path]) -> None:
    found = verapdf.validate(list(files.values()))
    assert len(found) == 5
    assert {path.name: faults for path, faults in found.items() if faults} == {}


SPOILT = {
    "no tooltip": lambda pdf, field: field.__delitem__("/TU"),
    "appearances left to the viewer": lambda pdf, field: pdf.Root.AcroForm.__setattr__("NeedAppearances", True),
    "no appearance": lambda pdf, field: field.__delitem__("/AP"),
    "out of the tree": lambda pdf, field: field.__delitem__("/StructParent"),
    "not printed": lambda pdf, field: field.__setattr__("F", 0),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_field_fails(fault: str, files: Mapping[str, Path], tmp_path: Path) -> None:
    with pikepdf.open(files["fillable-empty"]) as pdf:
        field = next(one for page in pdf.pages for one in page.obj.Annots if str(one.get("/T", "")) == "site")
        SPOILT[fault](pdf, field)
        if fault == "no tooltip":
            for number, element in zip(*[iter(pdf.Root.StructTreeRoot.ParentTree.Nums)] * 2, strict=False):
                if int(number) == int(field.StructParent):
                    del element["/Alt"]
        pdf.save(tmp_path / "spoilt.pdf")
    assert verapdf.validate([tmp_path / "spoilt.pdf"])[tmp_path / "spoilt.pdf"]


def test_both_renditions_have_the_same_words_on_the_same_pages(files: Mapping[str, Path]) -> None:
    paper, screen = (extract.poppler_pages(files[f"{rendition}-empty"]) for rendition in Rendition)
    assert [extract.normalise(page) for page in paper] == [extract.normalise(page) for page in screen]


def test_a_form_weighs_what_a_chart_can_carry(finished: Mapping[str, Finished]) -> None:
    assert len(finished["fillable-empty"].pdf) <= 90_000
    assert len(finished["fillable-filled"].pdf) <= 120_000


@pytest.mark.parametrize("name", ["fillable-filled", "paper-form-filled"])
def test_values_extract_exactly(name: str, files: Mapping[str, Path]) -> None:
    words = " ".join(extract.poppler_pages(files[name]))
    for field in ("patient.name", "patient.birth_date", "patient.mrn"):
        assert VALUES[field] in words
    assert extract.missing_paragraphs([VALUES["encounter.reason"]], extract.poppler_pages(files[name])) == []


def test_name_birth_date_and_record_number_stand_on_every_page(files: Mapping[str, Path]) -> None:
    for page in extract.poppler_pages(files["paper-form-filled"]):
        assert VALUES["patient.name"] in page
        assert VALUES["patient.mrn"] in page


def test_viewers_show_the_same_values_and_ticks(files: Mapping[str, Path]) -> None:
    seen = {viewer: paint(files["fillable-filled"], viewer, pages=(1, 1)) for viewer in ("poppler", "pdfium", "mupdf")}
    assert worst(seen["pdfium"], seen["poppler"]) <= TOLERANCE
    assert worst(seen["mupdf"], seen["poppler"]) <= TOLERANCE
    empty = paint(files["fillable-empty"], "poppler", pages=(1, 1))
    assert worst(empty, seen["poppler"]) > TOLERANCE


def test_the_tab_key_follows_the_reading_order(files: Mapping[str, Path]) -> None:
    with pikepdf.open(files["fillable-empty"]) as pdf:
        seen = 0
        for page in pdf.pages:
            assert page.obj.Tabs == Name.S
            numbers = [int(one.StructParent) for one in page.obj.Annots]
            assert numbers == sorted(numbers)
            seen += len(numbers)
        assert seen > 60


def test_what_is_said_at_a_field_is_said_in_every_place(files: Mapping[str, Path]) -> None:
    with pikepdf.open(files["fillable-empty"]) as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        owner = {int(key): element for key, element in zip(numbers[::2], numbers[1::2], strict=True)}
        widgets = [one for page in pdf.pages for one in page.obj.Annots if one.Subtype == Name.Widget]
        assert widgets
        for widget in widgets:
            element = owner[int(widget.StructParent)]
            assert Name.Form == element.S
            assert str(element.Alt) == str(widget.Contents)
            said = str(widget.get("/TU") or widget.Parent.TU)
            assert str(element.Alt).startswith(said)


def test_a_screen_reader_finds_the_fields_among_their_labels(files: Mapping[str, Path]) -> None:
    page = tagtree.pdfjs_tree(files["fillable-empty"])[0]
    spoken = [node.alt for node in page.walk() if node.role == "Form"]
    assert spoken[:3] == ["Patient name", "Date of birth", "Record number (MRN)"]
    assert "Side of the body: Left" in spoken


def test_the_manifest_lists_every_field_with_its_place(finished: Mapping[str, Finished]) -> None:
    entries = finished["paper-form-empty"].facts()["fields"]
    assert isinstance(entries, list)
    assert entries == finished["fillable-empty"].facts()["fields"]
    signature = next(one for one in entries if one["name"] == "patient.signature")
    left, bottom, right, top = signature["rectangle"]
    assert right - left >= 65 / 25.4 * 72
    assert top - bottom >= 12 / 25.4 * 72 - 0.1
    assert (signature["kind"], signature["role"], signature["required"], signature["page"]) == (
        "signature",
        "patient",
        True,
        4,
    )


def test_a_value_too_long_for_its_box_is_refused_by_name(blank: Order) -> None:
    encounter = Encounter({"patient.mrn": "0" * 300}, "test")
    with pytest.raises(RenderError, match=r"patient\.mrn"):
        complete(lay_out(blank), dataclasses.replace(blank, encounter=encounter))


BAD = {
    '{"patient": {"nam": "Zoë"}}': ("unknown-field", "patient.name"),
    '{"patient": {"mrn": 12345}}': ("bad-value", "quotes"),
    '{"patient": {"birth_date": "04/09/1961"}}': ("bad-value", "1961-04-09"),
    '{"encounter": {"side": "lef"}}': ("bad-value", "left"),
    '{"patient": {"name": "山田"}}': ("value-glyph", "pylopdf-fonts-zh-cn"),
    '{"patient": {"name": "a\\u202eb"}}': ("bad-value", "RIGHT-TO-LEFT OVERRIDE"),
    '{"patient": {"signature": "Zoë"}}': ("bad-value", "signs"),
    '{"patient": ': ("bad-value", "not JSON"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_value_that_cannot_stand_is_refused_by_field_and_not_repeated(
    text: str, blank: Order, tmp_path: Path
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(text, encoding="utf-8")
    assert isinstance(blank.document, ConsentForm)
    with pytest.raises(ContentError) as caught:
        library.read_encounter(path, [], blank.document, blank.fonts[0].coverage)
    (problem,) = caught.value.problems
    rule, words = BAD[text]
    assert problem.rule == rule
    assert words in problem.message + problem.remedy


def test_a_patient_file_is_read_into_the_fields(blank: Order, tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    facts = {
        "patient": {"name": "Zoe\u0301 Example", "birth_date": "1961-04-09", "mrn": "0012345", "language": "es"},
        "encounter": {"date": "2026-11-24", "side": "left", "site": "Knee"},
        "clinician": {"name": "Ada Example", "credential": "ND"},
    }
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert isinstance(blank.document, ConsentForm)
    encounter = library.read_encounter(path, ["encounter.site=Hip"], blank.document, blank.fonts[0].coverage)
    assert dict(encounter.values) == {
        "patient.name": "Zoé Example",
        "patient.birth_date": "Apr 9, 1961",
        "patient.mrn": "0012345",
        "encounter.side": "Left",
        "encounter.site": "Hip",
        "clinician.name": "Ada Example, ND",
    }
    assert "Zoé" not in repr(encounter)


def test_whose_copy_it_is_stands_on_every_page(blank: Order, tmp_path: Path) -> None:
    order = dataclasses.replace(blank, copy=Copy.PATIENT, rendition=Rendition.PAPER)
    (tmp_path / "copy.pdf").write_bytes(complete(lay_out(order), order).pdf)
    assert all("Patient copy" in page for page in extract.poppler_pages(tmp_path / "copy.pdf"))
