"""Sheets for translators as XLIFF files (the only door to lxml).

XLIFF 1.2, not 2.1: OmegaT, Weblate, Poedit, memoQ and Trados read it as it is; 2.x asks for a plug-in in some of them.
What comes back is a stranger's file: entities, document types and anything from elsewhere are refused.
Source: OASIS XLIFF Version 1.2, 1 February 2008.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from clinicpress.documents.passages import PASSAGES
from clinicpress.errors import InputError
from clinicpress.library.exchange import FINISHED, UNSEEN, UNTRANSLATED, SegmentSheet, Unit
from clinicpress.library.files import read_bytes
from clinicpress.words import language_tag

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
MAX_FILE = 5_000_000  # bytes
_ANEW = "Export it again: python generate.py translate export --help."
_CTYPE = "x-variable"
_CODES = ("x", "bx", "ex", "bpt", "ept", "it", "ph")  # they stand for code of the file; g, mrk and sub hold words
_FORMATS = {"bold": "**", "x-bold": "**", "x-strong": "**", "italic": "*", "x-italic": "*", "x-em": "*"}
_FOREIGN_CODE = re.compile(r"\s*(?:<[^<>]*>\s*)*")  # <b>, <cf bold="True">: of the translator's program, not of ours
_CHANGES = ("x-sdl-deleted", "x-sdl-added")
_BY_MACHINE = ("leveraged-mt", "mt-suggestion")
_WORKING_FILES = {
    "http://sdl.com/FileTypes/SdlXliff/1.0": ("Trados Studio (.sdlxliff)", "There, choose File, Save Target As"),
    "MQXliff": ("memoQ (.mqxliff)", "There, choose Documents, Export"),
}
"""Namespaces of files in which programs keep their own segments: ours are not to be found in them any more."""
_VARIABLES = re.compile(r"(?<![\\{$])\{[ \t]*[A-Za-z][\w-]*(?:[ \t]*\.[ \t]*[A-Za-z][\w-]*)+[ \t]*\}(?!\})")
_STAMP = "clinicpress made this from: "


def written(*sheets: SegmentSheet, target: str = "") -> bytes:
    """Sheets as an XLIFF file: a group a part of the document, a unit a segment.

    `target` is the language as the translator's program wants it named, with a country (es-MX).
    """
    root = etree.Element(_name("xliff"), nsmap={None: NAMESPACE}, version="1.2")
    for sheet in sheets:
        _write(root, sheet, target or sheet.language)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _write(root: etree._Element, sheet: SegmentSheet, target: str) -> None:
    told = {"source-language": sheet.source_language, "target-language": target, "datatype": "plaintext"}
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
    if data.startswith(b"PK"):
        raise InputError(f"{path} is a package. Unpack it, and bring the XLIFF file (.xlf) that is in it.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{path} is not an XLIFF file ({error}). {_ANEW}") from error
    if root.getroottree().docinfo.doctype:
        raise InputError(f"{path} has a document type of its own, which can hide other content. {_ANEW}")
    for namespace, (program, way) in _WORKING_FILES.items():
        if namespace in root.nsmap.values() and not _stamps(root):
            raise InputError(f"{path} is a working file of {program}. {way}, and bring that file.")
    files = root.findall(_name("file"))
    of_passages = all(one.get("original", "").startswith(f"{PASSAGES}/") for one in files)
    if root.tag != _name("xliff") or not files or (len(files) > 1 and not of_passages):
        raise InputError(f"{path} is not an XLIFF 1.2 file with one document. {_ANEW}")
    return tuple(_sheet(one, path) for one in files)


def _stamps(within: etree._Element) -> list[str]:
    """From which texts a file was made, as we have noted it; programs of translators add notes of their own."""
    notes = (note.text or "" for note in within.iterfind(f".//{_name('header')}/{_name('note')}"))
    return [note.removeprefix(_STAMP).strip() for note in notes if note.startswith(_STAMP)]


def _sheet(file: etree._Element, path: Path) -> SegmentSheet:
    stamps = _stamps(file)
    topic, _, name = file.get("original", "").partition("/")
    if not stamps or name.count(".") != 2:
        raise InputError(f"{path} was not exported by this program. {_ANEW}")
    units = tuple(_unit(element, path) for element in file.iter(_name("trans-unit")))
    spoken = [language_tag(file.get(f"{side}-language", "")) for side in ("source", "target")]
    return SegmentSheet(topic, name.partition(".")[0], spoken[0], spoken[1], stamps[0], units)


def _unit(element: etree._Element, path: Path) -> Unit:
    name = element.get("id", "")
    source, target = element.find(_name("source")), element.find(_name("target"))
    try:
        tags = {} if source is None else _tags(source)
        said = "" if source is None else _words(source, tags)
        words = "" if target is None else _words(target, tags)
    except ValueError as error:
        raise InputError(f"{path}: the segment {name} {error}.") from error
    state = UNTRANSLATED if target is None else target.get("state", UNTRANSLATED)
    if element.get("approved") == "yes":
        state = FINISHED[1]
    if state not in FINISHED and target is not None:
        half = _mids(element.find(_name("seg-source"))) - _mids(target)
        if half or target.get("state-qualifier") in _BY_MACHINE:
            state = UNSEEN
    return Unit(name, name.rpartition(".")[0], said, words, state)


def _mids(side: etree._Element | None) -> set[str]:
    """The segments into which a program has parted a text, by their numbers; only those that hold words."""
    marks = () if side is None else side.iter(_name("mrk"))
    return {one.get("mid", "") for one in marks if one.get("mtype") == "seg" and "".join(one.itertext()).strip()}


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


def _tags(source: etree._Element) -> dict[str, str]:
    """What the tags of an original stand for, by their ids: where a program gives one back, it may be bare."""
    return {
        _key(mark, "id"): said
        for mark in source.iter(*(_name(one) for one in _CODES))
        if (said := _code(mark, {})) is not None
    }


def _words(side: etree._Element, tags: Mapping[str, str]) -> str:
    """The words of a segment, as authors write them: variables and marks such as ** in the place of tags."""
    return " ".join(_inside(side, tags).split())


def _inside(element: etree._Element, tags: Mapping[str, str]) -> str:
    """What stands in an element. Raises `ValueError` for what cannot be taken, with its reason."""
    return "".join([element.text or "", *(f"{_mark(one, tags)}{one.tail or ''}" for one in element)])


def _mark(mark: etree._Element, tags: Mapping[str, str]) -> str:
    """What a tag within a segment stands for. Source: XLIFF 1.2, 2.3 (inline elements)."""
    name = etree.QName(mark).localname if isinstance(mark.tag, str) else ""
    if not name:
        return ""  # a comment
    if mark.get("mtype", "") in _CHANGES:
        raise ValueError("holds changes that nobody has accepted. Accept or reject them first")
    if name not in _CODES:  # g, mrk, sub, and what programs add
        around = _FORMATS.get(mark.get("ctype", ""), "") if name == "g" else ""
        return f"{around}{_inside(mark, tags)}{around}"
    said = _code(mark, tags)
    if said is None and name in ("x", "ph"):
        raise ValueError(f"has a tag ({name}) that its original has not. Take it out, and leave words only")
    return said or ""


def _code(mark: etree._Element, tags: Mapping[str, str]) -> str | None:
    """What a tag without words of its own stands for: what it says itself, else what it says in the original."""
    inside = _inside(mark, tags)
    own = mark.get("equiv-text") or ("" if _FOREIGN_CODE.fullmatch(inside) else inside)
    if own.strip():
        return own
    if mark.get("ctype") == "lb":
        return " "
    return _FORMATS.get(mark.get("ctype", "")) or tags.get(_key(mark, "rid")) or tags.get(_key(mark, "id"))


def _key(mark: etree._Element, attribute: str) -> str:
    """How a tag is found in the original. A place for code (x, ph) is no half of a pair that has the same number."""
    kind = "place" if etree.QName(mark).localname in ("x", "ph") else "pair"
    return f"{kind} {mark.get(attribute, '')}"


def _text(parent: etree._Element, name: str, words: str) -> etree._Element:
    element = etree.SubElement(parent, _name(name))
    element.text = words
    return element


def _file_name(sheet: SegmentSheet) -> str:
    return f"{sheet.topic}/{sheet.kind}.{sheet.source_language}.md"


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
