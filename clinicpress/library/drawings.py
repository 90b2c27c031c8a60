"""Drawings in SVG: what makes one unfit for print, found before it is set, and how large it is.

The engine that sets the page takes what it does not understand as nothing, or writes it into the PDF as it is: a shape
is missing, or the file is no PDF/A any more. So every number of a drawing is read here first.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from clinicpress.errors import Rule
from clinicpress.library.rules import BROKEN_FIGURE, REMOTE_IMAGE

SAVE_PLAIN = "Save it again as plain SVG, or as PNG of 300 dots an inch."
SAVE_DOTS = "Save it as PNG of 300 dots an inch."
MAX_DEPTH = 100  # groups within each other; the engine calls itself for each
MAX_ELEMENTS = 50_000
MAX_RUN = 100_000  # letters of numbers in a row: the engine reads them in steps that copy the rest
MAX_NUMBER = 1e9  # units: far beyond any drawing, and far from where numbers end
MIN_SIZE = 1e-3  # units: something smaller is enlarged beyond every number
SVG = "{http://www.w3.org/2000/svg}"
Size = tuple[float, float]


class UnfitError(Exception):
    """A picture cannot be printed: the rule that says so, what is wrong, and what to do."""

    def __init__(self, rule: Rule, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy = rule, message, remedy


def read_drawing(data: bytes) -> tuple[bytes, Size]:
    """An SVG drawing as it prints, and its width and height in units of its own. Raises `UnfitError`."""
    data = _STANDARD_DOCTYPE.sub(lambda found: b" " * len(found[0]), data, count=1)
    if any(word in data for word in (b"<!DOCTYPE", b"<!ENTITY", b"<?xml-stylesheet")):
        message = "it has a DOCTYPE, entities or a style sheet of its own, which can hide other content."
        raise UnfitError(BROKEN_FIGURE, message, SAVE_PLAIN)
    if b"\0" in data:  # UTF-16: the words above would be spelt otherwise
        raise UnfitError(BROKEN_FIGURE, "it is not UTF-8 text.", SAVE_PLAIN)
    try:
        root = ET.fromstring(data, ET.XMLParser(target=_Builder()))  # noqa: S314  entities were refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnfitError(BROKEN_FIGURE, f"it is not well-formed SVG ({error}).", SAVE_PLAIN) from error
    if root.tag != f"{SVG}svg":
        raise UnfitError(BROKEN_FIGURE, "it is not an SVG drawing.", SAVE_PLAIN)
    for element in root.iter():
        if fault := _reach(element):
            raise UnfitError(REMOTE_IMAGE, fault, SAVE_PLAIN)
    for element in root.iter():
        for fault in _faults(element):
            raise UnfitError(BROKEN_FIGURE, fault, SAVE_PLAIN)
    return data, _size(root)


# What Illustrator and older programs write; it names a grammar that nobody fetches, and it is left out.
_STANDARD_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s{1,9}svg\s{1,9}PUBLIC\s{1,9}"-//W3C//DTD SVG [^"<>\[\]]{1,30}"\s{1,9}"http://www\.w3\.org/[^"<>\[\]]{1,80}"\s{0,9}>"""
)


class _Builder(ET.TreeBuilder):
    """Makes the tree of a drawing, and stops before it becomes too deep or too large to be handled."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise UnfitError(BROKEN_FIGURE, f"its groups lie within each other more than {MAX_DEPTH} deep.", SAVE_PLAIN)
        if self._elements > MAX_ELEMENTS:
            raise UnfitError(
                BROKEN_FIGURE, f"it has more than {MAX_ELEMENTS:,} parts.", "Save it as PNG of 300 dots an inch."
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


# Nothing from outside -------------------------------------------------------------------------------------------------

_OUTSIDE = re.compile(
    r"url\(\s*+['\"]?\s*+(?![\s'\"#])|@import|\\\\", re.IGNORECASE
)  # a backslash hides letters in CSS
_CAN_LOAD = {"script", "foreignObject", "image", "feImage", "img", "iframe", "object", "embed", "link"}


def _reach(element: ET.Element) -> str:
    """How an element of a drawing reaches outside the file, if it does."""
    name = _plain(element.tag)
    if name in _CAN_LOAD:
        return f"it holds a <{name}> element, which can load other content."
    if name == "style" and _OUTSIDE.search("".join(element.itertext())):
        return "its style sheet refers to something outside the file."
    for key, value in element.attrib.items():
        plain = _plain(key)
        if plain.startswith("on"):
            return f"it holds a script ({plain})."
        if (plain == "href" and not value.strip().startswith("#")) or _OUTSIDE.search(value):
            return f"it refers to {value[:60]}, outside the file."
    return ""


def _plain(name: str) -> str:
    return name.rpartition("}")[2]


# Numbers that are numbers ---------------------------------------------------------------------------------------------

_NUMBER = r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_NUMBERS = re.compile(_NUMBER)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "q": 96 / 101.6}
_UNITS |= {"em": 16.0, "rem": 16.0, "ex": 8.0}  # pixels; letters of 12 points, as the engine takes it
_LENGTH = re.compile(rf"({_NUMBER})(px|pt|pc|mm|cm|in|q|rem|em|ex|%|deg|grad|rad|turn)?")
_BETWEEN = r"[\s,]*+"
_BLANKS = re.compile(r"[\s,]++")
_WORD = re.compile(r"[A-Za-z]++(?:-[A-Za-z]++)*+")
_NO_NUMBERS = {"nan", "inf", "infinity"}
_PLACES = frozenset(
    [
        *(
            "x",
            "y",
            "width",
            "height",
            "rx",
            "ry",
            "cx",
            "cy",
            "r",
            "x1",
            "y1",
            "x2",
            "y2",
            "fx",
            "fy",
            "fr",
            "dx",
            "dy",
        ),
        *("refX", "refY", "markerWidth", "markerHeight", "offset", "textLength", "startOffset", "stdDeviation"),
    ]
)
_LOOKS = frozenset(  # these may hold a word as well: none, normal, inherit, auto, medium
    [
        *(
            "stroke-width",
            "stroke-dashoffset",
            "stroke-dasharray",
            "stroke-miterlimit",
            "font-size",
            "rotate",
            "orient",
        ),
        *("opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity"),
        *("letter-spacing", "word-spacing"),
    ]
)
_COLORS = frozenset(["fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"])
_COLOR_FUNCTIONS = frozenset(["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "url"])
_FUNCTION = re.compile(r"(?<![\w-])([A-Za-z][\w-]*+)\(")
_HEX = re.compile(r"#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_TRANSFORM = re.compile(rf"([A-Za-z]++)\s*+\(([^()]*+)\){_BETWEEN}")
_TRANSFORMS: Mapping[str, tuple[int, ...]] = {
    "matrix": (6,),
    "rotate": (1, 3),
    **dict.fromkeys(("translate", "scale"), (1, 2)),
    **dict.fromkeys(("skewX", "skewY", "translateX", "translateY", "scaleX", "scaleY"), (1,)),
}
_STEP = re.compile(r"\s*+([MmLlHhVvCcSsQqTtAaZz])([^A-DF-Za-df-z]*+)")
_AT_ONCE = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2}
_N = rf"{_NUMBER}{_BETWEEN}"
_ARC = re.compile(rf"{_N}{_N}{_N}[01]{_BETWEEN}[01]{_BETWEEN}{_N}{_N}")  # its two flags may stand close: 0 01.5


def _faults(element: ET.Element) -> Iterator[str]:
    """What in an element of a drawing is no number where one is needed."""
    if not element.tag.startswith(SVG):
        return  # a program's notes to itself are not drawn
    name = _plain(element.tag)
    said = [(key, value) for key, value in element.attrib.items() if not key.startswith("{")]
    said += _declared(element.get("style", ""))
    if name == "style":
        said += _declared("".join(element.itertext()))
    for key, written in said:
        value = written.strip()
        if fault := _fault(key, value):
            shown = value if len(value) <= 40 else f"{value[:40]}…"
            yield f'{fault} (<{name}> has {key}="{shown}").'


def _declared(style: str) -> Iterator[tuple[str, str]]:
    """The properties and values of a style sheet or a style attribute."""
    kept = "".join(piece.rpartition("*/")[2] if number else piece for number, piece in enumerate(style.split("/*")))
    for piece in re.split(r"[;{}]", kept):
        key, colon, value = piece.partition(":")
        if colon:
            yield key.strip(), value.partition("!")[0].strip()


def _fault(key: str, value: str) -> str:
    """What is wrong with the value of an attribute or a property; nothing when it prints."""
    if key in ("transform", "gradientTransform", "patternTransform"):
        return "" if value == "none" else _transform_fault(value)
    if key == "d":
        return "" if value == "none" else _path_fault(value)
    if key == "points":
        fault, count = _numbers_fault(value)
        return fault or ("its points are no pairs" if count % 2 else "")
    if key == "viewBox":
        fault, count = _numbers_fault(value)
        small = not fault and count == 4 and min(float(one) for one in _NUMBERS.findall(value)[2:]) < MIN_SIZE
        return fault or ("it needs four numbers" if count != 4 else "it has no area" if small else "")
    if key in _PLACES or (key in _LOOKS and (not _WORD.fullmatch(value) or value.lower() in _NO_NUMBERS)):
        return next((fault for one in _BLANKS.split(value) if one and (fault := _length_fault(one))), "")
    return _color_fault(value) if key in _COLORS else ""


def _length_fault(written: str) -> str:
    """What is wrong with a number and its unit."""
    found = _LENGTH.fullmatch(written)
    return _too_large(found[1]) if found else "it holds something that is not a number"


def _too_large(written: str) -> str:
    return "" if abs(float(written)) <= MAX_NUMBER else "it holds a number that is too large"


def _numbers_fault(value: str) -> tuple[str, int]:
    """What is wrong with numbers in a row, and how many they are."""
    if len(value) > MAX_RUN:
        return "it has too many numbers in a row", 0
    numbers = _NUMBERS.findall(value)
    if _BLANKS.sub("", _NUMBERS.sub("", value)):
        return "it holds something that is not a number", 0
    return next((fault for one in numbers if (fault := _too_large(one))), ""), len(numbers)


def _transform_fault(value: str) -> str:
    end = 0
    while found := _TRANSFORM.match(value, end):
        numbers = [one for one in _BLANKS.split(found[2].strip()) if one]
        if len(numbers) not in _TRANSFORMS.get(found[1], ()):
            return "it moves the drawing in a way that cannot be read"
        if fault := next((fault for one in numbers if (fault := _length_fault(one))), ""):
            return fault
        end = found.end()
    return "it moves the drawing in a way that cannot be read" if value[end:] else ""


def _path_fault(value: str) -> str:
    end = 0
    while step := _STEP.match(value, end):
        letter, numbers = step[1].lower(), step[2]
        fault, count = _numbers_fault(numbers)
        if fault:
            return fault
        if letter == "a":
            place = len(numbers) - len(numbers.lstrip(" \t\r\n,"))
            arcs = 0
            while arc := _ARC.match(numbers, place):
                place, arcs = arc.end(), arcs + 1
            whole = arcs > 0 and place == len(numbers)
        else:
            whole = count == 0 if letter == "z" else count > 0 and count % _AT_ONCE[letter] == 0
        if not whole:
            return f"its path breaks off after '{step[1]}'"
        end = step.end()
    return "its path holds something that is not a number" if value[end:].strip() else ""


def _color_fault(value: str) -> str:
    for function in _FUNCTION.findall(value):
        if function.lower() not in _COLOR_FUNCTIONS:
            return f"its colour is not one of red, green and blue ({function})"
    if value.startswith("#") and not _HEX.fullmatch(value):
        return "its colour is none"
    if "(" in value and not value.startswith("url"):
        return next((fault for one in _NUMBERS.findall(value) if (fault := _too_large(one))), "")
    return ""


# How large it is ------------------------------------------------------------------------------------------------------


def _size(root: ET.Element) -> Size:
    """Width and height of a drawing as it says them; the numbers were read before. Raises `UnfitError`."""
    said = {**root.attrib, **dict(_declared(root.get("style", "")))}
    sides = [_side(name, said.get(name, "").strip()) for name in ("width", "height")]
    box = [float(one) for one in _NUMBERS.findall(root.get("viewBox", ""))]
    width, height = sides
    if width and height:
        return width, height
    if box:
        return (
            (width, width * box[3] / box[2])
            if width
            else (height * box[2] / box[3], height)
            if height
            else (box[2], box[3])
        )
    remedy = 'Save it with its width and height, or write viewBox="0 0 WIDTH HEIGHT" into its <svg> line.'
    raise UnfitError(BROKEN_FIGURE, "it does not say how large it is.", remedy)


def _side(name: str, written: str) -> float | None:
    """The width or height of a drawing in pixels; nothing when it is not told, or is a share of the page."""
    if not written or written.endswith("%"):
        return None
    found = _LENGTH.fullmatch(written)
    pixels = float(found[1]) * _UNITS.get(found[2] or "", 0.0) if found else 0.0
    if pixels < MIN_SIZE:
        raise UnfitError(BROKEN_FIGURE, f'its {name} is nothing ({name}="{written}").', SAVE_PLAIN)
    return pixels
