"""Two languages in one document: the patient's text, and the same text behind it for those who do not read the first.

The patient's language is the document: its form number, its revision and its fields. The other one gives words only.
"""

from collections.abc import Iterator
from dataclasses import replace

from clinicpress.documents.blocks import Block, FieldGroup, mapped, walk
from clinicpress.documents.document import Document
from clinicpress.documents.forms import Field, FieldKind, column_names
from clinicpress.errors import ContentError, Problem


def bilingual(document: Document, second: Document) -> tuple[Document, Document]:
    """The two texts of one print, ready for an order: the patient's, and the one behind it.

    The print is a draft when either text is. Every place to write stays in the first, and its words in the second.
    Raises `ContentError` when the texts do not correspond, and names the section.
    """
    _compare(document, second)
    if second.review.draft and not document.review.draft:
        document = replace(document, review=second.review)
    paired = zip(document.form_blocks, second.form_blocks, strict=True)
    return replace(document, form_blocks=tuple(replace(one, beside=other) for one, other in paired)), second


def words_only(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks without their places to write."""
    return mapped(blocks, lambda block: None if isinstance(block, FieldGroup) else block)


def named_as_in(document: Document, original: Document) -> Document:
    """A translation whose tables to fill have the names of the original: data has one name in every language."""
    names = {one.name: one.columns or column_names(one.options) for one in _tables(original)}
    if not any(one.name in names for one in _tables(document)):
        return document

    def renamed(field: Field) -> Field:
        columns = names.get(field.name, ())
        return replace(field, columns=columns) if len(columns) == len(field.options) and field.rows else field

    def change(block: Block) -> Block:
        return replace(block, fields=tuple(map(renamed, block.fields))) if isinstance(block, FieldGroup) else block

    return replace(
        document,
        opening=mapped(document.opening, change),
        sections=tuple(replace(section, blocks=mapped(section.blocks, change)) for section in document.sections),
        notes=tuple(mapped(note, change) for note in document.notes),
    )


def _tables(document: Document) -> Iterator[Field]:
    """An author's own tables to fill."""
    groups = (block for block in walk(tuple(document.blocks())) if isinstance(block, FieldGroup))
    return (one for group in groups for one in group.fields if one.kind is FieldKind.TABLE)


def _compare(document: Document, second: Document) -> None:
    """Raises `ContentError` unless sections, notes and places to write follow each other alike."""
    ours, theirs = list(document.sections), list(second.sections)
    while ours and theirs and ours[0].roles == theirs[0].roles:
        del ours[0], theirs[0]
    if ours or theirs:
        section = ours[0] if ours else None
        named = f"The section '{section.heading}'" if section else f"After the last section, '{theirs[0].heading}'"
        raise _differ(document, second, named, section.line if section else 1)
    if [one.name for one in document.passages] != [one.name for one in second.passages]:
        raise _differ(document, second, "The passages", 1)
    if len(document.notes) != len(second.notes):
        raise _differ(document, second, "The notes", 1)
    names = [[one.name for one in text.form_blocks] for text in (document, second)]
    if names[0] != names[1] or _places(document) != _places(second):
        raise _differ(document, second, "What is filled in (blocks, fields, choices)", 1)


def _places(form: Document) -> list[tuple[str, str, int]]:
    return [(one.name, one.kind, len(one.options)) for one in form.fields()]


def _differ(document: Document, second: Document, what: str, line: int) -> ContentError:
    message = f"{what} does not correspond to {second.file}: both languages cannot be printed side by side."
    remedy = "Give both texts the same sections with the same roles, in one order, and the same fields."
    return ContentError([Problem("T04", "translation-differs", str(document.file), line, message, remedy)])
