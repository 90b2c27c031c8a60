"""Plain text and another program's Markdown become headings, paragraphs and lists (a door to markdown-it).

The HTML is read at once and thrown away; none of it reaches a document.
"""

import re
from itertools import groupby, pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from clinicpress.documents import Block, LineBreak, Listing, Paragraph, Text, split_sentences
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.imports.meaning import heading_roles
from clinicpress.library.imports.tags import Found, Heading, Piece, counted
from clinicpress.library.imports.web import read_web

_BULLET = re.compile(r"\s*(?:[-*+•◦▪●○·‣–—o]|\(?(\d{1,2})[.)])\s+(?=\S)")
_UNDERLINE = re.compile(r"\s*([=\-_~*])\1{2,}\s*")
_ENDED = re.compile(r"[.!?:;…][\"'”’)\]]*$")
LONGEST_HEADING = 90  # characters
_WRAPPED = 120  # characters: lines longer than this were not broken by hand


def read_plain(text: str, found: Found) -> None:
    """Reads a text without marks. `found` gets its pieces."""
    found.letters = counted(re.sub(r"^[ \t]*+o[ \t]+(?=\S)", "", text, flags=re.MULTILINE))  # an "o" may be a bullet
    groups = [group.split("\n") for group in re.split(r"\n[ \t]*\n", text) if group.strip()]
    for number, lines in enumerate(groups):
        found.pieces += _group([line.strip() for line in lines if line.strip()], first=number == 0)
    _settle(found.pieces)


def _group(lines: list[str], *, first: bool) -> list[Piece]:  # noqa: C901  one case a kind of line
    """The pieces of lines that no empty line parts."""
    pieces: list[Piece] = []
    run: list[str] = []

    def close() -> None:
        if run:
            pieces.extend(_run(run))
            run.clear()

    whole_paragraphs = any(len(line) > _WRAPPED for line in lines)
    for number, line in enumerate(lines):
        ruled = number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1]) is not None
        if _UNDERLINE.fullmatch(line):
            close()
        elif ruled and len(line) <= LONGEST_HEADING:
            close()
            pieces.append(Heading((Text(line),), 1 if lines[number + 1][0] == "=" else 2))
        elif _question(line) and (not run or _ENDED.search(run[-1])):
            close()
            pieces.append(Heading((Text(line),), sure=len(lines) > 1 or not first))
        elif _by_name(line) and (not run or _ENDED.search(run[-1])) and (number == 0 or not _BULLET.match(lines[0])):
            close()
            pieces.append(Heading((Text(line),)))
        elif len(lines) == 1 and _alone(line):
            pieces.append(Heading((Text(line),), sure=False))
        elif first and number == 0 and _alone(line):
            pieces.append(Heading((Text(line),), 1, sure=False))
        else:
            run.append(line)
            if whole_paragraphs and not _BULLET.match(line):
                close()
    close()
    return pieces


def _question(line: str) -> bool:
    """A short line that asks: 'How does it work?'."""
    return (
        len(line) <= LONGEST_HEADING
        and line.endswith("?")
        and not _BULLET.match(line)
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
        and not _BULLET.match(line)
        and not re.search(r"\d{3}|@|_{3}", line)
        and (line[0].isupper() or line[0] in "¿¡" or line[0].isdigit())
    )


def _run(lines: list[str]) -> list[Piece]:
    """Lines that belong together: a paragraph, a list, or both."""
    pieces: list[Piece] = []
    words: list[str] = []
    items: list[tuple[int | None, list[str]]] = []
    for line in lines:
        if bullet := _BULLET.match(line):
            if words:
                pieces.append(_paragraph(words))
                words = []
            items.append((int(bullet[1]) if bullet[1] else None, [line[bullet.end() :]]))
        elif items:
            items[-1][1].append(line)
        else:
            words.append(line)
    if words:
        pieces.append(_paragraph(words))
    for _, alike in groupby(items, lambda item: item[0] is not None):
        same = list(alike)
        rows: tuple[tuple[Block, ...], ...] = tuple((_paragraph(item[1]),) for item in same)
        pieces.append(Listing(rows, 0, same[0][0]))
    return pieces


def _paragraph(lines: list[str]) -> Paragraph:
    """Lines as one paragraph. A name and address keeps its lines; a word that was parted at a line end is whole."""
    if len(lines) > 1 and all(len(line) < 45 and not _ENDED.search(line) for line in lines):
        content = [part for line in lines for part in (LineBreak(), Text(line))][1:]
        return Paragraph(tuple(content), 0)
    parts = [lines[0]]
    for before, line in pairwise(lines):
        parted = re.fullmatch(r"\w-", before[-2:]) and line[0].islower()
        parts += [line] if parted else [" ", line]
    return Paragraph((Text("".join(parts)),), 0)


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
            or (isinstance(before, Paragraph) and isinstance(behind, Heading) and not heading_roles(piece.words))
        ):
            pieces[number] = Paragraph(piece.content, 0)


_ROLE = re.compile(r"^(#{1,6} (?:[^\n{ ]++| ++(?!\{#)|\{(?!#))*+) *\{#([a-z-]+)[^{}\n]*\}[ \t]*$", re.MULTILINE)
_CARRIED = ("title",)


def read_marked(path: Path, text: str, found: Found) -> None:
    """Reads Markdown; the front matter gives the title, and the rest of it is named."""
    if text.startswith("---\n"):
        values, _, written, body, _, problems = split_front_matter(text, path)
        if values and not problems:
            text = body
            found.facts |= {key: value for key, value in values.items() if key in _CARRIED}
            for key in values.keys() - set(_CARRIED):
                what = f"The key '{key}' of the front matter was not carried over."
                found.remark(what, "Write it again if it still holds.", written.get(key) or str(values[key]))
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(deflist_plugin).use(footnote_plugin, inline=False).use(attrs_plugin).use(attrs_block_plugin)
    read_web(parser.render(_ROLE.sub(r'\1 <a id="role-\2"></a>', text)), found)
