"""Where the documents of a batch go beyond this machine: any place that fsspec reaches by a URL (FTP, S3 and others).

Nothing can be renamed whole there, and nobody can be kept out. So the record of a chunk is put last, and a chunk
without a record counts as not there; and two runs in one place are for people to avoid.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec

from clinicpress.destinations.batch_folder import CHUNKS, RECORD, SHARED
from clinicpress.errors import InputError
from clinicpress.json_text import read_json

AT_ONCE = 8 << 20  # bytes of one request: a document goes in one, and S3 takes no parts below 5 MiB
UNFINISHED = ".tmp"


class Remote:
    """A place that a URL names. It may hold a password, which no message shows."""

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self._secrets = [one for one in (parts.password, unquote(parts.password or ""), parts.query) if one]
        self.writer = ""
        self._whole: set[int] = set()
        self._connected: tuple[Any, str] | None = None

    def __reduce__(self) -> tuple[type["Remote"], tuple[str]]:
        return (Remote, (self._url,))  # each process has a connection of its own

    @contextmanager
    def chunk(self, number: int) -> Iterator["_Files"]:
        """A chunk; what another run left there without a record is overwritten, or was swept away."""
        yield _Files(self, f"{CHUNKS}/{number:05d}")

    def share(self, name: str, *parts: bytes) -> None:
        """Writes a file for all. A torn one is written again."""
        data = b"".join(parts)
        if self.read(f"{SHARED}/{name}") != data:
            self.make_folder(SHARED)
            self._put_in_one_step(f"{SHARED}/{name}", [data])

    def record(self, number: int, *, checked: bool = True) -> dict[str, Any] | None:
        """The record of a chunk. `checked`: only of those that `sweep` found whole; files are not fetched back."""
        if checked and number not in self._whole:
            return None
        kept = self.read(f"{CHUNKS}/{number:05d}/{RECORD}")
        with suppress(ValueError, TypeError):
            return dict(read_json(kept or b""))
        return None

    def write(self, name: str, parts: Iterable[bytes]) -> str:
        """Writes a list of the whole batch."""
        self._put_in_one_step(name, parts)
        return f"{self.name.rstrip('/')}/{name}"

    def settle(self) -> None:
        """What a server has taken is its business."""

    def read(self, name: str) -> bytes | None:
        """A file; None when there is none."""
        files, base = self._place()
        with self._told("read"):
            try:
                return bytes(files.cat_file(f"{base}/{name}"))
            except FileNotFoundError:
                return None

    def empty(self) -> bool:
        """Whether nothing lies there but what a killed run may have left before it had begun."""
        return all(one.startswith(".") and one.endswith(UNFINISHED) for one in self._listed(""))

    def sweep(self) -> None:
        """Removes chunks without a record or with a file missing, and what else a killed run left unfinished."""
        self._whole = set()
        files, base = self._place()
        for folder in ("", SHARED):
            for name in self._listed(folder):
                if name.startswith(".") and name.endswith(UNFINISHED):
                    with self._told("swept"):
                        files.rm_file(f"{base}/{folder}/{name}".replace("//", "/"))
        for name in self._listed(CHUNKS):
            there = self._listed(f"{CHUNKS}/{name}")
            record = self.read(f"{CHUNKS}/{name}/{RECORD}") if RECORD in there else None
            with suppress(ValueError, TypeError, KeyError):
                wanted = [one.rpartition("/") for one in read_json(record or b"")["files"]]
                if {file for folder, _, file in wanted if folder != SHARED} <= there:
                    self._whole.add(int(name))
                    continue
            with self._told("swept"):
                files.rm(f"{base}/{CHUNKS}/{name}", recursive=True)

    def attend(self) -> None:
        """Nobody can be kept out there."""

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Writes a file."""
        files, base = self._place()
        with self._told("written"), files.open(f"{base}/{name}", "wb", block_size=AT_ONCE) as file:
            for part in parts:
                file.write(part)

    def make_folder(self, name: str) -> None:
        """Makes a folder, where there are such. One that cannot be made shows when a file is put there."""
        files, base = self._place()
        with suppress(Exception):
            files.mkdir(f"{base}/{name}".rstrip("/"), create_parents=not name)

    def _put_in_one_step(self, name: str, parts: Iterable[bytes]) -> None:
        """Writes a file beside its place and renames it: an FTP server keeps the half of a file when a line breaks."""
        folder, _, last = name.rpartition("/")
        unfinished = "/".join([*([folder] if folder else []), f".{last}.{self.writer or os.getpid()}{UNFINISHED}"])
        self.put(unfinished, parts)
        files, base = self._place()
        with self._told("written"):
            with suppress(Exception):  # some servers do not rename over a file that is there
                files.rm_file(f"{base}/{name}")
            files.mv(f"{base}/{unfinished}", f"{base}/{name}")

    def _listed(self, folder: str) -> set[str]:
        files, base = self._place()
        with self._told("read"):
            try:
                entries = files.ls(f"{base}/{folder}".rstrip("/"), detail=False)
            except FileNotFoundError:
                return set()
            return {str(one).rstrip("/").rpartition("/")[2] for one in entries}

    def _place(self) -> tuple[Any, str]:
        """The connection, made when first needed, and the path there."""
        if self._connected is None:
            with self._told("reached"):
                files, path = fsspec.url_to_fs(self._url, use_listings_cache=False, skip_instance_cache=True)
            self._connected = (files, path.rstrip("/"))
            self.make_folder("")
        return self._connected

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Turns what goes wrong into a sentence. Each kind of place has errors of its own, so all are meant."""
        try:
            yield
        except InputError:
            raise
        except Exception as error:  # noqa: BLE001
            said = " ".join(str(error).split()) or type(error).__name__
            for secret in self._secrets:
                said = said.replace(secret, "…")
            raise InputError(
                f"{self.name} cannot be {done}: {said.rstrip('.')}. What is finished is intact. "
                "See that the place can be reached and has room, then run it again with --resume."
            ) from None


class _Files:
    """A chunk that is being written, file by file."""

    def __init__(self, remote: Remote, folder: str) -> None:
        self._remote, self._folder = remote, folder
        remote.make_folder(CHUNKS)
        remote.make_folder(folder)

    def put(self, name: str, *parts: bytes) -> None:
        """Writes a file."""
        self._remote.put(f"{self._folder}/{name}", parts)

    def commit(self, record: bytes) -> None:
        """Puts the record: from now on the chunk is there."""
        self.put(RECORD, record)
