"""A backup holds all that a clinic would miss, comes back elsewhere as it was, and brings nothing that leads out."""

import io
import json
import os
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicpress import backup
from clinicpress.cli import main
from clinicpress.record import Database, Did, Journal
from clinicpress.record.people import People, Role
from tests.instruments import disk
from tests.instruments.desk import PASSPHRASE, front_desk
from tests.lint.shelf import ROOT, Shelf, forked, stock

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "four plain words will do"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Content and profile of a clinic, apart from each other."""
    shelf = stock(tmp_path / "content")
    for name in ("brand", "notices"):
        (tmp_path / "clinic" / name).mkdir(parents=True)
    profile = shelf.clinic.read_text() + '\n[chart]\nhandout = "x"\n'
    logo = next(path for path in shelf.folder.iterdir() if path.suffix in (".svg", ".png"))
    (tmp_path / "clinic" / "ours.toml").write_text(f'language_notice = "notices/note.txt"\n{profile}')
    logo.rename(tmp_path / "clinic" / logo.name)
    shelf.clinic.unlink()
    (tmp_path / "clinic" / "notices" / "note.txt").write_text("Ask us.\n")
    (tmp_path / "clinic" / "brand" / "more.svg").write_text("<svg/>")
    (tmp_path / "clinic" / "private.txt").write_text("not named by the profile")
    (shelf.folder / "ear-rinse" / "Ünïcode.txt").write_text("x")
    (shelf.folder / "ear-rinse" / ".handout.en.md.123.tmp").write_text("left by a killed run")
    return shelf


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of an installation with a person and some entries."""
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "key").write_bytes(bytes(range(32)))
    record = record_in(tmp_path / "state")
    People(record).add("Zoë Example", Role.DESK, "", SECRET)
    Journal(record).add("root", Did.STARTED, AT)
    return tmp_path / "state"


def record_in(state: Path) -> Database:
    return Database(state, (state / "key").read_bytes())


def options(shelf: Shelf) -> list[str]:
    return ["--handouts", str(shelf.folder), "--clinic", str(shelf.folder.parent / "clinic" / "ours.toml")]


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_comes_back_on_another_machine_while_entries_were_added(
    shelf: Shelf, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, enough = tmp_path / "ours.tar", threading.Event()
    with record_in(state).held_open():

        def add() -> None:
            while not enough.is_set():
                Journal(record_in(state)).add("ada", Did.SENT, AT, printer="front")

        adding = threading.Thread(target=add)
        adding.start()
        try:
            for _ in range(5):
                assert main(["backup", str(file), *options(shelf)]) == 0
        finally:
            enough.set()
            adding.join()
    said = capsys.readouterr()
    assert said.out == f"{file}\n" * 5
    assert "names of your staff and the key that seals the journal" in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    there = tmp_path / "there"
    monkeypatch.setenv("CLINICPRESS_STATE", str(there / "state"))
    places = ["--handouts", str(there / "handouts"), "--clinic", str(there / "clinic" / "new.toml")]
    assert main(["restore", str(file), *places]) == 0
    assert capsys.readouterr().out.splitlines() == [str(there / "state"), *places[1::2]]
    assert main(["journal", "verify"]) == 0
    entries = list(Journal(record_in(there / "state")).entries())
    assert entries == list(Journal(record_in(state)).entries(None))[: len(entries)]
    assert len(entries) > 1
    assert People(record_in(there / "state")).check("Zoë Example", SECRET) is not None
    Journal(record_in(there / "state")).add("ada", Did.SENT, AT)  # it can be gone on with
    assert main(["journal", "verify"]) == 0
    with record_in(there / "state").reading() as connection:
        assert connection is not None
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    content = held(shelf.folder)
    del content["ear-rinse/.handout.en.md.123.tmp"]
    assert held(there / "handouts") == content
    clinic = held(shelf.folder.parent / "clinic")
    del clinic["private.txt"]
    clinic["new.toml"] = clinic.pop("ours.toml")
    assert held(there / "clinic") == clinic
    assert {path.stat().st_mode & 0o777 for path in there.rglob("*") if path.is_file()} == {0o600}
    assert main(["check", "--words", "--handouts", str(there / "handouts"), "--clinic", places[3]]) in (0, 2)


def test_a_backup_of_a_running_desk_lets_a_person_sign_in_at_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, there = tmp_path / "desk.tar", tmp_path / "there"
    with front_desk(tmp_path / "here") as desk:
        desk.visitor().sign_in("Rosa Desk")
        monkeypatch.setenv("CLINICPRESS_STATE", str(desk.state))
        ran = forked("backup", str(file), "--json")
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["holds_key"] is True
    monkeypatch.setenv("CLINICPRESS_STATE", str(there / "state"))
    ran = forked(*("restore", str(file), "--handouts", str(there / "h"), "--clinic", str(there / "c.toml"), "--json"))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["handouts"] == str(there / "h")
    assert held(there / "h") == held(ROOT / "handouts")
    with front_desk(there, "--handouts", str(there / "h"), "--clinic", str(there / "c.toml"), staff=False) as desk:
        assert desk.visitor().sign_in("Rosa Desk").get("/").status == 200
        rosa = desk.visitor()
        rosa.get("/sign-in")
        assert rosa.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE}).status == 303


# What is refused ------------------------------------------------------------------------------------------------------


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


def changed(file: Path, change: Change) -> None:
    """Writes a backup again with other members."""
    with tarfile.open(file) as archive:
        members = [(one, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(file, "w") as archive:
        for one, data in members:
            one.size = len(data) if one.isreg() else 0
            archive.addfile(one, io.BytesIO(data))


def more(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", *, listed: bool = True) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        one = tarfile.TarInfo(name)
        one.type, one.linkname = kind, target
        members.insert(0, (one, b"out"))
        if listed:
            list_, text = members[-1]
            manifest = json.loads(text)
            manifest["sha256"][name] = backup._sum(io.BytesIO(b"out"))
            members[-1] = (list_, json.dumps(manifest).encode())

    return change


def without_list(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.pop()


def without_key(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    del members[1]
    manifest = json.loads(members[-1][1])
    del manifest["sha256"]["state/key"]
    members[-1] = (members[-1][0], json.dumps(manifest).encode())


def other_bytes(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members[3] = (members[3][0], members[3][1] + b" ")


def twice(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.insert(2, members[3])


def broken_list(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members[-1] = (members[-1][0], b"[" * 100_000)


CHANGES: dict[str, Change] = {
    "up": more("handouts/../../out"),
    "absolute": more("/tmp/out"),
    "absolute inside": more("handouts//tmp/out"),
    "state": more("state/link"),
    "elsewhere": more("out"),
    "dot": more("./handouts/out"),
    "backslash": more("handouts\\..\\out"),
    "link": more("handouts/out", tarfile.SYMTYPE, "/etc"),
    "hard link": more("handouts/out", tarfile.LNKTYPE, "state/key"),
    "device": more("handouts/out", tarfile.CHRTYPE),
    "pipe": more("handouts/out", tarfile.FIFOTYPE),
    "folder": more("handouts/out", tarfile.DIRTYPE),
    "not listed": more("handouts/out", listed=False),
    "no list": without_list,
    "no key": without_key,
    "other bytes": other_bytes,
    "twice": twice,
    "broken list": broken_list,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_written(
    change: str, shelf: Shelf, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ours.tar"
    assert main(["backup", str(file), *options(shelf)]) == 0
    changed(file, CHANGES[change])
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "there" / "state"))
    places = ["--handouts", str(tmp_path / "there" / "h"), "--clinic", str(tmp_path / "there" / "c.toml")]
    ran = forked("restore", str(file), *places)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "is no backup that can be restored" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "there").exists()
    assert not Path("/tmp/out").exists()


@pytest.mark.parametrize("part", [0, 100, 10_000, -2000, -11_000])
def test_a_backup_that_is_cut_short_is_refused(
    part: int, shelf: Shelf, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ours.tar"
    assert main(["backup", str(file), *options(shelf)]) == 0
    file.write_bytes(file.read_bytes()[:part] if part > -3000 else b"no tar at all" * 900)
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "there" / "state"))
    ran = forked("restore", str(file), "--handouts", str(tmp_path / "there" / "h"), "--clinic", str(tmp_path / "c"))
    if part == -2000:  # only what fills the file up was cut
        assert ran.returncode == 0
        return
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "is no backup that can be restored" in ran.stderr
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(
    "there", ["state/record.db", "state/key", "state/people.json", "h/old.md", "c.toml", "brand/more.svg"]
)
def test_nothing_is_overwritten(
    there: str, shelf: Shelf, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, place = tmp_path / "ours.tar", tmp_path / "there"
    assert main(["backup", str(file), *options(shelf)]) == 0
    (place / there).parent.mkdir(parents=True)
    (place / there).write_bytes(b"ours")
    monkeypatch.setenv("CLINICPRESS_STATE", str(place / "state"))
    ran = forked("restore", str(file), "--handouts", str(place / "h"), "--clinic", str(place / "c.toml"))
    assert (ran.returncode, ran.stdout) == (3, "")
    assert held(place) == {there: b"ours"}


def test_a_damaged_record_is_moved_away_and_its_backup_comes_back_to_the_same_installation(
    shelf: Shelf, state: Path, tmp_path: Path
) -> None:
    file, places = (
        tmp_path / "ours.tar",
        ["--handouts", str(tmp_path / "h"), "--clinic", str(tmp_path / "c" / "c.toml")],
    )
    assert main(["backup", str(file), *options(shelf)]) == 0
    (state / "record.db").write_bytes(b"no database" * 1000)
    assert forked("backup", str(tmp_path / "second.tar"), *options(shelf)).returncode == 3
    assert not (tmp_path / "second.tar").exists()
    assert forked("restore", str(file), *places).returncode == 3
    (state / "record.db").rename(state / "damaged")
    (state / "key").rename(state / "other")
    (state / "key").write_bytes(bytes(32))
    assert "key is there already" in forked("restore", str(file), *places).stderr
    (state / "other").replace(state / "key")
    assert forked("restore", str(file), *places).returncode == 0
    assert main(["journal", "verify"]) == 0
    assert People(record_in(state)).check("Zoë Example", SECRET) is not None


def test_what_cannot_be_backed_up_is_told_and_an_older_backup_stays(shelf: Shelf, state: Path, tmp_path: Path) -> None:
    file = tmp_path / "ours.tar"
    file.write_bytes(b"of yesterday")
    pipe, link = shelf.folder / "ear-rinse" / "pipe", shelf.folder / "more"
    os.mkfifo(pipe)
    ran = forked("backup", str(file), *options(shelf))
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "it is a pipe" in ran.stderr
    pipe.unlink()
    link.symlink_to("/etc")
    assert "is a link to a folder" in forked("backup", str(file), *options(shelf)).stderr
    link.unlink()
    ran = forked("backup", str(shelf.folder / "ours.tar"), *options(shelf))
    assert "is inside the content" in ran.stderr
    assert "no folder" in forked("backup", str(file), "--handouts", str(tmp_path / "none"), *options(shelf)[2:]).stderr
    assert "check" in forked("backup", str(file), *options(shelf)[:3], str(shelf.handout)).stderr
    assert forked("backup", str(shelf.handout / "ours.tar"), *options(shelf)).returncode == 3
    assert file.read_bytes() == b"of yesterday"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_full_disk_leaves_no_part_of_a_backup_and_of_what_is_restored(
    shelf: Shelf, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ours.tar"
    assert main(["backup", str(file), *options(shelf)]) == 0
    with disk.small_disk(tmp_path / "disk", "64k") as place:
        ran = forked("backup", str(place / "ours.tar"), *options(shelf))
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "The disk is full" in ran.stderr
        assert list(place.iterdir()) == []
        monkeypatch.setenv("CLINICPRESS_STATE", str(place / "state"))
        ran = forked("restore", str(file), "--handouts", str(place / "h"), "--clinic", str(place / "c.toml"))
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "The disk is full" in ran.stderr
        assert held(place) == {}
