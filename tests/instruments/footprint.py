"""A canary on this machine's own network: it counts who calls, to show that rendering a document asks for nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Listener:
    """Where the canary listens, and what it heard so far."""

    address: tuple[str, int]
    connections: int = 0  # every caller, also one that speaks no HTTP (a TLS hello is a leak, too)
    requests: list[str] = field(default_factory=list)  # "GET /logo.png", in order of arrival

    @property
    def url(self) -> str:
        """The address for a document, with the stroke at its end."""
        return "http://{}:{}/".format(*self.address)


@contextmanager
def open_listener() -> Iterator[Listener]:
    """Listens on 127.0.0.1, on a port of the system's choosing, while the block runs.

    Put `listener.url` into a document (image, style sheet, font, link) and hold `listener.connections == 0` after the
    rendering. Every request gets a small plain answer, so that a caller is not slowed down and does not try again.
    """
    lock = threading.Lock()

    class Answer(BaseHTTPRequestHandler):
        timeout = 5  # a caller that connects and says nothing must not keep the server from closing

        def setup(self) -> None:
            with lock:
                listener.connections += 1
            super().setup()

        def answer(self) -> None:
            with lock:
                listener.requests.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = answer  # noqa: N815 (http.server looks for these names)

        def log_message(self, *args: object) -> None:
            """Says nothing: what was heard is in the listener."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        listener = Listener(address=("127.0.0.1", server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
