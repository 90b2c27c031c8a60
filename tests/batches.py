"""A small morning for tests of batches, printed by the real command line; every copy of it has to be the same."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from clinicpress import files

ROOT = Path(__file__).parents[1]
HEADER = "mrn,name,birth_date,appointment,procedure,language,site,side,clinician"
ROWS = 250  # three chunks
PERSON = "Zoraida Madeup"  # nobody; what must not be found in logs
LONG = " ".join(["the inner side of the left knee a hand above the joint"] * 5)


def roster(path: Path, rows: int = ROWS, long: int = 130) -> Path:
    """Writes a list of invented patients: two languages, a name with Vietnamese letters, and a value (`long`) too long
    for its box, so that its document is rendered for this patient alone."""
    lines = [HEADER]
    for number in range(rows):
        name = f"{PERSON} Nguyễn Thị" if number == 17 else f"{PERSON} {number}"
        language = "es" if number % 3 == 0 else "en"
        site = LONG if number == long else "Knee"
        day = f"{1940 + number % 60}-0{1 + number % 9}-1{number % 9}"
        when = f"2026-11-24 {8 + number % 9:02}:{number % 6}0"
        lines.append(f'{number:07},{name},{day},{when},neurotherapy,{language},{site},left,"Ada Example, ND"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class Press:
    """Runs `batch` on one roster, with one key and one cache, in a folder of a test."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def roster(self) -> Path:
        return self.folder / "monday.csv"

    def command(self, out: object, *options: str, patch: str = "") -> list[str]:
        """The command line. `patch` is a statement that is done before."""
        command = ["batch", str(self.roster), "--out", str(out), "--cache", str(self.folder / "cache"), *options]
        if not patch:
            return [sys.executable, "generate.py", *command]
        return [
            sys.executable,
            "-c",
            f"import sys\n{patch}\nfrom clinicpress.cli import main\nsys.exit(main({command}))",
        ]

    def start(self, out: object, *options: str, patch: str = "") -> "subprocess.Popen[str]":
        """Begins a run, in a group of processes of its own, as a terminal does."""
        return subprocess.Popen(
            self.command(out, *options, patch=patch),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, out: object, *options: str, patch: str = "", timeout: float = 90) -> "Ran":
        """Runs to the end."""
        process = self.start(out, *options, patch=patch)
        try:
            said, complained = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return Ran(process.returncode, said, complained)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CLINICPRESS_STATE": str(self.folder / "state"), **self.settings}


@dataclass(frozen=True)
class Ran:
    """What a run said, and its exit code."""

    code: int
    output: str
    errors: str

    @property
    def sentence(self) -> str:
        """What it said about why it stopped; it is one line, without what it noted before."""
        (line,) = (one for one in self.errors.splitlines() if one.strip() and not one.startswith("Note: "))
        return line


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones too, with what is in it; and hidden folders, which nobody should see."""
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() if one.is_file() else "a folder"
        for one in sorted(folder.rglob("*"))
        if one.is_file() or one.name.startswith(".")
    }


def prepared(folder: Path) -> Press:
    """A press with a roster, a warm cache, and an uninterrupted run in `whole`; made by whichever process is first."""
    press = Press(folder)
    folder.mkdir(exist_ok=True)
    with files.alone(folder, 300):
        if not (folder / "ready").exists():
            roster(press.roster)
            ran = press.run(folder / "whole")
            assert ran.code == 0, ran.errors
            (folder / "ready").touch()
    return press
