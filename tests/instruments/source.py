"""Reads a Markdown document as its author sees it: which words stand where, in which order, under which numbers.

It shares no code with the product, so that a word which the product misreads is missed here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

ROLES = re.compile(r"\s*\{((?:\s*[#.][^\s{}#.]+)+)\s*\}\s*$")  # behind a heading
REPEATED = 4  # words: as many of the author's in a row, once more, are no words of the template by chance
OWN_FIELD = re.compile(
    r"(?P<label>.+?):\s*(?P<kind>[a-z]+)(?:\((?P<options>[^()]*)\))?\s*\{(?P<name>[\w.]+)\}(?:.*rows=(?P<rows>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that the author wrote in one: a heading, a paragraph, the number of an item, a cell, a caption."""

    kind: str  # title, heading, text, term, number, cell, caption, label
    words: tuple[str, ...]
    line: int  # of the file, from 1
    depth: int = 0  # how many lists hold it
    listing: int = 0  # the list that holds it most closely, by its number; 0 for none
    table: int = 0


@dataclass
class Source:
    """A document as its author wrote it."""

    path: Path
    front: dict[str, Any]
    pieces: list[Piece] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)  # names of the author's own fields
    options: list[str] = field(default_factory=list)  # the choices that these offer
    pictures: int = 0

    @cached_property
    def parts(self) -> set[tuple[str, ...]]:
        """Each piece of more than one word, and each run of REPEATED words, as they are compared."""
        flat = [key(word) for piece in self.pieces for word in piece.words]
        runs = {tuple(flat[place : place + REPEATED]) for place in range(len(flat))}
        return runs | {tuple(map(key, piece.words)) for piece in self.pieces if len(piece.words) > 1}

    @property
    def words(self) -> set[str]:
        """Every word that the author wrote."""
        return {word for piece in self.pieces for word in piece.words}


def key(word: str) -> str:
    """What two words are compared by: the colon behind a term is the template's."""
    return word.rstrip(":") or word


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, as they are compared."""
    return tuple(unicodedata.normalize("NFC", text).split())


def _plain(text: str) -> str:
    """A text without its accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def read_source(path: Path) -> Source:
    """Reads a document of Markdown with front matter."""
    text = path.read_text(encoding="utf-8")
    _, front, body = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    source = Source(path, dict(yaml.safe_load(front)))
    source.pieces.append(Piece("title", words_of(str(source.front["title"])), 1))
    parser = MarkdownIt("commonmark").enable("table")
    parser.use(deflist_plugin).use(footnote_plugin, inline=False).use(attrs_plugin)
    for name in ("note", "warning", "fields"):
        parser.use(container_plugin, name)
    setattr(parser, "validateLink", bool)  # noqa: B010  a method of the parser is replaced
    first = text[: len(text) - len(body)].count("\n") + 1
    reader = _Reader(source, first)
    reader.document(SyntaxTreeNode(parser.parse(body)))
    return source


class _Reader:
    def __init__(self, source: Source, first: int) -> None:
        self.source, self.first, self.line = source, first, first
        self.lists = self.tables = 0

    def document(self, root: SyntaxTreeNode) -> None:
        signed: list[Piece] = []
        notes: list[Piece] = []
        into = self.source.pieces
        for node in root.children:
            if node.type == "heading" and node.tag in {"h1", "h2"}:
                found = ROLES.search(_text(node))
                statement = (
                    self.source.front.get("kind") == "consent" and found is not None and "#statement" in found[1]
                )
                into = signed if statement else self.source.pieces  # a form ends with what is signed
            if node.type == "footnote_block":
                into = notes
            into.extend(self.block(node, Piece("text", (), 0)))
        self.source.pieces += signed + notes

    def block(self, node: SyntaxTreeNode, near: Piece) -> Iterator[Piece]:  # noqa: C901, PLR0912  a case a kind of node
        """The pieces of a block; `near` says which lists and tables hold it."""
        if node.map:
            self.line = node.map[0] + self.first
        near = replace(near, line=self.line)
        match node.type:
            case "heading":
                yield replace(near, kind="heading", words=words_of(ROLES.sub("", _text(node))))
            case "paragraph" | "dt" | "th" | "td" | "inline":
                yield from self.words(node, near)
            case "bullet_list" | "ordered_list" | "footnote_block" | "dl":
                yield from self.listing(node, near)
            case "table":
                self.tables += 1
                near = replace(near, kind="cell", table=self.tables)
                for row in (row for part in node.children for row in part.children):
                    for cell in row.children:
                        yield from self.block(cell, near)
            case "container_fields":
                for item in (item for listing in node.children for item in listing.children):
                    if found := OWN_FIELD.match(_text(item)):
                        yield replace(near, kind="label", words=words_of(found["label"]))
                        yield from self.own_field(found, near)
            case "footnote_anchor" | "hr":
                pass
            case _:
                for child in node.children:
                    yield from self.block(child, near)

    def own_field(self, found: re.Match[str], near: Piece) -> Iterator[Piece]:
        """What is printed at a field beside its label, where that is not a choice, and the names of its places."""
        options = (found["options"] or "").split(",")
        if found["kind"] == "table":
            heads = [words_of(head) for head in options]
            names = ["_".join(re.findall("[a-z0-9]+", _plain(" ".join(head).lower()))) for head in heads]
            rows = range(1, int(found["rows"]) + 1)
            self.source.fields += [f"{found['name']}.{row}.{name}" for row in rows for name in names]
            yield from (replace(near, kind="label", words=head) for head in heads)
            return
        self.source.fields.append(found["name"])
        if found["kind"] == "scale":
            first, last = map(int, options[0].split("-"))
            self.source.options += [str(step) for step in range(first, last + 1)]
            for step, end in zip((first, last), options[1:], strict=True):
                yield replace(near, kind="label", words=words_of(f"{step}: {end.strip().strip(chr(34))}"))
        else:
            self.source.options += options

    def listing(self, node: SyntaxTreeNode, near: Piece) -> Iterator[Piece]:
        self.lists += 1
        terms = node.type == "dl"
        near = replace(near, depth=near.depth + 1, listing=self.lists)
        number = int(node.attrs.get("start", 1)) if node.type in {"ordered_list", "footnote_block"} else None
        for item in node.children:
            if number is not None:
                self.line = item.map[0] + self.first if item.map else self.line
                yield replace(near, kind="number", words=(f"{number}.",), line=self.line)
                number += 1
            if terms and item.type == "dt":
                yield from self.block(item, replace(near, kind="term"))
                continue
            for child in item.children:
                yield from self.block(child, replace(near, kind="text"))

    def words(self, node: SyntaxTreeNode, near: Piece) -> Iterator[Piece]:
        inline = node.children[0].children if node.children and node.children[0].type == "inline" else []
        if len(inline) == 1 and inline[0].type == "image":
            self.source.pictures += 1
            near = replace(near, kind="caption")
            yield replace(near, words=words_of(str(inline[0].attrs.get("title", ""))))
        elif words := words_of(_text(node)):
            yield replace(near, words=words)


def _text(node: SyntaxTreeNode) -> str:
    """The words of a node, as they are to stand on the paper."""
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return " "
        case "footnote_ref":
            before = node.previous_sibling  # two notes in a row are not one of a greater number
            return " " * (before is not None and before.type == node.type) + str(int(node.meta["id"]) + 1)
        case "image" | "footnote_anchor" | "html_inline":
            return ""
        case _:
            return ("" if node.type != "list_item" else " ").join(_text(child) for child in node.children)


def words_around(texts: Sequence[str]) -> set[str]:
    """Words that the page may have beside the author's, such as the labels of a form: without marks at their ends."""
    return {bare(word) for text in texts for word in words_of(text)} - {""}


def bare(word: str) -> str:
    """A word without the marks around it."""
    return re.sub(r"^\W+|\W+$", "", word)
