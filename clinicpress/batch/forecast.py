"""What a batch would print, and what it would refuse, without writing anything."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from clinicpress.batch.packets import Terms
from clinicpress.errors import ContentError, Problem
from clinicpress.visits import Refusal, Visit

MOST_SHOWN = 1_000  # refused rows whose reasons are kept: a roster of the wrong clinic would refuse a million


@dataclass(slots=True)
class Forecast:
    """How many rows and documents there would be, what of, which notes the desk would get, and what is refused."""

    rows: int = 0
    refused: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def forecast(rows: Iterable[Visit | Refusal], terms: Terms) -> Forecast:
    """Looks at every row as a batch would, but for whether long values fit."""
    seen = Forecast()
    for row in rows:
        seen.rows += 1
        if isinstance(row, Refusal):
            problems = row.problems
        else:
            try:
                packet = terms.packet(row)
            except ContentError as error:
                problems = error.problems
            else:
                for order in packet.orders:
                    document = order.document
                    draft = ", draft" if document.review.draft else ""
                    seen.documents[f"{document.topic} {document.kind} ({order.language}{draft})"] += 1
                seen.notes.update(packet.notes)
                continue
        seen.refused += 1
        if seen.refused <= MOST_SHOWN:
            seen.problems += problems
    return seen
