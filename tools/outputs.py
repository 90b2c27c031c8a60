"""Writes all that the product puts out today into one folder, so that two versions of it can be compared.

    python tools/outputs.py DIR          then, of another commit: python tools/outputs.py OTHER; diff -r DIR OTHER

The documents of the library in each size, paper and language, a filled form, a morning's batch with its print job,
every list beside them, the careful editor's findings, and a day at the front desk as a transcript. The day is fixed,
and what is of chance (links, tokens, times of the clock) is written over: what differs, the program made different.
"""

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.instruments.desk import PASSPHRASE, Answer, FrontDesk, entries, front_desk  # noqa: E402

DAY = "2026-11-24"  # of samples/roster.csv
PATIENT = {
    "patient": {"name": "Zoë Example", "birth_date": "1961-04-09", "mrn": "0012345", "language": "en"},
    "encounter": {"procedure": "neurotherapy", "date": DAY, "time": "09:30", "site": "Knee", "side": "left"},
    "clinician": {"name": "Ada Example", "credential": "ND"},
}
ROSTER = str(ROOT / "samples" / "roster.csv")
RUNS = {
    "library": ("build",),
    "large": ("build", "--profile", "large-print"),
    "a4": ("build", "--paper", "a4"),
    "paper": ("build", "--paper-form"),
    "bilingual": ("build", "--bilingual", "en+es"),
    "filled": ("build", "--kind", "consent", "--lang", "en", "--patient", "patient.json"),
    "flat": ("build", "--kind", "consent", "--lang", "en", "--patient", "patient.json", "--flatten", "--copy", "chart"),
    "batch": ("batch", ROSTER, "--merge", "print.pdf"),
    "batch-dry": ("batch", ROSTER, "--dry-run", "--json"),
}
CHANCE = re.compile(
    r"(?<=name=\"token\" value=\")[^\"]+|(?<=name=\"list\" value=\")[^\"]+|(?<=name=\"(?:away)\" value=\")[^\"]+"
    r"|(?<=name=\"replace\" value=\")[^\"]+|/packets/[\w-]+|\b\d\d:\d\d(?::\d\d)?\b"
    r"|[\w-]{20,}|/static/[\w./-]+"
    r"|(?<=-)[0-9a-f]{4}(?=\")"
)
UNNAMED = re.compile(r"\b[0-9a-f]{20}\b")  # the name of a patient's file: it changes with the program
OF_THE_PROGRAM = re.compile(
    r'(?<="plate": ")\w+|(?<="the key": ")\w+|(?<="the clinic": ")\w+|(?<="the program": ")[\w. ]+'
)


def main(folder: Path) -> None:
    """Writes everything; nothing may lie in the folder yet."""
    folder.mkdir(parents=True)
    (folder / "patient.json").write_text(json.dumps(PATIENT))
    for name, (command, *options) in RUNS.items():
        sys.stderr.write(f"{name}\n")
        run(folder, name, command, *options, "--out", name, "--today", DAY, "--no-cache")
        for path in [one for one in (folder / name).rglob("*") if one.is_file()]:
            if UNNAMED.fullmatch(path.stem):
                path.rename(path.with_stem(sha256(path.read_bytes()).hexdigest()[:12]))
            elif path.suffix in {".json", ".jsonl", ".csv"}:
                path.write_text(OF_THE_PROGRAM.sub("…", UNNAMED.sub("patient", path.read_text())))
    run(folder, "check", "check", "--json", "--today", DAY, "--no-cache")
    run(folder, "list", "list", "--json", "--today", DAY)
    sys.stderr.write("a day at the desk\n")
    with TemporaryDirectory() as place, front_desk(Path(place), "--today", DAY) as desk:
        (folder / "desk").mkdir()
        (folder / "desk" / "transcript.txt").write_text("\n".join(a_day(desk, folder / "desk")))
        (folder / "desk" / "journal.json").write_text(masked(json.dumps(entries(desk), indent=1, ensure_ascii=False)))


def run(folder: Path, name: str, *words: str) -> None:
    """One command line, and what it said."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), *words,
         "--handouts", str(ROOT / "handouts"), "--clinic", str(ROOT / "clinic.toml")],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}".replace(str(ROOT), "").replace(str(folder), "")
    said = UNNAMED.sub("patient", said)
    (folder / f"{name}.txt").write_text(re.sub(r"\d[\d,.]* ?(?:ms|s|seconds)\b|\d[\d,.]* a second", "…", said))


def a_day(desk: FrontDesk, folder: Path) -> list[str]:
    """What the desk answers in the course of a day, page by page; the PDFs that it hands out go into the folder."""
    told: list[str] = []
    number = count(1)
    rosa, ada = desk.visitor().sign_in("Rosa Desk"), desk.visitor().sign_in("Ada Example")

    def heard(what: str, answer: Answer) -> Answer:
        text = masked(re.sub(r"\n\s*\n+", "\n", answer.text)) if b"%PDF" not in answer.body[:9] else "a PDF"
        told.append(f"== {what}: {answer.status} {masked(answer.place)}\n{text}")
        return answer

    def taken(place: str) -> None:
        (folder / f"{next(number):02}.pdf").write_bytes(rosa.get(f"{place}/print.pdf").body)

    form = {f"{group}.{key}": value for group, facts in PATIENT.items() for key, value in facts.items()}
    heard("library", rosa.get("/"))
    heard("prepare", rosa.get("/prepare"))
    heard("a wrong day", rosa.post("/prepare", {**form, "patient.birth_date": "2999-01-01"}))
    for size in ("standard", "large-print"):
        made = heard(f"made, {size}", rosa.post("/prepare", {**form, "profile": size, "paper": "letter", "copy": ""}))
        heard("looked at", rosa.get(made.place))
        taken(made.place)
    heard("roster sent in", rosa.upload("/today", "roster.csv", Path(ROSTER).read_bytes()))
    today = heard("today", rosa.get("/today"))
    listed = re.search(r'name="list" value="([^"]+)"', today.text)
    chosen = {"list": listed[1] if listed else "", "profile": "standard", "paper": "letter"}
    for row in re.findall(r'id="row-(\d+)"', today.text):
        made = heard(f"row {row}", rosa.post(f"/today/rows/{row}", chosen))
        if made.status == 303 and "/packets/" in made.place:
            heard("looked at", rosa.get(made.place))
            taken(made.place)
    heard("editor", ada.get("/editor"))
    heard("a text", ada.get("/editor/neurotherapy/consent/en"))
    heard("not approved by her", rosa.post("/editor/neurotherapy/consent/en/approve", {"passphrase": PASSPHRASE}))
    heard("gone", rosa.get("/packets/none"))
    return told


def masked(text: str) -> str:
    """Text without what is of chance."""
    return CHANCE.sub("…", re.sub(rf"{re.escape(gettempdir())}/\w+", "…", text))


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    if place is None or place.exists():
        sys.exit("Name a folder that is not there yet: python tools/outputs.py DIR")
    try:
        main(place.resolve())
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
