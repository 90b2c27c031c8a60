"""What people at the front desk waited for: how long, how many of them at once, and how long is too long."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clicked:
    """What was clicked, by how many people at once, and the seconds that each click took.

    `limit` is how many seconds 95 of 100 clicks may take; 0 when no goal is set.
    """

    what: str
    people: int
    seconds: tuple[float, ...]
    limit: float = 0.0

    @property
    def half(self) -> float:
        """Seconds within which half of the clicks were answered."""
        return statistics.median(self.seconds)

    @property
    def most(self) -> float:
        """Seconds within which 95 of 100 clicks were answered."""
        return within(self.seconds, 0.95)


@dataclass(frozen=True, slots=True)
class Measured:
    """All of a run: the clicks; seconds until the desk answers; bytes of memory of it and its workers."""

    clicks: tuple[Clicked, ...] = ()
    opened: float = 0.0
    at_rest: int = 0
    after: int = 0


def within(seconds: Sequence[float], part: float) -> float:
    """The time within which such a part of the clicks was answered (the nearest rank, never between two clicks)."""
    ranked = sorted(seconds)
    return ranked[max(0, -int(-part * len(ranked) // 1) - 1)]


def memory_of(process: int) -> int:
    """Bytes that a process and its children take; what they share counts once. 0 where the system does not tell."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    own = sum(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("Pss:"))
    return own + sum(memory_of(int(child)) for child in children)
