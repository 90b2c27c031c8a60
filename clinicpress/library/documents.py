"""A Markdown file with front matter becomes a handout or a consent form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents import (
    KINDS,
    LANGUAGES,
    PROCEDURE,
    TITLE,
    Document,
    FieldGroup,
    FormBlock,
    Kind,
    RegulatoryStatus,
    Review,
    ReviewState,
    Revision,
    judged,
    text_name,
    walk,
    worded,
)
from clinicpress.documents.bilingual import named_as_in
from clinicpress.documents.composition import OWN, SIGNED, composed, signed_words
from clinicpress.documents.variables import variables_in
from clinicpress.errors import ContentError, InputError, Problem, Severity
from clinicpress.library.files import odd_name, read_text
from clinicpress.library.fixed import read_fixed
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.headers import find_documents, form_number, language_of, name_faults, nearly_documents
from clinicpress.library.keys import Keys, nearest
from clinicpress.library.kinds import own_values
from clinicpress.library.markdown import Parsed, read_markdown
from clinicpress.library.passages import Composer, PassageShelf
from clinicpress.library.records import part_digests, read_record, read_reviews, text_digest
from clinicpress.library.rules import (
    BAD_FRONT_MATTER,
    NO_LEAFLET,
    UNSUPPORTED,
)
from clinicpress.library.words import with_words_used
from clinicpress.words import SOURCE, Words, words_in


def read_library(  # noqa: PLR0917
    handouts: Path,
    topics: Sequence[str] = (),
    today: date | None = None,
    kind: str | None = None,
    languages: Sequence[str] = (),
    kinds: Mapping[str, Kind] = KINDS,
) -> tuple[list[Document], list[Problem]]:
    """All documents of a folder, or those of some topics, a kind, some languages; and what was wrong in reading them.

    The name of a file says what kind and language it is; other files are read only where one of these refers to them:
    a consent form gets its leaflet, a translation its original.

    A document with problems is in the list as far as it could be read, so that rules can look at it as well; it must
    not be printed. `today` decides which approvals count; without it all do.
    Raises `InputError` for an unknown topic or a missing folder.
    """
    paths = find_documents(handouts, kinds)
    known = sorted({path.parent.name for path in paths})
    for topic in topics:
        if topic not in known:
            advice = nearest(topic, known) if known else f"{handouts} holds no documents yet."
            raise InputError(f"There is no topic '{topic}'. {advice}")
    documents: list[Document] = []
    passages = PassageShelf(handouts, kinds)
    problems = [] if topics else nearly_documents(handouts, paths, (kinds[kind],) if kind else kinds.values())
    for path in paths:
        named, language, _ = path.name.split(".", 2)
        if (topics and path.parent.name not in topics) or kind not in (None, named):
            continue
        if languages and language not in languages:
            continue
        if odd := odd_name(path):
            problems.append(odd)
            continue
        document, faults = _read(path, today, passages)
        if document is not None:
            documents.append(document)
        problems += (one for one in faults if one.file == str(path) or one not in problems)  # a passage's: once
    documents = [_with_leaflet(document, passages, documents, problems, today) for document in documents]
    whole = [_with_original(document, passages, documents, problems, today) for document in documents]
    return [_with_whole_leaflet(document, passages, documents, problems, today) for document in whole], problems


def read_document(path: Path, today: date | None = None, kinds: Mapping[str, Kind] = KINDS) -> Document:
    """The document in a Markdown file `<topic>/<kind>.<lang>.md`.

    Raises `ContentError` with every error of the file.
    """
    document, problems = _read(path, today, PassageShelf(path.parent.parent, kinds))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if document is None or errors:
        raise ContentError(errors)
    return document


def _read(path: Path, today: date | None, passages: PassageShelf) -> tuple[Document | None, list[Problem]]:
    """A document as far as it can be read, and every problem that reading it found.

    Nothing more is said of a file whose text or front matter cannot be read: the rest would only follow from it.
    """
    named = passages.kinds.get(path.name.split(".")[0])
    if named is not None and named.is_fixed:
        return read_fixed(path, named, today)
    text, problems = read_text(path)
    if not text:
        remedy = "Write the text, or delete the file."
        return None, problems or [BAD_FRONT_MATTER.found(str(path), 1, "The file is empty.", remedy)]
    values, lines, written, body, first_line, faults = split_front_matter(text, path)
    problems += faults
    if not values:
        return None, problems
    keys = Keys(path, values, lines, written=written)
    kind = _kind(keys, passages.kinds)
    composer = Composer(passages, path, kind, str(values.get("language", "")), today)
    reading = read_markdown(body, path, first_line, tuple(kind.roles), composer.bring)
    composer.with_notes(reading)
    document = _document(kind, keys, reading, path, Revision(text_digest(text, reading.pictures)))
    told = {TITLE: document.title, PROCEDURE: document.procedure}
    parts = part_digests(text, first_line, document.opening, document.sections, told)
    problems += [*keys.problems, *reading.problems, *composer.problems, *name_faults(path, document)]
    problems += _field_faults(path, document)
    document = replace(document, passages=tuple(composer.uses))
    if keys.flag("glossary") and document.language in LANGUAGES:
        document = with_words_used(document)
    document = _composed(document)
    records, faults = read_reviews(path.parent)
    review = judged(document.revision.digest, records.get(text_name(path), ()), today)
    return replace(document, review=review, parts=parts), problems + faults


def _composed(document: Document) -> Document:
    """The document with the revision of all that it is made of."""
    parts = {OWN: document.revision.digest}
    if document.passages or variables_in(document):
        signed = signed_words(document)
        parts |= {SIGNED: signed} if signed else {}
        parts |= {one.name: one.digest for one in document.passages}
    return replace(document, revision=Revision(composed(parts)), composition=MappingProxyType(parts))


def _document(kind: Kind, keys: Keys, reading: Parsed, path: Path, revision: Revision) -> Document:
    """Reads every key that the kind knows; the problems stay in `keys`."""
    keys.known("glossary")  # read by whoever makes the box
    common: dict[str, Any] = {
        "kind": kind,
        "topic": path.parent.name,
        "title": keys.text("title"),
        "language": language_of(keys),
        "form": form_number(keys),
        "effective": keys.date("effective"),
        "review_by": keys.date("review_by"),
        "author": keys.text("author"),
        "sources": keys.texts("sources"),
        "opening": tuple(reading.opening),
        "sections": tuple(reading.sections),
        "notes": tuple(reading.notes),
        "revision": revision,
        "review": Review(ReviewState.DRAFT),  # until its records were read
        "file": path,
        "lines": MappingProxyType(dict(keys.lines)),
        "translation": read_record(keys),
        "own": own_values(kind, keys),
    }
    words = words_in(str(common["language"]))
    common["not_applicable"] = MappingProxyType(_not_applicable(kind, keys) if kind.elements else {})
    if not kind.is_form:
        keys.refuse_unknown()
        return Document(**common)
    there = {role for one in reading.sections for role in one.roles}
    names = keys.texts("blocks", required=False) or tuple(
        one for one in kind.blocks if not (home := kind.known_blocks[one].within) or there & set(home)
    )
    for number, name in enumerate(names):
        if name not in kind.offered:
            keys.unknown_value("blocks", name, kind.offered)
        elif name in names[:number]:
            keys.refuse_value("blocks", name, f"The block '{name}' is named twice.", "Delete one of the two.")
    if kind.signed_in not in ("", *names) and len(set(names) & set(kind.offered)) == len(names):
        remedy = f"Add '{kind.signed_in}' to the list: without a signature it is no {kind.called.lower()}."
        keys.refuse_value("blocks", "", f"The form has no block '{kind.signed_in}'.", remedy)
    document = Document(
        **common,
        **{key: read(keys) for key, read in _OF_A_FORM.items() if key in kind.keys},
        form_blocks=tuple(_in_language(kind.known_blocks[name], words, kind) for name in names if name in kind.offered),
    )
    keys.refuse_unknown()
    return document


_OF_A_FORM: Mapping[str, Callable[[Keys], Any]] = {
    "procedure": lambda keys: keys.text("procedure"),
    "handout": lambda keys: keys.text("handout", required=False),
    "handout_revision": lambda keys: keys.text("handout_revision", required=False).lower(),
    "regulatory_status": lambda keys: keys.choice("regulatory_status", RegulatoryStatus),
    "lateral": lambda keys: keys.flag("lateral"),
    "valid_days": lambda keys: keys.number("valid_days", 1, 3650, 60),
}
"""How each key is read that a kind of form may have."""


def _kind(keys: Keys, kinds: Mapping[str, Kind]) -> Kind:
    """The kind that the front matter says, or the name of the file; that file would not be read without one of ours."""
    return kinds[keys.word("kind", tuple(kinds), keys.path.name.split(".")[0])]


def _in_language(block: FormBlock, words: Words, kind: Kind) -> FormBlock:
    """A standard block as it stands in a document. One in an unknown language is not printed, and stays in English."""
    return (
        block
        if words.language == SOURCE or words.language not in LANGUAGES
        else worded(block, lambda text: kind.said(text, words))
    )


def _not_applicable(kind: Kind, keys: Keys) -> dict[str, str]:
    """The reason for each element that does not apply."""
    reasons = dict(keys.table("not_applicable"))
    for code, reason in reasons.items():
        if code not in kind.elements:
            names = tuple(kind.elements)
            advice = f"They are {names[0]} to {names[-1]}." if names[0][0] == names[-1][0] else nearest(code, names)
            keys.refuse_key("not_applicable", code, f"There is no element '{code}'.", advice)
        elif not reason.strip():
            remedy = f'Say why it does not apply: {{{code}: "no sedation is used"}}.'
            keys.refuse_type("not_applicable", code, f"No reason is given for {code}.", remedy)
    return reasons


def _field_faults(path: Path, document: Document) -> Iterator[Problem]:
    """Places to write in a text of a kind that has none: they would print as blanks that nobody can fill."""
    if document.kind.takes_fields:
        return
    for group in (block for block in walk(tuple(document.blocks())) if isinstance(block, FieldGroup)):
        message = f"This kind of document ({document.kind.called.lower()}) has no places to write."
        yield UNSUPPORTED.found(str(path), group.line, message, "Write them in a form, or delete the container.")


def _with_leaflet(
    document: Document, passages: PassageShelf, read: Sequence[Document], problems: list[Problem], today: date | None
) -> Document:
    """A consent form with the handout that it names, in its own language or else in English."""
    if not document.handout:
        return document
    names = [f"{document.kind.leaflet}.{language}.md" for language in dict.fromkeys((document.language, SOURCE))]
    shelf = {
        path for path in find_documents(passages.folder.parent, passages.kinds) if path.parent.name == document.handout
    }
    for path in (path for name in names for path in shelf if path.name == name):
        leaflet = next((one for one in read if one.file == path), None)
        if leaflet is None and path.is_file():
            leaflet, faults = _read(path, today, passages)
            problems += (fault for fault in faults if fault not in problems)
            if leaflet is None:
                return document
        if leaflet is not None and leaflet.kind == document.kind.leaflet:
            return replace(document, leaflet=leaflet)
    message = f"The library holds no handout '{document.handout}'."
    remedy = "Correct the name of the topic, or add the handout."
    line = document.lines.get("handout", 1)
    problems.append(NO_LEAFLET.found(str(document.file), line, message, remedy, document.handout))
    return document


def _with_whole_leaflet(
    document: Document, passages: PassageShelf, read: Sequence[Document], problems: list[Problem], today: date | None
) -> Document:
    """A form whose leaflet has its original, as where the leaflet is read by itself; its original's leaflet as well."""
    original, leaflet = document.original, document.leaflet
    if leaflet is not None:
        document = replace(document, leaflet=_with_original(leaflet, passages, read, problems, today))
    if original is not None and original.leaflet is not None:
        whole = _with_original(original.leaflet, passages, read, problems, today)
        document = replace(document, original=replace(original, leaflet=whole))
    return document


def _with_original(
    document: Document, passages: PassageShelf, read: Sequence[Document], problems: list[Problem], today: date | None
) -> Document:
    """A translation with the text that it is a translation of: the same kind of document of the same topic.

    A text in another language without a record counts as a translation of the English one, if there is one.
    """
    source = document.translation.source if document.translation else SOURCE
    if source == document.language or document.fixed:  # its owner's own words, in any language
        return document
    kept = (document.file.parent, document.kind, source)
    original = next((one for one in read if (one.file.parent, one.kind, one.language) == kept), None)
    path = document.file.with_name(f"{document.kind}.{source}.md")
    if original is None and path not in {one.file for one in read} and path.is_file():
        original, faults = _read(path, today, passages)
        problems += (fault for fault in faults if fault not in problems)
        if original is not None:
            original = _with_leaflet(original, passages, read, problems, today)
    translation = replace(named_as_in(document, original) if original else document, original=original)
    if translation.current_translation or document.review.draft:
        return translation
    return replace(translation, review=replace(document.review, state=ReviewState.STALE))
