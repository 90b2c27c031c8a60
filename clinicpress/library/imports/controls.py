"""Places to fill in of a Word file: boxes to tick, lists to choose from, fields to type in, of all its ages.

On paper a box stays a box (☐), and a place that nobody filled in is a blank to write on. Choices and prompts are told.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from clinicpress.library.imports.numbering import W, value_of
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.tags import Found

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
BLANK, OPEN_BOX, TICKED_BOX, CROSSED_BOX = "_____", "☐", "☑", "☒"
_BOXES = "☐☑☒□■✓✔✗✘"
_LINK = re.compile(r"\s*HYPERLINK\s+\"([^\"\\]+)\"", re.IGNORECASE)
_FIELD = "Write a field (::: fields) where a person is to fill something in."
_CHOICES = "The choices of a list to choose from were left out."
_CHOSEN = "What was chosen or typed into a list was left out, a blank stands there."
_LETTER = re.compile(r"\s*(?:MERGEFIELD|ADDRESSBLOCK|GREETINGLINE|FILLIN|ASK)\b", re.IGNORECASE)
_FILLED = "What a letter program filled in for one person was left out, a blank stands there."
_PROMPT = "The words of a place to fill in were left out, a blank stands there."


def control(sdt: Any, found: Found, *, whole: bool = False) -> str | None:
    """What stands for a content control that nobody filled in; None when its own words do.

    With `whole`, it holds paragraphs, and its words stay.
    """
    properties, content = sdt.find(f"{W}sdtPr"), sdt.find(f"{W}sdtContent")
    if properties is None:
        return None
    words = "".join(node.text or "" for node in content.iter(f"{W}t")) if content is not None else ""
    box = properties.find(f"{W14}checkbox")
    if box is not None:
        checked = box.find(f"{W14}checked")
        ticked = checked is not None and checked.get(f"{W14}val", "1") not in ("0", "false")
        if ticked:
            found.remark("A box is ticked in the file, and stays so.", "Write ☐ if readers are to tick it.", words)
        if ticked and CROSSED_BOX in words and not whole:  # as Word draws it: the file says that it is ticked
            found.told.update(tokens(CROSSED_BOX))
            return words.replace(CROSSED_BOX, TICKED_BOX)
        return None if whole or any(one in words for one in _BOXES) else (TICKED_BOX if ticked else OPEN_BOX)
    choices = [
        one.get(f"{W}displayText") or one.get(f"{W}value") or ""
        for name in ("dropDownList", "comboBox")
        for one in properties.iter(f"{W}listItem")
        if properties.find(f"{W}{name}") is not None
    ]
    if choices:
        found.remark(_CHOICES, _FIELD, " / ".join(choices))
    prompts = properties.find(f"{W}showingPlcHdr") is not None
    if choices and not prompts:
        found.left_out(_CHOSEN, _FIELD, words)
        if whole:  # its paragraphs stay, with a blank in them
            for number, node in enumerate(content.iter(f"{W}t")):
                node.text = "" if number else BLANK
        return None if whole else BLANK
    if not prompts or whole:
        return None
    found.left_out(_PROMPT, _FIELD, words)
    return BLANK


def filled_in(field: Any, words: str, found: Found) -> str | None:
    """What stands for a field that a letter program fills in (name, birth date); None when it is none."""
    if not _LETTER.match(field.get(f"{W}instr") or ""):
        return None
    found.left_out(_FILLED, _FIELD, words)
    return BLANK


@dataclass(slots=True)
class OldField:
    """A field of an older Word that is open: what it is, and what its words are."""

    begin: Any
    told: str = ""
    words: str = ""
    shows: bool = False  # its words have begun


@dataclass(slots=True)
class Fields:
    """The fields that are open at a place of a text."""

    open: list[OldField] = field(default_factory=list)

    @property
    def link(self) -> str:
        """Where the words at this place lead, by a field; empty when they are no link."""
        links = (_LINK.match(one.told) for one in reversed(self.open) if one.shows)
        return next((found[1] for found in links if found), "")

    def shown(self, text: str, found: Found) -> str:
        """Words stand in the fields that are open. Returns what of them a reader sees: no instruction of a field."""
        if not all(one.shows for one in self.open):
            found.left_out("Words of the instruction of a field were left out.", "Nobody sees them in Word.", text)
            return ""
        for one in self.open:
            one.words += text
        return "" if any(_LETTER.match(one.told) for one in self.open) else text

    def step(self, node: Any, found: Found) -> str:
        """A field begins, goes on or ends. Returns what is to stand there."""
        kind = node.get(f"{W}fldCharType")
        if node.tag == f"{W}instrText" and self.open:
            self.open[-1].told += node.text or ""
        elif kind == "begin":
            self.open.append(OldField(node))
        elif kind == "separate" and self.open:
            self.open[-1].shows = True
        elif kind == "end" and self.open:
            return self._ended(self.open.pop(), found)
        return ""

    def _ended(self, done: OldField, found: Found) -> str:
        if _LETTER.match(done.told) and not any(_LETTER.match(one.told) for one in self.open):
            found.left_out(_FILLED, _FIELD, done.words)
            return BLANK
        data = done.begin.find(f"{W}ffData")
        if data is None:
            return ""
        box = data.find(f"{W}checkBox")
        if box is not None:
            checked = box.find(f"{W}checked")
            checked = box.find(f"{W}default") if checked is None else checked
            ticked = checked is not None and checked.get(f"{W}val", "1") not in ("0", "false")
            if ticked:
                found.remark("A box is ticked in the file, and stays so.", "Write ☐ if readers are to tick it.")
            return TICKED_BOX if ticked else OPEN_BOX
        chosen = data.find(f"{W}ddList")
        if chosen is not None:
            choices = [one.get(f"{W}val") or "" for one in chosen.iter(f"{W}listEntry")]
            found.remark(_CHOICES, _FIELD, " / ".join(choices))
            at = value_of(chosen, "result")
            if at.isdecimal() and int(at) < len(choices):
                found.remark(_CHOSEN, _FIELD, choices[int(at)])
            return BLANK
        if done.words.strip():
            return ""
        found.remark("A place to fill in is a blank now.", _FIELD, value_of(data, "name"))
        return BLANK
