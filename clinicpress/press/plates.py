"""Plates at hand: each form is cut once, kept in memory and in the cache, and filled for every patient.

A plate depends on which facts are known (it has openings for these), and on ticks and choices, which are part of it.
So a morning needs a few plates, not one for each patient. What is kept holds ticks and choices ("left"), and no text
that was known of anybody.
"""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from clinicpress import fingerprint
from clinicpress.cache import Cache, address
from clinicpress.errors import NoRoomError
from clinicpress.issued import Issued, about_order, second_facts, source_facts
from clinicpress.orders import Order
from clinicpress.pdf.plate import OffPlateError, Plate
from clinicpress.pdf.zones import MARKED
from clinicpress.press.fixed import taken
from clinicpress.press.press import NO_ROOM, Layout, complete, cut, lay_out, whole

MOST_AT_HAND = 200  # plates in memory, of some 80 kB each
Variant = tuple[object, ...]


@dataclass(frozen=True)
class Known:
    """A plate, the address under which it is kept, and what is said of every document that is filled on it.

    One without openings gives the same file for everybody.
    """

    plate: Plate
    address: str
    about: dict[str, Any]

    @cached_property
    def blank(self) -> bytes | None:
        """What follows the plate in a file, when there is nothing to fill."""
        return None if self.plate.places else self.plate.tail({}, ())

    def issued(self, tail: bytes, *, personal: bool) -> Issued:
        """The document that a tail makes of the plate."""
        plate = self.plate
        return Issued(self.about, (plate.prefix, tail), plate.digest(tail), personal, self.address)


class Plates:
    """The plates of one process, made when first asked for."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._layouts: dict[Variant, Layout] = {}
        self._known: dict[Variant, Known] = {}
        self._marked: dict[str, frozenset[str]] = {}  # the fields for ticks and choices, by revision

    def fill(self, order: Order) -> Issued:
        """A document with its values: on its plate, or rendered for this patient when the plate cannot set one.

        Raises `ContentError` when a value fits in no way, and `RenderError`.
        """
        if order.document.fixed is not None:
            return taken(order)
        known, personal = self.of(order), bool(order.encounter.values)
        if known.blank is not None:
            return known.issued(known.blank, personal=personal)
        try:
            tail = known.plate.tail(order.encounter.values, (order.fonts[0], *order.encounter.faces))
        except (NoRoomError, OffPlateError) as error:
            made = complete(self._layout(order), order)
            return replace(made, plate=known.address, rendered_anew=_why(error))
        return known.issued(tail, personal=personal)

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
            return (*order.pages_of, order.rendition)
        marked = self._marked.get(document.revision.digest)
        if marked is None:
            names = frozenset(one.name for one in document.fields() if one.kind in MARKED)
            marked = self._marked[document.revision.digest] = names
        return (*order.pages_of, order.rendition, tuple(values), tuple(v for v in values.items() if v[0] in marked))

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
            plate = Plate.from_bytes(kept)
        else:
            plate = cut(layout, order)
            self._cache.put(place, plate.to_bytes())
        return Known(plate, place, about_order(order, plate.pages, plate.entries))

    def _layout(self, order: Order) -> Layout:
        """The pages of an order; the same for every patient."""
        text = order.pages_of
        if text not in self._layouts:
            if len(self._layouts) >= MOST_AT_HAND:
                self._layouts.clear()
            self._layouts[text] = lay_out(order, cache=self._cache)
        return self._layouts[text]


def _why(error: NoRoomError | OffPlateError) -> dict[str, str]:
    """Which fields a plate could not set, and why."""
    if isinstance(error, NoRoomError):
        return dict.fromkeys(sorted(error.needed), NO_ROOM)
    return dict.fromkeys(error.fields, "letters run both ways")
