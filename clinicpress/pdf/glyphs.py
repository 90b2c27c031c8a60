"""What the letters of a font in a PDF mean and how wide they are: its map from codes to Unicode, and its widths.

Source: ISO 32000-1, 9.10.3 (ToUnicode) and 9.7.4.3 (widths).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A font: how many bytes a code has, what the codes mean, and their widths in thousandths of the size."""

    length: int
    meanings: dict[int, str]
    widths: dict[int, float]
    usual: float

    def read(self, codes: bytes) -> tuple[str, float]:
        """The words of these codes, and how wide they are. A sign that the file does not explain is U+FFFD."""
        places = range(0, len(codes), self.length)
        split = [int.from_bytes(codes[place : place + self.length], "big") for place in places]
        words = "".join(self.meanings.get(code, "\N{REPLACEMENT CHARACTER}") for code in split)
        return words, sum(self.widths.get(code, self.usual) for code in split)


@dataclass(slots=True)
class Fonts:
    """The fonts of one PDF; each is read once."""

    _known: dict[tuple[int, int], Glyphs] = field(default_factory=dict)

    def glyphs(self, font: pikepdf.Object) -> Glyphs:
        """What is known of a font."""
        key = font.objgen
        if key not in self._known or key == (0, 0):
            self._known[key] = _composite(font) if "/DescendantFonts" in font else _simple(font)
        return self._known[key]


def _simple(font: pikepdf.Object) -> Glyphs:
    """The font for values, in the encoding of Windows."""
    meanings = {code: bytes([code]).decode("cp1252", "replace") for code in range(256)}
    first = int(font.get("/FirstChar", 0))
    widths = {code: float(width) for code, width in enumerate(font.get("/Widths", Array()), first)}
    return Glyphs(1, meanings, widths, 0.0)


def _composite(font: pikepdf.Object) -> Glyphs:
    """A font with codes of two bytes, as the text has."""
    within = font.DescendantFonts[0]
    meanings = dict(_meanings(font.ToUnicode.read_bytes())) if "/ToUnicode" in font else {}
    return Glyphs(2, meanings, dict(_widths(within.get("/W", Array()))), float(within.get("/DW", 1000)))


def _meanings(stream: bytes) -> Iterator[tuple[int, str]]:
    """What the codes mean, as WeasyPrint and `value_fonts` write it: single codes, and ranges with a first sign."""
    for kind, body in _BLOCK.findall(stream):
        words = [bytes.fromhex(word.decode()) for word in _HEX.findall(body)]
        if kind == b"bfchar":
            for code, sign in zip(words[::2], words[1::2], strict=False):
                yield int.from_bytes(code, "big"), sign.decode("utf-16-be", "replace")
            continue
        for first, last, sign in zip(words[::3], words[1::3], words[2::3], strict=False):
            start, end, target = (int.from_bytes(one, "big") for one in (first, last, sign))
            yield from ((start + step, chr(target + step)) for step in range(end - start + 1))


def _widths(listed: pikepdf.Object) -> Iterator[tuple[int, float]]:
    """The widths of the codes: `first [w w w]` or `first last w`."""
    items = list(listed)
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, Array):
            yield from ((first + step, float(width)) for step, width in enumerate(second))
        else:
            width = float(items.pop(0))
            yield from ((code, width) for code in range(first, int(second) + 1))
