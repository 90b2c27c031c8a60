"""The desk is killed, its workers are, its disk is full: nothing is torn, what was told is there, it goes on."""

import asyncio
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from io import BytesIO
from itertools import product
from pathlib import Path

import pikepdf
import pytest

from clinicpress.cli import main
from clinicpress.desk.workers import PREFIX, Limits, Workroom
from clinicpress.library.records import read_reviews
from clinicpress.record.people import People
from tests.instruments.desk import (
    PASSPHRASE,
    ROOT,
    STAFF,
    Visitor,
    free_port,
    front_desk,
    journal_of,
    record_of,
    workers,
)
from tests.instruments.disk import small_disk

DOCUMENTS = ("neurotherapy/handout/en", "neurotherapy/handout/es", "neurotherapy/consent/en")
TODAY = ("--today", "2026-11-24")
TEXT = "/editor/ear-rinse/handout/en"
ROSTER = (ROOT / "samples" / "roster.csv").read_bytes()
VISIT = {
    "patient.name": "Zoë Example",
    "patient.birth_date": "1961-04-09",
    "patient.language": "en",
    "encounter.date": "2026-11-24",
    "encounter.procedure": "neurotherapy",
    "profile": "standard",
    "paper": "letter",
    "copy": "",
}


def gone(process: int) -> bool:
    """Whether a process has ended, also when nobody has asked yet how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


def within(seconds: float, what: str, *processes: int) -> None:
    """Fails unless these processes end in time."""
    end = time.monotonic() + seconds
    while not all(map(gone, processes)):
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Busy(threading.Thread):
    """Somebody who does all that is done at a desk, in any order, until the desk is gone.

    `done` counts what the desk has acknowledged, by the words of the journal.
    """

    def __init__(self, visitor: Visitor, name: str, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.visitor, self.person, self.chance = visitor, name, chance
        self.done, self.opened = Counter[str](), list[str]()

    def run(self) -> None:
        with suppress(OSError, HTTPException):
            while True:
                self._once()

    def _once(self) -> None:
        visitor = self.visitor
        visitor.get("/sign-in")
        if visitor.post("/sign-in", {"name": self.person, "passphrase": PASSPHRASE}).status == 303:
            self.done["signed-in"] += 1
        visitor.get("/")
        works = [self._blank, self._filled, self._day, *([self._approve] if self.person == "Ada Example" else [])]
        for work in self.chance.sample(works, len(works)):
            work()
        visitor.post("/sign-out")

    def _blank(self) -> None:
        profile, paper = self.chance.choice(("standard", "large-print")), self.chance.choice(("letter", "a4"))
        asked = {"document": self.chance.choice(DOCUMENTS), "profile": profile, "paper": paper}
        self._open(self.visitor.post("/packets", asked).place)

    def _filled(self) -> None:
        self._open(self.visitor.post("/prepare", VISIT).place)

    def _day(self) -> None:
        lies = self._hidden("/today", "list").get("list", "")
        if self.visitor.upload("/today", "day.csv", ROSTER, {"replace": lies}).status == 303:
            self.done["roster-read"] += 1
        asked = {**self._hidden("/today", "list"), "profile": "standard", "paper": "letter"}
        self._open(self.visitor.post("/today/rows/2", asked).place)

    def _approve(self) -> None:
        said = {"read": "yes", "passphrase": PASSPHRASE, "until": "2027-06-30"}
        asked = {**self._hidden(TEXT, "revision", "records"), **said}
        if self.visitor.post(f"{TEXT}/approve", asked).status == 303:
            self.done["approved"] += 1

    def _hidden(self, path: str, *names: str) -> dict[str, str]:
        return dict(re.findall(f'name="({"|".join(names)})" value="([^"]*)"', self.visitor.get(path).text))

    def _open(self, place: str) -> None:
        if not place.startswith("/packets/"):
            return
        self.visitor.get(f"{place}/0/1-480.png")
        if self.visitor.get(f"{place}/print.pdf").body.startswith(b"%PDF"):
            self.opened.append(place.rpartition("/")[2])
            self.done["opened"] += 1


def _content(folder: Path) -> Path:
    """A library of its own, with a text to approve."""
    handouts = folder / "handouts"
    shutil.copytree(ROOT / "handouts", handouts)
    shutil.copytree(ROOT / "tests" / "lint" / "S23" / "good" / "ear-rinse", handouts / "ear-rinse")
    return handouts


def _killed_at_random(folder: Path, instants: int, deeds: int, seed: int) -> Counter[str]:
    """Kills a desk again and again while three people work, and looks at what is left each time.

    Each is killed some time after it has acknowledged one to so many `deeds`; every second one has to set all pages
    again. Returns what was acknowledged.
    """
    chance = random.Random(seed)
    opened: list[str] = []
    done = Counter[str]()
    handouts = _content(folder)
    options = [*TODAY, "--handouts", str(handouts)]
    for instant in range(instants):
        with front_desk(folder, *options, *(["--no-cache"] if instant % 2 else [])) as desk:
            assert journal_of(desk.state).check() == []  # as it was begun again
            told = list(journal_of(desk.state).entries())
            assert set(opened) <= {str(one.facts["packet"]) for one in told if str(one.did) == "opened"}
            counted = Counter(str(one.did) for one in told)
            assert {did: number for did, number in done.items() if counted[did] < number} == {}
            assert [str(one) for one in handouts.rglob(".*")] == []  # what a killed one left there was swept
            people = [Busy(desk.visitor(), name, chance) for name in list(STAFF)[:3]]
            for one in people:
                one.start()
            enough, end = chance.randint(1, deeds), time.monotonic() + 20
            while sum(one.done.total() for one in people) < enough and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 1))
            begun = workers(desk)
            assert len(begun) >= 2
            desk.kill()
            for one in people:
                one.join(30)
                opened += one.opened
                done += one.done
            within(5, "the workers of a killed desk end with it", *begun)
        assert {one.name for one in People(record_of(folder / "state")).all()} == set(STAFF)
        records, problems = read_reviews(handouts / "ear-rinse")
        assert problems == []
        assert len(records.get("handout.en", ())) >= done["approved"]
    finished = subprocess.Popen(["true"])
    finished.wait()
    left = [
        folder / "state" / f".link.{finished.pid}.tmp",
        folder / "state" / f".key.{finished.pid}.tmp",
        handouts / "ear-rinse" / f".review.toml.{finished.pid}.tmp",
    ]
    for path in left:
        path.touch()
    with front_desk(folder, *options) as desk:
        assert [one for one in left if one.exists()] == []
        passing = [one.name for one in (folder / "tmp").iterdir()]  # those of the killed ones were swept
        assert [one.startswith(f"clinicpress-desk-{desk.process.pid}-") for one in passing] == [True]
        names = {one.name for one in desk.state.iterdir()}
        assert names <= {"record.db", "record.db-wal", "record.db-shm", "key", "cache.key", "link", "desk.lock"}
        desk.visitor().sign_in("Rosa Desk")
    verified = subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), "journal", "verify"],
        env={**os.environ, "CLINICPRESS_STATE": str(folder / "state")},
        capture_output=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout
    return done


def test_a_desk_that_is_killed_at_any_instant_starts_again_and_nothing_is_torn(tmp_path: Path) -> None:
    assert _killed_at_random(tmp_path, 2, 3, 20261124)["signed-in"]


@pytest.mark.soak
def test_a_desk_that_is_killed_at_fifty_instants_starts_again_and_nothing_is_torn(tmp_path: Path) -> None:
    done = _killed_at_random(tmp_path, 50, 12, 6)
    print(dict(done))  # noqa: T201  what was acknowledged meanwhile
    assert set(done) == {"signed-in", "opened", "roster-read", "approved"}


def test_one_desk_works_with_a_state_folder_and_a_dead_one_gives_no_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with front_desk(tmp_path, *TODAY) as desk:
        monkeypatch.setenv("CLINICPRESS_STATE", str(desk.state))
        told, link = list(journal_of(desk.state).entries()), desk.link()
        assert main(["serve", "--port", str(free_port())]) == 3
        assert "A front desk works with" in (said := capsys.readouterr().err)
        assert "set CLINICPRESS_STATE to another folder" in said
        assert list(journal_of(desk.state).entries()) == told
        assert main(["serve", "--link"]) == 0
        assert link in capsys.readouterr().out
        assert main(["serve", "--remove-person", "Max Manager"]) == 0  # beside it
        desk.kill()
        assert (desk.state / "link").exists()
        assert main(["serve", "--link"]) == 3
        assert "No front desk runs here." in capsys.readouterr().err


def test_the_death_of_a_worker_is_told_to_whoever_waits_for_it_and_to_nobody_else(tmp_path: Path) -> None:
    with front_desk(tmp_path, *TODAY) as desk:
        visitor = desk.visitor().sign_in("Rosa Desk")
        for one in product(("handout", "consent"), ("en", "es", "vi")):  # all that is made ahead
            visitor.get(f"/library/neurotherapy/{one[0]}/{one[1]}/picture.png")
        idle = workers(desk)
        for one in idle:  # while they have nothing to do
            os.kill(one, signal.SIGKILL)
        within(5, "killed", *idle)
        time.sleep(0.2)
        asked = {"document": DOCUMENTS[0], "profile": "large-print"}
        assert visitor.post("/packets", asked).status == 303
        stopped = workers(desk)
        for one in stopped:
            os.kill(one, signal.SIGSTOP)
        answers = []
        asked = {"document": DOCUMENTS[2], "profile": "large-print"}
        waiting = threading.Thread(target=lambda: answers.append(visitor.post("/packets", asked)))
        waiting.start()
        time.sleep(0.5)
        for one in stopped:  # while one of them is at work
            os.kill(one, signal.SIGKILL)
        waiting.join(20)
        assert answers[0].status == 422
        assert "It was stopped" in answers[0].text
        assert visitor.post("/packets", asked).status == 303
        assert (desk.state / "link").stat().st_mode & 0o777 == 0o600
    assert desk.process.returncode == 0  # whoever stops a service has not met an error
    assert "Stopped" not in desk.log.read_text()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (desk.state / "link").exists()


needs_systemd = pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None, reason="this machine has no systemd")


@needs_systemd
def test_a_worker_keeps_its_folder_while_the_machine_is_tidied_and_is_replaced_when_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, rule = tmp_path / "tmp", tmp_path / "tidy.conf"
    (place / "of another program").mkdir(parents=True)
    rule.write_text(f"d {place} - - - 0\n")  # whatever its age
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    written = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(written)
    drawn = []

    async def story() -> None:
        async with Workroom({"handouts": "", "clinic": "", "cache": ""}, 1, Limits()).open() as workroom:
            before = sorted(place.glob(f"{PREFIX}*/*"))
            subprocess.run(["systemd-tmpfiles", "--clean", str(rule)], check=True)
            left = sorted(place.rglob("*"))
            shutil.rmtree(before[0].parent)
            drawn.append(await workroom.do("picture", pdf=written.getvalue(), page=1, width=100))
            (after,) = place.iterdir()
            drawn.extend((before, left, sorted([before[0].parent, *before]), after.stat().st_mode & 0o777))

    with ThreadPoolExecutor(1) as elsewhere:  # the browser's driver keeps a loop in this thread
        elsewhere.submit(lambda: asyncio.run(story())).result()
    picture, before, left, expected, mode = drawn
    assert before
    assert left == expected
    assert picture.startswith(b"\x89PNG")
    assert mode == 0o700
    assert list(place.iterdir()) == []


@needs_systemd
def test_the_sample_for_systemd_is_one(tmp_path: Path) -> None:
    """All its lines are known, and the program that it names is there."""
    sample = (ROOT / "docs" / "clinicpress-desk.service").read_text().replace("/opt/clinicpress/.venv", sys.prefix)
    (tmp_path / "clinicpress-desk.service").write_text(sample)
    command = ["systemd-analyze", "verify", str(tmp_path / "clinicpress-desk.service")]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_on_a_full_disk_a_sentence_says_so_and_nothing_is_half_done(tmp_path: Path) -> None:
    with small_disk(tmp_path / "state", "1m"), front_desk(tmp_path, *TODAY) as desk:
        rosa, ada = desk.visitor().sign_in("Rosa Desk"), desk.visitor()
        ada.get("/sign-in")
        place = rosa.post("/packets", {"document": DOCUMENTS[0]}).place
        before = list(journal_of(desk.state).entries())
        kept = People(record_of(desk.state)).all()
        full = desk.state / "full"
        with full.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        answers = [
            rosa.get(f"{place}/print.pdf"),
            ada.post("/sign-in", {"name": "Ada Example", "passphrase": PASSPHRASE}),
            ada.post("/sign-in", {"name": "Ada Example", "passphrase": "wrong"}),
        ]
        for answer in answers:
            assert answer.status == 503
            assert "The disk is full" in answer.text
            assert b"%PDF" not in answer.body
        assert ada.get("/").place == "/sign-in"
        assert rosa.get("/").status == 200
        assert rosa.post("/sign-out").place == "/sign-in"
        assert rosa.get("/").place == "/sign-in"
        full.unlink()
        assert [one for one in journal_of(desk.state).entries() if one.did != "signed-out"] == before
        assert People(record_of(desk.state)).all() == kept
        assert ada.sign_in("Ada Example").get("/").status == 200
        assert journal_of(desk.state).check() == []
        assert "A fault of ours" not in desk.log.read_text()
