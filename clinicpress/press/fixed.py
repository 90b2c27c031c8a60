"""Somebody else's form in the press: its file is taken as it is, and filled where its owner left room."""

from collections.abc import Sequence
from dataclasses import replace

from clinicpress.documents import Document


def with_seen(documents: Sequence[Document]) -> list[Document]:
    """Documents, each fixed form with what was seen in its file."""
    return [_looked_at(one) for one in documents]


def _looked_at(document: Document) -> Document:
    if document.fixed is None or not document.fixed.data:
        return document
    from clinicpress.pdf.foreign import look_at  # noqa: PLC0415  a shelf without fixed forms opens no PDF

    return replace(document, fixed=replace(document.fixed, seen=look_at(document.fixed.data)))
