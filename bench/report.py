"""The run as tables that people read: the goals, and every way to do a job with what its file lacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.clicks import Clicked, Measured
from bench.goals import OURS, Reached
from bench.growth import Grown
from bench.turns import Row


@dataclass(frozen=True, slots=True)
class Judged:
    """A row, what veraPDF says of its file, and what that lacks besides."""

    row: Row
    ua1: str = ""
    a3a: str = ""
    lacks: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is ours."""
        return self.row.way.startswith(OURS)


def by_job(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """The rows of each job, in the order of the run."""
    jobs: dict[str, list[Judged]] = {}
    for one in judged:
        jobs.setdefault(one.row.job, []).append(one)
    return jobs


NO_DESK = Measured()
DESK = """From the click to the first byte of the answer, in milliseconds; people who never pause, on the machine of the
desk. "Set again": a desk that keeps nothing, and the clinic's profile saved before each click, so that the library is
read and the form set in pages again. Limits: one server process, a worker a core, the disk for each entry in the
journal (a PDF is sent when it is told there)."""


def report(
    heading: Sequence[str],
    goals: Sequence[Reached],
    judged: Sequence[Judged],
    grown: Sequence[Grown],
    desk: Measured = NO_DESK,
) -> str:
    """The whole page, in Markdown."""
    lines = ["# How fast it is, side by side", "", "Written by `make bench`; not for editing.", ""]
    lines += ["![The figures below as bars](bench.svg)", "", *heading, ""]
    if goals:
        lines += ["## Goals", *_table(("goal", "wanted", "reached", ""), _goals(goals), "lrrl")]
    for job, rows in by_job(judged).items():
        figure = "patients a second" if rows[0].row.many else "seconds"
        size = "bytes a patient" if rows[0].row.many else "bytes"
        head = ("way", figure, "time, clinicpress = 1", size, "PDF/UA-1", "PDF/A-3a", "what it lacks besides")
        lines += [f"## {job[0].upper()}{job[1:]}", *_table(head, _rows(rows), "lrrrlll")]
    if grown:
        head = ("what", "patients", "patients a second", "bytes a patient", "peak memory")
        lines += ["## Growth of clinicpress", *_table(head, _growth(grown), "lrrrr")]
    if desk.clicks:
        head = ("what", "people at once", "half within", "95 of 100 within", "time, set again = 1")
        lines += ["## The front desk", "", DESK, *_table(head, _clicks(desk.clicks), "lrrrr"), _upkeep(desk), ""]
    return "\n".join(lines)


def printed(value: float) -> str:
    """A figure in three digits, without an exponent: 0.0123, 1.23, 12.3, 1,230."""
    if value >= 100:
        return f"{value:,.0f}"
    digits = 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{digits}f}"


def figure(row: Row) -> float:
    """What the job is measured by: patients a second, or seconds."""
    return 1 / row.seconds if row.many else row.seconds


def _goals(goals: Sequence[Reached]) -> Iterator[tuple[str, ...]]:
    for one in goals:
        yield one.says, one.wanted, one.figure, "reached" if one.done else "**not reached**"


def _rows(rows: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    base = rows[0].row
    for one in rows:
        name = f"**{one.row.way}**" if one.own else one.row.way
        times, size = printed(one.row.ratio(base)), f"{one.row.size:,.0f}"
        yield name, printed(figure(one.row)), times, size, one.ua1, one.a3a, "; ".join(one.lacks)


def _growth(grown: Sequence[Grown]) -> Iterator[tuple[str, ...]]:
    names = {"files": "a file each", "merged": "one print job"}
    for one in grown:
        pace, size = printed(one.patients / one.seconds), f"{one.size / one.patients:,.0f}"
        yield names[one.what], f"{one.patients:,}", pace, size, f"{one.peak / 1e6:,.0f} MB"


def _clicks(clicks: Sequence[Clicked]) -> Iterator[tuple[str, ...]]:
    again = next((one.half for one in clicks if one.what.endswith("set again")), 0.0)
    for one in clicks:
        ratio = printed(one.half / again) if again else ""
        yield one.what, f"{one.people}", printed(1000 * one.half), printed(1000 * one.most), ratio


def _upkeep(desk: Measured) -> str:
    return (
        f"The desk answers {printed(desk.opened)} seconds after its start. It and its workers take "
        f"{desk.at_rest / 1e6:,.0f} MB of memory when all was set once, {desk.after / 1e6:,.0f} MB after the clicks."
    )


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]], align: str) -> list[str]:
    marks = ["---:" if side == "r" else "---" for side in align]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return ["", *(f"| {' | '.join(row)} |" for row in (head, marks, *escaped)), ""]
