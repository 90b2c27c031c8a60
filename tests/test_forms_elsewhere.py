"""Our forms in other people's hands: shown, typed into, saved and signed by other programs, they stay what they are."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from clinicpress.orders import Rendition
from tests import forms
from tests.forms import OWN_VALUES
from tests.instruments import extract, fields, sign, verapdf
from tests.instruments.paint import FINE, TOLERANCE, Picture, Viewer, difference, paint, worst

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

FONT = forms.ROOT / "fonts" / "clinic-sans" / "ClinicSans-Regular.ttf"
OTHERS: tuple[Viewer, ...] = ("pdfium", "mupdf", "ghostscript", "pdfjs")
TYPED: Mapping[str, str | bool] = {
    "patient.name": "Zoë Müller",
    "patient.mrn": "0012345",
    "encounter.reason": "My knee hurts on the stairs.\nI want to garden again, and pills upset my stomach.",
    "encounter.side": "Right",
    "attestation.decision": "agree",
    "contact.at_work": True,
    "contact.time": "Noon",
}
SEVERAL = {"encounter.side", "attestation.decision"}  # one of several
ON_ONE_LINE = {**TYPED, "encounter.reason": "I want to garden again."}  # pikepdf breaks no lines
# The least that another patient's form could differ by: an accent, a digit, a word, a tick, another choice.
OTHER_VALUES = {
    **OWN_VALUES,
    "patient.name": "Đặng Thị Ngọc Anh Łukasiewicz-Żółkiewska",
    "patient.birth_date": "Apr 9, 196",
    "patient.mrn": "001234",
    "encounter.reason": "My knee hurts on the stairs, and pills upset my stomach. I want to garden.",
    "encounter.side": "Both",
    "attestation.decision": "refuse",
    "contact.at_work": "",
    "contact.time": "",
    "contact.phone": "+49 40 5550 012",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The form as we make it, and as other programs leave it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    contents = {"empty": {}, "filled": OWN_VALUES, "other": OTHER_VALUES}
    paths = {name: folder / f"{name}.pdf" for name in (*contents, "pdfjs", "pikepdf", "signed", "signed-twice")}
    for name, values in contents.items():
        paths[name].write_bytes(forms.made(Rendition.FILLABLE, values, own=True).pdf)
    fields.fill_with_pdfjs(paths["empty"], paths["pdfjs"], TYPED)
    fields.fill_with_pikepdf(paths["empty"], paths["pikepdf"], ON_ONE_LINE)
    sign.sign(paths["pdfjs"], paths["signed"], "patient.signature", "Łucja Żółć-Ánh", FONT)
    sign.sign(paths["signed"], paths["signed-twice"], "clinician.signature", "Zoë Müller, ND", FONT)
    return paths


# They stay both standards at once -----------------------------------------------------------------------------------


def test_forms_that_others_filled_or_signed_are_both_standards_still(files: Mapping[str, Path]) -> None:
    found = verapdf.validate([files[name] for name in ("filled", "pdfjs", "pikepdf", "signed", "signed-twice")])
    assert len(found) == 5
    assert {path.name: faults for path, faults in found.items() if faults} == {}


def test_a_stamp_in_a_font_that_is_not_in_the_file_is_seen(files: Mapping[str, Path], tmp_path: Path) -> None:
    """As pyHanko stamps by itself: who signs our forms has to name a font."""
    sign.sign(files["empty"], tmp_path / "bare.pdf", "patient.signature", "Zoë Müller", None)
    (faults,) = verapdf.validate([tmp_path / "bare.pdf"]).values()
    assert [fault.split(":")[0] for fault in faults] == ["ua1 7.21.4.1-1", "3a 6.2.11.4.1-1"]


# Typed into and saved -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "typed"), [("pdfjs", TYPED), ("pikepdf", ON_ONE_LINE)], ids=["pdfjs", "pikepdf"])
def test_what_was_typed_is_in_the_file_that_was_saved(
    program: str, typed: Mapping[str, str | bool], files: Mapping[str, Path]
) -> None:
    with pikepdf.open(files[program]) as pdf:
        saved: dict[str, set[str | bool]] = {}
        for name, widget in forms.widgets(pdf):
            field = widget if "/FT" in widget else widget.Parent
            value: str | bool = str(field.get("/V", "")).replace("\r", "\n")
            if str(field.FT) == "/Btn":
                value = str(widget.AS) != "/Off"
                assert not value or str(widget.AS) == str(field.V)
                if "/Opt" in field:  # one of several
                    value = str(field.Opt[int(str(widget.AS)[1:])]) if value else False
            saved.setdefault(name, set()).add(value)
        assert "/NeedAppearances" not in pdf.Root.AcroForm
    assert {name: saved[name] - ({False} if name in SEVERAL else set()) for name in typed} == {
        name: {value} for name, value in typed.items()
    }


@pytest.mark.parametrize("program", ["pdfjs", "pikepdf"])
def test_what_was_typed_at_one_place_stands_on_every_page(program: str, files: Mapping[str, Path]) -> None:
    pages = extract.poppler_pages(files[program])
    assert ["0012345" in page for page in pages] == [True] * 4


# Signed -------------------------------------------------------------------------------------------------------------


def test_the_signature_fields_take_a_signature(files: Mapping[str, Path]) -> None:
    assert sign.signatures(files["signed"]) == [sign.Signature("patient.signature", True, True, "NONE")]


def test_two_people_sign_and_both_signatures_hold(files: Mapping[str, Path]) -> None:
    """pyHanko calls what the second signer did to the file OTHER, and not FORM_FILLING: the field that was signed is
    an object to which the tag tree points, and its rules know no tag tree. Without tags nobody could hear the field.
    """
    first, second = sign.signatures(files["signed-twice"])
    assert first == sign.Signature("patient.signature", True, True, "OTHER")
    assert second == sign.Signature("clinician.signature", True, True, "NONE")


def test_a_change_after_signing_is_seen(files: Mapping[str, Path], tmp_path: Path) -> None:
    signed = files["signed"].read_bytes()
    at = signed.index(b"/StructTreeRoot")
    (tmp_path / "changed.pdf").write_bytes(signed[:at] + b"/StructTreeRooT" + signed[at + 15 :])
    (found,) = sign.signatures(tmp_path / "changed.pdf")
    assert not found.intact


def test_a_stamp_is_read_as_it_was_written(files: Mapping[str, Path]) -> None:
    page = extract.poppler_pages(files["signed-twice"])[-1]
    assert "Łucja Żółć-Ánh" in page
    assert "Zoë Müller, ND" in page


# Shown by five viewers ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places() -> Sequence[Mapping[str, Any]]:
    """Every place of the form, as the manifest lists it."""
    return forms.made(Rendition.FILLABLE, {}, own=True).about["fields"]


@cache  # each picture is asked for by several tests
def pictures(pdf: Path, viewer: Viewer) -> list[Picture]:
    return paint(pdf, viewer, dpi=FINE)


def box(page: Picture, place: Mapping[str, Any]) -> Picture:
    """What stands at a place of the form."""
    left, bottom, right, top = (value * FINE / 72 for value in place["rectangle"])
    return page[round(page.shape[0] - top) : round(page.shape[0] - bottom), round(left) : round(right)]


def unflagged(pages: list[Picture], places: Sequence[Mapping[str, Any]]) -> list[Picture]:
    """The pages without what MuPDF adds: a small flag SIGN at each signature field that waits for a signature.

    It is on no page; MuPDF draws it where a person may click.
    """
    pages = [page.copy() for page in pages]
    for place in places:
        if place["kind"] == "signature":
            box(pages[place["page"] - 1], place)[:] = 255
    return pages


def apart(seen: list[Picture], expected: list[Picture], places: Sequence[Mapping[str, Any]]) -> set[str]:
    """The fields whose places do not show the same; of one of several, the choices by their words."""
    return {
        f"{place['name']} {place.get('option', '')}".strip()
        for place in places
        for number in [place["page"] - 1]
        if difference(box(seen[number], place), box(expected[number], place)) > TOLERANCE
    }


@pytest.mark.parametrize("viewer", OTHERS)
def test_every_viewer_shows_the_same_pages(
    viewer: Viewer, files: Mapping[str, Path], places: Sequence[Mapping[str, Any]]
) -> None:
    seen, expected = pictures(files["filled"], viewer), pictures(files["filled"], "poppler")
    assert len(seen) == 4
    if viewer == "mupdf":
        seen, expected = unflagged(seen, places), unflagged(expected, places)
    assert worst(seen, expected) <= TOLERANCE


@pytest.mark.parametrize("viewer", OTHERS)
def test_every_viewer_shows_the_stamps_of_signatures(
    viewer: Viewer, files: Mapping[str, Path], places: Sequence[Mapping[str, Any]]
) -> None:
    page = (4, 4)
    (seen,) = paint(files["signed-twice"], viewer, dpi=FINE, pages=page)
    (expected,) = paint(files["signed-twice"], "poppler", dpi=FINE, pages=page)
    (bare,) = paint(files["empty"], "poppler", dpi=FINE, pages=page)
    for place in places:
        if place["name"] in ("patient.signature", "clinician.signature"):
            assert difference(box(seen, place), box(expected, place)) <= TOLERANCE
            assert difference(box(seen, place), box(bare, place)) > TOLERANCE


@pytest.mark.parametrize("viewer", OTHERS)
def test_every_viewer_shows_what_was_typed_into_another(
    viewer: Viewer, files: Mapping[str, Path], places: Sequence[Mapping[str, Any]]
) -> None:
    written = [place for place in places if place["kind"] != "signature"]
    expected = pictures(files["pdfjs"], "poppler")
    assert apart(pictures(files["pdfjs"], viewer), expected, written) == set()
    chosen = {"encounter.side Right", "attestation.decision agree"}
    assert apart(expected, pictures(files["empty"], "poppler"), written) == (TYPED.keys() - SEVERAL) | chosen


@pytest.mark.parametrize("viewer", ["poppler", *OTHERS])
def test_a_value_tick_or_choice_that_one_viewer_does_not_show_is_seen(
    viewer: Viewer, files: Mapping[str, Path], places: Sequence[Mapping[str, Any]]
) -> None:
    written = [place for place in places if place["kind"] != "signature"]
    chosen = {f"encounter.side {side}" for side in ("Left", "Both")}
    chosen |= {f"attestation.decision {decision}" for decision in ("agree", "refuse")}
    seen, expected = pictures(files["other"], viewer), pictures(files["filled"], "poppler")
    assert apart(seen, expected, written) == (OTHER_VALUES.keys() - SEVERAL) | chosen
