"""Browsers that were let in before: a mark that a browser keeps, so that it needs no link again after a new start.

The mark names nobody and lets nobody in: with it a browser is shown the sign-in page. It is made with the key of the
installation and with chance that the record keeps; `serve --forget-browsers` forgets that, and with it all browsers.
"""

import hmac
import secrets
from datetime import date, timedelta

from clinicpress.record import Database

COOKIE = "clinicpress-browser"
REMEMBERED = timedelta(days=90)  # since somebody last signed in or out there: longer than any leave
SIZE = 32  # bytes


class KnownBrowsers:
    """Makes such marks and knows them again, with the installation's key and what its record keeps."""

    def __init__(self, record: Database) -> None:
        self._record, self._key = record, secrets.token_bytes(SIZE)

    def begin(self) -> None:
        """Takes up the marks that were made before. Raises `InputError`."""
        chance = self._record.browser_secret(secrets.token_bytes(SIZE))
        self._key = hmac.digest(self._record.key, b"browsers that were let in " + chance, "sha256")

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
