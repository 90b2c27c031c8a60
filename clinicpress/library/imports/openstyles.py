"""The styles of an OpenDocument text, as far as they change what is read: looks of words, and numbers of lists.

Source: OpenDocument 1.3, part 3, 16 and 17.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from clinicpress.library.imports.lists import bullet_label, numeral
from clinicpress.library.imports.looks import Look
from clinicpress.library.imports.signs import of_font

_SPACES = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE, STYLE, TEXT = (f"{{{_SPACES}:{one}:1.0}}" for one in ("office", "style", "text"))
TABLE, DRAW, FO = (f"{{{_SPACES}:{one}:1.0}}" for one in ("table", "drawing", "xsl-fo-compatible"))


_OUTLINE = "the headings"  # the list that numbers them
_NUMBERED = frozenset(f"{TEXT}{one}" for one in ("list-level-style-number", "outline-level-style"))


class OpenStyles:
    """The styles by their names, and how far each list has counted."""

    def __init__(self, trees: Iterable[Any]) -> None:
        self.looks: dict[str, Look] = {}
        self.titles = {"Title"}
        self.lists: dict[str, Any] = {}
        self.counts: dict[str, list[int]] = {}
        for tree in trees:
            for one in tree.iter(f"{STYLE}style"):
                self._style(one)
            for one in tree.iter(f"{TEXT}list-style"):
                self.lists[one.get(f"{STYLE}name", "")] = one
            for one in tree.iter(f"{TEXT}outline-style"):
                self.lists[_OUTLINE] = one

    def look(self, element: Any) -> Look:
        """How the words of an element look, by its style."""
        return self.looks.get(element.get(f"{TEXT}style-name", ""), Look())

    def is_title(self, name: str) -> bool:
        """Whether a style is that of the title, or made of it."""
        return name in self.titles

    def begin_list(self, style: str, level: int, *, goes_on: bool) -> None:
        """A list begins on a level; it counts from its start unless it goes on."""
        counts = self.counts.setdefault(style, [])
        if level > 0 or not goes_on:
            del counts[level:]
        else:
            del counts[level + 1 :]

    def heading_label(self, level: int) -> str:
        """The number that stands before the next heading of a level; empty when headings have none."""
        if self._level(_OUTLINE, level - 1) is None:
            return ""
        label = self.next_label(_OUTLINE, level - 1, "")
        del self.counts[_OUTLINE][level:]
        return f"{label} " if label else ""

    def next_label(self, style: str, level: int, given: str) -> str:
        """What stands before the next item of a list."""
        counts = self.counts.setdefault(style, [])
        while len(counts) <= level:
            counts.append(self._start(style, len(counts)) - 1)
        counts[level] = int(given) if given.isdecimal() and len(given) < 9 else counts[level] + 1
        return self._label(self._level(style, level), style, counts[: level + 1])

    def _style(self, one: Any) -> None:
        name, said = one.get(f"{STYLE}name", ""), one.find(f"{STYLE}text-properties")
        look = self.looks.get(one.get(f"{STYLE}parent-style-name", ""), Look())
        if one.get(f"{STYLE}parent-style-name") in self.titles:
            self.titles.add(name)
        if said is not None:
            place = said.get(f"{STYLE}text-position", "")
            weight = said.get(f"{FO}font-weight")
            look = replace(
                look,
                bold=look.bold if weight is None else weight in ("bold", "600", "700", "800", "900"),
                italic=said.get(f"{FO}font-style", "italic" if look.italic else "") == "italic",
                high=place.startswith("super") or re.match(r"[1-9]", place) is not None or (look.high and not place),
                low=place.startswith(("sub", "-")) or (look.low and not place),
                font=said.get(f"{STYLE}font-name") or said.get(f"{FO}font-family") or look.font,
            )
            if said.get(f"{TEXT}display") == "none":
                look = replace(look, away="hidden")
            if said.get(f"{STYLE}text-line-through-style", "none") != "none":
                look = replace(look, away="struck")
        self.looks[name] = look

    def _level(self, style: str, level: int) -> Any:
        levels = self.lists.get(style)
        wanted = str(level + 1)
        return next((one for one in levels if one.get(f"{TEXT}level") == wanted), None) if levels is not None else None

    def _start(self, style: str, level: int) -> int:
        shown = self._level(style, level)
        start = shown.get(f"{TEXT}start-value", "1") if shown is not None else "1"
        return int(start) if start.isdecimal() else 1

    def _label(self, shown: Any, style: str, numbers: list[int]) -> str:
        """What stands before an item."""
        if shown is None:
            return ""
        if shown.tag == f"{TEXT}list-level-style-bullet":
            said = shown.find(f"{STYLE}text-properties")
            font = said.get(f"{STYLE}font-name") or said.get(f"{FO}font-family") or "" if said is not None else ""
            return bullet_label(of_font(shown.get(f"{TEXT}bullet-char", ""), font))
        if shown.tag not in _NUMBERED or not shown.get(f"{STYLE}num-format"):
            return ""
        count = shown.get(f"{TEXT}display-levels", "1")
        count = int(count) if count.isdecimal() else 1
        first = max(len(numbers) - count, 0)
        forms = [self._level(style, level) for level in range(len(numbers))]
        own = [
            numeral(number, forms[at].get(f"{STYLE}num-format", "1") if forms[at] is not None else "1")
            for at, number in enumerate(numbers)
        ][first:]
        before, behind = shown.get(f"{STYLE}num-prefix", ""), shown.get(f"{STYLE}num-suffix", "")
        return f"{before}{'.'.join(own)}{behind}".strip()


def over(own: Look, around: Look) -> Look:
    """A look within another: what one of them says, holds."""
    return Look(
        bold=own.bold or around.bold,
        italic=own.italic or around.italic,
        high=own.high or (around.high and not own.low),
        low=own.low or (around.low and not own.high),
        font=own.font or around.font,
        away=around.away or own.away,
    )
