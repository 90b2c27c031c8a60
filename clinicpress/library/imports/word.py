"""A Word file becomes HTML (the only door to mammoth), and what mammoth passes over is found and named.

mammoth keeps headings, lists, tables, bold, links and footnotes, and takes tracked insertions as accepted. It does not
look at headers, footers, charts and deletions; those are read here, so that nothing is lost without a word.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import mammoth
from lxml import etree

from clinicpress.documents import Paragraph, Text
from clinicpress.errors import InputError
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.source import cleaned, open_parts
from clinicpress.library.imports.tags import Found
from clinicpress.library.imports.web import read_web

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = "p[style-name='Title'] => h1.title:fresh\np[style-name='heading 7'] => h6:fresh\nbr[type='page'] => p:fresh"
_FURNITURE = "Name, telephone and page numbers come from clinic.toml. Delete what the pages print anyway."
_KINDS = {"header": "The header of the pages", "footer": "The footer of the pages"}
_CHANGED = "Words that a tracked change deletes were left out."


def read_word(path: Path, data: bytes, found: Found) -> None:
    """Reads a Word file. Raises `InputError` when it is damaged."""
    parts = open_parts(path, data)
    try:
        trees = dict(_trees(path, parts))
        pictures: list[str] = []

        def picture(image: Any) -> dict[str, str]:
            pictures.append(image.alt_text or "")
            return {"src": "", "alt": f"{image.alt_text or 'no description'} (picture {len(pictures)})"}

        answer = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(picture),
            include_embedded_style_map=False,
        )
    except RecursionError as error:
        raise InputError(f"{path} is nested too deeply. Save it as plain text (.txt), and import that.") from error
    except InputError:
        raise
    except Exception as error:  # a damaged file can make mammoth stumble anywhere
        remedy = "Open it in Word and save it again, or save it as plain text (.txt) and import that."
        raise InputError(f"{path} is damaged: its text cannot be read. {remedy}") from error
    read_web(answer.value, found)
    body = trees["word/document.xml"]
    _changes(body, found)
    _left_over(trees, answer.value, found)


def _trees(path: Path, parts: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
    """The parts that hold text, parsed without entities and network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    for part in parts.infolist():
        if not re.fullmatch(r"word/(?:\w+|diagrams/data\d+|charts/chart\d+)\.xml", part.filename):
            continue
        text = parts.read(part)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:  # ECMA-376 part 2 forbids both
            raise InputError(f"{path} holds declarations that no Word file has. Open it in Word and save it again.")
        yield part.filename, etree.fromstring(text, parser)


def _paragraphs(tree: Any) -> Iterator[str]:
    """The words of each paragraph, without those that are deleted."""
    for paragraph in tree.iter(f"{_W}p", "{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
        words = []
        for node in paragraph.iter():
            local = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
            if local in ("t", "v") and not _inside(node, paragraph, ("moveFrom", "del")):
                words.append(node.text or "")
            elif local in ("tab", "br"):
                words.append(" ")
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


def _changes(body: Any, found: Found) -> None:
    """Tracked changes: what is deleted is named, what is inserted counts as accepted."""
    for deleted in body.iter(f"{_W}del"):
        words = "".join(node.text or "" for node in deleted.iter(f"{_W}delText"))
        if words.strip():
            found.remark(_CHANGED, "Accept or reject the changes in Word first, if they are not settled.", words)
    inserted = ["".join(node.text or "" for node in one.iter(f"{_W}t")) for one in body.iter(f"{_W}ins")]
    if any(words.strip() for words in inserted):
        what = "Words that a tracked change inserts were taken as accepted."
        found.remark(what, "Read them; settle the changes in Word if they are not.", " … ".join(inserted)[:300])


def _left_over(trees: dict[str, Any], html: str, found: Found) -> None:
    """Text that mammoth did not give out: it goes to the place of what could not be placed, with a remark."""
    given = _squeezed(html)
    seen: set[str] = set()
    for name, tree in sorted(trees.items()):
        stem = re.sub(r"(?<!\d)\d+$", "", Path(name).stem)
        if stem in ("styles", "settings", "numbering", "fontTable", "webSettings", "footnotes", "endnotes", "people"):
            continue
        for words in _paragraphs(tree):
            text = cleaned(words, found)
            key = _squeezed(escape(text, quote=False))
            if not key or key in seen:
                continue
            if stem.startswith("comments"):
                found.remark("A comment of an editor was not carried over.", "Settle it, and change the text.", text)
                continue
            if stem == "document" and key in given:
                continue
            seen.add(key)
            what = _KINDS.get(stem, "Text of a text box or drawing")
            found.remark(
                f"{what} stands at the end of the document, to be placed.",
                _FURNITURE if stem in _KINDS else "Move it to where it belongs.",
                text,
            )
            found.aside.append(Paragraph((Text(" ".join(text.split())),), 0))
            found.heard.update(tokens(text))


def _squeezed(text: str) -> str:
    """The letters and digits of a text, without marks and blanks."""
    return re.sub(r"[\W_]+", "", re.sub(r"<[^>]*>", "", text))
