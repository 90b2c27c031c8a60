"""The cache: what was kept comes back whole or not at all, whatever happens to the folder."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clinicpress.cache import ABANDONED, MAGIC, NO_CACHE, UNFINISHED, Cache, address

ROOT = Path(__file__).parents[1]
KEY = b"k" * 32


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def amount(folder: Path) -> int:
    return sum(path.stat().st_size for path in files(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "here"


def test_what_was_kept_comes_back(folder: Path) -> None:
    cache = Cache(folder, KEY, 1_000_000)
    for data in (b"", b"a", bytes(range(256)) * 500):
        assert cache.get(address("it", data)) is None
        cache.put(address("it", data), data)
        assert cache.get(address("it", data)) == data
        assert Cache(folder, KEY, 1_000_000).get(address("it", data)) == data
    assert cache.trouble == ""


def test_an_address_tells_parts_apart() -> None:
    told = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("b", "c")]
    assert len({address(*parts) for parts in told}) == len(told)
    assert address("ä") == address("ä".encode())
    assert address("\udcff")  # a file name that is no text
    assert len(address()) == 64


def test_without_a_cache_nothing_is_kept() -> None:
    NO_CACHE.put(address("it"), b"data")
    assert NO_CACHE.get(address("it")) is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_may_read_whatever_the_umask(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        cache = Cache(folder, KEY, 1_000_000)
        cache.put(address("it"), b"data")
        assert cache.get(address("it")) == b"data"
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in [folder.parent, *folder.parent.rglob("*")]}
    assert set(modes.values()) == {0o700, 0o600}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data[: len(MAGIC)] + bytes([data[len(MAGIC)] ^ 1]) + data[len(MAGIC) + 1 :],
        lambda data: bytes(len(data)),  # what a power cut leaves
    ],
    ids=["empty", "short", "cut", "longer", "last byte", "first byte", "digest", "zeros"],
)
def test_a_damaged_file_counts_as_absent_and_is_removed(folder: Path, damaged) -> None:  # type: ignore[no-untyped-def]
    cache = Cache(folder, KEY, 1_000_000)
    cache.put(address("it"), b"data")
    (path,) = files(folder)
    path.write_bytes(damaged(path.read_bytes()))
    assert cache.get(address("it")) is None
    assert files(folder) == []
    cache.put(address("it"), b"data")
    assert cache.get(address("it")) == b"data"


def test_a_file_in_the_wrong_place_is_not_believed(folder: Path) -> None:
    cache = Cache(folder, KEY, 1_000_000)
    cache.put(address("one"), b"1")
    cache.put(address("two"), b"2")
    one, two = (Path(cache._place(address(name))) for name in ("one", "two"))
    two.write_bytes(one.read_bytes())
    assert cache.get(address("two")) is None
    assert cache.get(address("one")) == b"1"


def test_the_folder_stays_within_its_bound_and_what_is_used_stays(folder: Path) -> None:
    cache = Cache(folder, KEY, 100_000)
    cache.put(address("used"), b"u" * 1000)
    for number in range(1000):
        cache.put(address(str(number)), bytes(1000))
        assert cache.get(address("used")) is not None, number
    assert amount(folder) < 1.1 * 100_000 + 2000
    assert cache.get(address("999")) is not None
    assert cache.get(address("0")) is None


def test_processes_that_keep_one_thing_each_stay_near_the_bound(folder: Path) -> None:
    for number in range(1000):
        Cache(folder, KEY, 200_000).put(address(str(number)), bytes(1000))
    assert amount(folder) < 2 * 200_000


def test_what_is_larger_than_the_bound_is_not_kept(folder: Path) -> None:
    Cache(folder, KEY, 100).put(address("it"), bytes(101))
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(folder: Path) -> None:
    cache = Cache(folder, KEY, 1_000_000)
    cache.put(address("it"), b"data")
    home = files(folder)[0].parent
    old, new = (home / f".{one * 62}.x{UNFINISHED}" for one in "ab")
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - ABANDONED - 60))
    number = next(n for n in range(1000) if address(str(n)).endswith("0"))
    cache.put(address(str(number)), b"data")
    assert not old.exists()
    assert new.exists()


def test_only_what_is_ours_is_removed(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "letters").mkdir()
    others = [folder / "thesis.docx", folder / "letters" / "mine.txt"]
    for path in others:
        path.write_bytes(bytes(5000))
    cache = Cache(folder, KEY, 1000)
    for number in range(100):
        cache.put(address(str(number)), bytes(500))
    assert all(path.exists() for path in others)


def test_a_cache_that_cannot_be_written_only_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file" / "cache", KEY)
    cache.put(address("it"), b"data")
    assert cache.get(address("it")) is None
    assert "--cache DIR" in cache.trouble


def test_a_full_disk_only_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cache = Cache(folder, KEY)
    monkeypatch.setattr(os, "replace", full)
    cache.put(address("it"), b"data")
    assert "No space left" in cache.trouble
    assert files(folder) == []
    assert cache.get(address("it")) is None


def content(number: int) -> bytes:
    return str(number).encode() * (200 + 37 * number)


def hammer(folder: Path, seed: int, bound: int) -> int:
    """Keeps and asks for the same few things; returns how many wrong answers there were."""
    cache, wrong = Cache(folder, KEY, bound), 0
    for step in range(400):
        number = (step * 7 + seed * 13) % 40
        found = cache.get(address(str(number)))
        wrong += found not in (None, content(number))
        if found is None or step % 5 == 0:
            cache.put(address(str(number)), content(number))
        if step % 31 == seed:
            Path(cache._place(address(str(number)))).write_bytes(b"spoilt")
    return wrong + bool(cache.trouble)


def test_four_processes_at_once_never_get_a_wrong_answer(folder: Path) -> None:
    """They keep, evict, damage and remove the same things meanwhile."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.starmap(hammer, [(folder, seed, 30_000) for seed in range(4)]) == [0] * 4
    assert amount(folder) < 2 * 30_000


def test_a_process_that_is_killed_while_it_keeps_leaves_no_wrong_answer(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from clinicpress.cache import Cache, address\n"
        f"cache, number = Cache(Path(sys.argv[1]), {KEY!r}), 0\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    number = (number + 1) % 8\n"
        "    cache.put(address(str(number)), str(number).encode() * 400_000)\n"
    )
    for round_ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.01 + 0.007 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for number in range(8):
            assert Cache(folder, KEY).get(address(str(number))) in (None, str(number).encode() * 400_000)
