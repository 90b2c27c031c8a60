"""The server (the only door to uvicorn): how long a browser may take to ask, and what the terminal is told.

A connection on which nobody finishes asking is closed, and when there are too many, the one that was silent for longest
makes room: so nobody who only holds connections open keeps others out.
"""

import asyncio
import ssl
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from clinicpress.desk.guards import ALWAYS
from clinicpress.errors import InputError

MOST_CONNECTIONS = 400  # twenty desks with six each, and as much again for whoever comes; below the usual 1,024 files
TIME_TO_ASK = 15.0  # seconds from the call (TLS included) or a request's first byte to the end of its headers


def server(app: ASGIApp, tls: tuple[Path, Path] | None) -> uvicorn.Server:
    """The server that hands requests to the guard. It says nothing by itself: its words hold addresses.

    Raises `InputError` when certificate and key are none, or do not belong together.
    """
    certificate, key = tls or (None, None)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="none",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    try:
        config.load()
    except OSError as error:  # those of TLS are of this kind too
        raise InputError(f"{certificate} and {key} are no certificate and its key, or cannot be read.") from error
    # asyncio would tell of a connection only after TLS is agreed upon, and wait a minute for that.
    config.http_protocol_class = partial(Connection, tls=config.ssl)  # type: ignore[assignment]
    config.ssl = None
    return uvicorn.Server(config)


class Connection(H11Protocol):
    """One connection, as uvicorn handles it, within these bounds."""

    _deadline: asyncio.TimerHandle | None = None
    _greeting: asyncio.Task[None] | None = None
    _early = b""
    heard = 0.0

    def __init__(self, *given: Any, tls: ssl.SSLContext | None, **named: Any) -> None:
        """With `tls`, nothing is heard before both sides have agreed upon it."""
        super().__init__(*given, **named)
        self._tls = tls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody calls."""
        if self._tls is None:
            super().connection_made(transport)
        else:
            self.transport = transport
            self.connections.add(self)
            transport.pause_reading()
            self._greeting = self.loop.create_task(self._greet(transport, self._tls))
        self.heard = self.loop.time()
        self._deadline = self.loop.call_later(TIME_TO_ASK, self.hang_up)
        if len(self.connections) > MOST_CONNECTIONS:
            silent = [one for one in self.connections if isinstance(one, Connection) and not one.answering]
            min(silent, key=lambda one: one.heard, default=self).hang_up()

    async def _greet(self, wire: asyncio.Transport, tls: ssl.SSLContext) -> None:
        """Agrees upon TLS with the caller; then the connection is as any other."""
        if wire.is_closing():
            return
        try:
            safe = await self.loop.start_tls(wire, self, tls, server_side=True)
        except OSError:  # no TLS, or gone meanwhile; until now nobody else would tell
            safe = None
        if safe is None or safe.is_closing():
            self.connection_lost(None)
            return
        self._tls = None
        super().connection_made(safe)
        if self._early:
            self.data_received(self._early)

    def data_received(self, data: bytes) -> None:
        """Something comes in."""
        if self._tls is not None:  # with the last word of the greeting
            self._early += data
            return
        self.heard = self.loop.time()
        super().data_received(data)
        if self.answering:
            self._forget_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(TIME_TO_ASK, self.hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._forget_deadline()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP, with what every answer says to browsers."""
        lines = [f"{name}: {value}" for name, value in {**ALWAYS, "Cache-Control": "no-store"}.items()]
        head = ["HTTP/1.1 400 Bad Request", "Content-Type: text/plain; charset=utf-8", *lines, "Connection: close"]
        head.append(f"Content-Length: {len(msg)}")
        self.transport.write("\r\n".join([*head, "", msg]).encode("ascii"))
        self.transport.close()

    @property
    def answering(self) -> bool:
        """Whether a request was asked to the end of its headers, and its answer is not complete."""
        return bool(self.cycle) and not self.cycle.response_complete

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def hang_up(self) -> None:
        """Ends it at once."""
        self.connections.discard(self)  # at once, so that the next one who calls finds room
        self.transport.abort()
