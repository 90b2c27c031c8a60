"""Equations of Word (OMML) and of web pages (MathML) become a line of text: ½, 5 mg × kg, x², √(a + b).

What no line of text can say (sums, limits, matrices) is None: a person has to write it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from clinicpress.library.imports.signs import fraction, lowered, raised

_SILENT_NAMES = "rPr ctrlPr fPr radPr dPr sSupPr sSubPr annotation annotation-xml mphantom"
_THROUGH_NAMES = """
    oMath oMathPara r e num den sup sub deg fName box borderBox t ins p
    math mrow mstyle semantics mpadded menclose merror mtext mi mn mo
"""
_SILENT, _THROUGH = frozenset(_SILENT_NAMES.split()), frozenset(_THROUGH_NAMES.split())
MOST_DEEP = 40  # within each other; a formula of a leaflet has three


def in_a_line(equation: Any, depth: int = 0) -> str | None:
    """An equation as a line of text, or None when it cannot be one. `equation` is an element of lxml."""
    name = _name(equation)
    if name in _SILENT or depth > MOST_DEEP:
        return "" if depth <= MOST_DEEP else None
    if name in _FORMS:
        parts = _parts(equation, depth)
        return _FORMS[name](equation, parts) if parts is not None else None
    if name == "d":
        return _bracketed(equation, depth)
    if name == "mspace":
        return " "
    if name not in _THROUGH:
        return None if words_in(equation) else ""
    return _together(
        [equation.text or "", *(part for one in equation for part in (in_a_line(one, depth + 1), one.tail or ""))]
    )


def words_in(equation: Any) -> str:
    """The words, numbers and signs of an equation, one after the other."""
    return " ".join(text.strip() for text in equation.itertext() if text.strip())


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "rPr"


def _together(parts: Iterable[str | None]) -> str | None:
    whole = ""
    for part in parts:
        if part is None:
            return None
        glued = whole[-1:].isdigit() and re.match(r"\d+/", part) is not None
        whole += f" {part}" if glued else part
    return re.sub(r"\s+", " ", whole)


def _parts(element: Any, depth: int) -> list[str] | None:
    """The parts of a form: above and below, base and power."""
    children = [one for one in element if _name(one) not in _SILENT and not _name(one).endswith("Pr")]
    parts = [in_a_line(one, depth + 1) for one in children]
    return [part for part in parts if part is not None] if None not in parts else None


def _fraction(_: Any, parts: list[str]) -> str | None:
    return fraction(*parts) if len(parts) == 2 else None


def _power(_: Any, parts: list[str]) -> str | None:
    if len(parts) != 2:
        return None
    return parts[0] + (raised(parts[1], parts[0]) or f"^({parts[1]})")


def _index(_: Any, parts: list[str]) -> str | None:
    if len(parts) != 2:
        return None
    return parts[0] + (lowered(parts[1], parts[0]) or f"_({parts[1]})")


def _both(_: Any, parts: list[str]) -> str | None:
    if len(parts) != 3:
        return None
    return _index(_, parts[:2]) + (raised(parts[2], parts[0]) or f"^({parts[2]})")  # type: ignore[operator]


def _root(element: Any, parts: list[str]) -> str | None:
    base, degree = "".join(parts), ""
    if len(parts) == 2 and _name(element) != "msqrt":
        degree, base = parts if _name(element) == "rad" else (parts[1], parts[0])
    if degree.strip() not in ("", "2"):
        return None
    return f"√{base}" if re.fullmatch(r"\w+", base) else f"√({base})"


def _bracketed(element: Any, depth: int) -> str | None:
    """What stands in brackets; Word keeps the brackets beside it."""
    chosen = {_name(one): next(iter(one.attrib.values()), "") for pr in element if _name(pr) == "dPr" for one in pr}
    parts = _parts(element, depth)
    if parts is None:
        return None
    inner = chosen.get("sepChr", "|").join(parts)
    return f"{chosen.get('begChr', '(')}{inner}{chosen.get('endChr', ')')}"


_FORMS: dict[str, Callable[[Any, list[str]], str | None]] = {
    **dict.fromkeys(("f", "mfrac"), _fraction),
    **dict.fromkeys(("sSup", "msup"), _power),
    **dict.fromkeys(("sSub", "msub"), _index),
    **dict.fromkeys(("sSubSup", "msubsup"), _both),
    **dict.fromkeys(("rad", "msqrt", "mroot"), _root),
    "func": lambda _, parts: " ".join(parts),
}
