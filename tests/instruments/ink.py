"""Says where a page is printed on and where it is blank: margins, and the empty zone for the patient's label."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.instruments.paint import Picture, paint

# A pixel darker than this holds ink. Paper is 255 in every viewer; the five shades of slack keep a tint of 2 %,
# that no printer shows, from counting.
INK_BELOW = 250


class InkBox(NamedTuple):
    """How far the first ink is from each edge of the paper, in points."""

    left: float
    top: float
    right: float
    bottom: float


def _inked(picture: Picture) -> NDArray[np.bool_]:
    dark = picture < INK_BELOW
    return np.asarray(dark if dark.ndim == 2 else dark.any(axis=2), dtype=np.bool_)


def ink_box(picture: Picture, dpi: float) -> InkBox | None:
    """How far from each edge the page begins to be printed on; None for a page with nothing on it.

    Exact to one pixel, and never too large: a pixel counts as inked when ink touches it anywhere.
    """
    dark = _inked(picture)
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not rows.size:
        return None
    height, width = dark.shape
    edges = (columns[0], rows[0], width - 1 - columns[-1], height - 1 - rows[-1])
    return InkBox(*(float(edge) * 72 / dpi for edge in edges))


def dark_pixels(
    pdf: Path, page: int, rect_points_bottom_left: tuple[float, float, float, float], dpi: float = 300
) -> int:
    """How many pixels hold ink inside a rectangle (left, bottom, right, top, in points) of a page (from 1); poppler.

    Only pixels that lie whole inside the rectangle count, so that a frame around it does not; give the rectangle
    without its frame all the same.
    Raises ValueError when the rectangle does not lie on the page: nothing would be found there, and prove nothing.
    """
    (picture,) = paint(pdf, "poppler", dpi=dpi, pages=(page, page))
    height, width = picture.shape[:2]
    scale = dpi / 72
    left, bottom, right, top = (side * scale for side in rect_points_bottom_left)
    columns = (math.ceil(left), math.floor(right))
    rows = (math.ceil(height - top), math.floor(height - bottom))
    if not (0 <= columns[0] < columns[1] <= width and 0 <= rows[0] < rows[1] <= height):
        raise ValueError(f"The rectangle {rect_points_bottom_left} does not lie on page {page}.")
    return int(_inked(picture[rows[0] : rows[1], columns[0] : columns[1]]).sum())
