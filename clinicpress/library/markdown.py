"""Markdown becomes sections and blocks.

CommonMark with tables, definition lists, footnotes, attributes and the containers `::: note` and `::: warning`. Raw
HTML is recognised only to refuse it. Conventions of ours, all plain Markdown:

* the id on a section's heading is its role (`## What is it? {#definition}`), classes are further roles;
* text before the first heading stands under the title;
* `::: passage NAME` asks for a passage, `{clinic.phone}` in running text for a value of the clinic's profile;
* an image alone in its paragraph is a figure (`figures`); a table may have row heads (`documents.table_of`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from clinicpress.documents import (
    Block,
    Callout,
    Definitions,
    Emphasis,
    FieldGroup,
    Inline,
    LineBreak,
    Link,
    Listing,
    NoteMark,
    Paragraph,
    Section,
    Strong,
    Subheading,
    Table,
    Text,
    Variable,
    plain_text,
    table_of,
)
from clinicpress.documents.blocks import Asset
from clinicpress.errors import Problem, Rule
from clinicpress.letters import unprintable_character
from clinicpress.library.field_lines import read_fields
from clinicpress.library.figures import find_picture, read_figure
from clinicpress.library.grammar import CONTAINERS, SyntaxTreeNode, is_field, tree_of, variable_fault
from clinicpress.library.keys import HeadingFault, marks_left, read_heading
from clinicpress.library.rules import (
    BAD_LINK,
    BROKEN_FIGURE,
    HEADING_LEVEL,
    PASSAGE_BLOCKS,
    RAW_HTML,
    UNREADABLE_TEXT,
    UNSUPPORTED,
)
from clinicpress.library.words import lost_words, number_fault, table_faults

ALONE = "Write '::: passage NAME' and ':::' on two lines of their own, between paragraphs."
Bring = Callable[[str, int], Sequence[Block]]
"""Gives the blocks of a passage by its name and the line that asks for it."""
_LINK = re.compile(r"^(https?://|mailto:|tel:)", re.IGNORECASE)


def nothing_brought(_name: str, _line: int) -> Sequence[Block]:
    """Stands in for passages where only the text itself is looked at."""
    return ()


@dataclass(slots=True)
class Parsed:
    """What a Markdown text turned out to hold, and what was wrong with it."""

    opening: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    notes: list[tuple[Block, ...]] = field(default_factory=list)
    pictures: list[Asset] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_markdown(
    text: str, path: Path, first_line: int, roles: Sequence[str], bring: Bring = nothing_brought
) -> Parsed:
    """The sections of a Markdown text that starts on `first_line` of the file `path`.

    `roles` are the roles that a heading may name, `bring` gives the passages that it asks for. Pictures are looked for
    beside the file.
    """
    reader = _Reader(path, first_line, roles, text.split("\n"), bring)
    try:
        reader.document(tree_of(text))
    except RecursionError:
        message, remedy = "The text is nested too deeply.", "Write lists within lists at most three levels deep."
        reader.reading.problems.append(UNSUPPORTED.found(str(path), first_line, message, remedy))
    reading = reader.reading
    if not reading.problems:
        blocks = [block for section in reading.sections for block in section.blocks]
        blocks += [*reading.opening, *(block for note in reading.notes for block in note)]
        headings = [section.heading for section in reading.sections]
        for line, word, row in lost_words(text, blocks, headings):
            message, remedy = f"The word '{word}' would not print.", "Write it as a paragraph or a list of its own."
            reading.problems.append(UNSUPPORTED.found(str(path), first_line + line, message, remedy, row))
    return reading


class _Reader:
    """Walks the syntax tree once. Each method turns one kind of node into facts, and notes what it cannot."""

    def __init__(self, path: Path, first_line: int, roles: Sequence[str], source: Sequence[str], bring: Bring) -> None:
        self.path = path
        self.bring = bring
        self.running = True  # whether it reads running text: elsewhere a name in braces is no variable
        self.first_line = first_line
        self.roles = roles
        self.source = source
        self.reading = Parsed()
        self.line = first_line

    def document(self, root: SyntaxTreeNode) -> None:
        heading: tuple[str, tuple[str, ...], int] | None = None
        blocks: list[Block] = self.reading.opening

        def close() -> None:
            if heading is not None:
                self.reading.sections.append(Section(heading[0], heading[1], tuple(blocks), heading[2]))

        for node in root.children:
            self._at(node)
            if node.type == "heading" and node.tag in ("h1", "h2"):
                if node.tag == "h1":
                    self._note(HEADING_LEVEL, "A section starts with one #.", "Write ## in front of its heading.")
                close()
                heading, blocks = self._heading(node), []
            elif node.type == "footnote_block":
                self.reading.notes = [tuple(self._blocks(note.children)) for note in node.children]
            elif node.type == "container_passage":
                blocks.extend(self._passage(node))
            else:
                blocks.extend(self._block(node))
        close()

    # Blocks ---------------------------------------------------------------------------------------------------------

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[Block]:
        return [block for node in nodes for block in self._block(node)]

    def _block(self, node: SyntaxTreeNode) -> list[Block]:  # noqa: C901, PLR0912  a case a kind of node
        self._at(node)
        line = self.line
        match node.type:
            case "paragraph":
                return self._paragraph(node)
            case "heading":
                content = self._inline(node, running=False)
                self._note_all(marks_left(plain_text(content)))
                return [Subheading(content, line)]
            case "bullet_list" | "ordered_list":
                start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
                if start is not None and (fault := number_fault([item.info for item in node.children])):
                    self._note(UNSUPPORTED, *fault)
                items = tuple(tuple(self._blocks(item.children)) for item in node.children)
                return [Listing(items, line, start)]
            case "dl":
                return [self._definitions(node)]
            case "table":
                return [self._table(node)]
            case "container_note" | "container_warning":
                return [Callout(node.type.removeprefix("container_"), tuple(self._blocks(node.children)), line)]
            case "container_fields":
                return self._fields(node)
            case "container_passage":
                message = "A passage is asked for inside a list, a note or a quotation."
                self._note(PASSAGE_BLOCKS, message, ALONE)
            case "blockquote":
                return self._blocks(node.children)
            case "html_block":
                self._raw_html(node.content)
            case "hr" | "footnote_anchor":
                pass
            case _:
                message = f"A {node.type.replace('_', ' ')} does not print on a leaflet."
                self._note(UNSUPPORTED, message, "Write it as a paragraph or a list.")
                return [Paragraph((), line)]  # so that the section does not count as empty as well
        return []

    def _paragraph(self, node: SyntaxTreeNode) -> list[Block]:
        inline = node.children[0].children if node.children else []
        if len(inline) == 1 and inline[0].type == "image":
            return self._figure(inline[0])
        line = self.line
        content = self._inline(node)
        if plain_text(content).lstrip().startswith(":::"):
            self._note(UNSUPPORTED, "This container is unknown.", f"Known are: {', '.join(CONTAINERS)}, closed by :::.")
            return [Paragraph((), line)]
        return [Paragraph(content, line)] if content else []

    def _passage(self, node: SyntaxTreeNode) -> Sequence[Block]:
        """The blocks of a passage, which are whole blocks of this text."""
        line = self.line
        _, _, name = node.info.strip().partition(" ")
        if node.children:
            self._note(PASSAGE_BLOCKS, "Words stand inside the container of a passage.", f"{ALONE} Words follow it.")
        elif len(name.split()) != 1:
            self._note(PASSAGE_BLOCKS, "A passage is asked for by its name and nothing else.", ALONE)
        else:
            return self.bring(name.strip(), line)
        return [Paragraph((), line)]  # so that the section does not count as empty as well

    def _fields(self, node: SyntaxTreeNode) -> list[Block]:
        line = self.line
        items = [item for listing in node.children for item in listing.children]
        texts = [" ".join(plain_text(self._inline(part, running=False)) for part in item.children) for item in items]
        fields, faults = read_fields(texts)
        for text, fault, remedy in faults:
            self._note(UNSUPPORTED, f"This is not a field: {fault}", remedy, text)
        return [FieldGroup(fields, line)] if fields else []

    def _definitions(self, node: SyntaxTreeNode) -> Definitions:
        line = self.line
        entries: list[tuple[tuple[Inline, ...], tuple[Block, ...]]] = []
        for child in node.children:
            if child.type == "dt":
                entries.append((self._inline(child), ()))
            elif entries:
                term, before = entries[-1]
                entries[-1] = (term, (*before, *self._blocks(child.children)))
        return Definitions(tuple(entries), line)

    def _table(self, node: SyntaxTreeNode) -> Table:
        line = self.line
        rows = [tuple(self._inline(cell) for cell in row.children) for part in node.children for row in part.children]
        lines = [self.source[row.map[0]] for part in node.children for row in part.children if row.map]
        for fault in table_faults(lines, rows[0]):
            self._note(UNSUPPORTED, *fault)
        return table_of(rows, line)

    def _figure(self, node: SyntaxTreeNode) -> list[Block]:
        alternative = " ".join(_text_of(node).split())
        figure, pictures, problems = read_figure(node.attrs, alternative, (self.path, self.line))
        self.reading.pictures += pictures
        self.reading.problems += problems
        return [figure] if figure is not None else []

    # Words ----------------------------------------------------------------------------------------------------------

    def _heading(self, node: SyntaxTreeNode) -> tuple[str, tuple[str, ...], int]:
        words, roles, faults = read_heading(plain_text(self._inline(node, running=False)), self.roles)
        self._note_all(faults)
        return words, roles, self.line

    def _note_all(self, faults: Sequence[HeadingFault]) -> None:
        for rule, message, remedy, words in faults:
            self._note(rule, message, remedy, words)

    def _inline(self, node: SyntaxTreeNode, *, running: bool = True) -> tuple[Inline, ...]:
        """The words of a block (paragraph, heading, cell, term)."""
        content: list[Inline] = []
        self.running = running
        for child in node.children:
            if child.type == "inline":
                content += self._words(child.children)
        return tuple(content)

    def _words(self, nodes: Sequence[SyntaxTreeNode]) -> list[Inline]:  # noqa: C901, PLR0912  a case a kind of node
        words: list[Inline] = []
        for node in nodes:
            match node.type:
                case "text" | "code_inline":
                    if "[^" in node.content:
                        message, remedy = "A footnote is named that is not there.", "Write its line: [^1]: The note."
                        self._note(UNSUPPORTED, message, remedy, node.content)
                    fault = unprintable_character(node.content)
                    if fault and not unprintable_character("".join(self.source)):  # an entity, such as &#x202E;
                        self._note(UNREADABLE_TEXT, f"The text holds {fault}, which does not print.", "Delete it.")
                    if node.content:
                        words.append(Text(node.content))
                case "softbreak":
                    words.append(Text(" "))
                case "hardbreak":
                    words.append(LineBreak())
                case "strong":
                    words.append(Strong(tuple(self._words(node.children))))
                case "em":
                    words.append(Emphasis(tuple(self._words(node.children))))
                case "link":
                    words.append(self._link(node))
                case "variable":
                    words.append(self._named(node.content, plain_text(words)))
                case "footnote_ref":
                    words.append(NoteMark(int(node.meta["id"]) + 1))
                case "html_inline":
                    self._raw_html(node.content)
                case "image":
                    braces = any("{" in other.content for other in nodes if other.type == "text")
                    remedy = (
                        'Write {width="60%"}, with quotes.' if braces else "Leave an empty line before and after it."
                    )
                    source = str(node.attrs.get("src", ""))
                    self._note(BROKEN_FIGURE, "A picture stands inside a line of text.", remedy, source)
                    self.reading.problems += find_picture(source, (self.path, self.line))[1]
                case _:
                    self._note(UNSUPPORTED, f"'{node.type}' does not print.", "Write it in plain words.")
        return words

    def _named(self, name: str, before: str) -> Inline:
        """A name in braces, with the words before it."""
        fault = variable_fault(name)
        if self.running and fault is not None and not is_field(before):
            rule, message, remedy = fault
            self._note(rule, message, remedy, name)
        return Variable(name) if self.running and fault is None else Text(f"{{{name}}}")

    def _link(self, node: SyntaxTreeNode) -> Inline:
        href = str(node.attrs.get("href", ""))
        if not _LINK.match(href) or unprintable_character(unquote(href)):
            remedy = "Write the whole address: https://…, mailto:… or tel:…."
            self._note(BAD_LINK, f"The link leads to '{href}'.", remedy, href)
        return Link(href, tuple(self._words(node.children)))

    # Places ---------------------------------------------------------------------------------------------------------

    def _at(self, node: SyntaxTreeNode) -> None:
        if node.map:
            self.line = node.map[0] + self.first_line

    def _raw_html(self, markup: str) -> None:
        remedy = "Delete it, or write the sign < as 'less than'. Bold is **bold**."
        self._note(RAW_HTML, "The text holds HTML.", remedy, markup.strip().split("\n")[0])

    def _note(self, rule: Rule, message: str, remedy: str, sentence: str = "") -> None:
        line = self.line
        # A block knows its first line only; the words that are meant may stand lower in it.
        if sentence:
            for number in range(line - self.first_line, len(self.source)):
                if not self.source[number].strip():
                    break
                if sentence in self.source[number]:
                    line = number + self.first_line
                    break
        self.reading.problems.append(rule.found(str(self.path), line, message, remedy, sentence))


def _text_of(node: SyntaxTreeNode) -> str:
    """The words inside an image's brackets."""
    if node.children:
        return "".join(_text_of(child) for child in node.children)
    return " " if node.type == "softbreak" else node.content
