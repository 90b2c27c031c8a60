"""Sheets for translators as XLIFF files (the only door to lxml).

XLIFF 1.2, not 2.1: OmegaT, Weblate, Poedit, memoQ and Trados read it as it is; 2.x asks for a plug-in in some of them.
What comes back is a stranger's file: entities, document types and anything from elsewhere are refused.
Source: OASIS XLIFF Version 1.2, 1 February 2008.
"""

from pathlib import Path

from lxml import etree

from clinicpress.errors import InputError
from clinicpress.library.exchange import FINISHED, UNTRANSLATED, SegmentSheet, Unit
from clinicpress.library.files import read_bytes

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
MAX_FILE = 5_000_000  # bytes
_ANEW = "Export it again: python generate.py translate export --help."
_STAMP = "clinicpress made this from: "


def written(sheet: SegmentSheet) -> bytes:
    """A sheet as an XLIFF file: a group a part of the document, a unit a segment."""
    root = etree.Element(_name("xliff"), nsmap={None: NAMESPACE}, version="1.2")
    told = {"source-language": sheet.source_language, "target-language": sheet.language, "datatype": "plaintext"}
    file = etree.SubElement(root, _name("file"), original=_file_name(sheet), **told)
    _text(etree.SubElement(file, _name("header")), "note", _STAMP + sheet.stamp)
    body = etree.SubElement(file, _name("body"))
    groups: dict[str, etree._Element] = {}
    for unit in sheet.units:
        if unit.part not in groups:
            groups[unit.part] = etree.SubElement(body, _name("group"), id=unit.part, resname=unit.part)
        element = etree.SubElement(groups[unit.part], _name("trans-unit"), id=unit.name)
        _text(element, "source", unit.source)
        _text(element, "target", unit.target).set("state", unit.state)
        _text(element, "note", unit.note)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def read(path: Path) -> SegmentSheet:
    """The sheet in an XLIFF file. Raises `InputError` when it is none of ours, or holds what could do harm."""
    data = read_bytes(path, MAX_FILE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{path} is not an XLIFF file ({error}). {_ANEW}") from error
    if root.getroottree().docinfo.doctype:
        raise InputError(f"{path} has a document type of its own, which can hide other content. {_ANEW}")
    file = root.find(_name("file"))
    if root.tag != _name("xliff") or file is None or len(root.findall(_name("file"))) != 1:
        raise InputError(f"{path} is not an XLIFF 1.2 file with one document. {_ANEW}")
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
        if side is not None and len(side):
            inside = ", ".join(sorted({etree.QName(one).localname for one in side if isinstance(one.tag, str)}))
            message = f"{path}: the segment {name} holds marks of another program ({inside or 'a comment'})."
            raise InputError(f"{message} Take them out; leave words only.")
    words = " ".join((target.text or "").split()) if target is not None else ""
    state = target.get("state", UNTRANSLATED) if target is not None else UNTRANSLATED
    approved = element.get("approved") == "yes"
    said = " ".join((source.text or "").split()) if source is not None else ""
    return Unit(name, name.rpartition(".")[0], said, words, FINISHED[1] if approved else state)


def _text(parent: etree._Element, name: str, words: str) -> etree._Element:
    element = etree.SubElement(parent, _name(name))
    element.text = words
    return element


def _file_name(sheet: SegmentSheet) -> str:
    return f"{sheet.topic}/{sheet.kind}.{sheet.source_language}.md"


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
