"""Who makes the chunks of a batch: this process, several on this machine, or a cluster of machines."""

import os
import signal
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Protocol

from clinicpress.batch.chunks import Chunk, ChunkReport, Maker
from clinicpress.batch.outlets import Outlet
from clinicpress.batch.packets import Terms
from clinicpress.cache import Cache
from clinicpress.errors import InputError

DIED = "A worker died; perhaps the machine ran out of memory. What is finished is intact: run it again with --resume."


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

    def work(self, waiting: Iterable[Chunk]) -> Generator[ChunkReport, None, None]:
        """Makes chunks and tells of each when it is done, in any order.

        Raises `InputError` when documents cannot be written, or those who make them are gone.
        """


class Alone:
    """This process makes one chunk after the other."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def work(self, waiting: Iterable[Chunk]) -> Generator[ChunkReport, None, None]:
        """Makes chunks, in their order."""
        maker = self._task.maker()
        for chunk in waiting:
            yield maker.make(chunk, self._task.outlet)


class Workers:
    """Some processes of this machine. They end when this one does, in whatever way it ends.

    Python's own pool hands each worker what it has to know while it starts, and waits for ever when one dies then.
    """

    def __init__(self, task: Task, number: int) -> None:
        self._task, self._number = task, number

    def work(self, waiting: Iterable[Chunk]) -> Generator[ChunkReport, None, None]:
        """Hands out chunks as workers get free."""
        workers: dict[Connection, BaseProcess] = {}
        try:
            for _ in range(self._number):
                workers.update([_begun()])
            for connection in workers:
                connection.send(self._task)
            yield from _handed_out(list(workers), iter(waiting))
        except (EOFError, ConnectionError) as error:
            wait([one.sentinel for one in workers.values()], 1)  # seconds
            if any(one.exitcode == 1 for one in workers.values()):  # a fault of ours; others were killed
                raise RuntimeError("A worker failed; it told why above.") from error
            raise InputError(DIED) from error
        finally:
            for one in workers.values():  # after Ctrl-C they may be in the middle of a chunk
                one.terminate()
            for one in workers.values():
                one.join()
            self._task.outlet.sweep()


def _handed_out(idle: list[Connection], waiting: Iterator[Chunk]) -> Iterator[ChunkReport]:
    busy: list[Connection] = []
    chunk = next(waiting, None)
    while chunk is not None or busy:
        while chunk is not None and idle:
            busy.append(idle.pop())
            busy[-1].send(chunk)
            chunk = next(waiting, None)
        for one in wait(busy):
            assert isinstance(one, Connection)  # noqa: S101  for the types: it may wait for other things too
            answer = one.recv()
            if isinstance(answer, InputError):
                raise answer
            yield answer
            busy.remove(one)
            idle.append(one)


def _begun() -> tuple[Connection, BaseProcess]:
    """A new worker, and the line to it.

    It is begun anew, not forked: a copy of this process would hold its open files. Ctrl-C is held back meanwhile; so
    the worker is deaf to it from its first moment, for it is meant for this process only.
    """
    resource_tracker.ensure_running()  # else Python begins it with the first worker, and lets Ctrl-C through again
    ours, theirs = Pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        worker = get_context("spawn").Process(target=_work, args=(theirs,), daemon=True)
        worker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()  # so that the line breaks when the worker dies
    return ours, worker


def _work(line: Connection) -> None:
    """What a worker does: makes the chunks that it gets, until there are no more."""
    Thread(target=_end_with_parent, daemon=True).start()
    task: Task = line.recv()
    task.outlet.attend()
    maker = task.maker()
    with suppress(EOFError):
        while True:
            chunk = line.recv()
            try:
                line.send(maker.make(chunk, task.outlet))
            except InputError as error:
                line.send(error)


def _end_with_parent() -> None:
    """Ends this process when the one that hands out is gone, killed perhaps, so that nobody writes behind its back."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(0)
