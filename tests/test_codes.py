"""What an office scanner reads on a page, and what it finds blank there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress.clinics import CODE_SIZE, Rectangle
from clinicpress.marks import QUIET_ZONE, page_code
from tests import prints
from tests.instruments import codes, ink, paint
from tests.prints import CONSENT, CONSENTS, HANDOUTS, OURS, USUAL, Library, Printed, each

DPI = 200  # an office scanner's setting for forms
TURN = 3.0  # degrees: more than a feeder's usual skew
NEAR = 2.0  # points
MODULES = 29 + 2 * QUIET_ZONE
QUIET = QUIET_ZONE * CODE_SIZE / MODULES  # points
BORDER = 1.5  # points: twice the dashed border of the label zone, which stands inside of it


def inner(zone: Rectangle, by: float) -> tuple[float, float, float, float]:
    return zone.left + by, zone.bottom + by, zone.right - by, zone.top - by


def readings(pdf: Path, pages: int) -> list[list[codes.DecodedCode]]:
    with ThreadPoolExecutor(prints.AT_ONCE) as pool:
        return list(pool.map(lambda page: codes.read_codes(pdf, page, dpi=DPI, turn=TURN), range(1, pages + 1)))


def quiet_zones_inked(pdf: Path, printed: Printed) -> list[int]:
    """How many pixels hold ink in the quiet zone of each code."""
    found = []
    for number, picture in enumerate(paint.paint(pdf, "poppler", dpi=DPI), start=1):
        scale, height = DPI / 72, picture.shape[0]
        dark = picture < ink.INK_BELOW
        for zone in printed.page.code_zones(number):
            (left, bottom, right, top), (a, b, c, d) = inner(zone, 0), inner(zone, QUIET - 0.5)
            ring = dark.copy()
            ring[round(height - d * scale) : round(height - b * scale), round(a * scale) : round(c * scale)] = False
            rows = slice(int(np.ceil(height - top * scale)), int(height - bottom * scale))
            columns = slice(int(np.ceil(left * scale)), int(right * scale))
            found.append(int(ring[rows, columns].sum()))
    return found


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_both_codes_of_every_page_are_read_askew_and_say_which_page_it_is(printed: Printed) -> None:
    document = printed.document
    read = readings(printed.path, printed.pages)
    for number, found in enumerate(read, start=1):
        wanted = f"{document.form} {document.revision} {document.language} {number}/{printed.pages}".upper()
        assert page_code(document, number, printed.pages).text == wanted
        assert [(code.text, code.symbology) for code in found] == [(wanted, "QRCode")] * 2
        for code, zone in zip(found, printed.page.code_zones(number), strict=True):
            assert np.allclose(code.box, inner(zone, QUIET), atol=NEAR)
    assert len(read) == printed.pages


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_nothing_is_printed_in_the_quiet_zone_of_a_code(printed: Printed) -> None:
    assert quiet_zones_inked(printed.path, printed) == [0, 0] * printed.pages


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_nothing_is_printed_in_the_label_zone(printed: Printed) -> None:
    zone = printed.page.label_zone()
    assert (zone.right - zone.left, zone.top - zone.bottom) == pytest.approx((198.4, 85.0), abs=0.1)  # 70 x 30 mm
    assert ink.dark_pixels(printed.path, 1, inner(zone, BORDER)) == 0


def test_the_border_of_the_label_zone_stands_where_the_profile_says(library: Library) -> None:
    for wanted in set(CONSENTS) & set(USUAL):
        picture, height = library[wanted].coarse[0], wanted.page.size[1]
        zone = wanted.page.label_zone()
        for left, bottom, right, top in (
            (zone.left - 1, zone.bottom, zone.left + BORDER, zone.top),
            (zone.right - BORDER, zone.bottom, zone.right + 1, zone.top),
            (zone.left, zone.bottom - 1, zone.right, zone.bottom + BORDER),
            (zone.left, zone.top - BORDER, zone.right, zone.top + 1),
        ):
            rows, columns = ((height - top, height - bottom), (left, right))
            side = picture[tuple(slice(round(a * 100 / 72), round(b * 100 / 72)) for a, b in (rows, columns))]
            assert (side < 128).sum() > 20, wanted


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_a_crooked_label_does_not_reach_a_code(printed: Printed) -> None:
    top, _ = printed.page.code_zones(1)
    code_ends = top.right - QUIET
    assert printed.page.label_zone().left - code_ends >= 6.7 * 72 / 25.4  # 6.7 mm, pages.md 5


@pytest.mark.parametrize("printed", each(HANDOUTS), indirect=True)
def test_handouts_carry_no_code(printed: Printed) -> None:
    if printed.wanted in OURS:
        assert readings(printed.path, printed.pages) == [[]] * printed.pages
    with pikepdf.open(printed.path) as pdf:
        assert not any("Code" in name for page in pdf.pages for name in page.resources.get("/XObject", {}))


def test_codes_of_consent_forms_are_known_by_the_name_that_handouts_lack(library: Library) -> None:
    with pikepdf.open(library[CONSENT].path) as pdf:
        assert all(any("Code" in name for name in page.resources.XObject) for page in pdf.pages)


# Seen failing ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoiled(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consent form with a line through the label zone, a speck in a quiet zone, and one code drawn over."""
    printed = library[CONSENT]
    label, (top, bottom) = printed.page.label_zone(), printed.page.code_zones(1)
    path = tmp_path_factory.mktemp("codes") / "spoiled.pdf"
    with pikepdf.open(printed.path) as pdf:
        line = f"{label.left + 50} {label.bottom + 40} 1 1 re f"
        speck = f"{top.left + 2} {top.bottom + 20} 1 1 re f"
        over = f"1 g {bottom.left + 18} {bottom.bottom + 18} 30 30 re f"
        pdf.pages[0].contents_add(f"/Artifact BMC q 0 g {line} {speck} {over} Q EMC".encode())
        pdf.save(path)
    return path


def test_a_code_that_is_drawn_over_is_not_read(spoiled: Path) -> None:
    assert [len(found) for found in readings(spoiled, 2)] == [1, 2]


def test_a_speck_in_a_quiet_zone_or_in_the_label_zone_is_seen(spoiled: Path, library: Library) -> None:
    printed = library[CONSENT]
    inked = quiet_zones_inked(spoiled, printed)
    assert inked[0] > 0
    assert inked[1:] == [0] * (2 * printed.pages - 1)
    assert ink.dark_pixels(spoiled, 1, inner(printed.page.label_zone(), BORDER)) > 0


def test_the_code_says_nothing_of_any_person() -> None:
    document = prints.consent()
    said = page_code(document, 1, 4).text.split()
    assert said == [document.form, str(document.revision).upper(), document.language.upper(), "1/4"]
