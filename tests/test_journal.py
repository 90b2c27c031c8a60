"""The journal keeps what was acknowledged, says when it was changed, and has no place for a patient."""

import gc
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicpress import delivery
from clinicpress.cli import installation
from clinicpress.errors import InputError
from clinicpress.journal import KEYS, Did, Fault, Journal
from clinicpress.journal.chain import LONGEST
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
    journal = Journal(folder / "state" / "journal.jsonl", KEY)
    for did, facts in DEEDS:
        journal.add("Zoë Example", did, AT, **facts)
    return journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return begun(tmp_path)


def head_of(journal: Journal) -> Path:
    return journal.path.with_name("journal.head")


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


def test_journal_and_head_are_for_their_owner_only_and_nothing_else_lies_there(journal: Journal) -> None:
    found = {path.name: path.stat().st_mode & 0o777 for path in journal.path.parent.iterdir()}
    assert found == {"journal.jsonl": 0o600, "journal.head": 0o600}
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700


def test_odd_names_read_back_and_stay_on_their_line(journal: Journal) -> None:
    for who in ("a\nb", '","digest":"' + "0" * 64 + '"}', "\udc80", "\u2028", "محمد"):
        journal.add(who, Did.SIGNED_IN, AT)
        assert next(iter(journal.entries(1))).who == who
    assert journal.check() == []


def test_an_entry_is_added_without_reading_those_before(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(200):
        journal.add("Ada", Did.SENT, AT)
    read = []
    whole = os.pread
    monkeypatch.setattr(os, "pread", lambda *given: read.append(given[1]) or whole(*given))
    journal.add("Ada", Did.SENT, AT)
    assert read
    assert sum(read) < 200  # bytes


# What it finds --------------------------------------------------------------------------------------------------------


def test_any_byte_of_any_line_that_is_changed_is_found(journal: Journal) -> None:
    for path in (journal.path, head_of(journal)):
        intact = path.read_bytes()
        for place in range(len(intact)):
            for other in (intact[place] ^ 1, intact[place] ^ 0x20, ord("\n")):
                if other != intact[place]:
                    path.write_bytes(intact[:place] + bytes([other]) + intact[place + 1 :])
                    assert journal.check(), (path.name, place, other)
        path.write_bytes(intact)
    assert journal.check() == []


def lines(journal: Journal) -> list[bytes]:
    return journal.path.read_bytes().splitlines(keepends=True)


CHANGES: dict[str, Callable[[list[bytes], int], list[bytes]]] = {
    "deleted": lambda all_, n: all_[:n] + all_[n + 1 :],
    "doubled": lambda all_, n: all_[: n + 1] + all_[n:],
    "swapped": lambda all_, n: [*all_[:n], *reversed(all_[n : n + 2]), *all_[n + 2 :]] if n < 3 else all_[::-1],
    "cut off with all behind": lambda all_, n: all_[:n],
    "cut off with all before": lambda all_, n: all_[n + 1 :],
    "torn": lambda all_, n: [*all_[:n], all_[n][:50]],
    "an empty line behind": lambda all_, n: [*all_[: n + 1], b"\n", *all_[n + 1 :]],
    "a line of ours with another key behind": lambda all_, n: [*all_[: n + 1], forged(), *all_[n + 1 :]],
    "too long": lambda all_, n: [*all_[:n], b" " * LONGEST * 3, *all_[n:]],
}


def forged() -> bytes:
    content = {"number": 2, "at": AT.isoformat(), "who": "Mallory", "did": "signed-in", "facts": {}}
    return json.dumps(content, separators=(",", ":"))[:-1].encode() + b',"digest":"' + b"0" * 64 + b'"}\n'


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", range(4))
def test_a_line_that_is_moved_added_or_gone_is_found_where_it_is(change: str, number: int, journal: Journal) -> None:
    journal.path.write_bytes(b"".join(CHANGES[change](lines(journal), number)))
    faults = journal.check()
    assert faults
    assert min(one.line for one in faults) <= number + 2
    assert all(one.sentence.endswith(".") and one.sentence[0].isupper() for one in faults)


def test_the_line_of_a_change_is_named(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"copies":2', b'"copies":3'))
    assert [one.line for one in journal.check()] == [2]
    journal.path.write_bytes(b"".join(lines(journal)[:1] + lines(journal)[2:]))
    (fault,) = journal.check()
    assert fault == Fault(2, "Entry 3 stands where entry 2 belongs: lines were taken out, put in or moved.")


def test_a_journal_that_is_gone_is_found(journal: Journal) -> None:
    head = head_of(journal).read_bytes()
    text = journal.path.read_bytes()
    head_of(journal).unlink()
    assert journal.check()
    journal.path.unlink()
    assert journal.check()
    head_of(journal).write_bytes(head)
    assert journal.check()
    journal.path.write_bytes(b"")
    assert journal.check()
    journal.path.write_bytes(text)
    assert journal.check() == []


def test_another_key_is_found_and_told_once(journal: Journal) -> None:
    faults = Journal(journal.path, bytes(32)).check()
    assert [one.line for one in faults] == [0, 1]
    assert "key" in faults[1].sentence


def remove_head(journal: Journal) -> None:
    head_of(journal).unlink()


def remove_journal(journal: Journal) -> None:
    journal.path.unlink()


def cut_the_end(journal: Journal) -> None:
    journal.path.write_bytes(b"".join(lines(journal)[:3]))


def cut_inside_the_last_line(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes()[:-20])


def put_a_line_behind(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes() + forged())


def take_a_line_out(journal: Journal) -> None:
    journal.path.write_bytes(b"".join(lines(journal)[1:]))


def change_the_last_digest(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes()[:-5] + b'ff"}\n')


def change_the_head(journal: Journal) -> None:
    head_of(journal).write_bytes(head_of(journal).read_bytes().replace(b":4,", b":3,"))


@pytest.mark.parametrize(
    "change",
    [
        remove_head,
        remove_journal,
        cut_the_end,
        cut_inside_the_last_line,
        put_a_line_behind,
        take_a_line_out,
        change_the_last_digest,
        change_the_head,
    ],
)
def test_a_journal_with_another_end_takes_no_entry_and_stays_as_it_was_found(
    change: Callable[[Journal], None], journal: Journal
) -> None:
    change(journal)
    before = {path.name: path.read_bytes() for path in journal.path.parent.iterdir()}
    for act in (lambda: journal.add("Ada", Did.STARTED, AT), journal.mend):
        with pytest.raises(InputError, match="journal verify"):
            act()
    assert {path.name: path.read_bytes() for path in journal.path.parent.iterdir()} == before
    assert journal.check()


def test_a_journal_that_was_moved_away_begins_anew(journal: Journal, tmp_path: Path) -> None:
    journal.path.parent.rename(tmp_path / "kept")
    assert journal.mend() is False
    assert journal.add("Ada", Did.STARTED, AT).number == 1
    assert journal.check() == []
    assert Journal(tmp_path / "kept" / "journal.jsonl", KEY).check() == []


# Crashes --------------------------------------------------------------------------------------------------------------


def test_a_last_line_that_a_crash_tore_anywhere_is_cut_and_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", KEY)
    for known in range(2):  # also when it was the first line of all
        before, head = (journal.path.read_bytes(), head_of(journal).read_bytes()) if known else (b"", b"")
        if not known:
            journal.add("Ada", Did.STARTED, AT)
            head = journal._chain.head_line(type(journal._head())())  # as it is written before the first line
        else:
            journal.add("Ada", Did.SENT, AT, printer="front")
        after = journal.path.read_bytes()
        newest = head_of(journal).read_bytes()
        for end in range(len(before), len(after)):
            journal.path.write_bytes(after[:end])
            head_of(journal).write_bytes(head)
            assert bool(journal.check()) == (end > len(before))
            assert journal.mend() == (end > len(before))
            assert journal.path.read_bytes() == before
            assert journal.check() == []
        journal.path.write_bytes(after)
        head_of(journal).write_bytes(newest)


def test_adding_to_a_torn_journal_mends_it_and_says_so(journal: Journal) -> None:
    with journal.path.open("ab") as file:
        file.write(b'{"number":5,"at"')
    journal.add("Ada", Did.STARTED, AT)
    assert [(one.number, one.did) for one in journal.entries(2)] == [(5, Did.MENDED), (6, Did.STARTED)]
    assert journal.check() == []


def test_a_head_that_is_behind_by_whole_entries_is_no_fault_and_catches_up(journal: Journal) -> None:
    head = head_of(journal).read_bytes()
    for _ in range(3):
        journal.add("Ada", Did.SENT, AT)
    newest = head_of(journal).read_bytes()
    head_of(journal).write_bytes(head)
    assert journal.check() == []
    assert journal.mend() is False
    assert head_of(journal).read_bytes() == newest
    head_of(journal).write_bytes(head)
    assert journal.add("Ada", Did.SENT, AT).number == 8
    assert journal.check() == []


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
    journal = Journal(tmp_path / "journal.jsonl", KEY)
    seen = 0
    for _ in range(kills):
        child, pipe = adding(journal)
        time.sleep(chance.uniform(0.001, 0.03))
        os.kill(child, signal.SIGKILL)
        numbers = acknowledged(pipe)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        journal.mend()
        assert journal.check() == [] if journal.path.exists() else not numbers
        there = sum(1 for _ in journal.entries())
        assert there >= max(numbers, default=seen)
        seen = there
    assert seen > kills, "no entry was written: this test saw nothing"
    assert not list(tmp_path.glob(".*"))


def test_two_processes_that_add_at_once_wait_for_each_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", KEY)
    children = [adding(journal, 60) for _ in range(2)]
    while os.waitpid(children[0][0], os.WNOHANG) == (0, 0):
        if journal.path.exists():
            assert journal.check() == []  # whoever looks meanwhile sees no half line
    assert os.waitpid(children[1][0], 0)[1] == 0
    numbers = [number for _, pipe in children for number in acknowledged(pipe)]
    assert sorted(numbers) == list(range(1, 121))
    assert journal.check() == []
    assert len({one.who for one in journal.entries()}) == 2


@pytest.mark.parametrize("act", [Journal.check, Journal.mend, lambda journal: journal.add("Ada", Did.SENT, AT)])
def test_whoever_looks_or_adds_waits_until_another_is_done(act: Callable[[Journal], object], journal: Journal) -> None:
    with ThreadPoolExecutor() as pool:
        with delivery.alone(journal.path.parent):
            waiting = pool.submit(act, journal)
            time.sleep(0.1)
            assert not waiting.done()
        waiting.result(timeout=5)
    assert journal.check() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk.small_disk(tmp_path / "disk", "64k") as place:
        yield place


def add_until_refused(journal: Journal) -> tuple[int, dict[str, bytes], str]:
    """How many entries were added, what lay on the disk before the one that was not, and what was said of it."""
    added = 0
    while True:
        before = {path.name: path.read_bytes() for path in journal.path.parent.iterdir()}
        try:
            journal.add("Ada", Did.SENT, AT, reason="x" * 200, printer="y" * 200, form="z" * 200)
        except InputError as error:
            return added, before, str(error)
        added += 1


def test_a_full_disk_is_named_and_takes_no_part_of_an_entry(small_disk: Path) -> None:
    journal = Journal(small_disk / "journal.jsonl", KEY)

    def fill(pages: int) -> None:
        free = os.statvfs(small_disk)
        (small_disk / "filling").write_bytes(bytes(free.f_bsize * (free.f_bavail - pages)))

    journal.add("Ada", Did.STARTED, AT)
    for pages in (2, 1, 0):  # room for a line and its head, for one of the two, for none
        fill(pages)
        added, before, said = add_until_refused(journal)
        assert said.startswith("The disk is full")
        assert bool(added) == bool(pages)
        assert {path.name: path.read_bytes() for path in small_disk.iterdir()} == before
        assert journal.check() == []
        (small_disk / "filling").unlink()  # the remedy works
        journal.add("Ada", Did.STARTED, AT)
        assert journal.check() == []


def test_a_line_for_which_there_is_half_the_room_is_taken_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a disk that fills up in the middle of a line."""
    before = journal.path.read_bytes()
    whole = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[: len(data) // 2]))
    with pytest.raises(InputError, match="The disk is full"):
        journal.add("Ada", Did.STARTED, AT)
    assert journal.path.read_bytes() == before


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
    before = journal.path.read_bytes()
    with pytest.raises(ValueError, match="fact") as refused:
        journal.add("Ada", Did.PRINTING, AT, **facts)
    assert CANARY not in str(refused.value)
    assert journal.path.read_bytes() == before


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


# Places that cannot be used -------------------------------------------------------------------------------------------


def test_a_place_where_nothing_can_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="CLINICPRESS_STATE"):
        Journal(tmp_path / "file" / "journal.jsonl", KEY).add("Ada", Did.SENT, AT)
    with pytest.raises(InputError, match="CLINICPRESS_STATE"):
        Journal(Path("/proc/clinicpress/journal.jsonl"), KEY).add("Ada", Did.SENT, AT)


def test_a_journal_is_not_written_through_a_link(journal: Journal, tmp_path: Path) -> None:
    journal.path.rename(tmp_path / "elsewhere")
    journal.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="cannot be written"):
        journal.add("Ada", Did.SENT, AT)


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
    installed.path.write_bytes(installed.path.read_bytes().replace(b'"copies":2', b'"copies":9'))
    ran = forked("journal", "verify")
    assert ran.returncode == 5
    (line,) = ran.stdout.splitlines()
    assert line.startswith(f"{installed.path}:2: Entry 2 was changed")
    ran = forked("journal", "verify", "--json")
    assert ran.returncode == 5
    assert [one["line"] for one in json.loads(ran.stdout)["faults"]] == [2]


def test_a_journal_that_was_taken_away_is_told_with_exit_code_5(installed: Journal) -> None:
    installed.path.unlink()
    head_of(installed).unlink()
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
    installed.path.write_bytes(installed.path.read_bytes() + b"[]\n")
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
