"""What a process of ours may take, and how two of them speak: limits of memory and time, and values through a pipe."""

import ctypes
import marshal
import math
import os
import resource
import sys
from signal import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any


DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def die_with(parent: int) -> None:
    """Makes this process end when the one that began it does, in whatever way. `parent` is the number of that one."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, SIGKILL)
    if os.getppid() != parent:  # it died before we could say so
        os._exit(0)


def limit_memory(size: int) -> None:
    """Lets this process have so many bytes of addresses, and leave no picture of its memory behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = _within(size, resource.getrlimit(resource.RLIMIT_AS)[1])
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def allow(seconds: int) -> None:
    """Gives this process so much more time of the processor; after that the system ends it (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (_within(spent + seconds, hard), hard))


def _within(wanted: int, hard: int) -> int:
    """A limit that a process may set: no more than somebody else has allowed it already."""
    return wanted if hard < 0 else min(wanted, hard)


SIZE = 8  # bytes: how long a message is stands before it


def framed(thing: "Any") -> bytes:
    """A message as it goes into a pipe."""
    data = marshal.dumps(thing)
    return len(data).to_bytes(SIZE, "big") + data


def received(pipe: "IO[bytes]") -> "Any":
    """What the other end sent; None when it is closed or was cut short."""
    size = int.from_bytes(pipe.read(SIZE), "big")
    data = pipe.read(size)
    return marshal.loads(data) if size and len(data) == size else None  # noqa: S302  it comes from ourselves
