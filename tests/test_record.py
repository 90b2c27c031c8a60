"""One file holds what an installation remembers: made whole, taken over from the files of old, refused when damaged."""

import gc
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicpress import files
from clinicpress.cli import main
from clinicpress.errors import InputError
from clinicpress.record import Database, Did, Journal, versions
from clinicpress.record.people import People, Role, nobody
from tests.instruments import disk
from tests.instruments.old_record import write_journal, write_people
from tests.lint.shelf import forked

KEY = bytes(range(32))
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OLD = ("journal.jsonl", "journal.head", "people.json", "browsers")
ADA = {"id": "ada-1f", "name": "Ada Example", "role": "clinician", "credential": "ND", "argon2": nobody()}
ROSA = {"id": "rosa-2e", "name": "Rosa Désk", "role": "desk", "credential": "", "argon2": nobody()}
DEEDS = [
    ("root", "person-added", AT, {"id": "ada-1f", "person": "Ada Example", "role": "clinician"}),
    ("ada-1f", "printing", AT, {"packet": "a", "documents": [{"topic": "t"}], "printer": "Desk"}),
    ("ada-1f", "printing", AT, {"packet": "b", "printer": "Hall"}),
    ("ada-1f", "sent", AT, {"packet": "a", "job": 7, "printer": "Desk"}),
    ("ada-1f", "printing", AT, {"packet": "c", "printer": "Hall"}),
    ("ada-1f", "printed", AT, {"packet": "c", "job": 0}),
    ("Zoë", "mended", AT, {}),
]


def old(folder: Path) -> str:
    """The files of an installation of version 0.1; the digest of its last entry."""
    last = write_journal(folder, KEY, DEEDS)
    write_people(folder, [ADA, ROSA])
    (folder / "browsers").write_bytes(b"c" * 32)
    (folder / "key").write_bytes(KEY)
    return last


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def taken_over(folder: Path, last: str) -> None:
    """Fails unless the record holds all that the files of old did, and these lie beside it."""
    record = Database(folder, KEY)
    journal = Journal(record)
    assert journal.check() == []
    entries = list(journal.entries())
    assert [(one.who, one.did, one.at, dict(one.facts)) for one in entries] == DEEDS
    assert entries[-1].digest == last  # as it was noted elsewhere
    assert [(one.packet, one.printer, one.job) for one in journal.unfinished_prints()] == [
        *(("a", "Desk", 7), ("b", "Hall", 0)),
    ]
    assert [(one.id, one.name, one.role) for one in People(record).all()] == [
        *(("ada-1f", "Ada Example", Role.CLINICIAN), ("rosa-2e", "Rosa Désk", Role.DESK)),
    ]
    assert record.browser_secret(b"new") == b"c" * 32
    assert {path.name for path in folder.iterdir()} == {"record.db", "key", *(f"{name}.taken-over" for name in OLD)}


# What an older version kept -------------------------------------------------------------------------------------------


def test_the_files_of_old_are_taken_over_once_and_kept_beside(tmp_path: Path) -> None:
    last = old(tmp_path)
    before = held(tmp_path)
    assert Journal(Database(tmp_path, KEY)).check() == []
    taken_over(tmp_path, last)
    assert {name: held(tmp_path)[f"{name}.taken-over"] for name in OLD} == {name: before[name] for name in OLD}
    Journal(Database(tmp_path, KEY)).add("Ada", Did.STARTED, AT)
    assert Journal(Database(tmp_path, KEY)).check() == []


@pytest.mark.parametrize(
    "there", [("people.json",), ("browsers",), ("journal.jsonl", "journal.head"), ("journal.head",)]
)
def test_what_there_is_of_them_is_taken_over(there: tuple[str, ...], tmp_path: Path) -> None:
    old(tmp_path)
    if there == ("journal.head",):
        write_journal(tmp_path, KEY, [])
    for name in set(OLD) - set(there):
        (tmp_path / name).unlink()
    record = Database(tmp_path, KEY)
    assert len(People(record).all()) == (2 if "people.json" in there else 0)
    assert len(list(Journal(record).entries())) == (len(DEEDS) if "journal.jsonl" in there else 0)
    assert Journal(record).check() == []


def test_a_last_line_that_a_crash_tore_in_the_old_journal_is_left_there(tmp_path: Path) -> None:
    last = old(tmp_path)
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"number":8,"at":"20')
    taken_over(tmp_path, last)


def test_an_old_head_that_is_behind_by_whole_entries_is_no_fault(tmp_path: Path) -> None:
    write_journal(tmp_path, KEY, DEEDS[:3])
    head = (tmp_path / "journal.head").read_bytes()
    last = old(tmp_path)
    (tmp_path / "journal.head").write_bytes(head)
    taken_over(tmp_path, last)


def cut(folder: Path) -> None:
    text = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(b"".join(text.splitlines(keepends=True)[:-1]))


def no_head(folder: Path) -> None:
    (folder / "journal.head").unlink()


def no_journal(folder: Path) -> None:
    (folder / "journal.jsonl").unlink()


def another_word(folder: Path) -> None:
    text = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(text.replace(b'"job":7', b'"job":8'))


def torn_inside(folder: Path) -> None:
    text = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(text[:-9])


def another_key(folder: Path) -> None:
    (folder / "key").write_bytes(bytes(32))


@pytest.mark.parametrize("damage", [cut, no_head, no_journal, another_word, torn_inside, another_key])
def test_a_damaged_old_journal_is_refused_and_nothing_is_taken_over(
    damage: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old(tmp_path)
    damage(tmp_path)
    before = held(tmp_path)
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path))
    ran = forked("journal", "verify")
    assert ran.returncode == 5
    assert str(tmp_path / "journal.jsonl") in ran.stdout
    for command in (("journal", "show"), ("serve", "--list-people"), ("serve", "--remove-person", "Ada Example")):
        ran = forked(*command)
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "nothing is taken over" in ran.stderr
        assert "move it and journal.head to a safe place" in ran.stderr
    assert held(tmp_path) == before
    (tmp_path / "journal.jsonl").unlink(missing_ok=True)
    (tmp_path / "journal.head").unlink(missing_ok=True)
    assert forked("serve", "--list-people").stdout.startswith("Ada Example, ND (clinician)")  # the remedy works


DAMAGED = [
    *("", "{", "[]", '{"people": [{}]}', '{"people": [ONE, ONE]}', "\xff", "[" * 100_000, '{"people": 7}'),
    *('{"people": [], "people": []}', '{"people": [[]]}', '{"people": [ONE], "more": "\\ud800"}'),
    '{"people": [{"id": "a", "name": "A", "role": "king", "credential": "", "argon2": "DIGEST"}]}',
    '{"people": [{"id": "a", "name": "A", "role": "desk", "credential": "", "argon2": "x"}]}',
    '{"people": [{"id": "a", "name": 7, "role": "desk", "credential": "", "argon2": "DIGEST"}]}',
    '{"people": [{"id": "a", "name": "A", "role": "desk", "credential": "", "argon2": "DIGEST", "more": 1}]}',
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_of_people_is_told_in_a_sentence_and_left_alone(text: str, tmp_path: Path) -> None:
    one = '{"id": "a", "name": "A", "role": "desk", "credential": "", "argon2": "DIGEST"}'
    damaged = text.replace("ONE", one).replace("DIGEST", nobody()).encode("latin-1")
    (tmp_path / "people.json").write_bytes(damaged)
    people = People(Database(tmp_path, KEY))
    for act in (people.all, lambda: people.check("A", "a passphrase"), lambda: people.remove("A")):
        with pytest.raises(InputError, match="is damaged, so nobody can sign in"):
            act()
    assert held(tmp_path) == {"people.json": damaged}


def killed_while_taking_over(folder: Path, after: float) -> None:
    gc.disable()
    child = os.fork()
    if child == 0:
        try:
            Journal(Database(folder, KEY)).check()
        finally:
            os._exit(0)
    gc.enable()
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize("kills", [25, pytest.param(500, marks=pytest.mark.soak)])
def test_a_kill_at_any_instant_of_taking_over_loses_nothing_and_the_next_start_completes_it(
    kills: int, tmp_path: Path
) -> None:
    chance = random.Random(kills)
    for number in range(kills):
        folder = tmp_path / str(number)
        last = old(folder)
        killed_while_taking_over(folder, chance.uniform(0, 0.04))
        taken_over(folder, last)


@pytest.mark.parametrize("step", range(1, 12))
def test_an_end_at_any_step_of_taking_over_loses_nothing(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each renaming and each waiting for the disk."""

    class Killed(BaseException):
        pass

    last, left = old(tmp_path), [step]

    def step_of(real: Callable[..., object]) -> Callable[..., object]:
        def counted(*given: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return real(*given)

        return counted

    for owner, name in ((Path, "replace"), (os, "fsync"), (files, "sync_folder")):
        monkeypatch.setattr(owner, name, step_of(getattr(owner, name)))
    try:
        Journal(Database(tmp_path, KEY)).check()
    except Killed:
        pass
    else:
        assert step > 8, "nothing was stopped: this test saw nothing"
    monkeypatch.undo()
    taken_over(tmp_path, last)


def test_what_an_older_version_writes_afterwards_is_told_and_not_passed_over(tmp_path: Path) -> None:
    old(tmp_path)
    journal = Journal(Database(tmp_path, KEY))
    assert journal.check() == []
    write_journal(tmp_path, KEY, DEEDS[:2])
    with pytest.raises(InputError, match="an older version of this program wrote it"):
        journal.add("Ada", Did.STARTED, AT)
    for name in ("journal.jsonl", "journal.head"):
        (tmp_path / name).rename(tmp_path / f"{name}.elsewhere")
    journal.add("Ada", Did.STARTED, AT)


def test_several_who_start_at_once_take_over_once(tmp_path: Path) -> None:
    last = old(tmp_path)
    threads = [threading.Thread(target=lambda: People(Database(tmp_path, KEY)).all()) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    taken_over(tmp_path, last)


# Versions -------------------------------------------------------------------------------------------------------------


def add_register(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE document (id TEXT PRIMARY KEY NOT NULL, form TEXT NOT NULL) STRICT")


def test_the_tables_are_brought_to_the_next_version_with_all_that_they_hold(tmp_path: Path) -> None:
    last = old(tmp_path)
    Journal(Database(tmp_path, KEY)).check()
    newer = Database(tmp_path, KEY, (*versions.MIGRATIONS, add_register))
    with newer.writing() as connection:
        connection.execute("INSERT INTO document VALUES ('a', 'NT-1')")
    assert Journal(newer).check() == []
    assert list(Journal(newer).entries())[-1].digest == last
    before = held(tmp_path)
    older = Database(tmp_path, KEY)
    for act in (Journal(older).check, lambda: Journal(older).add("Ada", Did.SENT, AT), People(older).all):
        with pytest.raises(InputError, match="written by a newer version of this program"):
            act()
    assert held(tmp_path) == before


def test_a_step_to_the_next_version_that_fails_changes_nothing(tmp_path: Path) -> None:
    last = old(tmp_path)
    Journal(Database(tmp_path, KEY)).check()

    def breaks(connection: sqlite3.Connection) -> None:
        add_register(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Journal(Database(tmp_path, KEY, (*versions.MIGRATIONS, breaks))).check()
    taken_over(tmp_path, last)


def test_an_installation_that_skips_versions_is_brought_through_all_of_them(tmp_path: Path) -> None:
    old(tmp_path)
    assert Journal(Database(tmp_path, KEY, (*versions.MIGRATIONS, add_register))).check() == []


def test_a_newer_record_is_refused_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old(tmp_path)
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path))
    assert forked("journal", "verify").returncode == 0
    with closing(sqlite3.connect(tmp_path / "record.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    ran = forked("journal", "verify")
    assert ran.returncode == 3
    assert "known here is 1" in ran.stderr


def test_an_old_sqlite_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(InputError, match=r"it needs 3\.37 or newer"):
        Journal(Database(tmp_path, KEY)).add("Ada", Did.SENT, AT)
    assert list(tmp_path.iterdir()) == []


# Damage ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of an installation with two people and some entries."""
    state = tmp_path / "state"
    old(state)
    assert Journal(Database(state, KEY)).check() == []
    monkeypatch.setenv("CLINICPRESS_STATE", str(state))
    return state


def no_database(path: Path) -> None:
    path.write_bytes(b"these are no pages of a database" * 400)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def no_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")


def no_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE print")
        connection.execute("ALTER TABLE person RENAME TO p")


def pages_of_chance(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = random.Random(3).randbytes(len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [no_database, cut_short, no_version, no_table, pages_of_chance])
def test_a_damaged_record_is_told_in_a_sentence_and_left_alone(damage: Callable[[Path], None], installed: Path) -> None:
    damage(installed / "record.db")
    before = (installed / "record.db").read_bytes()
    ran = forked("journal", "verify")
    assert (ran.returncode, "Traceback" in ran.stderr) == (5, False)
    assert "record.db" in ran.stdout
    for command in (("serve", "--list-people"), ("serve", "--remove-person", "Ada Example")):
        ran = forked(*command)
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "damaged" in ran.stderr
        assert "restore a backup" in ran.stderr.lower()
    assert (installed / "record.db").read_bytes() == before


def a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def a_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_link_beside(path: Path) -> None:
    path.with_name("record.db-wal").symlink_to("/etc/passwd")


@pytest.mark.parametrize("what", [a_link, a_link_to_nothing, a_folder, a_pipe, a_link_beside])
def test_links_and_what_is_no_file_are_refused(what: Callable[[Path], None], installed: Path) -> None:
    what(installed / "record.db")
    for command in (("journal", "verify"), ("serve", "--list-people"), ("serve", "--remove-person", "Ada Example")):
        ran = forked(*command)
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "it is a link, or no file" in ran.stderr


def test_entries_that_were_left_without_their_record_are_told(installed: Path) -> None:
    (installed / "record.db").rename(installed / "away")
    (installed / "record.db-wal").write_bytes(b"the last entries")
    with pytest.raises(InputError, match=r"is there without record\.db"):
        Journal(Database(installed, KEY)).add("Ada", Did.SENT, AT)


def test_a_place_where_nothing_can_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "state", Path("/proc/clinicpress")):
        record = Database(folder, KEY)
        for act in (lambda: Journal(record).add("Ada", Did.SENT, AT), lambda: People(record).remove("Ada")):  # noqa: B023
            with pytest.raises(InputError, match="CLINICPRESS_STATE"):
                act()


def test_a_record_on_a_disk_that_is_only_read_is_shown_and_verified_and_takes_nothing(tmp_path: Path) -> None:
    with disk.small_disk(tmp_path / "disk", "1m") as place:
        old(place / "state")
        record = Database(place / "state", KEY)
        assert Journal(record).check() == []
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        assert Journal(record).check() == []
        assert len(list(Journal(record).entries())) == len(DEEDS)
        for act in (lambda: Journal(record).add("Ada", Did.SENT, AT), lambda: People(record).remove("Ada Example")):
            with pytest.raises(InputError, match="CLINICPRESS_STATE"):
                act()


def test_what_one_deed_does_is_done_whole_or_not_at_all(installed: Path) -> None:
    record = Database(installed, KEY)
    people, journal = People(record), Journal(record)
    before = list(journal.entries())

    def broken() -> None:
        with record.writing():
            people.remove("Ada Example")
            journal.add("Ada", Did.PERSON_REMOVED, AT)
            assert len(people.all()) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert len(people.all()) == 2
    assert list(journal.entries()) == before


def test_the_passphrase_of_who_was_removed_is_nowhere_in_the_file(installed: Path) -> None:
    people = People(Database(installed, KEY))
    people.add("Grace Example", Role.DESK, "", "four plain words will do")
    with Database(installed, KEY).reading() as connection:
        assert connection is not None
        ((digest,),) = connection.execute("SELECT passphrase FROM person WHERE name = 'Grace Example'").fetchall()
    assert digest.encode() in (installed / "record.db").read_bytes()
    people.remove("Grace Example")
    assert digest.encode() not in (installed / "record.db").read_bytes()


def test_all_kinds_of_writers_at_once_lose_nothing(installed: Path) -> None:
    """A desk that follows prints, and command lines that change people."""
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from clinicpress.record import Database, Did, Journal\n"
        "journal = Journal(Database(Path(sys.argv[1]), bytes(range(32))))\n"
        "for number in range(25):\n"
        "    packet = sys.argv[2] + str(number)\n"
        "    journal.add('x', Did.PRINTING, datetime.now(UTC), packet=packet, printer='Desk')\n"
        "    journal.add('x', Did.SENT, datetime.now(UTC), packet=packet, job=number + 1)\n"
        "    journal.add('x', Did.PRINTED, datetime.now(UTC), packet=packet, job=number + 1)\n"
    )
    command = [sys.executable, "-c", script, str(installed)]
    followers = [subprocess.Popen([*command, name], cwd=Path(__file__).parents[1]) for name in "xyz"]
    people = People(Database(installed, KEY))
    for number in range(3):
        people.add(f"Person {number}", Role.DESK, "", "four plain words will do")
        assert main(["serve", "--remove-person", f"Person {number}"]) == 0
    assert [one.wait(120) for one in followers] == [0, 0, 0]
    journal = Journal(Database(installed, KEY))
    assert journal.check() == []
    assert len(list(journal.entries())) == len(DEEDS) + 3 * 25 * 3 + 3
    assert len(journal.unfinished_prints()) == 2


def test_the_names_of_the_old_files_are_those_of_the_tests() -> None:
    assert {versions.JOURNAL, versions.HEAD, versions.PEOPLE, versions.BROWSERS} == set(OLD)
