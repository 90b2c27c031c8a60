"""Sheets for translators as XLIFF files (the only door to lxml).

XLIFF 1.2, not 2.1: OmegaT, Weblate, Poedit, memoQ and Trados read it as it is; 2.x asks for a plug-in in some of them.
What comes back is a stranger's file: entities, document types and anything from elsewhere are refused.
Source: OASIS XLIFF Version 1.2, 1 February 2008.
"""

import re
from pathlib import Path

from lxml import etree

from clinicpress.documents.passages import PASSAGES
from clinicpress.errors import InputError
from clinicpress.library.exchange import FINISHED, UNTRANSLATED, SegmentSheet, Unit
from clinicpress.library.files import read_bytes

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
MAX_FILE = 5_000_000  # bytes
_ANEW = "Export it again: python generate.py translate export --help."
_CTYPE = "x-variable"
_VARIABLES = re.compile(r"(?<![\\{$])\{[ \t]*[A-Za-z][\w-]*(?:[ \t]*\.[ \t]*[A-Za-z][\w-]*)+[ \t]*\}(?!\})")
_STAMP = "clinicpress made this from: "


def written(*sheets: SegmentSheet) -> bytes:
    """Sheets as an XLIFF file: a group a part of the document, a unit a segment."""
    root = etree.Element(_name("xliff"), nsmap={None: NAMESPACE}, version="1.2")
    for sheet in sheets:
        _write(root, sheet)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _write(root: etree._Element, sheet: SegmentSheet) -> None:
    told = {"source-language": sheet.source_language, "target-language": sheet.language, "datatype": "plaintext"}
    file = etree.SubElement(root, _name("file"), original=_file_name(sheet), **told)
    _text(etree.SubElement(file, _name("header")), "note", _STAMP + sheet.stamp)
    body = etree.SubElement(file, _name("body"))
    groups: dict[str, etree._Element] = {}
    for unit in sheet.units:
        if unit.part not in groups:
            groups[unit.part] = etree.SubElement(body, _name("group"), id=unit.part, resname=unit.part)
        element = etree.SubElement(groups[unit.part], _name("trans-unit"), id=unit.name)
        _with_variables(element, "source", unit.source)
        _with_variables(element, "target", unit.target).set("state", unit.state)
        _text(element, "note", unit.note)


def read(path: Path) -> tuple[SegmentSheet, ...]:
    """The sheets in an XLIFF file: of a document, or of all passages.

    Raises `InputError` when it is none of ours, or holds what could do harm.
    """
    data = read_bytes(path, MAX_FILE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{path} is not an XLIFF file ({error}). {_ANEW}") from error
    if root.getroottree().docinfo.doctype:
        raise InputError(f"{path} has a document type of its own, which can hide other content. {_ANEW}")
    files = root.findall(_name("file"))
    of_passages = all(one.get("original", "").startswith(f"{PASSAGES}/") for one in files)
    if root.tag != _name("xliff") or not files or (len(files) > 1 and not of_passages):
        raise InputError(f"{path} is not an XLIFF 1.2 file with one document. {_ANEW}")
    return tuple(_sheet(one, path) for one in files)


def _sheet(file: etree._Element, path: Path) -> SegmentSheet:
    stamp = next((note.text or "" for note in file.iterfind(f"{_name('header')}/{_name('note')}")), "")
    topic, _, name = file.get("original", "").partition("/")
    if not stamp.startswith(_STAMP) or name.count(".") != 2:
        raise InputError(f"{path} was not exported by this program. {_ANEW}")
    units = tuple(_unit(element, path) for element in file.iter(_name("trans-unit")))
    languages = file.get("source-language", ""), file.get("target-language", "")
    return SegmentSheet(topic, name.partition(".")[0], *languages, stamp.removeprefix(_STAMP).strip(), units)


def _unit(element: etree._Element, path: Path) -> Unit:
    name = element.get("id", "")
    source, target = element.find(_name("source")), element.find(_name("target"))
    for side in (source, target):
        if side is not None and not all(_is_variable(one) for one in side):
            inside = ", ".join(sorted({etree.QName(one).localname for one in side if isinstance(one.tag, str)}))
            message = f"{path}: the segment {name} holds marks of another program ({inside or 'a comment'})."
            raise InputError(f"{message} Take them out; leave words only.")
    words = _words(target) if target is not None else ""
    state = target.get("state", UNTRANSLATED) if target is not None else UNTRANSLATED
    approved = element.get("approved") == "yes"
    said = _words(source) if source is not None else ""
    return Unit(name, name.rpartition(".")[0], said, words, FINISHED[1] if approved else state)


def _with_variables(parent: etree._Element, name: str, words: str) -> etree._Element:
    """Words in which each variable is a mark that programs of translators lock: it can be moved, and not changed."""
    element = etree.SubElement(parent, _name(name))
    last, end = None, 0
    for number, found in enumerate(_VARIABLES.finditer(words), 1):
        between = words[end : found.start()]
        if last is None:
            element.text = between
        else:
            last.tail = between
        last = etree.SubElement(element, _name("x"), {"id": str(number), "ctype": _CTYPE, "equiv-text": found[0]})
        end = found.end()
    if last is None:
        element.text = words
    else:
        last.tail = words[end:]
    return element


def _is_variable(mark: etree._Element) -> bool:
    """Whether a mark in a segment is one of ours, with nothing in it."""
    named = mark.tag == _name("x") and mark.get("ctype") == _CTYPE
    return bool(named and _VARIABLES.fullmatch(mark.get("equiv-text", "")) and not mark.text and not len(mark))


def _words(side: etree._Element) -> str:
    """The words of a segment, with its variables as authors write them."""
    told = [side.text or "", *(f"{one.get('equiv-text')}{one.tail or ''}" for one in side)]
    return " ".join("".join(told).split())


def _text(parent: etree._Element, name: str, words: str) -> etree._Element:
    element = etree.SubElement(parent, _name(name))
    element.text = words
    return element


def _file_name(sheet: SegmentSheet) -> str:
    return f"{sheet.topic}/{sheet.kind}.{sheet.source_language}.md"


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
