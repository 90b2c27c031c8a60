"""The workers of the front desk: processes that read, render and draw, each with limits, so that none stops the desk.

They get and give plain values and bytes. One that takes too long or too much is ended, another one takes its place, and
whoever asked is told why. The server itself opens no file that a clinic or a visitor brought.
"""

import asyncio
import marshal
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinicpress.errors import PressError
from clinicpress.files import attend
from clinicpress.leftovers import WORKING, sweep_working_folders
from clinicpress.processes import SIZE, framed

ROOT = Path(__file__).parents[2]
PREFIX = f"{WORKING}desk-"
MOST = 512 << 20  # bytes of an answer: a thousand times a packet
MOST_WAITING = 100  # pieces of work that wait for a worker: twenty desks with five pictures each
PAUSE = 1.0  # second before another worker is tried, when the system gave none
TOO_MUCH = "It was stopped: it asked for more than this machine can give."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may take: seconds of processor, seconds by the clock, bytes of memory.

    `wait` is how many seconds it may stand in the queue before whoever asked is told to come back.
    """

    cpu: int = 60
    clock: float = 90.0
    memory: int = 3_000_000_000
    wait: float = 30.0


class WorkError(PressError):
    """A piece of work was ended: it took too long or too much. The message says so to a person."""

    exit_code = 4


class BusyError(PressError):
    """All workers have work, and have had it for too long. Nothing was begun."""

    exit_code = 4


class RefusedError(PressError):
    """A piece of work was refused with a sentence, or with findings (plain values, as in `check --json`).

    `field` names the entry that the sentence is about, if it is about one.
    """

    exit_code = 2

    def __init__(self, sentence: str, problems: list[dict[str, Any]], field: str = "") -> None:
        super().__init__(sentence)
        self.problems, self.field = problems, field


class BrokenError(Exception):
    """A fault of ours in a worker. The message says where in the program, and no value that it had."""


NOT_DONE = (RefusedError, WorkError, BusyError, BrokenError)
"""How a piece of work ends that gave nothing."""


class Workroom:
    """So many workers, and the queue of those who wait for one. Use it as `async with Workroom(...).open()`."""

    def __init__(self, settings: Mapping[str, object], number: int, limits: Limits) -> None:
        """`settings` are what `work.Work` is made of."""
        self._settings, self._number, self.limits = dict(settings), number, limits
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._all: set[_Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        # What the library is made into never has all workers: one is left for what somebody waits for with a patient.
        self._spare = asyncio.Semaphore(max(1, number - 1))
        self._waiting = 0
        self._closed = False
        self._place: Path | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Workroom"]:
        """Begins the workers; ends them, and takes away their folder for passing files."""
        sweep_working_folders(tempfile.gettempdir())
        try:
            for _ in range(self._number):
                await self._begin()
            yield self
        finally:
            self._closed = True  # whoever still waits for a worker that is ended now begins no other one
            for task in self._replacing:
                task.cancel()
            await asyncio.gather(*self._replacing, return_exceptions=True)
            for worker in list(self._all):
                await worker.end()
            if self._place is not None:
                shutil.rmtree(self._place, ignore_errors=True)

    async def do(self, task: str, **given: object) -> Any:
        """What a worker makes of a task: a method of `work.Work`, and what it is given.

        Raises `RefusedError`, `WorkError`, `BusyError`, and `BrokenError`.
        """
        worker: _Worker | None = await self._next()
        assert worker is not None  # noqa: S101  for the types
        try:
            answer = await worker.ask((task, given), self.limits.clock)
        except (EOFError, ConnectionError):
            raise WorkError(await worker.last_words(self.limits)) from None
        except TimeoutError:
            raise WorkError(f"It was stopped: it took more than {self.limits.clock:.0f} seconds.") from None
        else:
            self._idle.put_nowait(worker)
            worker = None
        finally:
            if worker is not None:  # it died, or nobody waits for its answer any more
                self._replace(worker)
        return _opened(answer)

    async def do_in_turn(self, task: str, **given: object) -> Any:
        """The same, for what can wait: it never has the last worker. Raises as `do` does."""
        try:
            async with asyncio.timeout(self.limits.wait):
                await self._spare.acquire()
        except TimeoutError:
            raise BusyError from None
        try:
            return await self.do(task, **given)
        finally:
            self._spare.release()

    async def _next(self) -> "_Worker":
        """A worker that has nothing to do; those who ask first get one first. Raises `BusyError`."""
        if self._waiting >= MOST_WAITING:
            raise BusyError
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait):
                while not (worker := await self._idle.get()).lives:  # it was ended or cleaned away while it was idle
                    self._replace(worker)
        except TimeoutError:
            raise BusyError from None
        finally:
            self._waiting -= 1
        return worker

    def _replace(self, worker: "_Worker") -> None:
        """Ends a worker and begins another one, while nobody waits for that."""
        if self._closed:
            return
        task = asyncio.create_task(self._replaced(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replaced(self, worker: "_Worker") -> None:
        await worker.end()
        self._all.discard(worker)
        while True:
            try:
                return await self._begin()
            except OSError:  # too many processes or files just now
                await asyncio.sleep(PAUSE)

    async def _begin(self) -> None:
        """Begins a worker. It loads what it needs while nobody waits."""
        command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from clinicpress.desk.worker import serve; serve()"
        place = Path(tempfile.mkdtemp(dir=self._place_to_pass_files()))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # libraries may say there what a patient's value is
            start_new_session=True,  # Ctrl-C is for the server, which ends its workers
            env={**os.environ, "TMPDIR": str(place)},
        )
        worker = _Worker(process, place)
        self._all.add(worker)
        await worker.tell((self._settings, os.getpid(), self.limits.cpu, self.limits.memory))
        self._idle.put_nowait(worker)

    def _place_to_pass_files(self) -> Path:
        """The folder in which every worker has one of its own. Whoever tidies the machine is asked to leave it alone.

        Source: tmpfiles.d(5), what is locked does not age. Others may not ask: a folder that is gone is made again.
        """
        if self._place is None or not self._place.is_dir():
            self._place = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            attend(self._place)
        return self._place


class _Worker:
    """One process, the two pipes to it, and its folder for passing files."""

    def __init__(self, process: asyncio.subprocess.Process, place: Path) -> None:
        self._process, self._place = process, place

    @property
    def lives(self) -> bool:
        """Whether it can be asked, as far as the system has told: it is there, and so is its folder."""
        return self._process.returncode is None and self._place.is_dir()

    async def tell(self, thing: Any) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  for the types
        with suppress(ConnectionError):  # it is gone; reading its answer will tell
            pipe.write(framed(thing))
            await pipe.drain()

    async def ask(self, thing: Any, seconds: float) -> tuple[str, Any]:
        """Its answer. Raises `EOFError` when it is gone, and `TimeoutError`."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101  for the types
        async with asyncio.timeout(seconds):
            await self.tell(thing)
            size = int.from_bytes(await pipe.readexactly(SIZE), "big")
            if size > MOST:
                raise EOFError
            answer: tuple[str, Any] = marshal.loads(await pipe.readexactly(size))  # noqa: S302  from ourselves
            return answer

    async def last_words(self, limits: Limits) -> str:
        """Why it died, as far as that can be told."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):  # second
                await self._process.wait()
        if self._process.returncode == -signal.SIGXCPU:
            return f"It was stopped: it took more than {limits.cpu} seconds."
        return TOO_MUCH

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        shutil.rmtree(self._place, ignore_errors=True)


def _opened(answer: tuple[str, Any]) -> Any:
    """What a worker answered, or the error that it told of."""
    kind, said = answer
    if kind == "made":
        return said
    if kind == "refused":
        raise RefusedError(**said)
    if kind == "too much":
        raise WorkError(TOO_MUCH)
    raise BrokenError(said)
