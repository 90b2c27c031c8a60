"""Word's styles, as far as they change what is read: headings, lists, bold, hidden, raised, fonts of pictures.

What stands at a run itself counts before its style, that before the paragraph's style. Source: ECMA-376 part 1, 17.7.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from clinicpress.library.imports.numbering import W, indent_of, value_of

_MOST_BASES = 20  # styles that a style is based on, one on the other; a damaged file may go round in a circle
_NO_HEADINGS = ("quote", "intense quote", "caption")  # bold for the looks
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RunLook:
    """How words look; None where nothing is said."""

    bold: bool | None = None
    italic: bool | None = None
    struck: bool | None = None
    hidden: bool | None = None
    place: str | None = None  # superscript, subscript, baseline
    font: str | None = None

    def over(self, below: "RunLook") -> "RunLook":
        """This look, and where it says nothing, another."""
        told = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) is not None}
        return replace(below, **told)


@dataclass(frozen=True, slots=True)
class Style:
    """A style with all that it is based on."""

    name: str = ""
    look: RunLook = RunLook()
    heading: int = 0  # 1 to 9; 0 for none
    numbering: tuple[str, str] = ("", "")  # list and level
    indent: int | None = None


@dataclass(slots=True)
class Styles:
    """The styles of a Word file by their ids."""

    elements: dict[str, Any] = field(default_factory=dict)
    usual: str = ""  # the id of the style that paragraphs have which name none
    _known: dict[str, Style] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Style:
        """A style; one that says nothing when there is none of that name."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> Style:
        chain: list[tuple[str, Any]] = []
        while name in self.elements and len(chain) < _MOST_BASES:
            chain.append((name, self.elements[name]))
            name = value_of(self.elements[name], "basedOn")
        made = Style()
        for at, element in reversed(chain):
            called = value_of(element, "name").lower()
            outline = value_of(element.find(f"{W}pPr"), "outlineLvl")
            found = _HEADING.fullmatch(called) or re.fullmatch(r"heading([1-9])", at.lower())
            heading = int(found[1]) if found else made.heading
            if not found and outline.isdecimal():
                heading = int(outline) + 1 if int(outline) < 9 else 0
            numbers = element.find(f"{W}pPr/{W}numPr")
            list_id, level = value_of(numbers, "numId"), value_of(numbers, "ilvl")
            numbering = (list_id or made.numbering[0], level or made.numbering[1])
            look = look_of(element.find(f"{W}rPr")).over(made.look)
            look = replace(look, bold=None) if called in _NO_HEADINGS else look
            told = indent_of(element.find(f"{W}pPr"))
            made = Style(called, look, heading, numbering, made.indent if told is None else told)
        return made

    def look(self, run: Any, paragraph_style: str) -> RunLook:
        """How the words of a run look."""
        properties = run.find(f"{W}rPr")
        own = look_of(properties)
        above, below = self[value_of(properties, "rStyle")].look, self[paragraph_style].look
        mixed = above.over(below)
        if above.hidden and below.hidden:  # what both say takes each other back. Source: ECMA-376 part 1, 17.7.3
            mixed = replace(mixed, hidden=False)
        return own.over(mixed)


def read_styles(tree: Any) -> Styles:
    """The styles that a Word file declares."""
    made = Styles()
    for one in tree.iter(f"{W}style") if tree is not None else ():
        name = one.get(f"{W}styleId", "")
        made.elements[name] = one
        if one.get(f"{W}type") == "paragraph" and one.get(f"{W}default") in ("1", "true", "on"):
            made.usual = name
    return made


def look_of(properties: Any) -> RunLook:
    """What the properties of a run or a style say themselves."""
    if properties is None:
        return RunLook()
    place = properties.find(f"{W}vertAlign")
    fonts = properties.find(f"{W}rFonts")
    struck = [_switched(properties, name) for name in ("strike", "dstrike")]
    return RunLook(
        bold=_switched(properties, "b"),
        italic=_switched(properties, "i"),
        struck=True if True in struck else False if False in struck else None,
        hidden=_switched(properties, "vanish"),
        place=place.get(f"{W}val") if place is not None else _moved(properties),
        font=(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")) if fonts is not None else None,
    )


def _moved(properties: Any) -> str | None:
    """Small words that were moved up or down by hand, in half points. Source: ECMA-376 part 1, 17.3.2.24."""
    by, size = value_of(properties, "position"), value_of(properties, "sz")
    if not re.fullmatch(r"-?\d{1,4}", by) or abs(int(by)) < 4 or not size:
        return None
    return "superscript" if int(by) > 0 else "subscript"


def _switched(properties: Any, name: str) -> bool | None:
    found = properties.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1") not in ("0", "false", "off")
