"""Blocks of text become Markdown that reads back as the same blocks: the way back of `library.markdown`."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from clinicpress.documents import (
    Block,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    Listing,
    NoteMark,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
    plain_text,
)

_SIGNS = re.compile(r"([\\`*_\[\]<>{}|&#~^])")
_AT_START = re.compile(r"^(?:([-+=:])|(\d{1,9})([.)]))(?=\s|$|[-+=:])")
_EDGE = re.compile(r"\w")


def markdown(blocks: Sequence[Block]) -> str:
    """The Markdown of some blocks, with an empty line between them."""
    rows: list[str] = []
    other = False  # two lists in a row need different marks, or they become one
    for number, block in enumerate(blocks):
        other = (
            not other if number and isinstance(block, Listing) and isinstance(blocks[number - 1], Listing) else False
        )
        text = _block(block, other=other)
        if text:
            rows.append(text)
    return "\n\n".join(rows)


def _block(block: Block, *, other: bool = False) -> str:
    match block:
        case Paragraph(content):
            return in_lines(content)
        case Subheading(content):
            return f"### {in_line(content)}"
        case Listing(items, _, start):
            return "\n".join(_item(item, start, number, other=other) for number, item in enumerate(items))
        case Table():
            return _table(block)
    raise TypeError(type(block))


def _item(blocks: Sequence[Block], start: int | None, number: int, *, other: bool) -> str:
    """One item of a list, what belongs to it indented below it."""
    mark = ("* " if other else "- ") if start is None else f"{start + number}{')' if other else '.'} "
    rows = (markdown(blocks) or "…").split("\n")
    return "\n".join([mark + rows[0], *(" " * len(mark) + row if row else "" for row in rows[1:])])


def _table(table: Table) -> str:
    rows = [table.head, *(row for group in table.groups for row in group)]
    texts = [[in_line(cell.content) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in texts]
    return "\n".join([lines[0], "|" + "---|" * len(texts[0]), *lines[1:]])


def in_line(content: Sequence[Inline]) -> str:
    """Words in one line, as headings and cells need them."""
    flat = tuple(Text(" ") if isinstance(one, LineBreak) else one for one in content)
    return " ".join(_words(flat).split())


def in_lines(content: Sequence[Inline]) -> str:
    """Words of a paragraph; a line end that the author asked for stays one."""
    rows: list[list[Inline]] = [[]]
    for one in content:
        if isinstance(one, LineBreak):
            rows.append([])
        else:
            rows[-1].append(one)
    texts = [" ".join(_words(row).split()) for row in rows]
    return "\\\n".join(_started(text) for text in texts if text)


def _started(text: str) -> str:
    """A line whose first sign would make it a list or a rule, told to be text."""
    return _AT_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", text)


def _words(content: Sequence[Inline]) -> str:
    parts = [(one, _plain(one)) for one in content]
    text = ""
    for number, (one, words) in enumerate(parts):
        behind = parts[number + 1][1][:1] if number + 1 < len(parts) else " "
        match one:
            case Strong() | Emphasis():
                text += _marked(words, "**" if isinstance(one, Strong) else "*", text[-1:] or " ", behind or " ")
            case Link(href):
                text += f"[{escaped(words)}](<{quote(href, safe=_IN_ADDRESS)}>)" if words.strip() else escaped(words)
            case NoteMark(note):
                text += f"[^{note}]"
            case _:
                text += escaped(words)
    return text


_IN_ADDRESS = "%/:?#@!$&'()*+,;=~-._"


def _plain(one: Inline) -> str:
    return "" if isinstance(one, NoteMark) else plain_text((one,))


def _marked(words: str, mark: str, before: str, behind: str) -> str:
    """Words in bold. The marks hold only where they touch letters, or stand beside a blank. Source: CommonMark 6.2."""
    if not words.strip():
        return escaped(words)
    lead = words[: len(words) - len(words.lstrip())]
    tail = words[len(words.rstrip()) :]
    words = words.strip()
    touches_before = not lead and not before.isspace()
    touches_behind = not tail and not behind.isspace()
    if found := _EDGE.search(words):
        first, last = found.start(), len(words) - next(n for n, one in enumerate(reversed(words)) if _EDGE.match(one))
        if touches_behind:
            tail, words = words[last:] + tail, words[:last]
        if touches_before:
            lead, words = lead + words[:first], words[first:]
    elif touches_before or touches_behind:
        return escaped(lead + words + tail)
    if mark == "*" and (before == "*" or behind == "*"):
        return escaped(lead + words + tail)
    return escaped(lead) + mark + escaped(words) + mark + escaped(tail)


def escaped(text: str) -> str:
    """Words whose signs stand for themselves."""
    return _SIGNS.sub(r"\\\1", text)
