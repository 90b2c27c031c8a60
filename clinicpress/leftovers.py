"""What a killed run left behind, and how it is told from what somebody still works on.

Whoever makes a file or a folder for a while puts the number of its process into the name, and holds a lock on it: the
system lets go of the lock however the process ends. So a thing is swept when nobody holds it, and when the process of
that number is gone or began later than the thing was changed last: numbers are given again, in a container at once.
Links are not followed, and what belongs to another user stays.
"""

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from stat import S_ISDIR, S_ISREG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WORKING = "clinicpress-"
"""What the folders in which libraries pass files begin with, in the machine's temporary folder."""
TICK = 2.0  # seconds by which the clock of a disk and that of the processes may differ
_NUMBERED = r"\.(?P<process>\d+)\.tmp"
# Documents and lists, the record, texts and their reviews, the desk's link, the keys of an installation.
_FILE = re.compile(rf"\.(?:.+\.(?:pdf|json|jsonl|csv|db|md|xlf)|review\.toml|link|key|cache\.key){_NUMBERED}")
_FOLDER = re.compile(rf"{WORKING}(?:desk-)?(?P<process>\d+)(?:-.*)?")


def sweep(folder: Path) -> None:
    """Removes the files that killed runs left unfinished in a folder, and in those directly in it."""
    for place in (str(folder), *(one.path for one in _entries(folder) if one.is_dir(follow_symlinks=False))):
        _sweep(place, _FILE)


def sweep_beside(place: Path) -> None:
    """Removes what killed runs left of this very file, whatever its name."""
    _sweep(place.parent, re.compile(re.escape(f".{place.name}") + _NUMBERED))


def sweep_working_folders(folder: Path | str) -> None:
    """Removes the working folders that killed runs left in the machine's temporary folder."""
    for path in _left(folder, _FOLDER):
        if Path(path).is_dir():
            rmtree(path, ignore_errors=True)  # it follows no link


def left_of(folder: Path, name: str) -> list[str]:
    """Where killed runs left a file of this name, unfinished."""
    return list(_left(folder, re.compile(re.escape(f".{name}") + _NUMBERED)))


def _sweep(folder: Path | str, names: "re.Pattern[str]") -> None:
    for path in _left(folder, names):
        with suppress(OSError):
            Path(path).unlink()  # never a folder


def _left(folder: Path | str, names: "re.Pattern[str]") -> "Iterator[str]":
    for entry in _entries(folder):
        found = names.fullmatch(entry.name)
        if found and _abandoned(entry.path, int(found["process"])):
            yield entry.path


def _entries(folder: Path | str) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []  # it is not there, or not ours to read


def _abandoned(path: str, process: int) -> bool:
    """Whether a file or folder of ours is held by nobody, and its process is gone."""
    try:
        found = os.lstat(path)
        if found.st_uid != os.geteuid() or not (S_ISREG(found.st_mode) or S_ISDIR(found.st_mode)):
            return False
        # A network share gives the lock only to those who may write; a folder cannot be opened for that.
        way = os.O_RDWR if S_ISREG(found.st_mode) else os.O_RDONLY
        descriptor = os.open(path, way | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # the disk knows no locks: the process alone tells
    finally:
        os.close(descriptor)
    return process == os.getpid() or not alive(process) or _began(process) > found.st_mtime + TICK


def alive(process: int) -> bool:
    """Whether a process of this machine still runs, by its number."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _began(process: int) -> float:
    """When a process began, in seconds since 1970; 0 where the system does not tell. Source: proc(5)."""
    try:
        ticks = int(Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[19])
        machine = Path("/proc/stat").read_bytes().splitlines()
        booted = next(int(line.split()[1]) for line in machine if line.startswith(b"btime"))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0.0
    return booted + ticks / os.sysconf("SC_CLK_TCK")
