"""Tracked changes and hidden words of a file: what they leave of a paragraph, and the sentence around each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from clinicpress.library.imports.numbering import W, value_of
from clinicpress.library.imports.openstyles import TEXT
from clinicpress.library.imports.runs import is_drop_cap, says, texts_in
from clinicpress.library.imports.styles import Styles
from clinicpress.library.imports.tags import Found, in_its_place

_GONE = frozenset(f"{W}{name}" for name in ("del", "moveFrom"))
_MARKS = ("del", "moveFrom")
_SO_FAR = 25  # runs on either side that are looked at for the sentence around a word


def without_deleted_ends(tree: Any, found: Found) -> None:
    """Joins paragraphs where a tracked change deletes the end of one: the next keeps its looks, as in Word."""
    for one in list(tree.iter(f"{W}p")):
        marks = one.find(f"{W}pPr/{W}rPr")
        behind = one.getnext()
        if behind is None or behind.tag != f"{W}p" or is_drop_cap(one) or not any(says(marks, name) for name in _MARKS):
            continue
        words, more = "".join(_seen(one)), "".join(_seen(behind))
        if words.strip() and more.strip():
            what = "A tracked change joins two paragraphs; they stand as one."
            found.remark(what, "Read it; settle the changes in Word first.", f"{words[-80:]}|{more[:80]}")
        properties = behind.find(f"{W}pPr")
        at = 0 if properties is None else behind.index(properties) + 1
        for child in reversed([child for child in one if child.tag != f"{W}pPr"]):
            behind.insert(at, child)
        one.getparent().remove(one)


def _seen(paragraph: Any) -> list[str]:
    """The words of a paragraph that no tracked change takes away."""
    return [
        words
        for run in paragraph.iter(f"{W}r")
        if not any(above.tag in _GONE for above in run.iterancestors())
        for words in texts_in(run)
    ]


@dataclass(slots=True)
class Places:
    """Finds the sentence that a word of a paragraph stands in."""

    styles: Styles
    _paragraph: Any = None
    _runs: list[tuple[str, bool]] = field(default_factory=list)  # of the paragraph: words, and whether readers see them
    _at: dict[Any, int] = field(default_factory=dict)

    def around(self, element: Any) -> str:
        """The words of an element, in brackets, and those beside it that readers see."""
        paragraph = next(element.iterancestors(f"{W}p"), None)
        if paragraph is None:
            return ""
        self._read(paragraph)
        own = [self._at[run] for run in element.iter(f"{W}r") if run in self._at]
        if not own:
            return ""
        first, last = own[0], own[-1]
        before = "".join(words for words, seen in self._runs[max(0, first - _SO_FAR) : first] if seen)
        behind = "".join(words for words, seen in self._runs[last + 1 : last + 1 + _SO_FAR] if seen)
        return in_its_place(before, "".join(words for words, _ in self._runs[first : last + 1]), behind)

    def _read(self, paragraph: Any) -> None:
        if paragraph is self._paragraph:
            return
        style_id = value_of(paragraph.find(f"{W}pPr"), "pStyle") or self.styles.usual
        self._paragraph, self._runs, self._at = paragraph, [], {}
        for run in paragraph.iter(f"{W}r"):
            gone = any(above.tag in _GONE for above in run.iterancestors()) or self.styles.look(run, style_id).hidden
            self._at[run] = len(self._runs)
            self._runs.append(("".join(texts_in(run)), not gone))


# OpenDocument ---------------------------------------------------------------------------------------------------------

_DELETED = "Words that a tracked change deletes were left out."
_INSERTED = "Words that a tracked change inserts were taken as accepted."
_SETTLE = "Accept or reject the changes first, if they are not settled."


def tell_open_changes(source: Any, found: Found, words_of: Callable[[Any], str]) -> None:
    """Tells the tracked changes of an OpenDocument text, each in its paragraph. Source: OpenDocument 1.3, 3, 5.5."""
    words: dict[str, str] = {}  # of each change, by its name; nothing where they stand in the text
    for one in source.iter(f"{TEXT}changed-region"):
        gone = one.find(f"{TEXT}deletion")
        if gone is not None or one.find(f"{TEXT}insertion") is not None:
            words[one.get(f"{TEXT}id") or ""] = words_of(gone) if gone is not None else ""
    told: set[str] = set()
    for paragraph in source.iter(f"{TEXT}p", f"{TEXT}h"):
        if any(up.tag == f"{TEXT}tracked-changes" for up in paragraph.iterancestors()):
            continue
        line, places = _open_changes(paragraph)
        for key, start, end in places:
            if key in words:
                told.add(key)
                what = _DELETED if words[key] else _INSERTED
                found.remark(what, _SETTLE, in_its_place(line[:start], words[key] or line[start:end], line[end:]))
    for key in words.keys() - told:
        if words[key].strip():
            found.remark(_DELETED, _SETTLE, words[key])


def _open_changes(paragraph: Any) -> tuple[str, list[tuple[str, int, int]]]:
    """The words of a paragraph, and the changes in it: their names, where they begin, and where they end."""
    line, begun = "", dict[str, int]()
    places: list[tuple[str, int, int]] = []
    for event, node in etree.iterwalk(paragraph, events=("start", "end")):
        if event == "start":
            line += node.text or ("" if node.tag != f"{TEXT}s" else " ")
            continue
        key = node.get(f"{TEXT}change-id") or ""
        if node.tag == f"{TEXT}change-start":
            begun[key] = len(line)
        elif node.tag in (f"{TEXT}change", f"{TEXT}change-end"):
            places.append((key, begun.pop(key, 0 if node.tag.endswith("-end") else len(line)), len(line)))
        line += "" if node is paragraph else node.tail or ""
    return line, [*places, *((key, start, len(line)) for key, start in begun.items())]
