"""Answers of `build` that were given before: the same request for the same content is answered from the cache.

What an answer depends on is its command line, the folder it was given in, the day, the program, and the content of
every file that was read. All of it is compared, so a changed byte anywhere is a new request. Requests about a patient
are never kept. Nothing is loaded here that a kept answer does not need: this is most of what such an answer costs.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from clinicpress import delivery
from clinicpress.cache import NO_CACHE, Cache, address
from clinicpress.cli.places import ROOT, usual_cache

# What the program is made of, and what it prints with.
PROGRAM = tuple(ROOT / name for name in ("clinicpress", "generate.py", "requirements.txt", "templates", "fonts"))
PERSONAL = ("--patient", "--set")
MOST_FILES = 20_000  # of content: beyond, looking at them all takes as long as printing


class Memo:
    """The place of one request in the cache. Without a place nothing is recalled and nothing kept."""

    __slots__ = ("_before", "_cache", "_place")

    def __init__(self, place: str = "", cache: Cache = NO_CACHE) -> None:
        self._place, self._cache = place, cache
        self._before: dict[str, str] = {}

    @classmethod
    def of(cls, arguments: Sequence[str]) -> "Memo":
        """The place of a command line; none when it is about a patient or nothing shall be kept."""
        if any(one.startswith((*PERSONAL, "--no-cache")) for one in arguments):
            return cls()
        folder = _named_folder(arguments) or usual_cache()
        try:
            here = os.getcwd()  # noqa: PTH109  Path.cwd() is this, and slower
            packages = [name for place in sys.path if place.endswith("-packages") for name in sorted(_packages(place))]
        except OSError:
            return cls()
        if folder is None:
            return cls()
        day = time.strftime("%Y-%m-%d")
        place = address("answer", str(len(arguments)), *arguments, here, day, sys.version, str(ROOT), *packages)
        return cls(place, Cache(folder))

    def recall(self) -> bool:
        """Gives the answer again, as it was given before; False when there is none, or when it cannot be given so."""
        kept = self._cache.get(self._place) if self._place else None
        if kept is None:
            return False
        try:
            answer = json.loads(kept)
            if any(_state(Path(path)) != state for path, state in answer["inputs"].items()):
                return False
            files = {entry["file"]: self._cache.get(entry["sha256"]) for entry in answer["entries"]}
            if None in files.values():
                return False
            out = Path(answer["out"])
            delivery.sweep(out)
            for name, data in files.items():
                delivery.write(out / name, data or b"")
            delivery.write_manifest(out, answer["entries"])
        except KeyboardInterrupt:
            raise
        except Exception:  # noqa: BLE001  whatever it is: the usual way tells it properly
            return False
        if answer["noted"]:
            sys.stderr.write(answer["noted"])
        sys.stdout.write(answer["said"])
        sys.stdout.flush()
        return True

    def begin(self, handouts: Path, clinic: Path) -> None:
        """Notes the state of everything that the answer will depend on. Call it before anything is read."""
        if self._place:
            self._before = _states((*PROGRAM, ROOT / "handouts", handouts, clinic, *_named_in(clinic)))

    def keep(
        self, cache: Cache, libraries: Sequence[Path], files: Sequence[bytes], answer: Mapping[str, object]
    ) -> None:
        """Keeps an answer: its files, and the folder `out`, `entries` of the manifest, what was `said` and `noted`.

        `libraries` are those of the machine. Nothing is kept when one of the inputs changed meanwhile.
        """
        if not self._before or not libraries or _states(map(Path, self._before)) != self._before:
            return
        inputs = self._before | _states(libraries)
        for data in files:
            cache.put(sha256(data).hexdigest(), data)
        cache.put(self._place, json.dumps({"inputs": inputs, **answer}).encode())


def _named_folder(arguments: Sequence[str]) -> Path | None:
    """The folder that --cache names. Should click read the line otherwise, no answer is found, and no harm done."""
    for number, one in enumerate(arguments):
        if one == "--cache":
            return Path(*arguments[number + 1 : number + 2])
        if one.startswith("--cache="):
            return Path(one.removeprefix("--cache="))
    return None


def _packages(place: str) -> Iterator[str]:
    """What is installed, with versions, as the names of folders tell."""
    return (name for name in os.listdir(place) if name.endswith(".dist-info"))  # noqa: PTH208  without a Path for each


def _named_in(clinic: Path) -> list[Path]:
    """The files beside a clinic's profile that it names, such as its logo. A faulty profile names none."""
    import tomllib  # noqa: PLC0415  only a new answer needs it

    try:
        values = [tomllib.loads(clinic.read_text(encoding="utf-8-sig"))]
    except (OSError, ValueError, RecursionError):
        return []
    named: list[Path] = []
    while values:
        for value in values.pop().values():
            if isinstance(value, dict):
                values.append(value)
            elif isinstance(value, str) and value and "\0" not in value:
                named.append(clinic.parent / value)
    return [path for path in named if path.is_file()]


def _states(paths: Iterator[Path] | Sequence[Path]) -> dict[str, str]:
    """The states of files and folders; nothing when they cannot be told."""
    try:
        return {os.path.abspath(path): _state(path) for path in paths}  # noqa: PTH100  keeps links as they are
    except (OSError, OverflowError):
        return {}


def _state(path: Path) -> str:
    """What a file or folder holds, as a digest. A library of the machine counts by size and day, for it is large."""
    name = str(path)
    if ".so" in path.name:
        facts = path.stat()
        return f"{facts.st_size} {facts.st_mtime_ns}"
    if not path.is_dir():
        return address("absent") if not path.is_file() else address("file", _content(name))
    return address(*(part for file in sorted(_below(name)) for part in (file.removeprefix(name), _content(file))))


def _below(folder: str) -> list[str]:
    """All files below a folder, also behind links. Python's own copies of the program do not count."""
    found: list[str] = []
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting += [entry.path] if entry.name != "__pycache__" else []
                elif entry.is_file():
                    found.append(entry.path)
        if len(found) + len(waiting) > MOST_FILES:
            raise OverflowError
    return found


def _content(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size + 1)
        while len(data) < size and (more := os.read(descriptor, size + 1 - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)
