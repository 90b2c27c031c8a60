"""The journal keeps what was acknowledged, says when it was changed, and has no place for a patient."""

import gc
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicpress.cli import installation
from clinicpress.errors import InputError
from clinicpress.record import KEYS, Database, Did, Journal, JournalFault
from clinicpress.record.entries import LONGEST
from tests.instruments import disk
from tests.lint.shelf import forked

KEY = bytes(range(32))
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DEEDS = (
    (Did.SIGNED_IN, {"role": "desk"}),
    (Did.PRINTING, {"printer": "front", "copies": 2, "documents": [{"topic": "neurotherapy", "revision": "a" * 64}]}),
    (Did.PRINTED, {"printer": "front", "job": 7}),
    (Did.SIGNED_OUT, {}),
)


def begun(folder: Path) -> Journal:
    """A journal with four entries."""
    journal = Journal(Database(folder / "state", KEY))
    for did, facts in DEEDS:
        journal.add("Zoë Example", did, AT, **facts)
    return journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return begun(tmp_path)


def sql(journal: Journal, *statements: str) -> list[tuple[object, ...]]:
    """What another hand asks of the database, or does to it."""
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as connection:
        connection.text_factory = bytes
        return [row for one in statements for row in connection.execute(one).fetchall()]


# What it keeps --------------------------------------------------------------------------------------------------------


def test_entries_read_back_as_they_were_added(journal: Journal) -> None:
    assert journal.check() == []
    entries = list(journal.entries())
    assert [(one.number, one.at, one.who, one.did) for one in entries] == [
        (number, AT, "Zoë Example", did) for number, (did, _) in enumerate(DEEDS, 1)
    ]
    assert [dict(one.facts) for one in entries] == [facts for _, facts in DEEDS]
    assert list(journal.entries(2)) == entries[2:]
    assert journal.add("Ada", Did.STARTED, AT) == list(journal.entries())[-1]


def test_the_record_is_for_its_owner_only_and_nothing_else_lies_there(journal: Journal) -> None:
    def lies() -> dict[str, int]:
        return {path.name: path.stat().st_mode & 0o777 for path in journal.path.parent.iterdir()}

    assert lies() == {"record.db": 0o600}
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700
    with journal._database.reading():
        journal.add("Ada", Did.STARTED, AT)
        assert lies() == {"record.db": 0o600, "record.db-wal": 0o600, "record.db-shm": 0o600}
    journal.path.chmod(0o644)
    journal.add("Ada", Did.STARTED, AT)
    assert lies() == {"record.db": 0o600}


def test_odd_names_read_back_and_stay_in_their_entry(journal: Journal) -> None:
    for who in ("a\nb", '","digest":"' + "0" * 64 + '"}', "\udc80", "\u2028", "محمد", "\0"):
        journal.add(who, Did.SIGNED_IN, AT)
        assert next(iter(journal.entries(1))).who == who
    assert journal.check() == []


def test_an_entry_is_added_without_reading_those_before(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, opened = [0], Database._open

    def counting(self: Database, **how: bool) -> sqlite3.Connection:
        connection = opened(self, **how)
        connection.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 1)
        return connection

    monkeypatch.setattr(Database, "_open", counting)
    needed = []
    for _ in range(300):
        steps[0] = 0
        journal.add("Ada", Did.SENT, AT)
        needed.append(steps[0])
    assert needed[0] > 0
    assert max(needed) < needed[0] + 20


# What it finds --------------------------------------------------------------------------------------------------------


def test_any_byte_of_any_entry_and_of_the_head_that_is_changed_is_found(journal: Journal) -> None:
    chance = random.Random(7)
    for table, column, number in (
        *(("entry", column, number) for column in ("words", "digest") for number in range(1, 5)),
        *(("head", column, 1) for column in ("last", "digest")),
    ):
        key = "number" if table == "entry" else "one"
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as connection:
            ((intact,),) = connection.execute(
                f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {key} = ?", (number,)
            ).fetchall()
            put = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {key} = ?"
            for place in range(0, len(intact), 1 if column == "words" and number == 2 else 5):
                other = chance.choice([intact[place] ^ 1, intact[place] ^ 0x20, 10, 0, 0xFF])
                if other != intact[place]:
                    connection.execute(put, (intact[:place] + bytes([other]) + intact[place + 1 :], number))
                    assert journal.check(), (table, column, number, place, other)
            connection.execute(put, (intact, number))
    assert journal.check() == []


Row = tuple[bytes, bytes]


def rows(journal: Journal) -> list[Row]:
    return [(row[0], row[1]) for row in sql(journal, "SELECT words, digest FROM entry ORDER BY number")]  # type: ignore[misc]


def put(journal: Journal, new: list[Row]) -> None:
    """Writes other rows, numbered as if nothing had happened."""
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        connection.execute("DELETE FROM entry")
        for number, (words, digest) in enumerate(new, 1):
            connection.execute(
                "INSERT INTO entry VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT))", (number, words, digest)
            )
        connection.execute("COMMIT")


CHANGES: dict[str, Callable[[list[Row], int], list[Row]]] = {
    "deleted": lambda all_, n: all_[:n] + all_[n + 1 :],
    "doubled": lambda all_, n: all_[: n + 1] + all_[n:],
    "swapped": lambda all_, n: [*all_[:n], *reversed(all_[n : n + 2]), *all_[n + 2 :]] if n < 3 else all_[::-1],
    "cut off with all behind": lambda all_, n: all_[:n],
    "cut off with all before": lambda all_, n: all_[n + 1 :],
    "torn": lambda all_, n: [*all_[:n], (all_[n][0][:50], all_[n][1]), *all_[n + 1 :]],
    "an empty one behind": lambda all_, n: [*all_[: n + 1], (b"", b""), *all_[n + 1 :]],
    "one of ours with another key behind": lambda all_, n: [*all_[: n + 1], forged(), *all_[n + 1 :]],
    "too long": lambda all_, n: [*all_[:n], (b" " * LONGEST * 3, b"0" * 64), *all_[n:]],
}


def forged() -> Row:
    content = {"number": 2, "at": AT.isoformat(), "who": "Mallory", "did": "signed-in", "facts": {}}
    return json.dumps(content, separators=(",", ":")).encode(), b"0" * 64


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", range(4))
def test_an_entry_that_is_moved_added_or_gone_is_found_where_it_is(change: str, number: int, journal: Journal) -> None:
    put(journal, CHANGES[change](rows(journal), number))
    faults = journal.check()
    assert faults
    assert min(one.line for one in faults) <= number + 2
    assert all(one.sentence.endswith(".") and one.sentence[0].isupper() for one in faults)


Statement = tuple[str, tuple[object, ...]]


def another_letter(connection: sqlite3.Connection, chance: random.Random, one: int) -> list[Statement]:
    column, table, place = chance.choice(
        [("words", "entry", one), ("digest", "entry", one), ("last", "head", 1), ("digest", "head", 1)]
    )
    by = "number" if table == "entry" else "one"
    ((text,),) = connection.execute(f"SELECT {column} FROM {table} WHERE {by} = ?", (place,)).fetchall()
    at = chance.randrange(len(text))
    letter = chance.choice([each for each in "0x9{ é" if each != text[at]])
    return [(f"UPDATE {table} SET {column} = ? WHERE {by} = ?", (text[:at] + letter + text[at + 1 :], place))]


def one_change(connection: sqlite3.Connection, chance: random.Random, kind: str) -> list[Statement]:
    """A change of what the journal rests on: entries, head, the prints that are kept as unfinished, the tables."""
    numbers = [number for (number,) in connection.execute("SELECT number FROM entry ORDER BY number")]
    (one, other), last = chance.sample(numbers, 2), max(numbers)
    simple = {
        "number": [
            ("UPDATE head SET number = number + ?", (chance.choice([-3, -1, 1, 5]),)),
            ("UPDATE entry SET number = ? WHERE number = ?", (last + chance.randint(1, 9), one)),
        ],
        "deleted": [("DELETE FROM entry WHERE number = ?", (one,)), ("DELETE FROM head", ())],
        "inserted": [
            (f"INSERT INTO entry SELECT {number}, words, digest FROM entry WHERE number = ?", (one,))
            for number in (-1, 0, last + 1)
        ],
        "cut off": [("DELETE FROM entry WHERE number > ?", (chance.choice(numbers[:-1]),))],
        "print": [
            *(("DELETE FROM print", ()), ("UPDATE print SET job = job + 1", ())),
            *(("UPDATE print SET packet = 'other'", ()), ("INSERT INTO print VALUES (2, 'p', 0)", ())),
        ],
        "tables": [
            *(("CREATE TABLE more (x)", ()), ("DROP TABLE print", ()), ("ALTER TABLE entry ADD COLUMN x TEXT", ())),
            ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM print; END", ()),
        ],
    }
    if kind in simple:
        return [chance.choice(simple[kind])]
    if kind == "swapped":
        steps = ((-5, one), (one, other), (other, -5))
        return [("UPDATE entry SET number = ? WHERE number = ?", step) for step in steps]
    if kind == "cut off, with a head to match":
        end = "SELECT number, digest FROM entry WHERE number = ?"
        (before,) = connection.execute(end, (numbers[-2],)).fetchall()
        return [("DELETE FROM entry WHERE number > ?", before[:1]), ("UPDATE head SET number = ?, last = ?", before)]
    return another_letter(connection, chance, one)


KINDS = (
    *("changed", "number", "deleted", "inserted", "swapped", "cut off", "cut off, with a head to match"),
    *("print", "tables"),
)


@pytest.mark.parametrize("changes", [200, pytest.param(1_000, marks=pytest.mark.soak)])
def test_changes_by_chance_are_all_found_and_none_is_where_nothing_was_changed(changes: int, journal: Journal) -> None:
    chance = random.Random(20261124)
    for number in range(20):
        journal.add("Ada", Did.PRINTING, AT, packet=f"p{number}", printer="front")
    for number in range(18):
        journal.add("Ada", Did.SENT, AT, packet=f"p{number}", job=number + 1)
        journal.add("Ada", Did.PRINTED, AT, packet=f"p{number}", job=number + 1)
    assert len(journal.unfinished_prints()) == 2
    intact = journal.path.read_bytes()
    missed = []
    for number in range(changes):
        kind = KINDS[number % len(KINDS)]
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            for statement in one_change(connection, chance, kind):
                connection.execute(*statement)
        if not journal.check():
            missed.append((number, kind))
        journal.path.write_bytes(intact)
        if number % 100 == 0:
            assert journal.check() == []
    assert missed == []


def test_the_entry_of_a_change_is_named(journal: Journal) -> None:
    sql(journal, """UPDATE entry SET words = replace(words, '"copies":2', '"copies":3')""")
    assert [one.line for one in journal.check()] == [2]
    put(journal, rows(journal)[:1] + rows(journal)[2:])
    (fault,) = journal.check()
    assert fault == JournalFault(2, "Entry 3 stands where entry 2 belongs: entries were taken out, put in or moved.")


def test_a_journal_that_is_gone_is_found(journal: Journal) -> None:
    for text in (None, b""):
        journal.path.unlink()
        if text is not None:
            journal.path.write_bytes(text)
        (fault,) = journal.check()
        assert "There is no journal" in fault.sentence
        journal.path.touch()


def test_another_key_is_found_and_told_once(journal: Journal) -> None:
    faults = Journal(Database(journal.path.parent, bytes(32))).check()
    assert [one.line for one in faults] == [0, 1]
    assert "key" in faults[1].sentence


ENDS = {
    "no head": "DELETE FROM head",
    "the end is cut": "DELETE FROM entry WHERE number = 4",
    "a row behind": "INSERT INTO entry VALUES (5, '{}', 'x')",
    "another last digest": "UPDATE entry SET digest = 'ff' WHERE number = 4",
    "another head": "UPDATE head SET number = 3",
    "all entries gone": "DELETE FROM entry",
}


@pytest.mark.parametrize("change", ENDS)
def test_a_journal_with_another_end_takes_no_entry_and_stays_as_it_was_found(change: str, journal: Journal) -> None:
    sql(journal, ENDS[change])
    before = sql(journal, "SELECT * FROM entry", "SELECT * FROM head")
    for act in (lambda: journal.add("Ada", Did.STARTED, AT), journal.refuse_when_changed):
        with pytest.raises(InputError, match="journal verify"):
            act()
    assert sql(journal, "SELECT * FROM entry", "SELECT * FROM head") == before
    assert journal.check()


def test_a_record_that_was_moved_away_begins_anew(journal: Journal, tmp_path: Path) -> None:
    journal.path.parent.rename(tmp_path / "kept")
    assert journal.add("Ada", Did.STARTED, AT).number == 1
    assert journal.check() == []
    assert Journal(Database(tmp_path / "kept", KEY)).check() == []


# Crashes, and several at once -----------------------------------------------------------------------------------------


def adding(journal: Journal, times: int | None = None) -> tuple[int, int]:
    """A process that adds entries, and a pipe in which it tells the number of each that was acknowledged."""
    ours, theirs = os.pipe()
    gc.disable()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            while times is None or times > 0:
                number = journal.add(f"process {os.getpid()}", Did.SENT, AT, printer="front").number
                os.write(theirs, number.to_bytes(4, "big"))
                times = None if times is None else times - 1
            code = 0
        finally:
            os._exit(code)
    gc.enable()
    os.close(theirs)
    return child, ours


def acknowledged(pipe: int) -> list[int]:
    told = b""
    while piece := os.read(pipe, 1 << 16):
        told += piece
    os.close(pipe)
    return [int.from_bytes(told[place : place + 4], "big") for place in range(0, len(told), 4)]


@pytest.mark.parametrize("kills", [40, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_process_that_is_killed_at_any_instant_loses_nothing_that_was_acknowledged(
    kills: int, tmp_path: Path
) -> None:
    chance = random.Random(kills)
    journal = Journal(Database(tmp_path / "state", KEY))
    seen = 0
    for _ in range(kills):
        child, pipe = adding(journal)
        time.sleep(chance.uniform(0.001, 0.1))
        os.kill(child, signal.SIGKILL)
        numbers = acknowledged(pipe)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert journal.check() == [] if journal.path.exists() else not numbers
        there = sum(1 for _ in journal.entries())
        assert there >= max(numbers, default=seen)
        seen = there
    assert seen > kills, "no entry was written: this test saw nothing"
    journal.add("Ada", Did.SENT, AT)
    assert {path.name for path in journal.path.parent.iterdir()} == {"record.db"}


def test_several_processes_that_add_at_once_wait_for_each_other(tmp_path: Path) -> None:
    journal = Journal(Database(tmp_path / "state", KEY))  # all of them find none, and one of them makes it
    children = [adding(journal, 40) for _ in range(4)]
    while os.waitpid(children[0][0], os.WNOHANG) == (0, 0):
        if journal._database.begun:
            assert journal.check() == []  # whoever looks meanwhile sees no half entry
    assert [os.waitpid(child, 0)[1] for child, _ in children[1:]] == [0, 0, 0]
    numbers = [number for _, pipe in children for number in acknowledged(pipe)]
    assert sorted(numbers) == list(range(1, 161))
    assert journal.check() == []
    assert len({one.who for one in journal.entries()}) == 4


def test_whoever_adds_waits_for_another_and_whoever_looks_does_not(journal: Journal) -> None:
    with ThreadPoolExecutor() as pool:
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = pool.submit(journal.add, "Ada", Did.SENT, AT)
            assert journal.check() == []
            time.sleep(0.1)
            assert not waiting.done()
            other.execute("COMMIT")
        waiting.result(timeout=5)
    assert journal.check() == []


def test_who_waits_in_vain_is_told(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinicpress.record.database.PATIENCE", 0.1)
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="Somebody else is writing"):
            journal.add("Ada", Did.SENT, AT)


def test_an_entry_is_on_the_disk_before_it_is_acknowledged(journal: Journal) -> None:
    with journal._database.reading() as connection:
        assert connection is not None
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk.small_disk(tmp_path / "disk", "512k") as place:
        yield place


def test_a_full_disk_is_named_and_takes_no_part_of_an_entry(small_disk: Path) -> None:
    journal = Journal(Database(small_disk / "state", KEY))
    journal.add("Ada", Did.STARTED, AT)
    worked = 0
    for free in range(24):  # pages: for nothing at all, for the file beside it, for some of what an entry needs
        place = os.statvfs(small_disk)
        (small_disk / "filling").write_bytes(bytes(place.f_bsize * (place.f_bavail - free)))
        before = list(journal.entries()) if free > 16 else None
        for _ in range(3):
            try:
                journal.add("Ada", Did.SENT, AT, reason="x" * 200, printer="y" * 200, form="z" * 200)
                worked += 1
            except InputError as error:
                assert str(error).startswith("The disk is full")  # noqa: PT017  it may work as well
                assert before is None or len(list(journal.entries())) == len(before)
            before = None
        (small_disk / "filling").unlink()  # the remedy works
        assert journal.check() == []
        assert sum(1 for _ in journal.entries()) == worked + 1
    assert 0 < worked < 72, "the disk was full always, or never: this test saw nothing"


# What has no place in it ----------------------------------------------------------------------------------------------

CANARY = "Quillfeather"


@pytest.mark.parametrize(
    "facts",
    [
        {"patient": CANARY},
        {"name": CANARY},
        {"mrn": 12345},
        {"birth_date": "1961-04-09"},
        {"documents": [{"topic": "neurotherapy", "patient_name": CANARY}]},
        {"documents": [{"documents": [{"topic": CANARY}]}]},
        {"documents": [CANARY]},
        {"documents": {"topic": CANARY}},
        {"reason": CANARY * 20},
        {"printer": None},
        {"pages": 1.5},
    ],
    ids=str,
)
def test_a_fact_without_a_place_is_refused_and_not_repeated(facts: dict[str, object], journal: Journal) -> None:
    before = list(journal.entries())
    with pytest.raises(ValueError, match="fact") as refused:
        journal.add("Ada", Did.PRINTING, AT, **facts)
    assert CANARY not in str(refused.value)
    assert list(journal.entries()) == before
    assert CANARY.encode() not in journal.path.read_bytes()


def test_no_fact_is_named_after_a_patient() -> None:
    assert not KEYS & {"patient", "name", "birth_date", "mrn", "given", "family", "procedure", "site", "text", "note"}
    assert len(KEYS) == 22


@pytest.mark.parametrize(
    ("who", "did", "at"),
    [
        ("Ada", CANARY, AT),
        ("", Did.SENT, AT),
        (CANARY * 20, Did.SENT, AT),
        ("Ada", Did.SENT, AT.replace(tzinfo=None)),
    ],
)
def test_an_entry_needs_a_person_a_known_deed_and_a_time_with_its_zone(
    who: str, did: str, at: datetime, journal: Journal
) -> None:
    with pytest.raises(ValueError, match=r"entry|deed") as refused:
        journal.add(who, did, at)
    assert CANARY not in str(refused.value)


def test_more_facts_than_a_line_holds_are_refused(journal: Journal) -> None:
    with pytest.raises(ValueError, match="more facts"):
        journal.add("Ada", Did.SENT, AT, documents=[{"topic": "x" * 200}] * 400)
    assert journal.check() == []


# On the command line --------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """The journal of an installation."""
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "key").write_bytes(KEY)
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "state"))
    return begun(tmp_path)


def test_an_intact_journal_is_verified_and_its_last_digest_told(installed: Journal) -> None:
    ran = forked("journal", "verify")
    assert (ran.returncode, ran.stderr) == (0, "")
    (last,) = installed.entries(1)
    assert ran.stdout == f"Intact: 4 entries, the last one of 2026-11-24T09:30:00+00:00, digest {last.digest}.\n"
    answer = json.loads(forked("journal", "verify", "--json").stdout)
    assert (answer["intact"], answer["faults"], answer["last"]["digest"]) == (True, [], last.digest)


def test_a_changed_journal_is_told_line_by_line_with_exit_code_5(installed: Journal) -> None:
    sql(installed, """UPDATE entry SET words = replace(words, '"copies":2', '"copies":9')""")
    ran = forked("journal", "verify")
    assert ran.returncode == 5
    (line,) = ran.stdout.splitlines()
    assert line.startswith(f"{installed.path}:2: Entry 2 was changed")
    ran = forked("journal", "verify", "--json")
    assert ran.returncode == 5
    assert [one["line"] for one in json.loads(ran.stdout)["faults"]] == [2]


def test_a_journal_that_was_taken_away_is_told_with_exit_code_5(installed: Journal) -> None:
    installed.path.unlink()
    ran = forked("journal", "verify")
    assert ran.returncode == 5
    assert "There is no journal" in ran.stdout


def test_the_journal_is_shown_in_lines_and_as_json(installed: Journal) -> None:
    ran = forked("journal", "show", "--last", "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    head, *rows = ran.stdout.splitlines()
    assert head.split() == ["number", "time", "what", "who"]
    assert [row.split()[2] for row in rows] == ["printing", "printed", "signed-out"]
    assert "copies=2" in rows[0]
    assert len(json.loads(forked("journal", "show", "--json").stdout)["entries"]) == 4


def test_a_journal_cannot_steer_the_terminal_that_shows_it(installed: Journal) -> None:
    installed.add("Ada\x1b[2J", Did.STARTED, AT)
    assert "\x1b" not in forked("journal", "show").stdout


def test_showing_a_damaged_journal_says_what_to_do(installed: Journal) -> None:
    sql(installed, "UPDATE entry SET words = '[]' WHERE number = 2")
    ran = forked("journal", "show")
    assert ran.returncode == 3
    assert "journal verify" in ran.stderr
    assert "Traceback" not in ran.stderr


# The key --------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_on_the_disk_before_it_has_its_name_and_is_the_same_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "state"))
    steps, sync, link = list[str](), os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda descriptor: (steps.append("sync"), sync(descriptor)))
    monkeypatch.setattr(os, "link", lambda *names: (steps.append("name"), link(*names)))
    made = installation.secret_key()
    assert steps == ["sync", "name", "sync"]  # the file, its name, and the folder that holds the name
    assert installation.secret_key() == made
    (key,) = (tmp_path / "state").iterdir()
    assert (len(made), key.stat().st_mode & 0o777) == (32, 0o600)


@pytest.mark.parametrize("key", [b"", KEY[:-1], KEY + b"\n"], ids=["empty", "short", "long"])
def test_a_damaged_key_seals_nothing_and_it_is_said_what_to_do(installed: Journal, key: bytes) -> None:
    before = installed.path.read_bytes()
    (installed.path.parent / "key").write_bytes(key)
    for command in (("journal", "verify"), ("serve",), ("serve", "--remove-person", "Ada")):
        ran = forked(*command)
        assert (ran.returncode, ran.stdout) == (3, "")
        assert f"is damaged: it has {len(key)} bytes, not 32. Put back a copy of it." in ran.stderr
    assert installed.path.read_bytes() == before
    assert (installed.path.parent / "key").read_bytes() == key
