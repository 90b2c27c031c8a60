"""The conforming pass: a rendered PDF becomes PDF/UA-1 and PDF/A-3a at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Dictionary, Name

from clinicpress.errors import Fault
from clinicpress.orders import Mark, Order
from clinicpress.pdf.metadata import describe, stamp_codes
from clinicpress.pdf.pages import Pages
from clinicpress.pdf.proof import prove, prove_standards, refuse
from clinicpress.pdf.structure import rebuilt
from clinicpress.pdf.tags import mark_furniture, write_tree
from clinicpress.visits import Encounter

if TYPE_CHECKING:
    from clinicpress.pdf.plate import Plate
    from clinicpress.pdf.zones import Opening


def finish(pages: Pages, html: str, order: Order, codes: Sequence[Mark]) -> tuple[bytes, tuple[dict[str, object], ...]]:
    """The bytes of the finished document, and its places to write as they stand in the manifest.

    The same order gives the same bytes, in any process.

    `codes` holds one code for each page, or none at all. Raises `RenderError` when the tags and the text do not match,
    and `ProofError` when the paper does not say what the source does.
    """
    with _finished(pages, html, order, codes) as made:
        written = BytesIO()
        made.pdf.save(
            written,
            deterministic_id=True,
            force_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    finished = written.getvalue()
    refuse([*made.faults, *prove(finished, html, pages, made.owners, order, made.entries, codes=bool(codes))])
    return finished, made.entries


def cut_plate(pages: Pages, html: str, order: Order, codes: Sequence[Mark]) -> "Plate":
    """A plate of a form, with an opening for each text among the order's values.

    The texts themselves are left out of it; ticks and choices stay. Raises what `finish` raises.
    """
    values = forms().sample_of(order)
    sample = replace(order, encounter=Encounter(values))
    with _finished(pages, html, sample, codes) as made:
        plate: Plate = forms().cut(made.pdf, made.openings, made.entries)
    faces = (order.fonts[0], *order.encounter.faces)
    filled = plate.prefix + plate.tail(sample.encounter.values, faces)
    refuse([*made.faults, *prove(filled, html, pages, made.owners, order, made.entries, codes=bool(codes))])
    return plate


def whole_plate(pages: Pages, html: str, order: Order, codes: Sequence[Mark]) -> "Plate":
    """A finished document as a plate without openings: its values are part of it. Raises what `finish` raises."""
    with _finished(pages, html, order, codes) as made:
        plate: Plate = forms().cut(made.pdf, (), made.entries)
    whole = plate.prefix + plate.tail({}, order.fonts[:1])
    refuse([*made.faults, *prove(whole, html, pages, made.owners, order, made.entries, codes=bool(codes))])
    return plate


@dataclass(frozen=True, slots=True)
class _Made:
    """A document in memory: its places to write as they stand in the manifest, and where texts were set.

    `owners` says whose each marked content is, `faults` what breaks the standards that the file claims.
    """

    pdf: pikepdf.Pdf
    entries: tuple[dict[str, object], ...]
    openings: "list[Opening]"
    owners: Mapping[tuple[int, int], tuple[str, bool]]
    faults: Sequence[Fault]


@contextmanager
def _finished(pages: Pages, html: str, order: Order, codes: Sequence[Mark]) -> "Iterator[_Made]":
    """A conforming document in memory, which is not proved yet."""
    with pikepdf.open(BytesIO(pages.pdf)) as pdf:
        tagged = rebuilt(pdf, html, pages.places)
        root = tagged.root
        del pdf.Root.Names  # the engine wrote one for each element that has an id
        document = order.document
        entries, openings = forms().written_form(pdf, root, order) if document.fields() else ((), [])
        mark_furniture(pdf, write_tree(pdf, root))
        if codes:
            stamp_codes(pdf, order.page, codes)
        _forbid_interpolation(pdf)
        describe(pdf, order)
        pdf.remove_unreferenced_resources()
        faults = prove_standards(pdf, html, tagged.owners, order)
        yield _Made(pdf, entries, openings, tagged.owners, faults)


def forms() -> Any:
    """What only forms and plates need, loaded when one is made: that takes longer than to finish a handout."""
    from clinicpress.pdf import plate  # noqa: PLC0415

    return plate


def _forbid_interpolation(pdf: pikepdf.Pdf) -> None:
    """Turns off the smoothing of pictures, and names the colours of pages with transparency, as PDF/A asks.

    Source: ISO 19005-3, 6.2.8 and 6.2.10.
    """
    for thing in pdf.objects:  # pictures may also lie in patterns, where no list of a page's images looks
        if isinstance(thing, pikepdf.Stream) and thing.get("/Interpolate"):
            thing.Interpolate = False
    for page in pdf.pages:
        if "/Group" not in page.obj:
            page.obj.Group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceRGB)
