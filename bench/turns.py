"""Several ways to do the same work take turns, and each is compared with ours round by round."""

import os
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Batch:
    """What a way made that makes more than one file at a time: one of them to look at, and the bytes of all."""

    sample: bytes = field(repr=False)
    size: int


Work = Callable[[], "bytes | Batch"]
"""Makes a file, and hands over its bytes; or many."""


def nothing() -> None:
    """There is nothing to clear away."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a job: who does it, the work, and what is wrong with the result, if anything.

    `each` is how many patients a turn does; `clear` takes away what it left, when the clock has stopped. `fair` is
    False for a way that makes no form of its own, so that nothing of it can be judged.
    """

    name: str
    work: Work
    faults: tuple[str, ...] = ()
    each: int = 1
    clear: Callable[[], None] = nothing
    fair: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done, and the ways to do it; the first way is ours. `many`: the figure is patients a second."""

    name: str
    ways: tuple[Way, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a way to do a job: seconds a patient in each round, bytes a patient, and a file to judge."""

    job: str
    way: str
    turns: tuple[float, ...]
    size: float
    sample: bytes = field(repr=False)
    each: int = 1
    many: bool = False
    fair: bool = True
    faults: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """The median of the rounds, for one patient."""
        return statistics.median(self.turns)

    def ratio(self, other: "Row") -> float:
        """Our time as a multiple of the other's: the median of the quotients of each round.

        What else the machine does at that moment slows all ways down.
        """
        return statistics.median(own / its for own, its in zip(self.turns, other.turns, strict=True))


class Turn:
    """A folder for what a turn writes, new each time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.clear()

    def new(self) -> Path:
        """The folder, empty."""
        self._place.mkdir(parents=True, exist_ok=True)
        return self._place

    def clear(self) -> None:
        """Takes the folder away."""
        shutil.rmtree(self._place, ignore_errors=True)

    def batch(self, work: Callable[[Path], None]) -> Work:
        """Work that fills the folder; the first patient's file is what is judged."""

        def done() -> Batch:
            place = self.new()
            work(place)
            files = list(place.rglob("*.pdf"))
            return Batch(min(files).read_bytes(), sum(path.stat().st_size for path in files))

        return done


def only_one_core() -> None:
    """Keeps this process, and all that it starts, on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def take_turns(job: Job, rounds: int, tell: Callable[[str], None] = lambda _: None) -> list[Row]:
    """Does a job in all its ways, in turns (A B C A B C …). The first round warms up and does not count."""
    made = []
    for way in job.ways:
        tell(f"{job.name}: {way.name}")
        done = way.work()
        made.append(done if isinstance(done, Batch) else Batch(done, len(done)))
        way.clear()
    turns = []
    for number in range(1, rounds + 1):
        tell(f"{job.name}: round {number} of {rounds}")
        turns.append([_seconds(way) / way.each for way in job.ways])
    return [
        Row(
            job.name,
            way.name,
            tuple(turn[number] for turn in turns),
            made[number].size / way.each,
            made[number].sample,
            way.each,
            job.many,
            way.fair,
            way.faults,
        )
        for number, way in enumerate(job.ways)
    ]


def _seconds(way: Way) -> float:
    """How long a turn takes by the wall clock."""
    start = time.perf_counter()
    way.work()
    taken = time.perf_counter() - start
    way.clear()
    return taken
