"""Packets on the counter: made, looked at, printed. Facts about a patient live in this memory and nowhere else."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from clinicpress.documents.cover import COVER
from clinicpress.issued import Issued

MOST_PACKETS = 300
MOST_BYTES = 400 << 20
KEPT = 60 * 60.0  # seconds that a packet lies on the counter after it was last looked at


@dataclass(slots=True)
class Printed:
    """One time that a packet was sent to a printer.

    `state` is that of the job as last heard ("sending" before there is one, "not-sent" without; "unknown" when nobody
    knows what became of it). `sentence` says it in English, from a closed table, with `facts` for its places; `answer`
    is what was said to the wish to cancel it. `once` is the token that was used up for it.
    """

    number: int  # of this packet, counted from 1
    at: str
    by: str
    printer: str
    copies: int
    sides: str
    job: int = 0
    state: str = "pending"
    sentence: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    sheets: int = 0  # that the printer was given, as far as it says so
    unwanted: bool = False  # whether somebody here cancelled it
    answer: str = ""
    facts_of_answer: Mapping[str, str] = field(default_factory=dict)
    once: str = field(default="", repr=False)

    def end(self, state: str, sentence: str, facts: Mapping[str, str]) -> None:
        """Notes that nothing more will come of it."""
        self.state, self.sentence, self.facts = state, sentence, facts


@dataclass(slots=True)
class Held:
    """A packet on the counter.

    `print_file` is all of its documents for the printer. `patient` holds what tells whose it is, in print form; none
    for blank documents. `once` is the token of the next print: it can be used once, by whoever has the `turn`.
    """

    id: str
    owner: str
    seen: float
    documents: tuple[Issued, ...]
    print_file: bytes = field(repr=False)
    pages: int
    paper: str
    notes: list[str]
    patient: dict[str, str] = field(repr=False)
    given: dict[str, Any] = field(repr=False)  # what it was made of, to change it in Prepare
    once: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    prints: list[Printed] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    opened: bool = False  # whether the journal knows that its PDF was opened
    pictures: dict[tuple[int, int, int], bytes] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return (
            len(self.print_file)
            + sum(len(part) for one in self.documents for part in one.parts)
            + sum(map(len, self.pictures.values()))
        )

    def for_journal(self) -> list[dict[str, Any]]:
        """Which texts it holds, as the journal knows them: nothing of the patient."""
        return [one.recorded() for one in self.documents]

    @property
    def texts(self) -> list[Issued]:
        """Its documents without the slips before somebody else's forms, which are no texts of the library."""
        return [one for one in self.documents if one.kind != COVER]

    @property
    def as_they_are(self) -> bool:
        """Whether somebody else's form is among its documents: then the print file has no standard."""
        return any("fixed" in one.about for one in self.documents)

    @property
    def untagged(self) -> bool:
        """Whether a form of somebody else has no tags: a screen reader cannot follow it."""
        return any(not one.about["fixed"]["tagged"] for one in self.documents if "fixed" in one.about)

    def outdated(self, shelf: Mapping[str, Any]) -> bool:
        """Whether a text of it was changed, approved, withdrawn or taken away since. `shelf`: the library as it is."""
        names = ("topic", "kind", "language", "review_state")
        now = {(*(one[name] for name in names), one["digest"]) for one in shelf["documents"] if one["printable"]}
        held = {(*(one.about[name] for name in names), one.about["revision"]) for one in self.texts}
        return not held <= now

    def renew(self) -> None:
        """Gives the next print a token of its own."""
        self.once = secrets.token_urlsafe(16)

    def printed_with(self, once: str) -> Printed | None:
        """The print for which a token was used up."""
        return next((one for one in self.prints if compare_digest(one.once.encode(), once.encode())), None)

    @property
    def draft_of_others(self) -> bool:
        """Whether a form of somebody else is a draft: only the slip before it says so."""
        return any(one.draft for one in self.documents if "fixed" in one.about)

    @property
    def draft(self) -> bool:
        """Whether a document of it is a draft."""
        return any(one.draft for one in self.documents)


class Packets:
    """All packets on the counter. Times are those of one clock."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()

    def hold(self, owner: str, now: float, made: dict[str, Any], **facts: Any) -> Held:
        """Lays a packet on the counter: what `work.Work.packet` made, and who it is for."""
        held = Held(
            id=secrets.token_urlsafe(16),
            owner=owner,
            seen=now,
            documents=tuple(map(Issued.from_bytes, made["documents"])),
            print_file=made["print"],
            pages=made["pages"],
            notes=made["notes"],
            **facts,
        )
        self._held[held.id] = held
        self.tidy(now)
        return held

    def find(self, id_: str, owner: str, now: float) -> Held | None:
        """A packet of this person; None when there is none, or it lay there for too long."""
        self.tidy(now)
        held = self._held.get(id_)
        if held is None or held.owner != owner:
            return None
        held.seen = now
        self._held.move_to_end(id_)
        return held

    def of(self, owner: str, now: float, most: int) -> list[Held]:
        """The packets of this person, last looked at first. Naming them is no look at them."""
        self.tidy(now)
        return [one for one in reversed(self._held.values()) if one.owner == owner][:most]

    def forget(self, owner: str) -> None:
        """Takes away everything of somebody who has gone."""
        for id_ in [id_ for id_, held in self._held.items() if held.owner == owner]:
            del self._held[id_]

    def tidy(self, now: float) -> None:
        """Takes away what nobody has looked at for long, and the oldest when there is too much."""
        while self._held:
            oldest = next(iter(self._held.values()))
            too_much = len(self._held) > MOST_PACKETS or sum(one.size for one in self._held.values()) > MOST_BYTES
            if not too_much and now - oldest.seen <= KEPT:
                break
            self._held.popitem(last=False)
