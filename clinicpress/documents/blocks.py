"""The text of a section: paragraphs, lists, tables, figures, and the words in them.

A block knows on which line of its Markdown file it starts (`line`, counted from 1), so that a finding can point at it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from clinicpress.documents.forms import Field


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that goes into a document: its name, its bytes and its media type (`image/svg+xml`, `image/png`).

    `size` is the width and height of a picture in units of its own. `original` are the bytes of the file on the disk,
    where they had to be changed to print.
    """

    name: str
    data: bytes = field(repr=False)
    media_type: str
    size: tuple[float, float] = (0.0, 0.0)
    original: bytes = field(default=b"", repr=False)

    @property
    def is_drawing(self) -> bool:
        """Whether it is a drawing of lines and words, and no picture of points."""
        return self.media_type == "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words in bold: a term at its first use, or the lead words of a list item."""

    content: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Words with stress. They print semibold: italics are hard to read for many."""

    content: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an address (`https:`, `mailto:` or `tel:`)."""

    href: str
    content: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line end that the author asked for."""


@dataclass(frozen=True, slots=True)
class NoteMark:
    """The number of a footnote, where the text refers to it."""

    number: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A value of the clinic's profile in running text (`{clinic.phone}`), where its text names it and not says it.

    `text` is the value as it prints; empty until it is known. `href` is where a phone number or a website leads.
    """

    name: str
    text: str = ""
    href: str = ""


Inline = Text | Strong | Emphasis | Link | LineBreak | NoteMark | Variable


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    content: tuple[Inline, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading inside a section."""

    content: tuple[Inline, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. `start` is the first number of a numbered list, and None for bullets. An item is a row of blocks."""

    items: tuple[tuple["Block", ...], ...]
    line: int
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """Terms and what they mean: pairs of the term and its explanations."""

    entries: tuple[tuple[tuple[Inline, ...], tuple["Block", ...]], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. `rows` says over how many rows it reaches; a heading cell names its row or column."""

    content: tuple[Inline, ...]
    heading: bool = False
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the cells of the head row, and the body in groups of rows that belong together."""

    head: tuple[Cell, ...]
    groups: tuple[tuple[tuple[Cell, ...], ...], ...]
    line: int

    @property
    def grouped(self) -> bool:
        """Whether some rows belong together under one row head."""
        return any(cell.rows > 1 for group in self.groups for row in group for cell in row)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with the words for those who cannot see it (`alternative`) and the line below it (`caption`).

    `large` holds the parts that stand in for it in large print, one below the other; when empty, the drawing itself.
    `width` is how much of the line it takes, in percent; 0: its author does not say.
    """

    drawing: Asset
    alternative: str
    caption: str
    line: int
    large: tuple[Asset, ...] = ()
    width: int = 0


@dataclass(frozen=True, slots=True)
class Callout:
    """Text that is set apart: `kind` is note or warning."""

    kind: str
    content: tuple["Block", ...]
    line: int


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """An author's own fields, side by side."""

    fields: tuple[Field, ...]
    line: int


Block = Paragraph | Subheading | Listing | Definitions | Table | Figure | Callout | FieldGroup


def table_of(rows: Sequence[tuple[tuple[Inline, ...], ...]], line: int) -> Table:
    """A table from rows of words, the head first.

    When the first head cell is empty, the first column holds row heads; an empty cell there belongs to the row head
    above, so that rows form groups.
    """
    head, body = rows[0], rows[1:]
    if not head or head[0]:
        groups: list[list[tuple[tuple[Inline, ...], ...]]] = [list(body)]
        cells = [[tuple(map(Cell, row)) for row in group] for group in groups]
    else:
        groups = []
        for row in body:
            if row[0] or not groups:
                groups.append([])
            groups[-1].append(row)
        cells = [
            [
                (Cell(row[0], heading=True, rows=len(group)), *map(Cell, row[1:]))
                if number == 0
                else tuple(map(Cell, row[1:]))
                for number, row in enumerate(group)
            ]
            for group in groups
        ]
    return Table(tuple(Cell(cell, heading=bool(cell)) for cell in head), tuple(map(tuple, cells)), line)


def plain_text(content: Sequence[Inline]) -> str:
    """The words of a run of text without their marks, as a reader sees them."""
    parts: list[str] = []
    for part in content:
        match part:
            case Text(text):
                parts.append(text)
            case Strong(inner) | Emphasis(inner) | Link(_, inner):
                parts.append(plain_text(inner))
            case LineBreak():
                parts.append("\n")
            case NoteMark(number):
                parts.append(str(number))
            case Variable(name, text):
                parts.append(text or f"{{{name}}}")
    return "".join(parts)


def walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block of a text, from top to bottom, with the blocks inside lists, definitions and callouts."""
    for block in blocks:
        yield block
        match block:
            case Listing(items):
                for item in items:
                    yield from walk(item)
            case Definitions(entries):
                for _, explanation in entries:
                    yield from walk(explanation)
            case Callout(_, content):
                yield from walk(content)


def mapped(blocks: Sequence[Block], change: Callable[[Block], Block | None]) -> tuple[Block, ...]:
    """Blocks, each changed, also inside lists, definitions and callouts. What becomes None is left out."""
    kept: list[Block] = []
    for block in blocks:
        match changed := change(block):
            case None:
                continue
            case Callout():
                kept.append(replace(changed, content=mapped(changed.content, change)))
            case Listing():
                kept.append(replace(changed, items=tuple(mapped(item, change) for item in changed.items)))
            case Definitions():
                entries = tuple((term, mapped(said, change)) for term, said in changed.entries)
                kept.append(replace(changed, entries=entries))
            case _:
                kept.append(changed)
    return tuple(kept)


def figures(blocks: Sequence[Block]) -> Iterator[Figure]:
    """The figures of a text."""
    return (block for block in walk(blocks) if isinstance(block, Figure))


def words_of(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Every text that is printed in one go (paragraph, cell, caption), with the line on which its block starts."""
    for block in walk(blocks):
        match block:
            case Paragraph(content, line) | Subheading(content, line):
                yield line, plain_text(content)
            case Definitions(entries, line):
                yield from ((line, plain_text(term)) for term, _ in entries)
            case Table(head, groups, line):
                rows = [head, *(row for group in groups for row in group)]
                yield from ((line, plain_text(cell.content)) for row in rows for cell in row)
            case Figure(caption=caption, line=line):
                yield line, caption
            case FieldGroup(fields, line):
                yield from ((line, text) for one in fields for text in one.texts())
