"""Our side of the jobs of many patients, and these patients; all of them invented.

`python -m bench.packets files 1000 FOLDER` makes packets in a process of its own, and prints what it took as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf

from bench.orders import shipped
from clinicpress.encounters import Encounter
from clinicpress.orders import Order, Rendition
from clinicpress.press import Layout, complete, lay_out

Values = Mapping[str, str]

# All letters are of Windows-1252: the others write no further ones with the font that they have.
FIRST = ("Zoë", "Ada", "Björn", "Chloé", "Dara", "Émile", "Fatima", "Guðrún", "Hana", "Iñaki")
LAST = ("Example", "Sample", "Muster", "Ejemplo", "Exemple", "Esempio", "Invented")
VALUES: Values = {
    "encounter.reason": "My knee hurts on the stairs, and pills upset my stomach. I want to garden again.",
    "patient.needs": "Large print, please",
    "encounter.side": "Left",
    "encounter.site": "Knee",
    "discussion.first_given": "Nov 20, 2026",
    "clinician.name": "Ada Example, ND",
    "discussion.by": "Ada Example, ND",
    "patient.own_risks": "A scar on the knee",
    "procedure.refused": "No shot next to the nerve",
    "clinician.printed_name": "Ada Example",
}


def patients(count: int) -> Iterator[Values]:
    """Invented patients, each with the values of the form; the same ones each time."""
    for number in range(count):
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
        yield {
            "patient.name": name,
            "patient.birth_date": f"Apr {number % 28 + 1}, {1930 + number % 70}",
            "patient.mrn": f"{number:07}",
            "patient.printed_name": name,
            **VALUES,
        }


# --- The seam: how clinicpress makes many packets. What calls it needs no more than these two. ---

AT_ONCE = 20  # patients a turn: enough for a second or so
MERGED_AT_ONCE = 20


def ours(people: Sequence[Values], folder: Path) -> None:
    """Writes a filled form for each patient into an empty folder: one rendering, and each filled from it."""
    layout, blank = _laid_out()
    for number, values in enumerate(people):
        order = replace(blank, rendition=Rendition.FILLABLE, encounter=Encounter(values, "bench"))
        (folder / f"{number:06}.pdf").write_bytes(complete(layout, order).pdf)


def ours_merged(people: Sequence[Values], path: Path) -> None:
    """Writes the filled forms of all patients into one file, in their order."""
    layout, blank = _laid_out()
    with pikepdf.new() as together:
        for values in people:
            order = replace(blank, rendition=Rendition.PAPER, encounter=Encounter(values, "bench"))
            with pikepdf.open(BytesIO(complete(layout, order).pdf)) as one:
                together.pages.extend(one.pages)
        together.save(path)


@cache
def _laid_out() -> tuple[Layout, Order]:
    order = shipped("consent")
    return lay_out(order), order


# --- Growth: what one process takes for so many patients ---


def main(what: str, count: int, folder: Path) -> None:
    """Makes packets, after two to warm up, and prints seconds, bytes and peak memory."""
    (folder / "warm").mkdir(parents=True)
    made = folder / "made"
    made.mkdir()
    if what == "files":
        ours(list(patients(2)), folder / "warm")
        start = time.perf_counter()
        ours(list(patients(count)), made)
    else:
        ours_merged(list(patients(2)), folder / "warm" / "print.pdf")
        start = time.perf_counter()
        ours_merged(list(patients(count)), made / "print.pdf")
    taken = time.perf_counter() - start
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    print(json.dumps({"seconds": taken, "bytes": size, "peak": peak()}))


def peak() -> int:
    """The most memory that this process has held so far, in bytes (Linux).

    Not `getrusage`: that begins with what the process held that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
