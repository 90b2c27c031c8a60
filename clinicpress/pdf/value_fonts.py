"""The fonts of the values of one document.

Two kinds serve all fields. Typed text in viewers can use one simple font only, of the characters of Windows-1252; it
is embedded once and named in every field. A value with other letters gets a composite font made for it: each cluster
of letters is one glyph there, and its map back to text gives the letters as they were typed.
Source: ISO 32000-1, 9.6 (simple fonts), 9.7 (composite fonts), 9.10.3 (the map to Unicode).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import groupby

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Array, Dictionary, Name

from clinicpress.clinics import FontFace
from clinicpress.pdf.shaping import EM, LetterCluster, outline, shape

FIRST, LAST = 32, 255  # the codes of a simple font
CURVE_ERROR = 0.5  # thousandths of the size by which a quadratic curve may leave the cubic one it stands for


def _cp1252(code: int) -> str:
    return bytes([code]).decode("cp1252", "ignore")


SIMPLE = {_cp1252(code): code for code in range(FIRST, LAST + 1) if _cp1252(code).isprintable() and _cp1252(code)}
"""The characters that typed text can have, with their codes."""
_WRITABLE = frozenset(SIMPLE) | {"\n"}


def is_simple(text: str) -> bool:
    """Whether the simple font can write a text."""
    return _WRITABLE.issuperset(text)


class ValueFonts:
    """Which fonts the values of one document are written in: the simple one (number 0), and composite ones as needed.

    `faces` are what values may be set in, the first of them before the others; face n gives the composite font n + 1.
    """

    def __init__(self, faces: tuple[FontFace, ...]) -> None:
        self.faces = faces
        self._codes: dict[int, dict[LetterCluster, int]] = {}

    def written(self, text: str, size: float) -> tuple[bytes, set[int]]:
        """The operators that write one line from where the pen stands, and the numbers of the fonts they name."""
        if is_simple(text):
            return b"/F0 %g Tf <%b> Tj\n" % (size, text.encode("cp1252").hex().upper().encode()), {0}
        content, named = b"", set()
        for number, group in groupby(shape(text, self.faces).clusters, key=lambda cluster: cluster.face):
            named.add(number + 1)
            known = self._codes.setdefault(number, {})
            codes = "".join(f"{known.setdefault(cluster, len(known) + 1):04X}" for cluster in group)
            content += b"/F%d %g Tf <%b> Tj\n" % (number + 1, size, codes.encode())
        return content, named

    def composite(self) -> Iterator[tuple[int, FontFace, tuple[LetterCluster, ...]]]:
        """The composite fonts that were needed: number, face, and the clusters that were written, code 1 the first."""
        for number, known in self._codes.items():
            yield number + 1, self.faces[number], tuple(known)


class FontObjects:
    """The fonts of the values as objects of one PDF.

    When all values are written, `embed` completes the composite ones.
    """

    def __init__(self, pdf: pikepdf.Pdf, fonts: ValueFonts) -> None:
        self._pdf = pdf
        self.fonts = fonts
        self._composite: dict[int, pikepdf.Object] = {}

    @cached_property
    def simple(self) -> pikepdf.Object:
        """The simple font. It is made when first asked for: a form on paper may need none."""
        return _simple_font(self._pdf, self.fonts.faces[0])

    def resources(self, numbers: Iterable[int]) -> pikepdf.Object:
        """The resources of a drawing that names these fonts."""
        return Dictionary(Font=Dictionary({f"/F{number}": self._font(number) for number in sorted(numbers)}))

    def _font(self, number: int) -> pikepdf.Object:
        if number == 0:
            return self.simple
        if number not in self._composite:
            self._composite[number] = self._pdf.make_indirect(Dictionary())
        return self._composite[number]

    def embed(self) -> None:
        """Puts the composite fonts into the file, each with the clusters that were written."""
        for number, face, clusters in self.fonts.composite():
            for key, value in composite_font(self._pdf, face, clusters).items():
                self._composite[number][key] = value


def _cut(face: FontFace, characters: str) -> TTFont:
    """A face with these characters only, its outlines unchanged. Two runs give the same bytes."""
    from fontTools import subset  # noqa: PLC0415  loading it takes a tenth of a second, and forms for a pen need none

    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [1, 2, 6]
    options.drop_tables += ["STAT", "DSIG"]
    options.recalc_timestamp = False
    font = TTFont(BytesIO(face.file.data), recalcTimestamp=False)
    for table in ("GSUB", "GPOS", "GDEF"):  # taken out first: reading them takes a second
        if table in font:
            del font[table]
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    return font


def _embedded(pdf: pikepdf.Pdf, font: TTFont, data: bytes, name: str, flags: int) -> pikepdf.Object:
    """The font file in the PDF, with its description."""
    head, hhea = font["head"], font["hhea"]
    scaled = [round(value * EM / head.unitsPerEm) for value in (head.xMin, head.yMin, head.xMax, head.yMax)]
    file = pdf.make_stream(data)
    file.Length1 = len(data)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + name),
            Flags=flags,
            FontBBox=Array(scaled),
            ItalicAngle=0,
            Ascent=round(hhea.ascent * EM / head.unitsPerEm),
            Descent=round(hhea.descent * EM / head.unitsPerEm),
            CapHeight=660,
            StemV=80,
            FontFile2=file,
        )
    )


@lru_cache(maxsize=4)
def _simple_cut(face: FontFace) -> tuple[TTFont, bytes]:
    """The simple font of a face, and its file. Making it takes a tenth of a second, so it is kept."""
    font, data = _cut(face, "".join(SIMPLE)), BytesIO()
    font.save(data)
    return font, data.getvalue()


def _simple_font(pdf: pikepdf.Pdf, face: FontFace) -> pikepdf.Object:
    font, data = _simple_cut(face)
    name = "CLINIC+" + face.family.replace(" ", "") + "-Fields"
    units, glyphs, advances = font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"]
    blank = round(advances[".notdef"][0] * EM / units)
    widths = [
        round(advances[glyphs[ord(_cp1252(code))]][0] * EM / units)
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
            FontDescriptor=_embedded(pdf, font, data, name, nonsymbolic),
            Encoding=Name.WinAnsiEncoding,
        )
    )


def composite_font(pdf: pikepdf.Pdf, face: FontFace, clusters: Sequence[LetterCluster]) -> pikepdf.Object:
    """A font of clusters: code 1 is the first, two bytes a code."""
    font, data = _drawn(face, clusters)
    name = "VALUES+" + face.family.replace(" ", "") + "-Values"
    widths = Array([1, Array([cluster.advance for cluster in clusters])])
    symbolic = 1 << 2
    system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name("/" + name),
            CIDSystemInfo=system,
            FontDescriptor=_embedded(pdf, font, data, name, symbolic),
            W=widths,
            CIDToGIDMap=Name.Identity,
        )
    )
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/" + name),
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([descendant]),
        ToUnicode=pdf.make_stream("\n".join(_map_to_text(clusters)).encode()),
    )


class _Drawing(Glyph):  # type: ignore[misc]
    """A cluster as it is drawn. It is packed once, and goes into the font of every patient whose name has it."""

    def __init__(self, pen: TTGlyphPen) -> None:
        self.__dict__.update(pen.glyph().__dict__)
        self.recalcBounds(None)
        self._packed: bytes = super().compile(None, recalcBBoxes=False)

    def compile(self, *_: object, **__: object) -> bytes:
        """Its bytes in a font."""
        return self._packed


@lru_cache(maxsize=4096)
def _drawing(cluster: LetterCluster, face: FontFace) -> _Drawing:
    pen = TTGlyphPen(None)
    outline(cluster, face, Cu2QuPen(pen, CURVE_ERROR))
    return _Drawing(pen)


def _drawn(face: FontFace, clusters: Sequence[LetterCluster]) -> tuple[TTFont, bytes]:
    """A font file with one glyph for each cluster. Two runs give the same bytes."""
    names = [".notdef", *(f"cluster{code}" for code in range(1, len(clusters) + 1))]
    glyphs = {".notdef": _Drawing(TTGlyphPen(None))}
    advances = {".notdef": (EM // 2, 0)}
    for name, cluster in zip(names[1:], clusters, strict=True):
        glyphs[name] = _drawing(cluster, face)
        advances[name] = (cluster.advance, getattr(glyphs[name], "xMin", 0))
    builder = FontBuilder(EM, isTTF=True)
    builder.setupHead(unitsPerEm=EM, created=0, modified=0)
    builder.setupGlyphOrder(names)
    builder.setupGlyf(glyphs, calcGlyphBounds=False)
    builder.setupHorizontalMetrics(advances)
    builder.setupHorizontalHeader(ascent=EM, descent=-EM // 4)
    builder.setupMaxp()
    builder.font.recalcTimestamp = False
    data = BytesIO()
    builder.font.save(data)
    return builder.font, data.getvalue()


def _map_to_text(clusters: Sequence[LetterCluster]) -> Iterator[str]:
    """The map from codes back to letters, in blocks of at most 100 as the format asks.

    Letters stand on the page as the eye meets them. Poppler, pdfium and pdf.js turn a line that runs to the left letter
    by letter, also inside a cluster, so there its letters are given from left to right too.
    """
    yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
    yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "1 begincodespacerange <0000> <FFFF> endcodespacerange"
    for start in range(0, len(clusters), 100):
        block = clusters[start : start + 100]
        yield f"{len(block)} beginbfchar"
        for code, cluster in enumerate(block, start + 1):
            letters = cluster.text[::-1] if cluster.leftward else cluster.text
            yield f"<{code:04X}> <{letters.encode('utf-16-be').hex().upper()}>"
        yield "endbfchar"
    yield "endcmap CMapName currentdict /CMap defineresource pop end end"
