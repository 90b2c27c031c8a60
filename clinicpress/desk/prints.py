"""Printing at the desk: what is sent to printers, and how each print ends.

Every print is followed to its end, so that the journal knows it although the browser was closed, and after the desk was
started again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from clinicpress.clinics import Paper
from clinicpress.desk.log import Log, where_it_broke
from clinicpress.desk.packets import Held, Printed
from clinicpress.desk.print_service import BROKEN, NOTHING, SILENT, PrintService
from clinicpress.destinations.printer import Follower, Progress, gap_at, unknown, without_a_job
from clinicpress.errors import InputError
from clinicpress.printers import Job, JobState, PrintingError, PrintServer, Sides, told
from clinicpress.record import Did, UnfinishedPrint
from clinicpress.record.people import Person

TO_CANCEL = 3.0  # seconds that a page waits for the print service to cancel a job
FAREWELL = 5.0  # seconds that the desk waits at its end for what is being sent

SENDING = "Handing the pages to the print service."
UNHEARD = (
    "The print service does not answer just now. What it has taken it still prints when it is back; look whether "
    "sheets come out before you print again."
)
SENTENCES = (SENDING, SILENT, UNHEARD, BROKEN)
"""What the desk says itself of printing. Everything else is in `printers.STATES` and `printers.REFUSALS`."""

INTERRUPTED = (
    "{number} of the prints were just being sent when the desk ended. Look whether their sheets came out; "
    "'python generate.py journal show' says what and who it was."
)
"""For the terminal, in English."""

NOT_SENT, UNKNOWN = "not-sent", "unknown"  # ends of a print beside those of a job
CERTAIN = (Did.PRINTED, Did.CANCELLED)  # ends after which nobody has to look for sheets


@dataclass(frozen=True, slots=True)
class PrintWish:
    """What somebody wants of a printer."""

    printer: str
    copies: int
    sides: Sides


@dataclass(slots=True)
class _Followed:
    """A print, who began it, and what the journal has still to hear of it. `before`: an earlier desk began it."""

    one: Printed
    packet: str
    person: Person | None
    before: UnfinishedPrint | None = None
    owed: list[tuple[Did, dict[str, object]]] = field(default_factory=list)
    warned: bool = False


class Printing:
    """The desk's side of the print service. `record` writes the journal, and raises `InputError` when it cannot.

    `interrupted` are the prints of an earlier desk whose sheets somebody has to look for.
    """

    def __init__(self, server: PrintServer, record: Callable[..., Awaitable[None]], log: Log) -> None:
        self._service, self._server = PrintService(server, log), server
        self._record, self._log = record, log
        self.listed = self._service.listed
        self._running: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self.last: dict[str, str] = {}  # the printer that each person used last
        self.interrupted: list[UnfinishedPrint] = []

    async def begin(self, held: Held, person: Person, wish: PrintWish, at: str) -> Printed:
        """Begins a print, and uses up the packet's token. Whoever calls it has the packet's turn.

        The journal knows of it before anything is sent. Raises `InputError` when it cannot be written; then nothing is
        printed, and the token stands.
        """
        what = {"packet": held.id, "documents": held.for_journal(), "paper": held.paper}
        asked = {"printer": wish.printer, "copies": wish.copies, "sides": str(wish.sides)}
        await self._record(Did.PRINTING, person, **what, **asked)
        number = len(held.prints) + 1
        one = Printed(number, at, person.name, wish.printer, wish.copies, str(wish.sides), once=held.once)
        one.state, one.sentence = "sending", SENDING
        held.renew()
        held.prints.append(one)
        self.last[person.id] = wish.printer
        followed = _Followed(one, held.id, person)
        sending = self._sent(followed, held.print_file, _title(held), Paper(held.paper), wish)
        self._sending.add(self._start(sending, followed))
        return one

    async def cancel(self, one: Printed) -> None:
        """Cancels a print. What the print service says to it stands with the print afterwards."""
        one.unwanted = True
        if not one.job:
            return  # it is being sent; then it is cancelled
        try:
            async with asyncio.timeout(TO_CANCEL):
                job = await self._service.ask(lambda: self._server.cancel(one.job))
        except TimeoutError:
            one.answer, one.facts_of_answer = SILENT, NOTHING
        except PrintingError as error:
            one.answer, one.facts_of_answer = error.sentence, error.facts
        else:
            one.state = str(job.state)
            one.sentence, one.facts = told(None, job), NOTHING

    def resume(self, begun: Sequence[UnfinishedPrint]) -> None:
        """Follows what the print service took before the desk ended. Of what was being sent then, nobody knows.

        The pages are gone with the memory of that desk, but the journal hears how each print ended.
        """
        for each in begun:
            one = Printed(0, "", "", each.printer, 0, "", job=each.job, state="pending")
            followed = _Followed(one, each.packet, None, each)
            work = self._followed(followed) if each.job else self._ended(followed, *unknown("interrupted"))
            self._start(work, followed)
        if lost := sum(not each.job for each in begun):
            self._log.line(INTERRUPTED.format(number=lost))

    async def close(self) -> None:
        """Waits a moment for what is being sent, and follows nothing any more. The next desk goes on with it."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=FAREWELL)
        for task in self._running:
            task.cancel()

    # One print --------------------------------------------------------------------------------------------------------

    async def _sent(self, followed: _Followed, pdf: bytes, title: str, paper: Paper, wish: PrintWish) -> None:
        """Sends a document, and lets it be followed by somebody who knows nothing of what stands in it."""
        one = followed.one
        submit = partial(self._server.submit, copies=wish.copies, sides=wish.sides, media=paper)
        try:
            job = await self._service.ask(lambda: submit(wish.printer, pdf, title))
        except PrintingError as error:
            end = without_a_job(error)
            one.end(NOT_SENT if end[0] is Did.NOT_SENT else UNKNOWN, error.sentence, error.facts)
            self._start(self._ended(followed, *end), followed)
            return
        one.job = job.number
        await self._owe(followed, Did.SENT)
        self._start(self._followed(followed), followed)

    async def _followed(self, followed: _Followed) -> None:
        """Looks after a job until it has ended, and tells the journal."""
        one, follower = followed.one, Follower(self._server, followed.one.job)
        if one.unwanted:
            await self.cancel(one)
        while (gap := follower.gap) is not None:
            said = await self._service.ask(follower.look)
            waits = isinstance(said, Job) and said.state is not JobState.PRINTING and not said.state.final
            printers = (await self.listed()).printers if waits else ()
            seen = follower.understood(said, printers, by_the_desk=one.unwanted)
            _note(one, seen)
            if seen.end is not None:
                await self._ended(followed, *seen.end)
                return
            await self._pay(followed)
            await asyncio.sleep(gap)

    async def _ended(self, followed: _Followed, did: Did, why: dict[str, str]) -> None:
        """Tells how a print ended: the journal, as soon as it can be written, and whoever is at the next desk."""
        if followed.before and did not in CERTAIN:
            self.interrupted.append(followed.before)
        await self._owe(followed, did, **why)
        begun = time.monotonic()
        while not await self._pay(followed) and (gap := gap_at(time.monotonic() - begun)) is not None:
            await asyncio.sleep(gap)

    # The journal ------------------------------------------------------------------------------------------------------

    async def _owe(self, followed: _Followed, did: Did, **why: object) -> None:
        """Tells the journal of a print, now or as soon as it can be written."""
        one = followed.one
        job = {"job": one.job} if one.job else {}
        followed.owed.append((did, {"packet": followed.packet, "printer": one.printer, **job, **why}))
        await self._pay(followed)

    async def _pay(self, followed: _Followed) -> bool:
        """Whether the journal knows all there is to tell of a print."""
        while followed.owed:
            did, facts = followed.owed[0]
            try:
                await self._record(did, followed.person, **facts)
            except InputError as error:
                if not followed.warned:
                    self._log.line(f"The journal waits for the end of a print: {error}")
                followed.warned = True
                return False
            followed.owed.pop(0)
        return True

    def _start(self, work: Coroutine[Any, Any, None], followed: _Followed) -> "asyncio.Task[None]":
        """Begins what goes on beside the pages."""
        task = asyncio.create_task(self._told(work, followed))
        self._running.add(task)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before it began
        task.add_done_callback(self._running.discard)
        task.add_done_callback(self._sending.discard)
        return task

    async def _told(self, work: Coroutine[Any, Any, None], followed: _Followed) -> None:
        """Does it. After a fault of ours nobody knows what became of the print, and that is told."""
        try:
            await work
        except Exception as error:  # noqa: BLE001  whatever it is
            self._log.line(f"A fault of ours: printing: {where_it_broke(error)}")
            followed.one.end(UNKNOWN, BROKEN, NOTHING)
            await self._ended(followed, *unknown("fault-of-ours"))


def _title(held: Held) -> str:
    """What a print is called in the print service's lists: which forms, nothing of the patient."""
    return " ".join(["clinicpress", *(one.form for one in held.documents)])


def _note(one: Printed, seen: Progress) -> None:
    """Notes how far a print is, and what its printer wants."""
    if seen.job is not None:
        one.sheets = max(one.sheets, seen.job.sheets)
        one.state, one.sentence, one.facts = str(seen.job.state), seen.sentence, NOTHING
    elif seen.end is not None:
        one.end(UNKNOWN, seen.sentence, seen.facts)
    else:
        one.sentence, one.facts = UNHEARD, NOTHING
