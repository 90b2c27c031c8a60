"""The code of a page says which page of which form it is, can be read, and says nothing more."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clinicpress import library
from clinicpress.clinics import CODE_SIZE, MM
from clinicpress.documents import Document
from clinicpress.errors import PressError, RenderError
from clinicpress.marks import MAX_TEXT, QUIET_ZONE, page_code
from clinicpress.orders import Mark
from tests.instruments.tools import library as installed

ROOT = Path(__file__).parents[1]
MODULES = 29 + 2 * QUIET_ZONE  # a version 3 symbol and its quiet zone. Source: ISO/IEC 18004:2015, table 1
LONGEST_FORM = 31  # characters that leave room for " F197B18B EN 1/4"


@pytest.fixture(scope="module")
def form() -> Document:
    return library.read_document(ROOT / "handouts" / "neurotherapy" / "consent.en.md")


def modules(mark: Mark) -> NDArray[np.bool_]:
    """The squares of the code, dark or not, drawn from the bars; every bar has to fit the squares exactly."""
    squares = np.zeros((MODULES, MODULES), dtype=bool)
    for bar in mark.bars:
        left, bottom, width, height = (round(value * MODULES, 3) for value in bar)
        assert [left, bottom, width, height] == pytest.approx(
            [round(v) for v in (left, bottom, width, height)], abs=0.01
        )
        top = MODULES - round(bottom + height)
        squares[top : MODULES - round(bottom), round(left) : round(left + width)] = True
    return squares


def read(squares: NDArray[np.bool_], dots: int) -> list[tuple[str, str]]:
    """What a scanner reads in the picture, with `dots` pixels a square: text and level of error correction."""
    picture = np.where(np.kron(squares, np.ones((dots, dots))), 0, 255).astype(np.uint8)
    found = installed("zxingcpp", "zxing-cpp").read_barcodes(picture)
    return [(str(one.text), str(one.ec_level)) for one in found]


def test_the_code_says_form_revision_language_page_and_pages(form: Document) -> None:
    mark = page_code(form, 2, 4)
    assert mark.text == f"{form.form} {form.revision} EN 2/4".upper()
    assert re.fullmatch(r"NT-C1 [0-9A-F]{8} EN 2/4", mark.text)


def test_the_code_is_in_upper_case_so_that_it_is_coarse(form: Document) -> None:
    mark = page_code(replace(form, form="nt-c1"), 1, 4)
    assert mark.text == mark.text.upper()


@pytest.mark.parametrize("dots", [2, 3, 8])
def test_the_code_that_is_drawn_reads_as_the_code_that_is_said(form: Document, dots: int) -> None:
    """Two dots a square is what 100 dots an inch make of 20 mm: a poor fax."""
    mark = page_code(form, 3, 4)
    assert read(modules(mark), dots) == [(mark.text, "Q")]


def test_every_page_has_a_code_of_its_own(form: Document) -> None:
    marks = [page_code(form, number, 4) for number in (1, 2, 3, 4)]
    assert len({mark.text for mark in marks}) == 4
    assert [read(modules(mark), 3)[0][0] for mark in marks] == [mark.text for mark in marks]


def test_a_code_with_a_fourth_of_its_squares_covered_is_still_read(form: Document) -> None:
    """Level Q restores a quarter of the words; a pen stroke of 3 squares is far less."""
    mark = page_code(form, 1, 4)
    squares = modules(mark)
    squares[18:21, QUIET_ZONE + 9 : MODULES - QUIET_ZONE - 9] = True
    assert read(squares, 4) == [(mark.text, "Q")]


def test_the_quiet_zone_holds_no_ink_on_any_side(form: Document) -> None:
    squares = modules(page_code(form, 1, 4))
    inside = squares[QUIET_ZONE:-QUIET_ZONE, QUIET_ZONE:-QUIET_ZONE]
    assert squares.sum() == inside.sum() > 200
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()


def test_the_code_stands_upright(form: Document) -> None:
    """Finder patterns at three corners: all but the lower right. A mirrored code would still be read by some."""
    squares = modules(page_code(form, 1, 4))[QUIET_ZONE:-QUIET_ZONE, QUIET_ZONE:-QUIET_ZONE]
    finder = np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True)
    corners = [squares[:7, :7], squares[:7, -7:], squares[-7:, :7], squares[-7:, -7:]]
    assert [bool((corner == finder).all()) for corner in corners] == [True, True, True, False]


def test_a_square_is_large_enough_for_a_fax() -> None:
    assert CODE_SIZE / MODULES / MM > 0.5
    assert QUIET_ZONE >= 4


def test_all_codes_have_one_size_whatever_they_say(form: Document) -> None:
    """Their places on the page are fixed."""
    for text in ("N", "N" * LONGEST_FORM):
        squares = modules(page_code(replace(form, form=text), 1, 4))
        assert squares[QUIET_ZONE, QUIET_ZONE]
        assert squares[-QUIET_ZONE - 1, QUIET_ZONE]


def test_the_same_page_has_the_same_code(form: Document) -> None:
    assert page_code(form, 1, 4) == page_code(form, 1, 4)


def test_the_longest_form_number_that_fits_is_read(form: Document) -> None:
    mark = page_code(replace(form, form="N" * LONGEST_FORM), 1, 4)
    assert len(mark.text) == MAX_TEXT
    assert read(modules(mark), 3) == [(mark.text, "Q")]


def test_a_longer_form_number_is_refused_in_words(form: Document) -> None:
    with pytest.raises(RenderError, match=r"'N+' is too long .* at most 20 characters"):
        page_code(replace(form, form="N" * (LONGEST_FORM + 1)), 1, 4)


@pytest.mark.parametrize("number", ["N" * 20, "nt_consent-form_2027", "Einwilligung-Ä-2027x", "NT (consent) 2027 #1"])
def test_a_form_number_of_20_characters_is_read_or_refused_in_words(form: Document, number: str) -> None:
    """The message promises 20 characters; those that are no letters A to Z or digits take more room in a code."""
    assert len(number) == 20
    try:
        mark = page_code(replace(form, form=number), 10, 12)
    except PressError as error:
        assert number in str(error)  # noqa: PT017 (either way is right)
    else:
        assert read(modules(mark), 3)[0][0] == mark.text
