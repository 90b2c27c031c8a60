"""Looking at something on the disk in a thread, so that a slow disk holds up nobody; who asks at once shares it."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool


class Glance:
    """A look that many ask for. Nobody is told what was seen before they asked: who comes late shares the next look."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._now: asyncio.Task[str] | None = None
        self._next: asyncio.Task[str] | None = None

    async def seen(self) -> str:
        """What is seen by a look that began after this call. Raises what the look raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._take(self._now))
        return await asyncio.shield(self._next)

    async def _take(self, before: "asyncio.Task[str] | None") -> str:
        if before is not None:
            await asyncio.wait({before})
        self._now, self._next = self._next, None
        return await run_in_threadpool(self._look)
