"""Several machines make the chunks of a batch together: a Dask cluster, reached by the address of its scheduler.

Every machine has this very program, and reaches the place where documents go under the same name. Dask gives the chunks
of a worker that is lost to another one; nothing comes of it twice, for a chunk is always the same and is there whole or
not at all. What Dask logs and shows has no fact about a patient: names of tasks are numbers, and workers raise nothing.
"""

import asyncio
import logging
import os
import pickle
import sys
import time
import traceback
import zlib
from collections.abc import Generator, Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from distributed import Client, Future, KilledWorker, get_worker, wait
from distributed.diagnostics.plugin import WorkerPlugin

from clinicpress import __version__
from clinicpress.cache import address
from clinicpress.destinations.batch_folder import BATCH, Outlet
from clinicpress.destinations.chunks import Chunk, ChunkReport, Maker, Task
from clinicpress.errors import InputError
from clinicpress.fingerprint import program as plate_program
from clinicpress.pdf.render import libraries

AHEAD = 3  # chunks for each worker, at work or waiting: enough that none is idle, few enough for memory
REACHED = 10  # seconds in which a scheduler has to answer
PATIENCE = 30  # seconds without any worker after which nobody waits on
# What Dask raises when the line to the scheduler is cut, at different moments.
LOST = (OSError, TimeoutError, asyncio.CancelledError, futures.CancelledError, RuntimeError, ValueError)
RESUME = "What is finished is intact: run it again with --resume."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a worker did not make a chunk. `fault` is a trace of a fault of ours, without what was in its hands."""

    sentence: str
    fault: str = ""


class Cluster:
    """The workers of a Dask cluster. Raises `InputError` when its scheduler cannot be reached."""

    def __init__(self, task: Task, address: str) -> None:
        self._task, self._address = task, address

    def work(self, waiting: Iterable[Chunk]) -> Generator[ChunkReport, None, None]:
        """Hands out chunks as workers get free."""
        with _silent_dask(), self._client() as client:
            name = f"clinicpress-{client.id}"
            try:
                with self._told():
                    client.register_plugin(
                        Enlisted(pickle.dumps(self._task), program(), _mark(self._task.outlet)), name
                    )
                yield from self._handed_out(client, iter(waiting), name)
            finally:
                with suppress(Exception):  # the cluster may be gone
                    client.unregister_worker_plugin(name)

    def _handed_out(self, client: Client, waiting: Iterator[Chunk], name: str) -> Iterator[ChunkReport]:
        under_way: set[Future] = set()
        end = time.monotonic() + PATIENCE
        while True:
            with self._told():
                workers = len(client.scheduler_info(n_workers=-1)["workers"])
            while len(under_way) < max(workers, 1) * AHEAD and (chunk := next(waiting, None)) is not None:
                with self._told():
                    under_way.add(client.submit(_make, chunk, name, key=f"{name}-{chunk.number}", pure=False))
            if not under_way:
                return
            with self._told():
                try:
                    done, under_way = wait(under_way, timeout=1, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    done = set()
            if done or workers:
                end = time.monotonic() + PATIENCE
            elif time.monotonic() > end:
                raise InputError(f"No worker is left at {self._address}. {RESUME}")
            for one in done:
                yield self._answer(one)

    def _answer(self, future: Future) -> ChunkReport:
        with self._told():
            answer: ChunkReport | Trouble = future.result()
        if isinstance(answer, ChunkReport):
            return answer
        if answer.fault:
            raise RuntimeError(f"A worker of the cluster failed:\n{answer.fault}")
        raise InputError(answer.sentence)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with self._told("cannot be reached"):
            client = Client(self._address, timeout=REACHED, name="clinicpress")
        try:
            yield client
        finally:
            with suppress(Exception):
                client.close(timeout=1)  # second; a scheduler that is gone does not say goodbye

    @contextmanager
    def _told(self, what: str = "is gone") -> Iterator[None]:
        """Turns what goes wrong between machines into a sentence."""
        try:
            yield
        except InputError:
            raise
        except KilledWorker:
            message = f"Several workers died over the same chunk; perhaps a machine ran out of memory. {RESUME}"
            raise InputError(message) from None
        except ImportError as error:
            raise InputError(f"A worker of the cluster lacks {error.name}: install there what is here.") from None
        except LOST as error:
            raise InputError(f"The cluster at {self._address} {what} ({type(error).__name__}). {RESUME}") from None


@dataclass
class Enlisted(WorkerPlugin):  # type: ignore[misc]
    """What makes a process of the cluster a worker of a batch; Dask hands it to those too that come later."""

    task: bytes = field(repr=False)
    program: str
    batch: str
    _made: tuple[Maker, Outlet] | None = field(default=None, repr=False)
    _lock: Any = field(default=None, repr=False)

    def setup(self, worker: object) -> None:  # noqa: ARG002  Dask hands it over
        """Called once in each process. It must not take long."""
        self._lock = Lock()

    def make(self, chunk: Chunk) -> ChunkReport | Trouble:
        """Makes a chunk; one at a time, however many threads the worker has."""
        with self._lock:
            if self.program != program():
                where = get_worker().address
                return Trouble(f"The worker {where} has another clinicpress than this machine: install the same there.")
            maker, outlet = self._made = self._made or self._begun()
            return maker.make(chunk, outlet)

    def _begun(self) -> tuple[Maker, Outlet]:
        os.umask(0o077)  # what the press writes is nobody else's to read
        task: Task = pickle.loads(self.task)  # noqa: S301  from the one who hands out, through Dask, which runs anything
        task.outlet.writer = get_worker().id
        if _mark(task.outlet) != self.batch:
            where = f"The worker {get_worker().address} does not see this batch in {task.outlet.name}."
            raise InputError(f"{where} Name a place that all machines share.")
        return task.maker(), task.outlet


def _make(chunk: Chunk, name: str) -> ChunkReport | Trouble:
    """What a worker does. It raises nothing, for Dask would log that, and an exception may show what it was about."""
    try:
        plugin: Enlisted = get_worker().plugins[name]
        return plugin.make(chunk)
    except InputError as error:
        return Trouble(str(error))
    except Exception as error:  # noqa: BLE001  as above
        return Trouble("", "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)


@lru_cache(maxsize=1)
def program() -> str:
    """What decides the bytes of a document on a machine, as a digest: our sources, packages, Python, libraries."""
    names = (path.name for path in libraries())
    return address(__version__, plate_program(), sys.version, zlib.ZLIB_RUNTIME_VERSION, *names)


def _mark(outlet: Outlet) -> str:
    """Tells apart the places that machines see."""
    return blake2b(outlet.read(BATCH) or b"", digest_size=16).hexdigest()


@contextmanager
def _silent_dask() -> Iterator[None]:
    """Keeps what Dask and its network log off the terminal: what matters is said in sentences."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    before = [(one.handlers, one.propagate) for one in loggers]
    for one in loggers:
        one.handlers, one.propagate = [logging.NullHandler()], False
    try:
        yield
    finally:
        for one, (handlers, propagate) in zip(loggers, before, strict=True):
            one.handlers, one.propagate = handlers, propagate
