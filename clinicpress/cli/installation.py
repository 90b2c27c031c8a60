"""What belongs to this installation of the product and to no clinic's content: its key, its journal, its people."""

import os
import pwd
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clinicpress import delivery
from clinicpress.errors import InputError

if TYPE_CHECKING:
    from clinicpress.journal import Did, Journal
    from clinicpress.people import People

STATE_SETTING = "CLINICPRESS_STATE"
KEY_SIZE = 32  # bytes


def state_folder() -> Path:
    """Where it all lies: CLINICPRESS_STATE, else where the system keeps what programs remember.

    That is ~/.local/share/clinicpress. The folder need not be there yet.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  Path.home() fails where nobody has a home
    usual = Path(os.environ.get("XDG_DATA_HOME", "") or f"{home}/.local/share", "clinicpress")
    return Path(os.environ.get(STATE_SETTING, "") or usual)


def secret_key() -> bytes:
    """The key of this installation: it seals the journal, and makes names of documents that nobody else can read.

    It is made on first use. Raises `InputError`, also when it is no key: everybody can guess an empty one.
    """
    path = state_folder() / "key"
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        message = f"The key {path} cannot be kept: {error.strerror}. Set {STATE_SETTING} to a folder that is yours."
        raise InputError(message) from error
    if len(key) != KEY_SIZE:
        raise InputError(
            f"The key {path} is damaged: it has {len(key)} bytes, not {KEY_SIZE}. Put back a copy of it. If there is "
            "none, move it to a safe place together with journal.jsonl and journal.head: a new key and a new journal "
            "begin then."
        )
    return key


def _make_key(path: Path) -> None:
    """Makes the key, whole or not at all, also when the power fails."""
    delivery.make_folder(path.parent)
    unfinished = path.with_name(f".key.{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(secrets.token_bytes(KEY_SIZE))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was quicker: its key counts
        os.link(unfinished, path)
    unfinished.unlink()
    delivery.sync_folder(path.parent)


def journal() -> "Journal":
    """Who did what on this installation. Raises `InputError`."""
    from clinicpress.journal import Journal  # noqa: PLC0415  batches need the key only

    return Journal(state_folder() / "journal.jsonl", secret_key())


def people() -> "People":
    """Who may sign in on this installation."""
    from clinicpress.people import People  # noqa: PLC0415  see `journal`

    return People(state_folder() / "people.json")


def account() -> str:
    """The name of the system's account that runs this program: who did what is done from the command line."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # an account of a container may have no name
        return f"account {number}"


def recorder() -> "Callable[..., object]":
    """Writes into the journal what this account does from the command line: `record(Did.SENT, job=7)`.

    What a crash left torn there is mended first, and told. Raises `InputError`.
    """
    from clinicpress.journal import Did  # noqa: PLC0415  see `journal`

    book, who = journal(), account()

    def record(did: "Did", **facts: object) -> None:
        book.add(who, did, datetime.now().astimezone(), **facts)

    if book.mend():
        record(Did.MENDED)
    return record


def print_service() -> str:
    """Where CUPS is found, as all of its own programs are told; empty: where it usually is."""
    return os.environ.get("CUPS_SERVER", "").partition("/version=")[0]
