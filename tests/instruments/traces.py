"""Looks for what must not be told: in the names of files and in all that they hold, PDFs to their depth.

told(Path("out/consent.en.pdf"), re.compile("Quitzilda")) == []
with watched(desk, said) as seen:  # every temporary file, also one that has no name any more
    ...
assert seen == set()
assert traces(desk, said) == []
"""

import os
import re
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import pikepdf

from tests.instruments.desk import SHARED_CACHE, FrontDesk
from tests.instruments.extract import words_of
from tests.instruments.tools import library

HEAD = b"%PDF"
HEX = re.compile(rb"<([0-9A-Fa-f]{4,})>")
PAUSE = 0.003  # seconds between two looks: the desk has to get on
SETTLED = 0.1  # seconds after which a change of a file has another time than the one before


def said_in(data: bytes) -> Iterator[tuple[str, str]]:
    """Every place of a file that could carry a text, and the text in the readings that a program would try.

    A PDF may lie anywhere in it, whole or in part, as in what is kept in a cache.
    """
    yield from _readings("bytes", data)
    try:
        yield from _said_in_pdf(data[data.index(HEAD) :])
    except (ValueError, library("pypdfium2", "pypdfium2").PdfiumError, pikepdf.PdfError):  # none, or a part of one
        for stream in _inflated(data):
            yield from _readings("a stream", stream)
            shown = (one[: len(one) // 2 * 2].decode() for one in HEX.findall(stream))
            yield "a stream in hex", b"".join(map(bytes.fromhex, shown)).decode("latin-1")


def _said_in_pdf(data: bytes) -> Iterator[tuple[str, str]]:
    yield "words", words_of(data)
    with pikepdf.open(BytesIO(data)) as opened:
        for item in opened.objects:
            number = f"object {item.objgen[0]}"
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != "/Image":
                yield from _readings(number, item.read_bytes())
            yield from _strings(number, item)
        yield from _strings("trailer", opened.trailer)


def _inflated(data: bytes) -> Iterator[bytes]:
    """What the compressed streams hold, as far as they can be read."""
    for found in re.finditer(rb"stream\r?\n", data):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[found.end() :])


def _strings(place: str, item: pikepdf.Object) -> Iterator[tuple[str, str]]:
    if isinstance(item, pikepdf.String):
        yield from _readings(place, bytes(item))
    elif isinstance(item, pikepdf.Name):
        yield place, str(item)
    elif isinstance(item, pikepdf.Array):
        for one in item:
            if isinstance(one, pikepdf.Object) and not one.is_indirect:
                yield from _strings(place, one)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in item.items():
            yield place, key
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                yield from _strings(f"{place} {key}", value)


def _readings(place: str, data: bytes) -> Iterator[tuple[str, str]]:
    yield place, data.decode("latin-1")
    if b"\0" in data:
        yield place, data.replace(b"\0", b"").decode("latin-1")  # as UTF-16 was


def saying(*words: str, beside: str = "") -> re.Pattern[str]:
    """What finds any of these words, as they are and in small letters. (Ignoring case takes twenty times as long.)"""
    return re.compile("|".join([*map(re.escape, {*words, *map(str.lower, words)}), *([beside] if beside else [])]))


def told(path: Path, pattern: re.Pattern[str]) -> list[str]:
    """Where a file says what it must not say."""
    places = said_in(path.read_bytes())
    return sorted({f"{path.name}: {place}: {found[0]}" for place, text in places for found in pattern.finditer(text)})


# A front desk ---------------------------------------------------------------------------------------------------------


def traces(desk: FrontDesk, said: re.Pattern[str]) -> list[str]:
    """The files of a desk that say something in their names or inside: its log, state, temporary files and cache.

    Of the cache, those that were written or changed while it runs: what lay there before, others have made.
    """
    cache = Path(os.environ.get(SHARED_CACHE, desk.log.parent / "cache"))
    files = [*desk.log.parent.rglob("*"), *(one for one in cache.rglob("*") if _changed(one) >= desk.began)]
    assert desk.log in files
    assert desk.state / "record.db" in files
    inside = (one for one in files if one.is_file() and told(one, said))
    return [str(one) for one in (*inside, *(one for one in files if said.search(str(one))))]


def _changed(path: Path) -> float:
    """When a file or what is known of it was changed last, which nobody can choose; of one that is gone, never."""
    try:
        return path.lstat().st_ctime
    except FileNotFoundError:
        return 0


@contextmanager
def watched(desk: FrontDesk, said: re.Pattern[str]) -> Iterator[set[str]]:
    """Every temporary file of the desk that says anything of it while the block runs."""
    seen: set[str] = set()
    known: dict[str, tuple[int, ...]] = {}
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for one in _open_files(desk):
                with suppress(OSError), one.open("rb") as file:
                    facts = os.fstat(file.fileno())
                    state = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
                    if known.get(str(one)) == state:
                        continue
                    if time.time() - facts.st_ctime > SETTLED:  # else more may be written at the very same time
                        known[str(one)] = state
                    seen.update([str(one)] if any(said.search(text) for _, text in said_in(file.read(1 << 20))) else [])
            time.sleep(PAUSE)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _open_files(desk: FrontDesk) -> Iterator[Path]:
    """The temporary files of a desk, and those that it holds open although they have no name any more."""
    with suppress(OSError):
        yield from (one for one in (desk.log.parent / "tmp").rglob("*") if one.is_file())
    for process in _processes(desk.process.pid):
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            with suppress(OSError):
                if "(deleted)" in str(descriptor.readlink()):
                    yield descriptor


def _processes(root: int) -> list[int]:
    """A process and all that it has begun."""
    found = [root]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found
