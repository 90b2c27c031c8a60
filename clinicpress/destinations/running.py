"""Runs a batch: chunks go to those who have time (this process, several, or a cluster); at the end all is listed."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Protocol

from clinicpress.cache import Cache
from clinicpress.destinations.batch_folder import Outlet, finished_record
from clinicpress.destinations.chunks import INDEX, Chunk, ChunkReport, Maker, chunks
from clinicpress.destinations.packets import Terms
from clinicpress.errors import InputError
from clinicpress.interrupts import stop_if_asked
from clinicpress.json_text import read_json
from clinicpress.library import refused_header, table_header
from clinicpress.visits import Refusal, Visit

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


BATCH = "batch.json"
INDEX_FILE, MANIFEST, REFUSED, PLATES = "index.csv", "manifest.jsonl", "refused.csv", "plates.jsonl"


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of a batch: rows printed and refused, documents, rows that were finished before, and chunks.

    `notes` says of how many rows the desk should know what: English instead of the patient's language.
    """

    printed: int = 0
    refused: int = 0
    documents: int = 0
    resumed: int = 0
    chunks: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)


def run(rows: Iterable[Visit | Refusal], outlet: Outlet, crew: Crew, told: Callable[[int], object]) -> BatchOutcome:
    """Makes the documents of all rows that are not there yet. `told` hears of how many rows each step was.

    Raises `InputError` when documents cannot be written; what is finished stays.
    """
    printed = refused = documents = resumed = number = 0
    notes: Counter[str] = Counter()

    def waiting() -> Iterator[Chunk]:
        nonlocal printed, refused, documents, resumed, number
        for chunk in chunks(rows):
            stop_if_asked()
            number = chunk.number
            record = outlet.record(chunk.number)
            if record is None:
                yield chunk
                continue
            printed += record["printed"]
            refused += len(record["refused"])
            documents += record["documents"]
            notes.update(record.get("notes", {}))
            resumed += len(chunk.rows)
            told(len(chunk.rows))

    with closing(crew.work(waiting())) as made:  # also after Ctrl-C, its workers end here and now
        for one in made:
            printed, refused, documents = printed + one.printed, refused + one.refused, documents + one.documents
            notes.update(one.notes)
            told(one.printed + one.refused)
    return BatchOutcome(printed, refused, documents, resumed, number, dict(sorted(notes.items())))


def make_lists(outlet: Outlet, columns: Iterable[str], outcome: BatchOutcome) -> list[str]:
    """Writes the lists of a finished batch, in the order of the roster; returns where they are.

    `columns` are the roster's headers. A list of refused rows is written when there are some.
    """
    plates: dict[str, dict[str, object]] = {}
    written = [
        outlet.write(INDEX_FILE, _lines(outlet, outcome, "index", table_header(INDEX))),
        outlet.write(MANIFEST, _lines(outlet, outcome, "manifest", plates=plates)),
        outlet.write(PLATES, _plates(plates)),
    ]
    if outcome.refused:
        written.append(outlet.write(REFUSED, _lines(outlet, outcome, "refused", refused_header(tuple(columns)))))
    return written


def _lines(
    outlet: Outlet,
    outcome: BatchOutcome,
    name: str,
    header: str = "",
    plates: dict[str, dict[str, object]] | None = None,
) -> Iterator[bytes]:
    """The lines of one list, from the records of the chunks. What they say of plates goes to `plates`."""
    end = "" if header else "\n"  # lines of a table bring their own
    yield header.encode()
    for number in range(1, outcome.chunks + 1):
        record = finished_record(outlet, number)
        yield "".join(line + end for line in record[name]).encode()
        if plates is not None:
            plates |= {plate: facts for plate, facts in record["plates"].items() if plate not in plates}


def _plates(plates: Mapping[str, dict[str, object]]) -> Iterator[bytes]:
    """What is true of all documents of a plate, a line for each plate: fields, codes, standards."""
    for plate, facts in plates.items():
        yield (json.dumps({"plate": plate, **facts}, ensure_ascii=False) + "\n").encode()


def begin(outlet: Outlet, identity: dict[str, object], *, resume: bool) -> None:
    """Notes in a place which batch it holds.

    Raises `InputError` when it holds another one, or this one and nobody said to go on with it.
    """
    kept = outlet.read(BATCH)
    if kept is None:
        if not outlet.empty():
            raise InputError(f"{outlet.name} is not empty, and holds no batch. Name an empty folder with --out.")
        outlet.write(BATCH, [(json.dumps(identity, indent=1) + "\n").encode()])
        return
    try:
        there = dict(read_json(kept))
    except (ValueError, TypeError) as error:
        raise InputError(f"{BATCH} in {outlet.name} cannot be read. Name an empty folder with --out.") from error
    if not resume:
        raise InputError(
            f"{outlet.name} holds a batch already. Add --resume to finish it, or name another folder with --out."
        )
    if changed := [name for name in {**there, **identity} if there.get(name) != identity.get(name)]:
        listed = ", ".join(sorted(changed))
        raise InputError(f"{outlet.name} holds another batch: {listed} changed since. Name an empty folder with --out.")
