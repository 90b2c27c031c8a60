"""What Word writes in its own way becomes plain: numbers, fields, boxes, equations, hidden words, letters of pictures.

Each part of the file is written again with nothing in it but paragraphs, runs, links, notes and tables. Its words are
counted on the way as they stand in the file, whatever is around them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from clinicpress.library.imports.changes import Places
from clinicpress.library.imports.controls import Fields, control, filled_in
from clinicpress.library.imports.equations import in_a_line, words_in
from clinicpress.library.imports.numbering import Level, Numbering, W, indent_of, value_of
from clinicpress.library.imports.runs import (
    MC,
    M,
    append,
    between,
    chosen,
    drawn_words,
    empty_cell,
    empty_paragraph,
    is_drop_cap,
    leaves,
    run_of,
    says,
    text_of,
    texts_in,
)
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.styles import Styles
from clinicpress.library.imports.tags import Found

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NO_WORDS = frozenset(f"{W}{name}" for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "tcPr", "trPr"))
_BLOCKS = frozenset(f"{W}{name}" for name in ("p", "tbl"))
_GONE = {
    f"{W}del": (
        "Words that a tracked change deletes were left out.",
        "Settle the changes in Word first, if they stay.",
    ),
    f"{W}moveFrom": (
        "Words stand where a tracked change moved them to.",
        "Settle the changes in Word if they go back.",
    ),
}
_HIDDEN = ("Words that the file hides were left out.", "Write them again if readers are to see them.")
_GONE_ROWS = {"del": _GONE[f"{W}del"], "hidden": _HIDDEN}
_INSERTED = ("Words that a tracked change inserts were taken as accepted.", "Read them; settle the changes in Word.")
_STEP = 360  # twentieths of a point by which a level is usually moved in
_PICTURE = 'Put the file beside the document and write ![what it shows](file.png "caption") in a line of its own.'

_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"
_MEDIA = frozenset(["blip", "imagedata", "OLEObject", "chart", "relIds"])


@dataclass(slots=True)
class Mender:
    """Writes the parts of one Word file again."""

    found: Found
    styles: Styles
    numbering: Numbering
    places: Places
    links: set[str] = field(default_factory=set)  # ids of links that lead somewhere, in the part at hand
    field_links: dict[str, str] = field(default_factory=dict)  # addresses that fields name, and our ids for them
    notes: set[tuple[str, str]] = field(default_factory=set)  # notes that are there
    marked: set[tuple[str, str]] = field(default_factory=set)  # notes that something refers to
    labels: list[str] = field(default_factory=list)  # what Word shows before each item
    pictures: int = 0
    fields: Fields = field(default_factory=Fields)
    _boxes: list[Any] = field(default_factory=list)

    # Blocks ---------------------------------------------------------------------------------------------------------

    def blocks(self, source: Any, target: Any) -> None:
        """Writes the paragraphs and tables of one element into another."""
        edges: list[int] = []
        dropped: list[Any] = []  # a large first letter, which Word keeps in a paragraph of its own
        for one in _inside(source, _BLOCKS, self.found):
            if one.tag == f"{W}tbl":
                edges.clear()
                self._table(one, target)
                continue
            if is_drop_cap(one):
                dropped.append(one)
                continue
            made = self._paragraph(one, edges, dropped)
            dropped = []
            target.append(made)
            self._text_boxes(target)
        for one in dropped:
            target.append(self._paragraph(one, edges, []))

    def _text_boxes(self, target: Any) -> None:
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            count = len(target)
            self.blocks(box, target)
            words = " ".join("".join(one.itertext()) for one in target[count:])
            if words.strip():
                what = "Words of a text box stand behind the paragraph that holds it."
                self.found.remark(what, "Move them to where they belong.", words)

    def _table(self, source: Any, target: Any) -> None:
        rows = list(_inside(source, frozenset([f"{W}tr"]), self.found))
        if all(len(list(_inside(row, frozenset([f"{W}tc"]), Found()))) < 2 for row in rows):  # a box around a text
            for row in rows:
                for cell in _inside(row, frozenset([f"{W}tc"]), self.found):
                    self.blocks(cell, target)
            return
        table = etree.SubElement(target, f"{W}tbl")
        for row in rows:
            properties = row.find(f"{W}trPr")
            gone = next((why for name, why in _GONE_ROWS.items() if says(properties, name)), None)
            if gone is not None:
                self.found.left_out(*gone, " ".join(texts_in(row)))
                continue
            made = etree.SubElement(table, f"{W}tr")
            before = value_of(properties, "gridBefore")
            for _ in range(min(int(before), 60) if before.isdecimal() else 0):
                empty_cell(made)
            for cell in _inside(row, frozenset([f"{W}tc"]), self.found):
                self._cell(cell, made)

    def _cell(self, source: Any, row: Any) -> None:
        properties = source.find(f"{W}tcPr")
        cell = etree.SubElement(row, f"{W}tc")
        kept = etree.SubElement(cell, f"{W}tcPr")
        for name in ("gridSpan", "vMerge"):
            found = properties.find(f"{W}{name}") if properties is not None else None
            told = (found.get(f"{W}val") or "") if found is not None else ""
            if found is not None and (name == "vMerge" or re.fullmatch(r"\d{1,4}", told)):
                etree.SubElement(kept, f"{W}{name}", {f"{W}val": told} if told else {})
        covered = kept.find(f"{W}vMerge") is not None and value_of(kept, "vMerge") in ("", "continue")
        if covered and any(map(str.strip, texts_in(source))):
            self.found.left_out(*_HIDDEN, " ".join(texts_in(source)))
            empty_paragraph(cell)
            return
        self.blocks(source, cell)

    # Paragraphs -----------------------------------------------------------------------------------------------------

    def _paragraph(self, source: Any, edges: list[int], dropped: list[Any]) -> Any:
        properties = source.find(f"{W}pPr")
        style_id = value_of(properties, "pStyle") or self.styles.usual
        style = self.styles[style_id]
        made = etree.Element(f"{W}p")
        kept = etree.SubElement(made, f"{W}pPr")
        for one in (*dropped, source):
            self._inline(one, made, style_id)
        words = "".join(one.text or "" for one in made.iter(f"{W}t"))
        if style.name.startswith("toc "):
            self.found.left_out("The table of contents was left out.", "Paper of a few pages needs none.", words)
            return etree.Element(f"{W}p")
        outline = value_of(properties, "outlineLvl")
        heading = int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else style.heading
        title = style.name == "title"
        shown = self._label(properties, style_id, has_words=bool(words.strip()))
        if title or heading:
            etree.SubElement(kept, f"{W}pStyle", {f"{W}val": "Title" if title else f"Heading{min(heading, 6)}"})
        if shown is None or not words.strip():
            edges.clear()
            return made
        (label, level), depth = shown
        told = (indent_of(properties), style.indent, level.indent)
        depth = next((one for one in told if one is not None), _STEP * (depth + 1))
        if title or heading:
            if label:
                made.insert(1, run_of(f"{label} "))
            return made
        while edges and depth < edges[-1]:
            edges.pop()
        if not edges or depth > edges[-1]:
            edges.append(depth)
        numbers = etree.SubElement(kept, f"{W}numPr")
        etree.SubElement(numbers, f"{W}ilvl", {f"{W}val": str(min(len(edges) - 1, 4))})
        etree.SubElement(numbers, f"{W}numId", {f"{W}val": "1" if level.style in ("bullet", "none") else "2"})
        made.insert(1, etree.Element(f"{W}bookmarkStart", {f"{W}name": f"item-{len(self.labels)}"}))
        self.labels.append(label)
        return made

    def _label(self, properties: Any, style_id: str, *, has_words: bool) -> tuple[tuple[str, Level], int] | None:
        """What Word shows before a paragraph, how, and on which level; None when it is no item."""
        numbers = properties.find(f"{W}numPr") if properties is not None else None
        own, by_style = value_of(numbers, "numId"), self.styles[style_id].numbering
        number_id = own or by_style[0]
        depth = value_of(numbers, "ilvl") or ("" if own else by_style[1])
        if not own and style_id in self.numbering.of_styles:
            listed, at = self.numbering.of_styles[style_id]
            number_id, depth = number_id or listed, depth or str(at)
        level = int(depth) if depth.isdecimal() and len(depth) < 3 else 0
        shown = self.numbering.next_label(number_id, level) if number_id not in ("", "0") else None
        if shown is None:
            return None
        label = shown[0]
        if has_words:
            plain = label.strip("().:")
            self.found.heard.update(tokens(plain if plain.isdecimal() else label))
        return shown, level

    # Words ----------------------------------------------------------------------------------------------------------

    def _inline(self, source: Any, target: Any, style_id: str) -> None:  # noqa: C901, PLR0912  a case a kind of element
        """Writes the runs of an element into another, whatever is around them."""
        waiting = [(iter(source), target)]
        while waiting:
            children, into = waiting[-1]
            one = next(children, None)
            if one is None:
                waiting.pop()
            elif not isinstance(one.tag, str) or one.tag in _NO_WORDS:
                continue
            elif one.tag == f"{W}r":
                self._run(one, into, style_id)
            elif one.tag in _GONE:
                self.found.left_out(*_GONE[one.tag], "".join(texts_in(one)), self.places.around(one))
            elif one.tag in (f"{M}oMath", f"{M}oMathPara"):
                into.append(self._equation(one, into))
            elif one.tag == f"{W}hyperlink" and one.get(f"{R}id") in self.links:
                link = etree.SubElement(into, one.tag, {f"{R}id": one.get(f"{R}id")})
                waiting.append((iter(one), link))
            elif one.tag == f"{MC}AlternateContent":
                waiting.append((iter(chosen(one)), into))
            elif one.tag == f"{W}sdt":
                content = one.find(f"{W}sdtContent")
                if (written := control(one, self.found)) is not None:
                    into.append(run_of(written))
                elif content is not None:
                    waiting.append((iter(content), into))
            elif one.tag == f"{W}fldSimple" and (blank := filled_in(one, "".join(texts_in(one)), self.found)):
                into.append(run_of(blank))
            else:
                if one.tag == f"{W}ins" and any(map(str.strip, texts_in(one))):
                    self.found.remark(*_INSERTED, self.places.around(one))
                waiting.append((iter(one), into))

    def _run(self, source: Any, target: Any, style_id: str) -> None:
        look = self.styles.look(source, style_id)
        made = run_of("", look if not self.styles[style_id].heading else replace(look, bold=None))
        hidden: list[str] = []
        for node in leaves(source):
            if node.tag == f"{W}ruby":
                self._ruby(node, target, style_id)
                continue
            text = text_of(node, look)
            if look.hidden:
                hidden.append(text or "")
            elif text is not None:
                append(made, self.fields.shown(text, self.found))
            elif node.tag == f"{W}br":
                append(made, "")
                etree.SubElement(made, f"{W}br")
            elif node.tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._note(node, made)
            elif node.tag in (f"{W}fldChar", f"{W}instrText"):
                append(made, self.fields.step(node, self.found))
            else:
                append(made, self._object(node))
        if hidden:
            self.found.left_out(*_HIDDEN, "".join(hidden), self.places.around(source))
        if len(made) > 1:
            self._linked(target).append(made)

    def _note(self, node: Any, run: Any) -> None:
        """The mark of a note; without its note it is a place to look at."""
        if (node.tag, str(node.get(f"{W}id"))) in self.notes:
            self.marked.add((node.tag, str(node.get(f"{W}id"))))
            etree.SubElement(run, node.tag, {f"{W}id": str(node.get(f"{W}id"))})
        else:
            self.found.remark("A note has no words in the file.", "Write it at the TODO, or delete the TODO.")
            append(run, " TODO ")

    def _linked(self, target: Any) -> Any:
        """Where a run goes: into a link, when a field says that its words are one."""
        if not self.fields.link:
            return target
        name = self.field_links.setdefault(self.fields.link, f"field-{len(self.field_links)}")
        if not len(target) or target[-1].get(f"{R}id") != name:
            etree.SubElement(target, f"{W}hyperlink", {f"{R}id": name})
        return target[-1]

    def _ruby(self, node: Any, target: Any, style_id: str) -> None:
        """Small letters above a word that say how it sounds: they are told, the word stays."""
        above = node.find(f"{W}rt")
        if above is not None:
            what = "Small words above others were left out."
            self.found.left_out(what, "Write them in brackets if readers need them.", "".join(texts_in(above)))
        base = node.find(f"{W}rubyBase")
        if base is not None:
            self._inline(base, target, style_id)

    def _object(self, node: Any) -> str:
        """A drawing, a picture or something of another program. Returns what is to stand there."""
        boxes = [box for box in node.iter(f"{W}txbxContent") if not any(up.tag == box.tag for up in between(box, node))]
        self._boxes += [*boxes, *drawn_words(node, self.found)]
        if any(str(one.get("ProgID")).startswith("Equation") for one in node.iter(_OLE)):
            self.found.remark("An equation of an older Word could not be read.", "Write it at the TODO.")
            return " TODO: equation "
        names = [one.get("descr") or one.get("title") or "" for one in node.iter() if _local(one) == "docPr"]
        if not boxes and any(_local(one) in _MEDIA for one in node.iter()):
            self.pictures += 1
            said = f"{(names or [''])[0] or 'no description'} (picture {self.pictures})"
            self.found.remark("A picture or other medium (img) was not carried over.", _PICTURE, said)
        return ""

    def _equation(self, equation: Any, target: Any) -> Any:
        words, written = words_in(equation), in_a_line(equation)
        if (
            written
            and written[0].isdecimal()
            and "".join(target[-1].itertext() if len(target) else "")[-1:].isdecimal()
        ):
            written = f" {written}"
        if written is None:
            written = f" TODO: {words} "
            self.found.remark("An equation could not be written in a line.", "Write it at the TODO.", words)
        return run_of(written)


def _inside(source: Any, wanted: frozenset[str], found: Found) -> Iterator[Any]:
    """The elements of some kinds in another, whatever is around them, but none within each other."""
    waiting = [iter(source)]
    while waiting:
        one = next(waiting[-1], None)
        if one is None:
            waiting.pop()
        elif not isinstance(one.tag, str) or one.tag in _NO_WORDS:
            continue
        elif one.tag in wanted:
            yield one
        elif one.tag == f"{MC}AlternateContent":
            waiting.append(iter(chosen(one)))
        elif one.tag == f"{W}altChunk":
            found.remark("A part of another file stands in it, and was not read.", "Open it in Word and save it again.")
        elif one.tag in _GONE:
            found.left_out(*_GONE[one.tag], " ".join(texts_in(one)))
        elif one.tag == f"{W}sdt":
            control(one, found, whole=True)
            waiting.append(iter(one))
        else:
            waiting.append(iter(one))


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
