"""The figures to reach, and how far the run got: each is one way measured against another in the same rounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.clicks import Clicked
from bench.growth import Grown
from bench.names import (
    ANOTHER_FOLDER,
    CLICK,
    COLD,
    FILES,
    FURTHER_LETTER,
    LADDER,
    MERGED,
    MORNING,
    NEVER_RENDERED,
    PROOF,
    PROVED,
    RENDERED_BEFORE,
    WRITTEN,
)
from bench.turns import Row

OURS = "clinicpress"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: at most or at least so many times what the other way takes."""

    says: str
    job: str
    own: str
    other: str
    limit: float
    least: bool = False


GOALS = (
    Goal("rendered before, cold: the time of Typst", COLD, RENDERED_BEFORE, "Typst", 4.0),
    Goal("rendered before, into another folder, cold: the time of Typst", COLD, ANOTHER_FOLDER, "Typst", 4.0),
    Goal("never rendered, cold: the time of WeasyPrint alone", COLD, NEVER_RENDERED, "WeasyPrint alone", 1.3),
    Goal("several layouts tried, cold: the time of WeasyPrint alone", LADDER, NEVER_RENDERED, "WeasyPrint alone", 2.5),
    Goal("the proof: the time of the layout", PROOF, PROVED, "the layout alone", 0.1),
    Goal("patients a second: naive WeasyPrint", FILES, OURS, "WeasyPrint, naive", 300, least=True),
    Goal("patients a second: Typst", FILES, OURS, "Typst", 15, least=True),
    Goal("time a patient: plain writing of our bytes", FILES, OURS, "plain writing", 2.0),
    Goal("batch, from command to lists: plain writing and hashing of its bytes", MORNING, OURS, WRITTEN, 3.5),
    Goal("batch, a letter beyond ASCII in each name: names without", MORNING, FURTHER_LETTER, OURS, 1.25),
)
MOST_MERGED = 7000  # bytes a patient in a print job
MOST_GROWTH = 1.2  # the most patients against the fewest: seconds a patient, bytes a patient, peak memory


MOST_OF_A_CLICK = 10  # times what the disk takes for the PDF


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal and the figure of this run."""

    says: str
    wanted: str
    figure: str
    done: bool


def reached(rows: Sequence[Row], grown: Sequence[Grown]) -> Iterator[Reached]:
    """Every goal of which this run has the rows."""
    for goal in GOALS:
        own = next((row for row in rows if row.job == goal.job and row.way == goal.own), None)
        other = next((row for row in rows if row.job == goal.job and row.way.startswith(goal.other)), None)
        if own is None or other is None:
            continue
        if goal.least:
            times = other.ratio(own)
            yield Reached(goal.says, f"≥ {goal.limit:g} ×", f"{times:,.0f} ×", times >= goal.limit)
        else:
            times = own.ratio(other)
            yield Reached(goal.says, f"≤ {goal.limit:g} ×", f"{times:.2f} ×", times <= goal.limit)
    for row in rows:
        if row.job == MERGED and row.way == OURS:
            wanted = f"≤ {MOST_MERGED:,}"
            yield Reached("bytes a patient in a print job", wanted, f"{row.size:,.0f}", row.size <= MOST_MERGED)
    for what, name in (("files", "a file each"), ("merged", "one print job")):
        found = [one for one in grown if one.what == what]
        if len(found) > 1:
            yield from _growth(name, found[0], found[-1])


def _growth(name: str, few: Grown, most: Grown) -> Iterator[Reached]:
    """How the largest number of patients compares with the smallest."""
    for says, times in (
        ("seconds a patient", (most.seconds / most.patients) / (few.seconds / few.patients)),
        ("bytes a patient", (most.size / most.patients) / (few.size / few.patients)),
        ("peak memory", most.peak / few.peak),
    ):
        numbers = f"{most.patients:,} against {few.patients:,} patients"
        says_all = f"{name}, {says}: {numbers}"
        yield Reached(says_all, f"≤ {MOST_GROWTH:g} ×", f"{times:.2f} ×", times <= MOST_GROWTH)


def in_time(clicks: Sequence[Clicked]) -> Iterator[Reached]:
    """Whether people at the front desk were answered in time."""
    for one in clicks:
        if one.limit:
            who = "1 person" if one.people == 1 else f"{one.people} at once"
            says = f"front desk, 95 of 100 clicks, {who}: {one.what}"
            yield Reached(says, f"≤ {1000 * one.limit:.0f} ms", f"{1000 * one.most:,.0f} ms", one.most <= one.limit)
    half = {one.what: one.half for one in clicks if one.people == 1}
    if CLICK in half and WRITTEN in half:
        times, says = half[CLICK] / half[WRITTEN], f"front desk, 1 person, {CLICK}: plain writing of its bytes"
        yield Reached(says, f"≤ {MOST_OF_A_CLICK:g} ×", f"{times:.2f} ×", times <= MOST_OF_A_CLICK)
