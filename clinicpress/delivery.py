"""Writes finished documents to disk: whole or not at all, readable by nobody else, listed in a manifest.

A file is written beside its place under another name, forced to the disk, and only then renamed. What a killed run left
behind is swept away by the next one.
"""

import errno
import fcntl
import json
import os
import re
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG

from clinicpress.files import read_file, refuse_what_is_no_file
from clinicpress.json_text import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:  # an answer from the cache is written by this module, and loading more would take longer than that
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from clinicpress.errors import InputError

MANIFEST = "manifest.json"
MOST_LISTED = 100_000_000  # bytes of a manifest: some 100,000 documents
# As our temporary files are named: documents and lists, the journal's head, texts and their reviews, the desk's link,
# the key of an installation.
_LEFTOVER = re.compile(r"\.(?:.+\.(?:pdf|json|head|md|xlf)|review\.toml|link|key)\.(\d+)\.tmp")
ELSEWHERE = "Name another folder with --out DIR, or ask who may write there."
LONGEST_PAUSE = (
    0.05  # seconds between two tries for a lock; the first pauses are shorter, for most locks are held briefly
)


def write(path: Path, data: bytes, remedy: str = ELSEWHERE) -> None:
    """Writes a file of these bytes, as `written` does. One that holds them already is left as it stands."""
    with told_plainly(path, remedy):
        if _stands(path, data):
            return
    with written(path, remedy) as file:
        file.write(data)


@contextmanager
def written(path: Path, remedy: str = ELSEWHERE) -> "Iterator[BinaryIO]":
    """A file to write into that takes its place in one step at the end.

    After a crash or on a full disk the old file or the new one stands, never a part. Folders are made as needed (mode
    0700), files are readable by their owner only (0600). `remedy` says what to do where it may not be written. Raises
    `InputError`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with told_plainly(path, remedy):
        make_folder(path.parent)
        refuse_what_is_no_file(path)  # to take its place would remove a device from this machine
        try:
            temporary.unlink(missing_ok=True)  # a killed process had our number
            with open(temporary, "xb", opener=_owner_only) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)


def _stands(path: Path, data: bytes) -> bool:
    """Whether a file holds these bytes, for its owner only. What it holds is forced to the disk, whoever wrote it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe must not keep us waiting
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        ours = S_ISREG(facts.st_mode) and S_IMODE(facts.st_mode) == 0o600 and facts.st_uid == os.geteuid()
        if not ours or facts.st_size != len(data) or file.read() != data:
            return False
        os.fsync(descriptor)
    sync_folder(path.parent)
    return True


def sweep(folder: Path) -> None:
    """Removes what killed runs left unfinished in a folder. Files of a run that still goes on are left alone."""
    for leftover in folder.rglob(".*.tmp"):
        found = _LEFTOVER.fullmatch(leftover.name)
        if found and not alive(int(found[1])):
            with suppress(OSError):
                leftover.unlink()


def write_manifest(folder: Path, entries: "Sequence[dict[str, object]]") -> Path:
    """Writes `manifest.json`: what lies in the folder now, sorted by file.

    Entries of files that this run did not make stay as long as their files stand.
    """
    path = folder / MANIFEST
    files = {str(entry["file"]): entry for entry in _standing(path)} | {str(entry["file"]): entry for entry in entries}
    text = json.dumps({"files": [entry for _, entry in sorted(files.items())]}, ensure_ascii=False, indent=1)
    write(path, (text + "\n").encode())
    return path


def listed(manifest: bytes) -> list[str]:
    """The files that a manifest of ours lists."""
    return [str(entry["file"]) for entry in read_json(manifest)["files"]]


def _standing(manifest: Path) -> list[dict[str, object]]:
    """The entries of the manifest that was there before, for files that are still there."""
    try:
        entries = read_json(read_file(manifest, MOST_LISTED))["files"]
        return [entry for entry in entries if (manifest.parent / str(entry["file"])).is_file()]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # no manifest, or not one of ours: this run's entries are all we know


@contextmanager
def told_plainly(path: Path, remedy: str = ELSEWHERE) -> "Iterator[None]":
    """Turns the system's refusals to write a file into sentences: raises `InputError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = (
                f"The disk is full: {path} was not written, and what was there before is intact. "
                "Free some space, then run it again."
            )
        else:
            message = f"{path} cannot be written: {error.strerror}. {remedy}"
        raise _input_error(message) from error


def _input_error(message: str) -> "InputError":
    from clinicpress.errors import InputError  # noqa: PLC0415  seldom needed

    return InputError(message)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each for its owner only, whatever the umask."""
    if not folder.is_dir():
        make_folder(folder.parent)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if not folder.is_dir():  # nobody was quicker
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None


def _owner_only(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Makes the renaming last through a power cut; Windows knows no such call for folders."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def alive(process: int) -> bool:
    """Whether a process of this machine still runs, by its number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def alone(place: Path, patience: float = 10.0, busy: str = "") -> "Iterator[None]":
    """Keeps other processes that ask the same from working in a folder (or with a file) meanwhile.

    It waits `patience` seconds for them. Nothing is left behind, also after a crash: the system lets go. Raises
    `InputError` when the wait was in vain, with `busy` as its sentence.
    """
    with told_plainly(place):
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not keep us waiting
    try:
        end = time.monotonic() + patience
        pause = LONGEST_PAUSE / 64
        while not _locked(descriptor):
            if time.monotonic() > end:
                raise _input_error(busy or f"Somebody else is writing in {place}. Wait a moment, then run it again.")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        yield
    finally:
        os.close(descriptor)


def attend(folder: Path) -> None:
    """Lets `alone` wait for this process until it ends. Many may attend at once."""
    descriptor = os.open(folder, os.O_RDONLY)  # closed by the system when the process ends, in whatever way
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH)


def taken(place: Path) -> bool:
    """Whether somebody works there alone; also where the disk knows no locks, so that nobody can tell."""
    try:
        descriptor = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _locked(descriptor: int) -> bool:
    """Takes the lock. Where the disk knows no locks (a network drive may not), nobody is kept out."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.ENOLCK, errno.ENOTSUP):
            raise
    return True
