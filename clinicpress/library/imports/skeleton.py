"""Blocks of text become Markdown that reads back as the same, with front matter and headings around it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import quote

from clinicpress.documents import (
    KINDS,
    Block,
    Emphasis,
    Inline,
    Kind,
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
from clinicpress.library.files import quoted
from clinicpress.library.imports.placing import PlacedSection
from clinicpress.words import SOURCE
from clinicpress.words import language as row_of


def heading_of(part: PlacedSection, language: str) -> str:
    """The words of a section's heading; one of ours says so."""
    if not part.added:
        return " ".join(plain_text(part.heading).split())
    if not part.roles:
        return rest_heading(language)
    return f"{_usual_heading(part.roles[0], language)} ({_to_do(language)['added']})"


def _usual_heading(role: str, language: str, kind: Kind | None = None) -> str:
    """How a section with a role is usually headed, in a language whose headings are known, else in English."""
    known = (one.roles[role].heading for one in ((kind,) if kind else KINDS.values()) if role in one.roles)
    return row_of(language).headings.get(role) or next(known, role)


def _to_do(language: str) -> Mapping[str, str]:
    """What is said to whoever writes a text, in its language or else in English."""
    return row_of(language).to_do or row_of(SOURCE).to_do


def heading_line(part: PlacedSection, language: str) -> str:
    """A section's heading in Markdown, with its roles in braces."""
    words = heading_of(part, language) if part.added else in_line(part.heading)
    roles = " ".join(f"{'.' if number else '#'}{role}" for number, role in enumerate(part.roles))
    return f"## {words}" + (f" {{{roles}}}" if roles else "")


def rest_heading(language: str) -> str:
    """The heading above what could not be placed."""
    return _to_do(language)["unplaced"]


def year_later(day: date) -> date:
    """The same day of the next year; for 29 February the day before."""
    if day.year == date.max.year:
        return date.max
    return date(day.year + 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def front_matter(kind: Kind, title: str, language: str, today: date, leaflet: str) -> str:
    """The front matter of an imported text. What only a person knows is left so that the structure rules find it."""
    form = 'form: "TODO: your number for this text"'
    last = ['author: ""  # TODO: who wrote it', "sources: []  # TODO: what the text rests on, each in quotes"]
    rows = _head(kind, title or "TODO: title", language, today, form, last)
    rows += _form_rows(kind, leaflet, today)
    return "\n".join(["---", *rows, "---", "", ""])


def _head(kind: Kind, title: str, language: str, today: date, form: str, last: list[str]) -> list[str]:  # noqa: PLR0917
    """The keys that every document has; `form` and the `last` rows are for a person to fill in."""
    rows = [f"title: {quoted(title)}", f"kind: {kind}", f"language: {language}", form]
    return [*rows, f"effective: {today}", f"review_by: {year_later(today)}", *last]


def _form_rows(kind: Kind, leaflet: str, today: date) -> list[str]:
    """The keys that only some kinds have."""
    rows = {
        "procedure": 'procedure: "TODO: name of the procedure, with a plain gloss"',
        "handout": f"handout: {quoted(leaflet)}" if leaflet else "",
        "regulatory_status": "regulatory_status: unknown  # TODO: approved, off-label or research",
        "lateral": "lateral: false  # TODO: true when left or right matters",
        "valid_days": "valid_days: 60",
    }
    own = [row for key, facts in kind.own_keys.items() if facts.get("required") for row in _own_rows(key, facts, today)]
    blocks = [f"blocks: [{', '.join(kind.offered)}]"] if kind.offered else []
    return [row for key, row in rows.items() if row and key in kind.keys] + own + blocks


def _own_rows(key: str, facts: Mapping[str, Any], today: date) -> list[str]:
    """A key that a kind cannot do without, with a value to begin with.

    What is to be said of it stands in a row above: behind a value without quotes, a remark could be a part of it (S17).
    """
    given = facts.get("of", ())
    match facts.get("type", "text"):
        case "choice":
            return [f"# {key} is one of: {', '.join(given)}", f"{key}: {given[0]}"]
        case "several":
            return [f"# {key} is some of these:", f"{key}: [{', '.join(given)}]"]
        case "date":
            return [f"# TODO: the right day of {key}", f"{key}: {today}"]
        case "number":
            return [f"{key}: {given[0] if given else 1}"]
        case "flag":
            return [f"{key}: false"]
    return [f'{key}: "TODO: {key}"']


def skeleton(kind: Kind, topic: str, language: str, today: date) -> str:
    """A document with every section, that reads well to the structure rules, and has a to-do in each section."""
    write = _to_do(language)["write"]
    last = ['author: "TODO: who wrote it"', "sources:", '  - "TODO: what the text rests on"']
    rows = _head(kind, f"TODO: title ({topic})", language, today, "form: TODO", last)
    rows += _form_rows(kind, topic, today)
    text = ["\n".join(["---", *rows, "---"])]
    for name, role in kind.roles.items():
        optional = "" if role.required else " (or delete this section)"
        text += [f"## {_usual_heading(name, language, kind)} {{#{name}}}", f"{write} {role.write}{optional}."]
    return "\n\n".join(text) + "\n"


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
    rows = [[in_line(cell.content) for cell in row] for row in (table.head, *chain.from_iterable(table.groups))]
    wide = len(table.head)  # a row whose head stands in a row above has a cell less
    texts = [[""] * (wide - len(row)) + row for row in rows]
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
