"""The only module that knows the order of the work: an order goes in, a finished document comes out.

Loading it takes long; whoever may find the document in the cache loads it late.
"""

import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from clinicpress.cache import NO_CACHE, Cache, address
from clinicpress.clinics import ClinicProfile, FontFace
from clinicpress.documents import spot_of
from clinicpress.errors import ContentError, NoRoomError, ProofError, RenderError
from clinicpress.fit import Fit
from clinicpress.issued import Issued, about_order
from clinicpress.legibility import LaidOut, ReadBack
from clinicpress.library.rules import VALUE_TOO_LONG
from clinicpress.markup import TEMPLATES, Page, report_html, to_html
from clinicpress.orders import Mark, Order, Rendition
from clinicpress.pdf.finish import cut_plate, finish, forms, whole_plate
from clinicpress.pdf.pages import Pages
from clinicpress.pdf.render import engine, render
from clinicpress.press.fitting import WIDEST, Ladder, Try, first_fit, in_short
from clinicpress.reports import Report
from clinicpress.visits import NOTHING_KNOWN

if TYPE_CHECKING:
    from clinicpress.pdf.plate import Plate


_LENGTHS = struct.Struct(">II")
_HERE = Path(__file__).parents[1]
CHOICE = (
    *sorted(TEMPLATES.glob("*.css")),
    *(_HERE / name for name in ("fit.py", "press/fitting.py", "pdf/measure.py")),
)
"""The files that say which layout is taken, and how the others look."""
Made = TypeVar("Made")
NO_ROOM = "no room in its box"  # why a field could not be set as usual
MOST_ROOM = 300.0  # points that a box may grow to for a long value: less than half a page


@dataclass(frozen=True, slots=True)
class Layout:
    """A document in pages, before it is finished: paper form and fillable form come from one layout.

    `fit` is how it is set, `tried` tells of each layout that was tried its name and cost, the one that was taken first.
    `room_for` names the fields whose boxes are larger than usual. `proved` is the paper form without values and its
    order, where the layout was chosen by it just now: nobody needs to make it again.
    """

    html: str = field(repr=False)
    pages: Pages = field(repr=False)
    fit: Fit
    tried: tuple[tuple[str, str], ...]
    room_for: tuple[str, ...] = ()
    proved: tuple[Order, Issued] | None = field(default=None, repr=False, compare=False)

    def to_bytes(self) -> bytes:
        """This layout as it is kept."""
        facts = json.dumps({"fit": self.fit.facts(), "tried": self.tried}).encode()
        html = zlib.compress(self.html.encode(), 1)
        return _LENGTHS.pack(len(facts), len(html)) + facts + html + self.pages.to_bytes()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Layout":
        """What `to_bytes` gave."""
        facts, html = _LENGTHS.unpack_from(kept)
        start, end = _LENGTHS.size + facts, _LENGTHS.size + facts + html
        known = json.loads(kept[_LENGTHS.size : start])
        tried = tuple((name, cost) for name, cost in known["tried"])
        return cls(zlib.decompress(kept[start:end]).decode(), Pages.from_bytes(kept[end:]), Fit.of(known["fit"]), tried)


def lay_out(
    order: Order, room: Mapping[str, float] = MappingProxyType({}), cache: Cache = NO_CACHE, first: Fit | None = None
) -> Layout:
    """Sets one document in pages, or takes its pages from the cache: values come later, so none can lie there.

    `room` holds the heights of boxes that must be larger than usual, in points. They follow from the length of values,
    so such a layout is not kept. `first` is how the document is set before anything else is tried.

    Raises `RenderError` when it cannot be rendered cleanly, or when not all that it says would stand on the paper.
    """
    first = first or first_fit(order)
    page = to_html(order, first, room)
    place = "" if room else _address(page)
    if place and (kept := cache.get(place)):
        return Layout.from_bytes(kept)

    def set_(fit: Fit) -> tuple[str, Pages]:
        own = page if fit == first else to_html(order, fit, room)
        return own.html, render(own.html, own.assets, partial(_load, order))

    ladder = Ladder(set_, order.page.size[1], first)
    layout = _sound(ladder, order)
    if place:
        cache.put(place, layout.to_bytes())
    return layout


def _sound(ladder: Ladder, order: Order) -> Layout:
    """The best layout that puts every word on the paper. Raises `RenderError` when none does."""
    plain = replace(order, rendition=Rendition.PAPER, encounter=NOTHING_KNOWN)
    refusal: RenderError | None = None
    for best in ladder.best_first():
        one: Try | None = best
        failed: RenderError | None = None
        while one is not None:
            layout = _layout(one, ladder)
            try:
                return replace(layout, proved=(plain, _completed(layout, plain)))
            except ProofError as error:
                failed = ProofError(in_short(error.faults, one))
                one = ladder.mended(one, {fault.element for fault in error.faults if fault.kind == "wide-word"})
            except RenderError as error:  # the engine lost a word, so that its tags are not those of the text
                failed, one = error, None
        if refusal is None or isinstance(failed, ProofError) > isinstance(refusal, ProofError):  # that one names a line
            refusal = failed
    raise refusal or RenderError("The document has no layout. Please report this.")


def _layout(one: Try, ladder: Ladder) -> Layout:
    others = sorted((other for other in ladder.tries if other is not one), key=lambda other: other.cost.points)
    return Layout(one.html, one.pages, one.fit, tuple((other.fit.name, str(other.cost)) for other in (one, *others)))


def _address(page: Page) -> str:
    """Where the layout of a page is kept: it depends on its HTML and files, on the engine, and on how one is chosen.

    Empty when that cannot be told.
    """
    versions = engine()
    if not versions:
        return ""
    chosen = [path.read_bytes() for path in CHOICE]
    files = [part for name, one in sorted(page.assets.items()) for part in (name, one.media_type, one.data)]
    return address("layout", str(len(versions)), *versions, *chosen, page.html, *files)


def _load(order: Order) -> None:
    """Loads what a form is finished with, while the process beside this one sets its pages (`pdf.child`)."""
    if order.document.fields():
        _marks()
        forms()


def _marks() -> Any:
    """What draws codes, loaded when it is needed: that takes long, and handouts have none."""
    from clinicpress import marks  # noqa: PLC0415

    return marks


def complete(layout: Layout, order: Order) -> Issued:
    """Makes a finished document of a layout: conforming, with codes, and with fields or without.

    Values that do not fit their boxes get a layout of their own, with larger boxes. Raises `ContentError` when even
    that does not help.
    """
    return _with_room(layout, order, _completed)


def _completed(layout: Layout, order: Order) -> Issued:
    """A finished document of this layout. Raises `NoRoomError`."""
    if layout.proved is not None and layout.proved[0] == order:
        return layout.proved[1]
    pdf, fields = finish(layout.pages, layout.html, order, _codes(layout, order))
    about = about_order(order, layout.pages.count, fields)
    again, personal = dict.fromkeys(layout.room_for, NO_ROOM), bool(order.encounter.values)
    return Issued.of(about, pdf, personal=personal, rendered_anew=again, tried=layout.tried)


def cut(layout: Layout, order: Order) -> "Plate":
    """A plate with an opening for each text among the order's values; ticks and choices are part of it."""
    return cut_plate(layout.pages, layout.html, order, _codes(layout, order))


def whole(layout: Layout, order: Order) -> "Plate":
    """A finished document with all its values as a plate without openings. Raises as `complete` does."""
    return _with_room(layout, order, _whole)


def _whole(layout: Layout, order: Order) -> "Plate":
    """The same, of this layout. Raises `NoRoomError`."""
    return whole_plate(layout.pages, layout.html, order, _codes(layout, order))


def _codes(layout: Layout, order: Order) -> list[Mark]:
    """The code of each page of a form."""
    if not order.document.coded:
        return []
    page_code = _marks().page_code
    return [page_code(order.document, number, layout.pages.count) for number in range(1, layout.pages.count + 1)]


def _with_room(layout: Layout, order: Order, make: Callable[[Layout, Order], Made]) -> Made:
    """What is made of a layout; when values do not fit their boxes, of one with larger boxes."""
    if not order.encounter.values:
        return make(layout, order)
    try:
        return make(layout, order)
    except NoRoomError as error:
        needed = error.needed
    fields = tuple(sorted(needed))
    if max(needed.values()) <= MOST_ROOM:
        try:
            return make(replace(lay_out(order, needed, first=layout.fit), room_for=fields), order)
        except NoRoomError as error:
            fields = tuple(sorted(error.needed))
    remedy = "Shorten it, or write it by hand on the printed form."
    source = order.encounter.source
    raise ContentError(
        VALUE_TOO_LONG.found(source, 0, f"{name}: the value is too long for its box, in small print as well.", remedy)
        for name in fields
    )


def produce(order: Order, cache: Cache = NO_CACHE) -> Issued:
    """Prints one document into memory. Raises `RenderError` when it cannot be rendered cleanly."""
    return complete(lay_out(order, cache=cache), order)


def examine(order: Order, cache: Cache = NO_CACHE) -> LaidOut:
    """Sets one document in pages and tells what would keep it from being printed. Raises `InputError`."""
    try:
        layout = lay_out(order, cache=cache)
    except ProofError as error:
        return LaidOut(order.page, tuple((one.file, one.line, one.message, one.remedy) for one in error.faults))
    except RenderError as error:
        return LaidOut(order.page, ((str(order.document.file), 1, str(error), ""),))
    broken = [
        spot_of(order.second if second and order.second else order.document, line)
        for (line, second), step in sorted(layout.fit.tables.items())
        if step >= WIDEST
    ]
    tables = tuple((str(file), line) for file, line in broken)
    return LaidOut(order.page, broken=tables, sides=layout.pages.count, document=order.document)


def read_back(order: Order, cache: Cache = NO_CACHE) -> ReadBack:
    """Prints one document into memory and reads its lines back from the PDF. Raises `RenderError`."""
    from clinicpress.pdf.readback import read_lines  # noqa: PLC0415  a print does without

    return ReadBack(order.document, order.page, read_lines(produce(order, cache).pdf))


def print_report(reports: Sequence[Report], clinic: ClinicProfile, fonts: Sequence[FontFace], today: date) -> bytes:
    """The PDF of what the careful editor found. Raises `RenderError`."""
    page = report_html(reports, clinic, fonts, today)
    return render(page.html, page.assets).pdf
