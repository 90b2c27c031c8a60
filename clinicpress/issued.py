"""A finished document as it is handed out, and what is said of it: in lists, in the file, in the record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Protocol

from clinicpress.clinics import Paper, Print
from clinicpress.documents import Document
from clinicpress.orders import Order, Rendition

STANDARDS = ("PDF/UA-1", "PDF/A-3a")
_UNLISTED = ("title", "draft")  # what a list of files does not say
_RECORDED = ("topic", "kind", "language", "form", "revision", "review_state", "pages")


@dataclass(frozen=True, slots=True)
class Issued:
    """A finished document: what is said of it, and its file, which is `parts`, one behind the other.

    `about` is true of every copy, whoever it is for (`about_order`): plain JSON values, no fact about any person.
    `personal` says whether facts about a patient are in the file. `plate` names the plate that it was filled on.
    `rendered_anew` tells of each field that had no room on the usual layout why: then a layout was made for it. `tried`
    is that of its layout.
    """

    about: Mapping[str, Any]
    parts: tuple[bytes, ...] = field(repr=False)
    digest: str
    personal: bool = False
    plate: str = ""
    rendered_anew: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tried: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, about: Mapping[str, Any], pdf: bytes, **more: Any) -> "Issued":
        """A document of these bytes. Its digest is their SHA-256: proof of which text was handed over."""
        return cls(about, (pdf,), sha256(pdf).hexdigest(), **more)

    @property
    def pdf(self) -> bytes:
        """The file."""
        return b"".join(self.parts)

    @property
    def topic(self) -> str:
        """The topic of its text."""
        return str(self.about["topic"])

    @property
    def kind(self) -> str:
        """What sort of paper it is."""
        return str(self.about["kind"])

    @property
    def language(self) -> str:
        """The language of the print; of both: en+es, that of the patient last."""
        return str(self.about["language"])

    @property
    def title(self) -> str:
        """What stands at its head."""
        return str(self.about["title"])

    @property
    def form(self) -> str:
        """The number of its form."""
        return str(self.about["form"])

    @property
    def revision(self) -> str:
        """The version of its text, as people see it: the first 8 digits."""
        return str(self.about["revision"])[:8]

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return int(self.about["pages"])

    @property
    def draft(self) -> bool:
        """Whether every page says that nobody stands behind the text."""
        return bool(self.about["draft"])

    def facts(self) -> dict[str, object]:
        """What the manifest of a folder says of the file."""
        return {"sha256": self.digest, "rendered_anew": list(self.rendered_anew), **listed(self.about)}

    def recorded(self, *more: str) -> dict[str, Any]:
        """What the record says of it when it is printed or opened: which text it is, and `more` of what is known."""
        facts = {name: self.about[name] for name in (*_RECORDED, *more)}
        return facts | {"revision": self.revision}

    def file_name(self, default_paper: Paper, serial: str = "") -> str:
        """Where it goes below a folder: `neurotherapy/handout.en.large-print.a4.pdf`; never a person."""
        if serial:  # one patient's document
            return f"{self.topic}/{serial}.pdf"
        size, paper, copy = (str(self.about[name]) for name in ("profile", "paper", "copy"))
        parts = [self.kind, self.language]
        parts += [size] if size == Print.LARGE else []
        parts += [paper] if paper != default_paper and "fixed" not in self.about else []
        parts += [f"{copy}-copy"] if copy else []
        parts += ["fillable"] if self.about["rendition"] == Rendition.FILLABLE else []
        return f"{self.topic}/{'.'.join(parts)}.pdf"

    def to_bytes(self) -> bytes:
        """This document as it is kept, or handed to another process."""
        said = (dict(self.about), self.personal, self.plate, dict(self.rendered_anew), self.tried)
        head = json.dumps(said).encode()
        return b"".join((len(head).to_bytes(4, "big"), head, *self.parts))

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Issued":
        """What `to_bytes` gave."""
        end = 4 + int.from_bytes(kept[:4], "big")
        about, personal, plate, again, tried = json.loads(kept[4:end])
        tried = tuple((name, cost) for name, cost in tried)
        return cls.of(about, kept[end:], personal=personal, plate=plate, rendered_anew=again, tried=tried)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination says of a document that it took: where it is now, and what is said of it there."""

    issued: Issued
    place: str
    facts: Mapping[str, Any]


class Destination(Protocol):
    """A place that takes finished documents."""

    def take(self, documents: Sequence[Issued]) -> list[Receipt]:
        """Takes documents, and says where each is now, in their order. Raises `InputError` when it cannot."""


def about_order(order: Order, pages: int, fields: Sequence[dict[str, object]]) -> dict[str, Any]:
    """What is said of every document of this order, whoever it is for: plain JSON values."""
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
        "codes": _code_places(order, pages) if document.coded else [],
        "document_type": order.clinic.document_types.get(str(document.kind), ""),
        **second_facts(order),
        **_passages(document),
        "title": document.title,
        "draft": document.review.draft,
    }


def listed(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a list of files says of a document, or of all those of a plate."""
    return {name: value for name, value in about.items() if name not in _UNLISTED}


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
        **_passages(document),
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


def _passages(document: Document) -> dict[str, object]:
    """The passages of a text, each with the digest of its words; nothing of a text without any."""
    return {"passages": {one.name: one.digest for one in document.passages}} if document.passages else {}


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
