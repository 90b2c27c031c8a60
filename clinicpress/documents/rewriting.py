"""A text once more with other words or other lines in it, block by block: for passages, notes and variables."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from clinicpress.documents.blocks import (
    Asset,
    Block,
    Callout,
    Cell,
    Definitions,
    Emphasis,
    Figure,
    Inline,
    Link,
    Listing,
    Paragraph,
    Strong,
    Subheading,
    Table,
)


def _same_line(line: int) -> int:
    return line


def _same_picture(picture: Asset) -> Asset:
    return picture


class Rewriting:
    """How a text is changed: `words` changes a mark, a variable or plain words, `line` a line, `picture` a picture."""

    def __init__(
        self,
        words: Callable[[Inline], Inline],
        line: Callable[[int], int] = _same_line,
        picture: Callable[[Asset], Asset] = _same_picture,
    ) -> None:
        self.words, self.line, self.picture = words, line, picture

    def blocks(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Blocks, changed."""
        return tuple(map(self.block, blocks))

    def block(self, block: Block) -> Block:
        """A block, changed, with all that is in it."""
        line = self.line(block.line)
        match block:
            case Paragraph(content) | Subheading(content):
                return replace(block, content=self.inline(content), line=line)
            case Listing(items):
                return replace(block, items=tuple(map(self.blocks, items)), line=line)
            case Definitions(entries):
                changed = tuple((self.inline(term), self.blocks(said)) for term, said in entries)
                return replace(block, entries=changed, line=line)
            case Table(head, groups):
                rows = tuple(tuple(tuple(map(self._cell, row)) for row in group) for group in groups)
                return replace(block, head=tuple(map(self._cell, head)), groups=rows, line=line)
            case Figure(drawing):
                large = tuple(map(self.picture, block.large))
                return replace(block, drawing=self.picture(drawing), large=large, line=line)
            case Callout(_, content):
                return replace(block, content=self.blocks(content), line=line)
        return replace(block, line=line)

    def inline(self, content: Sequence[Inline]) -> tuple[Inline, ...]:
        """Words, changed."""
        return tuple(map(self._part, content))

    def _part(self, part: Inline) -> Inline:
        if isinstance(part, Strong | Emphasis | Link):
            return replace(part, content=self.inline(part.content))
        return self.words(part)

    def _cell(self, cell: Cell) -> Cell:
        return replace(cell, content=self.inline(cell.content))
