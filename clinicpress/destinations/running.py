"""Runs a batch: chunks go to those who have time (this process, several, or a cluster); at the end all is listed."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Protocol

from clinicpress.destinations.batch_folder import BATCH, Outlet, finished_record
from clinicpress.destinations.chunks import INDEX, Chunk, ChunkReport, Task, chunks
from clinicpress.errors import InputError
from clinicpress.interrupts import stop_if_asked
from clinicpress.json_text import read_json
from clinicpress.library import refused_header, table_header
from clinicpress.visits import Refusal, Visit

DIED = "A worker died; perhaps the machine ran out of memory. What is finished is intact: run it again with --resume."


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
        answers = []
        for one in wait(busy):
            assert isinstance(one, Connection)  # noqa: S101  for the types: it may wait for other things too
            answers.append(one.recv())
            busy.remove(one)
            idle.append(one)
        for answer in answers:
            if isinstance(answer, InputError):
                raise answer
            if chunk is not None and idle:  # whoever is free works while the answer is looked at
                busy.append(idle.pop())
                busy[-1].send(chunk)
                chunk = next(waiting, None)
            yield answer


def _begun() -> tuple[Connection, BaseProcess]:
    """A new worker, and the line to it.

    It is begun again, not forked: a copy of this process would hold its open files. Ctrl-C is held back meanwhile; so
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


def run(
    rows: Iterable[Visit | Refusal],
    outlet: Outlet,
    crew: Crew,
    told: Callable[[int], object],
    merge: Callable[[Chunk, Collection[int]], object] | None = None,
) -> BatchOutcome:
    """Makes the documents of all rows that are not there yet. `told` hears of how many rows each step was.

    `merge` is given each finished chunk, in their order, with the numbers of the rows that were refused. Raises
    `InputError` when documents cannot be written; what is finished stays.
    """
    printed = refused = documents = resumed = number = 0
    notes: Counter[str] = Counter()
    in_order = InOrder(merge) if merge is not None else None

    def waiting() -> Iterator[Chunk]:
        nonlocal printed, refused, documents, resumed, number
        for chunk in chunks(rows):
            stop_if_asked()
            number = chunk.number
            if in_order is not None:
                in_order.begun(chunk)
            record = outlet.record(chunk.number)
            if record is None:
                yield chunk
                continue
            printed += record["printed"]
            refused += len(record["refused"])
            documents += record["documents"]
            notes.update(record.get("notes", {}))
            resumed += len(chunk.rows)
            if in_order is not None:
                in_order.finished(chunk.number, record["refused_rows"])
            told(len(chunk.rows))

    with closing(crew.work(waiting())) as made:  # also after Ctrl-C, its workers end here and now
        for one in made:
            printed, documents, refused = printed + one.printed, documents + one.documents, refused + len(one.refused)
            notes.update(one.notes)
            if in_order is not None:
                in_order.finished(one.number, one.refused)
            told(one.printed + len(one.refused))
    return BatchOutcome(printed, refused, documents, resumed, number, dict(sorted(notes.items())))


class InOrder:
    """Chunks that are at hand until all before them are finished: workers finish them in any order."""

    def __init__(self, merge: Callable[[Chunk, Collection[int]], object]) -> None:
        self._merge, self._next = merge, 1
        self._begun: dict[int, Chunk] = {}
        self._finished: dict[int, Collection[int]] = {}

    def begun(self, chunk: Chunk) -> None:
        """Keeps a chunk at hand."""
        self._begun[chunk.number] = chunk

    def finished(self, number: int, refused: Collection[int]) -> None:
        """Hands on what may follow now."""
        self._finished[number] = frozenset(refused)
        while self._next in self._finished:
            self._merge(self._begun.pop(self._next), self._finished.pop(self._next))
            self._next += 1


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
