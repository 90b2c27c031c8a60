"""Reads a finished PDF as it lies on the table: each sign with its box, what is drawn over it, and what it belongs to.

Boxes are pdfium's; what a sign belongs to is said by the tag tree (pikepdf). Signs that no element holds are furniture:
running heads, form lines, repeated heads of a table. Nothing here knows how the file was made.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

Box = tuple[float, float, float, float]  # left, bottom, right, top in points, origin at the bottom left of the page
INLINE = {"Span", "Link", "Strong", "Em", "Form", "Quote", "Reference", "Note", "Code", "NonStruct"}
GAP = 0.22  # of the type size: a gap from here on parts two words, whether or not the file has a blank there
MOST_PIECES = 24  # a word of 120 letters in a narrow column


@dataclass(frozen=True, slots=True)
class Sign:
    """One printed letter, digit or mark."""

    text: str
    page: int  # from 1
    box: Box  # of its ink
    end: float  # where the next one would start
    size: float
    owner: int  # number of its element in the order of reading; -1 for furniture
    z: int  # what has a greater number is drawn later
    visible: Box | None  # what its clip leaves of the page

    @property
    def middle(self) -> tuple[float, float]:
        """Where it is looked for when something is drawn later."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def around(signs: Sequence[Sign]) -> Box:
    """The box around several signs."""
    left, bottom, right, top = zip(*(sign.box for sign in signs), strict=True)
    return min(left), min(bottom), max(right), max(top)


@dataclass(frozen=True, slots=True)
class Ink:
    """A picture or a filled path."""

    page: int
    box: Box
    z: int
    owner: int
    picture: bool
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()  # of a path: its closed lines

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in what is painted: a frame is painted, its inside is not."""
        left, bottom, right, top = self.box
        if not (left <= x <= right and bottom <= y <= top):
            return False
        if self.picture:
            return True
        inside = False
        for line in self.outline:
            for (ax, ay), (bx, by) in zip(line, (*line[1:], line[0]), strict=True):
                if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                    inside = not inside
        return inside


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the tag tree. Numbers are places in the order of reading."""

    number: int
    role: str
    parents: tuple[int, ...]


@dataclass(slots=True)
class Word:
    """A word as a reader takes it in: its parts when a line end broke it, and the block that it belongs to."""

    text: str
    block: int  # the element; -1 for furniture
    parts: list[list[Sign]] = field(default_factory=list)
    line_start: bool = False

    @property
    def page(self) -> int:
        """The page on which it begins."""
        return self.parts[0][0].page

    def boxes(self) -> Iterator[tuple[int, Box]]:
        """Page and box of each part."""
        for signs in self.parts:
            yield signs[0].page, around(signs)

    @property
    def width(self) -> float:
        """How long a line has to be to hold it in one."""
        return sum(right - left for _, (left, _, right, _) in self.boxes())


@dataclass(frozen=True)
class Paper:
    """A finished document as it was read."""

    sizes: Sequence[tuple[float, float]]
    elements: Mapping[int, Element]
    signs: Sequence[Sign]  # of the text, in the order of reading; without blanks
    furniture: Sequence[Sign]
    drawn: Sequence[Sign]  # words inside drawings
    ink: Sequence[Ink]
    fields: Sequence[tuple[str, int, Box]]  # name, page and rectangle of places to type or tick
    unmarked: Sequence[tuple[int, int]]  # page, how many glyphs that the font does not have
    marks: Mapping[int, tuple[int, int]]  # page and number of each marked content, by its place in the order of reading
    _streams: Mapping[int, Sequence[Sign]]  # signs and blanks of each marked content, in the order of reading

    def role(self, number: int) -> str:
        """The role of an element."""
        return self.elements[number].role if number in self.elements else ""

    def chain(self, number: int) -> list[int]:
        """The element and those that hold it, from the outside in."""
        return [*self.elements[number].parents, number] if number in self.elements else []

    def inside(self, number: int, role: str) -> list[int]:
        """The elements of a role that hold this one, or are it, from the outside in."""
        return [one for one in self.chain(number) if self.role(one) == role]

    @cached_property
    def _nearest(self) -> dict[int, int]:
        found: dict[int, int] = {-1: -1}
        for number, element in self.elements.items():  # parents come first
            above = element.parents[-1] if element.parents else -1
            found[number] = found[above] if element.role in INLINE else number
        return found

    def block(self, number: int) -> int:
        """The nearest element that is no mere stretch of words."""
        return self._nearest[number]

    def words(self, known: Collection[str]) -> list[Word]:
        """The words of the text in the order of reading. What a line end parts is joined when the whole is `known`."""
        found: list[Word] = []
        for owner in sorted(self._streams):
            _take(found, self._streams[owner], self.block(owner))
        return _joined(found, known)

    @cached_property
    def around(self) -> list[Word]:
        """The words of the furniture, in the order in which they are drawn."""
        found: list[Word] = []
        _take(found, self.furniture, -1)
        return found


def _take(found: list[Word], signs: Sequence[Sign], block: int) -> None:
    """Adds signs and blanks to the words that were found."""
    last = next((word for word in reversed(found[-2:]) if word.text), None)
    before = last.parts[-1][-1] if last and last.block == block else None
    for sign in signs:
        if not sign.text.strip():
            if found and found[-1].text:
                found.append(Word("", block))
            continue
        new_line = before is not None and _new_line(before, sign)
        gap = before is not None and not new_line and sign.box[0] - before.end > GAP * sign.size
        if not found or found[-1].block != block or before is None or new_line or gap:
            if found and not found[-1].text:
                found.pop()
            found.append(Word("", block))
        word = found[-1]
        if not word.text:
            word.line_start, word.parts = new_line, [[]]
        word.text += sign.text
        word.parts[-1].append(sign)
        before = sign


def _new_line(before: Sign, sign: Sign) -> bool:
    if before.page != sign.page:
        return True
    size = max(before.size, sign.size)
    lower = abs(before.middle[1] - sign.middle[1]) > 0.9 * size
    back = sign.box[2] < before.box[0]
    return lower or back


def _joined(found: Sequence[Word], known: Collection[str]) -> list[Word]:
    found = [word for word in found if word.text]
    for word in found:
        word.text = unicodedata.normalize("NFC", word.text)
    done: list[Word] = []
    place = 0
    while place < len(found):
        last = place
        text = found[place].text
        best = 0
        while last + 1 < len(found) and found[last + 1].line_start and found[last + 1].block == found[place].block:
            last += 1
            text += found[last].text
            if text in known and not all(one.text in known for one in found[place : last + 1]):
                best = last - place
            if last - place > MOST_PIECES:
                break
        whole = found[place]
        for other in found[place + 1 : place + best + 1]:
            whole.text += other.text
            whole.parts += other.parts
        done.append(whole)
        place += best + 1
    return done
