"""Figures and logos: read from beside the text, and refused when they cannot be printed or reach outside."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

from clinicpress.clinics import Asset
from clinicpress.errors import Problem, Rule
from clinicpress.library.files import read_bytes
from clinicpress.library.rules import BROKEN_FIGURE, IMAGE_TOO_LARGE, REMOTE_IMAGE

MAX_PICTURE = 5_000_000  # bytes
MAX_PIXELS = 25_000_000  # a full Letter page at 500 dots an inch
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_PILLOW_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def read_picture(path: Path, folder: Path, at: tuple[str, int]) -> tuple[Asset | None, list[Problem]]:
    """A figure or logo that lies in `folder`, or what is wrong with it, to be shown at the place `at` (file, line)."""

    def no(rule: Rule, message: str, remedy: str) -> tuple[None, list[Problem]]:
        return None, [rule.found(*at, message, remedy, path.name)]

    try:
        inside, there = path.resolve().is_relative_to(folder.resolve()), path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name with NUL, one that is too long, a link to itself
        return no(BROKEN_FIGURE, "The picture's name leads nowhere.", "Give the file a plain name, and write it here.")
    if not inside:
        return no(REMOTE_IMAGE, f"The picture {path.name} lies outside {folder}.", "Put a copy beside the text.")
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        return no(BROKEN_FIGURE, f"{path.name} is not an SVG, PNG or JPEG file.", "Save the picture in one of these.")
    if not there:
        beside = sorted(p.name for p in folder.glob("*") if p.suffix.lower() in MEDIA_TYPES)
        found = f"In its folder are: {', '.join(beside)}." if beside else "Its folder holds no pictures."
        return no(BROKEN_FIGURE, f"The picture {path.name} is not there.", found)
    if path.stat().st_size > MAX_PICTURE:
        return no(IMAGE_TOO_LARGE, f"{path.name} is larger than 5 MB.", "Save it smaller; 300 dots an inch are enough.")
    data = read_bytes(path, MAX_PICTURE)
    fault = _svg_fault(data) if media_type == "image/svg+xml" else _raster_fault(data, _PILLOW_FORMATS[media_type])
    if fault:
        rule, message = fault
        too_large = "Save it smaller: 300 dots an inch are enough."
        remedy = too_large if rule is IMAGE_TOO_LARGE else "Save it anew, as plain SVG, or as PNG of 300 dots an inch."
        return no(rule, f"{path.name}: {message}", remedy)
    return Asset(path.name, data, media_type), []


def _raster_fault(data: bytes, expected: str) -> tuple[Rule, str] | None:
    """What makes a picture of points unfit for print: damaged, or far too many points."""
    size = _pixels(data, expected)
    if size is None:
        return BROKEN_FIGURE, "it is damaged, or not what its name says."
    if size[0] * size[1] > MAX_PIXELS:
        return IMAGE_TOO_LARGE, f"it has {size[0]} x {size[1]} points."
    return None


def _pixels(data: bytes, expected: str) -> tuple[int, int] | None:
    """Width and height from the header of a picture, without decoding it; None when it is not of that format."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  most libraries hold no raster picture

    Image.MAX_IMAGE_PIXELS = None  # nothing is decoded here, and the size is ours to judge
    try:
        with Image.open(BytesIO(data), formats=[expected]) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?![\s'\"#])|@import|\\\\", re.IGNORECASE)  # a backslash hides letters in CSS
_CAN_LOAD = {"script", "foreignObject", "image", "feImage", "img", "iframe", "object", "embed", "link"}


def _svg_fault(data: bytes) -> tuple[Rule, str] | None:
    """What makes an SVG file unfit for print: not well formed, or reaching outside itself."""
    if any(word in data for word in (b"<!DOCTYPE", b"<!ENTITY", b"<?xml-stylesheet")):
        return BROKEN_FIGURE, "it has a DOCTYPE, entities or a style sheet of its own, which can hide other content."
    if b"\0" in data:  # UTF-16: the words above would be spelt otherwise
        return BROKEN_FIGURE, "it is not UTF-8 text."
    try:
        root = ET.fromstring(data)  # noqa: S314  entities were refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        return BROKEN_FIGURE, f"it is not well-formed SVG ({error})."
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return BROKEN_FIGURE, "it is not an SVG drawing."
    faults = (_reach(element) for element in root.iter())
    return next(((REMOTE_IMAGE, fault) for fault in faults if fault), None)


def _reach(element: ET.Element) -> str:
    """How an element of a drawing reaches outside the file, if it does."""
    name = element.tag.rpartition("}")[2]
    if name in _CAN_LOAD:
        return f"it holds a <{name}> element, which can load other content."
    if name == "style" and _OUTSIDE.search("".join(element.itertext())):
        return "its style sheet refers to something outside the file."
    for key, value in element.attrib.items():
        plain = key.rpartition("}")[2]
        if plain.startswith("on"):
            return f"it holds a script ({plain})."
        if (plain == "href" and not value.strip().startswith("#")) or _OUTSIDE.search(value):
            return f"it refers to {value[:60]}, outside the file."
    return ""
