"""Prints that the journal has not heard the end of: the desk ended before they did."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from clinicpress.journal import Did, Entry

ENDED = frozenset({Did.NOT_SENT, Did.PRINTED, Did.NOT_PRINTED, Did.PERHAPS_PRINTED, Did.CANCELLED})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A print without an end: its packet, its printer, when it was begun, and its job; 0 when it had none yet."""

    packet: str
    printer: str
    at: datetime
    job: int = 0


def unfinished(entries: Iterable[Entry]) -> list[Unfinished]:
    """The prints among these entries that were begun and not ended, in their order.

    An end whose beginning is not among them is passed over: the entries may be the last ones only. So is what the
    command line prints, which has no packet: it is still at it, or was asked to leave it.
    """
    open_ones: list[Unfinished] = []
    for entry in entries:
        if "packet" not in entry.facts:
            continue
        packet, job = str(entry.facts["packet"]), int(str(entry.facts.get("job", 0)))
        if entry.did is Did.PRINTING:
            open_ones.append(Unfinished(packet, str(entry.facts.get("printer", "")), entry.at))
        elif entry.did is Did.SENT:
            begun = _taken(open_ones, packet, 0)
            open_ones += [replace(begun, job=job)] if begun else []
        elif entry.did in ENDED:
            _taken(open_ones, packet, job)
    return open_ones


def _taken(open_ones: list[Unfinished], packet: str, job: int) -> Unfinished | None:
    """Takes a print out of the list."""
    found = next((one for one in open_ones if (one.packet, one.job) == (packet, job)), None)
    if found:
        open_ones.remove(found)
    return found
