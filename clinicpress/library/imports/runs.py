"""The words in the parts of a Word file, as a reader sees them, and runs of words that are written anew."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from clinicpress.library.imports.numbering import W, value_of
from clinicpress.library.imports.signs import of_font, tokens
from clinicpress.library.imports.source import cleaned
from clinicpress.library.imports.styles import RunLook, Styles
from clinicpress.library.imports.tags import Found

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_APART = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "rt"))  # what a reader does not see in the line
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def counted(tree: Any, styles: Styles) -> Counter[str]:
    """The words, numbers and signs of a part as they stand in it, whatever is around them."""
    texts: list[str] = []
    apart: list[str] = []  # what a reader does not see in the line
    style_id = styles.usual
    looks: list[RunLook] = [RunLook()]
    glued = False  # to the large letter before it
    fields: list[bool] = []  # the fields that are open, and whether their words have begun
    gone = 0  # elements around whose words do not stand in the line
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if node.tag == f"{W}p":
            style_id = value_of(node.find(f"{W}pPr"), "pStyle") or styles.usual
            texts.append("" if glued or is_drop_cap(node) else " ")
            glued = event == "end" and is_drop_cap(node)
        elif node.tag == f"{W}r":
            if event == "start":
                looks.append(styles.look(node, style_id))
            apart.append(" ")
            texts.append(" " if looks[-1].place in ("superscript", "subscript") else "")
            if event == "end":
                looks.pop()
        elif node.tag in _APART:
            gone += 1 if event == "start" else -1
            apart.append(" ")
        elif event == "start" and node.tag == f"{W}fldChar":
            _count_field(fields, node.get(f"{W}fldCharType"))
        elif event == "start" and isinstance(node.tag, str):
            away = gone or looks[-1].hidden or looks[-1].struck or not all(fields)
            (apart if away else texts).append(_counted_text(node, looks[-1]))
    both = ("".join(texts), "".join(apart))
    return sum((tokens(cleaned(one, Found())) for one in both), Counter())  # what cannot print is told elsewhere


def _count_field(fields: list[bool], kind: str | None) -> None:
    if kind == "begin":
        fields.append(False)
    elif fields and kind == "separate":
        fields[-1] = True
    elif fields and kind == "end":
        fields.pop()


def _counted_text(node: Any, look: RunLook) -> str:
    if node.tag == f"{M}t":
        return f" {node.text or ''} "
    return " " if node.tag == f"{W}br" else text_of(node, look) or ""


def settled(tree: Any) -> None:
    """Takes one of the ways in which a part says the same thing twice, for old and for new programs."""
    for one in list(tree.iter(f"{MC}AlternateContent")):
        parent = one.getparent()
        if parent is None:
            continue
        at = parent.index(one)
        tail = one.tail
        children = list(chosen(one))
        parent.remove(one)
        for child in reversed(children):
            parent.insert(at, child)
        if tail and tail.strip():
            parent.text = (parent.text or "") + tail


def chosen(one: Any) -> Any:
    """The way for old programs when it has words or a picture, else the way for new ones."""
    old, new = one.find(f"{MC}Fallback"), one.find(f"{MC}Choice")
    speaks = old is not None and any(
        node.tag in (f"{W}t", f"{W}sym", f"{W}pict", f"{W}drawing", f"{W}tbl") for node in old.iter()
    )
    return old if speaks or new is None else new


def leaves(run: Any) -> Iterator[Any]:
    """What a run is made of, one of two ways where it says the same in both."""
    for one in run:
        if not isinstance(one.tag, str) or one.tag == f"{W}rPr":
            continue
        if one.tag == f"{MC}AlternateContent":
            yield from leaves(chosen(one))
        else:
            yield one


def text_of(node: Any, look: RunLook) -> str | None:
    """The words that an element stands for; None when it is none that has words."""
    if node.tag in (f"{W}t", f"{W}delText"):
        return of_font(node.text or "", look.font) if look.font else node.text or ""
    if node.tag == f"{W}sym":
        code = node.get(f"{W}char") or "20"
        number = int(code, 16) if re.fullmatch(r"[0-9a-fA-F]{1,5}", code) else 0x20
        character = chr(number) if 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE else " "
        return of_font(character, node.get(f"{W}font") or "")
    return {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": " ", f"{W}noBreakHyphen": "‑", f"{W}softHyphen": ""}.get(
        node.tag
    )


def texts_in(element: Any) -> list[str]:
    """The words of an element, a text for each run, blanks where lines and paragraphs end."""
    words = []
    for node in element.iter(
        f"{W}t", f"{W}delText", f"{W}sym", f"{W}tab", f"{W}br", f"{W}p", f"{M}t", f"{W}noBreakHyphen"
    ):
        words.append(node.text or "" if node.tag == f"{M}t" else text_of(node, RunLook()) or "")
        if node.tag in (f"{W}br", f"{W}p"):
            words.append(" ")
    return words


def between(node: Any, top: Any) -> Iterator[Any]:
    """What is around an element, up to another."""
    for above in node.iterancestors():
        if above is top:
            return
        yield above


def is_drop_cap(paragraph: Any) -> bool:
    """Whether a paragraph holds nothing but the large first letter of the next."""
    frame = paragraph.find(f"{W}pPr/{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin")


def run_of(text: str, look: RunLook | None = None) -> Any:
    """A run of words in a look, with nothing else of the file in it."""
    made = etree.Element(f"{W}r")
    properties = etree.SubElement(made, f"{W}rPr")
    if look is not None:
        for name, told in (("b", look.bold), ("i", look.italic), ("strike", look.struck)):
            if told:
                etree.SubElement(properties, f"{W}{name}")
        if look.place in ("superscript", "subscript"):
            etree.SubElement(properties, f"{W}vertAlign", {f"{W}val": look.place})
    append(made, text)
    return made


def append(run: Any, text: str) -> None:
    """Words at the end of a run."""
    if text:
        etree.SubElement(run, f"{W}t").text = text


def empty_paragraph(cell: Any) -> None:
    """A paragraph without words, as each cell needs one."""
    etree.SubElement(cell, f"{W}p")


def empty_cell(row: Any) -> None:
    """A cell without words at the end of a row."""
    empty_paragraph(etree.SubElement(row, f"{W}tc"))


def says(properties: Any, name: str) -> bool:
    """Whether the properties of an element switch something on."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "off")


def drawn_words(drawing: Any, found: Found) -> list[Any]:
    """Words that are drawn along a line (WordArt, a watermark), as boxes of paragraphs."""
    boxes = []
    for one in drawing.iter(f"{V}textpath"):
        words = cleaned(one.get("string") or "", found)
        found.heard.update(tokens(words))
        boxes.append(etree.Element(f"{W}txbxContent"))
        etree.SubElement(boxes[-1], f"{W}p").append(run_of(words))
    return boxes
