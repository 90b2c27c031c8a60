"""The values of a clinic's profile that a text may name, `{clinic.phone}`, so that it need not say them itself.

Whether a value is a part of what was approved is a matter of what it is: another phone number is the same text, another
fee is not. Such values count for the revision (`by_value`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from clinicpress.documents.blocks import (
    Block,
    Definitions,
    Emphasis,
    Inline,
    Link,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Variable,
    walk,
)
from clinicpress.documents.document import Document
from clinicpress.documents.rewriting import Rewriting


@dataclass(frozen=True, slots=True)
class VariableRow:
    """What a variable is: its key in `clinic.toml`, and plain words for it where a text is scored.

    `unit` is what a number counts, so that it is written as each language does: hours, days.
    """

    key: str
    stand_in: str
    by_value: bool = False
    unit: str = ""


VARIABLES: Mapping[str, VariableRow] = MappingProxyType(
    {
        "clinic.name": VariableRow("name", "Green Clinic"),
        "clinic.legal_name": VariableRow("legal_name", "Green Clinic"),
        "clinic.address": VariableRow("address", "Main Street"),
        "clinic.phone": VariableRow("phone", "phone"),
        "clinic.website": VariableRow("website", "website"),
        "clinic.hours": VariableRow("hours", "nine to five"),
        "clinic.after_hours": VariableRow("after_hours", "phone"),
        "clinic.emergency": VariableRow("region", "911"),
        "privacy.officer": VariableRow("privacy.officer", "Jane Green"),
        "privacy.phone": VariableRow("privacy.phone", "phone"),
        "privacy.notice_date": VariableRow("privacy.notice_date", "May 1", by_value=True),
        "billing.phone": VariableRow("billing.phone", "phone"),
        "portal.name": VariableRow("portal.name", "Green Page"),
        "policy.no_show_fee": VariableRow("policy.no_show_fee", "$25", by_value=True),
        "policy.no_show_hours": VariableRow("policy.no_show_hours", "24 hours", by_value=True, unit="hour"),
        "policy.records_days": VariableRow("policy.records_days", "15 days", by_value=True, unit="day"),
    }
)
"""The variables by the names that authors write."""


def variables_in(document: Document) -> tuple[tuple[int, Variable], ...]:
    """The variables of a document's running text from top to bottom, each with the line of its block."""
    return tuple(_of_blocks(tuple(document.blocks())))


def variables_of(blocks: Sequence[Block]) -> tuple[Variable, ...]:
    """The variables of some blocks."""
    return tuple(one for _, one in _of_blocks(blocks))


def words_with_variables(blocks: Sequence[Block]) -> Iterator[tuple[int, tuple[Inline, ...]]]:
    """Every run of words that may hold a variable, with the line of its block."""
    for block in walk(blocks):
        match block:
            case Paragraph(content, line) | Subheading(content, line):
                yield line, content
            case Definitions(entries, line):
                yield from ((line, term) for term, _ in entries)
            case Table(head, groups, line):
                rows = (head, *(row for group in groups for row in group))
                yield from ((line, cell.content) for row in rows for cell in row)


def _of_blocks(blocks: Sequence[Block]) -> Iterator[tuple[int, Variable]]:
    for line, content in words_with_variables(blocks):
        yield from ((line, one) for one in _of_words(content))


def _of_words(content: Sequence[Inline]) -> Iterator[Variable]:
    for part in content:
        match part:
            case Variable():
                yield part
            case Strong(inner) | Emphasis(inner) | Link(_, inner):
                yield from _of_words(inner)


def with_variables(document: Document, value: Callable[[Variable], Variable]) -> Document:
    """The document with another value in place of each variable; the same document when it has none."""
    if not variables_in(document):
        return document
    changed = Rewriting(lambda part: value(part) if isinstance(part, Variable) else part)
    return replace(
        document,
        opening=changed.blocks(document.opening),
        sections=tuple(replace(one, blocks=changed.blocks(one.blocks)) for one in document.sections),
        notes=tuple(map(changed.blocks, document.notes)),
    )


def with_stand_ins(document: Document) -> Document:
    """The document with plain words in place of each variable: how it is to read does not hang on a clinic's name."""

    def plain(variable: Variable) -> Variable:
        row = VARIABLES.get(variable.name)
        return replace(variable, text=row.stand_in, href="") if row else variable

    return with_variables(document, plain)
