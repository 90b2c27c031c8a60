"""The numbers of Word's lists, counted as Word counts them: over paragraphs between, by level, by style.

Source: ECMA-376 part 1, 17.9 (numbering).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clinicpress.library.imports.lists import bullet_label, numeral
from clinicpress.library.imports.signs import of_font

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list shows its numbers: '%1.%2' with the style of each; or its bullet."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    font: str = ""
    paragraph_style: str = ""
    restarts_after: int | None = None
    digits_only: bool = False
    indent: int | None = None  # twentieths of a point


@dataclass(slots=True)
class Numbering:
    """The lists of a Word file, and how far each has counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # of abstract lists
    lists: dict[str, tuple[str, dict[int, int], dict[int, Level]]] = field(default_factory=dict)
    of_styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def level_of(self, number_id: str, level: int) -> Level | None:
        """How a level of a list shows its numbers."""
        abstract, _, own = self.lists.get(number_id, ("", {}, {}))
        return own.get(level) or self.levels.get(abstract, {}).get(level)

    def next_label(self, number_id: str, level: int) -> tuple[str, Level] | None:
        """What Word shows before the next item of a list; None when there is no such list."""
        shown = self.level_of(number_id, level)
        if shown is None or number_id not in self.lists:
            return None
        abstract, restarts, _ = self.lists[number_id]
        counts = self.counts.setdefault(abstract, {})
        if number_id not in self.begun:
            self.begun.add(number_id)
            for one, start in restarts.items():
                counts[one] = start - 1
        counts[level] = counts.get(level, shown.start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            below = self.level_of(number_id, deeper)
            after = below.restarts_after if below else None
            if after is None or level < after:
                del counts[deeper]
        if shown.style == "bullet":
            return bullet_label(of_font(shown.text, shown.font)), shown
        if shown.style == "none" and "%" not in shown.text:
            return shown.text, shown

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            of_level = self.level_of(number_id, at)
            if of_level is None or of_level.style == "none":
                return ""
            value = counts.setdefault(at, of_level.start)
            return numeral(value, "decimal" if shown.digits_only else of_level.style)

        return re.sub(r"%([1-9])", number, shown.text).strip(), shown


def read_numbering(tree: Any, styles: Mapping[str, Any]) -> Numbering:
    """The lists that a Word file declares. `styles` are its styles by their ids."""
    made = Numbering()
    links: dict[str, str] = {}
    for one in tree.iter(f"{W}abstractNum") if tree is not None else ():
        name = one.get(f"{W}abstractNumId", "")
        made.levels[name] = dict(map(_level, one.findall(f"{W}lvl")))
        if link := value_of(one, "numStyleLink"):
            links[name] = link
    for one in tree.iter(f"{W}num") if tree is not None else ():
        overrides = one.findall(f"{W}lvlOverride")
        told = ((each.get(f"{W}ilvl"), value_of(each, "startOverride")) for each in overrides)
        starts = {_whole(at): _whole(start) for at, start in told if start}
        own = dict(_level(level) for each in overrides for level in each.findall(f"{W}lvl"))
        made.lists[one.get(f"{W}numId", "")] = (value_of(one, "abstractNumId"), starts, own)
    for name, link in links.items():  # a list may only name the style that names the list
        number_id = value_of(styles.get(link), "numId")
        if number_id in made.lists:
            made.levels[name] = made.levels.get(made.lists[number_id][0], {})
    for number_id, (abstract, _, _) in made.lists.items():
        for at, level in made.levels.get(abstract, {}).items():
            if level.paragraph_style:
                made.of_styles.setdefault(level.paragraph_style, (number_id, at))
    return made


def value_of(element: Any, name: str) -> str:
    """The value of the first such element within another; empty when there is none."""
    found = element.find(f".//{W}{name}") if element is not None else None
    return (found.get(f"{W}val") or "") if found is not None else ""


def indent_of(properties: Any) -> int | None:
    """How far a paragraph stands from the edge, in twentieths of a point; None when its properties do not say."""
    found = properties.find(f"{W}ind") if properties is not None else None
    told = (found.get(f"{W}left") or found.get(f"{W}start") or "") if found is not None else ""
    return int(told) if re.fullmatch(r"-?\d{1,6}", told) else None


def _level(element: Any) -> tuple[int, Level]:
    fonts = element.find(f"{W}rPr/{W}rFonts")
    restart = value_of(element, "lvlRestart")
    return _whole(element.get(f"{W}ilvl")), Level(
        start=_whole(value_of(element, "start") or "1"),
        style=value_of(element, "numFmt") or "decimal",
        text=value_of(element, "lvlText"),
        font=(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "") if fonts is not None else "",
        paragraph_style=value_of(element, "pStyle"),
        restarts_after=_whole(restart) if restart else None,
        digits_only=element.find(f"{W}isLgl") is not None,
        indent=indent_of(element.find(f"{W}pPr")),
    )


def _whole(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,8}", text) else 0
