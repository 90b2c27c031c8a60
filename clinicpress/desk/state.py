"""The state of the front desk: everything that its pages work with, in one place; and a look that several share."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from clinicpress import files, fingerprint
from clinicpress.desk.log import Log
from clinicpress.desk.packets import Packets
from clinicpress.desk.print_service import JournalWriter
from clinicpress.desk.prints import Printing
from clinicpress.desk.sessions import KnownBrowsers, Sessions, Tries
from clinicpress.desk.today import Today
from clinicpress.desk.workers import BrokenError, Limits, WorkError, Workroom
from clinicpress.errors import PressError
from clinicpress.printers import PrintServer
from clinicpress.record import Database, Deed, Did, Journal
from clinicpress.record.people import People, Person

LOOPBACK = "127.0.0.1"
IDLE = 15 * 60
"""Seconds until somebody who does nothing is signed out. Source: usual practice for shared workstations (HIPAA
164.312(a)(2)(iii) asks for automatic logoff and leaves the time to the clinic)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the content and the state lie, on which address the desk answers, and how patient it is.

    `names` are further host names by which browsers may call it. `today` is the day it is taken to be; None: the
    clock's. `tls` are certificate and key. `account` is the system's account that began the desk.
    """

    handouts: Path
    clinic: Path
    state: Path
    key: bytes = field(repr=False)
    account: str
    cache: tuple[str, bytes] | None = field(default=None, repr=False)
    today: date | None = None
    host: str = LOOPBACK
    port: int = 8765
    names: tuple[str, ...] = ()
    tls: tuple[Path, Path] | None = None
    idle: float = IDLE
    round: float = 15.0  # seconds between two looks after what lies on the counter, and at the library
    printers: str = ""
    workers: int = 2
    limits: Limits = field(default_factory=Limits)

    @property
    def scheme(self) -> str:
        """How browsers call the desk."""
        return "https" if self.tls else "http"

    @property
    def hosts(self) -> frozenset[str]:
        """What may stand in the Host header of a request: exactly these, with the port."""
        own = {self.host, *self.names} | ({"127.0.0.1", "localhost"} if self.host == LOOPBACK else set())
        usual = {"http": 80, "https": 443}[self.scheme]
        return frozenset({f"{_bracketed(name)}:{self.port}" for name in own}) | (
            frozenset(map(_bracketed, own)) if self.port == usual else frozenset()
        )

    @property
    def address(self) -> str:
        """Where the desk is found: scheme, host and port."""
        name = self.names[0] if self.names else self.host
        return f"{self.scheme}://{_bracketed(name)}:{self.port}"


def _bracketed(name: str) -> str:
    """A host as addresses write it: one of IPv6 in brackets."""
    return f"[{name.lower()}]" if ":" in name else name.lower()


MOST_RENDERED = 128 << 20  # bytes of blank documents and small pictures at hand
MOST_STOPPED = 2  # times that a thing is tried which was stopped for taking too much; once may be bad luck
STOPPED_FOR = 10 * 60.0  # seconds until it is tried again all the same


class Desk:
    """What the pages share: workers, sessions, the packets on the counter, the day's roster, people, the journal."""

    def __init__(self, settings: Settings, workroom: Workroom, log: Log) -> None:
        self.settings, self.workroom, self.log = settings, workroom, log
        self.clock: Callable[[], float] = time.monotonic
        self.sessions, self.tries = Sessions(settings.idle), Tries()
        self.packets = Packets()
        self.record = Database(settings.state, settings.key)
        self.browsers, self.journal = KnownBrowsers(self.record), Journal(self.record)
        self.people = People(self.record)
        self._writer = JournalWriter(self.journal)
        self.printing = Printing(PrintServer(settings.printers, settings.account), self.recorded, log)
        self.today: Today | None = None
        self.changing_list = asyncio.Lock()  # two who send a list in at once do so one after the other
        self.clinic: dict[str, Any] | None = None  # as last read: its name and phone stand on every page
        self._shelf_now = Glance(self._state_of_shelf)
        self._made: OrderedDict[tuple[str, ...], asyncio.Task[Any]] = OrderedDict()
        self._stopped: dict[tuple[str, ...], tuple[int, float]] = {}  # how often, and when last
        self.one_at_a_time = asyncio.Lock()
        self.new_link: Callable[[], None] = lambda: None  # told when the one-time link was used, and is another now

    def day(self) -> date:
        """The day it is, or is taken to be."""
        return self.settings.today or datetime.now().astimezone().date()

    def list_of_today(self) -> Today | None:
        """The day's list, if there is one. At midnight it is gone."""
        if self.today is not None and self.today.day != self.day():
            self.today = None
        return self.today

    def now(self) -> datetime:
        """The time of an entry in the journal."""
        return datetime.now().astimezone()

    async def begin(self) -> None:
        """Opens the record. What a crash left there, or beside the texts, is swept. Raises `InputError`."""
        files.sweep(self.settings.state)
        files.sweep(self.settings.handouts)
        self.browsers.begin()
        await self.recorded("started")
        self.printing.resume(self.journal.unfinished_prints())

    async def recorded(self, did: str, person: Person | None = None, **facts: Any) -> None:
        """Writes into the journal who did what, while others are answered. It is on the disk when this returns.

        What many did in one moment goes to the disk at once. Raises `InputError`.
        """
        who = person.id if person else self.settings.account
        await self._writer.write(Deed(who, Did(did), self.now(), facts))

    async def recognise(self, name: str, passphrase: str) -> tuple[Person | None, int]:
        """Who has this name and passphrase, if anybody has both; and the seconds to wait when it was not looked at.

        Wrong ones make the next one wait. Checking takes memory and time on purpose; many tries at once stand in a row.
        """
        async with self.one_at_a_time:
            if seconds := math.ceil(self.tries.wait(name, self.clock())):
                return None, seconds
            person = await asyncio.to_thread(self.people.check, name, passphrase)
            if person is None:
                self.tries.wrong(name, self.clock())
            else:
                self.tries.right(name)
            return person, 0

    async def look_after(self) -> None:
        """Goes on for ever: lets go of what has lain here for too long, and makes ready what the library holds now."""
        warm_for, warming = "", asyncio.create_task(asyncio.sleep(0))
        try:
            while True:
                self.packets.tidy(self.clock())
                self.sessions.tidy(self.clock())
                self.list_of_today()
                state = await self.state_of_shelf()
                if state != warm_for and warming.done():  # another day, or a text was changed or approved
                    warm_for, warming = state, asyncio.create_task(self.warm())
                await asyncio.sleep(self.settings.round)
        finally:
            warming.cancel()

    async def warm(self) -> None:
        """Makes what the first visitor will ask for, while nobody waits."""
        shelf: dict[str, Any] = {"documents": []}
        with suppress(PressError, BrokenError):
            shelf = await self.shelf()
        for one in shelf["documents"]:
            if one["printable"]:
                with suppress(PressError, BrokenError):  # whoever asks for it is told
                    await self.blank(one["topic"], one["kind"], one["language"])

    async def blank(self, topic: str, kind: str, language: str, profile: str = "standard", paper: str = "") -> Any:
        """A document that nobody has filled, as `work.Work.packet` gives it; made once. Raises as `shelf` does."""
        return await self.made_once(
            *("blank", topic, kind, language, profile, paper),
            make=lambda: self.workroom.do_in_turn(
                "packet",
                today=self.day().isoformat(),
                wanted=[(topic, kind)],
                procedure="",
                facts={},
                language=language,
                profile=profile,
                paper=paper,
            ),
        )

    async def shelf(self) -> dict[str, Any]:
        """What the library holds now (`shelf.facts_of_stock`); asked again when a file of it has changed.

        Raises `RefusedError` when it cannot be read at all, and `WorkError`.
        """
        shelf: dict[str, Any] = await self.made_once(
            "shelf", make=lambda: self.workroom.do("shelf", today=self.day().isoformat())
        )
        self.clinic = shelf["clinic"]
        return shelf

    async def text(self, topic: str, kind: str, language: str) -> dict[str, Any] | None:
        """What the library says of one text; None when it has no such one. Raises as `shelf` does."""
        wanted = f"{topic}/{kind}/{language}"
        return next((one for one in (await self.shelf())["documents"] if one["key"] == wanted), None)

    async def state_of_shelf(self) -> str:
        """What tells whether the library has changed since it was told before."""
        return await self._shelf_now.seen()

    def _state_of_shelf(self) -> str:
        """What tells whether the library has changed."""
        return f"{self.day()} {fingerprint.signature(self.settings.handouts, self.settings.clinic)}"

    async def made_once(self, *what: str, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What was made before from this very library, else what `make` gives. Never for anything of a patient.

        Those who ask for the same thing while it is made get it together. What was stopped again and again is not tried
        for a while, for it keeps a worker from others. Raises what `make` raises.
        """
        key = (await self.state_of_shelf(), *what)
        times, last = self._stopped.get(key, (0, 0.0))
        if times >= MOST_STOPPED and self.clock() < last + STOPPED_FOR:
            raise WorkError("It was stopped before, and nothing of the library has changed since.")
        new = key not in self._made
        if new:
            self._made[key] = asyncio.create_task(make())
        self._made.move_to_end(key)
        try:
            made = await asyncio.shield(self._made[key])
        except Exception as error:
            if self._made.pop(key, None) and isinstance(error, WorkError):
                self._stopped[key] = (times + 1, self.clock())
            raise  # whoever asks again may have more luck
        if new:
            self._tidy()
        return made

    def _tidy(self) -> None:
        """Lets go of what was not asked for in a long time, when there is too much."""
        sizes = {key: _size(task.result()) for key, task in self._made.items() if _succeeded(task)}
        left = sum(sizes.values())
        for key, size in sizes.items():
            if left <= MOST_RENDERED:
                break
            left -= size
            del self._made[key]


def _size(thing: Any) -> int:
    """About how many bytes something takes."""
    if isinstance(thing, bytes):
        return len(thing)
    if isinstance(thing, dict):
        return sum(map(_size, thing.values()))
    return sum(map(_size, thing)) if isinstance(thing, list) else 1


def _succeeded(task: "asyncio.Task[Any]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


class Glance:
    """A look that many ask for. Nobody is told what was seen before they asked: who comes late shares the next look."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._now: asyncio.Task[str] | None = None
        self._next: asyncio.Task[str] | None = None

    async def seen(self) -> str:
        """What is seen by a look that began after this call. Raises what the look raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._take(self._now))
        return await asyncio.shield(self._next)

    async def _take(self, before: "asyncio.Task[str] | None") -> str:
        if before is not None:
            await asyncio.wait({before})
        self._now, self._next = self._next, None
        return await run_in_threadpool(self._look)
