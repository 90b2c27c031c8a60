"""Somebody else's form in the press: its file is taken as it is, and filled where its owner left room."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinicpress.cache import address
from clinicpress.documents import Document, FixedForm
from clinicpress.errors import ContentError, NoRoomError, RenderError
from clinicpress.issued import Issued, about_order
from clinicpress.library.rules import VALUE_TOO_LONG
from clinicpress.orders import Order, Rendition


def with_seen(documents: Sequence[Document]) -> list[Document]:
    """Documents, each fixed form with what was seen in its file."""
    return [_looked_at(one) for one in documents]


def _looked_at(document: Document) -> Document:
    if document.fixed is None or not document.fixed.data:
        return document
    from clinicpress.pdf.foreign import look_at  # noqa: PLC0415  a shelf without fixed forms opens no PDF

    return replace(document, fixed=replace(document.fixed, seen=look_at(document.fixed.data)))


def taken(order: Order) -> Issued:
    """The finished document of a fixed form: its very bytes, or these with values in its own places.

    Values become part of the pages where a form for a pen is asked for. Raises `ContentError` for values that a place
    of the form has no room or no word for.
    """
    document, values = order.document, order.encounter.values
    fixed = document.fixed
    if fixed is None or fixed.seen is None:
        raise RenderError(f"{document.file} is no form that can be taken as it is. Please report this.")
    written = {theirs: values[ours] for theirs, ours in fixed.fill.items() if ours in values}
    data = _filled(order, fixed, written) if written else fixed.data
    entries: list[dict[str, object]] = [{"name": fixed.fill[place], "place": place} for place in written]
    about = {
        **about_order(order, fixed.seen.pages, entries),
        "profile": "",
        "standards": [],
        "copy": "",
        "fixed": {**fixed.facts(), "tagged": fixed.seen.tagged},
    }
    plate = address("fixed", document.revision.digest, str(document.review.state), str(order.rendition), *written)
    return Issued.of(about, data, personal=bool(written), plate=plate)


def _filled(order: Order, fixed: FixedForm, written: Mapping[str, str]) -> bytes:
    from clinicpress.pdf.foreign import filled  # noqa: PLC0415  most forms are taken as they are

    faces = (order.fonts[0], *order.encounter.faces)
    try:
        return filled(fixed.data, written, faces, flat=order.rendition is Rendition.PAPER)
    except NoRoomError as error:
        source, needed = order.encounter.source, sorted(error.needed)
    remedy = "Shorten it, or write it by hand on the printed form."
    raise ContentError(
        VALUE_TOO_LONG.found(source, 0, f"{fixed.fill[one]}: the form's place '{one}' cannot hold the value.", remedy)
        for one in needed
    )
