"""Tells when the library has changed, and reads it in bounded time: a text that takes too long or too much is left out.

The server uses the first: what is imported here must not load what reads texts (`tests/test_desk_loads.py`).
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from clinicpress.cache import NO_CACHE, Cache
from clinicpress.errors import InputError, Problem
from clinicpress.kept import stock_of
from clinicpress.stock import Shelf, Stock, take_stock

UNREAD = ("S16", "unreadable-text")


def signature(handouts: Path, clinic: Path) -> str:
    """What tells whether anything of the content has changed: names, sizes and times of all its files."""
    found: dict[str, tuple[int, int]] = {}
    _look_into(str(handouts), found)
    _look_into(str(clinic.parent / "brand"), found)
    _look_into(str(clinic.parent), found, deeper=False)  # the profile, its notice, its jurisdiction, a logo
    told = "".join(f"{path}\0{size}\0{changed}\0" for path, (size, changed) in sorted(found.items()))
    return blake2b(told.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _look_into(folder: str, found: dict[str, tuple[int, int]], *, deeper: bool = True) -> None:
    """Notes the files of a folder, their sizes and times; hidden ones are none of ours."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for one in entries:
        if one.name.startswith("."):
            continue
        with suppress(OSError):  # taken away meanwhile
            if one.is_file():
                state = one.stat()
                found[one.path] = state.st_size, state.st_mtime_ns
            elif deeper and one.is_dir(follow_symlinks=False):
                _look_into(one.path, found)


class _TooLong(BaseException):  # not an Exception: no "except Exception" on the way may take it for its own
    """Something took longer than it may."""


def stock_in_time(shelf: Shelf, patience: float, cache: Cache = NO_CACHE) -> Stock:
    """The stock of a shelf, as `take_stock` gives it; without the topics that cannot be read in so many seconds.

    What was read before is taken from the cache. The seconds are those of the processor, for all of it and for each
    topic. Raises `InputError` when there is no shelf, or nothing of it can be read.
    """
    try:
        with _within(patience):
            return stock_of(shelf, cache)
    except (_TooLong, MemoryError):
        pass
    except InputError:
        if not shelf.handouts.is_dir():
            raise
    good, unread, told = list[str](), list[Problem](), list[str]()
    for topic in sorted(one.name for one in shelf.handouts.iterdir() if any(one.glob("*.md"))):
        try:
            with _within(patience / 2):
                take_stock(shelf, (topic,))
        except (_TooLong, MemoryError):
            unread.append(_problem(shelf, topic, "Reading its texts takes too long or too much."))
            told.append(unread[-1].message)
        except InputError as error:
            if str(error) in told:  # of two topics, so it is the fault of neither: a font is missing
                raise
            unread.append(_problem(shelf, topic, str(error)))
            told.append(str(error))
        else:
            good.append(topic)
    if not good:
        raise InputError(" ".join(told) or f"{shelf.handouts} holds no documents.")
    stock = take_stock(shelf, tuple(good))
    return replace(stock, problems=(*stock.problems, *unread))


def _problem(shelf: Shelf, topic: str, why: str) -> Problem:
    texts = sorted((shelf.handouts / topic).glob("*.md"), key=lambda one: one.stat().st_size)
    message = f"The topic '{topic}' was left out. {why}"
    remedy = "Look at what was changed last in its folder: a text or a picture there is damaged, or far too long."
    return Problem(*UNREAD, str(texts[-1]), 0, message, remedy)  # the longest is the likeliest


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Ends what is inside after so many seconds of the processor: it raises `_TooLong` there."""

    def ring(_number: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
