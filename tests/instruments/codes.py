"""Reads the QR codes and barcodes of a page as an office scanner would: coarse, black and white, and a little askew."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tests.instruments.paint import Picture, paint
from tests.instruments.tools import library

Point = tuple[float, float]

BLACK_BELOW = 128  # half way, the plain threshold of a scanner's one-bit mode


@dataclass(frozen=True)
class DecodedCode:
    """What a code says and where it stands."""

    text: str
    symbology: str  # "QRCode", "DataMatrix", "Code128" …, as zxing-cpp names them, without blanks
    position: tuple[Point, Point, Point, Point]  # top left, top right, bottom right, bottom left; points, bottom-left

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the symbol, quiet zone not included."""
        xs, ys = zip(*self.position, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def read_codes(pdf: Path, page: int, dpi: float = 200, turn: float = 3.0) -> list[DecodedCode]:
    """The codes of a page (from 1), from the top down, after it was painted by poppler at `dpi`, cut to one bit a pixel
    and turned by `turn` degrees against the clock. A code that this path cannot read is not in the list.

    200 dpi is an office scanner's setting for forms and a fine fax's; 3° is more than a feeder's usual skew.
    """
    (picture,) = paint(pdf, "poppler", dpi=dpi, pages=(page, page))
    paper = Image.fromarray(np.where(picture < BLACK_BELOW, 0, 255).astype(np.uint8))
    # The nearest pixel, so that the picture stays at one bit; white around, as a scanner's lid.
    turned = paper.rotate(turn, resample=Image.Resampling.NEAREST, expand=True, fillcolor=255)
    reader = library("zxingcpp", "zxing-cpp")

    def place(corner: object) -> Point:
        return _place_on_page(corner, turned.size, picture, turn, dpi)

    found = [
        DecodedCode(
            text=str(code.text),
            symbology=str(code.format).replace(" ", ""),
            position=(
                place(code.position.top_left),
                place(code.position.top_right),
                place(code.position.bottom_right),
                place(code.position.bottom_left),
            ),
        )
        for code in reader.read_barcodes(np.asarray(turned))
    ]
    return sorted(found, key=lambda code: (-round(code.box[3]), code.box[0]))


def _place_on_page(corner: object, turned: tuple[int, int], picture: Picture, turn: float, dpi: float) -> Point:
    """Turns a pixel of the askew picture back into points on the page."""
    x = float(getattr(corner, "x")) - turned[0] / 2  # noqa: B009 (the corner's class has no types)
    y = float(getattr(corner, "y")) - turned[1] / 2  # noqa: B009
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    height, width = picture.shape[:2]
    right = x * cosine - y * sine + width / 2
    down = x * sine + y * cosine + height / 2
    return right * 72 / dpi, (height - down) * 72 / dpi
