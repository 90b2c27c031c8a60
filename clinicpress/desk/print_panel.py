"""What stands in the print panel: the printers, each with its state in a sentence, and what is chosen beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinicpress.clinics import Paper
from clinicpress.desk.packets import Held, Printed
from clinicpress.desk.posted import Posted
from clinicpress.desk.print_service import Listed
from clinicpress.desk.prints import UNKNOWN, PrintWish
from clinicpress.printers import JobState, Printer, PrintingError, Sides, fitting, in_the_way, sentences, told

MOST_COPIES = 20  # of one packet; more is a slip of the finger
FEW = 5  # printers that are shown without being asked for
MOST_TYPED = 40  # letters of what was typed that are shown again
WORKING = frozenset({"sending", *(str(state) for state in JobState if not state.final)})


@dataclass(frozen=True, slots=True)
class Offer:
    """A printer as the panel shows it. `sentence` is one of `printers.STATES`; `sides` are what it prints on."""

    name: str
    info: str
    place: str
    sentence: str
    waits: bool
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PanelFault:
    """What is wrong with a field: a sentence of `printers.REFUSALS` and its facts."""

    field: str
    sentence: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said to a form that was not obeyed; it is shown again as it was typed.

    `unrecorded`: the journal could not be written, so nothing was printed. `old`: the form came from an old page.
    """

    typed: Posted
    faults: tuple[PanelFault, ...] = ()
    unrecorded: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the panel shows. `trouble` says why nothing can be sent to a printer, with its `facts`."""

    offers: tuple[Offer, ...]
    printer: str
    copies: str
    sides: str
    trouble: str
    facts: Mapping[str, str]
    said: "Said | None"

    @property
    def every_side(self) -> tuple[str, ...]:
        """What any of the printers prints on, in the order of the standard."""
        return tuple(str(one) for one in Sides if any(one in offer.sides for offer in self.offers))

    def fault(self, field: str) -> PanelFault | None:
        """What is wrong with a field."""
        return next((one for one in (self.said.faults if self.said else ()) if one.field == field), None)


def panel(listed: Listed, held: Held, last: str, said: Said | None = None) -> Panel:
    """The panel for a packet. `last` is the printer that this person used last."""
    typed = said.typed if said else None
    offers = tuple(_offer(one) for one in listed.printers)
    names = [one.name for one in offers]
    wanted = typed.get("printer") if typed else last
    chosen = next((one for one in offers if one.name == wanted), offers[0] if offers else None)
    both = chosen is not None and held.pages > 1 and str(Sides.LONG) in chosen.sides
    usual = str(Sides.LONG if both else Sides.ONE)
    return Panel(
        _first(offers, names.index(chosen.name)) if chosen else (),
        chosen.name if chosen else "",
        typed.get("copies")[:MOST_TYPED] if typed else "1",
        typed.get("sides") if typed and typed.get("sides") in set(Sides) else usual,
        listed.sentence,
        listed.facts,
        said,
    )


def wish_of(posted: Posted, listed: Listed, paper: Paper) -> PrintWish | tuple[PanelFault, ...]:
    """What a form asks for, or what is wrong with it."""
    faults, copies, printer = [], posted.get("copies"), ""
    if not (copies.isascii() and copies.isdecimal() and len(copies) < len("1000") and 1 <= int(copies) <= MOST_COPIES):
        facts = {"copies": copies[:MOST_TYPED] or "0", "most": str(MOST_COPIES)}
        faults.append(PanelFault("copies", sentences.COPIES, facts))
    sides = Sides(posted.get("sides")) if posted.get("sides") in set(Sides) else Sides.ONE
    try:
        printer = fitting(listed.printers, posted.get("printer"), sides, paper).name
    except PrintingError as error:
        field = "sides" if error.sentence == sentences.ONE_SIDE else "printer"
        facts = {name: value[:MOST_TYPED] for name, value in error.facts.items()}
        faults.append(PanelFault(field, error.sentence, facts))
    return tuple(faults) or PrintWish(printer, int(copies), sides)


def stage(one: Printed) -> str:
    """How a print stands: "working", "done", "cancelled", "bad" when it failed, or "unsure".

    That is when nobody knows which sheets came out, so that somebody has to look for them.
    """
    if one.state in WORKING:
        return "working"
    if one.state == UNKNOWN or one.sentence == sentences.UNSURE:
        return "unsure"
    return {str(JobState.DONE): "done", str(JobState.CANCELLED): "cancelled"}.get(one.state, "bad")


def sheets(one: Printed, held: Held) -> int:
    """How many sheets a print takes."""
    return one.copies * (held.pages if one.sides == Sides.ONE else (held.pages + 1) // 2)


def _offer(one: Printer) -> Offer:
    said = told(one)
    offered = tuple(str(side) for side in Sides if side is Sides.ONE or side in one.sides)
    return Offer(one.name, "" if one.info == one.name else one.info, one.location, said, in_the_way(said), offered)


def _first(offers: tuple[Offer, ...], chosen: int) -> tuple[Offer, ...]:
    """The printers with the chosen one first."""
    return (offers[chosen], *offers[:chosen], *offers[chosen + 1 :])
