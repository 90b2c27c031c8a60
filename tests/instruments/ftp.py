"""A real FTP server on this machine, for as long as a test needs it."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aioftp

USER, PASSWORD = "clinic", "secret-of-the-server"


@contextmanager
def ftp_server(folder: Path) -> Iterator[str]:
    """Serves a folder; gives the URL of its top, with user and password."""
    logging.getLogger("aioftp").setLevel(logging.CRITICAL)  # it tells of every client that just hangs up
    loop = asyncio.new_event_loop()
    user = aioftp.User(USER, PASSWORD, base_path=folder)
    server = aioftp.Server([user], path_io_factory=aioftp.PathIO)
    loop.run_until_complete(server.start("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"ftp://{USER}:{PASSWORD}@127.0.0.1:{server.server_port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
