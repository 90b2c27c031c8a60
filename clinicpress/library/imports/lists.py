"""Lists as their readers saw them: each item with its own number, letter or sign, on its own level.

A document of ours has bullets, and numbers that count on by one. Whatever else stands before an item is kept in its
words, and told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from clinicpress.documents import Block, Inline, Listing, Paragraph, Text, plain_text
from clinicpress.library.imports.signs import BULLETS, SPEAKING, like
from clinicpress.library.imports.tags import Found

_PLAIN_NUMBER = re.compile(r"\(?(\d{1,9})[.):]?")
_MARK = re.compile(
    rf"\s*(?:([{re.escape(''.join(sorted(BULLETS)))}])|([{SPEAKING}])\ufe0f?|"
    r"(\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxIVX]{2,5})[.)]|\d{1,3}(?:\.\d{1,3})+))(?=\s)\s*"
)
_ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
)
_ROMAN += ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_STYLES = {"a": "letters", "i": "roman", "lower-alpha": "letters", "lower-latin": "letters", "lower-roman": "roman"}
_STYLES |= {"lowerLetter": "letters", "lowerRoman": "roman", "A": "LETTERS", "I": "ROMAN", "upper-alpha": "LETTERS"}
_STYLES |= {"upper-latin": "LETTERS", "upper-roman": "ROMAN", "upperLetter": "LETTERS", "upperRoman": "ROMAN"}


@dataclass(slots=True)
class Item:
    """An item of a list that is being read. `label` is what its reader sees before it: '3.', 'b)', '✓', or nothing."""

    label: str = ""
    blocks: list[Block] = field(default_factory=list)

    @property
    def number(self) -> int | None:
        """The number that counts it, when it is one that a document of ours can print."""
        found = _PLAIN_NUMBER.fullmatch(self.label)
        return int(found[1]) if found else None


def numeral(number: int, style: str) -> str:
    """A number as a list shows it: 3, c, iii. `style` is a name of HTML, CSS or Word; unknown ones give digits."""
    form = _STYLES.get(style, "")
    if form.lower() == "letters" and 1 <= number <= 780:  # z, then aa, bb, as Word counts
        text = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif form.lower() == "roman" and 1 <= number < 4000:
        text, rest = "", number
        for value, sign in _ROMAN:
            text, rest = text + sign * (rest // value), rest % value
    else:
        return f"0{number}" if style == "decimalZero" and 0 <= number < 10 else str(number)
    return text.upper() if form.isupper() else text


def mark_before(words: str) -> tuple[str, str] | None:
    """What stands before an item that was written by hand, and the item: '3.', 'b)', '✓'; '•' for plain bullets."""
    found = _MARK.match(words)
    if found is None or not words[found.end() :].strip():
        return None
    return found[3] or like(found[2] or "") or "•", words[found.end() :]


def follows(before: str, label: str) -> bool:
    """Whether a label is the next after another: 2. after 1., b) after a), 1.2 after 1.1, iv. after iii."""
    first, second = (one.strip("().") for one in (before, label))
    if before[-1:] != label[-1:] or not first or not second:
        return False
    if "." in first or "." in second:
        return _steps(first) < _steps(second) if _steps(first) and _steps(second) else False
    return any(_places(first, style) & {one - 1 for one in _places(second, style)} for style in "1aAiI")


@lru_cache(maxsize=1000)
def _places(text: str, style: str) -> frozenset[int]:
    """The numbers that a label can stand for in a style."""
    if style == "1":
        return frozenset([int(text)] if text.isdigit() else [])
    return frozenset(number for number in range(1, 60) if numeral(number, style) == text)


def _steps(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("."))) if re.fullmatch(r"\d+(?:\.\d+)*", text) else ()


def bullet_label(sign: str) -> str:
    """What stays of a bullet: nothing of a plain one, the sign of one that says something."""
    sign = like(sign.strip().replace("\ufe0f", ""))
    return "" if not sign or sign in BULLETS or not sign.isprintable() or sign.isspace() else sign


def listings(items: Iterable[Item], found: Found) -> list[Listing]:
    """The lists that show what the items show: one begins wherever a number does not follow the one before."""
    lists: list[tuple[int | None, list[tuple[Block, ...]]]] = []
    for item in items:
        if not item.blocks:
            if item.label:
                found.left_out("An item of a list has no words.", "Write them, or count on without it.", item.label)
            continue
        number = item.number
        blocks = tuple(item.blocks) if number is not None else tuple(_labelled(item))
        start, last = lists[-1] if lists else (None, [])
        follows_on = number is None if start is None else number == start + len(last)
        if last and follows_on:
            last.append(blocks)
        else:
            lists.append((number, [blocks]))
    if told := [_shown(item) for item in items if item.label and item.number is None and item.label not in SPEAKING]:
        what = "A list has letters or signs that lists of ours have not; they stand in its words."
        found.remark(what, "Read the list, and whatever names an item of it.", " / ".join(told))
    return [Listing(tuple(rows), 0, start) for start, rows in lists]


def _shown(item: Item) -> str:
    first = next((plain_text(one.content) for one in item.blocks if isinstance(one, Paragraph)), "")
    return f"{item.label} {first}"


def _labelled(item: Item) -> list[Block]:
    if not item.label:
        return item.blocks
    label: tuple[Inline, ...] = (Text(f"{item.label} "),)
    first = item.blocks[0]
    if isinstance(first, Paragraph):
        return [Paragraph((*label, *first.content), first.line), *item.blocks[1:]]
    return [Paragraph(label, 0), *item.blocks]


@dataclass(slots=True)
class Outline:
    """Items that tell their own level, one after the other, as other programs write lists."""

    rows: list[tuple[int, Item]] = field(default_factory=list)

    def take(self, found: Found) -> list[Listing]:
        """The lists of the items so far; it is empty afterwards."""
        rows, self.rows = self.rows, []
        return _nested(rows, found)


def _nested(rows: Sequence[tuple[int, Item]], found: Found) -> list[Listing]:
    """Lists within lists: what stands deeper belongs to the item above it."""
    if not rows:
        return []
    top = min(level for level, _ in rows)
    items: list[Item] = []
    deeper: list[tuple[int, Item]] = []

    def close() -> None:
        if deeper:
            if not items:
                items.append(Item())
            items[-1].blocks.extend(_nested(deeper, found))
            deeper.clear()

    for level, item in rows:
        if level > top:
            deeper.append((level, item))
        else:
            close()
            items.append(item)
    close()
    return listings(items, found)
