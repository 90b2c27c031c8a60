"""Several ways to do the same work take turns, and each is compared with ours round by round."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Work = Callable[[], bytes]
"""Makes a file, and hands over its bytes."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a job: who does it, the work, and what is wrong with the result, if anything."""

    name: str
    work: Work
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done, and the ways to do it; the first way is ours."""

    name: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a way to do a job: its seconds, these as a multiple of ours, and the file that it made."""

    job: str
    way: Way
    seconds: float
    ratio: float
    made: bytes = field(repr=False)


def take_turns(job: Job, rounds: int) -> list[Row]:
    """Does a job in all its ways, in turns (A B C A B C …). The first round warms up and does not count.

    The ratio is the median of the ratios of each round: what else the machine does at that moment slows all ways down.
    """
    made = [way.work() for way in job.ways]
    turns = [[_seconds(way.work) for way in job.ways] for _ in range(rounds)]
    return [
        Row(
            job.name,
            way,
            statistics.median(turn[number] for turn in turns),
            statistics.median(turn[number] / turn[0] for turn in turns),
            made[number],
        )
        for number, way in enumerate(job.ways)
    ]


def _seconds(work: Work) -> float:
    """How long a piece of work takes by the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
