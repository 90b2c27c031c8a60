"""The only module that knows the order of the work: an order goes in, a finished document comes out."""

import hashlib
from dataclasses import dataclass, field

from clinicpress.documents import ConsentForm
from clinicpress.marks import page_code
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.pdf.finish import finish
from clinicpress.pdf.metadata import STANDARDS
from clinicpress.pdf.render import render


@dataclass(frozen=True, slots=True)
class Finished:
    """A document that is ready to be written: its bytes, how many pages it has, and the order that it fulfils."""

    order: Order
    pdf: bytes = field(repr=False)
    pages: int
    fields: tuple[dict[str, object], ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of the file: proof of which text was handed over."""
        return hashlib.sha256(self.pdf).hexdigest()

    def _codes(self) -> list[dict[str, object]]:
        """Where the codes of a form stand: page and rectangle (points, origin at the bottom left)."""
        pages = range(1, self.pages + 1) if self.fields else ()
        return [
            {"page": page, "rectangle": [round(value, 2) for value in (zone.left, zone.bottom, zone.right, zone.top)]}
            for page in pages
            for zone in self.order.page.code_zones(page)
        ]

    def facts(self) -> dict[str, object]:
        """What the manifest says of the file: plain JSON values."""
        document, page = self.order.document, self.order.page
        return {
            "sha256": self.digest,
            "pages": self.pages,
            "topic": document.topic,
            "kind": str(document.kind),
            "language": document.language,
            "form": document.form,
            "revision": document.revision.digest,
            "review_state": str(document.review.state),
            "profile": str(page.print),
            "paper": str(page.paper),
            "standards": list(STANDARDS),
            "rendition": str(self.order.rendition) if self.fields else "",
            "copy": str(self.order.copy or ""),
            "fields": list(self.fields),
            "codes": self._codes(),
            "document_type": self.order.clinic.document_types.get(str(document.kind), ""),
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """A document in pages, before it is finished: paper form and fillable form come from one layout."""

    html: str
    rendered: bytes = field(repr=False)
    pages: int


def lay_out(order: Order) -> Layout:
    """Sets one document in pages.

    A document of an odd number of pages gets one more, which says that it is blank on purpose: in duplex print the next
    document never starts on its back. Raises `RenderError` when it cannot be rendered cleanly.
    """
    page = to_html(order)
    rendered, pages = render(page.html, page.assets)
    if pages % 2:
        page = to_html(order, padded=True)
        rendered, pages = render(page.html, page.assets)
    return Layout(page.html, rendered, pages)


def complete(layout: Layout, order: Order) -> Finished:
    """Makes a finished document of a layout: conforming, with codes, and with fields or without."""
    document = order.document
    coded = isinstance(document, ConsentForm)
    codes = [page_code(document, number, layout.pages) for number in range(1, layout.pages + 1)] if coded else []
    pdf, fields = finish(layout.rendered, layout.html, order, codes)
    return Finished(order, pdf, layout.pages, fields)


def produce(order: Order) -> Finished:
    """Prints one document into memory. Raises `RenderError` when it cannot be rendered cleanly."""
    return complete(lay_out(order), order)
