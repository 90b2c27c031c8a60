"""Opens files that somebody named, and writes files whole or not at all, readable by nobody else.

A file is written beside its place under another name, forced to the disk, and only then renamed. What a killed run left
behind is swept away by the next one (`leftovers`). For documents and their manifest see `destinations.folder`.
"""

import errno
import fcntl
import os
import time
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from stat import S_IMODE, S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG

from clinicpress.errors import InputError
from clinicpress.leftovers import alive, sweep, sweep_beside

TYPE_CHECKING = False
if TYPE_CHECKING:  # an answer from the cache is written by this module, and loading more would take longer than that
    from collections.abc import Callable, Iterator
    from typing import BinaryIO


_OTHERS = ((S_ISFIFO, "a pipe"), (S_ISCHR, "a device"), (S_ISBLK, "a device"))


def open_file(path: str | Path) -> BufferedReader:
    """A file, opened to read its bytes.

    A pipe may have nobody who writes into it, and a device may have no end. Raises `OSError`, whose `strerror` says in
    words what is there instead.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno != errno.ENXIO:  # as a socket answers
            raise
        raise _no_file(path, "something to connect to") from None
    refused = _no_file_by(path, os.fstat(descriptor).st_mode)
    if refused is not None:
        os.close(descriptor)
        raise refused
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")


def read_file(path: str | Path, most: int) -> bytes:
    """The bytes of a file of at most `most` bytes; of a larger one as many, and one more. Raises `OSError`."""
    with open_file(path) as file:
        return file.read(most + 1)


def refuse_what_is_no_file(path: str | Path) -> None:
    """Raises `OSError` when something else than a file stands where one is to be written: a pipe, a folder."""
    try:
        mode = os.stat(path).st_mode
    except OSError:  # nothing, or what writing will tell of
        return
    if (refused := _no_file_by(path, mode)) is not None:
        raise refused


def _no_file_by(path: str | Path, mode: int) -> OSError | None:
    """What is told of something that is no file, by its mode."""
    if S_ISREG(mode):
        return None
    if S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return _no_file(path, next((words for test, words in _OTHERS if test(mode)), "something to connect to"))


def _no_file(path: str | Path, what: str) -> OSError:
    return OSError(errno.EINVAL, f"it is {what}, not a file", str(path))


ELSEWHERE = "Name another folder with --out DIR, or ask who may write there."
LONGEST_PAUSE = (
    0.05  # seconds between two tries for a lock; the first pauses are shorter, for most locks are held briefly
)
SOON = 2.0  # seconds after which somebody who waits for a lock is told so
LOCK = ".clinicpress.tmp"
"""The file that is locked in a folder where the folder itself cannot be: on a network share. It may stay there."""

__all__ = ["alive", "sweep"]  # for those who write files, and need no more of `leftovers`


def write(path: Path, data: bytes, remedy: str = ELSEWHERE) -> None:
    """Writes a file of these bytes, as `written` does. One that holds them already is left as it stands."""
    with told_plainly(path, remedy):
        if stands(path, data):
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
    with told_plainly(path, remedy):
        with beside(path) as (file, temporary):
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        sync_folder(path.parent)


@contextmanager
def beside(path: Path, mark: str = "") -> "Iterator[tuple[BinaryIO, Path]]":
    """A file to write into beside a place, and where it is. It is held meanwhile, and goes when the work on it fails.

    What killed runs left there is swept. `mark` tells two files for one place apart. Raises `OSError`.
    """
    temporary = path.with_name(f".{mark}{path.name}.{os.getpid()}.tmp")
    make_folder(path.parent)
    refuse_what_is_no_file(path)  # to take its place would remove a device from this machine
    sweep_beside(path.with_name(mark + path.name))
    try:
        temporary.unlink(missing_ok=True)  # a killed process had our number
        with open(temporary, "xb", opener=_owner_only) as file:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # where the disk knows no locks, our number tells
            yield file, temporary
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def replace_quickly(path: str, unfinished: str, *parts: bytes, descriptor: int | None = None) -> None:
    """Writes a file under another name, which is this caller's alone, and renames it. Nothing waits for the disk.

    So it is for files whose bytes are checked when they are read: a power cut may tear them. `descriptor` is the other
    file where it was made already. Raises `OSError`.
    """
    try:
        descriptor = new_file(unfinished) if descriptor is None else descriptor
        os.fchmod(descriptor, 0o600)  # whatever the umask
        write_parts(descriptor, *parts)
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def new_file(name: str, folder: int | None = None) -> int:
    """A new file for its owner only, opened to be written; `folder` is one that is open. Raises `OSError`."""
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)


def write_parts(descriptor: int, *parts: bytes) -> None:
    """Writes an open file from its parts, without joining them first, and closes it. Raises `OSError`."""
    try:
        wanted = sum(map(len, parts))
        done = os.writev(descriptor, parts)
        if done < wanted:  # a full disk, or a file beyond what one call takes
            rest = memoryview(b"".join(parts))
            while done < wanted:
                done += os.write(descriptor, rest[done:])
    finally:
        os.close(descriptor)


def stands(path: Path, data: bytes) -> bool:
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
        raise InputError(message) from error


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


@contextmanager
def alone(
    place: Path, patience: float = 10.0, busy: str = "", note: "Callable[[str], object] | None" = None
) -> "Iterator[None]":
    """Keeps other processes that ask the same from working in a folder (or with a file) meanwhile, by whatever name.

    It waits `patience` seconds for them, and says so to `note`. The lock holds nobody up after a crash: the system lets
    go. Raises `InputError` when the wait was in vain, with `busy` as its sentence.
    """
    with told_plainly(place):
        descriptors = [os.open(place, os.O_RDONLY | os.O_NONBLOCK)]  # a pipe must not keep us waiting
    try:
        end = time.monotonic() + patience
        soon = end - patience + SOON
        pause = LONGEST_PAUSE / 64
        while not _locked(descriptors, place):
            now = time.monotonic()
            if now > end:
                raise InputError(busy or f"Somebody else is writing in {place}. Wait a moment, then run it again.")
            if note and now > soon:
                note(f"Somebody else is writing in {place}. Waiting for them, {patience:.0f} seconds at most.")
                note = None
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def attend(folder: Path | str) -> None:
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


def _locked(descriptors: list[int], place: Path) -> bool:
    """Takes the lock. Where the disk knows no locks at all, nobody is kept out.

    A network share gives this lock to those only who may write to what they opened, and no folder can be opened for
    that: there a file in the folder is locked, which is opened at the first try.
    """
    try:
        fcntl.flock(descriptors[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EISDIR):
            raise
        if S_ISDIR(os.fstat(descriptors[-1]).st_mode):
            with suppress(OSError):  # a file of somebody else, or a link: then nobody is kept out
                descriptors.append(os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
                return _locked(descriptors, place)
    return True
