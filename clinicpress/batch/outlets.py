"""Where the documents of a batch go: a folder of this machine, or any place that fsspec reaches.

Documents come in chunks. A chunk is there whole or not at all: in a folder it is renamed into its place when all of it
is written; elsewhere its record is written last, and a chunk without a record counts as not there.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from clinicpress import delivery
from clinicpress.errors import InputError

RECORD = "record.json"
SHARED = "shared"
CHUNKS = "packets"


class Shelf(Protocol):
    """A chunk that is being written."""

    def put(self, name: str, *parts: bytes) -> None:
        """Writes a file of the chunk, its parts one behind the other."""

    def commit(self, record: bytes) -> None:
        """Ends the chunk: from now on it is there."""


class Outlet(Protocol):
    """A place for the documents of a batch."""

    def chunk(self, number: int) -> Any:
        """A context that gives a `Shelf` for a chunk; what was there of this number goes first."""

    def share(self, name: str, digest: str, *parts: bytes) -> None:
        """Writes a file that many packets name, unless it is there with this SHA-256."""

    def record(self, number: int, *, checked: bool = True) -> dict[str, Any] | None:
        """The record of a chunk that is there; None else. `checked`: with every file as it was written."""

    def write(self, name: str, parts: Iterable[bytes]) -> str:
        """Writes a list of the whole batch, in one step; returns where it is."""

    def settle(self) -> None:
        """Returns when all that was written would last through a power cut."""


class Folder:
    """A folder of this machine. Files are readable by their owner only (0600), folders are 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def chunk(self, number: int) -> Iterator["_Chunk"]:
        """A chunk that is written beside its place; when the work on it fails, nothing of it stays."""
        with told_plainly(self.path):
            parent = self.path / CHUNKS
            parent.mkdir(mode=0o700, exist_ok=True)
            temporary = parent / f".{number:05d}.{os.getpid()}.tmp"
            _remove(temporary)
            temporary.mkdir(mode=0o700)
            try:
                with _Chunk(temporary, parent / f"{number:05d}") as shelf:
                    yield shelf
            except BaseException:
                _remove(temporary)
                raise

    def share(self, name: str, digest: str, *parts: bytes) -> None:
        """Writes a file for all, in one step: two processes may do so at once."""
        place = self.path / SHARED / name
        if _digest(place) == digest:
            return
        with told_plainly(self.path):
            place.parent.mkdir(mode=0o700, exist_ok=True)
            temporary = place.with_name(f".{name}.{os.getpid()}.tmp")
            with suppress(FileNotFoundError):
                temporary.unlink()
            _write(str(temporary), parts)
            temporary.replace(place)

    def record(self, number: int, *, checked: bool = True) -> dict[str, Any] | None:
        """The record of a chunk; its files are read and compared with it, for a power cut may have torn them."""
        folder = self.path / CHUNKS / f"{number:05d}"
        try:
            record: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
            for name, digest in record["files"].items() if checked else ():
                if _digest(self.path / name) != digest:
                    return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return record

    def write(self, name: str, parts: Iterable[bytes]) -> str:
        """Writes a list of the whole batch."""
        with delivery.written(self.path / name) as file:
            file.writelines(parts)
        return str(self.path / name)

    def settle(self) -> None:
        """Once for the whole batch: waiting for the disk after each of some thousand files would take minutes."""
        os.sync()

    def sweep(self) -> None:
        """Removes what killed runs left unfinished. The caller is alone in the folder."""
        for place in (self.path / CHUNKS, self.path / SHARED):
            for leftover in place.glob(".*.tmp"):
                _remove(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)


class _Chunk:
    """A chunk in a folder of its own. Files are made relative to it, which is quicker than by their whole paths."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder, self._place = folder, place
        self._descriptor = -1

    def __enter__(self) -> "_Chunk":
        self._descriptor = os.open(self._folder, os.O_RDONLY)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def put(self, name: str, *parts: bytes) -> None:
        """Writes a file."""
        _write(name, parts, self._descriptor)

    def commit(self, record: bytes) -> None:
        """Renames the whole chunk into its place. What a torn one left there goes first."""
        self.put(RECORD, record)
        _remove(self._place)
        self._folder.rename(self._place)


def _write(name: str, parts: Sequence[bytes], folder: int | None = None) -> None:
    """Writes a new file from its parts, without joining them first."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    try:
        wanted = sum(map(len, parts))
        done = os.writev(descriptor, parts)
        if done < wanted:  # a full disk, or a file beyond what one call takes
            rest = memoryview(b"".join(parts))
            while done < wanted:
                done += os.write(descriptor, rest[done:])
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    """The SHA-256 of a file; nothing when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def told_plainly(place: object) -> Iterator[None]:
    """Turns the system's refusals into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = f"The disk is full: {place}. What is finished is intact. Free some space, then add --resume."
        else:
            remedy = "Name another folder with --out, or ask who may write there."
            message = f"{place} cannot be written: {error.strerror}. {remedy}"
        raise InputError(message) from error
