"""Paints pages with several viewers and says how far two pictures are apart.

`difference` has two jobs: the same page from two programs (or two versions of one) must agree, although each smooths
edges in its own way, and a word that is missing, other or in another place must be seen.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.instruments.extract import pdfjs_script
from tests.instruments.tools import library, program, run

Picture = NDArray[np.uint8]  # height × width in grey, height × width × 3 in colour; 0 is black, 255 paper
Viewer = Literal["poppler", "pdfium", "mupdf", "ghostscript", "pdfjs"]

# The measure was fitted to the sample pages at DPI: see the numbers at TOLERANCE before you paint at another.
DPI = 150
# For pdf.js. Other viewers move a thin line to whole pixels, pdf.js spreads it over two or three: at DPI our thinnest
# line (0.75 pt) may be half as dark as elsewhere, and every square of it disagrees (0.031). Here it is more than two
# pixels wide, so wherever it lies, it fills one.
FINE = 200
# The envelope: a pixel agrees when its shade lies within the range of the pixels up to this far away in the other
# picture, give or take SHADE. So an edge may lie within two pixels (1 pt) of its place: viewers round the place of a
# letter to whole pixels, each its own way (a 3 × 3 envelope, one pixel, gave 0.23 between poppler and pdfium).
REACH = 2
# Shades of 255. Text in #555 instead of #111 is seen at 64 and no longer at 80.
SHADE = 64
# A page is judged by its worst square of this many pixels (5.4 mm): a lost word changes a good part of one square and
# next to nothing of a page, and the same loss counts the same on A4, on Letter and on a label.
TILE = 32
# More than this share of a square (4 pixels) means that something other than smoothing changed. Measured on 13 sample
# pages, same viewer / two different viewers:
#   nothing changed          0      / at most 0.002
#   full stop lost           0.009  / 0.009
#   accent added             0.021  / 0.018
#   word lost, letter lost   0.147  / 0.147
#   line moved by 1.5 pt     0.046  / 0 to 0.046 (two viewers agree to 1 pt only), by 2 pt 0.106 / 0.106
#   rules of a table lost    0.094  / 0.095; bullets lost 0.088 / 0.097; bold lost 0.205 / 0.208
# Not seen: a 5 that became a 6 (0.003), a comma for a full stop. Those are for `extract` to find.
TOLERANCE = 0.004


def paint(
    pdf: Path, viewer: Viewer, dpi: float = DPI, grey: bool = True, pages: tuple[int, int] | None = None
) -> list[Picture]:
    """A picture of each page; `pages` is the first and last one wanted (from 1). Form fields and other annotations are
    painted as on screen, and the page is cut at its crop box, as viewers do."""
    if viewer == "pdfium":
        return _pdfium(pdf, dpi, grey, pages)
    with tempfile.TemporaryDirectory() as folder:
        match viewer:
            case "poppler":
                _poppler(pdf, dpi, grey, pages, folder)
            case "mupdf":
                _mupdf(pdf, dpi, grey, pages, folder)
            case "ghostscript":
                _ghostscript(pdf, dpi, grey, pages, folder)
            case "pdfjs":
                first, last = pages or (1, 0)
                pdfjs_script("paint.mjs", pdf, str(dpi), str(first), str(last), folder)
        return [_read(file, "L" if grey else "RGB") for file in sorted(Path(folder).iterdir())]


def _poppler(pdf: Path, dpi: float, grey: bool, pages: tuple[int, int] | None, folder: str) -> None:
    span = ["-f", str(pages[0]), "-l", str(pages[1])] if pages else []
    tone = ["-gray"] if grey else []
    run(program("pdftoppm", "poppler-utils"), "-cropbox", "-r", str(dpi), *tone, *span, pdf, Path(folder) / "page")


def _mupdf(pdf: Path, dpi: float, grey: bool, pages: tuple[int, int] | None, folder: str) -> None:
    which = [f"{pages[0]}-{pages[1]}"] if pages else []
    suffix, tone = ("pgm", ["-c", "gray"]) if grey else ("ppm", ["-c", "rgb"])
    # Named with leading zeros, so that ten pages sort after two.
    name = f"{folder}/page-%05d.{suffix}"
    run(program("mutool", "mupdf-tools"), "draw", "-q", "-r", str(dpi), *tone, "-o", name, pdf, *which)


def _ghostscript(pdf: Path, dpi: float, grey: bool, pages: tuple[int, int] | None, folder: str) -> None:
    span = [f"-dFirstPage={pages[0]}", f"-dLastPage={pages[1]}"] if pages else []
    device = "pgmraw" if grey else "ppmraw"
    smooth = ["-dTextAlphaBits=4", "-dGraphicsAlphaBits=4"]  # else it draws in black and white, as on a printer
    quiet = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE"]
    to = [f"-sDEVICE={device}", f"-r{dpi}", "-dUseCropBox", f"-sOutputFile={folder}/page-%05d"]
    run(program("gs", "ghostscript"), *quiet, *to, *smooth, *span, pdf)


def _read(file: Path, mode: str) -> Picture:
    with Image.open(file) as image:
        return np.asarray(image.convert(mode), dtype=np.uint8)


def _pdfium(pdf: Path, dpi: float, grey: bool, pages: tuple[int, int] | None) -> list[Picture]:
    pdfium = library("pypdfium2", "pypdfium2")
    with pdfium.PdfDocument(pdf) as document:
        document.init_forms()  # without it pdfium leaves form fields out
        first, last = pages or (1, len(document))
        pictures = []
        for number in range(first - 1, last):
            bitmap = document[number].render(scale=dpi / 72, grayscale=grey, rev_byteorder=not grey)
            array = np.array(bitmap.to_numpy(), dtype=np.uint8)  # a copy: the bitmap's memory goes with it
            pictures.append(array.reshape(array.shape[:2]) if grey else array[..., :3])
    return pictures


def difference(a: Picture, b: Picture) -> float:
    """How far two pictures are apart: the share of pixels that disagree in the worst square of the page.

    0 is alike, above TOLERANCE means that a reader sees something else, and 1 stands for pages of different size (one
    pixel of rounding is allowed).
    """
    if a.ndim != b.ndim or any(abs(m - n) > 1 for m, n in zip(a.shape[:2], b.shape[:2], strict=True)):
        return 1.0
    disagree = _disagreement(*_same_size(a, b))
    height, width = (side + -side % TILE for side in disagree.shape)
    padded = np.zeros((height, width), dtype=np.float64)
    padded[: disagree.shape[0], : disagree.shape[1]] = disagree
    # Squares that overlap by half, so that a word on the border of two is not halved.
    half = TILE // 2
    cells = padded.reshape(height // half, half, width // half, half).sum(axis=(1, 3))
    squares = cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]
    return float(squares.max()) / TILE**2


def _same_size(a: Picture, b: Picture) -> tuple[Picture, Picture]:
    height, width = (min(m, n) for m, n in zip(a.shape[:2], b.shape[:2], strict=True))
    return a[:height, :width], b[:height, :width]


def _disagreement(a: Picture, b: Picture) -> NDArray[np.bool_]:
    """Where either picture leaves the envelope of the other. Both ways: what is new and what is gone."""
    apart = _outside(a, b) | _outside(b, a)
    return np.asarray(apart if apart.ndim == 2 else apart.any(axis=2), dtype=np.bool_)


def _outside(a: Picture, b: Picture) -> NDArray[np.bool_]:
    shade = a.astype(np.int16)
    low = _envelope(b, np.minimum).astype(np.int16) - SHADE
    high = _envelope(b, np.maximum).astype(np.int16) + SHADE
    return np.asarray((shade < low) | (shade > high), dtype=np.bool_)


def _envelope(picture: Picture, choose: np.ufunc) -> Picture:
    """The darkest or lightest shade within REACH of each pixel: the extreme of the rows, then of the columns."""
    for axis in (0, 1):
        widths = [(REACH, REACH) if each == axis else (0, 0) for each in range(picture.ndim)]
        padded = np.moveaxis(np.pad(picture, widths, mode="edge"), axis, 0)
        length = picture.shape[axis]
        shifted = [padded[shift : shift + length] for shift in range(2 * REACH + 1)]
        picture = np.moveaxis(np.asarray(choose.reduce(shifted), dtype=np.uint8), 0, axis)
    return picture


def save_difference(folder: Path, name: str, actual: Picture, expected: Picture) -> list[Path]:
    """Writes NAME.actual.png, NAME.expected.png and NAME.difference.png (disagreeing pixels black, the rest of the
    actual page pale), and returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"actual": actual, "expected": expected}
    if difference(actual, expected) < 1.0:
        first, second = _same_size(actual, expected)
        grey = first if first.ndim == 2 else first.mean(axis=2)
        pale = (grey / 4 + 191).astype(np.uint8)
        pictures["difference"] = np.where(_disagreement(first, second), np.uint8(0), pale).astype(np.uint8)
    return [_write(folder / f"{name}.{kind}.png", picture) for kind, picture in pictures.items()]


def _write(path: Path, picture: Picture) -> Path:
    Image.fromarray(picture).save(path)
    return path


def worst(actual: Sequence[Picture], expected: Sequence[Picture]) -> float:
    """The largest difference of two whole documents; 1 when they have not the same number of pages."""
    if len(actual) != len(expected):
        return 1.0
    return max((difference(a, b) for a, b in zip(actual, expected, strict=True)), default=1.0)
