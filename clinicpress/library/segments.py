"""The words of a document for translators: its segments, and sheets of them as XLIFF files.

A segment is what a translator sees in one go: a heading, a paragraph, a list item, a cell, a caption. Its marks (`##`,
`-`, `|`, roles, file names) stay outside; marks inside the words, as `**term**`, stay in them.

XLIFF 1.2, not 2.1: OmegaT, Weblate, Poedit, memoQ and Trados read it as it is; 2.x asks for a plug-in in some of them.
What comes back is a stranger's file: entities, document types and anything from elsewhere are refused.
Source: OASIS XLIFF Version 1.2, 1 February 2008.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinicpress.documents import PROCEDURE, TITLE, FieldKind
from clinicpress.library.field_lines import FIELD
from clinicpress.library.passages import Translatable
from clinicpress.library.records import part_lines

_HEADING = re.compile(r"(#{2,3}\s+)(.*?)(\s*\{[^{}]*\})?\s*$")
_FIGURE = re.compile(r"!\[(?P<alt>.*)\]\(\s*\S+?\s*(?:\"(?P<caption>.*)\")?\s*\)(?:\{[^{}]*\})?\s*$")
_MARK = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+|\[\^[^\]]+\]:\s*|:\s+|>\s*)+")
_RULE = re.compile(r"(?=[^-]*-)[\s:|-]+$")
_END = re.compile(r"[\"\u201c]\s*([^\"\u201c\u201d]+?)\s*[\"\u201d]")
_CELL = re.compile(r"(?:[^|\\]|\\.)+")
WORDS, CELL, HEADING, ALT, CAPTION, LABEL, CHOICES = ("text", "cell", "heading", "alt", "caption", "label", "choices")
HEADS, END = "heads", "end"
KEY = "key"
NOTES: Mapping[str, str] = {
    WORDS: "a paragraph or a list item",
    CELL: "a cell of a table",
    HEADING: "a heading",
    ALT: "says what the picture shows, to those who cannot see it; it is read aloud, not printed",
    CAPTION: "the line under a picture",
    LABEL: "the label of a place to write",
    CHOICES: "choices to tick, with commas between them",
    HEADS: "the heads of a table to fill, with commas between them",
    END: "what an end of a scale means",
    KEY: "stands at the head of the document",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Words in a file: the part that they belong to, what they are, and where they stand in the text of the file."""

    name: str
    part: str
    kind: str
    start: int
    end: int
    words: str


def segments_of(text: str, document: Translatable, first_line: int) -> dict[str, tuple[Segment, ...]]:
    """The segments of a file's text by the parts of its document, in order. `first_line` is that of the body."""
    rows = text.split("\n")
    starts = _starts(rows)
    found: dict[str, list[tuple[str, int, int]]] = {}
    told = {TITLE: document.title, PROCEDURE: getattr(document, PROCEDURE, "")}
    for key in told:
        if line := document.lines.get(key, 0):
            found[key] = [(KEY, starts[line - 1], _end_of_key(rows, starts, line))]
    for part, (first, behind) in part_lines(document.sections, first_line, len(rows)).items():
        found[part] = list(_spans(rows[first - 1 : behind - 1], starts[first - 1 : behind - 1]))
    made = {}
    for part, spans in found.items():
        made[part] = tuple(
            Segment(f"{part}.{number}", part, kind, start, end, told.get(part) or " ".join(text[start:end].split()))
            for number, (kind, start, end) in enumerate(spans, 1)
        )
    return {part: segments for part, segments in made.items() if segments}


def part_spans(text: str, document: Translatable, first_line: int) -> dict[str, tuple[int, int]]:
    """Where each part of the body starts and ends in the text of its file, empty lines below it included."""
    rows = text.split("\n")
    starts = _starts(rows)
    lines = part_lines(document.sections, first_line, len(rows))
    return {part: (starts[first - 1], min(starts[behind - 1], len(text))) for part, (first, behind) in lines.items()}


def _starts(rows: Sequence[str]) -> list[int]:
    """Where each line starts in the text."""
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    return starts


def _end_of_key(rows: Sequence[str], starts: Sequence[int], line: int) -> int:
    """Where a key of the front matter ends: before the next line that is not indented."""
    end = line
    while rows[end].startswith((" ", "\t")) or not rows[end].strip():
        end += 1
    return starts[end] - 1


def _spans(rows: Sequence[str], starts: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """What the lines of a part hold: kind, and where it starts and ends in the file."""
    running: tuple[int, int] | None = None  # words that may go on in the next line
    fields = False
    for row, at in zip(rows, starts, strict=True):
        bare = row.strip()
        new = _beginning(row)
        if running and (not bare or new is not None):
            yield WORDS, *running
            running = None
        if bare.startswith(":::"):
            fields = bare.removeprefix(":::").strip() == "fields"
        elif fields:
            yield from ((kind, at + start, at + end) for kind, start, end in _in_field(row))
        elif not bare or _RULE.match(row):
            continue
        elif new is None:
            running = (running[0] if running else at + len(row) - len(row.lstrip()), at + len(row.rstrip()))
        elif isinstance(new, int):
            running = (at + new, at + len(row.rstrip()))
        else:
            yield from ((kind, at + start, at + end) for kind, start, end in new)
    if running:
        yield WORDS, *running


def _beginning(row: str) -> int | list[tuple[str, int, int]] | None:
    """What begins in a line: words at a place behind a mark, whole segments, or nothing that is new."""
    bare = row.strip()
    if bare.startswith(":::"):
        return []
    if heading := _HEADING.match(row):
        return [(HEADING, *heading.span(2))]
    if figure := _FIGURE.match(row):
        names = ((ALT, "alt"), (CAPTION, "caption"))
        return [(kind, *figure.span(name)) for kind, name in names if figure[name]]
    if bare.startswith("|"):
        if _RULE.match(row):
            return []
        cells = ((cell, cell[0]) for cell in _CELL.finditer(row))
        return [
            (CELL, cell.start() + len(said) - len(said.lstrip()), cell.start() + len(said.rstrip()))
            for cell, said in cells
            if said.strip()
        ]
    if mark := _MARK.match(row):
        return mark.end()
    return None


def _in_field(row: str) -> Iterator[tuple[str, int, int]]:
    """Label and choices of a line in a container of fields; of a scale, the words at its ends."""
    mark = _MARK.match(row)
    if mark and (found := FIELD.fullmatch(row.rstrip(), mark.end())):
        yield LABEL, *found.span("label")
        if found["kind"] == FieldKind.SCALE:
            yield from ((END, *end.span(1)) for end in _END.finditer(row, *found.span("options")))
        elif found["options"]:
            yield (HEADS if found["kind"] == FieldKind.TABLE else CHOICES), *found.span("options")


def spelled(segment: Segment, words: str) -> str:
    """Words as they are written in the place of a segment."""
    return f"{segment.part}: {json.dumps(words, ensure_ascii=False)}" if segment.kind == KEY else words


def aligned(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Whether two parts have the same kinds of segments in the same order, so that they can be set side by side."""
    return [segment.kind for segment in one] == [segment.kind for segment in other]
