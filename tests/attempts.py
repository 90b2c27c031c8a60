"""Prints any text by the real command line, and tells how it ended: in a file to be judged, or in a refusal."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinicpress.clinics import Paper, Print
from tests.instruments.judge import judge
from tests.lint.shelf import forked
from tests.prints import ROOT, TODAY

REFUSALS = (2, 4)  # what was asked for has problems; it could not be rendered
SHOWN = 12  # findings of one document that are told
FULL_CLINIC = """
name = "Long Meadow Clinic for Pain and Movement"
phone = "(503) 555-0177"
after_hours = "After hours and on weekends: (503) 555-0178"
address = ["Long Meadow Medical Building, Suite 1200", "18450 Southwest Long Meadow Parkway", "Tualatin, OR 97062"]
website = "www.longmeadow-clinic.example"
hours = "Monday to Friday, 8 to 5"
footer = "An invented clinic; every line is filled."
paper = "letter"

[brand]
color = "#7a2e12"
typeface = "Clinic Sans"
"""
"""A clinic that has filled every line of its profile."""


@dataclass(frozen=True)
class Attempt:
    """How printing one document ended."""

    what: str  # which document, on which page
    code: int
    said: str  # what the command told on standard error
    source: Path
    clinic: Path
    pdf: Path
    facts: Mapping[str, Any]
    also: Sequence[str] = ()

    @property
    def refused_by_line(self) -> bool:
        """Whether the refusal is a sentence that names file and line."""
        return (
            bool(re.search(rf"{re.escape(self.source.name)}:\d+: \S.*\w", self.errors)) and "Traceback" not in self.said
        )

    @property
    def errors(self) -> str:
        """What was told, without warnings."""
        return "\n".join(line for line in self.said.splitlines() if " warning " not in line)[:2000]

    def faults(self, *, may_be_refused: bool = True) -> list[str]:
        """What is wrong with how it ended: an empty list is a pass."""
        if self.code == 0:
            found = judge(self.pdf, self.source, self.clinic, self.facts, self.also)
            more = [f"{self.what}: and {len(found) - SHOWN} findings more"] if len(found) > SHOWN else []
            return [f"{self.what}: {one}" for one in found[:SHOWN]] + more
        if self.code not in REFUSALS:
            return [f"{self.what}: ended with {self.code}: {self.errors}"]
        if not self.refused_by_line:
            return [f"{self.what}: refused ({self.code}) without file and line: {self.errors}"]
        return [] if may_be_refused else [f"{self.what}: refused ({self.code}): {self.errors}"]


def attempt(
    source: Path,
    out: Path,
    *,
    clinic: Path = ROOT / "clinic.toml",
    size: Print = Print.STANDARD,
    paper: Paper = Paper.LETTER,
    also: Sequence[str] = (),
    seconds: float = 0,
) -> Attempt:
    """Prints the document of one file. `seconds` is how long it may take; 0 is for one that is known to end."""
    kind, language = source.name.split(".")[:2]
    topic, handouts = source.parent.name, source.parent.parent
    words = ["build", topic, "--kind", kind, "--lang", language, "--handouts", str(handouts), "--clinic", str(clinic)]
    words += ["--profile", str(size), "--paper", str(paper), "--out", str(out), "--today", TODAY]
    words += ["--paper-form"] if kind == "consent" else []
    if seconds:
        program = [sys.executable, str(ROOT / "generate.py"), *words]
        done = subprocess.run(program, capture_output=True, text=True, timeout=seconds, check=False)
    else:
        done = forked(*words)
    manifest = out / "manifest.json"
    facts = json.loads(manifest.read_text())["files"][0] if done.returncode == 0 else {}
    what = f"{topic}/{source.name} ({size}, {paper}, {clinic.parent.name}/{clinic.name})"
    pdf = out / str(facts.get("file", ""))
    return Attempt(what, done.returncode, done.stderr, source, clinic, pdf, facts, also)


def left_behind(out: Path) -> list[str]:
    """The files that a refusal left: there must be none."""
    return sorted(str(path.relative_to(out)) for path in out.rglob("*.pdf")) if out.exists() else []
