"""What a killed run left is swept by the next one; what somebody still works on, links and what is not ours stay."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicpress import files
from clinicpress.backup import BackedUpPlaces, write_backup
from clinicpress.cache import ABANDONED, Cache, address
from clinicpress.cli import installation
from clinicpress.cli.options import passing_files
from clinicpress.destinations.batch_folder import CHUNKS, SHARED, Folder
from clinicpress.destinations.folder import deliver
from clinicpress.leftovers import sweep_working_folders
from clinicpress.pdf import child
from clinicpress.record import Did
from tests.delivered import made
from tests.lint.shelf import ROOT, Shelf, stock

STRANGER = 54321  # the number of another user
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a letter, to which nothing may happen."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "letter.txt").write_text("keep")
    return folder


# Every place ----------------------------------------------------------------------------------------------------------

# Where the program makes a file or folder for a while, and what it is called there; `{}` is the number of a process.
PLACES = {
    "clinicpress/files.py": "files that are written: .NAME.{}.tmp",
    "clinicpress/destinations/folder.py": "the list that was there before: .was.manifest.json.{}.tmp",
    "clinicpress/backup.py": "the copy of the record beside a backup: .record-NAME.{}.tmp",
    "clinicpress/cache.py": "finished things: .NAME.CHANCE.part",
    "clinicpress/destinations/batch_folder.py": "chunks and shared files of a batch: .NAME.{}.tmp",
    "clinicpress/destinations/remote.py": "the same on another machine",
    "clinicpress/cli/build.py": "the folder of the process that sets pages: clinicpress-{}-CHANCE",
    "clinicpress/pdf/child.py": "the same, made",
    "clinicpress/cli/options.py": "the folder of a run: clinicpress-{}-CHANCE",
    "clinicpress/desk/workers.py": "the folder of the desk's workers: clinicpress-desk-{}-CHANCE",
}
# `files` knows the names, `cache` only makes folders for good, and `installation` uses what the former
# brings.
MAKES = re.compile(
    r"mkdtemp|mkstemp|TemporaryDirectory|NamedTemporary|TemporaryFile|\.tmp\"|UNFINISHED|\{WORKING\}|os\.mkdir\("
)


def test_every_place_where_something_is_made_for_a_while_is_in_the_table() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "clinicpress").rglob("*.py")
        if MAKES.search(path.read_text(encoding="utf-8"))
    }
    assert found - {"clinicpress/leftovers.py"} == set(PLACES)


def build_again(folder: Path) -> None:
    deliver(folder, made({"topic/a.pdf": b"%PDF"}))


def record_again(folder: Path) -> None:
    installation.recorder()(Did.STARTED)


def backup_again(folder: Path) -> None:
    (folder / "content").mkdir(exist_ok=True)
    (folder / "clinic.toml").write_text('name = "A Clinic"')
    places = BackedUpPlaces(folder, folder / "content", folder / "clinic.toml")
    write_backup(folder / "ours.tar", places, installation.record(), datetime.now(UTC))


def write_again(name: str) -> Callable[[Path], None]:
    return lambda folder: files.write(folder / name, b"new")


def batch_again(folder: Path) -> None:
    (folder / SHARED).mkdir(exist_ok=True)
    Folder(folder).sweep()


def run_again(_: Path) -> None:
    with passing_files():
        pass


LEFT: dict[str, tuple[tuple[str, ...], Callable[[Path], None]]] = {
    "documents": ((".a.pdf.{}.tmp", "topic/.b.pdf.{}.tmp", "topic/.handout.en.pdf.{}.tmp"), build_again),
    "manifests": ((".manifest.json.{}.tmp", ".was.manifest.json.{}.tmp", ".now.manifest.json.{}.tmp"), build_again),
    "state": ((".record.db.{}.tmp", ".key.{}.tmp", ".cache.key.{}.tmp"), record_again),
    "backup": ((".ours.tar.{}.tmp", ".record-ours.tar.{}.tmp"), backup_again),
    "review": ((".review.toml.{}.tmp",), write_again("review.toml")),
    "text": ((".handout.es.md.{}.tmp",), write_again("handout.es.md")),
    "sheet": ((".any name.{}.tmp",), write_again("any name")),
    "print job": ((".print.pdf.{}.tmp",), write_again("print.pdf")),
    "batch": (
        (".index.csv.{}.tmp", ".plates.jsonl.{}.tmp", f"{CHUNKS}/.00001.{{}}.tmp/", f"{SHARED}/.ab.pdf.{{}}.tmp"),
        batch_again,
    ),
    "cluster": ((f"{CHUNKS}/.00001.Worker-0a-1b.tmp/",), batch_again),
    "run": (("clinicpress-{}-abc/", "clinicpress-{}/", "clinicpress-desk-{}-abc/"), run_again),
}


@pytest.mark.parametrize("kind", LEFT)
def test_the_next_run_sweeps_what_a_killed_one_left_there(
    kind: str, gone: int, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setenv("CLINICPRESS_STATE", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    names, again = LEFT[kind]
    left = [folder / name.format(gone) for name in names]
    links = [one.with_name(one.name.replace(str(gone), f"{gone}0")) for one in left if str(gone) in one.name]
    for name, one in zip(names, left, strict=True):
        one.parent.mkdir(exist_ok=True)
        one.mkdir() if name.endswith("/") else one.write_bytes(b"half")
        if name.endswith("/"):
            (one / "font").write_bytes(b"half")
            (one / "link").symlink_to(elsewhere)
    for one in links:
        one.symlink_to(elsewhere)
    again(folder)
    assert [one for one in left if one.exists()] == []
    assert [one for one in links if not one.is_symlink()] == []
    assert (elsewhere / "letter.txt").read_text() == "keep"


def test_the_cache_sweeps_what_a_killed_run_left_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path, bytes(32))
    cache.put(address("it"), b"data")
    place = Path(cache._place(address("it")))
    left = place.with_name(f".{place.name}.abc.part")
    left.write_bytes(b"half")
    os.utime(left, (0, time.time() - ABANDONED - 60))
    cache.put("0", b"data")
    assert not left.exists()


# Who still works there ------------------------------------------------------------------------------------------------


def a_file(folder: Path, number: int) -> Path:
    path = folder / f".handout.en.pdf.{number}.tmp"
    path.write_bytes(b"half")
    return path


def a_folder(folder: Path, number: int) -> Path:
    path = folder / f"clinicpress-{number}-abc"
    path.mkdir()
    (path / "font").write_bytes(b"half")
    return path


def sweep_all(folder: Path) -> None:
    files.sweep(folder)
    sweep_working_folders(folder)


both = pytest.mark.parametrize("make", [a_file, a_folder])


@both
def test_what_a_live_process_made_stays(make: Callable[[Path, int], Path], tmp_path: Path) -> None:
    path = make(tmp_path, os.getppid())
    sweep_all(tmp_path)
    assert path.exists()


@both
def test_a_number_that_was_given_again_protects_nothing(make: Callable[[Path, int], Path], tmp_path: Path) -> None:
    """What is older than the process of that number was not made by it. In a container all runs may have one number."""
    path = make(tmp_path, os.getppid())
    os.utime(path, (0, 1_000_000_000))
    sweep_all(tmp_path)
    assert not path.exists()


@both
def test_what_is_held_stays_though_nobody_here_has_its_number(
    make: Callable[[Path, int], Path], gone: int, tmp_path: Path
) -> None:
    """It may be at work in another container, or on another machine."""
    path = make(tmp_path, gone)
    hold = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), 2); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        sweep_all(tmp_path)
        assert path.exists()
        holder.kill()
    sweep_all(tmp_path)
    assert not path.exists()


@both
@as_root
def test_what_belongs_to_another_user_stays(make: Callable[[Path, int], Path], gone: int, tmp_path: Path) -> None:
    path = make(tmp_path, gone)
    os.chown(path, STRANGER, STRANGER)
    sweep_all(tmp_path)
    assert path.exists()


def test_a_pipe_is_not_waited_for_and_a_folder_with_the_name_of_a_file_stays(gone: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f".handout.en.pdf.{gone}.tmp")
    (tmp_path / f".consent.en.pdf.{gone}.tmp").mkdir()
    (tmp_path / f"clinicpress-{gone}-file").write_text("keep")
    (tmp_path / f"clinicpress-notes-{gone}").mkdir()
    before = sorted(tmp_path.iterdir())
    sweep_all(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_sweep_does_not_leave_the_folder_by_a_link(gone: int, tmp_path: Path, elsewhere: Path) -> None:
    path = a_file(elsewhere, gone)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "topic").symlink_to(elsewhere)
    files.sweep(tmp_path / "out")
    assert path.exists()


def test_what_is_written_is_held_until_it_has_its_name(tmp_path: Path) -> None:
    with files.written(tmp_path / "a.pdf") as file:
        file.write(b"%PDF")
        (one,) = tmp_path.iterdir()
        with one.open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        files.sweep(tmp_path)  # also by this very process
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]


def test_a_batch_leaves_hidden_files_of_others_alone(tmp_path: Path) -> None:
    (tmp_path / SHARED).mkdir()
    others = [tmp_path / name for name in (".notes.tmp", ".letter.docx.7.tmp", f"{SHARED}/.~lock.tmp")]
    for one in others:
        one.write_text("keep")
    Folder(tmp_path).sweep()
    assert [one.read_text() for one in others] == ["keep"] * 3


def test_a_run_gives_back_what_it_changed_for_passing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with passing_files():
        (place,) = tmp_path.iterdir()
        assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(place)
        sweep_working_folders(tmp_path)
        assert place.exists()
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


# Real kills -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


@pytest.fixture
def building(shelf: Shelf, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A build that was stopped while its pages are set."""
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, str(ROOT / "generate.py"), "build", *shelf.options, "--out", str(tmp_path / "out")],
        **surroundings(tmp_path),
    ) as run:
        end = time.monotonic() + 60
        while not list((tmp_path / "tmp").glob("clinicpress-*/*")) and time.monotonic() < end:
            time.sleep(0.005)
        run.send_signal(signal.SIGSTOP)
        yield run
        run.kill()


def surroundings(folder: Path) -> dict[str, object]:
    env = {**os.environ, "TMPDIR": str(folder / "tmp"), "CLINICPRESS_CACHE": "off"}
    return {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.mark.skipif(not child.possible(), reason="there is no process beside on this machine")
def test_a_build_sweeps_the_folders_of_a_killed_one_and_leaves_those_of_one_that_goes_on(
    building: subprocess.Popen[bytes], shelf: Shelf, tmp_path: Path
) -> None:
    left = sorted((tmp_path / "tmp").iterdir())
    assert left
    sweep_working_folders(tmp_path / "tmp")
    assert sorted((tmp_path / "tmp").iterdir()) == left
    building.kill()
    building.wait()
    command = [sys.executable, str(ROOT / "generate.py"), "build", *shelf.options, "--kind", "handout"]
    subprocess.run([*command, "--out", str(tmp_path / "other")], check=True, **surroundings(tmp_path))
    assert list((tmp_path / "tmp").iterdir()) == []
