"""Who writes the journal of the desk: in a thread, so that nobody waits for the disk but those whose deed it is.

A write waits for the disk more than once. What twenty people did in the same moment is written at once, not in turn.
"""

import asyncio

from starlette.concurrency import run_in_threadpool

from clinicpress.record import Deed, Journal


class JournalWriter:
    """Writes deeds in the order in which they came. Those that come while one writes are written next, together."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[tuple[Deed, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, deed: Deed) -> None:
        """Writes what somebody did. It is on the disk when this returns. Raises as `Journal.add` does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await run_in_threadpool(self._journal.add_all, [deed for deed, _ in batch])
            except ValueError as error:  # a bug of ours in one deed must not keep the others out of the journal
                await self._one_by_one(batch, error)
            except Exception as error:  # noqa: BLE001  each of them must be told
                _tell(batch, error)
            else:
                _tell(batch, None)
        self._writing = None

    async def _one_by_one(self, batch: list[tuple[Deed, "asyncio.Future[None]"]], error: ValueError) -> None:
        if len(batch) == 1:
            _tell(batch, error)
            return
        for one in batch:
            try:
                await run_in_threadpool(self._journal.add_all, [one[0]])
            except Exception as its_own:  # noqa: BLE001
                _tell([one], its_own)
            else:
                _tell([one], None)


def _tell(batch: list[tuple[Deed, "asyncio.Future[None]"]], error: Exception | None) -> None:
    """Lets those go on who wait, unless they have gone."""
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
