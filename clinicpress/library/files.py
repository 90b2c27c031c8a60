"""Reads files from disk, carefully: text that prints, and pictures that a printer can take."""

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from clinicpress.clinics import Asset
from clinicpress.errors import InputError, Problem, Rule
from clinicpress.library.rules import BROKEN_FIGURE, IMAGE_TOO_LARGE, REMOTE_IMAGE, UNREADABLE_TEXT

MAX_TEXT = 1_000_000  # bytes: some 300 pages of text
MAX_PICTURE = 5_000_000  # bytes
MAX_PIXELS = 25_000_000  # a full Letter page at 500 dots an inch

MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_PILLOW_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises `InputError` when the file cannot be read or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Check the name and who may read it.") from error
    if len(data) > limit:
        raise InputError(f"{path} is larger than {limit // 1_000_000} MB. Split it, or take the right file.")
    return data


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """The text of a file in one form (UTF-8, one kind of line end, Unicode NFC), and what in it cannot be printed.

    Control characters, lone surrogates, non-characters and bidirectional overrides are refused by name: they can make
    a page read differently from its text. Source: Unicode Technical Report 36; Unicode Standard Annex 15 (NFC).
    """
    data = read_bytes(path, MAX_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"The file is not UTF-8 text (byte {data[error.start]:#04x})."
        remedy = "Save it again as UTF-8: in Word 'Plain text, Unicode (UTF-8)', in Notepad 'Encoding: UTF-8'."
        return "", [UNREADABLE_TEXT.found(str(path), line, message, remedy)]
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text, list(_unprintable(path, text))


def _unprintable(path: Path, text: str) -> Iterator[Problem]:
    """Findings for characters that have no place in a printed text."""
    for number, line in enumerate(text.split("\n"), 1):
        for character in line:
            category = unicodedata.category(character)
            bidi = character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
            if (category in ("Cc", "Cs", "Co", "Cn") and character != "\t") or bidi:
                name = unicodedata.name(character, "control or unassigned character")
                message = f"The character U+{ord(character):04X} ({name}) does not print."
                remedy = "Delete it: retype the word that holds it."
                yield UNREADABLE_TEXT.found(str(path), number, message, remedy, line.strip())
                break


def read_picture(path: Path, folder: Path, at: tuple[str, int]) -> tuple[Asset | None, list[Problem]]:
    """A figure or logo that lies in `folder`, or what is wrong with it, to be shown at the place `at` (file, line)."""

    def no(rule: Rule, message: str, remedy: str) -> tuple[None, list[Problem]]:
        return None, [rule.found(*at, message, remedy, path.name)]

    if not path.resolve().is_relative_to(folder.resolve()):
        return no(REMOTE_IMAGE, f"The picture {path.name} lies outside {folder}.", "Put a copy beside the text.")
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        return no(BROKEN_FIGURE, f"{path.name} is not an SVG, PNG or JPEG file.", "Save the picture in one of these.")
    if not path.is_file():
        beside = sorted(p.name for p in folder.glob("*") if p.suffix.lower() in MEDIA_TYPES)
        found = f"In its folder are: {', '.join(beside)}." if beside else "Its folder holds no pictures."
        return no(BROKEN_FIGURE, f"The picture {path.name} is not there.", found)
    if path.stat().st_size > MAX_PICTURE:
        return no(IMAGE_TOO_LARGE, f"{path.name} is larger than 5 MB.", "Save it smaller; 300 dots an inch are enough.")
    data = read_bytes(path, MAX_PICTURE)
    if media_type == "image/svg+xml":
        fault = _svg_fault(data)
        if fault:
            rule, message = fault
            return no(rule, f"{path.name}: {message}", "Save it as plain SVG, with everything inside the file.")
    else:
        size = _pixels(data, _PILLOW_FORMATS[media_type])
        if size is None:
            return no(BROKEN_FIGURE, f"{path.name} is damaged, or not what its name says.", "Export it again.")
        if size[0] * size[1] > MAX_PIXELS:
            message = f"{path.name} has {size[0]} x {size[1]} points."
            return no(IMAGE_TOO_LARGE, message, "Save it smaller: 300 dots an inch are enough.")
    return Asset(path.name, data, media_type), []


def _pixels(data: bytes, expected: str) -> tuple[int, int] | None:
    """Width and height from the header of a picture, without decoding it; None when it is not of that format."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  most libraries hold no raster picture

    try:
        with Image.open(BytesIO(data), formats=[expected]) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None


_HREF = re.compile(r"(?:^|\})href$")
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!['\"]?#)|@import", re.IGNORECASE)


def _svg_fault(data: bytes) -> tuple[Rule, str] | None:
    """What makes an SVG file unfit for print: not well formed, or reaching outside itself."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return BROKEN_FIGURE, "it has a DOCTYPE or entities, which can hide other content."
    try:
        root = ET.fromstring(data)  # noqa: S314  entities were refused above
    except ET.ParseError as error:
        return BROKEN_FIGURE, f"it is not well-formed SVG ({error})."
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return BROKEN_FIGURE, "it is not an SVG drawing."
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name in ("script", "foreignObject", "image"):
            return REMOTE_IMAGE, f"it holds a <{name}> element, which can load other content."
        for key, value in element.attrib.items():
            if (_HREF.search(key) and not value.startswith("#")) or _OUTSIDE.search(value):
                return REMOTE_IMAGE, f"it refers to {value[:60]}, outside the file."
        if name == "style" and _OUTSIDE.search(element.text or ""):
            return REMOTE_IMAGE, "its style sheet refers to something outside the file."
    return None
