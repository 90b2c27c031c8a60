"""A front desk in this very process, for tests that lay packets of invented patients on its counter themselves.

It has all parts of the real one: its pages, its guard, its server, its workers. Only the process is that of the test.
"""

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn

from clinicpress.desk import application, server
from clinicpress.desk.log import Log
from clinicpress.desk.packets import Held
from clinicpress.desk.state import Desk, Settings
from tests.instruments.desk import (
    CACHE_KEY,
    PATIENCE,
    ROOT,
    SHARED_CACHE,
    FrontDesk,
    add_staff,
    free_port,
    wait_for_port,
)

KEY = b"the key of a test installation, not a secret"
DAY = date(2026, 11, 24)


@dataclass
class DeskInside(FrontDesk):
    """The desk, and what lies on its counter."""

    inner: Desk = field(repr=False)
    loop: asyncio.AbstractEventLoop = field(repr=False)

    def lay(
        self,
        name: str,
        facts: Mapping[str, str],
        wanted: Sequence[tuple[str, str]],
        language: str = "en",
        paper: str = "letter",
    ) -> Held:
        """Lays a packet of this person's on the counter, made by a worker as every packet is."""

        async def make() -> Held:
            made = await self.inner.workroom.do(
                "packet",
                today=DAY.isoformat(),
                wanted=list(wanted),
                procedure="",
                facts=dict(facts),
                language=language,
                profile="standard",
                paper=paper,
            )
            owner = next(one for one in self.inner.people.all() if one.name == name)
            patient = {key: value for key, value in facts.items() if key.startswith("patient.")}
            return self.inner.packets.hold(owner.id, self.inner.clock(), made, paper=paper, patient=patient, given={})

        return asyncio.run_coroutine_threadsafe(make(), self.loop).result(PATIENCE)


@contextmanager
def desk_inside(folder: Path, printers: str, account: str) -> Iterator[DeskInside]:
    """A desk whose state lies in a folder. `printers` is where CUPS is found, `account` whom CUPS knows."""
    state, log, port = folder / "state", folder / "desk.log", free_port()
    add_staff(state, KEY)
    settings = Settings(
        *(ROOT / "handouts", ROOT / "clinic.toml", state, KEY, account),
        cache=(kept, CACHE_KEY) if (kept := os.environ.get(SHARED_CACHE)) else None,
        today=DAY,
        port=port,
        printers=printers,
    )
    opened, made, began = threading.Event(), list[Any](), time.time() - 1

    class Seen(Desk):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)

    def say(line: str) -> None:
        with log.open("a") as file:
            file.write(line + "\n")

    def ready(address: str) -> None:
        (state / "link").write_text(address)
        opened.set()

    def answering(*given: Any) -> uvicorn.Server:
        made.append(server.server(*given))
        return made[-1]

    async def work(listener: Any) -> None:
        made.append(asyncio.get_running_loop())
        await application._served(settings, listener, Log(say), ready)

    def serve() -> None:
        with application._listening(settings) as listener:
            asyncio.run(work(listener))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "Desk", Seen)
        patch.setattr(application, "server", answering)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            assert opened.wait(PATIENCE)
            wait_for_port("127.0.0.1", port, time.monotonic() + PATIENCE)
            loop, desk, _ = made
            yield DeskInside(cast(Any, None), port, state, log, began, desk, loop)
        finally:
            for one in made:
                if isinstance(one, uvicorn.Server):
                    one.should_exit = True  # as when it is asked to end: every connection is closed
            thread.join(PATIENCE)
