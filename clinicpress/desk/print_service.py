"""The print service as the pages ask it, and the journal of the desk, each beside the pages so that nobody waits long.

A write waits for the disk more than once. What twenty people did in the same moment is written at once, not in turn.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from types import MappingProxyType
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from clinicpress.desk.log import Log, where_it_broke
from clinicpress.printers import Printer, PrintingError, PrintServer, sentences
from clinicpress.record import Deed, Journal

Answer = TypeVar("Answer")
Facts = Mapping[str, str]

FRESH = 5.0  # seconds that the list of printers is believed
STALE = 20.0  # seconds that it is still shown when the print service takes its time with another one
PATIENCE = 1.0  # seconds that a page waits for it
AT_ONCE = 8  # questions to the print service

NOTHING: Facts = MappingProxyType({})
SILENT = (
    "The print service does not answer just now. Load this page again in a moment, or open the PDF and print it from "
    "there."
)
BROKEN = (
    "Something in the program broke; this is our fault, not yours. Look whether sheets come out, or open the PDF and "
    "print it from there."
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The printers as last heard of; where there are none, `sentence` says why (in English), with its `facts`."""

    printers: tuple[Printer, ...] = ()
    sentence: str = ""
    facts: Facts = field(default_factory=dict)


class PrintService:
    """Asks the print service in threads, a few at once, and remembers which printers there are."""

    def __init__(self, server: PrintServer, log: Log) -> None:
        self._server, self._log = server, log
        self._known, self._heard_at, self._asked_at = Listed((), SILENT), float("-inf"), 0.0
        self._asking: asyncio.Task[None] | None = None
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def listed(self) -> Listed:
        """The printers, as heard within the last seconds. It never waits long: a service that hangs is told instead."""
        now = time.monotonic()
        if self._asking is None and now - self._heard_at > FRESH:
            self._asking, self._asked_at = asyncio.create_task(self._list()), now
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=max(0.0, self._asked_at + PATIENCE - now))
        if self._asking is not None and time.monotonic() - self._heard_at > STALE:
            return Listed((), SILENT)
        return self._known

    async def ask(self, call: Callable[[], Answer]) -> Answer:
        """What the print service answers. Raises what the call raises."""
        async with self._turn:
            return await aside(call)

    async def _list(self) -> None:
        try:
            printers = await self.ask(self._server.printers)
            self._known = Listed(printers) if printers else Listed((), sentences.NO_PRINTERS)
        except PrintingError as error:
            self._known = Listed((), error.sentence, error.facts)
        except Exception as error:  # noqa: BLE001  a fault of ours: the pages go on without printers
            self._log.line(f"A fault of ours: printers: {where_it_broke(error)}")
            self._known = Listed((), BROKEN)
        finally:
            self._asking, self._heard_at = None, time.monotonic()


async def aside(call: Callable[[], Answer]) -> Answer:
    """What a call gives that may take long. It runs in a thread for which nobody has to wait when the desk ends."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def tell(put: Callable[[Any], None], value: object) -> None:
        if not future.done():  # else nobody waits any more
            put(value)

    def work() -> None:
        put: Callable[[Any], None] = future.set_result
        value: object
        try:
            value = call()
        except Exception as error:  # noqa: BLE001  whoever asked gets it
            put, value = future.set_exception, error
        with suppress(RuntimeError):  # the desk has ended
            loop.call_soon_threadsafe(tell, put, value)

    Thread(target=work, daemon=True).start()
    return await future


class JournalWriter:
    """Writes deeds in the order in which they came. Those that come while one writes are written next, together."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[tuple[Deed, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, deed: Deed) -> None:
        """Writes what somebody did. It is on the disk when this returns. Raises as `Journal.add` does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await run_in_threadpool(self._journal.add_all, [deed for deed, _ in batch])
            except ValueError as error:  # a bug of ours in one deed must not keep the others out of the journal
                await self._one_by_one(batch, error)
            except Exception as error:  # noqa: BLE001  each of them must be told
                _tell(batch, error)
            else:
                _tell(batch, None)
        self._writing = None

    async def _one_by_one(self, batch: list[tuple[Deed, "asyncio.Future[None]"]], error: ValueError) -> None:
        if len(batch) == 1:
            _tell(batch, error)
            return
        for one in batch:
            try:
                await run_in_threadpool(self._journal.add_all, [one[0]])
            except Exception as its_own:  # noqa: BLE001
                _tell([one], its_own)
            else:
                _tell([one], None)


def _tell(batch: list[tuple[Deed, "asyncio.Future[None]"]], error: Exception | None) -> None:
    """Lets those go on who wait, unless they have gone."""
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
