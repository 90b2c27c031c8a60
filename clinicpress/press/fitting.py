"""Chooses how a document is set: among at most four layouts the one with fewest sheets and no ugly page.

Every layout has a cost that can be told (`build --explain-layout`). Whatever does not fit in one gives way first: a
pair of sections goes one below the other, a table's columns follow their words, furniture gets more height.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from clinicpress.errors import Fault, RenderError, SettingError
from clinicpress.fit import Fit, Key
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.pdf.measure import Measures
from clinicpress.pdf.pages import Pages
from clinicpress.pdf.render import foresee

SHEET, SIDE = 1000, 60  # what a sheet of paper and a printed side cost
HOLE, NEARLY_EMPTY, LAST = 300, 0.25, 0.12  # a side that is filled less than this, and the last one
APART, SIGNING = 2000, 400  # a signature or a field that parts, and each further side on which people sign
UGLY, CALM = 50, 100  # penalties from which another layout is tried, and below which no other one is
SQUEEZE = 0.955  # of the usual height is what a text takes in the tightest setting
LONG = 8  # sides: longer documents are not set tight
SMALLEST = 0.6  # of the usual height of a picture
MOST = 4  # layouts
CROWDED = {"outside", "overprint", "covered", "wide-word"}  # faults of words that have no room in their cells
WIDEST = 2  # steps by which a table gives way
MENDS = 4  # times that one setting is mended before it is taken as it is

Set = Callable[[Fit], tuple[str, Pages]]
"""Sets the document in one way: its HTML and its pages."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a layout costs, and of what that is made: words and points, its sheets and sides first."""

    reasons: tuple[tuple[str, int], ...]

    @property
    def points(self) -> int:
        """All of it."""
        return sum(points for _, points in self.reasons)

    @property
    def penalties(self) -> int:
        """What it costs beside its paper."""
        return sum(points for _, points in self.reasons[2:])

    def __str__(self) -> str:
        return f"{self.points} = " + " + ".join(f"{points} ({why})" for why, points in self.reasons if points)


@dataclass(frozen=True, slots=True)
class Try:
    """A layout that was tried. `seen` are its measures."""

    fit: Fit
    html: str = field(repr=False)
    pages: Pages = field(repr=False)
    seen: Measures = field(repr=False)
    cost: Cost


def first_fit(order: Order) -> Fit:
    """How a document is set before anything else is tried: what is signed in two languages takes two sides."""
    return Fit(signing=2 if order.second else 0)


def begin(order: Order) -> None:
    """Begins to set a document that is very likely to be laid out next, while this process does other things.

    Without a process beside this one, nothing happens. Raises `RenderError`.
    """
    page = to_html(order, first_fit(order))
    foresee(page.html, page.assets)


class Ladder:
    """The layouts that are tried for one document, best kept. `height` is that of its paper in points."""

    def __init__(self, set_: Set, height: float, first: Fit) -> None:
        self._set, self._height = set_, height
        self.tries: list[Try] = []
        self._mended = first
        self._failed: SettingError | None = None

    def best_first(self) -> Iterator[Try]:
        """The layouts, best first. Raises `RenderError` when there is none."""
        self._climb()
        if not self.tries:
            raise self._failed or RenderError("The document has no layout. Please report this.")
        yield from sorted(self.tries, key=lambda one: one.cost.points)

    def mended(self, one: Try, cells: Collection[str]) -> Try | None:
        """The same layout with the tables of these cells giving way by one more step; None when they cannot."""
        tables = one.seen.tables_of(cells)
        if any(one.fit.tables.get(key, 0) >= WIDEST for key in tables) or not tables:
            return None
        self.tries.remove(one)
        return self._try(_given_way(one.fit, tables))

    def _climb(self) -> None:
        first = self._try(self._mended)
        if first is not None and self._is_enough(first):
            return
        self._try(Fit(split=True, apart=frozenset(first.seen.lonely_pairs() if first else ())))
        for further in (self._smaller_pictures, self._split_and_tight, self._tight):
            best = self._best()
            if best is None or self._is_done(best) or len(self.tries) >= MOST:
                return
            if (fit := further(best)) is not None:
                self._try(fit)

    @staticmethod
    def _smaller_pictures(best: Try) -> Fit | None:
        """A picture that begins a page goes to the one before, where there is room for most of it."""
        figures = best.seen.smaller_pictures(SMALLEST)
        return replace(best.fit, figures=figures) if figures else None

    @staticmethod
    def _split_and_tight(best: Try) -> Fit | None:
        """Less space everywhere; not where a document is long, for there nobody would see what it saves."""
        return Fit(split=True, tight=True, figures=best.fit.figures) if 1 < best.pages.count <= LONG else None

    @staticmethod
    def _tight(best: Try) -> Fit | None:
        """The same, its sections whole."""
        return Fit(tight=True, figures=best.fit.figures) if 1 < best.pages.count <= LONG else None

    def _best(self) -> Try | None:
        return min(self.tries, key=lambda one: one.cost.points, default=None)

    def _try(self, fit: Fit) -> Try | None:
        """One setting, mended where something does not fit; None when the engine fails at it."""
        fit = self._with_mends(fit)
        try:
            html, pages = self._set(fit)
            seen = Measures(html, pages, self._height)
            better = fit
            for _ in range(MENDS):
                better = _mend(fit, seen)
                if better == fit or self._is_for_the_next(replace(better, signing=fit.signing) == fit, seen):
                    break
                fit = better
                html, pages = self._set(fit)
                seen = Measures(html, pages, self._height)
        except SettingError as error:
            self._failed = error
            return None
        self._mended = better  # whatever gave way does so in the next setting as well
        made = Try(fit, html, pages, seen, cost_of(fit, seen))
        self.tries.append(made)
        return made

    def _with_mends(self, fit: Fit) -> Fit:
        """A setting in which that gives way at once which had to in the one before."""
        known = self._mended
        return replace(
            fit,
            signing=max(fit.signing, known.signing),
            tall_rows=fit.tall_rows or known.tall_rows,
            apart=fit.apart | known.apart,
            tables={**known.tables, **fit.tables},
            more={**known.more, **fit.more},
        )

    def _is_for_the_next(self, signing: bool, seen: Measures) -> bool:
        """Whether the first layout is left as it is: only its signing page must be set closer, and another follows."""
        return signing and not self.tries and not _is_full(seen)

    @staticmethod
    def _is_enough(one: Try) -> bool:
        """Whether no sheet can be saved against the first layout, and nothing in it is ugly."""
        return _is_full(one.seen) and one.cost.penalties < UGLY

    def _is_done(self, one: Try) -> bool:
        """Whether no better layout is to be expected: the densest setting tells how many sheets it takes at least."""
        densest = [_sheets(other.seen) for other in self.tries if other.fit.split and other.fit.tight]
        return _sheets(one.seen) <= max([_least_sheets(one.seen), *densest]) and one.cost.penalties < CALM


def _sheets(seen: Measures) -> int:
    return ceil(len(seen.sheets) / 2)


def _least_sheets(seen: Measures) -> int:
    """How many sheets a document takes at least, by how much its pages are filled."""
    return ceil(ceil(sum(sheet.filled for sheet in seen.sheets) * SQUEEZE - 0.02) / 2)


def _is_full(seen: Measures) -> bool:
    """Whether no sheet can be saved, and no side is nearly empty."""
    filled = [sheet.filled for sheet in seen.sheets]
    empty = any(part < NEARLY_EMPTY for part in filled[:-1]) or (len(filled) > 1 and filled[-1] < LAST)
    return _least_sheets(seen) >= _sheets(seen) and not empty


def in_short(faults: Sequence[Fault], one: Try) -> list[Fault]:
    """The faults of a layout; those in the cells of one table are told as one: it does not fit."""
    tables = {part.get("id"): table for table in one.seen.of("table") for part in table.source.iter()}
    found: dict[object, Fault] = {}
    for fault in faults:
        table = tables.get(fault.element) if fault.kind in CROWDED else None
        if table is None:
            found[fault] = fault
            continue
        columns = max(len(row) for row in table.source.iter("tr"))
        message = f"This table has {columns} columns, which do not fit on the page."
        remedy = "Use fewer columns or shorter words, or turn the table: columns to rows."
        found.setdefault(table.key, Fault("wide-table", message, table.key[0], 0, fault.element, fault.file, remedy))
    return list(found.values())


def _mend(fit: Fit, seen: Measures) -> Fit:
    """A setting in which that gives way which did not fit."""
    more = {place: fit.more.get(place, 0) + points for place, points in seen.more().items()}
    return replace(
        _given_way(fit, seen.wide_tables()),
        signing=min(fit.signing + seen.signing_parted(), 2),
        tall_rows=fit.tall_rows or seen.has_tall_rows(),
        apart=fit.apart | seen.parted_pairs(),
        more={**fit.more, **more},
    )


def _given_way(fit: Fit, tables: Collection[Key]) -> Fit:
    """A setting in which tables give way by one more step."""
    return replace(fit, tables={**fit.tables, **{key: min(fit.tables.get(key, 0) + 1, WIDEST) for key in tables}})


def cost_of(fit: Fit, seen: Measures) -> Cost:
    """What a layout costs: its paper, and what is not pretty about it."""
    sheets, sides = _sheets(seen), len(seen.sheets)
    reasons = [(_counted(sheets, "sheet"), SHEET * sheets), (_counted(sides, "side"), SIDE * sides)]
    for number, sheet in enumerate(seen.sheets[:-1], 1):
        hole = 1 - sheet.filled
        if hole > NEARLY_EMPTY:
            points = HOLE if sheet.filled < NEARLY_EMPTY else round(160 * (hole - NEARLY_EMPTY))
            reasons.append((f"side {number} is {sheet.filled:.0%} full", points))
    if sides > 1 and seen.sheets[-1].filled < LAST:
        reasons.append(("the last side is nearly empty", 200))
    reasons.append(("signatures or fields that part", APART * seen.parted_wholes()))
    reasons.append(("people sign on several sides", SIGNING * max(0, seen.signing_sides() - 1)))
    reasons.append(("tables that part", sum(60 if rows <= 8 else 10 for rows in seen.rows_of_parted_tables())))
    reasons.append(("sections that part", 12 * seen.parted("section")))
    reasons.append(("paragraphs, items and rows that part", 8 * seen.parted("p", "li", "tr")))
    reasons.append(("tight", 25 if fit.tight else 0))
    reasons.append(("smaller pictures", 30 * len(fit.figures)))
    return Cost(tuple(reasons))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
