"""How a front desk is set up: facts that the command line hands over."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from clinicpress.desk.workroom import Limits

LOOPBACK = "127.0.0.1"
IDLE = 15 * 60
"""Seconds until somebody who does nothing is signed out. Source: usual practice for shared workstations (HIPAA
164.312(a)(2)(iii) asks for automatic logoff and leaves the time to the clinic)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the content and the state lie, on which address the desk answers, and how patient it is.

    `names` are further host names by which browsers may call it. `today` is the day it is taken to be; None: the
    clock's. `tls` are certificate and key. `account` is the system's account that began the desk.
    """

    handouts: Path
    clinic: Path
    state: Path
    key: bytes = field(repr=False)
    account: str
    cache: tuple[str, bytes] | None = field(default=None, repr=False)
    today: date | None = None
    host: str = LOOPBACK
    port: int = 8765
    names: tuple[str, ...] = ()
    tls: tuple[Path, Path] | None = None
    idle: float = IDLE
    round: float = 15.0  # seconds between two looks after what lies on the counter, and at the library
    printers: str = ""
    workers: int = 2
    limits: Limits = field(default_factory=Limits)

    @property
    def scheme(self) -> str:
        """How browsers call the desk."""
        return "https" if self.tls else "http"

    @property
    def hosts(self) -> frozenset[str]:
        """What may stand in the Host header of a request: exactly these, with the port."""
        own = {self.host, *self.names} | ({"127.0.0.1", "localhost"} if self.host == LOOPBACK else set())
        usual = {"http": 80, "https": 443}[self.scheme]
        return frozenset({f"{_bracketed(name)}:{self.port}" for name in own}) | (
            frozenset(map(_bracketed, own)) if self.port == usual else frozenset()
        )

    @property
    def address(self) -> str:
        """Where the desk is found: scheme, host and port."""
        name = self.names[0] if self.names else self.host
        return f"{self.scheme}://{_bracketed(name)}:{self.port}"


def _bracketed(name: str) -> str:
    """A host as addresses write it: one of IPv6 in brackets."""
    return f"[{name.lower()}]" if ":" in name else name.lower()
