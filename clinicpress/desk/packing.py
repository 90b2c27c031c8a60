"""A packet as the desk hands it out: each document for the screen, and all of them in one file for the printer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

from clinicpress.batch.printing import add_to
from clinicpress.documents import Kind
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.merge import PrintJob
from clinicpress.plates import Filled, Plates


def wanted_of(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, Kind], ...]:
    """Topics and kinds in the order in which they are printed."""
    return tuple((topic, Kind(kind)) for topic, kind in pairs)


def loose(order: Order, plates: Plates) -> dict[str, Any]:
    """One document on its own, for the screen: a consent form has fields there. Raises as `Plates.fill` does."""
    document = order.document
    filled = plates.fill(order)
    return {
        "topic": document.topic,
        "kind": str(document.kind),
        "language": document.language,
        "title": document.title,
        "form": document.form,
        "revision": str(document.revision),
        "review_state": str(document.review.state),
        "draft": document.review.draft,
        "pages": filled.pages,
        "pdf": _whole(filled),
    }


def in_one(orders: Sequence[Order], plates: Plates, author: str, day: date) -> dict[str, Any]:
    """All documents in one file for the printer, and how many pages it has. Values are part of the pages there."""
    on_paper = [replace(order, rendition=Rendition.PAPER) for order in orders]
    if len(on_paper) == 1:
        filled = plates.fill(on_paper[0])
        return {"print": _whole(filled), "pages": filled.pages}
    written = BytesIO()
    with PrintJob(written.write, f"Print job, {day.isoformat()}", day, author) as job:
        for order in on_paper:
            add_to(job, plates, order)
    return {"print": written.getvalue(), "pages": job.pages}


def _whole(filled: Filled) -> bytes:
    return filled.head + filled.tail
