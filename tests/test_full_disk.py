"""A disk that fills up at any write: it is said, what was there before is intact, and nothing half-written stays."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinicpress import files
from clinicpress.cache import Cache
from clinicpress.cli import installation
from clinicpress.destinations.folder import deliver
from clinicpress.errors import InputError
from clinicpress.record import Database
from clinicpress.record.people import People, Role
from tests.delivered import false_entries, leftovers, made
from tests.instruments import disk
from tests.lint.shelf import ROOT, stock

PAGE = os.sysconf("SC_PAGE_SIZE")
OLD, NEW = b"old" * 3000, b"new" * 5000
STAFF = ("Ada Example", Role.DESK, "", "a long passphrase for this test")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk.small_disk(tmp_path / "disk", "256k") as place:
        yield place


def build(folder: Path) -> None:
    deliver(folder, made({"a.pdf": NEW, "b.pdf": OLD, "topic/c.pdf": NEW, "topic/d.pdf": NEW}))


def review(folder: Path) -> None:
    files.write(folder / "a.pdf", NEW)


def key(_: Path) -> None:
    installation.secret_key()


def staff(folder: Path) -> None:
    People(Database(folder, bytes(32))).add(*STAFF)


WRITERS: dict[str, Callable[[Path], None]] = {"build": build, "one file": review, "key": key, "people": staff}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_disk_that_is_full_at_any_write_changes_nothing(
    writer: str, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no page free, with one, with two, until it works: so the disk fills up at each write once."""
    monkeypatch.setenv("CLINICPRESS_STATE", str(small_disk / "out"))
    out, filling, refused = small_disk / "out", small_disk / "filling", 0
    deliver(out, made({"a.pdf": OLD, "b.pdf": OLD}))
    if writer == "people":
        People(Database(out, bytes(32))).add("Rosa Example", *STAFF[1:])
    before = state(out)
    for free in range(64):
        there = os.statvfs(small_disk)
        filling.write_bytes(bytes(max(0, (there.f_bavail - free) * PAGE)))
        try:
            WRITERS[writer](out)
        except InputError as error:
            assert "No space left" in str(error) or "disk is full" in str(error)  # noqa: PT017  it may work as well
            refused += 1
        else:
            break
        finally:
            filling.unlink()
        assert state(out) == before
        assert leftovers(out) == []
    assert refused, "the disk never was full: this test saw nothing"
    assert state(out) != before
    assert writer != "build" or false_entries(out) == []


def test_a_full_disk_under_the_cache_only_says_so(small_disk: Path) -> None:
    cache = Cache(small_disk / "cache", bytes(32))
    cache.put("a", OLD)
    (small_disk / "filling").write_bytes(bytes(os.statvfs(small_disk).f_bavail * PAGE))
    cache.put("a", NEW)
    assert "No space left" in cache.trouble
    assert cache.get("a") == OLD
    assert leftovers(small_disk) == []


def test_a_build_needs_no_room_but_that_for_its_files(small_disk: Path, tmp_path: Path) -> None:
    """Neither for its cache, nor for the key of this installation, nor in the machine's temporary folder."""
    (small_disk / "tmp").mkdir()
    (small_disk / "filling").write_bytes(bytes(os.statvfs(small_disk).f_bavail * PAGE))
    full = {"TMPDIR": "tmp", "CLINICPRESS_STATE": "state", "CLINICPRESS_CACHE": "cache"}
    shelf, out = stock(tmp_path / "shelf"), tmp_path / "out"
    ran = subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), "build", *shelf.options, "--kind", "handout", "--out", str(out)],
        env={**os.environ, **{name: str(small_disk / place) for name, place in full.items()}},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Note: The cache" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert false_entries(out) == []


def state(folder: Path) -> dict[str, bytes]:
    """All that a folder holds; of a record, what it says, for its pages and the files beside it come and go."""
    held = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    people = repr(People(Database(folder, bytes(32))).all()).encode() if "record.db" in held else b""
    return {name: data for name, data in held.items() if "record.db" not in name} | {"people": people}
