"""Signs that may mean one thing or its opposite, or that a program garbled: a TODO stands at each, and it is told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from clinicpress.documents import (
    Block,
    Cell,
    Emphasis,
    Inline,
    Link,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
    plain_text,
)
from clinicpress.documents.blocks import mapped
from clinicpress.library.imports.tags import Found, Heading

_LONGEST = 200  # characters of a text that is told


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Signs that only a person can settle."""

    signs: re.Pattern[str]
    what: str
    remedy: str


_DOUBTS = (
    _Doubt(
        re.compile("☒"),
        "A box with a cross (☒) may mean yes or no.",
        "Write ☑ for yes or ✗ for no at the TODO.",
    ),
    _Doubt(
        # Letters of UTF-8 that were read as Windows-1252: two or three stand for one. Source: Unicode Standard 3.9.
        # A quotation mark or a dash behind a letter is usual ("NGÔ): there a letter has to follow.
        re.compile(
            r"\S{0,30}(?:Â[\u00a0-ª¬-º¼-¿]|Â (?=[°\d])|Ã[\u00a1-¿ŠšŒœŽžŸƒˆ˜†‡•‰€™]|Ã[–—‘’“”‚„…‹›](?=\w)"
            r"|â€\S|â[‰ˆ†]\S|\ufffd)\S{0,30}"  # no longer: a long word would take time by its square
        ),
        "Letters look garbled: a program read them in a wrong way.",
        "Write the right ones at the TODO; better, take the file as it was, and import it again.",
    ),
    _Doubt(
        re.compile(r"^:::+ ?\w*|\[\^[\w-]+\]", re.MULTILINE),
        "Marks of another program stand in the text as they are.",
        "Write what they stand for at the TODO.",
    ),
)


def tell_doubts(found: Found) -> None:
    """Puts a TODO before each doubtful sign of what was read, and tells it with the words around it."""

    def settled(block: Block) -> Block:
        match block:
            case Paragraph(content) | Subheading(content):
                return replace(block, content=_marked(content, found))
            case Table(head, groups):
                rows = [
                    tuple(replace(cell, content=_marked(cell.content, found, row)) for cell in row)
                    for row in (head, *chain(*groups))
                ]
                return replace(block, head=rows[0], groups=(tuple(rows[1:]),))
        return block

    found.pieces = [
        replace(one, content=_marked(one.content, found)) if isinstance(one, Heading) else mapped([one], settled)[0]
        for one in found.pieces
    ]
    found.aside = list(mapped(found.aside, settled))
    found.notes = [(number, mapped(blocks, settled)) for number, blocks in found.notes]


def _marked(content: tuple[Inline, ...], found: Found, row: Sequence[Cell] = ()) -> tuple[Inline, ...]:
    words = plain_text(content)
    doubts = [one for one in _DOUBTS if one.signs.search(words)]
    if not doubts:
        return content
    for one in doubts:
        at = one.signs.search(words)
        start = max(0, at.start() - _LONGEST // 2) if at else 0
        around = words if not row else " | ".join(plain_text(cell.content) for cell in row)
        found.remark(one.what, one.remedy, around[start : start + _LONGEST])
        content = tuple(_with_to_do(part, one.signs) for part in content)
    return content


def _with_to_do(part: Inline, signs: re.Pattern[str]) -> Inline:
    match part:
        case Text(text):
            return Text(re.sub(r"(?<=\w)TODO: ", " TODO: ", signs.sub(lambda one: f"TODO: {one[0]}", text)))
        case Strong(inner) | Emphasis(inner) | Link(_, inner):
            return replace(part, content=tuple(_with_to_do(one, signs) for one in inner))
    return part
