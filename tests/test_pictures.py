"""Pictures: read whole when they are read, and either fit for print or named at their line, whatever file they are.

The families of faults stand here as tables. A picture that prints is looked at in its colours; one that does not has a
finding that says what to do. The same bytes in give the same bytes out.
"""

import struct
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageFile
from PIL.PngImagePlugin import PngInfo

from clinicpress import library
from clinicpress.documents import figures
from clinicpress.documents.blocks import Asset
from clinicpress.errors import Problem
from clinicpress.library.pictures import read_picture
from tests.instruments import verapdf
from tests.lint.shelf import Shelf, change, forked, stock
from tests.prints import ROOT

CASES = ROOT / "tests" / "cases"
RED, TEAL, WHITE = (200, 30, 40), (11, 74, 86), (255, 255, 255)


def read(data: bytes, name: str, folder: Path) -> tuple[Asset | None, list[Problem]]:
    (folder / name).write_bytes(data)
    return read_picture(folder / name, folder, ("handout.en.md", 7))


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def plain(mode: str = "RGB", color: object = RED, size: tuple[int, int] = (40, 20)) -> Image.Image:
    return Image.new(mode, size, color)  # type: ignore[arg-type]


def chunk(kind: bytes, data: bytes, *, right: bool = True) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ (not right))


def png(depth: int, color: int, row: bytes, *more: bytes, side: int = 8, rows: int = 8) -> bytes:
    """A PNG written by hand, for what Pillow does not write: `row` is a line of points, `more` are further chunks."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, rows, depth, color, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress((b"\0" + row) * rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + chunk(b"IEND", b"")


def profile(gamma: float = 1.0, space: bytes = b"RGB ") -> bytes:
    """A colour profile in which the curves of the three colours, or of grey, have this gamma. Source: ICC.1:2001."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)

    def place(x: float, y: float, z: float) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(one * 65536)) for one in (x, y, z))

    tags = {b"wtpt": place(0.9642, 1, 0.8249), b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"a\0" + bytes(78)}
    if space == b"RGB ":
        tags |= {b"rXYZ": place(0.4361, 0.2225, 0.0139), b"gXYZ": place(0.3851, 0.7169, 0.0971)}
        tags |= {b"bXYZ": place(0.1431, 0.0606, 0.7139), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    else:
        tags[b"kTRC"] = curve
    table, data, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    head = bytes(4) + bytes(4) + bytes([2, 0x10, 0, 0]) + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(24)
    head += bytes(4) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    whole = head + table + data
    return struct.pack(">I", len(whole)) + whole[4:]


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def sideways(kind: str, mode: str = "RGB") -> bytes:
    """A photo that was taken sideways: its left half is red, and belongs on top."""
    photo = Image.new("RGB", (40, 20), WHITE)
    photo.paste(RED, (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(photo.convert(mode), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))


def with_marker(data: bytes, before: int, after: int) -> bytes:
    place = data.index(bytes([0xFF, before]))
    return data[: place + 1] + bytes([after]) + data[place + 2 :]


NOISE = Image.effect_noise((300, 200), 90)
PHOTO = saved(Image.merge("RGB", [NOISE, NOISE, NOISE]), "JPEG", quality=90)
SMALL = saved(Image.merge("RGB", [NOISE, NOISE, NOISE]), "PNG")
THREE = [plain(color=color) for color in (RED, TEAL, WHITE)]
GREY16 = struct.pack(">8H", *(value * 257 for value in (0, 30, 60, 90, 120, 150, 200, 255)))

# What cannot be printed: the file's name, its bytes, and words of the finding.
REFUSED: dict[str, tuple[str, bytes, str, str]] = {
    **{
        f"a photo of which {part} in a hundred are there": (
            "a.jpg",
            PHOTO[: len(PHOTO) * part // 100],
            "S12",
            "damaged",
        )
        for part in (1, 5, 50, 90, 99)
    },
    **{
        f"a PNG of which {part} in a hundred are there": ("a.png", SMALL[: len(SMALL) * part // 100], "S12", "damaged")
        for part in (1, 5, 50, 90, 99)
    },
    "a PNG without its end": ("a.png", SMALL[:-12], "S12", "damaged"),
    "a PNG with a wrong checksum in its points": (
        "a.png",
        SMALL.replace(b"IEND", b"IEND")[:-16] + bytes([SMALL[-16] ^ 1]) + SMALL[-15:],
        "S12",
        "damaged",
    ),
    "a PNG with a wrong checksum in its head": ("a.png", SMALL[:29] + bytes(4) + SMALL[33:], "S12", "damaged"),
    "a PNG with rubbish for points": (
        "a.png",
        SMALL[:33] + chunk(b"IDAT", b"rubbish, not packed") + chunk(b"IEND", b""),
        "S12",
        "damaged",
    ),
    "a PNG with too few rows": ("a.png", png(8, 0, bytes(8), rows=8)[:16] + b"\0", "S12", "damaged"),
    "a PNG that promises more rows than it has": (
        "a.png",
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 80, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
        + chunk(b"IEND", b""),
        "S12",
        "damaged",
    ),
    "a PNG of no width": ("a.png", png(8, 0, b"", side=0), "S12", "damaged"),
    "a PNG of no height": ("a.png", png(8, 0, bytes(8), rows=0), "S12", "damaged"),
    "a PNG of 3 bits": ("a.png", png(3, 0, bytes(3)), "S12", "damaged"),
    "a PNG without its palette": ("a.png", png(8, 3, bytes(8)), "S12", "damaged"),
    "a PNG that unpacks to far more than it says": (
        "a.png",
        png(8, 0, bytes(8), side=30_000, rows=2),
        "S12",
        "damaged",
    ),
    "a picture of 30,000 by 30,000 points": ("a.png", png(1, 0, b"", side=30_000, rows=30_000), "S15", "30000 x 30000"),
    "a PNG that moves": ("a.png", saved(THREE[0], save_all=True, append_images=THREE[1:]), "S12", "paper does not"),
    "a photo with holes": ("a.jpg", PHOTO[:200] + PHOTO[600:900], "S12", "damaged"),
    **{
        f"a photo that ends after {part} in a hundred": (
            "a.jpg",
            PHOTO[: len(PHOTO) * part // 100] + b"\xff\xd9",
            "S12",
            "damaged",
        )
        for part in (10, 50, 90, 98)
    },
    "a photo that ends early and has words behind": (
        "a.jpg",
        PHOTO[:9_000] + b"\xff\xd9" + bytes(900),
        "S12",
        "damaged",
    ),
    "a photo of no height": (
        "a.jpg",
        PHOTO[: PHOTO.index(b"\xff\xc0") + 5] + bytes(2) + PHOTO[PHOTO.index(b"\xff\xc0") + 7 :],
        "S12",
        "damaged",
    ),
    "no bytes, as PNG": ("a.png", b"", "S12", "damaged"),
    "no bytes, as JPEG": ("a.jpg", b"", "S12", "damaged"),
    "words, as JPEG": ("a.jpeg", b"This is not a picture.", "S12", "damaged"),
    "a PNG that is called JPEG": ("a.jpg", SMALL, "S12", "Name it a.png"),
    "a JPEG that is called PNG": ("a.png", PHOTO, "S12", "Name it a.jpg"),
    "a drawing that is called PNG": ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "S12", "Name it a.svg"),
    **{
        f"a {kind} that is called JPEG": ("a.jpg", saved(plain(), kind), "S12", f"it is a {kind} file")
        for kind in ("GIF", "TIFF", "BMP", "PDF")
    },
    "a WebP that is called PNG": ("a.png", saved(plain(), "WEBP"), "S12", "it is a WebP file"),
    "an AVIF that is called JPEG": ("a.jpg", saved(plain(), "AVIF"), "S12", "it is a AVIF file"),
    "a photo of a phone that is called JPEG": ("a.jpg", b"\0\0\0\x18ftypheic" + bytes(40), "S12", "it is a HEIC file"),
    "a TIFF": ("a.tif", saved(plain(), "TIFF"), "S12", "is not an SVG, PNG or JPEG file"),
    "a WebP": ("a.webp", saved(plain(), "WEBP"), "S12", "is not an SVG, PNG or JPEG file"),
    "a GIF that moves": ("a.gif", saved(plain("P", 3), "GIF"), "S12", "is not an SVG, PNG or JPEG file"),
    "a picture of 5,001 by 5,000 points": ("a.png", saved(Image.new("1", (5_001, 5_000))), "S15", "5001 x 5000"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_picture_that_cannot_be_printed_is_named_with_its_line_and_a_remedy(fault: str, tmp_path: Path) -> None:
    name, data, code, words = REFUSED[fault]
    asset, (found,) = read(data, name, tmp_path)
    assert asset is None
    assert (found.code, found.file, found.line, found.sentence) == (code, "handout.en.md", 7, name)
    assert words in f"{found.message} {found.remedy}"
    assert found.remedy


def cmyk(**options: object) -> bytes:
    return saved(plain("CMYK", (0, 255, 255, 0)), "JPEG", quality=95, **options)


# What prints: a name, its bytes, whether they stay as they are, and colours at places (in tenths of the sides).
KEPT, MADE_FIT = True, False
PRINTS: dict[str, tuple[str, bytes, bool, dict[tuple[int, int], tuple[int, ...]]]] = {
    "a PNG": ("a.png", saved(plain()), KEPT, {(5, 5): RED}),
    "a photo": ("a.jpg", saved(plain(), "JPEG", quality=95), KEPT, {(5, 5): RED}),
    "a progressive photo": ("a.jpeg", saved(plain(), "JPEG", quality=95, progressive=True), KEPT, {(5, 5): RED}),
    "a grey photo": ("a.jpg", saved(plain("L", 90), "JPEG"), KEPT, {(5, 5): (90, 90, 90)}),
    "a name in capitals": ("A.PNG", saved(plain()), KEPT, {(5, 5): RED}),
    "one bit": ("a.png", saved(plain("1", 1)), KEPT, {(5, 5): WHITE}),
    "a palette": ("a.png", saved(plain().quantize(4)), KEPT, {(5, 5): RED}),
    "a palette with glass": (
        "a.png",
        png(8, 3, bytes(8), chunk(b"PLTE", bytes(RED)), chunk(b"tRNS", b"\0")),
        KEPT,
        {(5, 5): WHITE},
    ),
    "grey with glass": ("a.png", saved(plain("LA", (90, 0))), KEPT, {(5, 5): WHITE}),
    "colour with glass": ("a.png", saved(plain("RGBA", (*RED, 0))), KEPT, {(5, 5): WHITE}),
    "colour half glass": ("a.png", saved(plain("RGBA", (0, 0, 0, 128))), KEPT, {(5, 5): (127, 127, 127)}),
    "rows woven into each other": ("a.png", png(8, 0, bytes([90] * 8)), KEPT, {(5, 5): (90, 90, 90)}),
    "four bits of grey": ("a.png", png(4, 0, b"\x0f" * 4), KEPT, {(0, 0): (0, 0, 0), (2, 0): WHITE}),
    "grey of 16 bits": (
        "a.png",
        png(16, 0, GREY16),
        MADE_FIT,
        {(0, 0): (0, 0, 0), (5, 5): (120, 120, 120), (9, 9): WHITE},
    ),
    "grey of 16 bits, a word of it glass": (
        "a.png",
        png(16, 0, GREY16, chunk(b"tRNS", struct.pack(">H", 30 * 257))),
        MADE_FIT,
        {(0, 0): (0, 0, 0), (2, 5): WHITE, (3, 5): (60, 60, 60)},
    ),
    "colour of 16 bits": (
        "a.png",
        png(16, 2, struct.pack(">3H", *(v * 257 for v in RED)) * 8),
        MADE_FIT,
        {(5, 5): RED},
    ),
    "colour of 16 bits, red being glass": (
        "a.png",
        png(
            16,
            2,
            struct.pack(">3H", *(v * 257 for v in RED)) * 8,
            chunk(b"tRNS", struct.pack(">3H", *(v * 257 for v in RED))),
        ),
        MADE_FIT,
        {(5, 5): WHITE},
    ),
    "grey and glass of 16 bits": ("a.png", png(16, 4, struct.pack(">2H", 90 * 257, 0) * 8), MADE_FIT, {(5, 5): WHITE}),
    "colour and glass of 16 bits": (
        "a.png",
        png(16, 6, struct.pack(">4H", *(v * 257 for v in (*RED, 255))) * 8),
        MADE_FIT,
        {(5, 5): RED},
    ),
    "grey, black being glass": (
        "a.png",
        png(8, 0, bytes([0, 90] * 4), chunk(b"tRNS", b"\0\0")),
        MADE_FIT,
        {(0, 0): WHITE, (2, 2): (90, 90, 90)},
    ),
    "four bits of grey, white being glass": (
        "a.png",
        png(4, 0, b"\x0f" * 4, chunk(b"tRNS", b"\0\x0f")),
        MADE_FIT,
        {(0, 0): (0, 0, 0), (2, 0): WHITE},
    ),
    "one bit, black being glass": ("a.png", png(1, 0, b"\x0f", chunk(b"tRNS", b"\0\0")), MADE_FIT, {(0, 0): WHITE}),
    "colour, red being glass": (
        "a.png",
        png(8, 2, bytes(RED) * 8, chunk(b"tRNS", struct.pack(">3H", *RED))),
        MADE_FIT,
        {(5, 5): WHITE},
    ),
    "four inks": ("a.jpg", cmyk(), MADE_FIT, {(5, 5): (254, 0, 0)}),
    "four inks with a profile for three colours": ("a.jpg", cmyk(icc_profile=SRGB), MADE_FIT, {(5, 5): (254, 0, 0)}),
    "four inks with a broken profile": ("a.jpg", cmyk(icc_profile=b"rubbish" * 40), MADE_FIT, {(5, 5): (254, 0, 0)}),
    "a photo taken sideways": ("a.jpg", sideways("JPEG"), MADE_FIT, {(5, 2): RED, (5, 8): WHITE}),
    "a PNG taken sideways": ("a.png", sideways("PNG"), MADE_FIT, {(5, 2): RED, (5, 8): WHITE}),
    "a palette taken sideways": ("a.png", sideways("PNG", "P"), MADE_FIT, {(5, 8): WHITE}),
    "notes of a camera, upright": ("a.jpg", saved(plain(), "JPEG", quality=95, exif=Image.Exif()), KEPT, {(5, 5): RED}),
    "broken notes of a camera": (
        "a.jpg",
        saved(plain(), "JPEG", quality=95, exif=b"Exif\0\0rubbish"),
        KEPT,
        {(5, 5): RED},
    ),
    "sRGB by its profile": ("a.png", saved(plain(), icc_profile=SRGB), KEPT, {(5, 5): RED}),
    "light that counts straight": (
        "a.png",
        saved(plain(color=(55, 55, 55)), icc_profile=profile()),
        MADE_FIT,
        {(5, 5): (128, 128, 128)},
    ),
    "a photo in light that counts straight": (
        "a.jpg",
        saved(plain(color=(55, 55, 55)), "JPEG", quality=95, icc_profile=profile()),
        MADE_FIT,
        {(5, 5): (128, 128, 128)},
    ),
    "glass over light that counts straight": (
        "a.png",
        saved(plain("RGBA", (55, 55, 55, 255)), icc_profile=profile()),
        MADE_FIT,
        {(5, 5): (128, 128, 128)},
    ),
    "grey that counts straight": (
        "a.png",
        saved(plain("L", 55), icc_profile=profile(1.0, b"GRAY")),
        MADE_FIT,
        {(5, 5): (128, 128, 128)},
    ),
    "a profile of colours on a grey picture": (
        "a.png",
        saved(plain("L", 90), icc_profile=profile()),
        KEPT,
        {(5, 5): (90, 90, 90)},
    ),
    "a profile of grey on a picture in colours": (
        "a.png",
        saved(plain(), icc_profile=profile(1.0, b"GRAY")),
        KEPT,
        {(5, 5): RED},
    ),
    "a profile that cannot be read": ("a.png", saved(plain(), icc_profile=b"rubbish" * 40), KEPT, {(5, 5): RED}),
    "words about the picture": ("a.png", saved(plain(), pnginfo=PngInfo()), KEPT, {(5, 5): RED}),
    "a photo with something behind its end": (
        "a.jpg",
        saved(plain(), "JPEG", quality=95) + bytes(999),
        KEPT,
        {(5, 5): RED},
    ),
    "red, green and blue without a word": (
        "a.jpg",
        saved(plain(), "JPEG", quality=95, keep_rgb=True).replace(b"\xff\xee\x00\x0eAdobe", b"\xff\xfe\x00\x0eAdobe"),
        MADE_FIT,
        {(5, 5): RED},
    ),
    "one point": ("a.png", saved(plain(size=(1, 1))), KEPT, {(0, 0): RED}),
}


@pytest.mark.parametrize("sort", PRINTS)
def test_a_picture_prints_in_its_own_colours_and_keeps_its_bytes_where_it_can(sort: str, tmp_path: Path) -> None:
    name, data, kept, colors = PRINTS[sort]
    asset, problems = read(data, name, tmp_path)
    assert problems == []
    assert asset is not None
    assert (asset.data == data) is kept
    assert (asset.original or asset.data) == data
    with Image.open(BytesIO(asset.data)) as picture:
        assert picture.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}
        assert picture.size == asset.size
        if not kept:
            assert not picture.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        on_white = Image.new("RGBA", picture.size, "white")
        on_white.alpha_composite(picture.convert("RGBA"))
    for (x, y), color in colors.items():
        seen = on_white.getpixel((x * picture.width // 10, y * picture.height // 10))
        assert isinstance(seen, tuple)
        assert max(abs(one - other) for one, other in zip(seen, color, strict=False)) <= 4, (seen, color)
    again, _ = read(data, name, tmp_path)
    assert again == asset


# Drawings -------------------------------------------------------------------------------------------------------------

SPACE = 'xmlns="http://www.w3.org/2000/svg"'


def drawing(inside: str, head: str = 'viewBox="0 0 100 50"') -> bytes:
    return f"<svg {SPACE} {head}>{inside}</svg>".encode()


# What a drawing cannot be: its bytes, and words of the finding.
UNFIT: dict[str, tuple[bytes, str]] = {
    **{
        f"a width of {width}": (drawing(f'<rect width="{width}" height="5"/>'), words)
        for width, words in {
            "1e400": "too large",
            "-1e400": "too large",
            "1e39": "too large",
            "1" * 400: "too large",
            "inf": "not a number",
            "-Infinity": "not a number",
            "NaN": "not a number",
            "1_000": "not a number",
            "٣": "not a number",
            "5 px": "not a number",
            "wide": "not a number",
            "5PX": "not a number",
            "5furlong": "not a number",
            "calc(5px + 5px)": "not a number",
            "0x10": "not a number",
        }.items()
    },
    "a place that is no number": (drawing('<circle cx="nan" cy="5" r="4"/>'), "not a number"),
    "an endless line": (drawing('<path d="M0 0L1e400 5" stroke="#111"/>'), "too large"),
    "a line to nowhere": (drawing('<path d="M0 0LNaN 5" stroke="#111"/>'), "breaks off after 'L'"),
    "a line to a word": (drawing('<path d="M0 0L five 5"/>'), "path"),
    "a path that breaks off": (drawing('<path d="M0 0L5"/>'), "breaks off after 'L'"),
    "a curve that breaks off": (drawing('<path d="M0 0C1 2 3 4 5"/>'), "breaks off after 'C'"),
    "an arc that breaks off": (drawing('<path d="M0 0A5 5 0 0 1"/>'), "breaks off after 'A'"),
    "an arc with a flag that is none": (drawing('<path d="M0 0A5 5 0 7 1 9 9"/>'), "breaks off after 'A'"),
    "corners that are no pairs": (drawing('<polygon points="0 0 5 5 9"/>'), "no pairs"),
    "an endless corner": (drawing('<polyline points="0 0 5 1e999"/>'), "too large"),
    "a move without end": (drawing('<g transform="translate(1e400)"><rect width="5" height="5"/></g>'), "too large"),
    "a move that is none": (drawing('<rect transform="translate(nan 4)" width="5" height="5"/>'), "not a number"),
    "a matrix of five": (drawing('<rect transform="matrix(1 0 0 1 5)" width="5" height="5"/>'), "cannot be read"),
    "a move in depth": (drawing('<rect transform="matrix3d(1 0 0 1 5)" width="5" height="5"/>'), "cannot be read"),
    "a move that never closes": (drawing('<rect transform="scale(2" width="5" height="5"/>'), "cannot be read"),
    "a thick line in a style": (drawing('<path style="fill:none;stroke-width:1e400" d="M0 0L5 5"/>'), "too large"),
    "a thick line in a style sheet": (
        drawing("<style>path{stroke-width:NaN}</style><path d='M0 0L5 5'/>"),
        "not a number",
    ),
    "glass that is no number": (drawing('<rect opacity="nan" width="5" height="5"/>'), "not a number"),
    "dashes without end": (drawing('<path stroke-dasharray="1 inf" d="M0 0L5 5"/>'), "not a number"),
    "letters without end": (drawing('<text font-size="1e400" y="9">A</text>'), "too large"),
    "a fade without end": (
        drawing(
            '<linearGradient id="a" x1="1e400"><stop offset="0"/></linearGradient>'
            '<rect fill="url(#a)" width="5" height="5"/>'
        ),
        "too large",
    ),
    "a colour of four inks": (drawing('<rect fill="device-cmyk(0 1 1 0)" width="5" height="5"/>'), "device-cmyk"),
    "a colour of a profile": (drawing('<rect fill="#c00 icc-color(a, 1)" width="5" height="5"/>'), "icc-color"),
    "a colour without end": (drawing('<rect fill="rgb(1e400 0 0)" width="5" height="5"/>'), "too large"),
    "a colour of five digits": (drawing('<rect fill="#12345" width="5" height="5"/>'), "its colour is none"),
    **{
        f"a page that is {head}": (drawing('<rect width="5" height="5"/>', head), words)
        for head, words in {
            'width="1e400" height="5"': "too large",
            'width="nan" height="5"': "not a number",
            'width="0" height="5"': "is nothing",
            'width="-5" height="5" viewBox="0 0 5 5"': "is nothing",
            'width="5" height="0mm" viewBox="0 0 5 5"': "is nothing",
            'style="width:0" viewBox="0 0 5 5"': "is nothing",
            'viewBox="0 0 0 5"': "no area",
            'viewBox="0 0 5 -5"': "no area",
            'viewBox="0 0 1e-320 5"': "no area",
            'viewBox="0 0 5"': "four numbers",
            'viewBox="0 0 inf 5"': "not a number",
            'viewBox="0 0 1e999 5"': "too large",
            "": "how large it is",
            'width="100%" height="100%"': "how large it is",
            'width="50"': "how large it is",
        }.items()
    },
    "groups within groups": (drawing("<g>" * 5_000 + "</g>" * 5_000), "within each other"),
    "groups that end the interpreter": (drawing("<g>" * 300_000 + "</g>" * 300_000), "within each other"),
    "far too many parts": (drawing("<g/>" * 60_000), "parts"),
    "far too many numbers": (drawing(f'<polyline points="{"1 2 " * 60_000}"/>'), "too many numbers"),
    "an older grammar of somebody's own": (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + drawing(""), "DOCTYPE"),
    "an older grammar from elsewhere": (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://elsewhere.example/a.dtd">' + drawing(""),
        "DOCTYPE",
    ),
    "no drawing": (b"<html/>", "not an SVG drawing"),
    "half a drawing": (drawing('<rect width="5" height="5"/>')[:-9], "not well-formed"),
}


@pytest.mark.parametrize("fault", UNFIT)
def test_a_drawing_with_something_that_is_no_number_is_named_with_its_line(fault: str, tmp_path: Path) -> None:
    data, words = UNFIT[fault]
    asset, (found,) = read(data, "a.svg", tmp_path)
    assert asset is None
    assert (found.code, found.file, found.line, found.sentence) == ("S12", "handout.en.md", 7, "a.svg")
    assert words in found.message
    assert len(found.message) < 250
    assert found.remedy


BOX = '<rect width="100" height="50" fill="#c81e28"/>'
# What prints: the bytes of a drawing, and its size.
SOUND: dict[str, tuple[bytes, tuple[float, float]]] = {
    "a box of its own": (drawing(BOX), (100, 50)),
    "points": (drawing(BOX, 'width="75pt" height="37.5pt" viewBox="0 0 100 50"'), (100, 50)),
    "millimetres": (drawing(BOX, 'width="25.4mm" height="12.7mm" viewBox="0 0 100 50"'), (96, 48)),
    "inches, without a box": (drawing(BOX, 'width="1in" height=".5in"'), (96, 48)),
    "a share of the page": (drawing(BOX, 'width="100%" height="100%" viewBox="0 0 100 50"'), (100, 50)),
    "a width alone": (drawing(BOX, 'width="200" viewBox="0 0 100 50"'), (200, 100)),
    "a height alone": (drawing(BOX, 'height="25" viewBox="0,0,100,50"'), (50, 25)),
    "a size in a style": (drawing(BOX, 'style="width:200px;height:100px" viewBox="0 0 100 50"'), (200, 100)),
    "what Illustrator writes": (
        b'<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator: Adobe Illustrator -->\n<!DOCTYPE svg PUBLIC '
        b'"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n' + drawing(BOX),
        (100, 50),
    ),
    "paths in short": (
        drawing(
            BOX + '<path d="M.5.5l1-2 3,4m5-5.5.5.5H9v-1c1-1 2-2 3-3s1 1 2 2q1 1 2 2t1 1a1 1 0 01.5.5 2 2 0 11-1-1z"/>'
        ),
        (100, 50),
    ),
    "moves": (drawing(f'<g transform="translate(1,-2) rotate(4 5 6)  scale(1e0),skewX(3deg)">{BOX}</g>'), (100, 50)),
    "words where numbers could be": (
        drawing(
            f'{BOX}<path stroke-dasharray="none" stroke-width="inherit" style="letter-spacing:normal" d="M0 0h5"/>'
        ),
        (100, 50),
    ),
    "a style sheet": (
        drawing(
            f"<style>/* a: b; */ .a {{ fill: #111; stroke-width: 2px !important }}</style>{BOX}"
            "<path class='a' d='M0 0h5'/>"
        ),
        (100, 50),
    ),
    "notes of a program": (
        drawing(BOX, 'xmlns:i="http://ink.example" i:zoom="NaN" viewBox="0 0 100 50"').replace(
            b"</svg>", b'<i:view width="inf"/></svg>'
        ),
        (100, 50),
    ),
    "colours": (
        drawing(
            BOX + '<g fill="none" stroke="currentColor" color="rgb(10% 20% 30%)">'
            '<path stroke="hsl(120,50%,50%)" d="M0 0h5"/>'
            '<path stroke="teal" stop-color="#abc" d="M0 0h5"/></g>'
        ),
        (100, 50),
    ),
    "a fade": (
        drawing(
            '<linearGradient id="a" x2="100%"><stop offset="0%" stop-color="#c81e28"/>'
            '<stop offset="1" stop-color="#c81e28"'
            ' stop-opacity="1"/></linearGradient><rect width="100" height="50" fill="url(#a)"/>'
        ),
        (100, 50),
    ),
}


@pytest.mark.parametrize("sort", SOUND)
def test_a_drawing_that_prints_is_taken_with_its_size(sort: str, tmp_path: Path) -> None:
    data, size = SOUND[sort]
    asset, problems = read(data, "a.svg", tmp_path)
    assert problems == []
    assert asset is not None
    assert asset.size == pytest.approx(size)
    assert (asset.original or asset.data) == data


# On paper -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def figure(name: str, number: int = 1) -> str:
    return f'![Picture {number}.]({name} "Caption {number}")'


def above_captions(file: Path, count: int) -> list[tuple[int, ...]]:
    """The colours on paper some way above each caption."""
    seen: dict[int, tuple[int, ...]] = {}
    with pypdfium2.PdfDocument(file) as document:
        for page in document:
            words, picture, height = (
                page.get_textpage(),
                page.render(scale=1).to_pil().convert("RGB"),
                page.get_height(),
            )
            for number in range(count):
                if found := words.search(f"Caption {number}", match_whole_word=True).get_next():
                    _, _, _, top = words.get_charbox(found[0])
                    color = picture.getpixel((picture.width // 2, round(height - top) - 30))
                    assert isinstance(color, tuple)
                    seen[number] = color
    return [seen[number] for number in range(count)]


def test_every_sort_of_picture_stands_on_the_paper_in_its_colours_and_the_file_keeps_its_standards(
    shelf: Shelf,
) -> None:
    sorts = [(name, data, colors[5, 5]) for name, data, _, colors in PRINTS.values() if set(colors) == {(5, 5)}]
    sorts += [("a.svg", data, RED) for data, _ in SOUND.values()]
    for number, (name, data, _) in enumerate(sorts):
        (shelf.handout.parent / f"{number}{name}").write_bytes(data)
    figures = "\n\n".join(
        figure(f"{number}{name}", number) + '{width="100%"}' for number, (name, _, _) in enumerate(sorts)
    )
    change(shelf.handout, ("Please call our office.", f"Please call our office.\n\n{figures}"))
    ran = forked("build", "--kind", "handout", *shelf.options, "--out", str(shelf.folder / "out"))
    assert ran.returncode == 0, ran.stderr
    file = shelf.folder / "out" / "ear-rinse" / "handout.en.pdf"
    assert verapdf.validate([file])[file] == []
    assert above_captions(file, len(sorts)) == [pytest.approx(color, abs=4) for _, _, color in sorts]


CASE_FAULTS = {
    "picture-cut-short": ("pic.jpg: it is damaged", "Get it again"),
    "picture-bad-checksum": ("pic.png: it is damaged", "Get it again"),
    "drawing-with-infinite-width": ("pic.svg: it holds a number that is too large", "Save it again as plain SVG"),
}


@pytest.mark.parametrize("command", ["build", "check"])
@pytest.mark.parametrize("topic", CASE_FAULTS)
def test_check_and_build_name_a_picture_that_cannot_be_printed_alike(topic: str, command: str, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "out")] if command == "build" else []
    ran = forked(command, topic, "--handouts", str(CASES / "pages"), *out)
    assert ran.returncode == 2, ran.stderr
    line = (CASES / "pages" / topic / "handout.en.md").read_text(encoding="utf-8").split("\n![")[0].count("\n") + 2
    said = ran.stdout + ran.stderr
    assert f"handout.en.md:{line}: error S12 broken-figure" in said
    for words in CASE_FAULTS[topic]:
        assert words in said
    assert not (tmp_path / "out").exists()


LARGE_A4 = ("--profile", "large-print", "--paper", "a4")


@pytest.mark.parametrize(
    ("topic", "options"),
    [
        ("picture-16-bit-grey", ()),
        ("picture-cmyk", LARGE_A4),
        ("pictures", ()),
        *(pytest.param(*one, marks=pytest.mark.soak) for one in (("picture-cmyk", ()), ("pictures", LARGE_A4))),
        pytest.param("picture-16-bit-grey", LARGE_A4, marks=pytest.mark.soak),
    ],
)
def test_pictures_of_the_cases_print_and_the_file_keeps_its_standards(
    topic: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    ran = forked("build", topic, "--handouts", str(CASES / "pages"), "--out", str(tmp_path), *options)
    assert ran.returncode == 0, ran.stderr
    (file,) = tmp_path.rglob("*.pdf")
    assert verapdf.validate([file])[file] == []


def test_a_cut_picture_is_named_also_where_the_engine_was_loaded_that_lets_it_pass(tmp_path: Path) -> None:
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # as WeasyPrint leaves it
    _, (found,) = read(PHOTO[:9_000], "a.jpg", tmp_path)
    assert found.code == "S12"


def test_an_approval_is_bound_to_the_file_of_a_picture_and_not_to_what_was_made_of_it(shelf: Shelf) -> None:
    picture = shelf.handout.parent / "a.jpg"
    picture.write_bytes(cmyk())
    change(shelf.handout, ("Please call our office.", f"Please call our office.\n\n{figure('a.jpg')}"))
    document = library.read_document(shelf.handout)
    (shown,) = figures(tuple(document.blocks()))
    assert shown.drawing.data != picture.read_bytes()
    whole = sha256(shelf.handout.read_text(encoding="utf-8").encode())
    whole.update(b"\0a.jpg\0" + sha256(picture.read_bytes()).digest())
    assert document.revision.digest == whole.hexdigest()
