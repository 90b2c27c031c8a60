"""What a person runs, from the command line to files on the disk: a morning's list, and the form of one patient.

Beside each stands plain writing of the very same bytes, forced to the disk as ours are. All people are invented.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from bench.names import FURTHER_LETTER, MORNING, ONE_PATIENT, WRITTEN
from bench.orders import ROOT
from bench.turns import Job, Turn, Way, Work, only_one_core

ROWS = 2_000  # of the list: a clinic's largest morning has a tenth
QUICK = 10  # times fewer, with --quick
HEADER = "mrn,name,birth_date,appointment,procedure,language,site,side,clinician"
WRITE = """import os, sys
with open(sys.argv[1], "rb") as file: data = file.read()
file = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
os.write(file, data)
os.fsync(file)"""


def jobs(folder: Path, *, quick: bool) -> Iterator[Job]:
    """The list, with names in ASCII and with a letter beyond it; then one patient."""
    only_one_core()
    rows = ROWS // QUICK if quick else ROWS
    turn = Turn(folder / "morning")
    lists = {"clinicpress": _list(folder / "ascii.csv", "Zofie", rows)}
    lists[FURTHER_LETTER] = _list(folder / "beyond.csv", "Žofie", rows)

    def printed(roster: Path) -> Work:
        return turn.batch(lambda place: _run(folder, "batch", str(roster), "--out", str(place)))

    ours = [Way(name, printed(roster), each=rows, clear=turn.clear) for name, roster in lists.items()]
    ours[0].work()
    files = sorted((path for path in turn.new().rglob("*") if path.is_file()), key=lambda path: path.suffix != ".pdf")
    made = [path.read_bytes() for path in files]
    turn.clear()
    again = turn.batch(lambda place: _written(made, place))
    plain = Way(f"{WRITTEN}, and hashing", again, each=rows, clear=turn.clear, fair=False)
    yield Job(MORNING, (*ours, plain), many=True)
    yield _one_patient(folder)


def _list(path: Path, name: str, rows: int) -> Path:
    """An appointment list of so many patients."""
    lines = [HEADER]
    for number in range(rows):
        born, then = f"{1940 + number % 60}-04-1{number % 9}", f"2026-11-24 {8 + number % 9:02}:{number % 6}0"
        person = f"{number:07},{name} Example{number},{born},{then}"
        lines.append(f'{person},neurotherapy,en,Knee,left,"Ada Example, ND"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _run(folder: Path, *command: str) -> None:
    """A command in a process of its own, with a key and a cache of this run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}
    environment |= {"CLINICPRESS_STATE": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
    subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), *command],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env=environment,
    )


def _written(made: list[bytes], place: Path) -> None:
    """Hashes bytes that are there already and writes them as new files; at the end all is forced to the disk."""
    for number, data in enumerate(made):
        hashlib.sha256(data).digest()
        file = os.open(place / f"{number:06}.pdf", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, data)
        os.close(file)
    os.sync()


def _one_patient(folder: Path) -> Job:
    """The filled form of another patient each time, its pages at hand; and a script that writes such a file."""
    out, ready, copy, serial = folder / "one", folder / "ready.pdf", folder / "copy.pdf", count()

    def built() -> bytes:
        name = f"patient.name=Žofie Example {next(serial)}"
        _run(folder, "build", "neurotherapy", "--kind", "consent", "--lang", "en", "--set", name, "--out", str(out))
        return next(out.rglob("*.pdf")).read_bytes()

    def written() -> bytes:
        subprocess.run([sys.executable, "-c", WRITE, str(ready), str(copy)], check=True)
        return copy.read_bytes()

    ready.write_bytes(built())
    shutil.rmtree(out)
    ours = Way("clinicpress", built, clear=lambda: shutil.rmtree(out))
    plain = Way(f"{WRITTEN}, by a script", written, clear=copy.unlink, fair=False)
    return Job(ONE_PATIENT, (ours, plain))
