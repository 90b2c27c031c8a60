"""Our side of the jobs of many patients, and these patients; all of them invented.

`python -m bench.packets files 1000 FOLDER` makes packets in a process of its own, and prints what it took as JSON.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count, islice
from pathlib import Path

from bench.orders import shipped
from clinicpress.cache import NO_CACHE
from clinicpress.destinations.batch_folder import Folder
from clinicpress.destinations.chunks import ROWS
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.job import PrintJob
from clinicpress.press.plates import Plates
from clinicpress.visits import Encounter

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


def patients(many: int) -> Iterator[Values]:
    """Invented patients, each with the values of the form; the same ones each time."""
    for number in range(many):
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
        yield {
            "patient.name": name,
            "patient.birth_date": f"Apr {number % 28 + 1}, {1930 + number % 70}",
            "patient.mrn": f"{number:07}",
            "patient.printed_name": name,
            **VALUES,
        }


# --- The seam: how clinicpress makes many packets. What calls it needs no more than these two. ---

AT_ONCE = 2_000  # patients a turn: enough for a second or so
MERGED_AT_ONCE = 2_000


def ours(people: Iterable[Values], folder: Path) -> None:
    """Writes a filled form for each patient into an empty folder, in chunks, as `batch` does."""
    plates, blank = _plates()
    outlet = Folder(folder)
    waiting = enumerate(people)
    for number in count(1):
        chunk = list(islice(waiting, ROWS))
        if not chunk:
            break
        with outlet.chunk(number) as shelf:
            for place, values in chunk:
                filled = plates.fill(replace(blank, encounter=Encounter(values, "bench")))
                shelf.put(f"{place:06}.pdf", *filled.parts)
            shelf.commit(b"{}")


def ours_merged(people: Iterable[Values], path: Path) -> None:
    """Writes the filled forms of all patients into one file, in their order; into a second when the first is full."""
    plates, blank = _plates()
    with ExitStack() as open_until_done:
        job, files = None, count(1)
        for values in people:
            order = replace(blank, rendition=Rendition.PAPER, encounter=Encounter(values, "bench"))
            plate = plates.of(order).plate
            if job is None or not job.has_room(plate):
                open_until_done.close()
                number = next(files)
                file = open_until_done.enter_context(
                    (path if number == 1 else path.with_stem(f"{path.stem}-{number}")).open("wb")
                )
                said = ("Print job", date(2026, 11, 24), blank.clinic.name)
                job = open_until_done.enter_context(PrintJob(file.write, *said))
            job.add(plate, values, (order.fonts[0],))


@cache
def _plates() -> tuple[Plates, Order]:
    """The plates of this process, and the empty fillable form."""
    return Plates(NO_CACHE), replace(shipped("consent"), rendition=Rendition.FILLABLE)


# --- Growth: what one process takes for so many patients ---


def main(what: str, number: int, folder: Path) -> None:
    """Makes packets, after two to warm up, and prints seconds, bytes and peak memory."""
    (folder / "warm").mkdir(parents=True)
    made = folder / "made"
    made.mkdir()
    if what == "files":
        ours(patients(2), folder / "warm")
        start = time.perf_counter()
        ours(patients(number), made)
    else:
        ours_merged(patients(2), folder / "warm" / "print.pdf")
        start = time.perf_counter()
        ours_merged(patients(number), made / "print.pdf")
    taken, most = time.perf_counter() - start, peak()  # before anybody looks at all the files
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    print(json.dumps({"seconds": taken, "bytes": size, "peak": most}))


def peak() -> int:
    """The most memory that this process has held so far, in bytes (Linux).

    Not `getrusage`: that begins with what the process held that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
