"""A web page becomes headings, paragraphs, lists and tables (a door to lxml, which reads HTML as browsers do).

A page is taken as a stream of tags, so that no depth and no missing end tag can lose a word. Its own markup is never
carried over. Word files and Markdown files come this way too, once they are HTML.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

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
    Text,
    plain_text,
    table_of,
)
from clinicpress.library.imports.source import cleaned
from clinicpress.library.imports.tags import (
    ASIDE,
    BLOCKS,
    EMPTY,
    SILENT,
    STRUCK,
    Found,
    Heading,
    Piece,
    all_bold,
    counted,
    joined,
    parted,
)

_NOTE = re.compile(r"#?(?:user-content-)?(?:footnote|endnote|fn)[-:]?(\d+)$")
_BACK = re.compile(r"#(?:user-content-)?(?:footnote|endnote|fn)-?ref")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+$", re.IGNORECASE)
_PICTURE = 'Put the file beside the document and write ![what it shows](file.png "caption") in a line of its own.'
MOST_DEEP = 3  # lists within lists that a page shows well
MOST_COLUMNS = 60  # of a table; a page shows ten


@dataclass(slots=True)
class _List:
    """A list that is being read: its items, each a row of blocks, and where to go on after it."""

    start: int | None
    items: list[list[Block]] = field(default_factory=list)


@dataclass(slots=True)
class _Grid:
    """A table that is being read."""

    rows: list[list[tuple[Inline, ...]]] = field(default_factory=list)
    spans: bool = False


def read_web(html: str, found: Found) -> None:
    """Reads a page. `found` gets its pieces, and remarks about what a document of ours cannot hold."""
    page = _Page(found)
    parser = etree.HTMLParser(target=page, huge_tree=True, recover=True, remove_comments=True, encoding="utf-8")
    parser.feed(html.encode())
    parser.close()


class _Page:
    """Hears the tags of a page one after the other."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.run: list[Inline] = []
        self.open: list[str] = []
        self.times: Counter[str] = Counter()  # how often each tag is open, so that no depth is searched again and again
        self.deeper = 0  # lists that are open within the deepest that a page shows
        self.lists: list[_List] = []
        self.grids: list[_Grid] = []
        self.cell: list[Inline] | None = None
        self.across = 1
        self.href = ""
        self.link: list[Inline] = []
        self.note = 0
        self.in_title = False
        self.title = ""
        self.heading_role = ""
        self.struck: list[str] = []

    # What the parser calls ------------------------------------------------------------------------------------------

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: C901, PLR0912  one case a kind of tag
        """A tag opens."""
        if tag == "title" and not self.times["svg"]:
            self.in_title = True
        if tag in ("img", "picture", "svg", "object", "iframe", "canvas", "audio", "video", "math"):
            name = attributes.get("alt") or attributes.get("title") or attributes.get("src", "")[:80] or tag
            if tag != "picture":
                self.found.remark(f"A picture or other medium ({tag}) was not carried over.", _PICTURE, name)
        if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
            remedy = "Write a field (::: fields) where a person is to fill something in."
            self.found.remark("A field to fill in was not carried over.", remedy, attributes.get("value", ""))
        if tag == "br":
            self._add(LineBreak())
        if tag in EMPTY:
            if tag == "hr":
                self._flush()
            return
        if tag in BLOCKS:
            self._flush()
        self.open.append(tag)
        self.times[tag] += 1
        if self._silent():
            return
        if tag in ("ul", "ol") and (self.deeper or len(self.lists) > MOST_DEEP):
            self.deeper += 1  # deeper lists print badly: their items join the list above
        elif tag in ("ul", "ol"):
            first = attributes.get("start", "1")
            self.lists.append(_List((int(first) if first.isdigit() and len(first) < 9 else 1) if tag == "ol" else None))
        elif tag == "li":
            if self.lists and not self.deeper:
                self.lists[-1].items.append([])
            if mark := _NOTE.match(attributes.get("id", "")):
                self.note = int(mark[1])
        elif tag == "table":
            self.grids.append(_Grid())
        elif tag == "tr" and len(self.grids) == 1:
            self.grids[-1].rows.append([])
        elif tag in ("td", "th") and len(self.grids) == 1:
            self.cell = []
            if attributes.get("colspan", "1") != "1" or attributes.get("rowspan", "1") != "1":
                self.grids[-1].spans = True
            across = attributes.get("colspan", "1")
            self.across = min(int(across), 50) if across.isdigit() else 1
        elif tag == "a":
            self.href, self.link = attributes.get("href", ""), []
        elif re.fullmatch(r"h[1-6]", tag):
            self.heading_role = attributes.get("id", "")

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag == "title":
            self.in_title = False
        if tag in BLOCKS:
            self._flush(tag)
        if tag in STRUCK and self.struck:
            words = "".join(self.struck)
            self.struck = []
            remedy = "They were left out. Write them again if they are meant to stand."
            self.found.remark("Words that were struck through.", remedy, words)
        if tag == "a":
            self._end_link()
        if not self._silent():
            self._end_block(tag)
        while self.times[tag]:
            last = self.open.pop()
            self.times[last] -= 1
            if last == tag:
                break

    def data(self, text: str) -> None:
        """Words."""
        if self.in_title:
            self.title += text
        if self._silent():
            return
        if any(self.times[tag] for tag in STRUCK):
            self.struck.append(text)
            return
        text = cleaned(text, self.found)
        if not (_NOTE.match(self.href) or _BACK.match(self.href)):
            self.found.letters.update(counted(text))
        if not self.run and self.cell is None and not text.strip():
            return
        if self.times["pre"]:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._add(LineBreak())
                self._add(self._styled(line))
            return
        self._add(self._styled(re.sub(r"\s+", " ", text)))

    def close(self) -> Found:
        """The page ends."""
        self._flush()
        while self.lists:
            self._end_block("ul")
        while self.grids:
            self._end_block("table")
        if self.title.strip():
            self.found.facts["page title"] = " ".join(cleaned(self.title, self.found).split())
        return self.found

    # Words ----------------------------------------------------------------------------------------------------------

    def _silent(self) -> bool:
        return any(self.times[tag] for tag in SILENT)

    def _styled(self, text: str) -> Inline:
        near = self.open[-30:]
        if any(tag in ("b", "strong") for tag in near) and "th" not in near:
            return Strong((Text(text),))
        return Emphasis((Text(text),)) if any(tag in ("i", "em") for tag in near) else Text(text)

    def _add(self, part: Inline) -> None:
        (self.link if self.href or "a" in self.open[-30:] else self.run).append(part)

    def _end_link(self) -> None:
        href, self.href = self.href, ""
        words, self.link = joined(self.link), []
        if mark := _NOTE.match(href):
            self.run.append(NoteMark(int(mark[1])))
        elif _BACK.match(href):
            return
        elif _ADDRESS.match(href) and plain_text(words).strip():
            self.run.append(Link(href, (Text(plain_text(words)),)))
        else:
            if href and plain_text(words).strip() and not href.startswith("#"):
                remedy = "Write the whole address (https://…) if readers need it."
                self.found.remark(f"The link to '{href[:80]}' was not carried over; its words were.", remedy)
            self.run.extend(words)

    # Blocks ---------------------------------------------------------------------------------------------------------

    def _flush(self, tag: str = "") -> None:
        """What was heard since the last block is a block."""
        if self.link and not self.href:
            self.run.extend(self.link)
            self.link = []
        run, self.run = joined(self.run), []
        if not plain_text(run).strip() and not any(isinstance(one, NoteMark) for one in run):
            return
        if self.cell is not None or len(self.grids) > 1:
            cell = self.cell if self.cell is not None else []
            if cell:
                cell.append(Text(" "))
            cell.extend(run)
            self.cell = cell
            return
        if re.fullmatch(r"h[1-6]", tag) and not self.lists:
            self._place(Heading(tuple(run), int(tag[1]), role=self.heading_role))
        elif all_bold(run) and not self.lists and not self.grids:
            self._place(Heading(tuple(Text(plain_text((one,))) for one in run), 2, sure=False))
        else:
            for part in parted(run):
                self._place(Paragraph(part, 0))

    def _place(self, piece: Piece) -> None:
        if self.lists and not isinstance(piece, Heading):
            items = self.lists[-1].items
            if not items:
                items.append([])
            items[-1].append(piece)
        elif any(self.times[tag] for tag in ASIDE):
            self.found.aside.append(Paragraph(piece.content, 0) if isinstance(piece, Heading) else piece)
        else:
            self.found.pieces.append(piece)

    def _end_block(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.deeper:
            self.deeper -= 1
        elif tag in ("ul", "ol") and self.lists:
            done = self.lists.pop()
            items = tuple(tuple(item) for item in done.items if item)
            if not items:
                return
            if self.note and not self.lists:
                for number, row in enumerate(done.items, 1):
                    self.found.notes.append((number, tuple(row)))
                self.note = 0
                return
            self._place(Listing(items, 0, done.start))
        elif tag in ("td", "th") and len(self.grids) == 1 and self.cell is not None:
            rows = self.grids[-1].rows
            if not rows:
                rows.append([])
            rows[-1].append(tuple(self.cell))
            rows[-1].extend(() for _ in range(self.across - 1))
            self.cell = None
        elif tag == "table" and self.grids:
            grid = self.grids.pop()
            if not self.grids:
                self._end_grid(grid)
            else:
                remedy = "Read the cell that held it, and part it into sentences."
                self.found.remark("A table stood inside a table; its words stand in one cell.", remedy)

    def _end_grid(self, grid: _Grid) -> None:
        if self.cell is not None:
            (grid.rows or [[]])[-1].append(tuple(self.cell))
            self.cell = None
        rows = [row for row in grid.rows if any(plain_text(cell).strip() for cell in row)]
        if not rows:
            return
        width = max(map(len, rows))
        if grid.spans:
            self.found.remark("A table had merged cells; they stand as empty ones.", "Read the table, and fill them.")
        if width > MOST_COLUMNS:
            what = f"A table has more than {MOST_COLUMNS} columns; its cells stand as paragraphs."
            self.found.remark(what, "Read them, and make tables of a few columns.")
        if width == 1 or width > MOST_COLUMNS or len(rows) == 1:  # a table for the looks: its cells are paragraphs
            for row in rows:
                for cell in row:
                    if plain_text(cell).strip():
                        self._place(Paragraph(cell, 0))
            return
        padded = [tuple(row) + ((),) * (width - len(row)) for row in rows]
        self._place(table_of(padded, 0))
