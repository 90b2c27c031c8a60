"""Plain text becomes headings, paragraphs, lists and tables: what its author meant by lines, blanks and signs."""

import re
from dataclasses import dataclass
from itertools import pairwise

from clinicpress.documents import LineBreak, Paragraph, Text, split_sentences
from clinicpress.library.imports.columns import rows_of, table_from
from clinicpress.library.imports.lists import Item, Outline, follows, mark_before
from clinicpress.library.imports.meaning import heading_roles, letters_that_are_words
from clinicpress.library.imports.signs import SPEAKING, tokens
from clinicpress.library.imports.tags import LONGEST_HEADING, Found, Heading, Piece, in_capitals
from clinicpress.words import language_told

_UNDERLINE = re.compile(r"\s*([=\-~*])\1{2,}\s*")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_WIDE_GAP = re.compile(r"(?<=[^\s.:)]) {3,}(?=[^\s_])")
_ENDED = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_LONGEST_NUMBERED = 70  # characters of a heading by its number or its capitals
_FIRST = frozenset(("1", "a", "A", "i", "I", "1.1"))  # labels that a list begins with
_MAY_BE_TEXT = frozenset("-–—*+o§")  # bullets that may stand in a sentence, at the start of a line
_SOON = 5  # lines in which another bullet of that kind shows that they are
_AHEAD = 60  # lines in which the second item is looked for
_SHORT = 0.6  # of the longest line: a line that its author ended before its time
_FULL = 0.8  # of the longest line: a shorter one was ended by its author
_DEEPER = frozenset("o▪§")  # bullets that Word puts before items within items, also where it does not indent them
_WRAPPED = 120  # characters: lines longer than this were not broken by hand


@dataclass(slots=True)
class _Line:
    """A line of a text, and how far its words stand from the edge."""

    words: str
    indent: int
    mark: tuple[str, str] | None = None

    @property
    def ended(self) -> bool:
        return _ENDED.search(self.words) is not None


def read_plain(text: str, found: Found) -> None:
    """Reads a text without marks. `found` gets its pieces."""
    found.heard = tokens(text)
    language = language_told(text)
    o_is_a_word = "o" in letters_that_are_words(language)
    groups = [group.split("\n") for group in re.split(r"\n[ \t]*\n", text) if group.strip()]
    numbered = _numbered_alone(groups)
    for number, lines in enumerate(groups):
        wide = [line.expandtabs(4) for line in lines if line.strip()]
        rows = [_Line(line.strip(), len(line) - len(line.lstrip())) for line in wide]
        _find_items(rows, o_is_a_word=o_is_a_word)
        if number in numbered:
            found.pieces.append(Heading((Text(rows[0].words),), 2))
            continue
        tables = dict(rows_of([line for line in lines if line.strip()]))
        at = 0
        for start in [*tables, len(rows)]:
            if at < start:
                _Group(rows[at:start], found, first=number == 0 and at == 0).read()
            if start in tables:
                found.pieces += table_from(tables[start], found)
                at = start + len(tables[start])
    _settle(found.pieces)


def _numbered_alone(groups: list[list[str]]) -> set[int]:
    """The groups that are numbered headings: '2. How it works' between empty lines, and sentences below each.

    They count from 1 on, and so do the items of a list between two of them: of these no text stands below each.
    """
    found: list[int] = []
    for number, (lines, behind) in enumerate(pairwise(groups)):
        row, below = lines[0].strip(), " ".join(behind).strip()
        mark = mark_before(row)
        if (
            len(lines) == 1
            and mark is not None
            and mark[0][:1].isdigit()
            and len(row) < min(_LONGEST_NUMBERED, len(below))
            and not re.search(r"[.!:;,…]$|_{3}", row)
            and mark[1][0].isupper()
            and below[0].isupper()
            and _ENDED.search(below)
            and Item(mark[0]).number == len(found) + 1
        ):
            found.append(number)
    return set(found) if len(found) > 1 else set()


def _find_items(rows: list[_Line], *, o_is_a_word: bool) -> None:
    """Gives each line that begins an item of a list its mark. A line that only goes on in the middle has none.

    Numbers and letters count when they follow each other. "o" is a bullet of other programs, and the word "or" in
    several languages: there a capital letter has to follow.
    """
    last = ""
    marks = [mark_before(row.words) for row in rows]
    for number, (row, found) in enumerate(zip(rows, marks, strict=True)):
        before = rows[number - 1] if number else None
        free = before is None or before.ended or before.mark is not None or bool(last)
        if found is None:
            continue
        label = found[0].strip("().")
        if found[0] != "•" and found[0] not in SPEAKING:
            starts = before is None or label in _FIRST
            ahead = (other for other in marks[number + 1 : number + _AHEAD] if other)
            if not follows(last, found[0]) and not (
                starts and ((free and label[0].isdigit()) or any(follows(found[0], other[0]) for other in ahead))
            ):
                continue
            last = found[0]
        elif row.words[0] in _MAY_BE_TEXT:
            again = any(other and other[0] == found[0] for other in marks[number + 1 : number + _SOON])
            if not (free or again) or (row.words[0] == "o" and o_is_a_word and not found[1][0].isupper()):
                continue
        row.mark = found
        last = last or found[0]


class _Group:
    """Lines that no empty line parts: headings, paragraphs, lists."""

    def __init__(self, rows: list[_Line], found: Found, *, first: bool) -> None:
        self.rows = rows
        self.found = found
        self.first = first
        self.run: list[str] = []
        self.items: list[tuple[_Line, list[str]]] = []
        self.width = max(len(row.words) for row in rows)
        self.headings = self._numbered_headings()
        columns = [row.words for row in rows if len(_GAP.findall(row.words)) > 1 or _WIDE_GAP.search(row.words)]
        if len(columns) > 1:
            remedy = "Make a table of them: | one | two | in each line, and |---|---| below the first."
            found.remark("Columns that were made of blanks are lines of words now.", remedy, " / ".join(columns)[:300])

    def read(self) -> None:
        """Puts the pieces of the lines into what was found."""
        whole_paragraphs = self.width > _WRAPPED
        for number, row in enumerate(self.rows):
            if self._ruler(row):
                continue
            if heading := self._heading(row, number):
                self._close()
                self.found.pieces.append(heading)
            elif row.mark is not None:
                self._close_paragraph()
                self.items.append((row, [row.mark[1]]))
            elif self.items and self._goes_on(row, self.rows[number - 1]):
                self.items[-1][1].append(row.words)
            else:
                self._close_items()
                self.run.append(row.words)
                if whole_paragraphs:
                    self._close_paragraph()
        self._close()

    def _ruler(self, row: _Line) -> bool:
        """Whether a line only draws a line; the words above it are a heading."""
        if not _UNDERLINE.fullmatch(row.words):
            return False
        self.found.heard -= tokens(row.words)
        self._close()
        return True

    def _heading(self, row: _Line, number: int) -> Heading | None:
        words, lines = row.words, self.rows
        behind = lines[number + 1] if number + 1 < len(lines) else None
        free = not self.run or _ENDED.search(self.run[-1]) is not None
        ends = free or len(lines[number - 1].words) < _SHORT * self.width
        alone = len(lines) == 1 or (self.first and number == 0)
        if behind is not None and _UNDERLINE.fullmatch(behind.words) and len(words) <= LONGEST_HEADING:
            return Heading((Text(words),), 1 if behind.words[0] == "=" else 2)
        if number in self.headings:
            return Heading((Text(words),), 3, sure=False)
        if row.mark is not None:
            return None
        if _question(words) and free:
            return Heading((Text(words),), sure=len(lines) > 1 or not self.first)
        if _by_name(words) and free and (number == 0 or lines[0].mark is None):
            return Heading((Text(words),))
        if alone and _alone(words):
            return Heading((Text(words),), 2 if len(lines) == 1 else 1, sure=False)
        if behind is not None and ends and (in_capitals(words) or (_like_a_title(words) and self._begins(behind))):
            return Heading((Text(words),), 2, sure=False)
        return None

    def _begins(self, row: _Line) -> bool:
        """Whether a line begins sentences, or an item of a list: what stands above it may be their heading."""
        sentences = row.words[0].isupper() and len(row.words) >= _SHORT * self.width and "___" not in row.words
        return row.mark is not None or sentences

    def _numbered_headings(self) -> set[int]:
        """The lines of numbered headings: '1. Confirm your visit', and sentences below each."""
        found = [number for number, row in enumerate(self.rows) if row.mark is not None]
        fits = len(found) > 1 and all(
            number + 1 < len(self.rows)
            and self.rows[number + 1].mark is None
            and self.rows[number + 1].words[0].isupper()
            and self.rows[number + 1].indent <= self.rows[number].indent
            and len(self.rows[number].words) < min(_LONGEST_NUMBERED, len(self.rows[number + 1].words))
            and not self.rows[number].ended
            and Item((self.rows[number].mark or ("", ""))[0]).number is not None
            for number in found
        )
        return set(found) if fits else set()

    def _goes_on(self, row: _Line, before: _Line) -> bool:
        """Whether a line belongs to the item above it: further in, or the line before was full."""
        item, _ = self.items[-1]
        if row.indent > item.indent or not before.ended:
            return True
        return len(before.words) + len(row.words.split()[0]) >= _FULL * self.width

    def _close(self) -> None:
        self._close_items()
        self._close_paragraph()

    def _close_paragraph(self) -> None:
        if self.run:
            self.found.pieces.append(_paragraph(self.run, self.width))
            self.run = []

    def _close_items(self) -> None:
        outline = Outline()
        edges: list[int] = []
        bullets: list[str] = []
        for row, words in self.items:
            while edges and row.indent < edges[-1]:
                edges.pop()
            if not edges or row.indent > edges[-1]:
                edges.append(row.indent)
            mark = (row.mark or ("", ""))[0]
            bullet = row.words[0] if mark == "•" else ""
            if bullet and bullet not in bullets:
                bullets.append(bullet)
            deeper = bullets.index(bullet) if bullet in _DEEPER and len(edges) == 1 else 0
            item = Item("" if bullet else mark, [_paragraph(words, self.width)])
            if bullet or item.number is not None:
                self.found.heard -= tokens(re.sub(r"\d", "", row.words[: len(row.words) - len(row.mark[1])]))  # type: ignore[index]
            outline.rows.append((len(edges) - 1 + deeper, item))
        self.items = []
        self.found.pieces += outline.take(self.found)


def _like_a_title(line: str) -> bool:
    """A line whose words begin with capitals: 'How to Avoid a No-Show'. Columns of blanks are no title."""
    if _GAP.search(line):
        return False
    words = [one for one in re.findall(r"[^\W\d_]+", line) if len(one) > 3]
    titled = sum(one[0].isupper() for one in words)
    return len(words) > 1 and _alone(line) and len(line) <= _LONGEST_NUMBERED and titled >= 0.75 * len(words)


def _question(line: str) -> bool:
    """A short line that asks: 'How does it work?'."""
    return (
        len(line) <= LONGEST_HEADING
        and line.endswith("?")
        and mark_before(line) is None
        and len(split_sentences(line)) == 1
    )


def _by_name(line: str) -> bool:
    """A short line that is the name of a section: 'Benefits', 'What to expect:'."""
    bare = line.rstrip(":").strip()
    return len(bare.split()) <= 7 and not _ENDED.search(bare) and bool(heading_roles(bare, exact=True))


def _alone(line: str) -> bool:
    """A line that may be a heading by its looks: short, a capital first, no full stop, no telephone number."""
    return (
        len(line) <= LONGEST_HEADING
        and len(line.split()) <= 12
        and not _ENDED.search(line)
        and not line.endswith(",")
        and mark_before(line) is None
        and not re.search(r"\d{3}|@|_{3}", line)
        and (line[0].isupper() or line[0] in "¿¡" or line[0].isdigit())
    )


def _paragraph(lines: list[str], width: int) -> Paragraph:
    """Lines as one paragraph. A word that was parted at a line end is whole.

    A line end stays where its author made it: in a name and address, and behind a short line that begins anew.
    """
    if len(lines) > 1 and all(len(line) < 45 and not _ENDED.search(line) for line in lines):
        content = [part for line in lines for part in (LineBreak(), Text(line))][1:]
        return Paragraph(tuple(content), 0)
    rows = [lines[0]]
    for before, line in pairwise(lines):
        parted = re.fullmatch(r"\w-", before[-2:]) and line[0].islower()
        in_columns = _GAP.search(before) is not None and _GAP.search(line) is not None
        if in_columns or (len(before) < _SHORT * width and line[0].isupper()):
            rows.append(line)
        else:
            rows[-1] += line if parted else f" {line}"
    return Paragraph(tuple(part for row in rows for part in (LineBreak(), Text(row)))[1:], 0)


def _settle(pieces: list[Piece]) -> None:
    """Takes back headings that only looked so: a line that no text follows, in a row of short lines."""
    for number, piece in enumerate(pieces):
        if number == 0 or not isinstance(piece, Heading) or piece.sure:
            continue
        behind = pieces[number + 1] if number + 1 < len(pieces) else None
        before = pieces[number - 1]
        if (
            behind is None
            or (isinstance(behind, Heading) and not behind.sure and not isinstance(before, Heading))
            or (
                isinstance(before, Paragraph)
                and isinstance(behind, Heading)
                and behind.level <= piece.level
                and not heading_roles(piece.words)
            )
        ):
            pieces[number] = Paragraph(piece.content, 0)
