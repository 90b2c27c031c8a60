"""A finished document stands on the disk whole or not at all, is its owner's only, and is listed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicpress import files, library
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.destinations.folder import deliver
from clinicpress.errors import InputError
from clinicpress.issued import Issued, about_order
from clinicpress.orders import Order
from tests.delivered import false_entries, leftovers, listed, made
from tests.lint.shelf import ROOT, stock

KILLS = 200
LENGTH = 300_000  # bytes: so long that a kill can come in the middle of it


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


# Whole or not at all --------------------------------------------------------------------------------------------------


def write_for_ever(out: Path) -> None:
    """A run that never ends: a document and its manifest, over and over, each time with other bytes."""
    while True:
        for letter in "abcdef":
            deliver(out, made({"topic/handout.en.pdf": letter.encode() * LENGTH}))


def test_a_run_that_is_killed_at_any_instant_leaves_no_torn_file_and_the_next_run_sweeps_up(tmp_path: Path) -> None:
    """A small process forks the runs: this one may hold so much that each fork takes longer than the run it begins."""
    script = "import sys, pathlib; from tests.test_delivery import kill_runs; kill_runs(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def kill_runs(folder: Path) -> None:
    """Kills a run after some thousandths of a second, over and over, and looks at what it left."""
    chance = random.Random(20261122)
    pdf, manifest = folder / "topic" / "handout.en.pdf", folder / "manifest.json"
    seen: set[bytes] = set()
    swept = 0
    for _ in range(KILLS):
        run = os.fork()
        if run == 0:
            write_for_ever(folder)
        time.sleep(chance.uniform(0.002, 0.03))
        os.kill(run, signal.SIGKILL)
        os.waitpid(run, 0)
        if pdf.exists():
            data = pdf.read_bytes()
            assert data == data[:1] * LENGTH
            seen.add(data[:1])
        if manifest.exists():
            assert false_entries(folder) == []
        swept += len(leftovers(folder))
        deliver(folder, made({"other.pdf": b"%PDF"}))
        assert false_entries(folder) == []
        assert len(listed(folder)) == 1 + pdf.exists()
        assert leftovers(folder) == []
    assert len(seen) > 1, "the kills always came at the same step: this test saw nothing"
    assert swept, "no kill came while a file was being written: this test saw nothing"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "handout.en.pdf"
    files.write(path, b"old")

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(InputError, match=r"Input/output error.*--out DIR"):
        files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_an_interrupted_write_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(tmp_path / "handout.en.pdf", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_write_reaches_the_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (steps.append("sync"), fsync(descriptor))[1])
    monkeypatch.setattr(Path, "replace", lambda old, new: (steps.append("rename"), rename(old, new))[1])
    files.write(tmp_path / "handout.en.pdf", b"new")
    assert steps == ["sync", "rename", "sync"]  # the file, its name, and the folder that holds the name


def test_a_leftover_of_a_run_with_our_own_number_does_not_stop_us(tmp_path: Path) -> None:
    """In a container every run has the same process number: a leftover of a killed run then looks like our own."""
    (tmp_path / f".handout.en.pdf.{os.getpid()}.tmp").write_bytes(b"torn")
    files.sweep(tmp_path)
    files.write(tmp_path / "handout.en.pdf", b"new")
    assert (tmp_path / "handout.en.pdf").read_bytes() == b"new"
    assert leftovers(tmp_path) == []


def test_the_sweep_leaves_a_run_that_still_goes_on_and_files_of_other_people_alone(tmp_path: Path) -> None:
    alive = tmp_path / "topic" / f".handout.en.pdf.{os.getppid()}.tmp"
    others = [tmp_path / name for name in ("notes.tmp", ".notes.tmp", ".notes.12a.tmp", "handout.en.pdf", ".tmp")]
    alive.parent.mkdir()
    for path in (alive, *others):
        path.write_bytes(b"keep")
    files.sweep(tmp_path)
    assert all(path.read_bytes() == b"keep" for path in (alive, *others))


OURS = ("handout.en.pdf", "people.json", "record.db", "review.toml", "handout.en.md", "consent.xlf", "link", "key")


def test_the_sweep_takes_all_that_the_press_itself_would_leave_and_nothing_else(tmp_path: Path) -> None:
    """An output folder may lie among other things; a hidden file of another program is not ours to delete."""
    finished = subprocess.Popen(["true"])
    finished.wait()
    for name in OURS:
        (tmp_path / f".{name}.{finished.pid}.tmp").write_bytes(b"torn")
    foreign = [tmp_path / f".{name}.{finished.pid}.tmp" for name in ("letter.docx", "clinic.toml", "a.link", "a.key")]
    for one in foreign:
        one.write_bytes(b"keep")
    files.sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(foreign)


def test_a_sweep_of_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    files.sweep(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=200))
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    files.write(path, data)
    assert path.read_bytes() == data


# Its owner's only -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("umask")
def test_files_and_folders_are_their_owners_only_whatever_the_umask(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    files.write(out / "topic" / "handout.en.pdf", b"%PDF")
    deliver(out, [])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    folders = [path for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")) if path.is_dir()]
    assert len(written) == 2
    assert len(folders) == 3
    assert {mode(path) for path in written} == {0o600}
    assert {mode(path) for path in folders} == {0o700}


def test_an_older_file_that_all_could_read_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "handout.en.pdf"
    path.write_bytes(b"old")
    path.chmod(0o644)
    files.write(path, b"new")
    assert mode(path) == 0o600


def test_a_folder_that_somebody_shared_on_purpose_stays_shared(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o755)
    files.write(tmp_path / "out" / "handout.en.pdf", b"new")
    assert mode(tmp_path / "out") == 0o755


def test_a_link_is_replaced_and_what_it_led_to_is_not_written(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_bytes(b"keep")
    path = tmp_path / "handout.en.pdf"
    path.symlink_to(elsewhere)
    files.write(path, b"new")
    assert elsewhere.read_bytes() == b"keep"
    assert not path.is_symlink()


# What cannot be written -----------------------------------------------------------------------------------------------


def test_a_file_in_the_place_of_a_folder_is_named_with_another_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(InputError, match=r"Not a directory.*--out DIR"):
        files.write(tmp_path / "out" / "topic" / "handout.en.pdf", b"new")
    assert (tmp_path / "out").read_bytes() == b"a file"


def test_a_folder_in_the_place_of_a_file_is_named_with_another_way(tmp_path: Path) -> None:
    (tmp_path / "handout.en.pdf").mkdir()
    with pytest.raises(InputError, match=r"Is a directory.*--out DIR"):
        files.write(tmp_path / "handout.en.pdf", b"new")
    assert leftovers(tmp_path) == []


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def order(tmp_path: Path) -> Order:
    shelf = stock(tmp_path / "shelf")
    clinic = library.read_clinic(shelf.clinic, {"Clinic Sans"})
    return Order(library.read_document(shelf.handout), clinic, PageProfile(Paper.LETTER, Print.STANDARD), ())


def named(order: Order, page: PageProfile, home: Paper) -> str:
    return Issued.of(about_order(replace(order, page=page), 1, ()), b"").file_name(home)


@pytest.mark.parametrize(
    ("paper", "size", "home", "name"),
    [
        (Paper.LETTER, Print.STANDARD, Paper.LETTER, "ear-rinse/handout.en.pdf"),
        (Paper.A4, Print.STANDARD, Paper.LETTER, "ear-rinse/handout.en.a4.pdf"),
        (Paper.A4, Print.STANDARD, Paper.A4, "ear-rinse/handout.en.pdf"),
        (Paper.LETTER, Print.STANDARD, Paper.A4, "ear-rinse/handout.en.letter.pdf"),
        (Paper.LETTER, Print.LARGE, Paper.LETTER, "ear-rinse/handout.en.large-print.pdf"),
        (Paper.A4, Print.LARGE, Paper.LETTER, "ear-rinse/handout.en.large-print.a4.pdf"),
    ],
)
def test_a_file_name_says_topic_kind_language_and_what_is_not_the_default(
    order: Order, paper: Paper, size: Print, home: Paper, name: str
) -> None:
    assert named(order, PageProfile(paper, size), home) == name


def test_two_kinds_of_print_never_get_the_same_name(order: Order) -> None:
    for home in Paper:
        pages = [PageProfile(paper, size) for paper in Paper for size in Print]
        assert len({named(order, page, home) for page in pages}) == len(pages)
