"""Lines whose columns are made of tabs or blanks become tables: a value stays in its own column, also beside a gap."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from clinicpress.documents import Block, Text
from clinicpress.library.imports.grids import Grid
from clinicpress.library.imports.lists import mark_before
from clinicpress.library.imports.numbering import W
from clinicpress.library.imports.tags import Found

_GAP = re.compile(r"(?:(?<=[^\s.!?:;]) {2}|(?<=\S) {3,}) *(?=\S)")  # two blanks may follow a full stop
_TABLE = "Columns that were made of blanks or tabs are a table now."
_READ = "Read each of its cells beside the file; its first line is the head."
_MOST_TOLD = 300  # characters


def rows_of(lines: Sequence[str]) -> list[tuple[int, list[tuple[str, ...]]]]:
    """The tables in some lines: where each begins, and the cells of its lines. Each has two lines or more."""
    tables: list[tuple[int, list[tuple[str, ...]]]] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _tabbed(lines[end], inside=end > at):
            end += 1
        rows = [tuple(cell.strip() for cell in line.split("\t")) for line in lines[at:end]]
        if not rows:
            while end < len(lines) and "\t" not in lines[end] and _GAP.search(lines[end].strip()):
                end += 1
            rows = _by_place([line.rstrip() for line in lines[at:end]])
        if len(rows) > 1 and not any(map(_no_row, rows)):
            tables.append((at, rows))
        at = max(end, at + 1)
    return tables


def _tabbed(line: str, *, inside: bool) -> bool:
    return "\t" in line.strip() or (inside and "\t" in line and bool(line.strip()))


def _no_row(cells: tuple[str, ...]) -> bool:
    """Whether cells are an item of a list behind its mark, a name and its value, or places to fill in."""
    marked = mark_before(f"{cells[0]} x") is not None and len(cells[0]) < 5
    return marked or cells[0].endswith(":") or any("__" in cell or "...." in cell for cell in cells)


def _by_place(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """The cells of lines whose columns begin at the same places; none where they do not."""
    starts = [[len(line) - len(line.lstrip()), *(gap.end() for gap in _GAP.finditer(line))] for line in lines]
    columns = max(starts, key=len, default=[])
    if not all(set(one) <= set(columns) for one in starts):
        return []
    rows = []
    for line, own in zip(lines, starts, strict=True):
        ends = [*own[1:], len(line)]
        cells = {start: line[start:end].strip() for start, end in zip(own, ends, strict=True)}
        rows.append(tuple(cells.get(start, "") for start in columns))
    return rows


def table_from(rows: Sequence[tuple[str, ...]], found: Found) -> list[Block]:
    """The table of some rows, told."""
    grid = Grid(headed=True)
    for row in rows:
        grid.row()
        for cell in row:
            grid.cell((Text(cell),) if cell else ())
    found.remark(_TABLE, _READ, _told(rows))
    return grid.blocks(found)


def _told(rows: Sequence[tuple[str, ...]]) -> str:
    return " / ".join(" | ".join(row) for row in rows)[:_MOST_TOLD]


# Word -----------------------------------------------------------------------------------------------------------------


def tables_of_tabs(body: Any, found: Found) -> None:
    """Makes tables of the paragraphs of a Word file, written again in plain ways, whose columns are made of tabs."""
    run: list[Any] = []
    for one in [*body, None]:
        plain = one is not None and one.tag == f"{W}p" and one.find(f"{W}pPr/*") is None
        if plain and ("\t" in _words(one).strip() or (run and "\t" in _words(one) and _words(one).strip())):
            run.append(one)
            continue
        lines = [_words(each) for each in run]
        for at, rows in rows_of(lines):
            found.remark(_TABLE, _READ, _told(rows))
            _replace(run[at : at + len(rows)])
            lines[at : at + len(rows)] = [""] * len(rows)
        for line in lines:
            if line.strip().count("\t") > 1:
                what = "A line with tabs is a line of words now."
                found.remark(what, "Read it: what stood in columns stands side by side.", line.replace("\t", " → "))
        run = []


def _words(paragraph: Any) -> str:
    return "".join(one.text or "" for one in paragraph.iter(f"{W}t"))


def _replace(paragraphs: Sequence[Any]) -> None:
    table = etree.Element(f"{W}tbl")
    paragraphs[0].addprevious(table)
    for paragraph in paragraphs:
        row = etree.SubElement(table, f"{W}tr")
        cell = etree.SubElement(etree.SubElement(row, f"{W}tc"), f"{W}p")
        for child in paragraph:
            parts = [deepcopy(child)] if child.tag != f"{W}r" else _parted(child)
            for number, part in enumerate(parts):
                if number:
                    cell = etree.SubElement(etree.SubElement(row, f"{W}tc"), f"{W}p")
                cell.append(part)
        paragraph.getparent().remove(paragraph)


def _parted(run: Any) -> list[Any]:
    """A run, parted at its tabs."""
    looks = run.find(f"{W}rPr")
    parts = [etree.Element(f"{W}r")]
    for child in run:
        if child.tag == f"{W}t" and child.text == "\t":
            parts.append(etree.Element(f"{W}r"))
            if looks is not None:
                parts[-1].append(deepcopy(looks))
        else:
            parts[-1].append(deepcopy(child))
    return parts
