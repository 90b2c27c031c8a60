"""Who may sign in is kept where only its owner reads it; passphrases are kept nowhere; every change is recorded."""

import gc
import json
import os
import pty
import re
import subprocess
import sys
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import argon2
import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY

from clinicpress.cli import installation
from clinicpress.errors import InputError
from clinicpress.record import Database, Did
from clinicpress.record import people as room
from clinicpress.record.people import People, Role
from tests.instruments import disk
from tests.lint.shelf import ROOT, forked

SECRET = "four plain words will do"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the same code, for tests of something else


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_hasher", QUICK)


@pytest.fixture
def people(tmp_path: Path, quick: None) -> People:
    return at(tmp_path / "state")


def at(folder: Path) -> People:
    """Who may sign in at the installation with this state."""
    key = folder / "key"
    return People(Database(folder, key.read_bytes() if key.exists() else bytes(32)))


def kept(people: People) -> str:
    """What the record keeps of people, as text."""
    with people._database.reading() as connection:
        return "" if connection is None else str(connection.execute("SELECT * FROM person").fetchall())


# Signing in -----------------------------------------------------------------------------------------------------------


def test_a_person_signs_in_with_the_passphrase_and_with_no_other(people: People) -> None:
    ada = people.add("Ada Example", Role.CLINICIAN, "ND", SECRET)
    assert people.check("Ada Example", SECRET) == ada
    for wrong in ("", SECRET[:-1], SECRET + " ", SECRET.upper(), "x" * 1000, "\udc80" * 12, "\0" * 12):
        assert people.check("Ada Example", wrong) is None
    assert people.check("Grace Example", SECRET) is None


def test_names_and_passphrases_count_however_their_letters_were_typed(people: People) -> None:
    zoe = people.add("Zoë  Example", Role.DESK, "", "crème brûlée à midi")
    assert zoe.name == "Zoë Example"
    for name in ("ZOË EXAMPLE", unicodedata.normalize("NFD", "zoë example"), "  zoë   example "):
        assert people.check(name, unicodedata.normalize("NFD", "crème brûlée à midi")) == zoe
        with pytest.raises(InputError, match="already"):
            people.add(name, Role.DESK, "", SECRET)


def test_the_real_effort_is_that_of_the_standard_and_the_same_for_a_name_that_nobody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = at(tmp_path)
    people.add("Ada Example", Role.DESK, "", SECRET)
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in kept(people)
    tried: list[str] = []

    class Counted(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  as argon2 has it
            tried.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(room, "_hasher", Counted.from_parameters(RFC_9106_LOW_MEMORY))
    for name, passphrase in (("Ada Example", "another passphrase"), ("Nobody", SECRET), ("Ada Example", "x" * 300)):
        assert people.check(name, passphrase) is None
    assert len(tried) == 3
    assert len({str(argon2.extract_parameters(one)) for one in tried}) == 1


def test_a_weaker_digest_is_made_anew_at_the_next_signing_in(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = people.add("Ada Example", Role.DESK, "", SECRET)
    weak = kept(people)
    monkeypatch.setattr(room, "_hasher", argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert people.check("Ada Example", "not the passphrase") is None
    assert kept(people) == weak
    assert people.check("Ada Example", SECRET) == ada
    assert "m=16,t=2" in kept(people)
    assert people.check("Ada Example", SECRET) == ada
    assert people.all() == (ada,)


def test_signing_in_does_not_wait_for_room_on_the_disk(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stronger digest cannot be written: the person is let in all the same."""
    with disk.small_disk(people._database.folder, "256k") as place:
        ada = people.add("Ada Example", Role.DESK, "", SECRET)
        monkeypatch.setattr(room, "_hasher", argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
        free = os.statvfs(place)
        (place / "filling").write_bytes(bytes(free.f_bsize * free.f_bavail))
        before = kept(people)
        assert people.check("Ada Example", SECRET) == ada
        with pytest.raises(InputError, match="The disk is full"):
            people.change_passphrase("Ada Example", SECRET)
        assert kept(people) == before


# What is kept ---------------------------------------------------------------------------------------------------------


def test_passphrases_are_kept_nowhere_and_shown_nowhere(people: People) -> None:
    ada = people.add("Ada Example", Role.DESK, "", SECRET)
    text = kept(people)
    assert SECRET not in text
    assert text.count("$argon2id$") == 1
    assert "argon2" not in repr((ada, people, people._read()))
    assert SECRET.encode() not in people._database.path.read_bytes()


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("e\u0301" * 11, "at least 12"),  # 22 signs, which are 11 letters
        ("Zoë Ann Example", "the person's name"),
        ("zoëannexample", "the person's name"),
        ("a" * 12, "one letter"),
        ("aA aA aA aA aA", "one letter"),
        ("x" * 256 + "y", "at most 256"),
        ("\udc80 and eleven", "UTF-8"),
    ],
)
def test_a_passphrase_that_is_easy_to_guess_is_refused_and_not_repeated(
    passphrase: str, said: str, people: People
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        people.add("Zoë Ann Example", Role.DESK, "", passphrase)
    assert not passphrase or passphrase not in str(refused.value)
    assert people.all() == ()


@pytest.mark.parametrize(
    "passphrase", ["correcthorse", "123456789012", "x" * 255 + "y", "пароль из слов", "  two  blanks  "]
)
def test_no_recipe_is_asked_of_a_passphrase(passphrase: str, people: People) -> None:
    ada = people.add("Ada Example", Role.DESK, "", passphrase)
    assert people.check("Ada Example", passphrase) == ada


@pytest.mark.parametrize(
    ("name", "role", "credential", "said"),
    [
        ("", Role.DESK, "", "name of the person"),
        ("Ada Example, ND", Role.DESK, "", "without a comma"),
        ("Ada\x1b[2J", Role.DESK, "", "cannot be seen"),
        ("Ada\u202eExample", Role.DESK, "", "cannot be seen"),
        ("x" * 81, Role.DESK, "", "at most 80"),
        ("Ada Example", Role.CLINICIAN, " ", "--credential"),
        ("Ada Example", Role.CLINICIAN, "N\x00D", "cannot be seen"),
    ],
)
def test_a_name_that_could_not_stand_in_an_approval_is_refused(
    name: str, role: Role, credential: str, said: str, people: People
) -> None:
    with pytest.raises(InputError, match=said):
        people.add(name, role, credential, SECRET)


def test_each_person_has_a_short_name_that_is_never_used_again(people: People) -> None:
    ada = people.add("Ada Example", Role.DESK, "", SECRET)
    assert re.fullmatch(r"ada-example-[0-9a-f]{4}", ada.id)
    assert people.change_passphrase("Ada Example", SECRET * 2) == ada
    others = {people.add(name, Role.DESK, "", SECRET).id for name in ("Ada  Example-", "王", "李", "x" * 80)}
    assert len(others) == 4
    assert all(re.fullmatch(r"[a-z0-9-]{6,25}", one) for one in others)
    people.remove("Ada Example")
    assert people.add("Ada Example", Role.DESK, "", SECRET).id not in {ada.id, *others}


def test_who_was_removed_cannot_sign_in_and_a_changed_passphrase_counts_at_once(people: People) -> None:
    people.add("Ada Example", Role.DESK, "", SECRET)
    grace = people.add("Grace Example", Role.MANAGER, "", SECRET)
    people.change_passphrase("grace example", "another passphrase")
    assert people.check("Grace Example", SECRET) is None
    assert people.check("Grace Example", "another passphrase") == grace
    people.remove("ada example")
    assert people.check("Ada Example", SECRET) is None
    assert people.all() == (grace,)
    for act in (lambda: people.remove("Ada Example"), lambda: people.change_passphrase("Ada Example", SECRET)):
        with pytest.raises(InputError, match="Nobody has this name"):
            act()


@pytest.mark.parametrize(
    "damage", ["id = 'x', passphrase = 'none of argon2'", "passphrase = CAST(x'ff' AS TEXT)", "compared = 'b'"]
)
def test_people_who_were_changed_by_another_hand_are_told_of_or_stay_out(damage: str, people: People) -> None:
    people.add("Ada Example", Role.DESK, "", SECRET)
    with people._database.writing() as connection:
        connection.execute(f"UPDATE person SET {damage}")
    if "passphrase" not in damage:
        with pytest.raises(InputError, match="already"):
            people.add("Ada Example", Role.DESK, "", SECRET)
        return
    for act in (people.all, lambda: people.check("A", SECRET), lambda: people.remove("Ada Example")):
        with pytest.raises(InputError, match="is damaged, so nobody can sign in"):
            act()


def test_two_processes_that_add_people_at_once_lose_nobody(people: People) -> None:
    children = []
    for letter in "AB":
        gc.disable()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for number in range(20):
                    people.add(f"{letter} Example {number}", Role.DESK, "", SECRET)
                code = 0
            finally:
                os._exit(code)
        gc.enable()
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert len(people.all()) == 40


# On the command line --------------------------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "desk"))
    return tmp_path / "desk"


QUICKLY = """
import sys
import argon2
from clinicpress.record import people
people._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
from clinicpress.cli import main
sys.exit(main())
"""


def serve(*options: str, given: bytes = b"") -> "subprocess.CompletedProcess[str]":
    """The command, with a quicker argon2; what is given stands in its input."""
    ran = subprocess.run(
        [sys.executable, "-c", QUICKLY, "serve", *options], cwd=ROOT, input=given, capture_output=True, check=False
    )
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert "Traceback" not in err
    assert SECRET not in out + err
    return subprocess.CompletedProcess(ran.args, ran.returncode, out, err)


LINE = f"{SECRET}\nnot read\n".encode()


def test_people_are_added_changed_listed_and_removed_and_each_change_is_recorded(state: Path) -> None:
    ran = serve("--add-person", "Zoë Example", "--role", "clinician", "--credential", "ND", given=LINE)
    line = ran.stdout
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = serve("--change-passphrase", "zoë example", given=b"another passphrase\r\n")
    assert ran.returncode == 0, ran.stderr
    zoe = at(state).check("Zoë Example", "another passphrase")
    assert zoe is not None
    (listed,) = json.loads(serve("--list-people", "--json").stdout)["people"]
    assert listed == {"id": zoe.id, "name": "Zoë Example", "role": "clinician", "credential": "ND"}
    assert serve("--list-people").stdout == line == f"Zoë Example, ND (clinician)  {zoe.id}\n"
    installation.journal().add(zoe.id, Did.SIGNED_IN, datetime.now(UTC))
    assert serve("--remove-person", "Zoë Example").returncode == 0
    assert "Nobody may sign in yet" in serve("--list-people").stdout
    entries = list(installation.journal().entries())
    did = [one.did for one in entries]
    assert did == [Did.PERSON_ADDED, Did.PASSPHRASE_CHANGED, Did.SIGNED_IN, Did.PERSON_REMOVED]
    assert {one.who for one in entries if one.did is not Did.SIGNED_IN} == {installation.account()}
    told = {"id": zoe.id, "person": "Zoë Example", "role": "clinician"}
    assert dict(entries[0].facts) == dict(entries[-1].facts) == told
    shown = forked("journal", "show", "--last", "2").stdout.splitlines()[1]
    assert f"signed-in           Zoë Example ({zoe.id})" in shown  # although nobody of this name is there any more
    last = json.loads(forked("journal", "show", "--json").stdout)["entries"]
    assert [one["name"] for one in last] == ["", "", "Zoë Example", ""]
    assert installation.journal().check() == []
    assert {path.name for path in state.iterdir()} == {"key", "record.db"}
    assert {path.stat().st_mode & 0o777 for path in state.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("options", "given", "said"),
    [
        (("--role", "desk"), LINE, "one thing at a time"),
        (("--list-people", "--remove-person", "Ada"), b"", "one thing at a time"),
        (("--remove-person", "Ada", "--role", "desk"), b"", "go with --add-person"),
        (("--add-person", "Ada"), LINE, "--role desk|clinician|manager"),
        (("--add-person", "Ada", "--role", "clinician"), LINE, "--credential"),
        (("--add-person", "Ada", "--role", "desk"), b"", "first line of the input"),
        (("--add-person", "Ada", "--role", "desk"), b"\n\n", "first line of the input"),
        (("--add-person", "Ada", "--role", "desk"), b"short\n", "at least 12"),
        (("--add-person", "Ada", "--role", "desk"), b"\xff" * 20 + b"\n", "not UTF-8"),
        (("--add-person", "Ada", "--role", "desk"), b"xy" * 5000, "at most 256"),
        (("--add-person", "", "--role", "desk"), LINE, "name of the person"),
        (("--change-passphrase", "Ada"), LINE, "Nobody has this name"),
        (("--remove-person", "Ada"), b"", "Nobody has this name"),
        (("--remove-person", ""), b"", "Nobody has this name"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_told_in_a_sentence_and_nothing_is_recorded(
    options: tuple[str, ...], given: bytes, said: str, state: Path
) -> None:
    ran = serve(*options, given=given)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert at(state).all() == ()
    assert list(installation.journal().entries()) == []


def test_nobody_is_added_while_the_journal_takes_no_entry(state: Path) -> None:
    assert serve("--add-person", "Ada", "--role", "desk", given=LINE).returncode == 0
    with installation.record().writing() as connection:
        connection.execute("DELETE FROM head")
    ran = serve("--add-person", "Grace", "--role", "desk", given=LINE)
    assert ran.returncode == 3
    assert "journal verify" in ran.stderr
    assert len(at(state).all()) == 1


def test_on_a_terminal_the_passphrase_is_asked_for_twice_and_not_shown(state: Path) -> None:
    assert serve("--add-person", "Ada", "--role", "desk", given=LINE).returncode == 0
    gc.disable()
    try:
        child, terminal = pty.fork()
    except OSError:
        pytest.skip("this machine lends no terminal (in a chroot without /dev/pts)")
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", QUICKLY, "serve", "--change-passphrase", "Ada"])  # noqa: S606
    gc.enable()
    shown = b""
    for asked in (b"Passphrase: ", b"Once more: "):
        while not shown.endswith(asked):
            shown += os.read(terminal, 1024)
        time.sleep(0.05)  # the terminal is told to be silent a moment after the question
        os.write(terminal, b"typed by hand\n")
    try:
        while piece := os.read(terminal, 1024):
            shown += piece
    except OSError:  # Linux says so when the other end was closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert b"typed" not in shown
    assert at(state).check("Ada", "typed by hand") is not None
