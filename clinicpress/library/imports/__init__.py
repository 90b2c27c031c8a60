"""A clinic's own file (.docx, .txt, .md, .html) becomes the text of a document, with nothing dropped in silence.

look_at        what the file is; refused with a remedy when it is something else
read_*         headings, paragraphs, lists, tables, and remarks about the rest
place          sections with their roles, by heading or by content
written        front matter and Markdown; every word, number and sign is counted against the source
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clinicpress.documents import KINDS, LANGUAGES, Kind, Listing, walk, words_of
from clinicpress.documents.blocks import mapped
from clinicpress.errors import InputError
from clinicpress.library.imports.doubts import tell_doubts
from clinicpress.library.imports.marked import read_marked
from clinicpress.library.imports.meaning import asks_to_sign, kind_by_signs
from clinicpress.library.imports.opendocument import read_open
from clinicpress.library.imports.placing import Placed, place
from clinicpress.library.imports.plain import read_plain
from clinicpress.library.imports.signs import tokens
from clinicpress.library.imports.skeleton import front_matter, heading_line, heading_of, markdown, rest_heading
from clinicpress.library.imports.source import FileKind, cleaned, decoded, look_at
from clinicpress.library.imports.tags import Found, Heading, Remark, without_notes
from clinicpress.library.imports.web import read_web
from clinicpress.library.imports.word import read_word
from clinicpress.library.markdown import read_markdown
from clinicpress.words import SPOKEN_LANGUAGES, language_told

__all__ = ["Imported", "Remark", "read_foreign"]

UNKNOWN_LANGUAGE = "TODO"
MANY_WORDS = 6_000  # some 15 pages: more is rarely one leaflet


@dataclass(frozen=True, slots=True)
class Imported:
    """A document that was made of a foreign file: its text, and what a person has to look at.

    `sections` holds for each section its heading, its roles, and whether the heading is ours. `why` says how the kind
    was found. `lost` counts the words, numbers and signs of the source that stand neither in the document nor in a
    remark; it is 0. `first` are the three things to do first.
    """

    kind: Kind
    why: str
    language: str
    title: str
    text: str
    sections: tuple[tuple[str, tuple[str, ...], bool], ...]
    remarks: tuple[Remark, ...]
    words: int
    lost: int
    first: tuple[str, str, str]


def read_foreign(
    path: Path, today: date, *, kind: str | None = None, kinds: Mapping[str, Kind] = KINDS, language: str = "",
    encoding: str | None = None, leaflet: str = "",
) -> Imported:  # fmt: skip
    """The document in a clinic's own file. `leaflet` names the handout that a consent form belongs to.

    Raises `InputError` when the file cannot be taken over.
    """
    found = _read(path, encoding)
    tell_doubts(found)
    text = _all_words(found)
    if not text.strip():
        raise InputError(f"{path} holds no words. If it holds a picture of a page, type its words into a .txt file.")
    meant, why = _kind(kind, kinds, text, found)
    language = _language(language, text, found)
    if (words := len(text.split())) > MANY_WORDS:
        found.remark(f"The text has {words} words; a leaflet has a few pages.", "Split it into one file a topic.")
    placed = place(found, meant)
    body, sections = _body(placed, found, language)
    head = front_matter(meant, placed.title, language, today, leaflet)
    lost = _lost(body, placed, path, meant, found)
    first = _first(path, found, placed, body, lost=lost, sure=language != UNKNOWN_LANGUAGE)
    remarks = tuple(found.remarks)
    return Imported(meant, why, language, placed.title, head + body, sections, remarks, words, lost, first)


def _read(path: Path, encoding: str | None) -> Found:
    """What stands in a file, whatever its kind."""
    found = Found()
    form, data = look_at(path)
    if form is FileKind.OPEN:
        read_open(path, data, found)
        return found
    if form is FileKind.WORD:
        read_word(path, data, found)
        return found
    text = decoded(path, data, encoding, web=form is FileKind.WEB)
    if form is FileKind.WEB:
        read_web(text, found)
    elif form is FileKind.MARKDOWN:
        read_marked(path, text, found)
    else:
        read_plain("\t".join(cleaned(part, found) for part in text.split("\t")), found)
    return found


def _all_words(found: Found) -> str:
    texts = []
    for piece in (*found.pieces, *found.aside):
        texts += (
            [piece.words]
            if isinstance(piece, Heading)
            else [words for _, words in words_of(mapped([piece], without_notes))]
        )
    return " \n".join(texts)


def _kind(asked: str | None, kinds: Mapping[str, Kind], text: str, found: Found) -> tuple[Kind, str]:
    """What kind it is, and why."""
    if asked is not None:
        return kinds[asked], "as you said"
    kind, signs = kind_by_signs(text, kinds)
    says = f"it says {', '.join(map(repr, signs[:3]))}" if signs else "nothing in it is to be signed"
    if not kind.is_form and (asked_for := asks_to_sign(text)):
        says = f"but this is not sure, for it says {asked_for!r}"
        forms = ", ".join(name for name, one in kinds.items() if one.is_form and not one.is_fixed)
        remedy = f"If it is, delete it, and import the file again with --kind and one of: {forms}."
        found.remark(f"It was taken as a {kind.called.lower()}. Is it to be signed?", remedy, asked_for)
    offered = (one for one in kinds.values() if one != kind and one.in_new_topic)
    others = [f"--kind {one} makes it a {one.called.lower()}" for one in offered]
    return kind, "; ".join([says, *others])


def _language(asked: str, text: str, found: Found) -> str:
    if asked:
        return asked
    if (language := language_told(text)) in LANGUAGES:
        return language
    remedy = "Write the language into the front matter and the file name, or import it again with --lang."
    known = " or ".join(SPOKEN_LANGUAGES[tag].names[0].title() for tag in LANGUAGES)
    found.remark(f"The language of the text is unknown: it is not clearly {known}.", remedy, text[:120])
    return UNKNOWN_LANGUAGE


def _body(placed: Placed, found: Found, language: str) -> tuple[str, tuple[tuple[str, tuple[str, ...], bool], ...]]:
    """The Markdown below the front matter, and its sections as a person wants them listed."""
    rows = [markdown(placed.opening)] if placed.opening else []
    sections = []
    for part in placed.parts:
        heading = heading_of(part, language)
        sections.append((heading, part.roles, part.added))
        rows += [heading_line(part, language), markdown(part.blocks)]
    if placed.rest:
        rows += [f"## {rest_heading(language)}", markdown(placed.rest)]
        sections.append((rest_heading(language), (), True))
    rows += [f"[^{number}]: " + markdown(blocks).replace("\n", "\n    ") for number, blocks in found.notes]
    return "\n\n".join(row for row in rows if row) + "\n", tuple(sections)


def _lost(body: str, placed: Placed, path: Path, kind: Kind, found: Found) -> int:
    """How many words, numbers and signs of the source stand neither in the document nor in a remark; each is named.

    Each would be a fault of ours. The document is read back for it, as a print would read it.
    """
    reading = read_markdown(body, path, 1, tuple(kind.roles))
    blocks = [*reading.opening, *(block for part in reading.sections for block in part.blocks)]
    blocks += [block for note in reading.notes for block in note]
    printed = [placed.title, *(part.heading for part in reading.sections)]
    printed += [words for _, words in words_of(mapped(blocks, without_notes))]
    printed += [
        str(one.start + at)
        for one in walk(blocks)
        if isinstance(one, Listing) and one.start is not None
        for at in range(len(one.items))
    ]
    if missing := found.heard - found.told - tokens(" \n".join(printed)):
        remedy = f"Compare the document with {path.name}, write them again, and tell the makers of clinicpress."
        words = " ".join(missing.elements())
        found.remark(f"{missing.total()} words, numbers or signs of the source are lost.", remedy, words)
    return missing.total()


def _first(path: Path, found: Found, placed: Placed, body: str, *, lost: int, sure: bool) -> tuple[str, str, str]:
    """The three things to do first, the most harmful first."""
    asked = any(one.what.endswith("Is it to be signed?") for one in found.remarks)
    gaps = body.count("TODO: ") + sum(part.added for part in placed.parts)
    things = [
        (lost > 0, "Write the lost words again; they are named above."),
        (asked, "Settle whether it is to be signed: its kind decides what it has to say."),
        (not sure, "Settle its language; nothing can be checked before."),
        ("TODO: " in body, "Look for 'TODO' in the document: each stands where only a person can write."),
        (bool(found.told), "Read the words above that were left out; write again what readers need."),
        (bool(placed.rest), "Move what stands at the end to its section."),
        (gaps > 0, "Read the headings that are ours; a wrong one misleads."),
        (True, "Fill in form number, author and sources at the top of the document."),
        (True, "Settle the findings of the check; until then nothing can be printed."),
    ]
    wanted = [said for fits, said in things if fits]
    return f"Read the document beside {path.name}, line by line: doses, numbers and tables first.", wanted[0], wanted[1]
