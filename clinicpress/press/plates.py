"""Plates at hand: each form is cut once, kept in memory and in the cache, and filled for every patient.

A plate depends on which facts are known (it has openings for these), and on ticks and choices, which are part of it.
So a morning needs a few plates, not one for each patient. What is kept holds ticks and choices ("left"), and no text
that was known of anybody.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from clinicpress import fingerprint
from clinicpress.cache import Cache, address
from clinicpress.issued import second_facts, source_facts
from clinicpress.orders import Order
from clinicpress.pdf.plate import OffPlateError, Plate
from clinicpress.pdf.zones import MARKED, NoRoomError
from clinicpress.press.press import Layout, complete, cut, lay_out, whole

MOST_AT_HAND = 200  # plates in memory, of some 80 kB each
Variant = tuple[object, ...]


@dataclass(frozen=True)
class Known:
    """A plate, and the address under which it is kept. One without openings gives the same file for everybody."""

    plate: Plate
    address: str

    @cached_property
    def blank(self) -> "Filled | None":
        """The file, when there is nothing to fill."""
        if self.plate.places:
            return None
        tail = self.plate.tail({}, ())
        return Filled(self.plate.prefix, tail, self.plate.digest(tail), self.plate.pages, self.address)


@dataclass(frozen=True, slots=True)
class Filled:
    """One patient's document: the file is `head` and `tail`, one behind the other.

    `rendered_anew` says why a field could not be set on the plate; then the document was rendered for this patient.
    """

    head: bytes = field(repr=False)
    tail: bytes = field(repr=False)
    digest: str
    pages: int
    plate: str
    rendered_anew: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Plates:
    """The plates of one process, made when first asked for."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._layouts: dict[Variant, Layout] = {}
        self._known: dict[Variant, Known] = {}
        self._marked: dict[str, frozenset[str]] = {}  # the fields for ticks and choices, by revision

    def fill(self, order: Order) -> Filled:
        """A document with its values: on its plate, or rendered for this patient when the plate cannot set one.

        Raises `ContentError` when a value fits in no way, and `RenderError`.
        """
        known = self.of(order)
        if known.blank is not None:
            return known.blank
        plate = known.plate
        try:
            tail = plate.tail(order.encounter.values, (order.fonts[0], *order.encounter.faces))
        except (NoRoomError, OffPlateError) as error:
            finished = complete(self._layout(order), order)
            why = _why(error)
            return Filled(b"", finished.pdf, finished.digest, finished.pages, known.address, why)
        return Filled(plate.prefix, tail, plate.digest(tail), plate.pages, known.address)

    def whole(self, order: Order) -> Plate:
        """A document with its values as a plate without openings, where its own plate cannot set them.

        Raises as `fill` does.
        """
        return whole(self._layout(order), order)

    def of(self, order: Order) -> Known:
        """The plate of an order, from memory, from the cache, or cut now."""
        variant = self._variant(order)
        known = self._known.get(variant)
        if known is None:
            if len(self._known) >= MOST_AT_HAND:
                self._known.clear()
            known = self._known[variant] = self._fetched(order, variant)
        return known

    def _variant(self, order: Order) -> Variant:
        """Which plate an order needs: its text, its rendition, which facts are known, and the marks among them."""
        document, values = order.document, order.encounter.values
        if not values:
            return (*_text(order), order.rendition)
        marked = self._marked.get(document.revision.digest)
        if marked is None:
            names = frozenset(one.name for one in document.fields() if one.kind in MARKED)
            marked = self._marked[document.revision.digest] = names
        return (*_text(order), order.rendition, tuple(values), tuple(v for v in values.items() if v[0] in marked))

    def _fetched(self, order: Order, variant: Variant) -> Known:
        layout = self._layout(order)
        facts = json.dumps(
            [source_facts(order.document), second_facts(order), order.clinic.name, repr(variant)], sort_keys=True
        )
        place = address(
            "plate",
            fingerprint.program(),
            layout.html,
            layout.pages.to_bytes(),
            facts,
            repr(order.document.fields()),
            order.fonts[0].file.data,
        )
        if kept := self._cache.get(place):
            return Known(Plate.from_bytes(kept), place)
        plate = cut(layout, order)
        self._cache.put(place, plate.to_bytes())
        return Known(plate, place)

    def _layout(self, order: Order) -> Layout:
        """The pages of an order; the same for every patient."""
        text = _text(order)
        if text not in self._layouts:
            if len(self._layouts) >= MOST_AT_HAND:
                self._layouts.clear()
            self._layouts[text] = lay_out(order, cache=self._cache)
        return self._layouts[text]


def _text(order: Order) -> Variant:
    """What decides how the pages of an order look, as far as orders of one clinic differ."""
    document, second = order.document, order.second
    return (
        document.topic,
        document.kind,
        document.language,
        document.revision.digest,
        str(document.review.state),
        second.revision.digest if second else "",
        order.page,
        order.copy,
    )


def _why(error: NoRoomError | OffPlateError) -> dict[str, str]:
    """Which fields a plate could not set, and why."""
    if isinstance(error, NoRoomError):
        return dict.fromkeys(sorted(error.needed), "no room in its box")
    return dict.fromkeys(error.fields, "letters run both ways")
