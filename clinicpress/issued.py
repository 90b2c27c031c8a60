"""A finished document as it is handed out, and what is said of it: in the manifest, in the file, in the journal."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from clinicpress.documents import Document
from clinicpress.orders import Order

STANDARDS = ("PDF/UA-1", "PDF/A-3a")


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that is ready to be written: its bytes, how many pages it has, and the order that it fulfils.

    `rendered_anew` names the fields whose values were too long for the usual boxes, so that a layout was made for them.
    `tried` is that of its layout.
    """

    order: Order
    pdf: bytes = field(repr=False)
    pages: int
    fields: tuple[dict[str, object], ...] = ()
    rendered_anew: tuple[str, ...] = ()
    tried: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of the file: proof of which text was handed over."""
        return hashlib.sha256(self.pdf).hexdigest()

    def to_bytes(self) -> bytes:
        """This document as it is kept. There must be no fact about a patient in it."""
        said = {name: getattr(self, name) for name in ("pages", "fields", "rendered_anew", "tried")}
        head = json.dumps(said).encode()
        return len(head).to_bytes(4, "big") + head + self.pdf

    @classmethod
    def from_bytes(cls, order: Order, kept: bytes) -> "Issued":
        """What `to_bytes` gave, for an equal order."""
        end = 4 + int.from_bytes(kept[:4], "big")
        said = json.loads(kept[4:end])
        tried = tuple((name, cost) for name, cost in said["tried"])
        return cls(order, kept[end:], said["pages"], tuple(said["fields"]), tuple(said["rendered_anew"]), tried)

    def facts(self) -> dict[str, object]:
        """What the manifest says of the file: plain JSON values."""
        facts = {"sha256": self.digest, "rendered_anew": list(self.rendered_anew)}
        return facts | facts_of(self.order, self.pages, self.fields)


def facts_of(order: Order, pages: int, fields: Sequence[dict[str, object]]) -> dict[str, object]:
    """What a manifest says of every document of this order, whoever it is for: plain JSON values."""
    document, page = order.document, order.page
    return {
        "pages": pages,
        "topic": document.topic,
        "kind": str(document.kind),
        "language": order.language,
        "form": document.form,
        "revision": document.revision.digest,
        "review_state": str(document.review.state),
        "profile": str(page.print),
        "paper": str(page.paper),
        "standards": list(STANDARDS),
        "rendition": str(order.rendition) if fields else "",
        "copy": str(order.copy or ""),
        "fields": list(fields),
        "codes": _code_places(order, pages) if fields else [],
        "document_type": order.clinic.document_types.get(str(document.kind), ""),
        **second_facts(order),
    }


def _code_places(order: Order, pages: int) -> list[dict[str, object]]:
    """Where the codes of a form stand: page and rectangle (points, origin at the bottom left)."""
    return [
        {"page": page, "rectangle": zone.edges(2)}
        for page in range(1, pages + 1)
        for zone in order.page.code_zones(page)
    ]


def source_facts(document: Document) -> dict[str, object]:
    """What a file is made from, as it stands in its `document.json`: plain JSON values, no fact about any person."""
    facts: dict[str, object] = {
        "topic": document.topic,
        "kind": str(document.kind),
        "language": document.language,
        "title": document.title,
        "form": document.form,
        "revision": document.revision.digest,
        "review_state": str(document.review.state),
        "effective": document.effective.isoformat(),
        "review_by": document.review_by.isoformat(),
        "author": document.author,
        "sources": list(document.sources),
        "standards": list(STANDARDS),
    }
    if document.procedure:
        facts["procedure"] = document.procedure
        facts["regulatory_status"] = str(document.regulatory_status)
        if leaflet := document.leaflet:
            facts["leaflet"] = {
                "form": leaflet.form,
                "title": leaflet.title,
                "revision": leaflet.revision.digest,
                "effective": leaflet.effective.isoformat(),
            }
    return facts


def second_facts(order: Order) -> dict[str, object]:
    """The text behind the text of a bilingual print; nothing of any other."""
    if order.second is None:
        return {}
    second = order.second
    facts = {
        "language": second.language,
        "title": second.title,
        "revision": second.revision.digest,
        "review_state": str(second.review.state),
    }
    return {"second": facts}
