"""Sets a value into a box: the right font, the right size, never cut, never over the border.

Two fonts serve all fields. Typed text in viewers can use one simple font only, of the characters of Windows-1252; it
is embedded once and named in every field. A value with other letters gets a composite font, cut for that value.
Source: ISO 32000-1, 9.6 (simple fonts), 9.7 (composite fonts), 12.7.3.3 (appearances of fields).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from clinicpress.clinics import FontFace

SIZE, FLOOR = 12.0, 8.0  # points: what a value is set in, and what it may shrink to before it wraps
LEADING = 1.2
PADDING = 3.0  # points between the border and the value
FIRST, LAST = 32, 255  # the codes of a simple font


def _cp1252(code: int) -> str:
    return bytes([code]).decode("cp1252", "ignore")


SIMPLE = {_cp1252(code): code for code in range(FIRST, LAST + 1) if _cp1252(code).isprintable() and _cp1252(code)}
"""The characters that typed text can have, with their codes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a value: its words, and where its baseline starts (points from the bottom left of the box)."""

    text: str
    left: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that fits its box: the size of its letters in points, and its lines."""

    size: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Metrics:
    """How wide the letters of a face are. All numbers in units of the em, `units` to the em."""

    units: int
    ascent: int
    descent: int
    glyphs: dict[int, str] = field(repr=False)
    advances: dict[str, int] = field(repr=False)

    def width(self, text: str, size: float) -> float:
        """The width of a text in points."""
        return sum(self.advances[self.glyphs[ord(character)]] for character in text) * size / self.units


@lru_cache(maxsize=8)
def metrics(face: FontFace) -> Metrics:
    """The measures of a face."""
    with TTFont(BytesIO(face.file.data), lazy=True) as font:
        advances = {name: width for name, (width, _) in font["hmtx"].metrics.items()}
        head, hhea = font["head"], font["hhea"]
        return Metrics(head.unitsPerEm, hhea.ascent, hhea.descent, dict(font.getBestCmap()), advances)


def fit(text: str, width: float, height: float, measured: Metrics) -> Setting | None:
    """How a value fits a box of this size in points, or None when it does not.

    One line in full size; else smaller down to the floor; else more lines, as large as they can be.
    """
    room = width - 2 * PADDING
    paragraphs = text.split("\n")
    sizes = [SIZE - step / 2 for step in range(int((SIZE - FLOOR) * 2) + 1)]
    tall = height > 3 * SIZE * LEADING  # a box for several lines starts at the top
    for size in sizes:
        if len(paragraphs) == 1 and not tall and measured.width(text, size) <= room:
            return Setting(size, (Line(text, PADDING, (height - size * 0.7) / 2),))
    for size in sizes:
        lines = [line for paragraph in paragraphs for line in _wrapped(paragraph, room, size, measured)]
        depth = size * LEADING * len(lines)
        if depth <= height - 2 and all(measured.width(line, size) <= room for line in lines):
            top = height - PADDING if tall else height - (height - depth) / 2
            drop = size * (LEADING + 0.7) / 2  # from the top of a line to its baseline
            return Setting(
                size, tuple(Line(line, PADDING, top - drop - n * size * LEADING) for n, line in enumerate(lines))
            )
    return None


def _wrapped(paragraph: str, room: float, size: float, measured: Metrics) -> list[str]:
    """A paragraph in lines. A word is never parted, except after a hyphen of its own."""
    lines = [""]
    for word in paragraph.replace("-", "-\u200b").replace(" ", " \u200b").split("\u200b"):
        longer = lines[-1] + word
        if lines[-1] and measured.width(longer.rstrip(), size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]


def appearance(
    pdf: pikepdf.Pdf, setting: Setting | None, width: float, height: float, fonts: "ValueFonts"
) -> pikepdf.Object:
    """The picture of a text field, with its value or empty."""
    resources = Dictionary()
    content = b"/Tx BMC\n"
    if setting is not None:
        text = "".join(line.text for line in setting.lines)
        name, font = fonts.of(text)
        resources = Dictionary(Font=Dictionary({name: font}))
        content += f"q 1 1 {width - 2:.2f} {height - 2:.2f} re W n BT 0 g {name} {setting.size:g} Tf\n".encode()
        for line in setting.lines:
            content += (
                f"1 0 0 1 {line.left:.2f} {line.baseline:.2f} Tm <{fonts.encoded(line.text, name)}> Tj\n".encode()
            )
        content += b"ET Q\n"
    return form_xobject(pdf, content + b"EMC\n", width, height, resources)


def form_xobject(
    pdf: pikepdf.Pdf, content: bytes, width: float, height: float, resources: pikepdf.Object | None = None
) -> pikepdf.Object:
    """A drawing that can be placed anywhere: `content` in points from the bottom left corner."""
    stream = pdf.make_stream(content)
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([0, 0, round(width, 3), round(height, 3)])
    stream.Resources = resources if resources is not None else Dictionary()
    return stream


class ValueFonts:
    """The fonts of the values of one document: the simple one, and a composite one when a value needs it.

    `values` are all values of the document: the composite font is cut for their letters, and embedded once.
    """

    def __init__(self, pdf: pikepdf.Pdf, face: FontFace, values: Sequence[str]) -> None:
        self._pdf = pdf
        self.face = face
        wide = sorted({character for value in values for character in value if not self._all_simple(value)})
        self.simple = _simple_font(pdf, face)
        self._codes: dict[str, int] = {}
        self._composite: pikepdf.Object | None = None
        if wide:
            self._composite, self._codes = _composite_font(pdf, face, "".join(wide).replace("\n", ""))

    @staticmethod
    def _all_simple(text: str) -> bool:
        return all(character in SIMPLE or character == "\n" for character in text)

    def of(self, text: str) -> tuple[str, pikepdf.Object]:
        """The font of a value: its name in the resources, and the font."""
        if self._all_simple(text) or self._composite is None:
            return "/F0", self.simple
        return "/F1", self._composite

    def encoded(self, text: str, name: str) -> str:
        """The codes of a text in that font, in hexadecimal."""
        if name == "/F0":
            return "".join(f"{SIMPLE[character]:02X}" for character in text)
        return "".join(f"{self._codes[character]:04X}" for character in text)


def _cut(face: FontFace, characters: str) -> TTFont:
    """A face with these characters only, its outlines unchanged. Two runs give the same bytes."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [1, 2, 6]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "DSIG"]
    options.recalc_timestamp = False
    font = TTFont(BytesIO(face.file.data), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    return font


def _embedded(pdf: pikepdf.Pdf, font: TTFont, name: str, flags: int) -> pikepdf.Object:
    """The font file in the PDF, with its description."""
    data = BytesIO()
    font.save(data)
    units = font["head"].unitsPerEm
    scaled = [
        round(value * 1000 / units)
        for value in (font["head"].xMin, font["head"].yMin, font["head"].xMax, font["head"].yMax)
    ]
    file = pdf.make_stream(data.getvalue())
    file.Length1 = len(data.getvalue())
    return pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + name),
            Flags=flags,
            FontBBox=Array(scaled),
            ItalicAngle=0,
            Ascent=round(font["hhea"].ascent * 1000 / units),
            Descent=round(font["hhea"].descent * 1000 / units),
            CapHeight=660,
            StemV=80,
            FontFile2=file,
        )
    )


@lru_cache(maxsize=4)
def _simple_cut(face: FontFace) -> TTFont:
    """The simple font of a face. Cutting it takes a tenth of a second, so it is kept."""
    return _cut(face, "".join(SIMPLE))


def _simple_font(pdf: pikepdf.Pdf, face: FontFace) -> pikepdf.Object:
    font = _simple_cut(face)
    name = "CLINIC+" + face.family.replace(" ", "") + "-Fields"
    units, glyphs, advances = font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"]
    blank = round(advances[".notdef"][0] * 1000 / units)
    widths = [
        round(advances[glyphs[ord(_cp1252(code))]][0] * 1000 / units)
        if _cp1252(code) and ord(_cp1252(code)) in glyphs
        else blank
        for code in range(FIRST, LAST + 1)
    ]
    nonsymbolic = 1 << 5  # ISO 32000-1, table 123
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/" + name),
            FirstChar=FIRST,
            LastChar=LAST,
            Widths=Array(widths),
            FontDescriptor=_embedded(pdf, font, name, nonsymbolic),
            Encoding=Name.WinAnsiEncoding,
        )
    )


def _composite_font(pdf: pikepdf.Pdf, face: FontFace, characters: str) -> tuple[pikepdf.Object, dict[str, int]]:
    """A font for any letters of a face: two bytes a glyph, and a map back to the letters for extraction."""
    font = _cut(face, characters)
    name = "VALUES+" + face.family.replace(" ", "") + "-Values"
    units, glyphs = font["head"].unitsPerEm, font.getBestCmap()
    codes = {character: font.getGlyphID(glyphs[ord(character)]) for character in characters}
    advances = {code: round(font["hmtx"][glyphs[ord(c)]][0] * 1000 / units) for c, code in codes.items()}
    widths = Array()
    for code, advance in sorted(advances.items()):
        widths.append(code)
        widths.append(Array([advance]))
    rows = "\n".join(
        f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
        for character, code in sorted(codes.items(), key=lambda pair: pair[1])
    )
    to_unicode = pdf.make_stream(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{len(codes)} beginbfchar\n{rows}\nendbfchar\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end\n"
        ).encode()
    )
    symbolic = 1 << 2
    system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name("/" + name),
            CIDSystemInfo=system,
            FontDescriptor=_embedded(pdf, font, name, symbolic),
            W=widths,
            CIDToGIDMap=Name.Identity,
        )
    )
    whole = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/" + name),
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([descendant]),
        ToUnicode=to_unicode,
    )
    return pdf.make_indirect(whole), codes
