"""An OpenDocument text (.odt) becomes HTML: the same words, lists with their numbers, tables by their grid, notes.

Source: OpenDocument 1.3, part 3.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from lxml import etree

from clinicpress.documents import Paragraph, Text
from clinicpress.errors import InputError
from clinicpress.library.imports.changes import tell_open_changes
from clinicpress.library.imports.equations import in_a_line, words_in
from clinicpress.library.imports.looks import Look
from clinicpress.library.imports.openstyles import DRAW, OFFICE, STYLE, TABLE, TEXT, OpenStyles, over
from clinicpress.library.imports.signs import of_font, tokens
from clinicpress.library.imports.source import as_utf8, cleaned, unpacked
from clinicpress.library.imports.tags import Found
from clinicpress.library.imports.web import read_web

_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_SAVE = "Open it in LibreOffice and save it again, or save it as plain text (.txt) and import that."
_FURNITURE = "Name, telephone and page numbers come from clinic.toml. Delete what the pages print anyway."
_HIDDEN = ("Words that the file hides were left out.", "Write them again if readers are to see them.")
_FIELD = "Write a field (::: fields) where a person is to fill something in."
_PASSED = frozenset(
    f"{TEXT}{one}" for one in ("tracked-changes", "sequence-decls", "variable-decls", "user-field-decls")
)
MOST_REPEATED = 200  # columns or rows that a table may say it repeats; empty ones go to the edge of the sheet


def read_open(path: Path, data: bytes, found: Found) -> None:
    """Reads an OpenDocument text. Raises `InputError` when it is damaged."""
    parts, whole = unpacked(path, data)
    if not whole:
        what = "The file is damaged; it was read as far as it goes."
        found.remark(what, "Compare the end of the document with the file, or save the file again first.")
    if any(name.startswith("Basic/") for name in parts):
        found.remark("The file holds macros. They were neither run nor carried over.", "Nothing is to be done.")
    content, styles = (_tree(path, parts, name, whole=whole) for name in ("content.xml", "styles.xml"))
    body = content.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise InputError(f"{path} holds no text of OpenDocument. {_SAVE}")
    writer = _Writer(found, parts, (styles, content))
    try:
        html = writer.written(body) + writer.noted()
    except RecursionError:
        what = "The file is nested too deeply; only its words were read, a paragraph each."
        found.remark(what, "Compare lists and tables with the file.")
        html = "".join(f"<p>{escape(words)}</p>" for words in _pieces(body))
    read_web(html, found)
    for kind in ("header", "footer"):
        for words in dict.fromkeys(_words(one) for one in styles.iter(f"{STYLE}{kind}")):
            if text := " ".join(cleaned(words, found).split()):
                found.remark(
                    f"The {kind} of the pages stands at the end of the document, to be placed.", _FURNITURE, text
                )
                found.aside.append(Paragraph((Text(text),), 0))
                found.heard.update(tokens(text))


def _tree(path: Path, parts: dict[str, bytes], name: str, *, whole: bool) -> Any:
    """A part of the file, parsed without entities and network."""
    text = as_utf8(parts.get(name, b""))
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise InputError(f"{path} holds declarations that no such file has. {_SAVE}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=not whole)
    try:
        tree = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{path} is damaged: its text cannot be read. {_SAVE}") from error
    if tree is None:
        raise InputError(f"{path} is damaged: its text cannot be read. {_SAVE}")
    return tree


class _Writer:
    """Writes the body of a text as HTML."""

    def __init__(self, found: Found, parts: dict[str, bytes], trees: Any) -> None:
        self.found = found
        self.parts = parts
        self.styles = OpenStyles(trees)
        self.notes: list[str] = []
        self.boxes: list[Any] = []

    def noted(self) -> str:
        """The notes, as a list at the end."""
        return f"<ol>{''.join(self.notes)}</ol>" if self.notes else ""

    # Blocks ---------------------------------------------------------------------------------------------------------

    def written(self, source: Any) -> str:
        """The blocks of an element."""
        if source.find(f"{TEXT}tracked-changes") is not None:
            tell_open_changes(source, self.found, _words)
        return "".join(self._block(one) for one in source if isinstance(one.tag, str) and one.tag not in _PASSED)

    def _block(self, one: Any) -> str:
        match one.tag.replace(TEXT, "text:").replace(TABLE, "table:"):
            case "text:h":
                told = one.get(f"{TEXT}outline-level", "1")
                level = int(told) if told.isdecimal() and 0 < int(told) < 11 else 1
                label = "" if one.get(f"{TEXT}is-list-header") == "true" else self.styles.heading_label(level)
                return self._with_boxes(f"<h{min(level, 6)}>", one, label)
            case "text:p":
                named = one.get(f"{TEXT}style-name", "")
                tag = "h1" if self.styles.is_title(named) else "p"
                return self._with_boxes(f"<{tag}>", one)
            case "text:list":
                return self._list(one, 0, "")
            case "table:table":
                return self._table(one)
            case "text:numbered-paragraph":
                told = one.get(f"{TEXT}level", "1")
                level = int(told) - 1 if told.isdecimal() and 0 < int(told) < 11 else 0
                label = self.styles.next_label(
                    one.get(f"{TEXT}style-name", ""), level, one.get(f"{TEXT}start-value") or ""
                )
                return f'<ul><li label-of-item="{escape(label)}">{self.written(one)}</li></ul>'
            case "text:section" if one.get(f"{TEXT}display") == "none":
                self.found.left_out(*_HIDDEN, _words(one))
                self.found.heard.update(tokens(_words(one)))
                return ""
            case "text:table-of-content" | "text:alphabetical-index" | "text:bibliography":
                self.found.remark(
                    "The table of contents was left out.", "Paper of a few pages needs none.", _words(one)
                )
                return ""
        return self.written(one)

    def _with_boxes(self, opening: str, one: Any, label: str = "") -> str:
        text = f"{opening}{escape(label)}{self._inline(one, self.styles.look(one))}</{opening[1:]}"
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            what = "Words of a text box stand behind the paragraph that holds it."
            self.found.remark(what, "Move them to where they belong.", _words(box))
            text += self.written(box)
        return text

    def _list(self, one: Any, level: int, style: str) -> str:
        style = one.get(f"{TEXT}style-name") or style
        goes_on = one.get(f"{TEXT}continue-numbering") == "true" or one.get(f"{TEXT}continue-list") is not None
        self.styles.begin_list(style, level, goes_on=goes_on)
        items = []
        for item in one:
            if item.tag == f"{TEXT}list-header":
                items.append(f"</ul>{self.written(item)}<ul>")
            if item.tag != f"{TEXT}list-item":
                continue
            label = self.styles.next_label(style, level, item.get(f"{TEXT}start-value") or "")
            inner = "".join(
                self._list(block, level + 1, style) if block.tag == f"{TEXT}list" else self._block(block)
                for block in item
                if isinstance(block.tag, str)
            )
            items.append(f'<li label-of-item="{escape(label)}">{inner}</li>')
        return f"<ul>{''.join(items)}</ul>"

    def _table(self, table: Any) -> str:
        rows = []
        for row in table.iter(f"{TABLE}table-row"):
            if next((up for up in row.iterancestors(f"{TABLE}table")), None) is not table:
                continue
            if row.get(f"{TABLE}visibility") in ("collapse", "filter"):
                self.found.heard.update(tokens(_words(row)))
                self.found.left_out(*_HIDDEN, _words(row))
                continue
            cells = []
            for cell in row:
                covered = cell.tag == f"{TABLE}covered-table-cell"
                if cell.tag != f"{TABLE}table-cell" and not covered:
                    continue
                across, down = (cell.get(f"{TABLE}number-{one}-spanned", "1") for one in ("columns", "rows"))
                if covered:
                    if _words(cell).strip():
                        self.found.heard.update(tokens(_words(cell)))
                        self.found.left_out(*_HIDDEN, _words(cell))
                    continue
                times = cell.get(f"{TABLE}number-columns-repeated", "1")
                if len(times) > 1 and not _words(cell).strip():  # to the edge of the sheet
                    continue
                tag = "th" if row.getparent().tag == f"{TABLE}table-header-rows" else "td"
                text = f'<{tag} colspan="{escape(across)}" rowspan="{escape(down)}">{self.written(cell)}</{tag}>'
                cells += [text] * min(int(times) if times.isdecimal() else 1, MOST_REPEATED)
            times = row.get(f"{TABLE}number-rows-repeated", "1")
            rows += ["<tr>" + "".join(cells) + "</tr>"] * min(int(times) if times.isdecimal() else 1, MOST_REPEATED)
        return f"<table>{''.join(rows)}</table>"

    # Words ----------------------------------------------------------------------------------------------------------

    def _inline(self, source: Any, look: Look) -> str:
        """The words of an element, each piece in its look."""
        texts = [_dressed(source.text or "", look)]
        for one in source:
            if isinstance(one.tag, str):
                texts.append(self._part(one, look))
            texts.append(_dressed(one.tail or "", look))
        return "".join(texts)

    def _part(self, one: Any, look: Look) -> str:  # noqa: C901  one case a kind of element
        match one.tag.replace(TEXT, "text:").replace(DRAW, "draw:").replace(OFFICE, "office:"):
            case "text:s":
                return " "
            case "text:tab":
                return " "
            case "text:line-break":
                return "<br>"
            case "text:soft-page-break" | "text:bookmark" | "text:reference-mark":
                return ""
            case "text:a":
                return f'<a href="{escape(one.get(_LINK, ""))}">{self._inline(one, look)}</a>'
            case "text:note":
                return self._note(one)
            case "text:hidden-text" | "text:hidden-paragraph" | "text:conditional-text":
                words = one.get(f"{TEXT}string-value") or _words(one)
                self.found.heard.update(tokens(words))
                self.found.left_out(*_HIDDEN, words)
                return ""
            case "text:ruby":
                parts = ((self._inline(part, look), part.tag == f"{TEXT}ruby-text") for part in one)
                return "".join(f"<rt>{words}</rt>" if above else words for words, above in parts)
            case "text:drop-down":
                choices = [part.get(f"{TEXT}value", "") for part in one.iter(f"{TEXT}label")]
                what = "The choices of a list to choose from were left out."
                self.found.remark(what, _FIELD, " / ".join(choices))
                return self._inline(one, look) or " _____ "
            case "text:placeholder" | "text:text-input":
                self.found.remark("A place to fill in was carried over as its words.", _FIELD, _words(one))
                return self._inline(one, look)
            case "office:annotation":
                self.found.remark(
                    "A comment of an editor was not carried over.", "Settle it, and change the text.", _words(one)
                )
                return ""
            case "draw:frame" | "draw:custom-shape" | "draw:g":
                return self._drawing(one)
        return self._inline(one, over(self.styles.look(one), look))

    def _note(self, one: Any) -> str:
        body = one.find(f"{TEXT}note-body")
        number = len(self.notes) + 1
        self.notes.append("")
        inner = self.written(body) if body is not None else ""
        self.notes[number - 1] = f'<li id="footnote-{number}">{inner}</li>'
        return f'<a href="#footnote-{number}">{number}</a>'

    def _drawing(self, one: Any) -> str:
        self.boxes += [box for box in one.iter(f"{DRAW}text-box") if one.tag != f"{DRAW}custom-shape"]
        for part in one.iter(f"{DRAW}object"):
            if tree := self._formula(part.get(_LINK, "")):
                return tree
        if one.tag in (f"{DRAW}custom-shape", f"{DRAW}g") and _words(one).strip():
            self.boxes.append(one)
        elif one.find(f".//{DRAW}image") is not None:
            said = (next(one.iter(f"{_SVG}{name}"), None) for name in ("desc", "title"))
            title = next((each.text for each in said if each is not None and each.text), one.get(f"{DRAW}name"))
            title = title or "no description"
            return f'<img alt="{escape(title)}">'
        return ""

    def _formula(self, link: str) -> str:
        """A formula that is kept in a part of its own."""
        text = self.parts.get(f"{link.removeprefix('./').strip('/')}/content.xml", b"")
        if b"MathML" not in text or b"<!ENTITY" in text:
            return ""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, load_dtd=False)
        tree = etree.fromstring(text, parser)
        if tree is None:
            return ""
        for note in list(tree.iter("{*}annotation")):
            note.getparent().remove(note)
        written = in_a_line(tree)
        if written is None:
            written = f" TODO: {words_in(tree)} "
            self.found.remark("An equation could not be written in a line.", "Write it at the TODO.", words_in(tree))
        return escape(written)


def _dressed(text: str, look: Look) -> str:
    """Words with the tags that make them look so. Blanks in a row are one, as in the file."""
    if not text:
        return ""
    words = escape(of_font(text, look.font) if look.font else text)
    for tag, told in (("b", look.bold), ("i", look.italic), ("sup", look.high), ("sub", look.low)):
        words = f"<{tag}>{words}</{tag}>" if told else words
    if look.away:
        words = f"<s>{words}</s>" if look.away == "struck" else f"<span hidden>{words}</span>"
    return words


def _words(element: Any) -> str:
    return " ".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    for one in element.iter(f"{TEXT}p", f"{TEXT}h"):
        yield "".join(one.itertext())
    if element.tag not in (f"{TEXT}p", f"{TEXT}h") and not any(True for _ in element.iter(f"{TEXT}p", f"{TEXT}h")):
        yield "".join(element.itertext())
