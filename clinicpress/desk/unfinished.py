"""Prints that the journal has not heard the end of: the desk ended before they did."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinicpress.journal import Did, Entry

ENDED = frozenset({Did.PRINTED, Did.NOT_PRINTED, Did.CANCELLED})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A print without an end: its packet, its printer, and its number in the print service; 0 when it had none yet."""

    packet: str
    printer: str
    job: int = 0


def unfinished(entries: Iterable[Entry]) -> list[Unfinished]:
    """The prints among these entries that were begun and not ended, in their order.

    An end whose beginning is not among them is passed over: the entries may be the last ones only.
    """
    open_ones: list[Unfinished] = []
    for entry in entries:
        facts = entry.facts
        packet, printer, job = (
            str(facts.get("packet", "")),
            str(facts.get("printer", "")),
            int(str(facts.get("job", 0))),
        )
        if entry.did is Did.PRINTING:
            open_ones.append(Unfinished(packet, printer))
        elif entry.did in (Did.SENT, Did.NOT_SENT):
            _take(open_ones, packet, 0)
            if entry.did is Did.SENT:
                open_ones.append(Unfinished(packet, printer, job))
        elif entry.did in ENDED:
            _take(open_ones, packet, job)
    return open_ones


def _take(open_ones: list[Unfinished], packet: str, job: int) -> None:
    for one in open_ones:
        if (one.packet, one.job) == (packet, job):
            open_ones.remove(one)
            return
