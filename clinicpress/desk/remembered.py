"""Browsers that were let in before: a mark that a browser keeps, so that it needs no link again after a new start.

The mark names nobody and lets nobody in: with it a browser is shown the sign-in page. It is made with the key of the
installation and with a file of chance; whoever takes that file away forgets all browsers, and nothing else.
"""

import hmac
import secrets
from datetime import date, timedelta
from pathlib import Path

from clinicpress import delivery, people
from clinicpress.errors import InputError

COOKIE = "clinicpress-browser"
REMEMBERED = timedelta(days=90)  # since somebody last signed in or out there: longer than any leave
FILE = "browsers"
SIZE = 32  # bytes


class Remembered:
    """Makes such marks and knows them again. `key` is that of the installation, `folder` where its state lies."""

    def __init__(self, key: bytes, folder: Path) -> None:
        self._installation, self._path, self._key = key, folder / FILE, secrets.token_bytes(SIZE)

    def begin(self) -> None:
        """Takes up the marks that were made before; makes the file on first use. Raises `InputError`."""
        try:
            chance = self._path.read_bytes()
        except FileNotFoundError:
            chance = secrets.token_bytes(SIZE)
            delivery.write(self._path, chance, people.REMEDY)
        except OSError as error:
            raise InputError(f"{self._path} cannot be read: {error.strerror}.") from error
        self._key = hmac.digest(self._installation, b"browsers that were let in " + chance, "sha256")

    def mark(self, today: date) -> str:
        """A new mark: its day, chance, and a seal over both."""
        said = f"{today.isoformat()}.{secrets.token_hex(8)}"
        return f"{said}.{self._seal(said)}"

    def knows(self, mark: str, today: date) -> bool:
        """Whether a mark is ours, and not too old."""
        said, _, seal = mark.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(said).encode()):
            return False
        return timedelta() <= today - date.fromisoformat(said.partition(".")[0]) <= REMEMBERED

    def _seal(self, said: str) -> str:
        return hmac.digest(self._key, said.encode(), "sha256").hex()
