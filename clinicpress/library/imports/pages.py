"""The blocks of a page as they come: paragraphs, headings, lists within lists, tables, notes; each in its place."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from clinicpress.documents import Block, Inline, LineBreak, Listing, NoteMark, Paragraph, Strong, Text, plain_text
from clinicpress.library.imports.grids import Grid
from clinicpress.library.imports.lists import Item, Outline, listings, mark_before, numeral
from clinicpress.library.imports.looks import Looks
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.tags import Found, Heading, Piece, by_its_looks, joined, parted

_NOTES = r"(?:footnote|endnote|fn|ftnt|ftn|edn|sdfootnote|sdendnote)"
NOTE = re.compile(rf"#?(?:user-content-)?(_?{_NOTES})[-:]?(\d+)(?:sym)?$")
BACK = re.compile(rf"#(?:user-content-)?_?{_NOTES}(?:-?ref|_ref|\d+anc)")
MOST_DEEP = 3  # lists within lists that a page shows well


@dataclass(slots=True)
class OpenList:
    """A list that is being read: its items, how it counts them, and the level that it says it has."""

    ordered: bool
    style: str = ""
    next: int = 1
    step: int = 1
    level: int | None = None
    named: str = ""  # its class in the page
    items: list[Item] = field(default_factory=list)


class Arranger:
    """Takes the blocks of a page in their order."""

    def __init__(self, found: Found, frames: Iterable[bool]) -> None:
        self.found = found
        self.frames = iter(frames)  # for each table, whether it is a frame for the looks
        self.run: list[Inline] = []
        self.lists: list[OpenList] = []
        self.deeper: list[OpenList] = []  # lists that are open within the deepest that a page shows
        self.grids: list[Grid] = []
        self.cell: list[Inline] | None = None
        self.reach = (1, 1)
        self.outline = Outline()
        self.level: int | None = None  # of the paragraph, where it is an item of a list and says so itself
        self.heading_role = ""
        self.title = False  # whether a paragraph is the title, where a program says so by a class
        self.spent: Counter[str] = Counter()  # signs of the source that became marks of lists
        self.shown: Counter[str] = Counter()  # numbers of items that no word of the source says
        self.marks: dict[str, int] = {}  # notes by the number that they get: the order of their references
        self.noted: dict[str, list[Block]] = {}
        self.note = ""
        self.waiting: list[NoteMark] = []  # notes of a heading, which wait for the first words under it

    @property
    def in_cell(self) -> bool:
        """Whether words stand in a cell of a table."""
        return self.cell is not None or len(self.solid) > 1

    @property
    def solid(self) -> list[Grid]:
        """The tables that are open and are no frames for the looks."""
        return [grid for grid in self.grids if not grid.loose]

    # Lists ----------------------------------------------------------------------------------------------------------

    def start_list(self, tag: str, attributes: dict[str, str], level: int | None) -> None:
        """A list begins."""
        style = re.search(r"list-style-type:\s*([\w-]+)", attributes.get("style", ""))
        made = OpenList(tag == "ol", style[1] if style else attributes.get("type", ""), level=level)
        made.named = attributes.get("class", "")
        made.next = _whole(attributes.get("start"), 1)
        made.step = -1 if "reversed" in attributes else 1
        if level is None and not self.lists:
            self._end_outline()
        if (self.deeper or len(self.lists) > MOST_DEEP) and not self.in_cell:
            self.deeper.append(made)
            remedy = "Its items stand on the level above; write them as a sentence, or in a list of their own."
            self.found.remark("A list stands deeper than three levels in others.", remedy)
        else:
            self.lists.append(made)

    def start_item(self, attributes: dict[str, str], looks: Looks) -> None:
        """An item of a list begins."""
        if not self.lists:
            return
        last = (self.deeper or self.lists)[-1]
        number = last.next = _whole(attributes.get("value"), last.next)
        label = attributes.get("label-of-item")
        if label is None:
            label = looks.label(last.named, number)
        if label is None:
            label = f"{numeral(number, last.style)}." if last.ordered else ""
        last.next += last.step
        if self.in_cell:
            self.run.append(Text(f"{label or '•'} "))
            return
        self.lists[-1].items.append(Item(label))
        if mark := NOTE.match(attributes.get("id", "")):
            self.note = f"{mark[1]}{mark[2]}".lstrip("_")
        else:
            self.shown.update(tokens(re.sub(r"\W", "", label)))

    def _end_list(self) -> None:
        done = self.lists.pop()
        if self.in_cell:
            return
        if done.step < 0 and done.items and all(one.label == f"{2 - at}." for at, one in enumerate(done.items, 1)):
            for at, one in enumerate(done.items):  # it counts down to 1
                self.shown.subtract(tokens(one.label.rstrip(".")))
                one.label = f"{len(done.items) - at}."
                self.shown.update(tokens(one.label.rstrip(".")))
        if done.level is not None:
            self.outline.rows += [(done.level, one) for one in done.items]
            return
        self._place_listings(listings(done.items, self.found))

    def _place_listings(self, made: list[Listing]) -> None:
        for one in made:
            only = one.items[0][0] if len(one.items) == 1 and len(one.items[0]) == 1 else None
            if isinstance(only, Paragraph) and not self.lists and len(made) == 1 and by_its_looks([*only.content]):
                number = (Text(f"{one.start}. "),) if one.start is not None else ()
                self._place(Heading((*number, *_plain(only.content)), 2, sure=False))
            else:
                self._place(one)

    # Tables ---------------------------------------------------------------------------------------------------------

    def start_table(self) -> None:
        """A table begins."""
        self.grids.append(Grid(loose=next(self.frames, False)))

    def start_row(self) -> None:
        """A row of a table begins."""
        if len(self.solid) == 1 and not self.grids[-1].loose:
            self._end_cell()
            self.grids[-1].row()

    def start_cell(self, attributes: dict[str, str], *, head: bool = False) -> None:
        """A cell of a table begins."""
        if len(self.solid) == 1 and not self.grids[-1].loose:
            self._end_cell()
            self.cell = []
            self.grids[-1].headed = self.grids[-1].headed or head
            down = _whole(attributes.get("rowspan"), 1)
            self.reach = (_whole(attributes.get("colspan"), 1), down if down != 0 else 10_000)

    def _end_cell(self) -> None:
        if self.cell is not None and self.grids:
            self.grids[-1].cell(tuple(self.cell), *self.reach)
        self.cell = None

    def _end_table(self) -> None:
        if len(self.solid) == 1 and not self.grids[-1].loose:
            self._end_cell()
        grid = self.grids.pop()
        if grid.loose:
            return
        if self.solid:
            remedy = "Read the cell that held it, and part it into sentences."
            self.found.remark("A table stood inside a table; its words stand in one cell.", remedy)
            return
        for block in grid.blocks(self.found):
            self._place(block)

    # Notes ----------------------------------------------------------------------------------------------------------

    def note_mark(self, href: str) -> NoteMark:
        """The mark of a note, at the place that refers to it."""
        found = NOTE.match(href)
        key = f"{found[1]}{found[2]}".lstrip("_") if found else href
        return NoteMark(self.marks.setdefault(key, len(self.marks) + 1))

    def begin_note(self, attributes: dict[str, str]) -> None:
        """A link that leads back to the text from a note: the note begins here."""
        here = NOTE.match(attributes.get("name") or attributes.get("id") or "")
        if here and BACK.match(attributes.get("href", "")):
            self._end_outline()
            self.note = f"{here[1]}{here[2]}".lstrip("_")

    # Blocks ---------------------------------------------------------------------------------------------------------

    def flush(self, tag: str, *, aside: bool) -> None:
        """What was read since the last block is a block."""
        run, self.run = joined(self.run), []
        level, self.level = self.level, None if tag == "p" else self.level
        title, self.title = self.title, False
        if not plain_text(run).strip() and not any(isinstance(one, NoteMark) for one in run):
            return
        if self.in_cell:
            cell = self.cell if self.cell is not None else []
            if cell:
                cell += [LineBreak(), LineBreak()]  # its paragraphs stay apart
            cell.extend(run)
            self.cell = cell
            return
        if level is not None and not self.lists and self._item(run, level):
            return
        if re.fullmatch(r"h[1-6]", tag) and not self.lists:
            bold = all(isinstance(one, Strong) for one in run)  # headings are bold without a mark
            self._place(Heading(_plain(run) if bold else tuple(run), int(tag[1]), role=self.heading_role), aside=aside)
        elif title and not self.lists:
            self._place(Heading(_plain(run), 1), aside=aside)
        elif not self.lists and not self.note and by_its_looks(run):
            self._place(Heading(_plain(run), 2, sure=False), aside=aside)
        else:
            for part in parted(run):
                self._place(Paragraph(part, 0), aside=aside)

    def _item(self, run: list[Inline], level: int) -> bool:
        """A paragraph that is an item of a list, its mark written by hand. Returns whether it is one."""
        words = plain_text(run)
        found = mark_before(words)
        if found is None:
            return False
        mark, rest = found
        item = Item("" if mark == "•" else mark)
        plain_number = item.number is not None
        if mark == "•" or plain_number:
            self.spent.update(tokens(re.sub(r"\d", "", words[: len(words) - len(rest)])))
        item.blocks = [Paragraph(part, 0) for part in parted(_behind(run, len(words) - len(rest)))]
        self.outline.rows.append((level, item))
        return True

    def _place(self, piece: Piece, *, aside: bool = False) -> None:
        if not self.lists:
            self._end_outline()
        if isinstance(piece, Heading):
            self._end_waiting()
            self.waiting += [one for one in piece.content if isinstance(one, NoteMark)]
            piece = replace(piece, content=tuple(one for one in piece.content if not isinstance(one, NoteMark)))
        elif self.waiting and isinstance(piece, Paragraph) and not self.note:
            what = "The note of a heading stands behind the first words under it."
            self.found.remark(what, "Move it to the words that it is about.", plain_text(piece.content)[:80])
            piece, self.waiting = replace(piece, content=(*piece.content, *self.waiting)), []
        if self.note and not isinstance(piece, Heading) and not self.lists:
            self.noted.setdefault(self.note, []).append(piece)
        elif self.lists and not isinstance(piece, Heading):
            items = self.lists[-1].items
            if not items:
                items.append(Item())
            items[-1].blocks.append(piece)
        elif aside:
            self.found.aside.append(Paragraph(piece.content, 0) if isinstance(piece, Heading) else piece)
        else:
            self.found.pieces.append(piece)

    def _end_waiting(self) -> None:
        """A heading with a note has no words under it: the note stands alone there."""
        if self.waiting:
            self._place(Paragraph((Text("…"),), 0))

    def _end_outline(self) -> None:
        """What follows is no item of the list that was written paragraph by paragraph."""
        if self.outline.rows:
            self._place_listings(self.outline.take(self.found))

    def end_block(self, tag: str) -> None:
        """A tag closes that may hold blocks."""
        if tag in ("ul", "ol") and self.deeper:
            self.deeper.pop()
        elif tag in ("ul", "ol") and self.lists:
            self._end_list()
        elif tag == "li" and self.note and self.lists and not self.deeper:
            self.noted.setdefault(self.note, self.lists[-1].items.pop().blocks)
            self.note = ""
        elif tag == "div":
            self.note = ""
        elif tag in ("td", "th") and len(self.solid) == 1 and not self.grids[-1].loose:
            self._end_cell()
        elif tag in ("thead", "tbody", "tfoot") and len(self.solid) == 1 and not self.grids[-1].loose:
            self.grids[-1].group()
        elif tag == "table" and self.grids:
            self._end_table()

    def close(self) -> None:
        """The page ends: whatever is open is whole, and the notes get their numbers."""
        while self.lists:
            self._end_list()
        while self.grids:
            self._end_table()
        self._end_outline()
        self.note = ""
        self._end_waiting()
        for key, number in self.marks.items():
            blocks = self.noted.pop(key, [])
            if not blocks:
                self.found.remark(
                    "A note has no words in the file.", "Write them at the TODO, or delete its mark.", key
                )
                blocks = [Paragraph((Text("TODO"),), 0)]
            self.found.notes.append((number, tuple(blocks)))
        for blocks in self.noted.values():
            self.found.remark("Nothing refers to a note; it stands at the end.", "Move it to where it belongs.")
            self.found.aside.extend(blocks)


def _whole(text: str | None, other: int) -> int:
    """A whole number of a tag; `other` where it is none."""
    return int(text) if text and re.fullmatch(r"-?\d{1,8}", text.strip()) else other


def _plain(content: list[Inline] | tuple[Inline, ...]) -> tuple[Inline, ...]:
    return tuple(one if isinstance(one, NoteMark | LineBreak) else Text(plain_text((one,))) for one in content)


def _behind(run: list[Inline], gone: int) -> list[Inline]:
    """A run without its first letters."""
    kept: list[Inline] = []
    for one in run:
        words = "" if isinstance(one, NoteMark) else plain_text((one,))
        cut, gone = min(gone, len(words)), gone - min(gone, len(words))
        if not cut:
            kept.append(one)
        elif cut < len(words):
            rest = Text(words[cut:])
            kept.append(Strong((rest,)) if isinstance(one, Strong) else rest)
    return kept
