"""Sets a value into a box: the right size, never cut, never over the border.

Source: ISO 32000-1, 12.7.3.3 (appearances of fields).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from clinicpress.clinics import FontFace
from clinicpress.pdf.shaping import EM, shape
from clinicpress.pdf.value_fonts import SIMPLE, FontObjects, ValueFonts, is_simple

SIZE, FLOOR = 12.0, 8.0  # points: what a value is set in, and what it may shrink to before it wraps
SIZES = tuple(SIZE - step / 2 for step in range(int((SIZE - FLOOR) * 2) + 1))
LEADING = 1.2
PADDING = 3.0  # points between the border and the value
BORDER = 1.0  # points that no ink of a value enters
CAPITAL = 0.7  # height of a capital letter, in sizes
INK = 0.95, -0.27  # highest and lowest ink of the simple font, in sizes: Å and ç

# Where a line may end: after a blank or hyphen, and between letters of scripts that write without blanks.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_LINE_MAY_END = re.compile(rf"(?<=[ \-])|(?<=[{_IDEOGRAPH}])(?=[{_IDEOGRAPH}])")


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One line of a value: its words, and where its baseline starts (points from the bottom left of the box)."""

    text: str = field(repr=False)
    left: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that fits its box: the size of its letters in points, and its lines."""

    size: float
    lines: tuple[ValueLine, ...]


@lru_cache(maxsize=8)
def _advances(face: FontFace) -> tuple[int, dict[str, int]]:
    """The units of the em of a face, and how wide the letters of the simple font are in them."""
    with TTFont(BytesIO(face.file.data), lazy=True) as font:
        glyphs, metrics = font.getBestCmap(), font["hmtx"].metrics
        known = (letter for letter in SIMPLE if ord(letter) in glyphs)
        return font["head"].unitsPerEm, {letter: metrics[glyphs[ord(letter)]][0] for letter in known}


def _width(text: str, size: float, faces: tuple[FontFace, ...], simple: bool) -> float:
    """The width of one line in points."""
    if not simple:
        return shape(text, faces).width * size / EM
    units, advances = _advances(faces[0])
    return sum(map(advances.__getitem__, text)) * size / units


def _ink(lines: Sequence[str], faces: tuple[FontFace, ...], simple: bool) -> tuple[float, float]:
    """The highest and lowest ink of lines, in sizes."""
    if simple:
        return INK
    shaped = [shape(line, faces) for line in lines if line]
    return max([INK[0], *(one.top / EM for one in shaped)]), min([INK[1], *(one.bottom / EM for one in shaped)])


def fit(text: str, width: float, height: float, faces: tuple[FontFace, ...]) -> Setting | None:
    """How a value fits a box of this size in points, or None when it does not.

    One line in full size; else smaller down to the floor; else more lines, as large as they can be.
    """
    room = width - 2 * PADDING
    paragraphs = text.split("\n")
    simple = is_simple(text)
    tall = height > 3 * SIZE * LEADING  # a box for several lines starts at the top
    for size in SIZES if len(paragraphs) == 1 and not tall else ():
        if _width(text, size, faces, simple) <= room:
            high, low = _ink(paragraphs, faces, simple)
            if (high - low) * size <= height - 2 * BORDER:
                wanted = (height - size * CAPITAL) / 2
                baseline = min(max(wanted, BORDER - low * size), height - BORDER - high * size)
                return Setting(size, (ValueLine(text, PADDING, baseline),))
    for size in SIZES:
        lines = _lines(paragraphs, room, size, faces, simple)
        high, low = _ink(lines, faces, simple)
        leading = max(LEADING, high - low) * size
        drop = max((leading + CAPITAL * size) / 2, high * size)  # from the top of a line to its baseline
        if leading * len(lines) + 2 * BORDER > height or any(
            _width(line, size, faces, simple) > room for line in lines
        ):
            continue
        top = height - PADDING if tall else height - (height - leading * len(lines)) / 2
        return Setting(
            size,
            tuple(
                ValueLine(line, _left(line, room, size, faces, simple), top - drop - number * leading)
                for number, line in enumerate(lines)
            ),
        )
    return None


def depth(text: str, width: float, faces: tuple[FontFace, ...]) -> float:
    """How high in points a box of this width must be to hold a value in full size; infinite when a word is too wide."""
    simple, room = is_simple(text), width - 2 * PADDING
    lines = _lines(text.split("\n"), room, SIZE, faces, simple)
    if any(_width(line, SIZE, faces, simple) > room for line in lines):
        return float("inf")
    high, low = _ink(lines, faces, simple)
    return max(LEADING, high - low) * SIZE * len(lines) + 2 * PADDING


def _left(line: str, room: float, size: float, faces: tuple[FontFace, ...], simple: bool) -> float:
    """Where one of several lines begins: text that runs to the left stands at the right."""
    if simple or not line or shape(line, faces).rightward:
        return PADDING
    return PADDING + room - _width(line, size, faces, simple)


def _lines(paragraphs: Sequence[str], room: float, size: float, faces: tuple[FontFace, ...], simple: bool) -> list[str]:
    """Paragraphs in lines. A word is never parted, except after a hyphen of its own."""
    lines = []
    for paragraph in paragraphs:
        lines.append("")
        for word in _LINE_MAY_END.split(paragraph):
            longer = lines[-1] + word
            if lines[-1] and _width(longer.rstrip(" "), size, faces, simple) > room:
                lines[-1] = lines[-1].rstrip(" ")
                lines.append(word)
            else:
                lines[-1] = longer
        lines[-1] = lines[-1].rstrip(" ")
    return lines


def drawn(setting: Setting | None, width: float, height: float, fonts: ValueFonts) -> tuple[bytes, set[int]]:
    """How a text field looks, with its value or empty: the content of its picture, and the fonts it names."""
    if setting is None:
        return b"/Tx BMC\nEMC\n", set()
    named: set[int] = set()
    content = b"/Tx BMC\nq 1 1 %.2f %.2f re W n BT 0 g\n" % (width - 2, height - 2)
    for line in setting.lines:
        words, numbers = fonts.written(line.text, setting.size)
        content += b"1 0 0 1 %.2f %.2f Tm " % (line.left, line.baseline) + words
        named |= numbers
    return content + b"ET Q\nEMC\n", named


def appearance(
    pdf: pikepdf.Pdf, setting: Setting | None, width: float, height: float, fonts: FontObjects
) -> pikepdf.Object:
    """The picture of a text field, with its value or empty."""
    content, named = drawn(setting, width, height, fonts.fonts)
    return form_xobject(pdf, content, width, height, fonts.resources(named) if named else None)


def form_xobject(
    pdf: pikepdf.Pdf, content: bytes, width: float, height: float, resources: pikepdf.Object | None = None
) -> pikepdf.Object:
    """A drawing that can be placed anywhere: `content` in points from the bottom left corner."""
    stream = pdf.make_stream(content)
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([0, 0, round(width, 3), round(height, 3)])
    stream.Resources = resources if resources is not None else Dictionary()
    return stream


def drawn_alike(pairs: Iterable[tuple[str, str]], face: FontFace) -> bool:
    """Whether a face has one drawing for both signs of each pair."""
    with TTFont(BytesIO(face.file.data), lazy=True) as font:
        drawings = font.getBestCmap()
    return all(ord(a) in drawings and drawings[ord(a)] == drawings.get(ord(b)) for a, b in pairs)
