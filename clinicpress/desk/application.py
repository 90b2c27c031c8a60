"""The front desk as a whole: how it is set up, its pages, what stands before them, and the server that answers."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from clinicpress.desk.answers import broken, no_such_page, work_ended
from clinicpress.desk.guards import Guard
from clinicpress.desk.log import Log
from clinicpress.desk.pages import editor, library, look, prepare, printing, sign_in, today
from clinicpress.desk.server import server
from clinicpress.desk.state import Desk, Settings
from clinicpress.desk.workers import Workroom
from clinicpress.errors import InputError, PressError

__all__ = ["Settings", "serve"]

ROUTES = [
    *sign_in.ROUTES,
    *library.FILE_ROUTES,
    *library.ROUTES,
    *look.ROUTES,
    *printing.ROUTES,
    *prepare.ROUTES,
    *today.ROUTES,
    *editor.ROUTES,
]


def serve(settings: Settings, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    """Answers browsers until it is asked to end (Ctrl-C, SIGTERM).

    `say` is told lines for the terminal, `ready` the address that lets the first browser in. Raises `InputError` when
    the address is taken or the state cannot be written.
    """
    # The system's wish to end is heard like Ctrl-C: unheard, it would end us before our folder is taken away.
    asked = False

    def end(_number: int, _frame: object) -> None:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        with _listening(settings) as listener:
            asyncio.run(_served(settings, listener, Log(say), ready))
    except KeyboardInterrupt:
        if not asked:  # whoever stops a service has it end well; Ctrl-C is told as everywhere
            raise


async def _served(settings: Settings, listener: socket.socket, log: Log, ready: Callable[[str], None]) -> None:
    workroom_settings = {
        "handouts": str(settings.handouts),
        "clinic": str(settings.clinic),
        "cache": settings.cache,
    }
    async with Workroom(workroom_settings, settings.workers, settings.limits).open() as workroom:
        desk = Desk(settings, workroom, log)
        with desk.record.held_open():
            await desk.begin()
            app = Guard(application(desk), desk)
            asyncio.get_running_loop().set_exception_handler(lambda _loop, told: log.unheard(told.get("exception")))
            answering = server(app, settings.tls)
            desk.new_link = lambda: ready(f"{settings.address}/open/{desk.sessions.link}")
            desk.new_link()
            looking_after = asyncio.create_task(desk.look_after())
            try:
                await answering.serve(sockets=[listener])
            finally:
                looking_after.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking_after
                await desk.printing.close()


def application(desk: Desk) -> Starlette:
    """The pages, without the guard before them."""
    app = Starlette(
        routes=ROUTES, exception_handlers={PressError: work_ended, HTTPException: no_such_page, Exception: broken}
    )
    app.router.redirect_slashes = False  # an address is right or leads nowhere
    app.state.desk = desk
    return app


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The place where browsers call. Taken before anything else is begun, so that a second desk is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, for only then asyncio sends without delay: else a page waits 40 ms for its own second half.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        message = f"The desk cannot open {settings.host}, port {settings.port}: {error.strerror}. "
        raise InputError(message + "Perhaps one runs already. Name another: --port 8766.") from error
    with listener:
        yield listener
