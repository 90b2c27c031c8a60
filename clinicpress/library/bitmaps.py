"""Pictures of points (PNG, JPEG), decoded whole and made fit for print (the only door to Pillow)."""

import re
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageFile

from clinicpress.library.drawings import Size, UnfitError
from clinicpress.library.rules import BROKEN_FIGURE, IMAGE_TOO_LARGE

MAX_PIXELS = 25_000_000  # a full Letter page at 500 dots an inch
SMALLER = "Save it smaller: 300 dots an inch are enough."

# What a damaged file makes Pillow and zlib raise.
_BROKEN: tuple[type[Exception], ...] = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(struct.error, zlib.error),
)
_SIGNS = (
    *((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"II*\0", "TIFF")),
    *(
        (b"MM\0*", "TIFF"),
        (b"BM", "BMP"),
        (b"%PDF", "PDF"),
        (b"8BPS", "Photoshop"),
        (b"<svg", "SVG"),
        (b"<?xml", "SVG"),
    ),
)
_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "SVG": ".svg"}


def _kind_of(data: bytes) -> str:
    """What sort of picture a file holds, whatever its name says; nothing when nobody knows."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return "AVIF" if data[8:12] in (b"avif", b"avis") else "HEIC"
    return next((kind for sign, kind in _SIGNS if data.startswith(sign)), "")


def read_bitmap(data: bytes, path: Path, expected: str) -> tuple[bytes, Size]:
    """A picture of points as it prints, decoded whole, and its width and height in points. Raises `UnfitError`.

    It keeps its bytes unless it has to be changed: four inks (CMYK) and other colour profiles become sRGB, 16 bits
    become 8, a photo that was taken sideways is turned. The same bytes always become the same bytes.
    """
    found = _kind_of(data)
    if found != expected and found:
        name = path.with_suffix(_SUFFIXES[found]).name if found in _SUFFIXES else ""
        remedy = f"Name it {name}, and write that name here." if name else "Open it, and save it as PNG or JPEG."
        raise UnfitError(BROKEN_FIGURE, f"it is a {found} file, not what its name says.", remedy)
    damaged = UnfitError(
        BROKEN_FIGURE, "it is damaged, or not what its name says.", "Get it again, or save it again as PNG."
    )
    Image.MAX_IMAGE_PIXELS = None  # the size is ours to judge, before anything is decoded
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint switches it on, and a cut picture would print as a grey field
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data), formats=[expected]) as picture:
                width, height = picture.size
                moving = expected == "PNG" and getattr(picture, "is_animated", False)
        except _BROKEN as error:
            raise damaged from error
        if width * height > MAX_PIXELS:
            raise UnfitError(IMAGE_TOO_LARGE, f"it has {width} x {height} points.", SMALLER)
        if moving:
            raise UnfitError(BROKEN_FIGURE, "it moves, and paper does not.", "Save one picture of it, as PNG or JPEG.")
        try:
            if not (_whole_png(data) if expected == "PNG" else _whole_jpeg(data)):
                raise damaged
            with Image.open(BytesIO(data), formats=[expected]) as picture:
                picture.load()
                printable = _printable(picture, data)
        except _BROKEN as error:
            raise damaged from error
    if printable is picture:
        return data, (float(width), float(height))
    printable.info.clear()  # what it said about itself holds no more
    file = BytesIO()
    if expected == "JPEG":
        printable.save(file, "JPEG", quality=95, subsampling=0, optimize=False, progressive=False)
    else:
        printable.save(file, "PNG", compress_level=6, optimize=False)
    return file.getvalue(), (float(printable.width), float(printable.height))


def _whole_png(data: bytes) -> bool:
    """Whether every part of a PNG has its checksum, and all its points are there; Pillow leaves black what lacks.

    Raises what `zlib` and `struct` raise. Source: PNG (Third Edition), 5 and 8.
    """
    width, height, depth, color, _, _, woven = struct.unpack(">IIBBBBB", data[16:29])
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    sizes = [(-(-(width - x) // across), -(-(height - y) // down)) for x, y, across, down in _WOVEN[woven]]
    wanted = sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0)
    unpacking, place, palette = zlib.decompressobj(), len(_SIGNS[0][0]), color != 3
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        if zlib.crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return False
        kind, packed = data[place + 4 : place + 8], data[place + 8 : end]
        while kind == b"IDAT" and packed and wanted > 0 and not unpacking.eof:
            wanted -= len(unpacking.decompress(packed, 1 << 20))
            packed = unpacking.unconsumed_tail
        palette = palette or kind == b"PLTE"
        if kind == b"IEND":
            return wanted <= 0 and palette
        place = end + 4
    return False


_WOVEN = (  # where the points of each pass begin, and how far apart they are
    ((0, 0, 1, 1),),
    ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def _whole_jpeg(data: bytes) -> bool:
    """Whether a photo that has an end has all its points before it: the decoder fills with grey what lacks.

    Without its end, and with some nothing there, it has to come out whole: else there were too few. A photo in several
    passes (progressive) is told apart by its marks; what it lacks is sharpness, not a part.
    """
    start = data.find(b"\xff\xda")
    start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    mark = _MARK.search(data, start)
    if mark is None or mark[0] != b"\xff\xd9":
        return mark is not None
    with Image.open(BytesIO(data[: mark.start()] + bytes(32)), formats=["JPEG"]) as picture:
        picture.draft(picture.mode, (picture.width // 8, picture.height // 8))
        picture.load()  # raises OSError when points lack
    return True


_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a number of the photo, nor one that restarts the reading


def _printable(picture: Image.Image, data: bytes) -> Image.Image:
    """A decoded picture as it prints: the same one when it does so as it is."""
    plain, png = picture, picture.format == "PNG"
    if png and (data[DEPTH] == 16 or ("transparency" in picture.info and picture.mode != "P")):
        plain = _with_eight_bits(picture, data[DEPTH])
    try:
        turn = picture.getexif().get(ORIENTATION, 1)
    except _BROKEN:  # notes of the camera that nobody can read say nothing
        turn = 1
    turns = dict(enumerate((Image.Transpose(number) for number in (0, 3, 1, 5, 4, 6, 2)), 2))
    if turn in turns:
        plain = _without_palette(plain).transpose(turns[turn])
    if profile := picture.info.get("icc_profile"):
        plain = _in_srgb(plain, profile)
    if plain.mode == "CMYK":
        # Nobody said which inks: each takes its share of the light, red = (1 - cyan)(1 - black), as browsers reckon it.
        # Source: CSS Color Module Level 5, conversion of uncalibrated CMYK.
        plain = plain.convert("RGB")
    return picture.copy() if plain is picture and not png and _rare_jpeg(data) else plain


DEPTH = 24  # the byte of a PNG that says how many bits a number has
ORIENTATION = 0x0112  # which side of a photo was up. Source: Exif 2.3, 4.6.4


def _with_eight_bits(picture: Image.Image, depth: int) -> Image.Image:
    """A PNG of 16 bits, or one in which a colour counts as glass, with 8 bits and its glass beside."""
    glass = picture.info.get("transparency")
    told = [] if glass is None else [glass] if isinstance(glass, int) else list(glass)
    if picture.mode.startswith("I"):  # grey of 16 bits: the upper eight are what prints
        raw = picture.tobytes()
        wide = len(raw) // (picture.width * picture.height)
        halves = (raw[0::wide], raw[1::wide])
        layers = [
            Image.frombytes("L", picture.size, half) for half in halves[:: 1 if picture.mode.endswith("B") else -1]
        ]
        whole, told = layers[0].copy(), [part for one in told for part in divmod(one, 256)]
    else:
        whole = picture.convert("L") if picture.mode == "1" else picture.copy()
        layers = list(whole.split())
        if picture.mode != "1":
            told = [one >> 8 if depth == 16 else one * 255 // (2**depth - 1) for one in told]
    if len(told) != len(layers):
        return whole
    alpha = Image.new("L", whole.size, 0)
    for layer, mark in zip(layers, told, strict=True):
        alpha = ImageChops.lighter(alpha, layer.point([0 if value == mark else 255 for value in range(256)]))
    whole.putalpha(alpha)
    return whole


def _without_palette(picture: Image.Image) -> Image.Image:
    if picture.mode != "P":
        return picture
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """A picture in the colours that its profile means; the same one where they are those of sRGB, or nearly.

    A profile that cannot be read, or is for another kind of picture, says nothing.
    """
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    base = _without_palette(picture)
    base = base.convert(base.mode[:-1]) if base.mode in ("LA", "RGBA") else base
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if given.profile.xcolor_space.strip() != {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}.get(base.mode):
            return picture
        change = ImageCms.buildTransform(
            given,
            ImageCms.createProfile("sRGB"),
            base.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if base.mode != "CMYK":
            steps = range(0, 256, 51)
            colors = bytes(one for red in steps for green in steps for blue in steps for one in (red, green, blue))
            sample = Image.frombytes(base.mode, (len(colors) // len(base.getbands()), 1), colors)
            apart = ImageChops.difference(sample.convert("RGB"), change.apply(sample))
            if max(apart.tobytes()) <= NEAR:
                return picture
        changed = change.apply(base)
    except ImageCms.PyCMSError:
        return picture
    except _BROKEN:
        return picture
    if base.mode == "L":
        changed = changed.convert("L")
    if alpha is not None:
        changed.putalpha(alpha)
    return changed


NEAR = 8  # of 255: nobody sees the difference on paper


def _rare_jpeg(data: bytes) -> bool:
    """Whether a JPEG is of a sort that PDF does not know: not Huffman-coded, or red, green and blue without a note."""
    place, noted = 2, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            ids = data[place + 10 : place + 10 + 3 * data[place + 9] : 3]
            return marker > 0xC2 or (ids == b"RGB" and not noted)
        noted = noted or marker in (0xE0, 0xEE)  # JFIF and Adobe say how colours are coded
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return True
