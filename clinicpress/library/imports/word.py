"""A Word file becomes HTML (the only door to mammoth), and what mammoth passes over is found and named.

The file is written again first, in plain ways that mammoth reads rightly (`mending`), with styles and lists of ours.
Nothing else of it is handed on: no style map of its own, no macro. Headers, footers and charts are read here.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

import mammoth
from lxml import etree

from clinicpress.documents import Paragraph, Text
from clinicpress.errors import InputError
from clinicpress.library.imports.changes import Places, without_deleted_ends
from clinicpress.library.imports.columns import tables_of_tabs
from clinicpress.library.imports.mending import Mender, R
from clinicpress.library.imports.numbering import W, read_numbering
from clinicpress.library.imports.runs import counted, settled
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.source import as_utf8, cleaned, unpacked
from clinicpress.library.imports.styles import read_styles
from clinicpress.library.imports.tags import Found
from clinicpress.library.imports.web import read_web

_FURNITURE = "Name, telephone and page numbers come from clinic.toml. Delete what the pages print anyway."
_KINDS = {"header": "The header of the pages", "footer": "The footer of the pages"}
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_TEXT = ("styles", "stylesWithEffects", "settings", "numbering", "fontTable", "webSettings", "people", "glossary")
_NAMESPACE = f'xmlns:w="{W.strip("{}")}"'
_STYLES = (
    f"<w:styles {_NAMESPACE}>"
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/></w:style>'
        for name in ("Title", *(f"Heading {level}" for level in range(1, 7)))
    )
    + "</w:styles>"
)
_LISTS = ("bullet", "decimal")  # the two kinds of lists that mammoth tells apart
_NUMBERING = (
    f"<w:numbering {_NAMESPACE}>"
    + "".join(
        f'<w:abstractNum w:abstractNumId="{number}">'
        + "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{kind}"/></w:lvl>' for level in range(5))
        + "</w:abstractNum>"
        for number, kind in enumerate(_LISTS, 1)
    )
    + "".join(f'<w:num w:numId="{one}"><w:abstractNumId w:val="{one}"/></w:num>' for one in (1, 2))
    + "</w:numbering>"
)
_ITEM = re.compile(r'(<li>)?<a id="item-(\d+)"></a>')


def read_word(path: Path, data: bytes, found: Found) -> None:
    """Reads a Word file. Raises `InputError` when it is damaged."""
    parts, whole = unpacked(path, data)
    if not whole:
        what = "The file is damaged; it was read as far as it goes."
        found.remark(what, "Compare the end of the document with the file, or save the file again in Word first.")
    if any(name.lower().endswith("vbaproject.bin") for name in parts):
        found.remark("The file holds macros. They were neither run nor carried over.", "Nothing is to be done.")
    trees = dict(_trees(path, parts, found, whole=whole))
    main = _main(path, parts, trees)
    styles = read_styles(trees.get("word/styles.xml"))
    mender = Mender(found, styles, read_numbering(trees.get("word/numbering.xml"), styles.elements), Places(styles))
    texts = [main, *(name for name in ("word/footnotes.xml", "word/endnotes.xml") if name in trees)]
    heard = Counter[str]()
    for name in texts:
        settled(trees[name])
        without_deleted_ends(trees[name], found)
        heard += counted(trees[name], styles)
    try:
        html = _html(parts, {name: trees[name] for name in texts}, mender)
    except RecursionError:
        what = "The file is nested too deeply; only its words were read, a paragraph each."
        found.remark(what, "Compare lists and tables with the file.")
        html = "".join(f"<p>{escape(words)}</p>" for name in texts for words in _paragraphs(trees[name]))
    except Exception as error:  # a damaged file can make mammoth stumble anywhere
        remedy = "Open it in Word and save it again, or save it as plain text (.txt) and import that."
        raise InputError(f"{path} is damaged: its text cannot be read. {remedy}") from error
    heard += found.heard  # the numbers of its lists
    read_web(html, found)
    found.heard = heard
    _left_over(trees, found, texts)


def _trees(path: Path, parts: Mapping[str, bytes], found: Found, *, whole: bool) -> Iterator[tuple[str, Any]]:
    """The parts that hold text, parsed without entities and network. Only the text itself has to be sound."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=not whole)
    for name, text in parts.items():
        if not re.fullmatch(r"word/(?:\w+|diagrams/data\d+|charts/chart\d+)\.xml", name):
            continue
        text = as_utf8(text)  # noqa: PLW2901  so that what follows sees what the parser sees
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:  # ECMA-376 part 2 forbids both
            raise InputError(f"{path} holds declarations that no Word file has. Open it in Word and save it again.")
        for strict, usual in _STRICT:
            text = text.replace(strict, usual)  # noqa: PLW2901  one standard, two ways to write its names
        try:
            tree = etree.fromstring(text, parser)
        except etree.XMLSyntaxError as error:
            if re.fullmatch(r"word/document\d*\.xml", name):
                remedy = "Open it in Word and save it again, or save it as plain text (.txt) and import that."
                raise InputError(f"{path} is damaged: its text cannot be read. {remedy}") from error
            found.remark(f"The part {name} of the file is damaged, and was not read.", "Compare with the file.")
            continue
        if tree is not None:
            yield name, tree


def _main(path: Path, parts: Mapping[str, bytes], trees: Mapping[str, Any]) -> str:
    """Which part is the text: the one that the file names, else the one that usually is."""
    for relation in _relations(parts.get("_rels/.rels", b"")):
        if str(relation.get("Type")).endswith("/officeDocument"):
            name = str(relation.get("Target")).lstrip("/")
            if name in trees:
                return name
    if "word/document.xml" in trees:
        return "word/document.xml"
    raise InputError(f"{path} is damaged: its text is missing. Open it in Word and save it again.")


def _relations(text: bytes) -> list[Any]:
    if not text or b"<!" in text:
        return []
    tree = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    return [] if tree is None else [one for one in tree if isinstance(one.tag, str)]


def _html(parts: Mapping[str, bytes], trees: Mapping[str, Any], mender: Mender) -> str:
    """The HTML of a file that is written again in plain ways."""
    for tree in trees.values():
        for kind in ("footnote", "endnote"):
            notes = (one for one in tree.iter(f"{W}{kind}") if one.get(f"{W}type", "normal") == "normal")
            mender.notes |= {(f"{W}{kind}Reference", str(one.get(f"{W}id"))) for one in notes}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("word/styles.xml", _STYLES)
        packed.writestr("word/numbering.xml", _NUMBERING)
        for number, (name, tree) in enumerate(trees.items()):
            own = PurePosixPath(name)
            stem = own.stem if number else "document"
            links = [
                (str(one.get("Id")), str(one.get("Target")))
                for one in _relations(parts.get(f"{own.parent}/_rels/{own.name}.rels", b""))
                if str(one.get("Type")).endswith("/hyperlink")
            ]
            mender.links = {link for link, _ in links}
            packed.writestr(f"word/{stem}.xml", etree.tostring(_mended(tree, mender), encoding="utf-8"))
            links += [(name, address) for address, name in mender.field_links.items()]
            packed.writestr(f"word/_rels/{stem}.xml.rels", _relations_of(links))
    answer = mammoth.convert_to_html(
        target, style_map="p[style-name='Title'] => h1.title:fresh", include_embedded_style_map=False
    )
    return _ITEM.sub(lambda one: _numbered(mender.labels[int(one[2])], listed=bool(one[1])), str(answer.value))


def _numbered(label: str, *, listed: bool) -> str:
    """The number of an item, as it stands in the HTML: beside the item, or in its words where there is no list."""
    return f'<li label-of-item="{escape(label)}">' if listed else f"{escape(label)} ".lstrip()


def _mended(tree: Any, mender: Mender) -> Any:
    """A part, written again."""
    made = etree.Element(tree.tag, nsmap={"w": W.strip("{}"), "r": R.strip("{}")})
    body = tree.find(f"{W}body")
    if body is not None:
        mender.blocks(body, etree.SubElement(made, body.tag))
        tables_of_tabs(made[0], mender.found)
        return made
    for note in tree:
        if note.tag not in (f"{W}footnote", f"{W}endnote") or note.get(f"{W}type", "normal") != "normal":
            continue
        if (f"{note.tag}Reference", str(note.get(f"{W}id"))) not in mender.marked:
            what = "A note that nothing in the text refers to was left out."
            mender.found.left_out(what, "Write it into the text if readers need it.", " ".join(_paragraphs(note)))
        else:
            mender.blocks(note, etree.SubElement(made, note.tag, {f"{W}id": note.get(f"{W}id") or ""}))
    return made


def _relations_of(links: list[tuple[str, str]]) -> bytes:
    made = etree.Element(f"{{{_RELATIONS}}}Relationships", nsmap={None: _RELATIONS})
    for name, address in links:
        facts = {"Id": name, "Type": f"{_TYPES}/hyperlink", "Target": address, "TargetMode": "External"}
        etree.SubElement(made, f"{{{_RELATIONS}}}Relationship", facts)
    return bytes(etree.tostring(made, encoding="utf-8"))


def _paragraphs(tree: Any) -> Iterator[str]:
    """The words of each paragraph, without those that are deleted."""
    for paragraph in tree.iter(f"{W}p", "{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
        words = []
        for node in paragraph.iter():
            local = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
            if local in ("t", "v") and not _inside(node, paragraph, ("moveFrom", "del")):
                words.append(node.text or "")
            elif local in ("tab", "br"):
                words.append(" ")
            elif local == "textpath" and node.get("string"):
                words.append(f" {node.get('string')} ")
        if text := "".join(words).strip():
            yield text


def _inside(node: Any, top: Any, names: tuple[str, ...]) -> bool:
    """Whether a word stands in one of these elements, or in a paragraph further in than `top` (a text box)."""
    for above in node.iterancestors():
        if above is top:
            return False
        if above.tag.rpartition("}")[2] in (*names, "p"):
            return True
    return False


def _left_over(trees: Mapping[str, Any], found: Found, texts: Sequence[str]) -> None:
    """Text of other parts: it goes to the place of what could not be placed, with a remark."""
    seen: set[str] = set()
    for name, tree in sorted(trees.items()):
        stem = re.sub(r"(?<!\d)\d+$", "", Path(name).stem)
        if name in texts or stem in _NO_TEXT:
            continue
        for words in _paragraphs(tree):
            text = cleaned(words, found)
            key = re.sub(r"[\W_]+", "", text)
            if not key or key in seen:
                continue
            if stem.startswith("comments"):
                found.remark("A comment of an editor was not carried over.", "Settle it, and change the text.", text)
                continue
            seen.add(key)
            what = _KINDS.get(stem, "Text of a drawing")
            found.remark(
                f"{what} stands at the end of the document, to be placed.",
                _FURNITURE if stem in _KINDS else "Move it to where it belongs.",
                text,
            )
            found.aside.append(Paragraph((Text(" ".join(text.split())),), 0))
            found.heard.update(tokens(text))
