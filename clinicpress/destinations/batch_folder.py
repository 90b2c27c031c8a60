"""Where the documents of a batch go: a folder of this machine, or any place that fsspec reaches.

Documents come in chunks. A chunk is there whole or not at all: in a folder it is renamed into its place when all of it
is written; elsewhere its record is written last, and a chunk without a record counts as not there.
"""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from clinicpress import files
from clinicpress.errors import InputError
from clinicpress.json_text import read_json

RECORD = "record.json"
BATCH = "batch.json"
SHARED = "shared"
CHUNKS = "packets"
# Chunks, documents and lists that are being written, with who writes them: a process, or a worker of a cluster.
_UNFINISHED = re.compile(r"\.(?:\d{5}|.+\.(?:pdf|json|jsonl|csv))\.[\w-]+\.tmp")


class ChunkWriter(Protocol):
    """A chunk that is being written."""

    def put(self, name: str, *parts: bytes) -> None:
        """Writes a file of the chunk, its parts one behind the other."""

    def commit(self, record: bytes) -> None:
        """Ends the chunk: from now on it is there."""


class Outlet(Protocol):
    """A place for the documents of a batch. `name` is what it is called in messages.

    `writer` tells apart those who write here at once.
    """

    name: str
    writer: str

    def read(self, name: str) -> bytes | None:
        """A file of the whole batch; None when there is none."""

    def empty(self) -> bool:
        """Whether nothing lies here."""

    def sweep(self) -> None:
        """Removes what killed runs left unfinished. The caller is alone here."""

    def attend(self) -> None:
        """Lets `sweep` wait until this process has ended, where that can be told."""

    def chunk(self, number: int) -> Any:
        """A context that gives a `ChunkWriter` for a chunk; what was there of this number goes first."""

    def share(self, name: str, *parts: bytes) -> None:
        """Writes a file that many packets name, unless it is there."""

    def record(self, number: int, *, checked: bool = True) -> dict[str, Any] | None:
        """The record of a chunk that is there; None else. `checked`: with every file as it was written."""

    def write(self, name: str, parts: Iterable[bytes]) -> str:
        """Writes a list of the whole batch, in one step; returns where it is."""

    def settle(self) -> None:
        """Returns when all that was written would last through a power cut."""


def finished_record(outlet: Outlet, number: int) -> dict[str, Any]:
    """The record of a chunk that was finished. Raises `InputError` when it is there no more."""
    record = outlet.record(number, checked=False)
    if record is None:
        raise InputError(f"Part {number} of the batch has vanished. Run it again with --resume.")
    return record


class Folder:
    """A folder of this machine. Files are readable by their owner only (0600), folders are 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.writer = ""

    def read(self, name: str) -> bytes | None:
        """A file of the whole batch."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{self.path / name} cannot be read: {error.strerror}.") from error

    def empty(self) -> bool:
        """Whether the folder holds nothing but what a killed run may have left before it had begun."""
        return all(one.name.startswith(".") and one.suffix == ".tmp" for one in self.path.iterdir())

    def attend(self) -> None:
        """Holds the folder of chunks, as many may at once, for as long as this process lives."""
        with told_plainly(self.path):
            files.attend(self._chunks())

    def _chunks(self) -> Path:
        folder = self.path / CHUNKS
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _unfinished(self, place: Path) -> Path:
        """Where something is written before it is renamed. A number of a process may come twice on two machines."""
        return place.with_name(f".{place.name}.{self.writer or os.getpid()}.tmp")

    @contextmanager
    def chunk(self, number: int) -> Iterator["_Chunk"]:
        """A chunk that is written beside its place; when the work on it fails, nothing of it stays."""
        with told_plainly(self.path):
            place = self._chunks() / f"{number:05d}"
            temporary = self._unfinished(place)
            _remove(temporary)
            temporary.mkdir(mode=0o700)
            try:
                with _Chunk(temporary, place) as shelf:
                    yield shelf
            except BaseException:
                _remove(temporary)
                raise

    def share(self, name: str, *parts: bytes) -> None:
        """Writes a file for all, in one step: two processes may do so at once. A torn one is written again."""
        place = self.path / SHARED / name
        with told_plainly(self.path):
            with suppress(FileNotFoundError):
                if place.read_bytes() == b"".join(parts):
                    return
            place.parent.mkdir(mode=0o700, exist_ok=True)
            temporary = self._unfinished(place)
            with suppress(FileNotFoundError):
                temporary.unlink()
            files.replace_quickly(str(place), str(temporary), *parts)

    def record(self, number: int, *, checked: bool = True) -> dict[str, Any] | None:
        """The record of a chunk; its files are read and compared with it, for a power cut may have torn them."""
        folder = self.path / CHUNKS / f"{number:05d}"
        try:
            record: dict[str, Any] = read_json((folder / RECORD).read_bytes())
            for name, digest in record["files"].items() if checked else ():
                if hashlib.sha256((self.path / name).read_bytes()).hexdigest() != digest:
                    return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return record

    def write(self, name: str, parts: Iterable[bytes]) -> str:
        """Writes a list of the whole batch."""
        with told_plainly(self.path):
            try:
                with files.written(self.path / name) as file:
                    file.writelines(parts)
            except InputError as error:
                if isinstance(error.__cause__, OSError):  # what is to be done is told as for every file of a batch
                    raise error.__cause__ from error
                raise
        return str(self.path / name)

    def settle(self) -> None:
        """Once for the whole batch: waiting for the disk after each of some thousand files would take minutes."""
        os.sync()

    def sweep(self) -> None:
        """Removes what killed runs left unfinished, after the last of their workers has ended."""
        with told_plainly(self.path), files.alone(self._chunks()):
            for place in (self.path, self.path / CHUNKS, self.path / SHARED):
                for leftover in place.glob(".*.tmp"):
                    if not _UNFINISHED.fullmatch(leftover.name) or leftover.is_symlink():
                        continue  # somebody else's
                    if leftover.name.endswith(f".{os.getpid()}.tmp") and files.taken(leftover):
                        continue  # the print job, which this process writes meanwhile
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
        files.write_parts(files.new_file(name, self._descriptor), *parts)

    def commit(self, record: bytes) -> None:
        """Renames the whole chunk into its place. What a torn one left there goes first."""
        self.put(RECORD, record)
        _remove(self._place)
        try:
            self._folder.rename(self._place)
        except OSError as error:
            # A cluster has a chunk made again when it takes a worker for lost. If that one lives, its chunk is as good.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            _remove(self._folder)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
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
