"""Answers of `build` that were given before: the same request for the same content is answered from the cache.

What an answer depends on is its command line, the folder it was given in, the day, the program, and the content of
every file that was read. All of it is compared, so a change anywhere is a new request. Requests about a patient are
never kept. Only what such an answer needs is loaded here: loading is most of what it costs. `memo` does the rest.
"""

import marshal
import os
import sys
import time
from hashlib import sha256
from stat import S_IMODE, S_ISREG

from clinicpress.cache import NO_CACHE, OTHERS_TOUCH, Cache, address, read_ours
from clinicpress.cli.places import KEY_SIZE, ROOT, cache_key, usual_cache
from clinicpress.files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

# What the program is made of, and what it prints with.
PROGRAM = tuple(
    os.path.join(ROOT, name) for name in ("clinicpress", "generate.py", "requirements.txt", "templates", "fonts")
)
PERSONAL = ("--patient", "--set")
MOST_BYTES = 50_000_000  # of one file of content; what is read of one is less
MOST_FILES = 20_000  # of content: beyond, looking at them all takes as long as printing


class Request:
    """One command line, and its place in the cache. Without a place nothing is recalled, and nothing is kept."""

    __slots__ = ("cache", "place", "usual")

    def __init__(self, place: str = "", cache: Cache = NO_CACHE, usual: str = "") -> None:
        self.place, self.cache, self.usual = place, cache, usual

    @classmethod
    def of(cls, arguments: "Sequence[str]") -> "Request":
        """The place of a command line; none when it is about a patient or nothing shall be kept."""
        if any(one.startswith((*PERSONAL, "--no-cache")) for one in arguments):
            return cls()
        folder = _named_folder(arguments) or usual_cache()
        if folder is None:
            return cls()
        try:
            surroundings = (os.getcwd(), sys.version, ROOT, *_packages())
        except OSError:
            return cls()
        usual = address("usual", str(len(arguments)), *arguments, *surroundings)
        return cls(address("answer", usual, time.strftime("%Y-%m-%d")), Cache(folder, kept_key()), usual)

    def needs_pages(self, arguments: "Sequence[str]") -> bool:
        """Whether pages are likely to be set for a command line that has no kept answer.

        They lie in the cache when it was answered on another day, and nothing has changed since. One about a patient
        sets pages seldom.
        """
        if arguments and arguments[0] != "build":
            return False
        if any(one in ("-h", "--help") or one.startswith(PERSONAL) for one in arguments):
            return False
        kept = self.cache.get(self.usual) if self.usual else None
        if kept is None:
            return True
        try:
            content, program, before = marshal.loads(kept)  # noqa: S302  what is damaged does not come this far
            return bool(state(content, program) != before)
        except Exception:  # noqa: BLE001  whatever it is: then pages are set
            return True

    def recall(self) -> bool:
        """Gives the answer again, as it was given before; False when there is none, or when it cannot be given so."""
        kept = self.cache.get(self.place) if self.place else None
        if kept is None:
            return False
        try:
            answer = marshal.loads(kept)  # noqa: S302  what is damaged does not come this far
            if state(answer["content"], answer["program"]) != answer["state"]:
                return False
            if not _all_stand(answer) and not _laid_down(answer, self.cache):
                from clinicpress.cli.memo import deliver  # noqa: PLC0415  most answers lie there already

                if not deliver(answer, self.cache):
                    return False
        except Exception:  # noqa: BLE001  whatever it is: the usual way tells it properly
            return False
        if answer["noted"]:
            sys.stderr.write(answer["noted"])
        sys.stdout.write(answer["said"])
        sys.stdout.flush()
        return True


def kept_key() -> bytes:
    """The key of the cache; empty when there is none, or when others can read it or put another one there."""
    key = read_ours(cache_key(), KEY_SIZE, OTHERS_TOUCH) or b""
    return key if len(key) == KEY_SIZE else b""


def _named_folder(arguments: "Sequence[str]") -> str:
    """The folder that --cache names. Should click read the line otherwise, no answer is found, and no harm done."""
    for number, one in enumerate(arguments):
        if one == "--cache":
            return "".join(arguments[number + 1 : number + 2])
        if one.startswith("--cache="):
            return one.removeprefix("--cache=")
    return ""


def _packages() -> list[str]:
    """What is installed, with versions, as the names of folders tell."""
    places = [place for place in sys.path if place.endswith("-packages")]
    return sorted(name for place in places for name in os.listdir(place) if name.endswith(".dist-info"))


def _all_stand(answer: "dict[str, Any]") -> bool:
    """Whether everything lies in the output folder already, and nothing that a killed run left is to be swept there."""
    out, listed = answer["out"], answer["listed"]
    folders = {os.path.dirname(os.path.join(out, name)) for name in answer["files"]}
    return (
        all(stands(os.path.join(out, name), digest) for name, digest in answer["files"].items())
        and all(os.path.isfile(os.path.join(out, name)) for name in listed)
        and not any(name.endswith(".tmp") for folder in folders for name in os.listdir(folder))
    )


def stands(path: str, digest: str) -> bool:
    """Whether a file holds what this SHA-256 says, for its owner only; if so, it is forced to the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe must not keep us waiting
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not S_ISREG(facts.st_mode) or S_IMODE(facts.st_mode) != 0o600 or facts.st_uid != os.geteuid():
            return False
        if sha256(file.read()).hexdigest() != digest:
            return False
        os.fsync(descriptor)
    return True


def _laid_down(answer: "dict[str, Any]", cache: Cache) -> bool:
    """Writes all of an answer into an output folder that is not there yet; False when it is, or something was lost.

    As `delivery` writes, for whose loading there is no time here: whole or not at all, for the owner only (the umask is
    set), forced to the disk.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415  most answers lie there already

    out = answer["out"]
    files = {name: cache.get(digest) for name, digest in answer["files"].items()}
    if os.path.lexists(out) or not answer["alone"] or None in files.values():
        return False
    os.makedirs(os.path.dirname(out) or ".", 0o700, exist_ok=True)
    os.mkdir(out, 0o700)
    lock = os.open(out, os.O_RDONLY)
    try:
        flock(lock, LOCK_EX | LOCK_NB)  # as `delivery.alone` does; where it cannot be had, the usual way finds another
        if os.listdir(out):  # somebody else was here between those two lines
            return False
        _lay_down(out, files)
    finally:
        os.close(lock)
    return True


def _lay_down(out: str, files: "dict[str, bytes | None]") -> None:
    for name, data in files.items():
        path = os.path.join(out, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        unfinished = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.tmp")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data or b"")
            file.flush()
            os.fsync(descriptor)
        os.rename(unfinished, path)
    for folder in {out, *(os.path.dirname(os.path.join(out, name)) for name in files)}:
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


# The state of the inputs ----------------------------------------------------------------------------------------------


def state(content: "Iterable[str]", program: "Iterable[str]") -> str:
    """The state of all that an answer depends on, as a digest.

    Of content every byte counts. The program and its fonts are large and change seldom, so there it is size, number
    and times, also the one that no program can set back (ctime). Raises `OSError`, and `OverflowError` for too much.
    """
    parts: list[bytes | str] = []
    for path in content:
        for file in files_of(path):
            parts += ["content", file, _read(file)]
    for path in program:
        parts += [part for file in files_of(path) for part in ("program", file, _facts(file))]
    return address(*parts)


def files_of(path: str) -> list[str]:
    """A file, or all files below a folder, also behind links. Python's own copies of the program do not count."""
    if not os.path.isdir(path):
        return [path] if os.path.isfile(path) else []
    found: list[str] = []
    waiting = [path]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting += [entry.path] if entry.name != "__pycache__" else []
                elif entry.is_file():
                    found.append(entry.path)
        if len(found) + len(waiting) > MOST_FILES:
            raise OverflowError
    return sorted(found)


def _read(file: str) -> bytes:
    data = read_file(file, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise OverflowError
    return data


def _facts(file: str) -> str:
    facts = os.stat(file)
    return f"{facts.st_size} {facts.st_ino} {facts.st_mtime_ns} {facts.st_ctime_ns}"
