"""Who makes the chunks of a batch: this process, several on this machine, or a cluster of machines."""

import copyreg
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from types import MappingProxyType
from typing import Protocol

from clinicpress.batch.chunks import Chunk, Maker, Told
from clinicpress.batch.outlets import Outlet
from clinicpress.batch.packets import Terms
from clinicpress.cache import Cache
from clinicpress.errors import InputError

AHEAD = 3  # chunks for each worker, at work or waiting: enough that none is idle, few enough for memory
DIED = "A worker died; perhaps the machine ran out of memory. What is finished is intact: run it again with --resume."

# What a read-only table is made of when it is sent to another process.
copyreg.pickle(MappingProxyType, lambda table: (MappingProxyType, (dict(table),)))


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a batch has to know. `key` makes the names of documents (`chunks.Maker`)."""

    terms: Terms
    roster: str
    key: bytes
    cache: Cache
    outlet: Outlet

    def maker(self) -> Maker:
        """One who makes chunks."""
        return Maker(self.terms, self.roster, self.key, self.cache)


class Crew(Protocol):
    """Those who make chunks."""

    def work(self, waiting: Iterable[Chunk]) -> Iterator[Told]:
        """Makes chunks and tells of each when it is done, in any order.

        Raises `InputError` when documents cannot be written, or those who make them are gone.
        """


class Alone:
    """This process makes one chunk after the other."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def work(self, waiting: Iterable[Chunk]) -> Iterator[Told]:
        """Makes chunks, in their order."""
        maker = self._task.maker()
        for chunk in waiting:
            yield maker.make(chunk, self._task.outlet)


class Workers:
    """Some processes of this machine."""

    def __init__(self, task: Task, number: int) -> None:
        self._task, self._number = task, number

    def work(self, waiting: Iterable[Chunk]) -> Iterator[Told]:
        """Hands out chunks as workers get free."""
        # Begun anew, not forked: a copy of this process would hold its open files and its threads' locks.
        pool = ProcessPoolExecutor(self._number, get_context("spawn"), _enlist, (self._task,))
        try:
            yield from _handed_out(pool, iter(waiting), self._number * AHEAD)
        except BrokenProcessPool as error:
            raise InputError(DIED) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _handed_out(pool: ProcessPoolExecutor, waiting: Iterator[Chunk], most: int) -> Iterator[Told]:
    under_way: set[Future[Told]] = set()
    while True:
        while len(under_way) < most and (chunk := next(waiting, None)) is not None:
            under_way.add(pool.submit(_make, chunk))
        if not under_way:
            return
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for one in done:
            yield one.result()


_enlisted: list[tuple[Maker, Outlet]] = []
"""In a worker: the maker of this batch, and where its documents go."""


def _enlist(task: Task) -> None:
    """Makes this process a worker of a batch. Ctrl-C is for the one that hands out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _enlisted[:] = [(task.maker(), task.outlet)]


def _make(chunk: Chunk) -> Told:
    maker, outlet = _enlisted[0]
    return maker.make(chunk, outlet)
