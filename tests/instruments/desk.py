"""A real front desk while a test needs it: `generate.py serve` in a process of its own, and those who call it.

    with front_desk(tmp_path) as desk:
        client = desk.visitor().sign_in("Rosa Desk")
        assert client.get("/").status == 200

`Visitor` speaks plain HTTP, so that it can send what no browser would. `browser_page` is Debian's Chromium.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from argon2 import PasswordHasher

from clinicpress.files import alone, write
from clinicpress.record import Database, Journal, people
from clinicpress.record.people import People, Role

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0  # seconds until the desk is open, or answers: the machine may have other work
PASSPHRASE = "four plain words here"
STAFF = {
    "Rosa Desk": (Role.DESK, ""),
    "Ada Example": (Role.CLINICIAN, "ND"),
    "Cleo Example": (Role.CLINICIAN, "MD"),
    "Max Manager": (Role.MANAGER, ""),
}
SHARED_CACHE = "CLINICPRESS_TESTS_CACHE"
CACHE_KEY = bytes(range(32))  # of every installation in these tests, so that they share what is finished
"""Names the folder where desks of one run of the tests keep finished pages: they test no making of pages."""
CHANGED = """
import sys
from dataclasses import replace
from clinicpress.cli import main
from clinicpress.desk import application, server
from clinicpress.desk.workers import Limits
from clinicpress.interrupts import stoppable
from clinicpress.record import people

vars(people).update({effort})
serve = application.serve
application.serve = lambda settings, *others: serve(replace(settings, {settings}), *others)
vars(server).update({wire})
sys.exit(stoppable(main))
"""
QUICK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
"""The least that the digest of a passphrase can take: the same code, for tests of something else."""
_LINK = re.compile(r"http\S+/open/\S+")


@dataclass(frozen=True)
class Answer:
    """What the desk answered to one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode()

    @property
    def place(self) -> str:
        """Where it sends the browser."""
        return self.headers.get("location", "")


class Visitor:
    """Somebody who calls the desk without a browser: every header can be chosen, and nothing is followed."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie, self.token = port, cookie, ""
        self.mark = ""  # by which a browser is known after a new start; given to it, and sent when a test says so

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request, as it is said."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {
            "Host": f"127.0.0.1:{self.port}",
            **({"Cookie": self.cookie} if self.cookie else {}),
            **(headers or {}),
        }
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if method == "POST":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            raw = connection.getresponse()
            answer = Answer(raw.status, {name.lower(): value for name, value in raw.getheaders()}, raw.read())
            given = raw.headers.get_all("Set-Cookie") or []
        finally:
            connection.close()
        for one in given:
            if one.startswith("clinicpress="):
                self.cookie = one.partition(";")[0]
            else:
                self.mark = one
        if found := re.search(rb'name="token" value="([^"]+)"', answer.body):
            self.token = found[1].decode()
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """A page or a file."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, object] | None = None, **headers: str) -> Answer:
        """A form, as a page of the desk sends it. Lists are sent as several values."""
        body = urlencode({"token": self.token, **(fields or {})}, doseq=True).encode()
        usual = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        return self.ask("POST", path, body, {**usual, **headers})

    def upload(self, path: str, name: str, data: bytes, fields: Mapping[str, str] | None = None) -> Answer:
        """A form with a file."""
        border = "----a-border-of-a-form"
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"token": self.token, **(fields or {})}.items()
        ]
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n")
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        origin = f"http://127.0.0.1:{self.port}"
        return self.ask(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={border}", "Origin": origin}
        )

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> "Visitor":
        """Signs in; the browser was let in before."""
        assert self.get("/sign-in").status == 200
        answer = self.post("/sign-in", {"name": name, "passphrase": passphrase})
        assert answer.status == 303, answer.text
        self.get("/")
        return self


@dataclass
class FrontDesk:
    """A desk that runs. `log` is what its terminal shows; `state` holds its journal and people.

    `began` is the time of the system just before it was started.
    """

    process: "subprocess.Popen[bytes]"
    port: int
    state: Path
    log: Path
    began: float

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """The link that lets the next browser in, without the address before it."""
        return "/open/" + (self.state / "link").read_text().strip().rpartition("/open/")[2]

    def visitor(self) -> Visitor:
        """Somebody whose browser was let in."""
        one = Visitor(self.port)
        assert one.get(self.link()).status == 200
        return one

    def kill(self) -> None:
        """Ends it at once, as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Ends it as the system does."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


def entries(desk: FrontDesk) -> list[dict[str, Any]]:
    """All that the journal of a desk tells."""
    return [
        {"number": one.number, "who": one.who, "did": str(one.did), "facts": dict(one.facts)}
        for one in journal_of(desk.state).entries()
    ]


def record_of(state: Path, key: bytes = b"") -> Database:
    """The record in a folder for the state of a desk."""
    return Database(state, key or (state / "key").read_bytes())


def journal_of(state: Path) -> Journal:
    """Its journal."""
    return Journal(record_of(state))


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def workers(desk: FrontDesk) -> list[int]:
    """The processes that the desk began."""
    found = []
    for place in Path("/proc").iterdir():
        with suppress(OSError, IndexError, ValueError):
            facts = (place / "stat").read_text().rpartition(") ")[2].split()
            if int(facts[1]) == desk.process.pid and facts[0] != "Z":
                found.append(int(place.name))
    return found


def with_our_cache_key(state: Path) -> Path:
    """A folder for the state of an installation that believes the cache of this run of the tests."""
    write(state / "cache.key", CACHE_KEY)
    if not (state / "key").exists():
        write(state / "key", CACHE_KEY)
    return state


def add_staff(state: Path, key: bytes = b"", *, quick: bool = False) -> None:
    """Adds people who may sign in, all with the same passphrase, where nobody is yet.

    Their digests take long on purpose, but for `quick` ones, so one run of the tests makes them once.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = record_of(state, key)
    if record.begun:  # as that of a desk that was killed
        return
    made = Path(os.environ.get(SHARED_CACHE, state)).with_name("quick-staff" if quick else "staff")
    made.mkdir(mode=0o700, exist_ok=True)
    shared = Database(made / "all", CACHE_KEY)
    staff = People(shared)
    with alone(made, PATIENCE), patch.object(people, "_hasher", PasswordHasher(**QUICK) if quick else people._hasher):
        known = {one.name for one in staff.all()}
        for name, (role, credential) in STAFF.items():
            if name not in known:
                staff.add(name, role, credential, PASSPHRASE)
    with shared.reading() as connection:
        assert connection is not None
        rows = connection.execute("SELECT * FROM person").fetchall()
    with record.writing() as connection:
        connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", rows)


@contextmanager
def front_desk(
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    staff: bool = True,
    port: int = 0,
    host: str = "127.0.0.1",
    settings: str = "",
    wire: str = "",
    root: Path = ROOT,
    quick: bool = False,
) -> Iterator[FrontDesk]:
    """A desk whose state, temporary files and log lie in a folder. `options` are those of `serve`.

    `settings` ("idle=1.5") are some that the command line cannot ask for, `wire` some of `desk.server`
    ("TIME_TO_ASK=1"). `root` is where the product lies. At a `quick` desk the digests of passphrases take no time.
    """
    state, passing, log = folder / "state", folder / "tmp", folder / "desk.log"
    passing.mkdir(parents=True, exist_ok=True)
    with_our_cache_key(state)
    if staff:
        add_staff(state, quick=quick)
    port = port or free_port()
    program = [str(root / "generate.py")]
    if settings or wire or quick:
        effort = f"_hasher=people.PasswordHasher(**{QUICK})" if quick else ""
        program = ["-c", CHANGED.format(settings=settings, wire=wire, effort=effort)]
    command = [sys.executable, *program, "serve", "--port", str(port), *options]
    usual = {
        "CLINICPRESS_STATE": str(state),
        "CLINICPRESS_CACHE": os.environ.get(SHARED_CACHE, str(folder / "cache")),
        "TMPDIR": str(passing),
        "CUPS_SERVER": str(folder / "no-cups.sock"),  # no printer of this machine is ever used
    }
    began = time.time() - 1  # a file has the time of the last tick
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            cwd=root,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **usual, **(environment or {})},
        )
    desk = FrontDesk(process, port, state, log, began)
    try:
        end = time.monotonic() + PATIENCE
        while not _LINK.search(log.read_text(errors="replace")):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        wait_for_port(host, port, end)
        yield desk
    finally:
        desk.end()


def wait_for_port(host: str, port: int, end: float) -> None:
    """Waits until somebody answers there, or the time is over."""
    while True:
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.02)
        else:
            return
