"""The same page in several viewers, and the pages as they are meant to look."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress.clinics import Paper, Print
from clinicpress.documents import KINDS
from tests.instruments.ink import ink_box
from tests.instruments.paint import DPI, TOLERANCE, Picture, Viewer, difference, paint
from tests.prints import CONSENT, HANDOUT, OURS, Library, Printed, Wanted

OTHER = Wanted("riverside", KINDS["consent"], Print.STANDARD, Paper.A4)
OTHERS: tuple[Viewer, ...] = ("pdfium", "mupdf")


@lru_cache(maxsize=1)  # the tests of one document follow each other
def by_poppler(pdf: Path) -> list[Picture]:
    return paint(pdf, "poppler")


def disagreements(pdf: Path, other: Path, viewer: Viewer) -> list[tuple[int, float]]:
    """The pages on which poppler and another viewer do not show the same, and how far they are apart."""
    first, second = by_poppler(pdf), paint(other, viewer)
    assert len(first) == len(second) > 0
    assert all(ink_box(picture, DPI) for picture in first)  # empty pages would agree on anything
    apart = [(page, difference(a, b)) for page, (a, b) in enumerate(zip(first, second, strict=True), start=1)]
    return [(page, value) for page, value in apart if value > TOLERANCE]


@pytest.mark.parametrize("viewer", OTHERS)
@pytest.mark.parametrize("printed", [*OURS, OTHER], indirect=True, ids=str)
def test_viewers_show_the_same_pages(printed: Printed, viewer: Viewer) -> None:
    assert disagreements(printed.path, printed.path, viewer) == []


@pytest.mark.parametrize("viewer", OTHERS)
def test_a_word_that_one_viewer_does_not_show_is_seen(viewer: Viewer, library: Library, tmp_path: Path) -> None:
    """Here by taking one piece of text out of the page that the other viewer gets."""
    path = library[HANDOUT].path
    with pikepdf.open(path) as pdf:
        page = pdf.pages[1]
        content = list(pikepdf.parse_content_stream(page))
        shown = [place for place, (_, operator) in enumerate(content) if str(operator) == "TJ"]
        del content[shown[len(shown) // 2]]
        page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))
        pdf.save(tmp_path / "short.pdf")
    assert [page for page, _ in disagreements(path, tmp_path / "short.pdf", viewer)] == [2]


# Pictures of pages -------------------------------------------------------------------------------------------------

PICTURES = [
    (HANDOUT, 1),
    (CONSENT, 1),
    (CONSENT, 4),
    (Wanted("shipped", KINDS["handout"], Print.LARGE, Paper.LETTER), 1),
]


@pytest.mark.parametrize(("wanted", "page"), PICTURES, ids=str)
def test_the_page_looks_as_expected(
    wanted: Wanted, page: int, library: Library, golden_picture: Callable[[str, Picture], None]
) -> None:
    golden_picture(f"{wanted.name}.{page}", library[wanted].coarse[page - 1])


def test_the_pictures_are_fine_enough_to_see_a_lost_word(library: Library) -> None:
    """At 100 dots an inch, a word taken off the page is a difference, and what a few shades do is none."""
    picture = library[HANDOUT].coarse[0]
    rows, columns = (slice(round(side * 100)) for side in (4.5, 5.0))
    words = np.argwhere(picture[rows, columns] < 100)
    top, left = words[len(words) // 2]
    without = picture.copy()
    without[top - 8 : top + 8, left - 15 : left + 15] = 255
    assert difference(without, picture) > TOLERANCE
    assert difference((picture // 16 * 16).astype(np.uint8), picture) <= TOLERANCE
