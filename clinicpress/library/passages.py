"""Passages: files of words that stand in many documents, and how they come into a document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from clinicpress.documents import (
    KINDS,
    LANGUAGES,
    Block,
    Document,
    FieldGroup,
    Inline,
    Kind,
    NoteMark,
    PassageUse,
    Revision,
    Section,
    Translation,
    walk,
)
from clinicpress.documents.blocks import Asset
from clinicpress.documents.composition import OWN, SIGNED
from clinicpress.documents.passages import PASSAGES, line_within
from clinicpress.documents.reviews import stale_parts
from clinicpress.documents.rewriting import Rewriting
from clinicpress.errors import Problem
from clinicpress.library.files import odd_name, read_text
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.keys import Keys, nearest
from clinicpress.library.markdown import Parsed, read_markdown
from clinicpress.library.records import part_digests, read_record, text_digest
from clinicpress.library.rules import (
    BAD_FRONT_MATTER,
    NAME_MISMATCH,
    NO_PASSAGE,
    PASSAGE_BLOCKS,
    PASSAGE_EXPIRED,
    PASSAGE_IN_PASSAGE,
    PASSAGE_KIND,
    PASSAGE_LANGUAGE,
)
from clinicpress.words import SOURCE

_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_NOTES = 1_000_000  # more notes than a text has


class PassageContext(StrEnum):
    """Whether a changed passage may be renewed in all documents at once, or is looked at again in each."""

    ANY = "any"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageText:
    """A passage in one language, as its file says it.

    `owner` is who may approve it, `kinds` are those in which it may stand (none: everywhere). `parts` has the hash of
    its words, for translations. `title` and `sections` are empty: a passage is a text under somebody else's heading.
    """

    name: str
    language: str
    file: Path
    owner: str
    context: PassageContext
    kinds: tuple[str, ...]
    effective: date
    review_by: date
    sources: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[tuple[Block, ...], ...]
    digest: str
    text: str = field(repr=False)
    first_line: int
    lines: Mapping[str, int] = field(repr=False)
    parts: Mapping[str, str] = field(repr=False)
    translation: Translation | None
    original: "PassageText | None" = field(default=None, repr=False)
    title: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def topic(self) -> str:
        """The folder that it lies in, as translators see it."""
        return PASSAGES

    @property
    def kind(self) -> str:
        """What its file is called, as translators see it."""
        return self.name

    @property
    def revision(self) -> Revision:
        """The version of its words."""
        return Revision(self.digest)

    @property
    def stale_parts(self) -> tuple[str, ...]:
        """Its parts whose original was changed since; all of them when there is no record."""
        return () if self.original is None else stale_parts(self.translation, self.original.parts)

    @property
    def behind(self) -> tuple[str, str] | None:
        """Why the translation is not current: the code of the rule, and what it says; None when it is."""
        record = self.translation
        if record is None:
            said = "The translation of the passage has no record of what it was made from."
            return ("T02", said) if self.original is not None else None
        if self.original is None:
            return "T02", f"The record names an original in '{record.source}', which is not in the library."
        if not record.by_a_human:
            tool = f" ({record.tool})" if record.tool else ""
            return "T03", f"A machine made this translation{tool}, and no qualified human has read it."
        if self.stale_parts:
            return "T01", f"The passage was changed in the original ({record.source}) after it was translated."
        return None


Translatable = Document | PassageText
"""What goes out to a translator."""


class PassageShelf:
    """The passages of a library, each read once, and the kinds of paper that it has."""

    def __init__(self, handouts: Path, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.folder, self.kinds = handouts / PASSAGES, kinds
        self._read: dict[Path, tuple[PassageText | None, list[Problem]]] = {}
        self._names: dict[str, tuple[str, ...]] | None = None

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The passages that there are, with the languages of each."""
        if self._names is None:
            found: dict[str, tuple[str, ...]] = {}
            for path in sorted(self.folder.glob("*.md")):
                name, _, language = path.name.removesuffix(".md").partition(".")
                if language and "." not in language:
                    found[name] = (*found.get(name, ()), language)
            self._names = found
        return self._names

    def read(self, name: str, language: str) -> tuple[PassageText | None, list[Problem]]:
        """A passage that there is, as far as it can be read, and what is wrong with it."""
        path = self.folder / f"{name}.{language}.md"
        if path not in self._read:
            passage, faults = _read(path, self.kinds)
            source = passage.translation.source if passage is not None and passage.translation else SOURCE
            if passage is not None and source != language and source in self.names.get(name, ()):
                passage = replace(passage, original=self.read(name, source)[0])
            self._read[path] = passage, faults
        return self._read[path]


def kept_words(file: Path, digest: str) -> Path:
    """Where the words of a passage are kept as they were approved, to be compared with what they are later."""
    return file.parent / "approved" / f"{file.name.removesuffix('.md')}.{digest[:16]}.md"


def _read(path: Path, kinds: Mapping[str, Kind]) -> tuple[PassageText | None, list[Problem]]:
    if odd := odd_name(path):
        return None, [odd]
    text, problems = read_text(path)
    if not text:
        remedy = "Write the passage, or delete the file."
        return None, problems or [BAD_FRONT_MATTER.found(str(path), 1, "The file is empty.", remedy)]
    values, lines, written, body, first_line, faults = split_front_matter(text, path)
    problems += faults
    if not values:
        return None, problems

    def nested(name: str, line: int) -> Sequence[Block]:
        message = f"The passage asks for another one, '{name}'."
        remedy = "Write its words here, or ask for both in the document."
        problems.append(PASSAGE_IN_PASSAGE.found(str(path), line, message, remedy, name))
        return ()

    reading = read_markdown(body, path, first_line, (), nested)
    keys = Keys(path, values, lines, written=written)
    passage = PassageText(
        name=keys.text("passage"),
        language=keys.text("language"),
        file=path,
        owner=keys.text("owner", required=False) or "clinician",
        context=keys.choice("context", PassageContext, PassageContext.ANY),
        kinds=keys.texts("kinds", required=False),
        effective=keys.date("effective"),
        review_by=keys.date("review_by"),
        sources=keys.texts("sources", required=False),
        blocks=tuple(reading.opening),
        notes=tuple(reading.notes),
        digest=text_digest(text, reading.pictures),
        text=text,
        first_line=first_line,
        lines=MappingProxyType(dict(lines)),
        parts=part_digests(text, first_line, reading.opening, (), {}),
        translation=read_record(keys),
    )
    for kind in passage.kinds:
        if kind not in kinds:
            keys.unknown_value("kinds", kind, kinds)
    keys.refuse_unknown()
    return passage, [*problems, *keys.problems, *reading.problems, *_faults(path, passage, reading)]


def _faults(path: Path, passage: PassageText, reading: Parsed) -> list[Problem]:
    """What a passage cannot be called, and what it cannot hold."""
    name, _, language = path.name.removesuffix(".md").partition(".")
    faults = []
    for key, named, said in (("passage", name, passage.name), ("language", language, passage.language)):
        if said and named != said:
            message = f"The file name says {key} '{named}', the front matter says '{said}'."
            remedy = f"Rename the file to {passage.name}.{passage.language}.md, or correct the key."
            faults.append(NAME_MISMATCH.found(str(path), passage.lines.get(key, 1), message, remedy))
    if not _NAME.fullmatch(name) or name in (OWN, SIGNED):
        message = f"'{name}' cannot name a passage."
        remedy = f"Take small letters a to z, digits and hyphens, and neither '{OWN}' nor '{SIGNED}'."
        faults.append(NAME_MISMATCH.found(str(path), passage.lines.get("passage", 1), message, remedy, name))
    for section in reading.sections:
        message = "A passage has a section of its own."
        remedy = "Write ### for its heading: the section, and what it does, are the document's."
        faults.append(PASSAGE_BLOCKS.found(str(path), section.line, message, remedy, section.heading))
    for block in walk([*reading.opening, *(one for section in reading.sections for one in section.blocks)]):
        if isinstance(block, FieldGroup):
            remedy = "Write them in each document, or take a standard block."
            faults.append(PASSAGE_BLOCKS.found(str(path), block.line, "A passage holds places to write.", remedy))
    if not (reading.opening or reading.sections or reading.problems):
        faults.append(NO_PASSAGE.found(str(path), passage.first_line, "The passage has no words.", "Write them."))
    return faults


class Composer:
    """Brings passages into one document, and notes what keeps them out of it."""

    def __init__(self, shelf: PassageShelf, file: Path, kind: Kind, language: str, today: date | None) -> None:
        self._shelf, self._file, self._kind, self._language, self._today = shelf, file, kind, language, today
        self.uses: list[PassageUse] = []
        self.problems: list[Problem] = []
        self._notes: dict[int, tuple[Block, ...]] = {}

    def bring(self, name: str, line: int) -> Sequence[Block]:
        """The blocks of a passage, as the reader of the document's own text asks for them."""
        passage = self._allowed(name, line)
        if passage is None:
            return ()
        each = passage.context is PassageContext.EACH
        self.uses.append(PassageUse(name, passage.file, line, passage.digest, passage.review_by, each, passage.behind))
        start = len(self.uses) * _NOTES

        def words(part: Inline) -> Inline:
            return NoteMark(part.number + start) if isinstance(part, NoteMark) else part

        def own(picture: Asset) -> Asset:  # a document may have a picture of the same name
            return replace(picture, name=f"{PASSAGES}/{picture.name}")

        moved = Rewriting(words, lambda within: line_within(line, within), own)
        self._notes |= {start + number: moved.blocks(note) for number, note in enumerate(passage.notes, 1)}
        return moved.blocks(passage.blocks)

    def _allowed(self, name: str, line: int) -> PassageText | None:
        """A passage that may stand in this document."""
        at = (str(self._file), line)
        known = self._shelf.names
        if name not in known:
            advice = nearest(name, known) if known else f"{self._shelf.folder} holds no passages yet."
            self.problems.append(NO_PASSAGE.found(*at, f"There is no passage '{name}'.", advice, name))
            return None
        if self._language not in known[name]:
            spoken = LANGUAGES.get(self._language, f"the language '{self._language}'")
            there = self._shelf.folder / f"{name}.{self._language}.md"
            message = f"The passage '{name}' is not there in {spoken}."
            remedy = f"Have it translated (python generate.py translate export --help), or write {there}."
            self.problems.append(PASSAGE_LANGUAGE.found(*at, message, remedy, name))
            return None
        passage, faults = self._shelf.read(name, self._language)
        self.problems += faults
        if passage is None:
            message = f"The passage '{name}' cannot be read."
            self.problems.append(NO_PASSAGE.found(*at, message, f"Mend {faults[0].file} first.", name))
            return None
        if passage.kinds and self._kind not in passage.kinds:
            message = f"The passage '{name}' may not stand in a document of the kind '{self._kind}'."
            remedy = f"Take it out, or add the kind to 'kinds' in {passage.file} (now: {', '.join(passage.kinds)})."
            self.problems.append(PASSAGE_KIND.found(*at, message, remedy, name))
        if self._today is not None and date.min < passage.review_by < self._today:
            message = f"The passage '{name}' was to be read again by {passage.review_by}."
            remedy = "Have it read, set 'review_by' to the next day of review, then renew it: approve --passage NAME."
            place = (str(passage.file), passage.lines.get("review_by", 1))
            self.problems.append(PASSAGE_EXPIRED.found(*place, message, remedy, str(passage.review_by)))
        return passage

    def with_notes(self, reading: Parsed) -> None:
        """Counts the notes of the passages for the document: all are numbered in the order of reading."""
        if not self._notes:
            return
        notes = dict(enumerate(map(tuple, reading.notes), 1)) | self._notes
        order: dict[int, int] = {}

        def words(part: Inline) -> Inline:
            if not isinstance(part, NoteMark):
                return part
            return NoteMark(order.setdefault(part.number, len(order) + 1))

        counted = Rewriting(words)
        reading.opening[:] = counted.blocks(reading.opening)
        reading.sections[:] = [replace(one, blocks=counted.blocks(one.blocks)) for one in reading.sections]
        reading.notes[:] = [counted.blocks(notes[number]) for number in order]
