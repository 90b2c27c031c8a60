"""Opens files that somebody named: only what is a file, and never one that keeps us waiting."""

import errno
import os
from io import BufferedReader
from pathlib import Path
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG

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
