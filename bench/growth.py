"""How time, size and memory grow with the number of patients, each number in a process of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.orders import ROOT

LONGEST = 150.0  # seconds: a number that would take longer is left out, so that the run ends


@dataclass(frozen=True, slots=True)
class Grown:
    """What it took to make packets for so many patients: seconds, bytes written, peak memory in bytes."""

    what: str
    patients: int
    seconds: float
    size: int
    peak: int


def grow(
    numbers: Sequence[int], folder: Path, tell: Callable[[str], None], longest: float = LONGEST
) -> Iterator[Grown]:
    """Makes a file for each patient, then one for all, for each number of patients, the smallest first."""
    for what in ("files", "merged"):
        pace = 0.0
        for count in numbers:
            if pace * count > longest:
                tell(f"growth, {what}, {count:,} patients: left out, it would take about {pace * count:.0f} s")
                continue
            tell(f"growth, {what}: {count:,} patients")
            grown = _grown(what, count, folder)
            pace = grown.seconds / count
            yield grown


def _grown(what: str, count: int, folder: Path) -> Grown:
    place = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "bench.packets", what, str(count), str(place)]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
    shutil.rmtree(place)
    return Grown(what, count, answer["seconds"], answer["bytes"], answer["peak"])
