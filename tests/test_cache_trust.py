"""What somebody else may have put into the cache is not believed, and what is believed this installation has sealed."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import blake2b, sha256
from pathlib import Path

import pytest

from clinicpress.cache import DIGEST, MAGIC, Cache, address
from clinicpress.cli import installation

ROOT = Path(__file__).parents[1]
KEY, BOUND = b"k" * 32, 1_000_000
IT, STRANGER = address("it"), 54321  # the number of another user
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
Change = Callable[[Path, Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a cache, with a folder above it of its own."""
    return tmp_path / "above" / "cache"


def keep(folder: Path, key: bytes = KEY) -> Path:
    """Keeps one thing; returns the file that holds it."""
    cache = Cache(folder, key, BOUND)
    cache.put(IT, b"data")
    assert cache.trouble == ""
    assert cache.get(IT) == b"data"
    return Path(cache._place(IT))


def again(folder: Path, key: bytes = KEY) -> bytes | None:
    """What another process would get."""
    return Cache(folder, key, BOUND).get(IT)


# Who may have written it ----------------------------------------------------------------------------------------------


def replaced_by(make: Callable[[Path], object]) -> Change:
    """Puts something else in the place of the file that was kept, which lies elsewhere now."""

    def change(folder: Path, entry: Path) -> None:
        entry.rename(folder.parent.parent / "entry")
        make(entry)

    return change


def moved_away(_: Path, entry: Path) -> None:
    """The folder of the entry is a link to one that holds the same file."""
    elsewhere = entry.parents[2].parent / "elsewhere"
    entry.parent.rename(elsewhere)
    entry.parent.symlink_to(elsewhere, target_is_directory=True)


def listen(entry: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        os.chdir(entry.parent)  # the whole path may be too long for a socket
        one.bind(entry.name)


def swollen(_: Path, entry: Path) -> None:
    os.truncate(entry, 1 << 40)  # takes no room, and more memory than there is to read


def doubled(folder: Path, entry: Path) -> None:
    """The file of another address in this place."""
    cache = Cache(folder, KEY, BOUND)
    cache.put(address("other"), b"other")
    os.link(cache._place(address("other")), entry.with_name("x"))
    entry.with_name("x").replace(entry)


def given(which: Callable[[Path, Path], Path]) -> Change:
    return lambda folder, entry: os.chown(which(folder, entry), STRANGER, STRANGER)


def mode(which: Callable[[Path, Path], Path], bits: int) -> Change:
    return lambda folder, entry: which(folder, entry).chmod(bits)


def the_file(_: Path, entry: Path) -> Path:
    return entry


def its_folder(_: Path, entry: Path) -> Path:
    return entry.parent


def the_cache(folder: Path, _: Path) -> Path:
    return folder


def above(folder: Path, _: Path) -> Path:
    return folder.parent


NOT_BELIEVED: dict[str, Change] = {
    "the group may write the file": mode(the_file, 0o620),
    "all may write the file": mode(the_file, 0o602),
    "the group may write in its folder": mode(its_folder, 0o720),
    "all may write in its folder": mode(its_folder, 0o702),
    "all may write in its folder, each their own": mode(its_folder, 0o1777),
    "the group may write in the cache": mode(the_cache, 0o775),
    "all may write in the cache": mode(the_cache, 0o777),
    "all may write in the cache, each their own": mode(the_cache, 0o1777),
    "the group may rename the cache": mode(above, 0o775),
    "all may rename the cache": mode(above, 0o777),
    "a link in its place": replaced_by(lambda entry: entry.symlink_to(entry.parents[3] / "entry")),
    "a link that leads nowhere": replaced_by(lambda entry: entry.symlink_to(entry.parents[3] / "nowhere")),
    "a link for its folder": moved_away,
    "a pipe": replaced_by(os.mkfifo),
    "a folder": replaced_by(lambda entry: entry.mkdir()),
    "a socket": replaced_by(listen),
    "a file without end": swollen,
    "the file of another address": doubled,
}
OF_OTHERS: dict[str, Change] = {
    "somebody else's file": given(the_file),
    "in somebody else's folder": given(its_folder),
    "in somebody else's cache": given(the_cache),
    "below somebody else's folder": given(above),
    "a device": replaced_by(lambda entry: os.mknod(entry, 0o600 | stat.S_IFCHR, os.makedev(1, 5))),
}

MADE_ANEW = {"a link in its place", "a link for its folder", "a pipe", "a file without end", "somebody else's file"}


@pytest.mark.parametrize("change", [*NOT_BELIEVED, *(pytest.param(one, marks=as_root) for one in OF_OTHERS)])
def test_what_somebody_else_may_have_put_there_is_not_believed(
    change: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parents[1])
    entry = keep(folder)
    (NOT_BELIEVED | OF_OTHERS)[change](folder, entry)
    outside = {path: path.lstat().st_size for path in folder.parents[1].rglob("*") if folder not in path.parents}
    assert again(folder) is None
    cache = Cache(folder, KEY, BOUND)
    cache.put(IT, b"new")  # what is made again goes nowhere else
    assert cache.get(IT) in ((None,) if cache.trouble else (b"new",))
    now = {path: path.lstat().st_size for path in folder.parents[1].rglob("*") if folder not in path.parents}
    assert now == outside
    assert not cache.trouble or change not in MADE_ANEW


@pytest.mark.parametrize(
    "allowed",
    [
        mode(above, 0o1777),  # as /tmp: nobody can rename what belongs to another user
        mode(above, 0o755),
        mode(the_cache, 0o755),
        mode(the_file, 0o644),
        lambda folder, _: folder.rename(folder.parent / "real") and folder.symlink_to("real"),
    ],
    ids=["a folder like /tmp above", "all may read above", "all may look", "all may read", "a link to the cache"],
)
def test_what_nobody_else_can_have_written_is_believed(allowed: Change, folder: Path) -> None:
    allowed(folder, keep(folder))
    assert again(folder) == b"data"


@pytest.mark.parametrize("bits", [0o777, 0o775, 0o1777])
def test_a_cache_in_which_others_can_write_is_told_with_another_way(bits: int, folder: Path) -> None:
    keep(folder)
    folder.chmod(bits)
    cache = Cache(folder, KEY, BOUND)
    assert cache.get(IT) is None
    assert cache.trouble == ""  # asking is no trouble; what is made is not kept
    cache.put(IT, b"data")
    assert f"others can write in {folder}" in cache.trouble
    assert "--cache DIR" in cache.trouble


# What it was sealed with ----------------------------------------------------------------------------------------------


def test_a_file_without_the_key_is_not_believed(folder: Path) -> None:
    entry = keep(folder)
    name = len(IT).to_bytes(8) + IT.encode()
    digests = (
        sha256(IT.encode() + b"forged").digest(),  # as the first edition had it
        sha256(name + b"forged").digest(),
        blake2b(sha256(name + b"forged").digest(), digest_size=DIGEST, person=b"content").digest(),
    )
    for digest in digests:
        entry.write_bytes(MAGIC + digest + b"forged")
        entry.chmod(0o600)
        assert again(folder) is None
        assert not entry.exists()


def test_two_installations_in_one_folder_do_not_believe_or_disturb_each_other(folder: Path) -> None:
    keep(folder)
    other = bytes(32)
    assert again(folder, other) is None
    keep(folder, other)
    assert again(folder) == b"data"


def test_without_a_key_nothing_is_kept_and_it_is_said(folder: Path) -> None:
    cache = Cache(folder, b"", BOUND)
    cache.put(IT, b"data")
    assert cache.get(IT) is None
    assert "CLINICPRESS_STATE" in cache.trouble
    assert not folder.exists()
    assert cache.handed_on is None


@pytest.mark.parametrize("name", ["", ".", "..", "../../../out", "/etc/passwd", "a\0b", "\udcff", "x" * 5000, "ab/cd"])
def test_no_address_leads_out_of_the_folder(name: str, folder: Path) -> None:
    cache = Cache(folder, KEY, BOUND)
    cache.put(name, b"data")
    assert (cache.trouble, cache.get(name)) == ("", b"data")
    (kept,) = (path for path in folder.parents[1].rglob("*") if path.is_file())
    assert kept.parents[1] == folder


def test_tidying_takes_only_what_the_cache_named(folder: Path) -> None:
    entry = keep(folder)
    (folder / "ad").mkdir(exist_ok=True)
    others = [folder / "ad" / name for name in ("letter.docx", "a" * 61, "A" * 62, ".notes.part", "a" * 63)]
    (folder / "be").symlink_to(folder.parent)
    (folder.parent / ("b" * 62)).write_bytes(bytes(5000))
    for one in others:
        one.write_bytes(bytes(5000))
    cache = Cache(folder, KEY, 1000)
    for number in range(64):
        cache.put(address(str(number)), bytes(500))
    assert all(one.exists() for one in (*others, folder.parent / ("b" * 62)))
    assert not entry.exists()  # it did tidy


# The key --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(installation.STATE_SETTING, str(tmp_path / "state"))
    return tmp_path / "state"


UNFIT: dict[str, Callable[[Path], object]] = {
    "lost": lambda key: key.unlink(),
    "others may read it": lambda key: key.chmod(0o604),
    "the group may read it": lambda key: key.chmod(0o640),
    "others may write it": lambda key: key.chmod(0o602),
    "cut": lambda key: os.truncate(key, 31),
    "empty": lambda key: os.truncate(key, 0),
    "longer": lambda key: os.truncate(key, 33),
    "a link": lambda key: key.rename(key.with_name("other")) and key.symlink_to("other"),
    "a pipe": lambda key: (key.unlink(), os.mkfifo(key, 0o600)),
    "of somebody else": lambda key: os.chown(key, STRANGER, STRANGER),
}


@pytest.mark.parametrize("fault", [pytest.param(one, marks=as_root) if "else" in one else one for one in UNFIT])
def test_a_key_that_is_lost_or_no_secret_is_not_used_and_a_new_one_is_made(fault: str, state: Path) -> None:
    first = installation.cache_key()
    assert installation._kept_key(state / "cache.key") == first
    key = state / "cache.key"
    UNFIT[fault](key)
    assert installation._kept_key(state / "cache.key") == b""
    second = installation.cache_key()
    assert second == installation._kept_key(state / "cache.key") != first
    assert (len(second), stat.S_IMODE(key.lstat().st_mode), key.lstat().st_uid) == (32, 0o600, os.geteuid())


def test_many_processes_that_need_a_key_at_once_get_the_same_one(state: Path) -> None:
    script = (
        "import sys; from clinicpress.cli import installation\n"
        "print('ready', flush=True); sys.stdin.readline(); print(installation.cache_key().hex())\n"
    )
    for unfit in (False, True):
        if unfit:
            (state / "cache.key").chmod(0o644)
        runs = [
            subprocess.Popen(
                [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(8)
        ]
        with ExitStack() as ended:
            for run in runs:
                ended.enter_context(run)
                assert run.stdout is not None
                assert run.stdout.readline() == "ready\n"
            for run in runs:  # all ask in the same moment
                assert run.stdin is not None
                run.stdin.close()
            told = {run.stdout.read() for run in runs if run.stdout}
        assert told == {(state / "cache.key").read_bytes().hex() + "\n"}
    assert [path.name for path in state.iterdir()] == ["cache.key"]


def test_where_no_key_can_be_kept_nothing_stops(state: Path) -> None:
    state.write_text("a file")
    assert installation.cache_key() == b""
    assert state.read_text() == "a file"
