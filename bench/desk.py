"""Jobs of the front desk: a real one on this machine, and people at browsers who click, wait, and click again.

Times are those that a person waits: from the click to the first byte of what was asked for. These people never pause,
so twenty of them are as many as hundreds at real desks. They sit on the same machine and take a part of it.
"""

import asyncio
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlencode

from bench.clicks import Clicked, Measured, memory_of
from bench.names import CLICK, WRITTEN
from bench.orders import ROOT
from clinicpress.desk.workers import Limits, Workroom
from tests.instruments.desk import CACHE_KEY, STAFF, FrontDesk, add_staff, front_desk, with_our_cache_key

DAY = "2026-11-24"
FORM = "neurotherapy/consent/en"
CROWD = 20
LONGEST = 60.0  # seconds for one answer: a desk that hangs must not hang the bench
ALONE_LIMIT, CROWD_LIMIT = 0.050, 0.400  # seconds to the first byte, for 95 of 100 clicks
WIDTH = 960  # pixels of a page's picture
ANEW = f"{CLICK}, set again"
Click = Callable[["Caller"], Awaitable[float]]
Before = Callable[["Caller"], Awaitable[None]]
Tell = Callable[[str], None]


@dataclass(slots=True)
class Caller:
    """A browser that stays connected: it says one request, and hears when the first byte of the answer's body comes."""

    port: int
    cookie: str = field(repr=False)
    token: str = field(repr=False)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    folder: Path = Path()
    packet: str = ""
    pdf: bytes = field(default=b"", repr=False)

    async def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes, float]:
        """One request: status, headers, body, and the moment of the body's first byte."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        host = f"127.0.0.1:{self.port}"
        head = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {host}", f"Cookie: {self.cookie}"]
        body = b""
        if form is not None:
            body = urlencode({"token": self.token, **form}).encode()
            head += [f"Origin: http://{host}", "Content-Type: application/x-www-form-urlencoded"]
            head += [f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join([*head, "", ""]).encode() + body)
        async with asyncio.timeout(LONGEST):
            start, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            parts = (line.partition(": ") for line in lines if line)
            headers = {name.lower(): value for name, _, value in parts}
            size = int(headers.get("content-length", "0"))
            first = await self.reader.readexactly(1) if size else b""
            moment = time.perf_counter()
            rest = await self.reader.readexactly(size - 1) if size else b""
        return int(start.split()[1]), headers, first + rest, moment

    def hang_up(self) -> None:
        """Ends the connection: the desk does so itself after a while, and a click must not run into that."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def good(self, path: str, kind: str) -> float:
        """A page or file that has to come; the moment of its first byte."""
        status, headers, _, moment = await self.ask(path)
        if status != 200 or not headers["content-type"].startswith(kind):
            raise RuntimeError(f"The desk answered {status} for {kind}.")
        return moment

    async def take(self) -> None:
        """Lays the form on the counter, as the button of its card does."""
        status, headers, _, _ = await self.ask("/packets", {"document": FORM})
        if status != 303:
            raise RuntimeError(f"The desk answered {status} instead of preparing a packet.")
        self.packet = headers["location"]


async def whole_click(caller: Caller) -> float:
    """From the button on the card to the PDF: the packet, the page that shows it, and its PDF."""
    await caller.take()
    await caller.good(caller.packet, "text/html")
    return await pdf_of_packet(caller)


async def pdf_of_packet(caller: Caller) -> float:
    """The PDF of the packet that lies on the counter; the journal is told when it is the first time."""
    return await caller.good(f"{caller.packet}/print.pdf", "application/pdf")


async def page_picture(caller: Caller) -> float:
    """The first page of the packet, drawn for the screen."""
    return await caller.good(f"{caller.packet}/0/1-{WIDTH}.png", "image/png")


async def library_page(caller: Caller) -> float:
    """The library."""
    return await caller.good("/", "text/html")


async def take(caller: Caller) -> None:
    """Lays a packet on the counter before the clock starts."""
    await caller.take()


async def fetched(caller: Caller) -> None:
    """Has the bytes of the packet's PDF at hand."""
    _, _, caller.pdf, _ = await caller.ask(f"{caller.packet}/print.pdf")


async def written(caller: Caller) -> float:
    """What the disk takes for the bytes of a PDF, without a desk."""
    with NamedTemporaryFile(dir=caller.folder) as file:
        file.write(caller.pdf)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter()


async def nothing(_: Caller) -> None:
    """Nothing has to be made ready."""


# What is clicked, the click, what is done before it, and the limits alone and in a crowd.
CLICKS: tuple[tuple[str, Click, Before, float, float], ...] = (
    (CLICK, whole_click, nothing, ALONE_LIMIT, CROWD_LIMIT),
    ("PDF of a packet, for the first time", pdf_of_packet, take, ALONE_LIMIT, CROWD_LIMIT),
    ("PDF of a packet, once more", pdf_of_packet, nothing, ALONE_LIMIT, CROWD_LIMIT),
    (WRITTEN, written, fetched, 0.0, 0.0),
    ("the library", library_page, nothing, 0.0, 0.0),
    ("picture of a page, drawn", page_picture, take, 0.0, 0.0),
    ("picture of a page, kept", page_picture, nothing, 0.0, 0.0),
)


def measured(rounds: int, folder: Path, tell: Tell, *, quick: bool) -> Measured:
    """Opens desks, lets people click, and closes them. What is clicked takes turns, in as many rounds."""
    folder.mkdir()
    crowd, clicks = (3, 2) if quick else (CROWD, 10)
    add_staff(with_our_cache_key(folder / "state"))
    tell("desk: opening")
    start = time.perf_counter()
    with front_desk(folder, "--today", DAY, "--cache", str(folder / "cache")) as desk:
        opened = time.perf_counter() - start
        callers = signed_in(desk, crowd)
        asyncio.run(_warmed(callers[0]))
        at_rest = memory_of(desk.process.pid)
        gathered = asyncio.run(clicked(callers, rounds, clicks, tell))
        after = memory_of(desk.process.pid)
    tell("desk: a form that is set again for every click")
    again = _anew(folder / "again", 2 if quick else max(rounds, 5))
    tell("desk: forms with a patient's facts")
    filled = asyncio.run(_filled(folder / "cache", crowd, rounds * clicks))
    return Measured((*gathered, again, *filled), opened, at_rest, after)


def signed_in(desk: FrontDesk, number: int) -> list[Caller]:
    """So many browsers where somebody is signed in."""
    names = list(STAFF)
    visitors = [desk.visitor().sign_in(names[one % len(names)]) for one in range(number)]
    return [Caller(one.port, one.cookie, one.token, folder=desk.state) for one in visitors]


async def _warmed(caller: Caller) -> None:
    """Waits until every document was set once, as the desk does by itself when it opens."""
    _, _, page, _ = await caller.ask("/")
    for address in sorted(set(re.findall(rb"/library/[^\"]+/picture.png", page))):
        await caller.good(address.decode(), "image/png")
    caller.hang_up()


async def clicked(callers: Sequence[Caller], rounds: int, clicks: int, tell: Tell) -> list[Clicked]:
    """Everything is clicked by one, then by all, in turns."""
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds + 1):  # the first round warms up and does not count
        tell(f"desk: round {number} of {rounds}")
        for what, click, before, _, _ in CLICKS:
            for people in (callers[:1], callers):
                seconds = await _together(people, clicks if number else 1, click, before)
                times.setdefault((what, len(people)), []).extend(seconds if number else ())
    limits = {
        (what, one): limit for what, _, _, *both in CLICKS for one, limit in zip((1, len(callers)), both, strict=True)
    }
    return [Clicked(what, people, tuple(found), limits[what, people]) for (what, people), found in times.items()]


async def _together(people: Sequence[Caller], clicks: int, click: Click, before: Before) -> list[float]:
    """All of them click so often, each as soon as the last answer came."""

    async def one(caller: Caller) -> list[float]:
        seconds = []
        for _ in range(clicks):
            if not caller.packet:
                await caller.take()
            await before(caller)
            start = time.perf_counter()
            seconds.append(await click(caller) - start)
        caller.hang_up()
        return seconds

    return [second for seconds in await asyncio.gather(*map(one, people)) for second in seconds]


def _anew(folder: Path, clicks: int) -> Clicked:
    """The whole click at a desk that keeps nothing, after the clinic's profile was saved again each time."""
    content = folder / "content"
    shutil.copytree(ROOT / "handouts", content / "handouts")
    shutil.copytree(ROOT / "brand", content / "brand")
    profile = shutil.copy(ROOT / "clinic.toml", content)
    times = count(1_800_000_000)

    async def saved(_: Caller) -> None:
        now = next(times)
        os.utime(profile, (now, now))

    options = ("--today", DAY, "--no-cache", "--handouts", str(content / "handouts"), "--clinic", str(profile))
    with front_desk(folder, *options) as desk:
        callers = signed_in(desk, 1)
        asyncio.run(_warmed(callers[0]))
        return Clicked(ANEW, 1, tuple(asyncio.run(_together(callers, clicks, whole_click, saved))))


async def _filled(cache: Path, crowd: int, clicks: int) -> list[Clicked]:
    """A consent form with a patient's facts, as the desk's workers make it; another invented patient each time."""
    settings = {
        "handouts": str(ROOT / "handouts"),
        "clinic": str(ROOT / "clinic.toml"),
        "cache": (str(cache), CACHE_KEY),
    }
    workers = max(2, os.cpu_count() or 2)
    async with Workroom(settings, workers, Limits()).open() as workroom:
        patients = count(1)

        async def one(times: int) -> list[float]:
            seconds = []
            for _ in range(times):
                start = time.perf_counter()
                await workroom.do("packet", **_order(next(patients)))
                seconds.append(time.perf_counter() - start)
            return seconds

        await asyncio.gather(*(one(2) for _ in range(workers)))  # each worker cuts its plates
        alone = await one(clicks)
        together = await asyncio.gather(*(one(max(1, clicks // 5)) for _ in range(crowd)))
    what = "a consent form filled for a patient (workers only)"
    return [Clicked(what, 1, tuple(alone)), Clicked(what, crowd, tuple(one for each in together for one in each))]


def _order(number: int) -> dict[str, object]:
    facts = {"patient.name": f"Zoë Example {number}", "patient.birth_date": "1961-04-09", "patient.mrn": f"{number:07}"}
    return {
        "today": DAY,
        "wanted": [("neurotherapy", "consent")],
        "procedure": "",
        "facts": facts,
        "language": "en",
        "profile": "standard",
        "paper": "letter",
    }
