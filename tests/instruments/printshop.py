"""A print shop on this machine: a real CUPS server and real IPP printers (simulators), while a test needs them.

    with print_shop() as shop:
        PrintServer(str(shop.socket), "root").printers()
        shop.printer("Desk").run_out_of_paper()

Everything lies in a short folder of its own below the temporary folder: the path of a socket may have 107 bytes, and
CUPS' filters run as another user, who may not enter pytest's folders. Of the machine only the Debian packages `cups`
and `cups-ipp-utils` are used (without what they recommend), and a loopback that knows `localhost` in IPv4 and IPv6: no
running CUPS, no D-Bus, no Avahi, no /etc/cups. All ports are on loopback. The rules of the server (who may print, look
and cancel) are those that Debian ships.
"""

import grp
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.instruments.desk import free_port
from tests.instruments.tools import program

SHIPPED_RULES = Path("/usr/share/cups/cupsd.conf.default")
PATIENCE = 15.0  # seconds until something of the shop has to be there
GAP = 0.02  # seconds between two looks
TRIES = 3  # times that a program of CUPS may ask

# What each printer does with a document: it waits for paper, notes what it was asked for, and keeps the document.
PRESS = """#!/bin/sh
here={folder}
if [ -e $here/no-paper ]; then
    echo "STATE: +media-empty-error,media-needed-error" >&2
    while [ -e $here/no-paper ]; do sleep 0.05; done
    echo "STATE: -media-empty-error,media-needed-error" >&2
fi
while [ -e $here/slow ]; do sleep 0.05; done
number=$(ls $here/received | grep -c '\\.pdf$')
env | grep '^IPP_' > $here/received/$number.options
cp "$1" $here/received/$number.part && mv $here/received/$number.part $here/received/$number.pdf
"""


@dataclass
class ShopPrinter:
    """One printer of the shop. Its pages fall into a folder."""

    name: str
    port: int
    folder: Path
    words: Sequence[str] = field(repr=False)
    environment: dict[str, str] = field(repr=False)
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def received(self) -> list[bytes]:
        """The documents that the printer has finished, in order, as it got them from CUPS."""
        return [path.read_bytes() for path in self._finished()]

    def options(self) -> list[dict[str, str]]:
        """What the printer was asked for with each document: sides, media, job-name …"""
        found = []
        for path in self._finished():
            rows = (row.partition("=") for row in path.with_suffix(".options").read_text().splitlines())
            found.append({name.removeprefix("IPP_").lower().replace("_", "-"): value for name, _, value in rows})
        return found

    def wait_for(self, number: int, seconds: float = PATIENCE) -> list[bytes]:
        """The documents, as soon as there are so many of them."""
        until(lambda: len(self._finished()) >= number, f"{number} documents in {self.name}", seconds)
        return self.received()

    def run_out_of_paper(self) -> None:
        """The next document waits, and the printer tells why."""
        (self.folder / "no-paper").touch()

    def put_paper_in(self) -> None:
        """What waits for paper goes on."""
        (self.folder / "no-paper").unlink(missing_ok=True)

    def be_slow(self, slow: bool = True) -> None:
        """The next document stays in the printer until this is taken back; the printer says that it prints."""
        mark = self.folder / "slow"
        if slow:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)

    def vanish(self) -> None:
        """Somebody pulls the plug. What is printed now is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def come_back(self) -> None:
        """The plug is in again: the same printer at the same place."""
        self.put_paper_in()
        self.be_slow(slow=False)
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )
        process = self.process
        until(lambda: _answers(self.port), f"the printer {self.name}", alive=lambda: process.poll() is None)

    def _finished(self) -> list[Path]:
        return sorted((self.folder / "received").glob("*.pdf"), key=lambda path: int(path.stem))


@dataclass(frozen=True)
class PrintShop:
    """A CUPS server with its printers: its folder, its socket, its place on loopback (host:port)."""

    folder: Path
    socket: Path
    address: str
    printers: tuple[ShopPrinter, ...]
    process: "subprocess.Popen[bytes]" = field(repr=False)

    @property
    def user(self) -> str:
        """Who runs the tests, as CUPS knows them over its socket."""
        return pwd.getpwuid(os.getuid()).pw_name

    def printer(self, name: str = "") -> ShopPrinter:
        """The printer of that name; without one, the first."""
        return next(one for one in self.printers if name in ("", one.name))

    def received(self, name: str = "") -> list[bytes]:
        """The documents that a printer has finished."""
        return self.printer(name).received()

    def logs(self) -> str:
        """All that CUPS and the printers have written down."""
        paths = [*sorted((self.folder / "log").iterdir()), *(one.folder / "log" for one in self.printers)]
        return "\n".join(path.read_text(errors="replace") for path in paths)

    def ask(self, *words: str) -> str:
        """Runs one of CUPS' own programs (lpstat, cupsdisable …) on this shop, and gives its answer."""
        return _asked(self.socket, *words)


@contextmanager
def print_shop(names: Sequence[str] = ("Desk",), default: bool = True) -> Iterator[PrintShop]:
    """Opens a shop with printers of these names (two-sided; Letter, Legal and A4) and closes it.

    `default`: the first one is the default printer of the server. Raises ToolMissingError when CUPS is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="shop-"))
    folder.chmod(0o755)
    try:
        with _quiet_bus(folder / "bus"), _server(folder) as (server, place, address):
            printers: list[ShopPrinter] = []
            try:
                for name in names:
                    printers.append(_printer(folder, name))
                    printers[-1].come_back()
                for one in printers:
                    _asked(place, *_queue(one))
                if default and printers:
                    _asked(place, "lpadmin", "-d", printers[0].name)
                yield PrintShop(folder, place, address, tuple(printers), server)
            finally:
                for one in printers:
                    one.vanish()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _queue(one: ShopPrinter) -> list[str]:
    """The command that tells CUPS of a printer."""
    uri = f"ipp://localhost:{one.port}/ipp/print"
    return ["lpadmin", "-p", one.name, "-E", "-v", uri, "-m", "everywhere", "-L", "the front desk"]


def _asked(place: Path, *words: str) -> str:
    environment = {**os.environ, "CUPS_SERVER": str(place), "LC_ALL": "C.UTF-8"}
    command = [_program(words[0], "cups-client"), *words[1:]]
    # On a busy machine the server may close a line that a program has only just opened; the program then ends with
    # "Success" as its whole complaint. All that is asked here may be asked twice.
    for _ in range(TRIES):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode == 0:
            break
        time.sleep(GAP)
    assert done.returncode == 0, f"{words[0]}: {done.stderr}"
    return done.stdout


def _program(name: str, package: str) -> str:
    """Where a program is. CUPS' own lie where only an administrator looks."""
    found = shutil.which(name, path="/usr/sbin:/sbin")
    return found or program(name, package)


@contextmanager
def deaf_line(shop: PrintShop) -> Iterator[str]:
    """A line to the server (host:port) that is cut after a document was handed over, before the answer to it."""

    class Line(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Hands a question on, and its answer back."""
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            server = HTTPConnection(shop.address, timeout=PATIENCE)
            server.request("POST", self.path, asked, {"Content-Type": "application/ipp"})
            answer = server.getresponse()
            said = answer.read()
            server.close()
            self.close_connection = True
            if asked[2:4] == b"\0\2":  # Print-Job; source: RFC 8011, 5.4.15
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as line:
        thread = threading.Thread(target=line.serve_forever, args=(GAP,))
        thread.start()
        try:
            yield f"127.0.0.1:{line.server_port}"
        finally:
            line.shutdown()
            thread.join()


# The printers -------------------------------------------------------------------------------------------------------


def _printer(folder: Path, name: str) -> ShopPrinter:
    home = folder / name
    (home / "received").mkdir(parents=True)
    (home / "spool").mkdir()
    press = home / "press"
    press.write_text(PRESS.format(folder=home))
    press.chmod(0o755)
    port = free_port()
    words = [_program("ippeveprinter", "cups-ipp-utils"), "-2", "-r", "off", "-n", "localhost", "-p", str(port)]
    words += ["-s", "60", "-f", "application/pdf", "-d", str(home / "spool"), "-c", str(press), "-v", name]
    bus = f"unix:path={folder / 'bus'}"
    return ShopPrinter(name, port, home, words, {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus})


@contextmanager
def _quiet_bus(path: Path) -> Iterator[None]:
    """A D-Bus on which nobody is: the simulator asks it for Avahi before it looks whether it is to announce itself.

    Without a bus it would not start, and a bare machine has none. Source: D-Bus specification, "Message Protocol".
    """
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(path))
        path.chmod(0o666)
        bus.listen()

        def attend() -> None:
            with suppress(OSError):  # closed
                while True:
                    line, _ = bus.accept()
                    threading.Thread(target=_converse, args=(line,), daemon=True).start()

        threading.Thread(target=attend, daemon=True).start()
        try:
            yield
        finally:
            with suppress(OSError):
                bus.shutdown(socket.SHUT_RDWR)


def _converse(line: socket.socket) -> None:
    """Lets a program in, gives it a name, and says that nobody else is there."""
    with line, suppress(OSError, struct.error), line.makefile("rwb") as talk:
        while (said := talk.readline()).strip() != b"BEGIN":
            if not said:
                return
            talk.write(b"OK 00112233445566778899aabbccddeeff\r\n" if b"AUTH" in said else b"ERROR\r\n")
            talk.flush()
        number = 0
        while head := talk.read(16):
            order = "<" if head[:1] == b"l" else ">"
            length, serial, fields = struct.unpack(order + "III", head[4:])
            message = talk.read(fields + -fields % 8 + length)
            number += 1
            talk.write(_reply(number, serial, message))
            talk.flush()


def _reply(number: int, serial: int, message: bytes) -> bytes:
    """An answer: a name for Hello, an error for what is asked of Avahi, nothing for the rest."""
    kind, body = 2, b""
    fields = struct.pack("<BB1sxI", 5, 1, b"u", serial)
    if b"org.freedesktop.Avahi\0" in message:
        kind, error = 3, b"org.freedesktop.DBus.Error.ServiceUnknown"
        fields += struct.pack("<BB1sxI", 4, 1, b"s", len(error)) + error + b"\0"
    elif b"\0Hello\0" in message:
        body = struct.pack("<I", 4) + b":1.1\0"
        fields += struct.pack("<BB1sxB1sx", 8, 1, b"g", 1, b"s")
    padding = b"\0" * (-len(fields) % 8)
    return struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), number, len(fields)) + fields + padding + body


# The server ---------------------------------------------------------------------------------------------------------


@contextmanager
def _server(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path, str]]:
    """A CUPS server that reads and writes in this folder only."""
    # A copy: AppArmor knows the installed program by its place, and lets it read and write in its usual folders only.
    daemon = shutil.copy(_program("cupsd", "cups-daemon"), folder)
    place, port = folder / "cups.sock", free_port()
    for name in ("etc", "spool", "cache", "state", "log", "tmp"):
        (folder / name).mkdir()
    rules, files = folder / "etc" / "cupsd.conf", folder / "etc" / "cups-files.conf"
    rules.write_text(_rules(place, port))
    files.write_text(_files(folder))
    with (folder / "log" / "cupsd").open("wb") as log:
        # A group of its own: filters and backends die with it.
        process = subprocess.Popen(
            [daemon, "-f", "-c", str(rules), "-s", str(files)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until(lambda: place.exists() and _answers(port), "the CUPS server", alive=lambda: process.poll() is None)
        yield process, place, f"127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _rules(place: Path, port: int) -> str:
    """Debian's rules; other are only the places where the server listens, and that it announces nothing."""
    shipped = SHIPPED_RULES.read_text()
    ours = re.sub(r"(?m)^(Listen|Port|Browsing|WebInterface|LogLevel) .*\n", "", shipped)
    assert "<Limit Cancel-Job" in ours
    said = [
        f"Listen 127.0.0.1:{port}",
        f"Listen {place}",
        "Browsing No",
        "WebInterface No",
        "LogLevel debug",
        "AccessLogLevel all",
        "JobRetryInterval 1",  # second; 30 is usual, when a printer that had vanished is tried again
    ]
    return "\n".join(said) + "\n" + ours


def _files(folder: Path) -> str:
    """Where the server reads and writes, and as whom its filters run."""
    rows = {
        "ServerRoot": folder / "etc",
        "RequestRoot": folder / "spool",
        "CacheDir": folder / "cache",
        "StateDir": folder / "state",
        "TempDir": folder / "tmp",
        "AccessLog": folder / "log" / "access",
        "ErrorLog": folder / "log" / "error",
        "PageLog": folder / "log" / "page",
        # root is in no other group for certain; whoever runs the tests administers the shop.
        "SystemGroup": grp.getgrgid(pwd.getpwuid(os.getuid()).pw_gid).gr_name,
        "CreateSelfSignedCerts": "no",
    }
    if os.getuid() == 0:
        rows |= {"User": "lp", "Group": "lp"}
    return "".join(f"{name} {value}\n" for name, value in rows.items())


# Waiting ------------------------------------------------------------------------------------------------------------


def until(
    done: Callable[[], object], what: str, seconds: float = PATIENCE, alive: Callable[[], bool] = lambda: True
) -> None:
    """Waits until something is so. Raises TimeoutError that names it."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end or not alive():
            raise TimeoutError(f"Waited in vain for {what}.")
        time.sleep(GAP)


def _answers(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0
