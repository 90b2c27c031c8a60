"""T: whether a translation says what its original says, who stands behind its words, and what went out of date.

A program can compare shapes: sections, tables, fields, numbers. Whether the words mean the same is for a person to say.
What the words themselves tell is in `translated`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinicpress.documents import (
    OPENING,
    PROCEDURE,
    TITLE,
    Block,
    Document,
    FieldGroup,
    Figure,
    Section,
    Table,
    part_names,
    walk,
    words_of,
)
from clinicpress.documents.passages import line_within, own_line
from clinicpress.documents.translated import bare, number_faults
from clinicpress.documents.turned import differing_doses
from clinicpress.documents.variables import variables_of
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule

LAW = "45 CFR 92.201(c)(3): machine translation of critical text is reviewed by a qualified human translator"
HOUSE = "House rule: a translation names what it was made from (docs/languages.md)"
COMPARE = "Compare it with the original, line by line."
TO_TRANSLATORS = "Send it to a translator: python generate.py translate export --help."


@rule("T01", "stale-translation", source=HOUSE, severity=Severity.WARNING)
def stale_translation(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """When the original changes, exactly the sections that were made from the old words are out of date.

    Until they are translated again the document prints as a draft.

    Wrong: the English risks were changed, the Spanish ones were not.
    Right: `translate export`, have the section translated, `translate import`.
    """
    yield from _behind(rule, document)
    if document.original is None or document.translation is None:
        return
    places = _places(document)
    for name in document.stale_parts:
        line, words = places.get(name, (1, ""))
        what = _named(name, words)
        language = document.translation.source
        if name not in document.original.parts:
            message = f"{what} has gone from the original ({language})."
        elif name not in document.translation.sections:
            message = f"The original ({language}) has {what[0].lower()}{what[1:]}, which was not translated yet."
        else:
            message = f"{what} was changed in the original ({language}) after it was translated."
        yield rule.found(str(document.file), line, message, TO_TRANSLATORS, words)


@rule("T02", "missing-record", source=HOUSE, severity=Severity.WARNING)
def missing_record(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every translation has a record: what it was made from, when, and by whom or by which tool.

    Wrong: `handout.es.md` without the key `translation` beside `handout.en.md`.
    Right: `translate export` and `translate import` write the record.
    """
    yield from _behind(rule, document)
    record, line = document.translation, document.lines.get("translation", 1)
    if record is None and document.original is not None:
        message = "The translation has no record of what it was made from."
    elif record is not None and document.original is None:
        message = f"The record names an original in '{record.source}', which is not in the library."
    elif record is not None and not (record.tool or record.translator):
        message = "The record does not say who or what made the translation."
    else:
        return
    remedy = "Have a translator confirm it: 'translate export', then 'translate import' writes the record."
    yield rule.found(str(document.file), line, message, remedy)


@rule("T03", "machine-draft", source=LAW, severity=Severity.WARNING)
def machine_draft(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """What a machine translated is read by a qualified human before a patient gets it. Until then it is a draft.

    Wrong: a consent form from a translation program, with `reviewer: ""`.
    Right: `reviewer: "Ana Example, certified medical translator"`.
    """
    yield from _behind(rule, document)
    record = document.translation
    if record is not None and record.tool and not record.by_a_human:
        message = f"A machine made this translation ({record.tool}), and no qualified human has read it."
        remedy = f"Have it read by a qualified human translator. {TO_TRANSLATORS}"
        line = document.lines.get("translation.tool", document.lines.get("translation", 1))
        yield rule.found(str(document.file), line, message, remedy, record.tool)


@rule("T04", "translation-differs", source=HOUSE)
def translation_differs(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A translation has the sections, tables, fields, numbers and variables of its original, in its order.

    It asks for the same passages; what these say is compared once. Sections that are out of date are not compared: T01
    names them. A number may be in figures or in words ("two", "2"), with a point or a comma ("0.5", "0,5"). Behind the
    same number stands the same unit, and before it the same limit ("≤", "at most"). Doses keep their sentence.

    Wrong: "1 in 5" became "1 de cada 50", "5 mg" became "5 g", "≤ 5" became "≥ 5", or the section on risks is missing.
    Right: the same numbers and units, every section.
    """
    if document.original is None or document.translation is None:
        return
    stale = {*document.stale_parts, *(document.translation.sections.keys() - document.original.parts.keys())}
    ours, theirs = _parts(document), _parts(document.original)
    places = _places(document)
    for name, (roles, blocks, title) in theirs.items():
        if name in stale or not (blocks or title):
            continue
        line, words = places.get(name, (1, ""))
        if name not in ours:
            message = f"The translation lacks {_named(name, title)[0].lower()}{_named(name, title)[1:]}."
            yield rule.found(str(document.file), 1, message, "Add it in its place, in the document's language.")
            continue
        for message in _differences(ours[name], (roles, blocks, title)):
            yield rule.found(str(document.file), line, f"{_named(name, words)}: {message}", COMPARE, words)
    yield from _differing_passages(rule, document, document.original)
    yield from _differing_numbers(rule, document, document.original)
    for name in ours:
        if name not in theirs and name not in stale:
            line, words = places.get(name, (1, ""))
            message = f"{_named(name, words)} is not in the original."
            yield rule.found(str(document.file), line, message, "Take it out, or add it to the original.", words)
    shared = [name for name in ours if name in theirs]
    if shared != [name for name in theirs if name in ours]:
        message = f"The sections stand in another order than in the original: {', '.join(theirs)}."
        yield rule.found(str(document.file), 1, message, "Put them into the order of the original.")


@rule("T05", "translation-keys", source=HOUSE)
def translation_keys(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A translation is the same form in other words: number, procedure's status, fields and validity are the same.

    Wrong: `form: NT-C1` in English and `form: NT-C2` in Spanish.
    Right: the same number; the language stands in the code on the page.
    """
    original = document.original
    if original is None:
        return
    if [one.name for one in document.form_blocks] != [one.name for one in original.form_blocks]:
        yield _other_key(rule, document, "blocks", "other blocks, or in another order")
    if document.not_applicable.keys() != original.not_applicable.keys():
        yield _other_key(rule, document, "not_applicable", "other elements")
    for key in ("form", "handout", "regulatory_status", "lateral", "valid_days"):
        if (ours := getattr(document, key)) != (theirs := getattr(original, key)):
            yield _other_key(rule, document, key, f"'{ours}' for '{theirs}'")


def _other_key(rule: Rule, document: Document, key: str, what: str) -> Problem:
    message = f"'{key}' differs from the original: {what}."
    return rule.found(str(document.file), document.lines.get(key, 1), message, "Write what the original has.")


def _behind(rule: Rule, document: Document) -> Iterator[Problem]:
    """What this rule says of the passages of a document."""
    for use in document.passages:
        if use.behind and use.behind[0] == rule.code:
            remedy = "Send it to a translator: python generate.py translate export --passages --help."
            yield rule.found(str(document.file), line_within(use.line, 1), use.behind[1], remedy, use.name)


def _differing_passages(rule: Rule, document: Document, original: Document) -> Iterator[Problem]:
    """Passages that say something else than in the original."""
    theirs = {use.name: _brought(original, use.line) for use in original.passages}
    for name in theirs.keys() - {use.name for use in document.passages} if not document.stale_parts else ():
        message = f"The translation does not ask for the passage '{name}'."
        yield rule.found(str(document.file), 1, message, "Ask for it where the original does.")
    for use in document.passages:
        if use.name in theirs and not (use.behind and use.behind[0] == "T01"):
            for message in _differences(((), _brought(document, use.line), ""), ((), theirs[use.name], "")):
                what = f"The passage '{use.name}': {message}"
                yield rule.found(str(document.file), line_within(use.line, 1), what, COMPARE)


def _differing_numbers(rule: Rule, document: Document, original: Document) -> Iterator[Problem]:
    """Numbers and units that are not those of the original, each at its own line."""
    for pair in pairs_of(document):
        tags = (original.language, document.language)
        for message in (*number_faults(pair.source, pair.words, tags), *differing_doses(pair.source, pair.words, tags)):
            yield rule.found(str(document.file), pair.line, f"{pair.place}: {message}", COMPARE, pair.words)


def _brought(document: Document, line: int) -> tuple[Block, ...]:
    """The blocks of the passage that is asked for on a line."""
    found = (document.opening, *(section.blocks for section in document.sections))
    return tuple(one for blocks in found for one in blocks if one.line != line and own_line(one.line) == line)


def _own(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks that are not those of a passage."""
    return tuple(one for one in blocks if own_line(one.line) == one.line)


Part = tuple[tuple[str, ...], tuple[Block, ...], str]
"""The roles of a part, its blocks, and its heading."""


def _parts(document: Document) -> dict[str, Part]:
    """The parts of a text by their names, without the title."""
    sections = zip(part_names(document.sections), document.sections, strict=True)
    return {OPENING: ((), _own(document.opening), "")} | {name: _part(section) for name, section in sections}


def _part(section: Section) -> Part:
    return section.roles, _own(section.blocks), section.heading


def _places(document: Document) -> dict[str, tuple[int, str]]:
    """Line and words of each part, for findings."""
    sections = zip(part_names(document.sections), document.sections, strict=True)
    opening = next(iter(words_of(document.opening)), (1, ""))
    procedure = (document.lines.get(PROCEDURE, 1), getattr(document, PROCEDURE, ""))
    return {TITLE: (document.lines.get("title", 1), document.title), OPENING: opening, PROCEDURE: procedure} | {
        name: (section.line, section.heading) for name, section in sections
    }


def _named(name: str, words: str) -> str:
    """What a part is called in a finding."""
    known = {TITLE: "The title", OPENING: "The text under the title", PROCEDURE: "The name of the procedure"}
    return known.get(name, f"The section '{words or name}' ({name})")


def _differences(ours: Part, theirs: Part) -> Iterator[str]:
    """What a person has to compare, a sentence each."""
    if ours[0] != theirs[0]:
        yield f"its roles are not those of the original ({' '.join(theirs[0]) or 'none'})."
    for kind, what in ((Table, "tables"), (Figure, "figures"), (FieldGroup, "fields")):
        if [_shape(block) for block in walk(ours[1]) if isinstance(block, kind)] != [
            _shape(block) for block in walk(theirs[1]) if isinstance(block, kind)
        ]:
            yield f"its {what} are not those of the original (number, rows, columns, names)."
    named, wanted = (Counter(one.name for one in variables_of(part[1])) for part in (ours, theirs))
    if named != wanted:
        said = [f"it lacks {{{name}}}" for name in wanted - named]
        said += [f"it has {{{name}}} once more" for name in named - wanted]
        yield f"its variables are not those of the original: {' and '.join(said)}."


def _shape(block: Block) -> object:
    """What of a table or of fields is the same in every language. A figure is another drawing in each."""
    match block:
        case Table(head, groups):
            return len(head), [[cell.rows for cell in row] for group in groups for row in group]
        case FieldGroup(fields):
            return [(one.name, one.kind, len(one.options), one.required, one.max_length, one.rows) for one in fields]
    return None


# Words beside words ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Words of a translation with their line, and what they were made from. `place` names the part for findings."""

    place: str
    line: int
    words: str
    source: str


def pairs_of(document: Document) -> Iterator[Pair]:
    """What is set side by side: texts of the parts that are not out of date, one by one where they are as many."""
    original, record = document.original, document.translation
    if original is None or record is None:
        return
    places, stale = _places(document), {*document.stale_parts}
    for key, words in ((TITLE, document.title), (PROCEDURE, getattr(document, PROCEDURE, ""))):
        if key not in stale:
            yield Pair(_named(key, ""), places[key][0], words, getattr(original, key, ""))
    ours, theirs = _parts(document), _parts(original)
    for name in (one for one in ours if one in theirs and one not in stale):
        line, words = places.get(name, (1, ""))
        mine, other = ([(line, part[2]), *words_of(part[1])] for part in (ours[name], theirs[name]))
        yield from _side_by_side(_named(name, words), mine, other)
    behind = {use.name for use in document.passages if use.behind and use.behind[0] == "T01"}
    brought = {use.name: _brought(original, use.line) for use in original.passages}
    for use in document.passages:
        if use.name in brought and use.name not in behind:
            texts = (list(words_of(blocks)) for blocks in (_brought(document, use.line), brought[use.name]))
            yield from _side_by_side(f"The passage '{use.name}'", *texts)


def _side_by_side(place: str, mine: Sequence[tuple[int, str]], other: Sequence[tuple[int, str]]) -> Iterator[Pair]:
    if len(mine) == len(other):
        for (line, words), (_, source) in zip(mine, other, strict=True):
            if bare(words) != bare(source):  # what is the same was not translated: T06 says so
                yield Pair(place, line, words, source)
    elif mine:
        yield Pair(place, mine[0][0], *(" ".join(words for _, words in texts) for texts in (mine, other)))


RULES = (stale_translation, missing_record, machine_draft, translation_differs, translation_keys)
