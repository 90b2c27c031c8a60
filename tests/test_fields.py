"""Consent forms with fields, empty and filled by data, and the same as paper: PDF/UA-1 and PDF/A-3a, and well read."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from clinicpress import library
from clinicpress.documents import FieldKind
from clinicpress.errors import ContentError
from clinicpress.issued import Issued
from clinicpress.orders import Copy, Order, Rendition
from clinicpress.press.press import complete, lay_out
from clinicpress.visits import Encounter
from tests import forms
from tests.forms import OWN_VALUES, VALUES
from tests.instruments import extract, tagtree, verapdf
from tests.instruments.paint import TOLERANCE, paint, worst

TODAY = date(2026, 12, 1)
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="module")
def blank() -> Order:
    return forms.order()


@pytest.fixture(scope="module")
def finished() -> dict[str, Issued]:
    return {
        f"{rendition}-{state}": forms.made(rendition, values)
        for rendition in Rendition
        for state, values in (("empty", {}), ("filled", VALUES))
    }


@pytest.fixture(scope="module")
def files(finished: Mapping[str, Issued], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("forms")
    for name, one in finished.items():
        (folder / f"{name}.pdf").write_bytes(one.pdf)
    return {name: folder / f"{name}.pdf" for name in finished}


def test_every_rendition_is_both_standards_at_once(files: Mapping[str, Path]) -> None:
    found = verapdf.validate(list(files.values()))
    assert len(found) == 4
    assert {path.name: faults for path, faults in found.items() if faults} == {}


def owners(pdf: pikepdf.Pdf) -> dict[int, pikepdf.Object]:
    """The element of each annotation, by the number that the annotation has in the tree."""
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    return {int(key): element for key, element in zip(numbers[::2], numbers[1::2], strict=True)}


def unnamed(pdf: pikepdf.Pdf, field: pikepdf.Object) -> None:
    del field["/TU"]
    del owners(pdf)[int(field.StructParent)]["/Alt"]  # one of the two would be enough


def in_a_font_of_the_machine(pdf: pikepdf.Pdf, field: pikepdf.Object) -> None:
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    field.AP.N.Resources = Dictionary(Font=Dictionary(H=font))
    field.AP.N.write(b"/Tx BMC BT /H 10 Tf (a) Tj ET EMC")


SPOILT: Mapping[str, tuple[list[str], Callable[[pikepdf.Pdf, pikepdf.Object], None]]] = {
    "no tooltip": (["ua1 7.18.1-3"], unnamed),
    "appearances left to the viewer": (
        ["3a 6.4.1-3"],
        lambda pdf, field: pdf.Root.AcroForm.__setattr__("NeedAppearances", True),
    ),
    "no appearance": (["3a 6.3.3-1"], lambda pdf, field: field.__delitem__("/AP")),
    "out of the tree": (["ua1 7.18.4-1"], lambda pdf, field: field.__delitem__("/StructParent")),
    "tab key in any order": (["ua1 7.18.3-1"], lambda pdf, field: field.P.__delitem__("/Tabs")),
    "not printed": (["3a 6.3.2-2"], lambda pdf, field: field.__setattr__("F", 0)),
    "a font that is not in the file": (["ua1 7.21.4.1-1", "3a 6.2.11.4.1-1"], in_a_font_of_the_machine),
    "nothing": ([], lambda pdf, field: None),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_field_breaks_the_rule_that_is_meant(fault: str, files: Mapping[str, Path], tmp_path: Path) -> None:
    rules, spoil = SPOILT[fault]
    with pikepdf.open(files["fillable-empty"]) as pdf:
        spoil(pdf, dict(forms.widgets(pdf))["encounter.site"])
        pdf.save(tmp_path / "spoilt.pdf")
    (broken,) = verapdf.validate([tmp_path / "spoilt.pdf"]).values()
    assert [rule.split(":")[0] for rule in broken] == rules


def test_both_renditions_have_the_same_words_on_the_same_pages(files: Mapping[str, Path]) -> None:
    paper, screen = (extract.poppler_pages(files[f"{rendition}-empty"]) for rendition in Rendition)
    assert [extract.normalise(page) for page in paper] == [extract.normalise(page) for page in screen]


def test_a_form_weighs_what_a_chart_can_carry(finished: Mapping[str, Issued]) -> None:
    assert len(finished["fillable-empty"].pdf) <= 90_000
    assert len(finished["fillable-filled"].pdf) <= 120_000


@pytest.mark.parametrize("name", ["fillable-filled", "paper-form-filled"])
def test_values_extract_exactly(name: str, files: Mapping[str, Path]) -> None:
    words = " ".join(extract.poppler_pages(files[name]))
    for field in ("patient.name", "patient.birth_date", "patient.mrn"):
        assert VALUES[field] in words
    assert extract.missing_paragraphs([VALUES["encounter.reason"]], extract.poppler_pages(files[name])) == []


def test_paper_and_screen_show_the_same_values_in_the_same_places(files: Mapping[str, Path]) -> None:
    """On every page: what became part of the page stands where the field stood."""
    paper, screen = (paint(files[f"{rendition}-filled"], "poppler") for rendition in Rendition)
    assert worst(paper, screen) <= TOLERANCE
    assert worst(paint(files["paper-form-empty"], "poppler")[1:2], paper[1:2]) > TOLERANCE


def test_name_birth_date_and_record_number_stand_on_every_page(files: Mapping[str, Path]) -> None:
    for page in extract.poppler_pages(files["paper-form-filled"]):
        assert VALUES["patient.name"] in page
        assert VALUES["patient.mrn"] in page


def test_the_tab_key_follows_the_reading_order(files: Mapping[str, Path]) -> None:
    with pikepdf.open(files["fillable-empty"]) as pdf:
        seen = 0
        for page in pdf.pages:
            assert page.obj.Tabs == Name.S
            numbers = [int(one.StructParent) for one in page.obj.Annots]
            assert numbers == sorted(numbers)
            seen += len(numbers)
        assert seen > 60


def test_what_is_said_at_a_field_is_said_in_every_place(blank: Order, tmp_path: Path) -> None:
    """Name, label, tooltip and alternative text agree, at every place of every field, and with the manifest."""
    made = forms.made(Rendition.FILLABLE, {}, own=True)
    document = forms.order(own=True).document
    assert document.kind.is_form
    spoken = {one.name: one.spoken for one in document.fields()}
    with pikepdf.open(BytesIO(made.pdf)) as pdf:
        owner = owners(pdf)
        places = []
        fields: dict[str, tuple[int, int]] = {}
        for name, widget in forms.widgets(pdf):
            field = widget if "/FT" in widget else widget.Parent
            assert fields.setdefault(name, field.objgen) == field.objgen, f"two fields are called {name}"
            option = ""
            if "/Opt" in field and str(field.FT) == "/Btn":  # one of several
                (state,) = widget.AP.N.keys() - {"/Off"}
                option = str(field.Opt[int(state[1:])])
            colon = "" if spoken[name].endswith("?") else ":"
            label = f"{spoken[name]}{colon} {option}" if option else spoken[name]
            element = owner[int(widget.StructParent)]
            assert (str(element.S), str(element.K[0].Obj.objgen)) == ("/Form", str(widget.objgen))
            assert (str(element.Alt), str(widget.Contents), str(field.TU)) == (label, label, spoken[name])
            page = next(number for number, one in enumerate(pdf.pages, 1) if one.obj.objgen == widget.P.objgen)
            places.append((name, option, page, [round(float(value), 2) for value in widget.Rect]))
        assert fields.keys() == spoken.keys()
        assert len(places) == len(made.about["fields"]) > 60
        told = [(one["name"], one.get("option", ""), one["page"], one["rectangle"]) for one in made.about["fields"]]
        assert sorted(places) == sorted(told)


def test_a_screen_reader_hears_name_kind_and_choices_of_every_field(
    files: Mapping[str, Path], golden: Callable[[str, str], None]
) -> None:
    pages = tagtree.tagged_pages(files["fillable-empty"])
    assert [(page.untagged, page.orphaned) for page in pages] == [("", "")] * 4
    golden("consent-fillable.tags.txt", tagtree.outline([page.tree for page in pages], fold=("Span", "NonStruct")))


def test_a_screen_reader_hears_an_authors_own_fields(tmp_path: Path) -> None:
    (tmp_path / "own.pdf").write_bytes(forms.made(Rendition.FILLABLE, {}, own=True).pdf)
    text = tagtree.outline(tagtree.pdfjs_tree(tmp_path / "own.pdf")[2])
    assert 'Form alt="At work"\n' in text
    assert "#annotation Field=contact.at_work Kind=tick\n" in text
    assert '#annotation Field=contact.time Kind=list Options="Morning; Noon; Evening" Required=yes\n' in text
    assert "#annotation Field=contact.phone Kind=text MaxLength=20\n" in text


# Flattened ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A form with fields of every kind as paper, empty and filled."""
    folder = tmp_path_factory.mktemp("flat")
    for name, values in (("empty", {}), ("filled", OWN_VALUES)):
        (folder / f"{name}.pdf").write_bytes(forms.made(Rendition.PAPER, values, own=True).pdf)
    return {name: folder / f"{name}.pdf" for name in ("empty", "filled")}


def is_value(node: tagtree.Node) -> bool:
    return node.role == "Span" and (node.text in OWN_VALUES.values() or node.alt.endswith(", ticked"))


def without_values(node: tagtree.Node) -> tagtree.Node:
    kept = (without_values(child) for child in node.children if not is_value(child))
    return dataclasses.replace(node, children=tuple(kept))


def test_a_flattened_form_has_no_field_left(flat: Mapping[str, Path]) -> None:
    for path in flat.values():
        with pikepdf.open(path) as pdf:
            assert "/AcroForm" not in pdf.Root
            assert list(forms.widgets(pdf)) == []


def test_a_flattened_form_keeps_its_tags_and_gets_one_for_each_value(flat: Mapping[str, Path]) -> None:
    empty, filled = (tagtree.tagged_pages(flat[name]) for name in ("empty", "filled"))
    assert [(page.untagged, page.orphaned) for page in filled] == [("", "")] * 4
    assert sum(is_value(node) for page in filled for node in page.tree.walk()) == len(OWN_VALUES)
    assert sum(is_value(node) for page in empty for node in page.tree.walk()) == 0
    bare = tagtree.outline([without_values(page.tree) for page in filled])
    assert bare == tagtree.outline([page.tree for page in empty])


def letters(text: str) -> str:
    return "".join(text.split())


def test_a_value_that_became_paper_is_read_behind_its_label(flat: Mapping[str, Path]) -> None:
    document = forms.order(own=True).document
    assert document.kind.is_form
    nodes = [node for page in tagtree.pdfjs_tree(flat["filled"]) for node in page.walk()]
    paragraphs = {letters(node.text) for node in nodes if node.role == "P"}
    ticked = {node.alt for node in nodes if is_value(node) and node.alt}
    for one in document.fields():
        value = OWN_VALUES.get(one.name, "")
        if one.kind is FieldKind.CHOICE and value:
            assert f"{one.spoken}: {value}, ticked" in ticked
        elif one.kind is FieldKind.TICK and value:
            assert f"{one.spoken}, ticked" in ticked
        elif value:
            assert letters(one.label + value) in paragraphs
    assert len(ticked) == 3
    side = next(node for node in nodes if any(child.alt == "Side of the body: Left, ticked" for child in node.children))
    assert [child.text for child in side.children if child.text] == ["Side of the body", "Left", "Right", "Both"]
    assert [is_value(child) for child in side.children].index(True) == 1


def test_the_manifest_lists_every_field_with_its_place(finished: Mapping[str, Issued]) -> None:
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


def test_a_long_value_gets_a_larger_box_and_is_printed_whole(blank: Order, tmp_path: Path) -> None:
    reason = " ".join(f"Sentence {number} tells why." for number in range(45))
    order = dataclasses.replace(blank, encounter=Encounter({"encounter.reason": reason}, "test"))
    usual = forms.layout()
    for rendition in Rendition:
        finished = complete(usual, dataclasses.replace(order, rendition=rendition))
        assert list(finished.rendered_anew) == ["encounter.reason"]
        assert finished.facts()["rendered_anew"] == ["encounter.reason"]
        path = tmp_path / f"{rendition}.pdf"
        path.write_bytes(finished.pdf)
        assert extract.missing_paragraphs([reason], extract.poppler_pages(path)) == []
        assert verapdf.validate([path]) == {path: []}


def test_a_value_too_long_for_its_box_is_refused_by_name(blank: Order) -> None:
    encounter = Encounter({"patient.mrn": "0" * 300}, "test")
    with pytest.raises(ContentError, match=r"value-too-long: patient\.mrn"):
        complete(forms.layout(), dataclasses.replace(blank, encounter=encounter))


BAD = {
    '{"patient": {"nam": "Zoë"}}': ("unknown-field", "patient.name"),
    '{"patient": {"mrn": 12345}}': ("bad-value", "quotes"),
    '{"patient": {"birth_date": "04/09/1961"}}': ("bad-value", "1961-04-09"),
    '{"encounter": {"side": "lef"}}': ("bad-value", "left"),
    '{"patient": {"name": "முருகன்"}}': ("value-glyph", "TAMIL LETTER"),
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
    assert blank.document.kind.is_form
    with pytest.raises(ContentError) as caught:
        library.read_encounter(path, [], blank.document, blank.fonts[0], TODAY)
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
    assert blank.document.kind.is_form
    encounter = library.read_encounter(path, ["encounter.site=Hip"], blank.document, blank.fonts[0], TODAY)
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
